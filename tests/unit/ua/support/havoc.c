/* havoc.c - handlers that do the worst, once. */
#include "unit/ua/support/havoc.h"

unsigned countdown;

void release_everything(stage *at, const char *name)
{
    (void)name;
    if (!at->ua || --countdown)
        return;
    at->session = pipit_session_unref(at->session);
    at->ua = pipit_ua_unref(at->ua);
}

void stop_everything(stage *at, const char *name)
{
    (void)name;
    if (at->ua && --countdown == 0)
        pipit_ua_stop(at->ua);
}

void end_the_call(stage *at, const char *name)
{
    (void)name;
    if (at->session && --countdown == 0)
        pipit_session_terminate(at->session, NULL);
}
