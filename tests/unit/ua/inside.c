/* inside.c - requests inside of a call: re-offers, UPDATE, BYE, INFO and the rest. */
#include "unit/ua/support/stage.h"

static void a_reoffer_is_answered(void **state)
{
    stage *at = stage_answered();

    (void)state;
    at->log_sdp = true;
    come_in_theirs(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER " held"});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    assert_true(header_holds(at->last, "Contact", "<sip:"));
    check_events(at, "reinvite sdp:remote:offer hold:remote sdp:local:answer reoffered:remote ");
    assert_string_equal(at->remotes.p, "offer:" OFFER " offer:" OFFER " held ");
    advance_ms(at, 500);
    expect_sent(at, "SIP/2.0 200 OK"); /* until the ACK */
    come_in_theirs(at, (coming){.method = "ACK"});
    advance_ms(at, 40000);
    expect_silence(at);
    check_events(at, "");
    stage_free(at);
}

static void a_reoffer_without_description_gets_our_offer(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at, (coming){.method = "INVITE", .lines = CONTACT});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 our offer"));
    come_in_theirs(at, (coming){.method = "ACK", .body = ANSWER " two"});
    assert_string_equal(at->remotes.p, "offer:" OFFER " answer:" ANSWER " two ");
    check_events(at, "reinvite reoffered:remote ");
    stage_free(at);
}

static void a_reoffer_that_does_not_fit_keeps_the_call(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at, (coming){.method = "INVITE", .lines = CONTACT, .body = "rubbish"});
    expect_sent(at, "SIP/2.0 488 ");
    come_in_theirs(at, (coming){.method = "INVITE",
                                .cseq = 3,
                                .lines = "Content-Type: text/plain\r\n",
                                .body = "hi",
                                .typed = true});
    expect_sent(at, "SIP/2.0 415 ");
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    check_events(at, "reinvite setremotedescriptionfailed ");
    stage_free(at);
}

static void a_second_reoffer_has_to_wait(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at, (coming){.method = "INVITE", .lines = CONTACT, .body = OFFER});
    come_in_theirs(at, (coming){.method = "INVITE", .cseq = 3, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 500 ");
    assert_true(pp_message_header(at->last, PP_HEADER_RETRY_AFTER, 0).n > 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    come_in_theirs(at, (coming){.method = "INVITE", .cseq = 4, .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 "); /* the ACK of the first is missing */
    stage_free(at);
}

static void a_reoffer_can_be_cancelled(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at,
                   (coming){.method = "INVITE", .branch = "re", .lines = CONTACT, .body = OFFER});
    come_in_theirs(at, (coming){.method = "CANCEL", .branch = "re"});
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "SIP/2.0 487 ");
    advance_ms(at, 10);
    expect_silence(at);
    check_events(at, "reinvite ");
    stage_free(at);
}

static void an_offer_that_meets_ours_is_a_491(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "183 Session Progress", "far", CONTACT, NULL);
    come_in_ours(at, (coming){.method = "UPDATE", .lines = CONTACT, .body = OFFER});
    expect_sent(at, "SIP/2.0 491 ");
    come_in_ours(at, (coming){.method = "UPDATE", .cseq = 2, .lines = CONTACT});
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "progress:remote update ");
    stage_free(at);
}

static void an_update_with_an_offer_is_answered(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at, (coming){.method = "UPDATE", .lines = CONTACT, .body = OFFER " held"});
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_true(pp_str_starts(at->last->body, "v=0 our answer"));
    assert_true(header_holds(at->last, "Supported", "ice"));
    advance_ms(at, 1000);
    expect_silence(at);
    stage_free(at);
}

static void a_target_follows_the_far_end(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at,
                   (coming){.method = "UPDATE", .lines = "Contact: <sip:moved@far.invalid>\r\n"});
    expect_sent(at, "SIP/2.0 200 OK");
    pipit_session_terminate(at->session, NULL);
    expect_sent(at, "BYE sip:moved@far.invalid SIP/2.0");
    stage_free(at);
}

/* --- BYE and the others --------------------------------------------------------------------------------------------- */

