/* particulars.c - options, bounds and getters of JsSIP's that no other test is about, and some of its faults that are none here. */
#include "unit/ua/support/stage.h"

static const char *const own_lines[] = {"X-Own: yes", NULL};

static void release_events(stage *at)
{
    pp_buf_clear(&at->log);
}

/* --- calls ------------------------------------------------------------------------------------ */

static void check_place(const stage *at, bool in_progress, bool established, bool ended)
{
    assert_int_equal(pipit_session_is_in_progress(at->session), in_progress);
    assert_int_equal(pipit_session_is_established(at->session), established);
    assert_int_equal(pipit_session_is_ended(at->session), ended);
}

static void a_call_says_where_it_is(void **state)
{
    stage *at = stage_calling();

    (void)state;
    check_place(at, true, false, false);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    check_place(at, true, false, false);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    check_place(at, false, true, false);
    pipit_session_terminate(at->session, NULL);
    check_place(at, false, false, true);
    stage_free(at);
    at = stage_ringing();
    check_place(at, true, false, false);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    check_place(at, false, true, false); /* at once, as with JsSIP */
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_place(at, false, true, false);
    stage_free(at);
}

static void every_call_is_ended_at_once(void **state)
{
    stage *at = stage_connected();

    (void)state;
    call_out(at);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    call_in(at, NULL, OFFER);
    release_events(at);
    pipit_ua_terminate_sessions(at->ua, &(pipit_terminate_options){.status_code = 603});
    check_events(at, "failed:local:Rejected failed:local:Canceled ");
    expect_sent(at, "SIP/2.0 603 Decline");
    expect_sent(at, "CANCEL ");
    assert_true(header_holds(at->last, "Reason", "cause=603"));
    stage_free(at);
}

static void a_call_rings_as_long_as_configured(void **state)
{
    stage *at = stage_new(&(pipit_ua_configuration){
        .uri = "sip:alice@example.com", .no_register = true, .no_answer_timeout = 5});

    (void)state;
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    call_in(at, NULL, OFFER);
    advance_ms(at, 4900);
    expect_silence(at);
    release_events(at);
    advance_ms(at, 200);
    expect_sent(at, "SIP/2.0 408 ");
    check_events(at, "failed:local:No Answer ");
    stage_free(at);
}

static void an_answer_has_headers_of_its_own(void **state)
{
    stage *at = stage_ringing();

    (void)state;
    assert_int_equal(
        pipit_session_answer(at->session, &(pipit_answer_options){.extra_headers = own_lines}), 0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "X-Own", "yes");
    stage_free(at);
}

static void note_mute(stage *at, const char *name, const pipit_mute_event *e)
{
    pp_buf_format(&at->log, "%s:%s%s ", name, e->audio ? "audio" : "", e->video ? "video" : "");
}

static void on_muted(pipit_session *session, const pipit_mute_event *e, void *user)
{
    (void)session;
    note_mute(user, "muted", e);
}

static void on_unmuted(pipit_session *session, const pipit_mute_event *e, void *user)
{
    (void)session;
    note_mute(user, "unmuted", e);
}

static void sound_and_picture_are_muted_apart(void **state)
{
    static const pipit_session_handlers of_mute = {.muted = on_muted, .unmuted = on_unmuted};
    static const pipit_media_constraints picture = {.video = true};
    stage *at = stage_in_call();

    (void)state;
    pipit_session_set_handlers(at->session, &of_mute, at);
    assert_int_equal(pipit_session_mute(at->session, NULL), 0); /* the sound, as with JsSIP */
    assert_true(pipit_session_is_muted(at->session).audio);
    assert_false(pipit_session_is_muted(at->session).video);
    assert_true(at->media->muted);
    assert_int_equal(pipit_session_unmute(at->session, &picture), 0); /* it is not muted */
    assert_int_equal(pipit_session_mute(at->session, &picture), 0);
    assert_true(pipit_session_is_muted(at->session).video);
    assert_int_equal(pipit_session_unmute(at->session, NULL), 0); /* both */
    assert_false(pipit_session_is_muted(at->session).audio);
    assert_false(at->media->muted);
    check_events(at, "muted:audio muted:video unmuted:audiovideo ");
    stage_free(at);
}

