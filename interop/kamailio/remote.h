/* remote.h - user agents that another program commands. */
#ifndef INTEROP_REMOTE_H
#define INTEROP_REMOTE_H

#include "interop/kamailio/stage.h"

/* Reads commands from standard input, until it ends, and does them while the loop runs: remote.c tells which there are.
 * @return status to exit with */
int remote_run(stage *s);

#endif