static void a_bye_ends_the_call(void **state)
{
    stage *at = stage_answered();

    (void)state;
    come_in_theirs(at, (coming){.method = "BYE", .ruri = "sip:lower-cased-by-a-proxy@x.invalid"});
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "ended:remote:Terminated ");
    assert_true(pipit_session_end_time_ms(at->session) > 0);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    stage_free(at);
}

static void a_call_is_hung_up_with_a_reason_when_asked(void **state)
{
    static const char *const lines[] = {"X-Bye: now", NULL};
    static const char *const bad[] = {"no header", NULL};
    stage *at = stage_in_call();
    pipit_terminate_options options = {.status_code = 200, .extra_headers = bad};

    (void)state;
    assert_int_equal(pipit_session_terminate(at->session, &options), PIPIT_ERR_SYNTAX);
    options.extra_headers = lines;
    assert_int_equal(pipit_session_terminate(at->session, &options), 0);
    expect_sent(at, "BYE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Reason", "SIP ;cause=200 ;text=\"OK\"");
    check_header(at->last, "X-Bye", "now");
    expect_silence(at);
    check_events(at, "ended:local:Terminated ");
    stage_free(at);
}

static void other_requests_inside_get_their_answers(void **state)
{
    static const struct {
        const char *method, *start;
    } cases[] = {
        {"OPTIONS", "SIP/2.0 200"}, {"NOTIFY", "SIP/2.0 400"}, {"REFER", "SIP/2.0 603"},
        {"PRACK", "SIP/2.0 400"},   {"WALTZ", "SIP/2.0 501"},  {"SUBSCRIBE", "SIP/2.0 489"},
        {"MESSAGE", "SIP/2.0 200"},
    };
    stage *at = stage_answered();

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        come_in_theirs(at, (coming){.method = cases[i].method, .cseq = 10 + i});
        expect_sent(at, cases[i].start);
    }
    come_in_theirs(at, (coming){.method = "OPTIONS", .cseq = 3}); /* an old one */
    expect_sent(at, "SIP/2.0 500");
    come_in_theirs(
        at, (coming){.method = "OPTIONS", .cseq = 30, .lines = "Require: 100rel, timer, foo\r\n"});
    expect_sent(at, "SIP/2.0 420");
    check_header(at->last, "Unsupported", "foo");
    check_events(at, "new_message: ");
    stage_free(at);
}

static void a_call_survives_a_lost_connection(void **state)
{
    stage *at = stage_answered();

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 4000);
    check_events(at, "disconnected:error connected ");
    expect_sent(at, "INVITE ");
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "reoffered:local ");
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    expect_sent(at, "BYE ");
    stage_free(at);
}

/* --- INFO ------------------------------------------------------------------------------------------------------------- */

static void tone_in(stage *at, unsigned cseq, const char *type, const char *body)
{
    char lines[128];

    snprintf(lines, sizeof(lines), "Content-Type: %s\r\n", type);
    come_in_theirs(
        at, (coming){.method = "INFO", .cseq = cseq, .lines = lines, .body = body, .typed = true});
    expect_sent(at, "SIP/2.0 200 OK");
}

static void a_tone_comes_by_info(void **state)
{
    stage *at = stage_answered();

    (void)state;
    tone_in(at, 2, "application/dtmf-relay", "Signal=1\r\nDuration=250");
    check_events(at, "dtmf:remote:1:250:info ");
    tone_in(at, 3, "application/dtmf-relay", "signal = c \r\nduration = 90\r\n");
    check_events(at, "dtmf:remote:C:90:info ");
    tone_in(at, 4, "application/dtmf-relay", "Signal=10\r\nDuration=100\r\n"); /* by number: '*' */
    check_events(at, "dtmf:remote:*:100:info ");
    tone_in(at, 5, "application/dtmf-relay", "Signal=16\r\nDuration=100\r\n");
    check_events(at, "dtmf:remote:R:100:info ");
    tone_in(at, 10, "application/dtmf-relay", "Signal=17\r\nDuration=100\r\n");
    tone_in(at, 11, "application/dtmf-relay", "Signal=\r\n");
    tone_in(at, 12, "application/dtmf-relay", "");
    check_events(at, "");
    tone_in(at, 13, "application/dtmf", "#");
    check_events(at, "dtmf:remote:#:100:info ");
    tone_in(at, 14, "Application/DTMF-Relay;x=y", "Duration=120\nSignal=5\n");
    check_events(at, "dtmf:remote:5:120:info ");
    stage_free(at);
}