static void an_answer_asks_for_a_timer_of_its_own(void **state)
{
    stage *at;

    (void)state;
    session_timers_on_stage = true;
    at = stage_connected();
    call_in(at, "Supported: timer\r\n", OFFER);
    assert_int_equal(
        pipit_session_answer(at->session, &(pipit_answer_options){.session_timers_expires = 200}),
        0);
    advance_ms(at, 1);
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Session-Expires", "200;refresher=uas");
    session_timers_on_stage = false;
    stage_free(at);
}

static void on_done(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    (void)session;
    pp_buf_format(&((stage *)user)->log, "done:%s ", pipit_cause_name(outcome->cause));
}

static void a_renegotiation_tells_what_became_of_it(void **state)
{
    stage *at = stage_in_call();
    const pipit_reoffer_options options = {.done = on_done, .user = at};

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipit_session_renegotiate(at->session, &options), 0);
        advance_ms(at, 1);
        expect_sent(at, "INVITE ");
        answer(at, at->last, i ? "488 Not Acceptable Here" : "200 OK", NULL, CONTACT,
               i ? NULL : ANSWER);
        expect_sent(at, "ACK ");
    }
    check_events(at, "reoffered:local done: done:Incompatible SDP ");
    stage_free(at);
}

static void an_ack_of_a_2xx_has_the_credentials_of_its_invite(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "401 Unauthorized", "far",
           "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\"\r\n", NULL);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE ");
    assert_true(header_holds(at->last, "Authorization", "realm=\"x\""));
    answer(at, at->last, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK sip:bob@far.invalid;transport=ws SIP/2.0");
    assert_true(header_holds(at->last, "Authorization", "realm=\"x\"")); /* section 22.1 */
    stage_free(at);
}

static void hold_it(stage *at, const char *name)
{
    if (strcmp(name, "accepted") == 0)
        assert_int_equal(pipit_session_hold(at->session, NULL), 0);
}

