/* plain.h - media that only agree: for far ends without ICE and DTLS. */
#ifndef INTEROP_PLAIN_H
#define INTEROP_PLAIN_H

#include <pipit/own_media.h>

/* @param out  yours; frees what it holds with its last reference. @return 0 or PIPIT_ERR_* */
int plain_media_new(pipit_own_media **out);

#endif
