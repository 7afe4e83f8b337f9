/* answering.c - calls that come in: ringing, answer, refusal, ACK. */
#include "unit/ua/support/stage.h"

static void a_call_comes_in_and_is_answered_in_jssips_order(void **state)
{
    stage *at = stage_connected();
    const pp_message *m;

    (void)state;
    at->log_sdp = true;
    call_in(at, NULL, OFFER);
    check_events(at, "new_rtc_session:remote progress:local ");
    assert_true(header_holds(at->last, "Contact", ";ob>"));
    assert_string_equal(pipit_session_remote_uri(at->session), "sip:bob@example.com");
    assert_string_equal(pipit_session_remote_display_name(at->session), "Bob");
    assert_string_equal(pipit_session_local_uri(at->session), "sip:alice@example.com");
    assert_string_equal(pipit_session_id(at->session), "call-1far");
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_ANSWERED);
    check_events(at, "");
    advance_ms(at, 1);
    check_events(at, "sdp:remote:offer connecting sdp:local:answer accepted:local ");
    m = expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(m->body, "v=0 our answer"));
    assert_true(header_holds(m, "Allow", "INVITE"));
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_WAITING_FOR_ACK);
    acknowledge(at, NULL);
    check_events(at, "confirmed:remote ");
    advance_ms(at, 60000);
    expect_silence(at);
    check_events(at, "");
    assert_int_equal(pipit_session_answer(at->session, NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void answer_at_once(stage *at, pipit_session *session)
{
    (void)at;
    assert_int_equal(pipit_session_answer(session, NULL), 0);
}

static void a_call_can_be_answered_where_it_is_announced(void **state)
{
    stage *at = stage_connected();

    (void)state;
    at->on_new_session = answer_at_once;
    call_in(at, NULL, OFFER);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "new_rtc_session:remote progress:local connecting accepted:local ");
    acknowledge(at, NULL);
    check_events(at, "confirmed:remote ");
    stage_free(at);
}

static void refuse_at_once(stage *at, pipit_session *session)
{
    (void)at;
    assert_int_equal(
        pipit_session_terminate(session, &(pipit_terminate_options){.status_code = 486}), 0);
}

static void a_call_can_be_refused_where_it_is_announced(void **state)
{
    stage *at = stage_connected();

    (void)state;
    at->on_new_session = refuse_at_once;
    come(at, &(coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 486 Busy Here");
    expect_silence(at);
    check_events(at, "new_rtc_session:remote failed:local:Rejected ");
    stage_free(at);
}

static void a_call_is_refused_with_480_unless_told(void **state)
{
    static const char *const lines[] = {"X-Why: lunch", NULL};
    stage *at = stage_ringing();

    (void)state;
    assert_int_equal(
        pipit_session_terminate(at->session, &(pipit_terminate_options){.status_code = 200}),
        PIPIT_ERR_ARGUMENT);
    assert_int_equal(
        pipit_session_terminate(at->session, &(pipit_terminate_options){.extra_headers = lines}),
        0);
    expect_sent(at, "SIP/2.0 480 Temporarily Unavailable");
    check_header(at->last, "X-Why", "lunch");
    check_events(at, "failed:local:Rejected ");
    stage_free(at);
}

static void a_late_offer_is_answered_in_the_ack(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_in(at, NULL, NULL);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    assert_true(at->media->offerer);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    acknowledge(at, ANSWER);
    assert_string_equal(at->remotes.p, "answer:" ANSWER " ");
    check_events(at, "new_rtc_session:remote progress:local connecting accepted:local "
                     "confirmed:remote ");
    stage_free(at);
}

static void a_late_offer_without_answer_ends_the_call(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_in(at, NULL, NULL);
    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "new_rtc_session:remote progress:local connecting accepted:local ");
    acknowledge(at, NULL);
    expect_sent(at, "BYE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Reason", "SIP ;cause=400 ;text=\"Missing SDP\"");
    check_events(at, "ended:local:Missing SDP ");
    stage_free(at);
}

static void a_call_is_answered_with_pictures_only_when_they_are_wished(void **state)
{
    (void)state;
    for (unsigned video = 0; video < 2; video++) {
        stage *at = stage_ringing();
        const pipit_answer_options options = {.media_constraints = {.audio = true, .video = video}};

        assert_int_equal(pipit_session_answer(at->session, &options), 0);
        assert_int_equal(at->media->video, video);
        advance_ms(at, 1);
        expect_sent(at, "SIP/2.0 200 OK");
        stage_free(at);
    }
}

static void a_2xx_is_repeated_unchanged_until_its_ack(void **state)
{
    static const char *const lines[] = {"X-App: yes", NULL};
    stage *at = stage_connected();
    char first[4096];

    (void)state;
    call_in(at, NULL, OFFER);
    pipit_session_answer(at->session, &(pipit_answer_options){.extra_headers = lines});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "X-App", "yes");
    snprintf(first, sizeof(first), "%.*s", PP_STR(at->last->wire));
    /* at 0.5, 1.5, 3.5, 7.5, 11.5 s */
    for (unsigned i = 0; i < 5; i++) {
        advance_ms(at, i < 3 ? 500u << i : 4000);
        expect_sent(at, "SIP/2.0 200 OK");
        assert_true(pp_str_eq_c(at->last->wire, first));
        expect_silence(at);
    }
    acknowledge(at, NULL);
    advance_ms(at, 10000);
    expect_silence(at);
    stage_free(at);
}

static void a_call_without_ack_ends(void **state)
{
    stage *at = stage_ringing();
    const pp_message *m, *bye = NULL;

    (void)state;
    pipit_session_answer(at->session, NULL);
    advance_ms(at, 31990);
    check_events(at, "connecting accepted:local ");
    advance_ms(at, 100);
    check_events(at, "ended:remote:No ACK ");
    while ((m = next_sent(at)))
        if (m->method == PP_BYE && m->is_request)
            bye = m;
    assert_non_null(bye);
    stage_free(at);
}

static void a_bye_waits_for_the_ack(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    check_events(at, "connecting accepted:local ended:local:Terminated ");
    expect_silence(at);
    advance_ms(at, 500);
    expect_sent(at, "SIP/2.0 200 OK");
    acknowledge(at, NULL);
    expect_sent(at, "BYE ");
    acknowledge(at, NULL);
    advance_ms(at, 40000);
    expect_silence(at);
    check_events(at, "");
    assert_null(at->ua->sessions);
    stage_free(at);
}

/* --- not answered ---------------------------------------------------------------------------------------------- */

static void a_call_that_is_cancelled_fails(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    come(at,
         &(coming){.method = "CANCEL", .branch = "invite", .lines = "Reason: SIP;cause=200\r\n"});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 Request Terminated");
    check_events(at, "failed:remote:Canceled ");
    stage_free(at);
}

static void a_call_can_be_cancelled_while_the_answer_is_made(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    pipit_session_answer(at->session, NULL);
    come(at, &(coming){.method = "CANCEL", .branch = "invite"});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 Request Terminated");
    advance_ms(at, 100);
    expect_silence(at);
    check_events(at, "failed:remote:Canceled ");
    stage_free(at);
}

static void a_call_stops_ringing_when_nobody_answers(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    advance_ms(at, 59000);
    check_events(at, "");
    advance_ms(at, 2000);
    expect_sent(at, "SIP/2.0 408 Request Timeout");
    check_events(at, "failed:local:No Answer ");
    stage_free(at);
}

static void a_call_stops_ringing_when_its_expires_is_over(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_in(at, "Expires: 10\r\n", OFFER);
    advance_ms(at, 10001);
    expect_sent(at, "SIP/2.0 487 Request Terminated");
    check_events(at, "new_rtc_session:remote progress:local failed:system:Expires ");
    stage_free(at);
}

static void a_bye_before_the_answer_fails_the_call(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    come(at, &(coming){.method = "BYE", .to_tag = to_tag(at), .cseq = 2});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 Request Terminated");
    check_events(at, "failed:remote:Terminated "); /* JsSIP says ended */
    stage_free(at);
}

static void a_lost_connection_fails_a_call_that_rings(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    check_events(at, "failed:system:Connection Error disconnected:error ");
    stage_free(at);
}

static void a_description_that_does_not_fit_is_refused_with_488(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_in(at, NULL, "rubbish");
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 488 Not Acceptable Here");
    check_events(at, "new_rtc_session:remote progress:local failed:system:WebRTC Error "
                     "setremotedescriptionfailed ");
    assert_int_equal(at->medias, 0);
    stage_free(at);
}

static void an_answer_that_cannot_be_made_is_a_500(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    at->describe_error = PIPIT_ERR_MEDIA;
    pipit_session_answer(at->session, NULL);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 500 ");
    check_events(at, "connecting failed:system:Internal Error createanswerfailed ");
    stage_free(at);
}

/* --- not even announced -------------------------------------------------------------------------------------------- */

static void a_body_of_another_type_is_a_415(void **state)
{
    stage *at = stage_connected();

    (void)state;
    come(at, &(coming){.method = "INVITE",
                       .lines = CONTACT "Content-Type: text/plain\r\n",
                       .body = "hello",
                       .typed = true});
    expect_sent(at, "SIP/2.0 415 Unsupported Media Type");
    check_header(at->last, "Accept", "application/sdp, application/dtmf-relay");
    come(at, &(coming){.method = "INVITE",
                       .call_id = "call-2",
                       .lines = CONTACT "Content-Type: Application/SDP;charset=utf-8\r\n",
                       .body = OFFER,
                       .typed = true});
    expect_sent(at, "SIP/2.0 180 Ringing"); /* JsSIP says 415 */
    check_events(at, "new_rtc_session:remote progress:local ");
    stage_free(at);
}

static void a_call_without_contact_is_a_400(void **state)
{
    stage *at = stage_connected();

    (void)state;
    come(at, &(coming){.method = "INVITE", .body = OFFER});
    expect_sent(at, "SIP/2.0 400 ");
    come(at,
         &(coming){.method = "INVITE", .call_id = "b", .lines = "Contact: *\r\n", .body = OFFER});
    expect_sent(at, "SIP/2.0 400 ");
    check_events(at, "");
    assert_null(at->ua->sessions);
    stage_free(at);
}

/* The one above the limit, in or out, is one too many. */
static void check_limit(stage *at, unsigned limit)
{
    char call_id[32], sentence[64];

    for (unsigned i = 0; i <= limit; i++) {
        snprintf(call_id, sizeof(call_id), "call-%u", i);
        come(at,
             &(coming){.method = "INVITE", .call_id = call_id, .lines = CONTACT, .body = OFFER});
        expect_sent(at, i < limit ? "SIP/2.0 180 Ringing" : "SIP/2.0 486 Busy Here");
    }
    assert_int_equal(pipit_ua_call(at->ua, "bob", NULL, NULL), PIPIT_ERR_LIMIT);
    snprintf(sentence, sizeof(sentence), "call: %u calls are going on", limit);
    assert_string_equal(pipit_error_message(), sentence);
}

static void more_calls_than_the_limit_are_busy(void **state)
{
    stage *at = stage_connected();

    (void)state;
    check_limit(at, PP_LIMIT_SESSIONS);
    stage_free(at);
}

static void the_limit_of_calls_can_be_chosen(void **state)
{
    static const unsigned limits[] = {1, 2, PP_LIMIT_TRANSACTIONS + 1};

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        stage *at = stage_new(&(pipit_ua_configuration){
            .uri = "sip:alice@example.com", .no_register = true, .max_sessions = limits[i]});

        assert_int_equal(pipit_ua_start(at->ua), 0);
        advance_ms(at, 1);
        check_limit(at, limits[i]);
        stage_free(at);
    }
}