static void a_call_can_be_held_where_it_is_accepted(void **state)
{
    stage *at = stage_calling();

    (void)state;
    at->on_event = hold_it;
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    advance_ms(at, 1);
    expect_sent(at, "ACK ");
    expect_sent(at, "INVITE ");
    answer(at, at->last, "200 OK", NULL, CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_true(pipit_session_is_on_hold(at->session).local);
    check_events(at, "accepted:remote hold:local confirmed:local reoffered:local ");
    stage_free(at);
}

static void an_offer_is_not_made_again_when_the_call_is_over(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    answer(at, at->last, "491 Request Pending", NULL, NULL, NULL);
    expect_sent(at, "ACK ");
    bye_in(at, "far");
    expect_sent(at, "SIP/2.0 200 OK");
    advance_ms(at, 10000);
    expect_silence(at);
    stage_free(at);
}

static void a_replaces_nobody_listens_for_is_a_call_like_any_other(void **state)
{
    static const pipit_session_handlers deaf = {.ended = NULL};
    stage *at = stage_answered();
    char lines[256];

    (void)state;
    pipit_session_set_handlers(at->session, &deaf, NULL);
    snprintf(lines, sizeof(lines), CONTACT "Replaces: call-1;to-tag=%s;from-tag=far\r\n",
             to_tag(at));
    come(at, &(coming){.method = "INVITE",
                       .call_id = "call-2",
                       .from_tag = "carol",
                       .lines = lines,
                       .body = OFFER});
    expect_sent(at, "SIP/2.0 180 Ringing");
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    expect_sent(at, "SIP/2.0 480 ");
    stage_free(at);
}

/* --- INFO and tones --------------------------------------------------------------------------- */

static void an_info_is_refused_before_the_answer(void **state)
{
    stage *at = stage_calling();

    (void)state;
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    assert_int_equal(pipit_session_send_info(at->session, "text/plain", "x", NULL),
                     PIPIT_ERR_STATE);
    expect_silence(at);
    stage_free(at);
}

/* The INFO that is due, and the time from now to the next. */
static void check_tone(stage *at, const char *body, unsigned ms)
{
    expect_sent(at, "INFO ");
    assert_true(pp_str_eq_c(at->last->body, body));
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    if (!ms)
        return;
    advance_ms(at, ms - 2);
    expect_silence(at);
    advance_ms(at, 4);
}

static void a_tone_has_jssips_bounds(void **state)
{
    stage *at = stage_in_call();
    pipit_dtmf_options options = {.info = true};

    (void)state;
    assert_int_equal(pipit_session_send_dtmf(at->session, "12", &options), 0);
    advance_ms(at, 1);
    check_tone(at, "Signal=1\r\nDuration=100", 100 + 500);
    check_tone(at, "Signal=2\r\nDuration=100", 0);
    advance_ms(at, 1000);
    options.duration_ms = 1;
    options.inter_tone_gap_ms = 1;
    assert_int_equal(pipit_session_send_dtmf(at->session, "34", &options), 0);
    assert_int_equal(options.duration_ms, 1);
    advance_ms(at, 1);
    check_tone(at, "Signal=3\r\nDuration=70", 70 + 50);
    check_tone(at, "Signal=4\r\nDuration=70", 0);
    advance_ms(at, 1000);
    options.duration_ms = 9000;
    assert_int_equal(pipit_session_send_dtmf(at->session, "5", &options), 0);
    advance_ms(at, 1);
    check_tone(at, "Signal=5\r\nDuration=6000", 0);
    stage_free(at);
}

/* --- messages and queries --------------------------------------------------------------------- */

static void check_reply(stage *at, const char *start, const char *type, const char *body)
{
    expect_sent(at, start);
    check_header(at->last, "X-Own", "yes");
    check_header(at->last, "Content-Type", type);
    assert_int_equal(pp_message_count(at->last, PP_HEADER_CONTENT_TYPE), 1);
    assert_true(pp_str_eq_c(at->last->body, body));
}

static void an_answer_to_a_message_has_headers_and_a_body(void **state)
{
    const pipit_reply_options yes = {
        .extra_headers = own_lines, .content_type = "text/html", .body = "<p>"};
    const pipit_reply_options no = {.status_code = 486,
                                    .reason_phrase = "Not Now",
                                    .extra_headers = own_lines,
                                    .body = "later"};
    stage *at = stage_connected();

    (void)state;
    at->keep_message = true;
    come(at, &(coming){.method = "MESSAGE"});
    assert_int_equal(pipit_message_accept(at->message, &yes), 0);
    check_reply(at, "SIP/2.0 200 OK", "text/html", "<p>");
    at->message = pipit_message_unref(at->message);
    come(at, &(coming){.method = "MESSAGE", .call_id = "2"});
    assert_int_equal(pipit_message_reject(at->message, &no), 0);
    check_reply(at, "SIP/2.0 486 Not Now", "text/plain", "later");
    stage_free(at);
}

static void on_new_options(pipit_ua *ua, const pipit_new_options_event *e, void *user)
{
    const pipit_reply_options yes = {
        .extra_headers = own_lines, .content_type = "text/html", .body = "<p>"};
    const pipit_reply_options no = {.status_code = 486,
                                    .reason_phrase = "Not Now",
                                    .extra_headers = own_lines,
                                    .body = "later"};

    (void)ua;
    if (*(bool *)user)
        assert_int_equal(pipit_options_reject(e->options, &no), 0);
    else
        assert_int_equal(pipit_options_accept(e->options, &yes), 0);
}

static void an_answer_to_a_query_has_headers_and_a_body(void **state)
{
    static const pipit_ua_handlers of_queries = {.new_options = on_new_options};
    stage *at = stage_connected();
    bool refuses = false;

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_queries, &refuses), 0);
    come(at, &(coming){.method = "OPTIONS"});
    check_reply(at, "SIP/2.0 200 OK", "text/html", "<p>");
    refuses = true;
    come(at, &(coming){.method = "OPTIONS", .call_id = "2"});
    check_reply(at, "SIP/2.0 486 Not Now", "text/plain", "later");
    stage_free(at);
}

static void on_failed(pipit_message *message, const pipit_message_event *e, void *user)
{
    (void)message;
    pp_buf_format(&((stage *)user)->log, "message:%s ", pipit_cause_name(e->cause));
}

static void on_query_failed(pipit_options *options, const pipit_options_event *e, void *user)
{
    (void)options;
    pp_buf_format(&((stage *)user)->log, "query:%s ", pipit_cause_name(e->cause));
}

