/* early_ends.c - how calls end early and why, who is said to call, and calls that are answered by themselves. */
#include "unit/ua/support/stage.h"

static void call_with(stage *at, pipit_call_options options)
{
    options.handlers = &session_handlers;
    options.user = at;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    at->invite = pp_message_ref(at->last);
    check_events(at, "new_rtc_session:local connecting sending ");
}

/* --- not answered in time --------------------------------------------------------------------- */

static void a_call_of_ours_that_nobody_answers_is_cancelled(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.no_answer_timeout = 20});
    check_header(at->invite, "Expires", NULL);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    advance_ms(at, 19900);
    expect_silence(at);
    advance_ms(at, 200);
    expect_sent(at, "CANCEL ");
    check_header(at->last, "Reason", "SIP ;cause=408 ;text=\"No Answer\"");
    check_events(at, "progress:remote failed:local:No Answer ");
    stage_free(at);
}

static void a_call_says_how_long_it_is_good_for(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.expires = 10});
    check_header(at->invite, "Expires", "10");
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    advance_ms(at, 10100);
    expect_sent(at, "CANCEL ");
    check_events(at, "progress:remote failed:system:Expires ");
    stage_free(at);
}

static void a_call_that_is_answered_does_not_expire(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.expires = 10, .no_answer_timeout = 5});
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    advance_ms(at, 20000);
    expect_silence(at);
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

/* --- redirected ------------------------------------------------------------------------------- */

/* The next INVITE of the same call; its ACK before it. */
static void expect_again(stage *at, const char *start)
{
    expect_sent(at, "ACK ");
    expect_sent(at, start);
    assert_true(pp_str_eq(at->last->call_id, at->invite->call_id));
    assert_true(pp_str_eq(at->last->from_tag, at->invite->from_tag));
    assert_true(pp_str_eq(at->last->body, at->invite->body));
    check_header(at->last, "To", "<sip:bob@example.com>");
    assert_int_equal(at->last->cseq, at->invite->cseq + 1);
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
}