static void a_repeated_invite_is_answered_as_before(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    come(at, &(coming){.method = "INVITE", .branch = "invite", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 180 Ringing");
    check_events(at, "");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_comes_in_and_is_answered_in_jssips_order),
        cmocka_unit_test(a_call_can_be_answered_where_it_is_announced),
        cmocka_unit_test(a_call_can_be_refused_where_it_is_announced),
        cmocka_unit_test(a_call_is_refused_with_480_unless_told),
        cmocka_unit_test(a_late_offer_is_answered_in_the_ack),
        cmocka_unit_test(a_late_offer_without_answer_ends_the_call),
        cmocka_unit_test(a_call_is_answered_with_pictures_only_when_they_are_wished),
        cmocka_unit_test(a_2xx_is_repeated_unchanged_until_its_ack),
        cmocka_unit_test(a_call_without_ack_ends),
        cmocka_unit_test(a_bye_waits_for_the_ack),
        cmocka_unit_test(a_call_that_is_cancelled_fails),
        cmocka_unit_test(a_call_can_be_cancelled_while_the_answer_is_made),
        cmocka_unit_test(a_call_stops_ringing_when_nobody_answers),
        cmocka_unit_test(a_call_stops_ringing_when_its_expires_is_over),
        cmocka_unit_test(a_bye_before_the_answer_fails_the_call),
        cmocka_unit_test(a_lost_connection_fails_a_call_that_rings),
        cmocka_unit_test(a_description_that_does_not_fit_is_refused_with_488),
        cmocka_unit_test(an_answer_that_cannot_be_made_is_a_500),
        cmocka_unit_test(a_body_of_another_type_is_a_415),
        cmocka_unit_test(a_call_without_contact_is_a_400),
        cmocka_unit_test(more_calls_than_the_limit_are_busy),
        cmocka_unit_test(the_limit_of_calls_can_be_chosen),
        cmocka_unit_test(a_repeated_invite_is_answered_as_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
