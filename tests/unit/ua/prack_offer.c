/* prack_offer.c - a new offer in the PRACK of a reliable response (RFC 3262 section 5), ours and theirs. */
#include "unit/ua/support/stage.h"

#define RSEQ(n) CONTACT "Require: 100rel\r\nRSeq: " n "\r\n"

static void check_rack(stage *at, const char *rseq)
{
    char expected[64];

    snprintf(expected, sizeof(expected), "%s %u INVITE", rseq, (unsigned)at->invite->cseq);
    check_header(at->last, "RAck", expected);
}

static pipit_cause offered_cause;
static unsigned offers_over;

static void on_offer_over(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    (void)session;
    (void)user;
    offered_cause = outcome->cause;
    offers_over++;
}

static void hold_in_prack(stage *at, const char *name)
{
    static const char *const lines[] = {"X-Why: quiet", NULL};
    const pipit_reoffer_options options = {.extra_headers = lines, .done = on_offer_over};

    if (strcmp(name, "progress") != 0)
        return;
    at->on_event = NULL;
    assert_int_equal(pipit_session_hold(at->session, &options), 0);
}

/* Its PRACK, with an offer, is in at->last. */
static stage *stage_offering(void)
{
    stage *at = stage_calling();

    offers_over = 0;
    offered_cause = PIPIT_CAUSE_NONE;
    at->on_event = hold_in_prack;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER); /* while it is made */
    advance_ms(at, 1);
    expect_sent(at, "PRACK sip:bob@far.invalid;transport=ws SIP/2.0");
    check_rack(at, "1");
    check_header(at->last, "X-Why", "quiet");
    check_header(at->last, "Content-Type", "application/sdp");
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    expect_silence(at);
    check_events(at, "progress:remote hold:local ");
    return at;
}

static void a_prack_may_carry_a_new_offer(void **state)
{
    stage *at = stage_offering();
    pp_message *prack = pp_message_ref(at->last);

    (void)state;
    assert_false(pipit_session_is_ready_to_reoffer(at->session));
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER); /* it is on the way */
    expect_silence(at);
    answer(at, at->invite, "180 Ringing", "far", RSEQ("2"), NULL); /* the answer takes its time */
    expect_sent(at, "PRACK ");
    check_rack(at, "2");
    assert_int_equal(at->last->body.n, 0);
    answer(at, prack, "200 OK", NULL, NULL, "v=0 far answer held");
    pp_message_unref(prack);
    assert_int_equal(offers_over, 1);
    assert_int_equal(offered_cause, PIPIT_CAUSE_NONE);
    check_events(at, "progress:remote hold:remote reoffered:local ");
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    assert_int_equal(pipit_session_unhold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    stage_free(at);
}