static void an_info_of_another_type_is_shown(void **state)
{
    stage *at = stage_answered();

    (void)state;
    tone_in(at, 2, "application/media_control+xml", "<x/>");
    check_events(at, "info:remote:application/media_control+xml:<x/> ");
    come_in_theirs(at, (coming){.method = "INFO", .cseq = 3}); /* to see whether we live */
    expect_sent(at, "SIP/2.0 200 OK");
    come_in_theirs(at, (coming){.method = "INFO", .cseq = 4, .body = "x", .typed = true});
    expect_sent(at, "SIP/2.0 415 ");
    check_events(at, "");
    stage_free(at);
}

static void an_info_is_sent(void **state)
{
    stage *at = stage_calling();

    (void)state;
    assert_int_equal(pipit_session_send_info(at->session, "text/plain", "x", NULL),
                     PIPIT_ERR_STATE);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    check_events(at, "accepted:remote confirmed:local ");
    assert_int_equal(pipit_session_send_info(at->session, "text/plain\r\nX: y", "x", NULL),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_session_send_info(at->session, "text", "x", NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_session_send_info(at->session, "text/plain", "hello", NULL), 0);
    check_events(at, "info:local:text/plain:hello ");
    expect_sent(at, "INFO sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Content-Type", "text/plain");
    answer(at, at->last, "415 Unsupported Media Type", NULL, NULL, NULL);
    check_events(at, ""); /* the call goes on */
    assert_int_equal(pipit_session_send_info(at->session, "text/plain", NULL, NULL), 0);
    expect_sent(at, "INFO ");
    answer(at, at->last, "481 Gone", NULL, NULL, NULL);
    check_events(at, "info:local:text/plain: ended:remote:Dialog Error ");
    stage_free(at);
}

static void an_info_nobody_answers_ends_the_call(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_session_send_info(at->session, "text/plain", "hello", NULL), 0);
    expect_sent(at, "INFO ");
    advance_ms(at, 33000);
    check_events(at, "info:local:text/plain:hello ended:system:Request Timeout ");
    expect_sent(at, "BYE ");
    stage_free(at);
}

/* --- any request ------------------------------------------------------------------------------ */

typedef struct outcomes {
    char causes[256];
} outcomes;

static void on_outcome(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    outcomes *o = user;
    size_t n = strlen(o->causes);

    (void)session;
    snprintf(o->causes + n, sizeof(o->causes) - n, "%s%s ",
             outcome->cause == PIPIT_CAUSE_NONE ? "accepted" : pipit_cause_name(outcome->cause),
             outcome->response ? "+" : "");
}

