/* offerless.c - a call of ours without an offer: the one of the answer, or of a reliable response, gets ours (RFC 3264, RFC 3262). */
#include "unit/ua/support/stage.h"

#define RSEQ(n) CONTACT "Require: 100rel\r\nRSeq: " n "\r\n"

static unsigned too_early;

static void offer_too_early(stage *at, const char *name)
{
    if (strcmp(name, "sdp") != 0)
        return;
    assert_false(pipit_session_is_ready_to_reoffer(at->session));
    assert_int_equal(pipit_session_hold(at->session, NULL), PIPIT_ERR_STATE);
    too_early++;
}

static void an_offer_of_a_2xx_is_answered_before_there_is_another(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    at->log_sdp = true;
    at->on_event = offer_too_early;
    answer(at, at->invite, "200 OK", "far", CONTACT, OFFER);
    assert_int_equal(pipit_session_hold(at->session, NULL), PIPIT_ERR_STATE);
    advance_ms(at, 1);
    at->on_event = NULL;
    assert_int_equal(too_early, 2);
    expect_sent(at, "ACK ");
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    stage_free(at);
}

static void the_offer_of_a_2xx_is_answered_in_the_ack(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    at->log_sdp = true;
    answer(at, at->invite, "183 Session Progress", "far", CONTACT, OFFER); /* means nothing here */
    answer(at, at->invite, "200 OK", "far", CONTACT, OFFER);
    answer(at, at->invite, "200 OK", "far", CONTACT, OFFER); /* again, while it is made */
    expect_silence(at);
    advance_ms(at, 1);
    expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    expect_silence(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, OFFER);
    expect_sent(at, "ACK ");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    check_events(at, "progress:remote sdp:remote:offer sdp:local:answer accepted:remote "
                     "confirmed:local ");
    stage_free(at);
}

static void a_2xx_without_an_offer_that_can_be_answered_ends_the_call(void **state)
{
    static const char *const bodies[] = {NULL, "rubbish"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        stage *at = stage_calling_without_offer(0);

        answer(at, at->invite, "200 OK", "far", CONTACT, bodies[i]);
        expect_sent(at, "ACK ");
        expect_sent(at, "BYE ");
        check_events(at, i ? "failed:remote:Bad Media Description setremotedescriptionfailed "
                           : "failed:remote:Bad Media Description ");
        stage_free(at);
    }
}

static void a_call_ended_while_the_answer_is_made_is_acknowledged_first(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT, OFFER);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->body.n, 0);
    expect_sent(at, "BYE ");
    advance_ms(at, 10);
    expect_silence(at);
    stage_free(at);
}

static void an_answer_to_a_2xx_may_take_long(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT, OFFER);
    pp_loop_unpost(at->loop, &at->media->post);
    advance_ms(at, 100 * 1000);
    expect_silence(at);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    stage_free(at);
}

static void the_offer_of_a_reliable_response_is_answered_in_the_prack(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), OFFER);
    expect_silence(at);
    advance_ms(at, 1);
    expect_sent(at, "PRACK ");
    assert_true(header_holds(at->last, "RAck", "1 "));
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    assert_int_equal(at->last->body.n, 0);
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void an_answer_in_a_prack_that_is_refused_ends_the_call(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), OFFER);
    advance_ms(at, 1);
    expect_sent(at, "PRACK ");
    answer(at, at->last, "488 Not Acceptable Here", NULL, NULL, NULL);
    expect_sent(at, "CANCEL ");
    check_events(at, "progress:remote failed:remote:Incompatible SDP ");
    stage_free(at);
}

static void a_2xx_may_be_faster_than_the_answer_in_the_prack(void **state)
{
    stage *at = stage_calling_without_offer(0);

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", RSEQ("1"), OFFER);
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_silence(at);
    advance_ms(at, 1);
    expect_sent(at, "PRACK ");
    expect_sent(at, "ACK ");
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_of_a_2xx_is_answered_before_there_is_another),
        cmocka_unit_test(the_offer_of_a_2xx_is_answered_in_the_ack),
        cmocka_unit_test(a_2xx_without_an_offer_that_can_be_answered_ends_the_call),
        cmocka_unit_test(a_call_ended_while_the_answer_is_made_is_acknowledged_first),
        cmocka_unit_test(an_answer_to_a_2xx_may_take_long),
        cmocka_unit_test(the_offer_of_a_reliable_response_is_answered_in_the_prack),
        cmocka_unit_test(an_answer_in_a_prack_that_is_refused_ends_the_call),
        cmocka_unit_test(a_2xx_may_be_faster_than_the_answer_in_the_prack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