static void a_refused_offer_in_a_prack_leaves_all_as_it_was(void **state)
{
    stage *at = stage_offering();

    (void)state;
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    assert_int_equal(offered_cause, PIPIT_CAUSE_INCOMPATIBLE_SDP);
    check_events(at, "unhold:local ");
    assert_int_equal(at->rollbacks, 1);
    expect_silence(at);
    /* to this far end the response is not acknowledged */
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    expect_sent(at, "PRACK ");
    check_rack(at, "1");
    assert_int_equal(at->last->body.n, 0);
    answer(at, at->last, "481 Call/Transaction Does Not Exist", NULL, NULL, NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

static void an_offer_in_a_prack_that_nobody_sees_is_taken_back(void **state)
{
    stage *at = stage_offering();

    (void)state;
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    assert_int_equal(offered_cause, PIPIT_CAUSE_MISSING_SDP);
    check_events(at, "unhold:local ");
    assert_int_equal(at->rollbacks, 1);
    assert_false(pipit_session_is_ended(at->session));
    stage_free(at);
}

static void an_offer_in_a_prack_that_meets_another_follows_in_an_update(void **state)
{
    stage *at = stage_offering();

    (void)state;
    answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
    wait_sent(at, "UPDATE ", 5000);
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    assert_int_equal(offers_over, 1);
    check_events(at, "reoffered:local ");
    stage_free(at);
}

static void a_prack_that_nobody_answers_ends_its_offer_and_not_the_call(void **state)
{
    stage *at = stage_offering();

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    advance_ms(at, 33000);
    assert_int_equal(offered_cause, PIPIT_CAUSE_REQUEST_TIMEOUT);
    check_events(at, "unhold:local ");
    stage_free(at);
}

static void an_offer_that_cannot_be_made_leaves_the_prack_to_go_alone(void **state)
{
    stage *at = stage_calling();

    (void)state;
    at->on_event = hold_in_prack;
    at->describe_error = pp_error(PIPIT_ERR_MEDIA, "media: there is none");
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    advance_ms(at, 1);
    expect_sent(at, "PRACK ");
    assert_int_equal(at->last->body.n, 0);
    check_events(at, "progress:remote hold:local unhold:local createofferfailed ");
    stage_free(at);
}

/* The response had no description, so that it need not be acknowledged before. */
static void a_call_that_is_answered_before_the_prack_is_made_offers_anew(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    expect_sent(at, "PRACK ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    at->on_event = hold_in_prack;
    answer(at, at->invite, "180 Ringing", "far", RSEQ("2"), NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "PRACK ");
    check_rack(at, "2");
    assert_int_equal(at->last->body.n, 0);
    expect_sent(at, "ACK ");
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    check_header(at->last, "X-Why", "quiet");
    stage_free(at);
}

static void offer_in_update(stage *at, const char *name)
{
    const pipit_reoffer_options options = {.use_update = true};

    if (strcmp(name, "progress") == 0)
        assert_int_equal(pipit_session_renegotiate(at->session, &options), 0);
}

static void an_update_is_sent_where_one_is_asked_for(void **state)
{
    stage *at = stage_calling();

    (void)state;
    at->on_event = offer_in_update;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), ANSWER);
    expect_sent(at, "PRACK ");
    assert_int_equal(at->last->body.n, 0);
    advance_ms(at, 1);
    expect_sent(at, "UPDATE ");
    stage_free(at);
}

static void a_callee_that_refuses_the_offer_of_a_prack_goes_on(void **state)
{
    stage *at = stage_connected();
    char tag[64], lines[64];

    (void)state;
    call_in(at, "Supported: 100rel\r\n", OFFER);
    assert_int_equal(
        pipit_session_progress(at->session, &(pipit_progress_options){.early_media = true}), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 183 ");
    snprintf(tag, sizeof(tag), "%s", to_tag(at));
    snprintf(lines, sizeof(lines), "RAck: %.*s 1 INVITE\r\n",
             PP_STR(pp_message_header(at->last, PP_HEADER_RSEQ, 0)));
    come(at, &(coming){.method = "PRACK",
                       .cseq = 2,
                       .to_tag = tag,
                       .lines = lines,
                       .body = "v=1 nothing fits"});
    expect_sent(at, "SIP/2.0 488 ");
    assert_int_equal(at->rollbacks, 1);
    advance_ms(at, 10000); /* the response is acknowledged nevertheless */
    expect_silence(at);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 ");
    stage_free(at);
}

/* --- whom it was told ------------------------------------------------------------------------- */

#define AT(who, n) "Contact: <sip:" who "@far.invalid>\r\nRequire: 100rel\r\nRSeq: " n "\r\n"

/* Two places have described their media; the first one was told that it is held. */
static stage *stage_held_at_one(void)
{
    stage *at = stage_calling();

    answer(at, at->invite, "183 Session Progress", "one", AT("one", "1"), ANSWER);
    expect_sent(at, "PRACK ");
    answer(at, at->invite, "183 Session Progress", "two", AT("two", "1"), ANSWER);
    expect_sent(at, "PRACK ");
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "UPDATE sip:one@far.invalid");
    answer(at, at->last, "200 OK", NULL, AT("one", "1"), ANSWER);
    check_events(at, "progress:remote progress:remote hold:local reoffered:local ");
    return at;
}

static void who_answers_is_told_of_the_hold_that_another_one_was_told(void **state)
{
    stage *at = stage_held_at_one();

    (void)state;
    answer(at, at->invite, "200 OK", "two", "Contact: <sip:two@far.invalid>\r\n", NULL);
    expect_sent(at, "ACK sip:two@far.invalid");
    check_events(at, "accepted:remote confirmed:local ");
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:two@far.invalid");
    answer(at, at->last, "200 OK", NULL, "Contact: <sip:two@far.invalid>\r\n", ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    assert_true(pipit_session_is_on_hold(at->session).local);
    stage_free(at);
}

static void who_is_heard_is_told_of_the_hold_that_another_one_was_told(void **state)
{
    stage *at = stage_held_at_one();

    (void)state;
    assert_int_equal(pipit_session_hear_branch(at->session, "two"), 0);
    advance_ms(at, 1);
    expect_sent(at, "UPDATE sip:two@far.invalid");
    answer(at, at->last, "200 OK", NULL, "Contact: <sip:two@far.invalid>\r\n", ANSWER);
    answer(at, at->invite, "200 OK", "two", "Contact: <sip:two@far.invalid>\r\n", NULL);
    expect_sent(at, "ACK ");
    advance_ms(at, 100);
    expect_silence(at);
    stage_free(at);
}

static void who_was_told_of_the_hold_is_not_told_again(void **state)
{
    stage *at = stage_held_at_one();

    (void)state;
    answer(at, at->invite, "200 OK", "one", "Contact: <sip:one@far.invalid>\r\n", NULL);
    expect_sent(at, "ACK ");
    advance_ms(at, 100);
    expect_silence(at);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prack_may_carry_a_new_offer),
        cmocka_unit_test(a_refused_offer_in_a_prack_leaves_all_as_it_was),
        cmocka_unit_test(an_offer_in_a_prack_that_nobody_sees_is_taken_back),
        cmocka_unit_test(an_offer_in_a_prack_that_meets_another_follows_in_an_update),
        cmocka_unit_test(a_prack_that_nobody_answers_ends_its_offer_and_not_the_call),
        cmocka_unit_test(an_offer_that_cannot_be_made_leaves_the_prack_to_go_alone),
        cmocka_unit_test(a_call_that_is_answered_before_the_prack_is_made_offers_anew),
        cmocka_unit_test(an_update_is_sent_where_one_is_asked_for),
        cmocka_unit_test(a_callee_that_refuses_the_offer_of_a_prack_goes_on),
        cmocka_unit_test(who_answers_is_told_of_the_hold_that_another_one_was_told),
        cmocka_unit_test(who_is_heard_is_told_of_the_hold_that_another_one_was_told),
        cmocka_unit_test(who_was_told_of_the_hold_is_not_told_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