static void any_request_is_sent_inside(void **state)
{
    static const char *const lines[] = {"X-A: b", NULL};
    stage *at = stage_in_call();
    outcomes o = {{0}};
    pipit_send_options options = {.extra_headers = lines,
                                  .content_type = "text/plain",
                                  .body = "hi",
                                  .done = on_outcome,
                                  .user = &o};

    (void)state;
    assert_int_equal(pipit_session_send_request(at->session, "BYE", &options), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_send_request(at->session, "info", &options), PIPIT_ERR_ARGUMENT);
    assert_int_equal(
        pipit_session_send_request(at->session, "INFO", &(pipit_send_options){.body = "x"}),
        PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_send_request(at->session, "MESSAGE", &options), 0);
    expect_sent(at, "MESSAGE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "X-A", "b");
    assert_true(pp_str_eq_c(at->last->body, "hi"));
    answer(at, at->last, "202 Accepted", NULL, NULL, NULL);
    assert_string_equal(o.causes, "accepted+ ");
    assert_int_equal(pipit_session_send_request(at->session, "OPTIONS", &options), 0);
    expect_sent(at, "OPTIONS ");
    answer(at, at->last, "486 Busy Here", NULL, NULL, NULL);
    assert_int_equal(pipit_session_send_request(at->session, "OPTIONS", &options), 0);
    expect_sent(at, "OPTIONS ");
    pipit_socket_disconnected(at->socket, true, 1006, "gone");
    advance_ms(at, 1);
    assert_string_equal(o.causes, "accepted+ Busy+ Connection Error ");
    assert_int_equal(pipit_session_get_status(at->session), PIPIT_SESSION_CONFIRMED);
    stage_free(at);
}

static void what_a_call_leaves_open_is_told_before_its_last_event(void **state)
{
    stage *at = stage_in_call();
    outcomes o = {{0}};
    const pipit_send_options options = {.done = on_outcome, .user = &o};
    const pipit_dtmf_options tone = {.info = true, .done = on_outcome, .user = &o};
    const pp_message *info;

    (void)state;
    assert_int_equal(pipit_session_send_request(at->session, "INFO", &options), 0);
    info = expect_sent(at, "INFO ");
    assert_int_equal(pipit_session_send_dtmf(at->session, "1", &tone), 0);
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    assert_string_equal(o.causes, "Terminated Terminated ");
    answer(at, info, "200 OK", NULL, NULL, NULL);
    advance_ms(at, 33000);
    assert_string_equal(o.causes, "Terminated Terminated "); /* once */
    stage_free(at);
}

static void a_request_may_go_to_a_phone_that_rings(void **state)
{
    stage *at = stage_calling();

    (void)state;
    assert_int_equal(pipit_session_send_request(at->session, "INFO", NULL), PIPIT_ERR_STATE);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    assert_int_equal(pipit_session_send_request(at->session, "INFO", NULL), 0);
    expect_sent(at, "INFO sip:bob@far.invalid;transport=ws SIP/2.0");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    pipit_session_terminate(at->session, NULL);
    assert_int_equal(pipit_session_send_request(at->session, "INFO", NULL), PIPIT_ERR_STATE);
    stage_free(at);
}

static void each_tone_tells_what_became_of_it(void **state)
{
    static const char *const lines[] = {"X-Tone: yes", NULL};
    stage *at = stage_in_call();
    outcomes o = {{0}};
    pipit_dtmf_options options = {
        .info = true, .extra_headers = lines, .done = on_outcome, .user = &o};

    (void)state;
    at->media->handlers->state(at->media->arg, PP_MEDIA_CONNECTED, "");
    assert_int_equal(pipit_session_send_dtmf(at->session, "1r3", &options), 0);
    wait_sent(at, "INFO ", 10);
    check_header(at->last, "X-Tone", "yes");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    wait_sent(at, "INFO ", 1000);
    assert_true(pp_str_eq_c(at->last->body, "Signal=R\r\nDuration=100"));
    answer(at, at->last, "603 Decline", NULL, NULL, NULL); /* the third is not sent any more */
    advance_ms(at, 2000);
    expect_silence(at);
    assert_string_equal(o.causes, "accepted+ Rejected+ ");
    options.info = false;
    assert_int_equal(pipit_session_send_dtmf(at->session, "5", &options), 0);
    assert_string_equal(o.causes, "accepted+ Rejected+ accepted ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_call_leaves_open_is_told_before_its_last_event),
        cmocka_unit_test(a_reoffer_is_answered),
        cmocka_unit_test(a_reoffer_without_description_gets_our_offer),
        cmocka_unit_test(a_reoffer_that_does_not_fit_keeps_the_call),
        cmocka_unit_test(a_second_reoffer_has_to_wait),
        cmocka_unit_test(a_reoffer_can_be_cancelled),
        cmocka_unit_test(an_offer_that_meets_ours_is_a_491),
        cmocka_unit_test(an_update_with_an_offer_is_answered),
        cmocka_unit_test(a_target_follows_the_far_end),
        cmocka_unit_test(a_bye_ends_the_call),
        cmocka_unit_test(a_call_is_hung_up_with_a_reason_when_asked),
        cmocka_unit_test(other_requests_inside_get_their_answers),
        cmocka_unit_test(a_call_survives_a_lost_connection),
        cmocka_unit_test(a_tone_comes_by_info),
        cmocka_unit_test(an_info_of_another_type_is_shown),
        cmocka_unit_test(an_info_is_sent),
        cmocka_unit_test(an_info_nobody_answers_ends_the_call),
        cmocka_unit_test(any_request_is_sent_inside),
        cmocka_unit_test(a_request_may_go_to_a_phone_that_rings),
        cmocka_unit_test(each_tone_tells_what_became_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
