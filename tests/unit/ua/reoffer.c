/* reoffer.c - offers inside a call: hold, unhold, new offers of ours and theirs. */
#include "unit/ua/support/reoffer.h"

/* --- accepted --------------------------------------------------------------------------------- */

static void a_call_is_held_and_taken_back(void **state)
{
    stage *at = stage_in_call();
    outcome o = {0};
    uint32_t cseq;

    (void)state;
    hold(at, &o);
    cseq = at->last->cseq;
    assert_true(cseq > at->invite->cseq);
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    assert_true(at->media->held);
    assert_true(pipit_session_is_on_hold(at->session).local);
    assert_false(pipit_session_is_on_hold(at->session).remote);
    assert_false(pipit_session_is_ready_to_reoffer(at->session));
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    assert_int_equal(at->last->cseq, cseq);
    check_events(at, "reoffered:local ");
    assert_int_equal(o.calls, 1);
    assert_int_equal(o.cause, PIPIT_CAUSE_NONE);
    assert_true(o.had_response);
    assert_int_equal(pipit_session_hold(at->session, NULL), PIPIT_ERR_STATE);

    assert_int_equal(pipit_session_unhold(at->session, NULL), 0);
    check_events(at, "unhold:local ");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_false(at->media->held);
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    assert_int_equal(pipit_session_unhold(at->session, NULL), PIPIT_ERR_STATE);
    assert_int_equal(at->rollbacks, 0);
    stage_free(at);
}

static void an_offer_can_go_in_an_update_with_own_headers(void **state)
{
    static const char *const lines[] = {"X-Why: to try", NULL};
    static const char *const bad[] = {"no header", NULL};
    stage *at = stage_in_call();
    pipit_reoffer_options options = {.use_update = true, .extra_headers = bad};

    (void)state;
    assert_int_equal(pipit_session_renegotiate(at->session, &options), PIPIT_ERR_SYNTAX);
    options.extra_headers = lines;
    assert_int_equal(pipit_session_renegotiate(at->session, &options), 0);
    advance_ms(at, 1);
    expect_sent(at, "UPDATE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "X-Why", "to try");
    answer(at, at->last, "200 OK", NULL, "Contact: <sip:moved@far.invalid>\r\n", ANSWER);
    check_events(at, "reoffered:local ");
    expect_silence(at);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE sip:moved@far.invalid SIP/2.0"); /* a 2xx moves the target */
    stage_free(at);
}

static void a_2xx_that_comes_again_is_acknowledged_again(void **state)
{
    stage *at = stage_in_call();
    pp_message *invite;
    outcome o = {0};

    (void)state;
    hold(at, &o);
    invite = pp_message_ref(at->last);
    for (unsigned i = 0; i < 3; i++) {
        answer(at, invite, "200 OK", "far", CONTACT, ANSWER);
        expect_sent(at, "ACK ");
        assert_int_equal(at->last->cseq, invite->cseq);
    }
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER); /* the first one's, late */
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->cseq, at->invite->cseq);
    assert_int_equal(o.calls, 1);
    pp_message_unref(invite);
    stage_free(at);
}

static void a_challenged_offer_goes_again_with_credentials(void **state)
{
    stage *at = stage_in_call();
    uint32_t cseq;

    (void)state;
    assert_int_equal(pipit_session_renegotiate(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    cseq = at->last->cseq;
    answer(at, at->last, "407 Proxy Authentication Required", NULL,
           "Proxy-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE ");
    assert_int_equal(at->last->cseq, cseq + 1);
    assert_true(header_holds(at->last, "Proxy-Authorization", "Digest"));
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->cseq, cseq + 1);
    assert_true(header_holds(at->last, "Proxy-Authorization", "Digest"));
    check_events(at, "reoffered:local ");
    stage_free(at);
}

/* --- theirs ----------------------------------------------------------------------------------- */

static void the_far_end_holds_and_takes_back(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER " held"});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "reinvite hold:remote reoffered:remote ");
    assert_true(pipit_session_is_on_hold(at->session).remote);
    assert_int_equal(pipit_session_hold(at->session, NULL), PIPIT_ERR_STATE); /* no ACK yet */
    come_in_ours(at, (coming){.method = "ACK"});
    assert_int_equal(pipit_session_hold(at->session, NULL), 0); /* both may hold */
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER " held");
    expect_sent(at, "ACK ");
    check_events(at, "hold:local reoffered:local ");
    come_in_ours(at, (coming){.method = "UPDATE", .cseq = 2, .lines = CONTACT, .body = OFFER});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "update unhold:remote reoffered:remote ");
    assert_true(pipit_session_is_on_hold(at->session).local);
    stage_free(at);
}

/* It takes nothing of us from the start; a refresh with the same words changes nothing. */
static void a_call_may_begin_held(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER " held");
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local hold:remote ");
    assert_true(pipit_session_is_on_hold(at->session).remote);
    come_in_ours(at, (coming){.method = "UPDATE", .lines = CONTACT, .body = OFFER " held"});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "update reoffered:remote ");
    come_in_ours(at, (coming){.method = "UPDATE", .cseq = 2, .lines = CONTACT, .body = OFFER});
    advance_ms(at, 1);
    check_events(at, "update unhold:remote reoffered:remote ");
    stage_free(at);
}

