/* refused_offers.c - offers of ours inside a call that come to nothing: refused, lost, met by one of theirs. */
#include "unit/ua/support/reoffer.h"

/* --- refused ---------------------------------------------------------------------------------- */

static outcome second;

static void release(stage *at, const char *name)
{
    if (strcmp(name, "unhold") != 0)
        return;
    pipit_session_terminate(at->session, NULL);
    at->session = pipit_session_unref(at->session);
}

static void a_call_may_be_released_when_its_hold_is_refused(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    at->on_event = release;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    assert_null(at->session);
    assert_int_equal(o.calls, 1);
    stage_free(at);
}

static void offer_again(stage *at, const char *name)
{
    pipit_reoffer_options options = reoffer_options(&second);

    if (strcmp(name, "unhold") != 0)
        return;
    at->on_event = NULL;
    assert_int_equal(pipit_session_renegotiate(at->session, &options), 0);
}

static void an_offer_made_in_the_events_of_another_has_an_outcome_of_its_own(void **state)
{
    stage *at = stage_in_call();
    outcome first = {0};

    (void)state;
    second = (outcome){0};
    hold(at, &first);
    at->on_event = offer_again;
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    assert_int_equal(first.calls, 1);
    assert_int_equal(first.cause, PIPIT_CAUSE_INCOMPATIBLE_SDP);
    assert_int_equal(second.calls, 0);
    expect_sent(at, "ACK ");
    wait_sent(at, "INVITE ", 10);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 1);
    assert_int_equal(second.cause, PIPIT_CAUSE_NONE);
    stage_free(at);
}

static void a_refused_hold_leaves_the_call_as_it_was(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "unhold:local ");
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.cause, PIPIT_CAUSE_INCOMPATIBLE_SDP);
    assert_int_equal(at->rollbacks, 1);
    assert_false(at->media->held);
    assert_false(pipit_session_is_on_hold(at->session).local);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    hold(at, &o); /* and it may be tried again */
    stage_free(at);
}

/* Whether the far end refuses, or the connection goes: the offers to come are plain ones. */
static void a_refused_restart_is_not_offered_again(void **state)
{
    stage *at = stage_in_call();
    pipit_reoffer_options options = {.restart_ice = true};

    (void)state;
    assert_int_equal(pipit_session_renegotiate(at->session, &options), 0);
    assert_true(at->media->restart_wanted);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    assert_true(at->media->restart_wanted); /* it goes again */
    advance_ms(at, 4001);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    assert_false(at->media->restart_wanted);
    assert_int_equal(at->restarts, 1);
    at->restart_error = PIPIT_ERR_STATE;
    assert_int_equal(pipit_session_renegotiate(at->session, &options), PIPIT_ERR_STATE);
    expect_silence(at);
    stage_free(at);
}

static void a_refused_unhold_stays_held(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_int_equal(pipit_session_unhold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    pp_buf_clear(&at->log);
    answer(at, at->last, "403 Forbidden", NULL, NULL, NULL);
    check_events(at, "hold:local ");
    assert_true(at->media->held);
    stage_free(at);
}

static void a_call_the_far_end_has_forgotten_is_over(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    answer(at, at->last, "481 Gone", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "ended:remote:Dialog Error ");
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.cause, PIPIT_CAUSE_DIALOG_ERROR);
    stage_free(at);
}

static void an_offer_nobody_answers_ends_the_call(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    advance_ms(at, 33000);
    expect_sent(at, "BYE ");
    check_events(at, "ended:system:Request Timeout ");
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.cause, PIPIT_CAUSE_REQUEST_TIMEOUT);
    stage_free(at);
}

static void an_answer_that_cannot_be_used_ends_the_call(void **state)
{
    static const char *const bodies[] = {NULL, "rubbish"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        stage *at = stage_in_call();
        outcome o = {0};

        hold(at, &o);
        answer(at, at->last, "200 OK", NULL, CONTACT, bodies[i]);
        expect_sent(at, "ACK ");
        expect_sent(at, "BYE ");
        check_events(at, i ? "ended:remote:Bad Media Description setremotedescriptionfailed "
                           : "ended:remote:Bad Media Description ");
        assert_int_equal(o.cause, PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION);
        stage_free(at);
    }
}

static void a_lost_connection_does_not_end_the_call(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.cause, PIPIT_CAUSE_CONNECTION_ERROR);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    assert_false(pipit_session_is_on_hold(at->session).local);
    stage_free(at);
}

static void offer_at_the_end(pipit_session *session, const pipit_outcome *what, void *user)
{
    int *err = user;

    (void)what;
    *err = pipit_session_renegotiate(session, &(pipit_reoffer_options){.use_update = true});
}

