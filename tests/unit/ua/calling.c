/* calling.c - calls that go out: INVITE, forks, answers, CANCEL, failures. */
#include "unit/ua/support/stage.h"

static void a_call_goes_out_and_is_answered_in_jssips_order(void **state)
{
    stage *at = stage_connected();
    const pp_message *m;

    (void)state;
    at->log_sdp = true;
    assert_int_equal(pipit_ua_call(at->ua, "bob", call_options(at), NULL), 0);
    check_events(at, "new_rtc_session:local ");
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_NULL);
    advance_ms(at, 1);
    check_events(at, "connecting sdp:local:offer sending ");
    m = expect_sent(at, "INVITE sip:bob@example.com SIP/2.0");
    check_header(m, "Max-Forwards", "69");
    check_header(m, "To", "<sip:bob@example.com>");
    check_header(m, "Content-Type", "application/sdp");
    assert_true(header_holds(m, "Contact", ";transport=ws;ob>"));
    assert_true(header_holds(m, "Via", ".invalid;branch=z9hG4bK"));
    assert_false(header_holds(m, "Via", "rport"));
    assert_true(header_holds(m, "Allow", "UPDATE"));
    assert_true(header_holds(m, "Supported", "ice,replaces,norefersub,tdialog,outbound"));
    assert_true(header_holds(m, "User-Agent", "Pipit "));
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_INVITE_SENT);
    at->invite = pp_message_ref(m);
    answer(at, at->invite, "100 Trying", NULL, NULL, NULL);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_1XX_RECEIVED);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    check_events(at, "progress:remote sdp:remote:answer accepted:remote confirmed:local ");
    m = expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    assert_int_equal(m->cseq, at->invite->cseq);
    assert_true(pipit_session_start_time_ms(at->session) > 0);
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    stage_free(at);
}

static void an_early_description_is_applied_once(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", CONTACT, ANSWER);
    answer(at, at->invite, "183 Session Progress", "far", CONTACT, ANSWER);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    check_events(at, "progress:remote progress:remote accepted:remote confirmed:local ");
    assert_string_equal(at->remotes.p, "answer:" ANSWER " ");
    stage_free(at);
}

static void a_bad_early_description_does_not_end_the_call(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", CONTACT, "rubbish");
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    check_events(at, "progress:remote accepted:remote confirmed:local ");
    stage_free(at);
}

static void an_ack_goes_for_each_repeat_of_a_2xx(void **state)
{
    stage *at = stage_in_call();
    char first[2048];

    (void)state;
    snprintf(first, sizeof(first), "%.*s", PP_STR(at->last->wire));
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_true(pp_str_eq_c(at->last->wire, first));
    check_events(at, "");
    stage_free(at);
}

static void a_second_fork_that_answers_is_hung_up_in_its_own_dialog(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "one", "Contact: <sip:one@far.invalid>\r\n", NULL);
    answer(at, at->invite, "180 Ringing", "two", "Contact: <sip:two@far.invalid>\r\n", NULL);
    answer(at, at->invite, "200 OK", "one", "Contact: <sip:one@far.invalid>\r\n", ANSWER);
    expect_sent(at, "ACK sip:one@far.invalid SIP/2.0");
    answer(at, at->invite, "200 OK", "two", "Contact: <sip:two@far.invalid>\r\n", ANSWER);
    expect_sent(at, "ACK sip:two@far.invalid SIP/2.0");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    expect_sent(at, "BYE sip:two@far.invalid SIP/2.0");
    assert_true(pp_str_eq_c(at->last->to_tag, "two"));
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    answer(at, at->invite, "200 OK", "two", "Contact: <sip:two@far.invalid>\r\n", ANSWER);
    expect_sent(at, "ACK sip:two@far.invalid SIP/2.0");
    expect_silence(at);
    bye_in(at, "two"); /* theirs crossed ours */
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "progress:remote progress:remote accepted:remote confirmed:local ");
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    bye_in(at, "one");
    check_events(at, "ended:remote:Terminated ");
    stage_free(at);
}

