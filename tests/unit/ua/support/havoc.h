/* havoc.h - handlers that do the worst, once: `on_event` of a stage. */
#ifndef PP_TESTS_UA_HAVOC_H
#define PP_TESTS_UA_HAVOC_H

#include "unit/ua/support/stage.h"

extern unsigned countdown; /* at which event */

void release_everything(stage *at, const char *name);
void stop_everything(stage *at, const char *name);
void end_the_call(stage *at, const char *name);

#endif
