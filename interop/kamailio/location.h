/* location.h - the bindings a registrar holds, asked from the server's side. */
#ifndef INTEROP_LOCATION_H
#define INTEROP_LOCATION_H

#include "interop/kamailio/stage.h"

/* Asks for the bindings of a user; the stage's `answer` holds them then.
 * @return how many there are, -1 when the server did not answer */
int location_bindings(stage *s, const server *of, const char *user);
/* Removes what earlier cases left. */
void location_clear(stage *s, const server *of);

#define LOCATION_VALUE_MAX 256

/* Gives the value in the first line "Name: value" of the answer. @return whether there is one */
bool location_field(const stage *s, const char *name, char value[LOCATION_VALUE_MAX]);

#endif