static void the_contact_of_the_2xx_is_the_target(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", "Contact: <sip:early@far.invalid>\r\n", NULL);
    answer(at, at->invite, "200 OK", "far", "Contact: <sip:late@far.invalid>\r\n", ANSWER);
    expect_sent(at, "ACK sip:late@far.invalid SIP/2.0");
    stage_free(at);
}

static void more_forks_than_the_limit_do_no_harm(void **state)
{
    stage *at = stage_calling();
    char tag[16];

    (void)state;
    for (unsigned i = 0; i < PP_LIMIT_FORKS + 10; i++) {
        snprintf(tag, sizeof(tag), "fork%u", i);
        answer(at, at->invite, "180 Ringing", tag, CONTACT, NULL);
    }
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), PP_LIMIT_FORKS);
    answer(at, at->invite, "200 OK", "fork1", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    answer(at, at->invite, "200 OK", "fork20", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    assert_true(pp_str_eq_c(at->last->to_tag, "fork20"));
    advance_ms(at, 40000); /* the time for forks is over */
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    stage_free(at);
}

/* --- CANCEL --------------------------------------------------------------------------------------------------- */

static void a_call_that_rings_is_cancelled(void **state)
{
    stage *at = stage_calling();
    const pp_message *m;

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    assert_int_equal(pipit_session_terminate(
                         at->session, &(pipit_terminate_options){.status_code = 600,
                                                                 .reason_phrase = "Not \"now\""}),
                     0);
    check_events(at, "progress:remote failed:local:Canceled ");
    m = expect_sent(at, "CANCEL sip:bob@example.com SIP/2.0");
    check_header(m, "Reason", "SIP ;cause=600 ;text=\"Not \\\"now\\\"\"");
    assert_true(pp_str_eq(m->via.branch, at->invite->via.branch));
    answer(at, m, "200 OK", "far", NULL, NULL);
    answer(at, at->invite, "487 Request Terminated", "far", NULL, NULL);
    expect_sent(at, "ACK sip:bob@example.com SIP/2.0");
    advance_ms(at, 40000);
    expect_silence(at);
    check_events(at, "");
    assert_int_equal(pipit_session_terminate(at->session, NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void a_call_is_cancelled_when_the_first_provisional_answer_comes(void **state)
{
    stage *at = stage_calling();

    (void)state;
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    check_events(at, "failed:local:Canceled ");
    expect_silence(at);
    answer(at, at->invite, "100 Trying", NULL, NULL, NULL);
    expect_sent(at, "CANCEL ");
    check_header(at->last, "Reason", NULL);
    stage_free(at);
}

static void a_2xx_that_crosses_our_cancel_is_acknowledged_and_hung_up(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "CANCEL ");
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    expect_sent(at, "BYE sip:bob@far.invalid;transport=ws SIP/2.0");
    assert_true(at->last->cseq > at->invite->cseq);
    check_events(at, "progress:remote failed:local:Canceled ");
    stage_free(at);
}

static void a_2xx_without_any_provisional_answer_is_hung_up_after_terminate(void **state)
{
    stage *at = stage_calling();

    (void)state;
    pipit_session_terminate(at->session, NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    expect_silence(at);
    stage_free(at);
}

static void a_call_can_be_ended_before_its_invite(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_call(at->ua, "bob", call_options(at), NULL), 0);
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    advance_ms(at, 1000);
    expect_silence(at);
    check_events(at, "new_rtc_session:local failed:local:Canceled ");
    stage_free(at);
}

/* --- failures ---------------------------------------------------------------------------------------------------- */

static void a_refusal_names_its_cause(void **state)
{
    static const struct {
        const char *status;
        const char *events;
    } cases[] = {
        {"486 Busy Here", "failed:remote:Busy "},
        {"603 Decline", "failed:remote:Rejected "},
        {"302 Moved Temporarily", "failed:remote:Redirected "},
        {"404 Not Found", "failed:remote:Not Found "},
        {"480 Gone", "failed:remote:Unavailable "},
        {"484 Address Incomplete", "failed:remote:Address Incomplete "},
        {"488 Not Acceptable Here", "failed:remote:Incompatible SDP "},
        {"500 Odd <things> [here]", "failed:remote:SIP Failure Code "},
        {"422 Session Interval Too Small", "failed:remote:SIP Failure Code "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage *at = stage_calling();

        answer(at, at->invite, cases[i].status, "far", NULL, NULL);
        expect_sent(at, "ACK ");
        check_events(at, cases[i].events);
        assert_string_equal(at->reason, cases[i].status);
        stage_free(at);
    }
}

static void a_call_nobody_answers_times_out(void **state)
{
    stage *at = stage_calling();

    (void)state;
    advance_ms(at, 31000);
    check_events(at, "");
    advance_ms(at, 2000);
    check_events(at, "failed:system:Request Timeout ");
    stage_free(at);
}

static void a_lost_connection_fails_a_call_that_is_inviting(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    check_events(at, "progress:remote failed:system:Connection Error disconnected:error ");
    stage_free(at);
}

static void a_call_without_connection_fails(void **state)
{
    stage *at = stage_new(NULL);

    (void)state;
    assert_int_equal(pipit_ua_call(at->ua, "bob", call_options(at), NULL), 0);
    advance_ms(at, 10);
    check_events(at, "new_rtc_session:local connecting sending failed:system:Connection Error ");
    stage_free(at);
}

static void an_answer_without_description_ends_the_call(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT, NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    check_header(at->last, "Reason", "SIP ;cause=400 ;text=\"Missing SDP\"");
    check_events(at, "failed:remote:Bad Media Description ");
    assert_int_equal(at->medias, 0);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    stage_free(at);
}

static void an_answer_that_does_not_fit_ends_the_call(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "200 OK", "far", CONTACT, "rubbish");
    expect_sent(at, "ACK ");
    expect_sent(at, "BYE ");
    check_events(at, "failed:remote:Bad Media Description setremotedescriptionfailed ");
    assert_int_equal(at->medias, 0);
    stage_free(at);
}

static void an_answer_without_contact_fails_the_call(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "200 OK", "far", NULL, ANSWER);
    check_events(at, "failed:remote:Internal Error ");
    stage_free(at);
}

static void media_that_cannot_be_described_fail_the_call(void **state)
{
    static const struct {
        int error;
        const char *events;
    } cases[] = {
        {PIPIT_ERR_MEDIA,
         "new_rtc_session:local connecting failed:system:WebRTC Error createofferfailed "},
        {PIPIT_ERR_IO,
         "new_rtc_session:local connecting failed:system:WebRTC Error setlocaldescriptionfailed "},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        stage *at = stage_connected();

        at->describe_error = cases[i].error;
        assert_int_equal(pipit_ua_call(at->ua, "bob", call_options(at), NULL), 0);
        advance_ms(at, 1);
        check_events(at, cases[i].events);
        expect_silence(at);
        stage_free(at);
    }
}

/* --- who calls, and whom -------------------------------------------------------------------------------------------- */

static void an_anonymous_call_hides_the_account(void **state)
{
    stage *at = stage_connected();
    pipit_call_options options = *call_options(at);
    const pp_message *m;

    (void)state;
    options.anonymous = true;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    m = expect_sent(at, "INVITE ");
    assert_true(header_holds(m, "From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="));
    check_header(m, "Privacy", "id");
    check_header(m, "P-Preferred-Identity", "<sip:alice@example.com>");
    check_header(m, "Contact", "<sip:anonymous@anonymous.invalid;transport=ws;ob>");
    at->invite = pp_message_ref(m);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    come_in_ours(
        at, (coming){.method = "BYE", .ruri = "sip:anonymous@anonymous.invalid;transport=ws;ob"});
    expect_sent(at, "SIP/2.0 200 OK"); /* JsSIP says 404 */
    stage_free(at);
}

static void a_call_can_come_from_another_user(void **state)
{
    stage *at = stage_connected();
    pipit_call_options options = *call_options(at);

    (void)state;
    options.from_user_name = "sales dept";
    options.from_display_name = "The \"Sales\" Dept";
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    assert_true(header_holds(at->last, "From",
                             "\"The \\\"Sales\\\" Dept\" <sip:sales%20dept@example.com>;tag="));
    check_header(at->last, "P-Preferred-Identity", "<sip:alice@example.com>");
    stage_free(at);
}

static void a_target_loses_its_headers(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(
        pipit_ua_call(at->ua, "sip:bob@example.org;x=y?Subject=hi", call_options(at), NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE sip:bob@example.org;x=y SIP/2.0");
    stage_free(at);
}

static void a_call_that_cannot_be_is_told_at_once(void **state)
{
    stage *at = stage_connected();
    static const char *const injection[] = {"X-A: b\r\nX-C: d", NULL};
    pipit_call_options options = *call_options(at);

    (void)state;
    assert_int_equal(pipit_ua_call(at->ua, "bob@", &options, NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_call(at->ua, NULL, &options, NULL), PIPIT_ERR_ARGUMENT);
    options.extra_headers = injection;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), PIPIT_ERR_SYNTAX);
    check_events(at, "");
    assert_int_equal(at->medias, 0);
    stage_free(at);
}

/* --- the request of `sending` ----------------------------------------------------------------- */

static void (*change)(pipit_request *request);

static void change_it(pipit_session *session, const pipit_request_event *event, void *user)
{
    stage *at = user;

    (void)session;
    pp_buf_c(&at->log, "sending ");
    change(event->request);
}

static void add_and_replace(pipit_request *request)
{
    assert_int_equal(pipit_request_add_header(request, "X-Ticket", "4711"), 0);
    assert_int_equal(pipit_request_set_header(request, "User-Agent", "Desk"), 0);
    assert_int_equal(pipit_request_set_header(request, "Allow", NULL), 0);
    assert_int_equal(pipit_request_set_body(request, "application/sdp", "v=0 mine", 8), 0);
}

static void touch_call_id(pipit_request *request)
{
    assert_int_equal(pipit_request_set_header(request, "Call-ID", "other"), 0);
}

static void touch_cseq(pipit_request *request)
{
    assert_int_equal(pipit_request_set_header(request, "CSeq", "7 BYE"), 0);
}

static void touch_from(pipit_request *request)
{
    assert_int_equal(pipit_request_set_header(request, "From", "<sip:a@b.c>;tag=x"), 0);
}

static void touch_contact(pipit_request *request)
{
    assert_int_equal(pipit_request_set_header(request, "Contact", NULL), 0);
}

static void call_and_change(stage *at, void (*how)(pipit_request *request))
{
    pipit_session_handlers handlers = session_handlers;
    pipit_call_options options = {.handlers = &handlers, .user = at};

    handlers.sending = change_it;
    change = how;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, NULL), 0);
    advance_ms(at, 1);
    pipit_session_set_handlers(at->session, &session_handlers, at);
}

static void an_invite_goes_as_its_sending_event_left_it(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_and_change(at, add_and_replace);
    check_events(at, "new_rtc_session:local connecting sending ");
    expect_sent(at, "INVITE sip:bob@example.com SIP/2.0");
    check_header(at->last, "X-Ticket", "4711");
    check_header(at->last, "User-Agent", "Desk");
    check_header(at->last, "Allow", NULL);
    assert_true(pp_str_eq_c(at->last->body, "v=0 mine"));
    assert_true(header_holds(at->last, "Via", "SIP/2.0/WSS "));
    assert_int_equal(pp_message_count(at->last, PP_HEADER_VIA), 1);
    at->invite = pp_message_ref(at->last);
    answer(at, at->invite, "401 Unauthorized", "r",
           "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n\"\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE "); /* once more, with all of it */
    check_header(at->last, "X-Ticket", "4711");
    pp_message_unref(at->invite);
    at->invite = pp_message_ref(at->last);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid");
    check_events(at, "accepted:remote confirmed:local ");
    stage_free(at);
}

static void an_invite_that_was_made_another_request_does_not_go(void **state)
{
    static void (*const changes[])(pipit_request * request) = {touch_call_id, touch_cseq,
                                                               touch_from, touch_contact};

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        stage *at = stage_connected();

        call_and_change(at, changes[i]);
        check_events(at, "new_rtc_session:local connecting sending failed:system:Internal Error ");
        assert_ptr_equal(strstr(at->reason, "sending: "), at->reason);
        expect_silence(at);
        stage_free(at);
    }
}