static void a_call_that_comes_in_may_begin_held(void **state)
{
    (void)state;
    for (unsigned late = 0; late < 2; late++) {
        stage *at = stage_connected();

        call_in(at, NULL, late ? NULL : OFFER " held");
        assert_int_equal(pipit_session_answer(at->session, NULL), 0);
        advance_ms(at, 1);
        expect_sent(at, "SIP/2.0 200 OK");
        acknowledge(at, late ? ANSWER " held" : NULL);
        check_events(at, "new_rtc_session:remote progress:local connecting accepted:local "
                         "confirmed:remote hold:remote ");
        stage_free(at);
    }
}

static int refusal_error;

static void refuse_it(stage *at, const char *name)
{
    static const char *const lines[] = {"X-Why: busy", NULL};
    const pipit_reply_options options = {
        .status_code = 480, .reason_phrase = "Not Now", .extra_headers = lines};

    if (strcmp(name, "reinvite") == 0)
        refusal_error = pipit_session_reject_reoffer(at->session, &options);
    else if (strcmp(name, "update") == 0)
        pipit_session_terminate(at->session, NULL);
}

static void the_application_may_refuse_an_offer(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_session_reject_reoffer(at->session, NULL), PIPIT_ERR_STATE);
    at->on_event = refuse_it;
    refusal_error = -1;
    come_in_ours(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER " held"});
    assert_int_equal(refusal_error, 0);
    expect_sent(at, "SIP/2.0 480 Not Now");
    check_header(at->last, "X-Why", "busy");
    check_events(at, "reinvite ");
    assert_false(pipit_session_is_on_hold(at->session).remote);
    come_in_ours(at, (coming){.method = "ACK"});
    /* or end the call over it */
    come_in_ours(at, (coming){.method = "UPDATE", .cseq = 2, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "BYE ");
    expect_sent(at, "SIP/2.0 487 ");
    check_events(at, "update ended:local:Terminated ");
    at->on_event = NULL;
    stage_free(at);
}

static void a_cancelled_offer_of_theirs_is_undone(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    come_in_ours(
        at, (coming){.method = "INVITE", .branch = "re", .lines = CONTACT, .body = OFFER " held"});
    come_in_ours(at, (coming){.method = "CANCEL", .branch = "re"});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 ");
    assert_int_equal(at->rollbacks, 1);
    advance_ms(at, 10);
    expect_silence(at);
    stage_free(at);
}

/* --- long on the way -------------------------------------------------------------------------- */

/* An answer to it is final or there is none: a provisional one would have to be acknowledged, and might have the description. */
static void nothing_provisional_is_reliable_inside_of_a_call(void **state)
{
    outcome o = {0};
    stage *at = stage_in_call();

    (void)state;
    assert_true(pp_message_lists(at->invite, PP_HEADER_SUPPORTED, "100rel"));
    hold(at, &o);
    assert_int_equal(at->last->method, PP_INVITE);
    assert_false(pp_message_lists(at->last, PP_HEADER_SUPPORTED, "100rel"));
    assert_true(pp_message_lists(at->last, PP_HEADER_SUPPORTED, "outbound"));
    stage_free(at);
}

/* Whoever is asked there may take his time, but not for ever: else no offer could be made or taken any more. */
static void an_offer_that_rings_for_ever_is_cancelled(void **state)
{
    outcome o = {0};
    stage *at = stage_in_call();
    pp_message *invite;

    (void)state;
    hold(at, &o);
    invite = pp_message_ref(at->last);
    answer(at, invite, "180 Ringing", NULL, CONTACT, NULL);
    advance_ms(at, 170000);
    expect_silence(at);
    answer(at, invite, "183 Session Progress", NULL, CONTACT, NULL); /* still at it */
    advance_ms(at, 170000);
    expect_silence(at);
    advance_ms(at, 20000);
    expect_sent(at, "CANCEL ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, invite, "487 Request Terminated", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    assert_int_equal(o.cause, PIPIT_CAUSE_SIP_FAILURE_CODE);
    assert_true(pipit_session_is_ready_to_reoffer(at->session));
    check_events(at, "unhold:local ");
    pp_message_unref(invite);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_held_and_taken_back),
        cmocka_unit_test(an_offer_can_go_in_an_update_with_own_headers),
        cmocka_unit_test(a_2xx_that_comes_again_is_acknowledged_again),
        cmocka_unit_test(a_challenged_offer_goes_again_with_credentials),
        cmocka_unit_test(the_far_end_holds_and_takes_back),
        cmocka_unit_test(a_call_may_begin_held),
        cmocka_unit_test(a_call_that_comes_in_may_begin_held),
        cmocka_unit_test(the_application_may_refuse_an_offer),
        cmocka_unit_test(a_cancelled_offer_of_theirs_is_undone),
        cmocka_unit_test(nothing_provisional_is_reliable_inside_of_a_call),
        cmocka_unit_test(an_offer_that_rings_for_ever_is_cancelled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