static void a_stop_ends_what_has_no_answer_yet(void **state)
{
    static const pipit_message_handlers of_message = {.failed = on_failed};
    static const pipit_options_handlers of_query = {.failed = on_query_failed};
    stage *at = stage_connected();
    const pipit_message_options message = {.handlers = &of_message, .user = at};
    const pipit_options_options query = {.handlers = &of_query, .user = at};

    (void)state;
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", &message, NULL), 0);
    assert_int_equal(pipit_ua_send_options(at->ua, "bob", NULL, &query, NULL), 0);
    release_events(at);
    pipit_ua_stop(at->ua);
    advance_ms(at, 2001);
    check_events(at, "message:Connection Error query:Connection Error disconnected stopped ");
    stage_free(at);
}

static void a_request_has_jssips_constants(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "Max-Forwards", "69");
    check_header(at->last, "User-Agent", "Pipit " PIPIT_VERSION);
    stage_free(at);
}

/* --- subscriptions to us ---------------------------------------------------------------------- */

static pipit_notifier *notifier;

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    static const pipit_notifier_options options = {.allow_events = "presence, dialog",
                                                   .extra_headers = own_lines};

    (void)user;
    assert_int_equal(pipit_ua_notify(ua, e->request, "text/plain", &options, &notifier), 0);
    assert_int_equal(pipit_notifier_start(notifier), 0);
}

static stage *subscribed(void)
{
    static const pipit_ua_handlers of_subscriptions = {.new_subscribe = on_new_subscribe};
    stage *at = stage_connected();

    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_subscriptions, NULL), 0);
    come(at, &(coming){.method = "SUBSCRIBE", .lines = CONTACT "Event: presence\r\n"});
    expect_sent(at, "SIP/2.0 200 OK");
    return at;
}

static void a_subscription_to_us_lasts_fifteen_minutes_unless_told(void **state)
{
    stage *at = subscribed();

    (void)state;
    check_header(at->last, "Expires", "900"); /* default_expires is not set */
    assert_int_equal(pipit_notifier_expires(notifier), 900);
    notifier = pipit_notifier_unref(notifier);
    stage_free(at);
}

static void a_subscription_to_us_has_headers_of_its_own(void **state)
{
    stage *at = subscribed();

    (void)state;
    expect_sent(at, "NOTIFY ");
    check_header(at->last, "X-Own", "yes");
    check_header(at->last, "Allow-Events", "presence, dialog");
    notifier = pipit_notifier_unref(notifier);
    stage_free(at);
}

static void what_is_the_applications_stays_with_the_object(void **state)
{
    stage *at = subscribed();
    int mine = 0;

    (void)state;
    assert_null(pipit_notifier_data(notifier));
    pipit_notifier_set_data(notifier, &mine);
    at->ua = pipit_ua_unref(at->ua);
    assert_ptr_equal(pipit_notifier_data(notifier), &mine);
    notifier = pipit_notifier_unref(notifier);
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_says_where_it_is),
        cmocka_unit_test(every_call_is_ended_at_once),
        cmocka_unit_test(a_call_rings_as_long_as_configured),
        cmocka_unit_test(an_answer_has_headers_of_its_own),
        cmocka_unit_test(sound_and_picture_are_muted_apart),
        cmocka_unit_test(an_answer_asks_for_a_timer_of_its_own),
        cmocka_unit_test(a_renegotiation_tells_what_became_of_it),
        cmocka_unit_test(an_ack_of_a_2xx_has_the_credentials_of_its_invite),
        cmocka_unit_test(a_call_can_be_held_where_it_is_accepted),
        cmocka_unit_test(an_offer_is_not_made_again_when_the_call_is_over),
        cmocka_unit_test(a_replaces_nobody_listens_for_is_a_call_like_any_other),
        cmocka_unit_test(an_info_is_refused_before_the_answer),
        cmocka_unit_test(a_tone_has_jssips_bounds),
        cmocka_unit_test(an_answer_to_a_message_has_headers_and_a_body),
        cmocka_unit_test(an_answer_to_a_query_has_headers_and_a_body),
        cmocka_unit_test(a_stop_ends_what_has_no_answer_yet),
        cmocka_unit_test(a_request_has_jssips_constants),
        cmocka_unit_test(a_subscription_to_us_lasts_fifteen_minutes_unless_told),
        cmocka_unit_test(a_subscription_to_us_has_headers_of_its_own),
        cmocka_unit_test(what_is_the_applications_stays_with_the_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