/* Who was heard before has media that nobody else can use: the same offer has others. */
static void a_call_that_was_heard_early_goes_on_elsewhere(void **state)
{
    stage *at;
    fake_media *first;

    (void)state;
    session_timers_on_stage = true;
    at = stage_connected();
    session_timers_on_stage = false;
    at->log_branches = true;
    call_with(at, (pipit_call_options){.follow_redirects = 2});
    first = at->media;
    answer(at, at->invite, "183 Session Progress", "far", CONTACT, "v=0 early");
    check_events(at, "early_media:far:heard progress:remote ");
    answer(at, at->invite, "302 Moved", "far", "Contact: <sip:bob@example.org>\r\n", NULL);
    expect_again(at, "INVITE sip:bob@example.org SIP/2.0");
    assert_ptr_not_equal(at->media, first);
    assert_int_equal(at->medias, 1);
    answer(at, at->invite, "183 Session Progress", "two", CONTACT, "v=0 second");
    answer(at, at->invite, "422 Session Interval Too Small", "two", "Min-SE: 1800\r\n", NULL);
    expect_again(at, "INVITE sip:bob@example.org SIP/2.0");
    check_header(at->last, "Min-SE", "1800");
    answer(at, at->invite, "200 OK", "three", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_string_equal(at->remotes.p, "answer:v=0 early answer:v=0 second answer:" ANSWER " ");
    assert_int_equal(at->medias, 1);
    check_events(at, "early_media:two:heard progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void a_call_goes_where_it_is_sent(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.follow_redirects = 2});
    answer(
        at, at->invite, "302 Moved Temporarily", "far",
        "Contact: <sip:low@example.org>;q=0.1, <mailto:bob@example.org>, <sip:bob@EXAMPLE.com>\r\n"
        "Contact: <sip:none@example.org?Subject=x>, <sip:mid@example.org>;q=0.55;expires=60\r\n",
        NULL);
    expect_again(at, "INVITE sip:none@example.org SIP/2.0"); /* q is 1 when it is not said */
    check_header(at->last, "Subject", NULL);
    answer(at, at->invite, "180 Ringing", "one", CONTACT, NULL);
    answer(at, at->invite, "486 Busy Here", "one", NULL, NULL);
    expect_again(at, "INVITE sip:mid@example.org SIP/2.0");
    answer(at, at->invite, "300 Multiple Choices", "two",
           "Contact: <sip:none@example.org>, <sip:new@example.net>;q=0.05\r\n", NULL);
    expect_again(at, "INVITE sip:low@example.org SIP/2.0"); /* by q, whoever sent us there */
    answer(at, at->invite, "404 Not Found", "three", NULL, NULL);
    expect_again(at, "INVITE sip:new@example.net SIP/2.0");
    answer(at, at->invite, "200 OK", "four", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void a_call_that_is_sent_in_circles_fails(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.follow_redirects = 10});
    answer(at, at->invite, "302 Moved Temporarily", "far", "Contact: <sip:a@example.org>\r\n",
           NULL);
    expect_again(at, "INVITE sip:a@example.org SIP/2.0");
    answer(at, at->invite, "302 Moved Temporarily", "far",
           "Contact: <sip:bob@example.com>, <sip:a@example.org>\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_silence(at);
    check_events(at, "failed:remote:Redirected ");
    stage_free(at);
}

static void a_call_is_sent_on_so_often_and_no_more(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.follow_redirects = 1});
    answer(at, at->invite, "301 Moved Permanently", "far",
           "Contact: <sip:a@example.org>, <sip:b@example.org>\r\n", NULL);
    expect_again(at, "INVITE sip:a@example.org SIP/2.0");
    answer(at, at->invite, "302 Moved Temporarily", "far", "Contact: <sip:c@example.org>\r\n",
           NULL);
    expect_again(at, "INVITE sip:b@example.org SIP/2.0");
    answer(at, at->invite, "603 Decline", "far", NULL, NULL);
    expect_sent(at, "ACK ");
    expect_silence(at);
    check_events(at, "failed:remote:Rejected ");
    stage_free(at);
}

static void a_call_that_became_secure_stays_so(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_with(at, (pipit_call_options){.follow_redirects = 5});
    answer(at, at->invite, "302 Moved Temporarily", "far", "Contact: <sips:a@example.org>\r\n",
           NULL);
    expect_again(at, "INVITE sips:a@example.org SIP/2.0");
    answer(at, at->invite, "302 Moved Temporarily", "far", "Contact: <sip:a@example.org>\r\n",
           NULL);
    expect_sent(at, "ACK ");
    expect_silence(at);
    stage_free(at);
}

static void no_call_is_sent_to_more_places_than_the_limit(void **state)
{
    stage *at = stage_connected();
    char line[64];
    unsigned places = 0;

    (void)state;
    call_with(at, (pipit_call_options){.follow_redirects = 1000});
    for (; places < 100; places++) {
        snprintf(line, sizeof(line), "Contact: <sip:a%u@example.org>\r\n", places);
        answer(at, at->invite, "302 Moved Temporarily", "far", line, NULL);
        expect_sent(at, "ACK ");
        if (pipit_session_is_ended(at->session))
            break;
        expect_sent(at, "INVITE ");
        pp_message_unref(at->invite);
        at->invite = pp_message_ref(at->last);
    }
    assert_int_equal(places, PP_LIMIT_REDIRECTS - 1);
    stage_free(at);
}

/* --- why -------------------------------------------------------------------------------------- */

static void a_cancel_says_why(void **state)
{
    static const char *const cases[][2] = {
        {"Reason: SIP;cause=200;text=\"Call completed \\\"elsewhere\\\"\"\r\n",
         "SIP 200: Call completed \"elsewhere\""},
        {"Reason: SIP ;cause=486\r\n", "SIP 486: Busy Here"},
        {"Reason: ,\r\nReason: Q.850;cause=16\r\n", "Q.850 16"},
        {"Reason: preemption\r\n", "preemption"},
        {NULL, "Canceled"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage *at = stage_ringing();

        come(at, &(coming){.method = "CANCEL", .branch = "invite", .lines = cases[i][0]});
        check_events(at, "failed:remote:Canceled ");
        assert_string_equal(at->reason, cases[i][1]);
        stage_free(at);
    }
}

static void a_refusal_and_a_bye_say_why(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "603 Decline", "far",
           "Reason: Q.850;cause=21;text=\"Call rejected\", SIP;cause=603\r\n", NULL);
    check_events(at, "failed:remote:Rejected ");
    assert_string_equal(at->reason, "603 Decline (Q.850 21: Call rejected)");
    stage_free(at);
    at = stage_answered();
    come(at, &(coming){.method = "BYE",
                       .cseq = 2,
                       .to_tag = to_tag(at),
                       .lines = "Reason: SIP;cause=408;text=\"RTP Timeout\"\r\n"});
    check_events(at, "ended:remote:Terminated ");
    assert_string_equal(at->reason, "SIP 408: RTP Timeout");
    stage_free(at);
}

/* --- who calls -------------------------------------------------------------------------------- */

static void an_identity_a_server_vouches_for_is_shown(void **state)
{
    stage *at = stage_connected();
    pipit_name_addr *identity = NULL;
    char *text = NULL;

    (void)state;
    call_in(at,
            "P-Asserted-Identity: \"The Boss\" <sip:boss@example.com>, <tel:+1555>\r\n"
            "Privacy: id\r\n",
            OFFER);
    assert_int_equal(pipit_session_asserted_identity(at->session, 0, &identity), 0);
    assert_string_equal(pipit_name_addr_display_name(identity), "The Boss");
    pipit_name_addr_unref(identity);
    assert_int_equal(pipit_session_asserted_identity(at->session, 1, &identity), 0);
    assert_int_equal(pipit_name_addr_to_string(identity, &text), 0);
    assert_string_equal(text, "<tel:+1555>");
    pipit_free(text);
    pipit_name_addr_unref(identity);
    assert_int_equal(pipit_session_asserted_identity(at->session, 2, &identity),
                     PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_session_asserted_identity(NULL, 0, &identity), PIPIT_ERR_ARGUMENT);
    stage_free(at);
    at = stage_calling();
    assert_int_equal(pipit_session_asserted_identity(at->session, 0, &identity),
                     PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_session_auto_answer_after(at->session), -1);
    stage_free(at);
}

/* --- answered by itself ----------------------------------------------------------------------- */

static stage *stage_answering_by_itself(void)
{
    stage *at = stage_new(&(pipit_ua_configuration){
        .uri = "sip:alice@example.com", .no_register = true, .auto_answer = true});

    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    return at;
}

static void a_call_may_ask_to_be_answered_by_itself(void **state)
{
    static const struct {
        const char *lines;
        int seconds;
    } cases[] = {
        {"Answer-Mode: Auto\r\n", 0},
        {"Answer-Mode: auto;require\r\n", 0},
        {"Answer-Mode: Manual\r\n", -1},
        {"Priv-Answer-Mode: Auto\r\n", 0},
        {"Call-Info: <http://example.com/x>;answer-after=3\r\n", 3},
        {"Call-Info: <sip:example.com>;answer-after=soon\r\n", -1},
        {"Alert-Info: <http://127.0.0.1>;info=alert-autoanswer;delay=0\r\n", 0},
        {"Alert-Info: <http://127.0.0.1>;answer-after=2\r\n", 2},
        {"Alert-Info: <http://127.0.0.1>;info=ring\r\n", -1},
        {NULL, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage *at = stage_answering_by_itself();

        call_in(at, cases[i].lines, OFFER);
        assert_int_equal(pipit_session_auto_answer_after(at->session), cases[i].seconds);
        check_events(at, "new_rtc_session:remote progress:local ");
        if (cases[i].seconds >= 0) {
            if (cases[i].seconds)
                advance_ms(at, (uint64_t)cases[i].seconds * 1000 - 100);
            expect_silence(at);
            advance_ms(at, 200);
            expect_sent(at, "SIP/2.0 200 OK");
        } else {
            advance_ms(at, 10000);
            expect_silence(at);
        }
        stage_free(at);
    }
}

static void a_call_is_not_answered_by_itself_unless_that_is_configured(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_in(at, "Answer-Mode: Auto\r\n", OFFER);
    assert_int_equal(pipit_session_auto_answer_after(at->session), 0);
    advance_ms(at, 5000);
    expect_silence(at);
    stage_free(at);
}

static void a_call_that_was_answered_already_is_left_alone(void **state)
{
    stage *at = stage_answering_by_itself();

    (void)state;
    call_in(at, "Call-Info: <sip:example.com>;answer-after=3\r\n", OFFER);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    advance_ms(at, 5000);
    expect_silence(at);
    stage_free(at);
}

/* --- bodies of several parts ------------------------------------------------------------------ */

#define PARTS(disposition)                                                                         \
    "--b\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>\r\n"                             \
    "--b\r\nContent-Type: application/sdp\r\n" disposition "\r\n" OFFER "\r\n--b--\r\n"

static void the_description_among_other_parts_is_taken(void **state)
{
    stage *at = stage_connected();
    coming invite = {.method = "INVITE",
                     .lines = CONTACT "Content-Type: multipart/mixed;boundary=b\r\n",
                     .body = PARTS("Content-Disposition: session;handling=required\r\n"),
                     .typed = true};

    (void)state;
    come(at, &invite);
    expect_sent(at, "SIP/2.0 180 Ringing");
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_string_equal(at->remotes.p, "offer:" OFFER " ");
    acknowledge(at, NULL);
    invite.call_id = "call-2";
    invite.body = PARTS("Content-Disposition: early-session\r\n"); /* RFC 3959: not of this one */
    come(at, &invite);
    expect_sent(at, "SIP/2.0 415 ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_of_ours_that_nobody_answers_is_cancelled),
        cmocka_unit_test(a_call_says_how_long_it_is_good_for),
        cmocka_unit_test(a_call_that_is_answered_does_not_expire),
        cmocka_unit_test(a_call_that_was_heard_early_goes_on_elsewhere),
        cmocka_unit_test(a_call_goes_where_it_is_sent),
        cmocka_unit_test(a_call_that_is_sent_in_circles_fails),
        cmocka_unit_test(a_call_is_sent_on_so_often_and_no_more),
        cmocka_unit_test(a_call_that_became_secure_stays_so),
        cmocka_unit_test(no_call_is_sent_to_more_places_than_the_limit),
        cmocka_unit_test(a_cancel_says_why),
        cmocka_unit_test(a_refusal_and_a_bye_say_why),
        cmocka_unit_test(an_identity_a_server_vouches_for_is_shown),
        cmocka_unit_test(a_call_may_ask_to_be_answered_by_itself),
        cmocka_unit_test(a_call_is_not_answered_by_itself_unless_that_is_configured),
        cmocka_unit_test(a_call_that_was_answered_already_is_left_alone),
        cmocka_unit_test(the_description_among_other_parts_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
