/* told.h - the body of a NOTIFY for people. */
#ifndef CLI_TOLD_H
#define CLI_TOLD_H

#include "cli/agent.h"

/* The type of body an event package has; "*" of everything for one we do not know. */
const char *told_accept(const char *event);
/* Says what it tells; a body that is not understood is shown as it came. */
void told_say(const agent *a, const pipit_notify_event *event);

#endif