static void end_it(pipit_session *session, const pipit_peerconnection_event *event, void *user)
{
    (void)event;
    (void)user;
    pipit_session_terminate(session, NULL);
}

static void note_failure(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    (void)event;
    ++*(unsigned *)user;
}

static void a_call_may_be_ended_before_it_is_announced(void **state)
{
    static const pipit_session_handlers handlers = {.peerconnection = end_it,
                                                    .failed = note_failure};
    unsigned failures = 0;
    const pipit_call_options options = {.handlers = &handlers, .user = &failures};
    stage *at = stage_connected();
    pipit_session *session = NULL;

    (void)state;
    assert_int_equal(pipit_ua_call(at->ua, "bob", &options, &session), 0);
    assert_int_equal(failures, 1);
    assert_true(pipit_session_is_ended(session));
    check_events(at, "");
    pipit_session_unref(session);
    advance_ms(at, 10);
    expect_silence(at);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_may_be_ended_before_it_is_announced),
        cmocka_unit_test(a_call_goes_out_and_is_answered_in_jssips_order),
        cmocka_unit_test(an_early_description_is_applied_once),
        cmocka_unit_test(a_bad_early_description_does_not_end_the_call),
        cmocka_unit_test(an_ack_goes_for_each_repeat_of_a_2xx),
        cmocka_unit_test(a_second_fork_that_answers_is_hung_up_in_its_own_dialog),
        cmocka_unit_test(the_contact_of_the_2xx_is_the_target),
        cmocka_unit_test(more_forks_than_the_limit_do_no_harm),
        cmocka_unit_test(a_call_that_rings_is_cancelled),
        cmocka_unit_test(a_call_is_cancelled_when_the_first_provisional_answer_comes),
        cmocka_unit_test(a_2xx_that_crosses_our_cancel_is_acknowledged_and_hung_up),
        cmocka_unit_test(a_2xx_without_any_provisional_answer_is_hung_up_after_terminate),
        cmocka_unit_test(a_call_can_be_ended_before_its_invite),
        cmocka_unit_test(a_refusal_names_its_cause),
        cmocka_unit_test(a_call_nobody_answers_times_out),
        cmocka_unit_test(a_lost_connection_fails_a_call_that_is_inviting),
        cmocka_unit_test(a_call_without_connection_fails),
        cmocka_unit_test(an_answer_without_description_ends_the_call),
        cmocka_unit_test(an_answer_that_does_not_fit_ends_the_call),
        cmocka_unit_test(an_answer_without_contact_fails_the_call),
        cmocka_unit_test(media_that_cannot_be_described_fail_the_call),
        cmocka_unit_test(an_anonymous_call_hides_the_account),
        cmocka_unit_test(a_call_can_come_from_another_user),
        cmocka_unit_test(a_target_loses_its_headers),
        cmocka_unit_test(a_call_that_cannot_be_is_told_at_once),
        cmocka_unit_test(an_invite_goes_as_its_sending_event_left_it),
        cmocka_unit_test(an_invite_that_was_made_another_request_does_not_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
