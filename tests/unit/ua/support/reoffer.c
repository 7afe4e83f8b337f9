/* reoffer.c - offers of ours inside of a call. */
#include "unit/ua/support/reoffer.h"

static void on_done(pipit_session *session, const pipit_outcome *result, void *user)
{
    outcome *o = user;

    o->calls++;
    o->cause = result->cause;
    o->had_response = result->response != NULL;
    if (o->hang_up)
        pipit_session_terminate(session, NULL);
}

pipit_reoffer_options reoffer_options(outcome *o)
{
    return (pipit_reoffer_options){.done = on_done, .user = o};
}

void hold(stage *at, outcome *o)
{
    pipit_reoffer_options options = reoffer_options(o);

    assert_int_equal(pipit_session_hold(at->session, &options), 0);
    check_events(at, "hold:local ");
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:bob@far.invalid;transport=ws SIP/2.0");
}
