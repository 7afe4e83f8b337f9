/* signals.h - Ctrl-C and SIGTERM, brought to the loop. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include "pipit/loop.h"

/* From now on the first signal calls `interrupted(arg)` on the loop's thread, and another one, 0.3 s later or more, ends the
 * program at once with status 130. SIGPIPE is ignored. Call it before any other thread is made. */
int signals_start(pipit_loop *loop, void (*interrupted)(void *arg), void *arg);
/* No call comes after this; before the loop is released. */
void signals_stop(void);

#endif