static void a_call_that_ends_takes_no_new_offer(void **state)
{
    stage *at = stage_calling();
    int err = 0;

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", CONTACT "Require: 100rel\r\nRSeq: 1\r\n",
           ANSWER);
    expect_sent(at, "PRACK ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_int_equal(
        pipit_session_hold(at->session,
                           &(pipit_reoffer_options){.done = offer_at_the_end, .user = &err}),
        0);
    pipit_session_terminate(at->session, NULL);
    assert_int_equal(err, PIPIT_ERR_STATE);
    stage_free(at);
}

static void hanging_up_ends_the_offer_first(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    pipit_session_terminate(at->session, NULL);
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.cause, PIPIT_CAUSE_BYE);
    check_events(at, "ended:local:Terminated ");
    expect_sent(at, "BYE ");
    stage_free(at);
}

static void the_call_may_be_ended_when_the_offer_is_done(void **state)
{
    stage *at = stage_in_call();
    outcome o = {.hang_up = true};

    (void)state;
    hold(at, &o);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    check_events(at, "reoffered:local ended:local:Terminated ");
    assert_int_equal(o.calls, 1);
    stage_free(at);
}

/* --- crossing --------------------------------------------------------------------------------- */

static void their_offer_that_meets_ours_is_a_491(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 ");
    come_in_ours(at, (coming){.method = "UPDATE", .cseq = 2, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 ");
    come_in_ours(at, (coming){.method = "UPDATE", .cseq = 3, .lines = CONTACT});
    expect_sent(at, "SIP/2.0 200 OK"); /* without an offer nothing meets */
    check_events(at, "update ");
    stage_free(at);
}

static void after_a_491_theirs_is_answered_and_ours_follows(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};
    uint32_t cseq;

    (void)state;
    hold(at, &o);
    cseq = at->last->cseq;
    answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "");
    assert_int_equal(o.calls, 0);
    come_in_ours(at, (coming){.method = "INVITE", .cseq = 2, .lines = CONTACT, .body = OFFER});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come_in_ours(at, (coming){.method = "ACK", .cseq = 2});
    check_events(at, "reinvite reoffered:remote ");
    advance_ms(at, 2050); /* the caller waits 2.1 s at least */
    expect_silence(at);
    wait_sent(at, "INVITE ", 2000);
    assert_int_equal(at->last->cseq, cseq + 1);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->cseq, cseq + 1);
    check_events(at, "reoffered:local ");
    assert_int_equal(o.cause, PIPIT_CAUSE_NONE);
    stage_free(at);
}

static void a_far_end_that_always_has_an_offer_open_wins(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    for (unsigned i = 0; i < 5; i++) {
        answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
        expect_sent(at, "ACK ");
        wait_sent(at, "INVITE ", 4100);
    }
    answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
    check_events(at, "unhold:local ");
    assert_int_equal(o.calls, 1);
    stage_free(at);
}

static void an_offer_that_came_too_soon_waits_as_it_is_told(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};

    (void)state;
    hold(at, &o);
    answer(at, at->last, "500 Server Internal Error", NULL, "Retry-After: 3\r\n", NULL);
    expect_sent(at, "ACK ");
    advance_ms(at, 2900);
    expect_silence(at);
    wait_sent(at, "INVITE ", 200);
    answer(at, at->last, "500 Server Internal Error", NULL, "Retry-After: 3600\r\n", NULL);
    expect_sent(at, "ACK ");
    check_events(at, "unhold:local ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_may_be_released_when_its_hold_is_refused),
        cmocka_unit_test(an_offer_made_in_the_events_of_another_has_an_outcome_of_its_own),
        cmocka_unit_test(a_refused_hold_leaves_the_call_as_it_was),
        cmocka_unit_test(a_refused_restart_is_not_offered_again),
        cmocka_unit_test(a_refused_unhold_stays_held),
        cmocka_unit_test(a_call_the_far_end_has_forgotten_is_over),
        cmocka_unit_test(an_offer_nobody_answers_ends_the_call),
        cmocka_unit_test(an_answer_that_cannot_be_used_ends_the_call),
        cmocka_unit_test(a_lost_connection_does_not_end_the_call),
        cmocka_unit_test(a_call_that_ends_takes_no_new_offer),
        cmocka_unit_test(hanging_up_ends_the_offer_first),
        cmocka_unit_test(the_call_may_be_ended_when_the_offer_is_done),
        cmocka_unit_test(their_offer_that_meets_ours_is_a_491),
        cmocka_unit_test(after_a_491_theirs_is_answered_and_ours_follows),
        cmocka_unit_test(a_far_end_that_always_has_an_offer_open_wins),
        cmocka_unit_test(an_offer_that_came_too_soon_waits_as_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
