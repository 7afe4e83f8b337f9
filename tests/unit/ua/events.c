/* events.c - what events carry: JsSIP's fields, each with what it should hold. */
#include "unit/ua/support/stage.h"

static char told[2048]; /* what the handlers of this file saw */

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
    size_t n = strlen(told);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(told + n, sizeof(told) - n, format, arguments);
    va_end(arguments);
}

static void check_told(const char *expected)
{
    assert_string_equal(told, expected);
    told[0] = '\0';
}

static const char *who(pipit_originator originator)
{
    return originator == PIPIT_LOCAL ? "local" : originator == PIPIT_REMOTE ? "remote" : "system";
}

/* "INVITE" of a request, "486" of a response. */
static const char *what(const pipit_request *message)
{
    static char text[32];

    if (!message)
        return "none";
    snprintf(text, sizeof(text), "%d", pipit_request_status_code(message));
    return pipit_request_status_code(message) ? text : pipit_request_method(message);
}

/* --- the connection --------------------------------------------------------------------------- */

static void on_connecting(pipit_ua *ua, const pipit_connecting_event *e, void *user)
{
    assert_ptr_equal(e->socket, pipit_ua_socket(ua));
    assert_ptr_equal(e->socket, ((stage *)user)->socket);
    tell("connecting:%u ", e->attempts);
}

static void on_connected(pipit_ua *ua, const pipit_connected_event *e, void *user)
{
    assert_ptr_equal(e->socket, pipit_ua_socket(ua));
    assert_ptr_equal(e->socket, ((stage *)user)->socket);
    tell("connected ");
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *e, void *user)
{
    (void)ua;
    assert_ptr_equal(e->socket, ((stage *)user)->socket);
    tell("disconnected:%s:%d:%s:%s ", e->error ? "error" : "order", e->code, e->reason,
         e->recovering ? "recovering" : "over");
}

static const pipit_ua_handlers of_connection = {
    .connecting = on_connecting, .connected = on_connected, .disconnected = on_disconnected};

static stage *connecting(void)
{
    stage *at = stage_new(NULL);

    told[0] = '\0';
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_connection, at), 0);
    assert_int_equal(pipit_ua_start(at->ua), 0);
    return at;
}

static void a_connection_is_told_with_its_socket_and_attempt(void **state)
{
    stage *at = connecting();

    (void)state;
    pp_loop_unpost(at->loop, &at->connecting);
    pipit_socket_disconnected(at->socket, true, 0, "refused");
    advance_ms(at, 60000);
    check_told("connecting:0 disconnected:error:0:refused:recovering connecting:1 connected ");
    stage_free(at);
}

static void a_loss_is_told_with_code_and_reason(void **state)
{
    stage *at = connecting();

    (void)state;
    advance_ms(at, 1);
    check_told("connecting:0 connected ");
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "x", NULL, NULL), 0);
    expect_sent(at, "MESSAGE "); /* the socket's `send` had it whole */
    answer(at, at->last, "200 OK", "far", NULL, NULL);
    pipit_socket_disconnected(at->socket, true, 1006, "no pong");
    advance_ms(at, 1);
    check_told("disconnected:error:1006:no pong:recovering ");
    advance_ms(at, 60000);
    told[0] = '\0';
    pipit_socket_disconnected(at->socket, false, 1001, "going away");
    advance_ms(at, 1);
    check_told("disconnected:order:1001:going away:recovering ");
    advance_ms(at, 60000);
    told[0] = '\0';
    pipit_ua_stop(at->ua);
    advance_ms(at, 1);
    check_told("disconnected:order:0::over ");
    stage_free(at);
}

/* --- registration ----------------------------------------------------------------------------- */

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    (void)ua;
    (void)user;
    tell("registered:%s ", what(e->response));
}

static void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)ua;
    (void)user;
    tell("unregistered:%s:%s ", what(e->response), pipit_cause_name(e->cause));
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)ua;
    (void)user;
    tell("registration_failed:%s:%s ", what(e->response), pipit_cause_name(e->cause));
}

static const pipit_ua_handlers of_registration = {.registered = on_registered,
                                                  .unregistered = on_unregistered,
                                                  .registration_failed = on_registration_failed};

static void grant(stage *at)
{
    char lines[512];

    expect_sent(at, "REGISTER ");
    snprintf(lines, sizeof(lines), "Contact: %.*s\r\n",
             PP_STR(pp_message_header(at->last, PP_HEADER_CONTACT, 0)));
    answer(at, at->last, "200 OK", "r", lines, NULL);
}

static void a_registration_is_told_with_what_the_registrar_said(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_registration, at), 0);
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "403 Forbidden", "r", NULL, NULL);
    check_told("registration_failed:403:Rejected ");
    assert_int_equal(pipit_ua_register(at->ua), 0);
    expect_sent(at, "REGISTER ");
    advance_ms(at, 33000);
    check_told("registration_failed:none:Request Timeout ");
    assert_int_equal(pipit_ua_register(at->ua), 0);
    grant(at);
    check_told("registered:200 ");
    assert_int_equal(pipit_ua_unregister(at->ua, false), 0);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "200 OK", "r", NULL, NULL);
    check_told("unregistered:200: ");
    assert_int_equal(pipit_ua_register(at->ua), 0);
    grant(at);
    pipit_socket_disconnected(at->socket, true, 1006, "gone"); /* JsSIP says nothing of why */
    advance_ms(at, 1);
    check_told("registered:200 unregistered:none:Connection Error ");
    stage_free(at);
}

/* --- calls and messages ----------------------------------------------------------------------- */

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *user)
{
    (void)ua;
    (void)user;
    assert_int_equal(pipit_session_direction(e->session), e->originator);
    assert_string_equal(pipit_session_call_id(e->session), pipit_request_call_id(e->request));
    tell("new_rtc_session:%s:%s ", who(e->originator), what(e->request));
}

static void on_new_message(pipit_ua *ua, const pipit_new_message_event *e, void *user)
{
    (void)ua;
    (void)user;
    assert_int_equal(pipit_message_direction(e->message), e->originator);
    assert_string_equal(pipit_request_call_id(pipit_message_request(e->message)),
                        pipit_request_call_id(e->request));
    tell("new_message:%s:%s:%s ", who(e->originator), what(e->request),
         pipit_message_body(e->message, NULL));
}

static const pipit_ua_handlers of_calls = {.new_rtc_session = on_new_rtc_session,
                                           .new_message = on_new_message};

static void a_call_is_told_with_who_began_it(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_calls, at), 0);
    call_out(at);
    check_told("new_rtc_session:local:INVITE ");
    call_in(at, NULL, OFFER);
    check_told("new_rtc_session:remote:INVITE ");
    stage_free(at);
}

static void a_message_is_told_with_who_sent_it(void **state)
{
    stage *at = stage_connected();

    (void)state;
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_calls, at), 0);
    assert_int_equal(pipit_ua_send_message(at->ua, "bob", "out", NULL, NULL), 0);
    check_told("new_message:local:MESSAGE:out ");
    come(at, &(coming){.method = "MESSAGE",
                       .lines = "Content-Type: text/plain\r\n",
                       .body = "in",
                       .typed = true});
    check_told("new_message:remote:MESSAGE:in ");
    stage_free(at);
}

static void on_succeeded(pipit_message *message, const pipit_message_event *e, void *user)
{
    (void)message;
    (void)user;
    tell("succeeded:%s:%s ", who(e->originator), what(e->response));
}

static void on_failed(pipit_message *message, const pipit_message_event *e, void *user)
{
    (void)message;
    (void)user;
    tell("failed:%s:%s:%s ", who(e->originator), what(e->response), pipit_cause_name(e->cause));
}

static void an_answer_to_a_message_is_told_with_the_response(void **state)
{
    static const pipit_message_handlers handlers = {on_succeeded, on_failed};
    static const char *const lines[] = {"X-Own: yes", NULL};
    const pipit_message_options options = {.content_type = "text/html",
                                           .handlers = &handlers,
                                           .extra_headers = lines,
                                           .from_user_name = "ann",
                                           .from_display_name = "Ann"};
    stage *at = stage_connected();

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pipit_ua_send_message(at->ua, "bob", "<p>", &options, NULL), 0);
    expect_sent(at, "MESSAGE ");
    check_header(at->last, "Content-Type", "text/html");
    check_header(at->last, "X-Own", "yes");
    assert_true(header_holds(at->last, "From", "\"Ann\" <sip:ann@example.com>"));
    answer(at, at->last, "202 Accepted", "far", NULL, NULL);
    expect_sent(at, "MESSAGE ");
    answer(at, at->last, "486 Busy Here", "far", NULL, NULL);
    check_told("succeeded:remote:202 failed:remote:486:Busy ");
    advance_ms(at, 33000);
    check_told("failed:system:none:Request Timeout ");
    stage_free(at);
}

/* --- a call's own ----------------------------------------------------------------------------- */

static void on_progress(pipit_session *session, const pipit_progress_event *e, void *user)
{
    (void)session;
    (void)user;
    tell("progress:%s:%s ", who(e->originator), what(e->response));
}

static void on_accepted(pipit_session *session, const pipit_progress_event *e, void *user)
{
    (void)session;
    (void)user;
    tell("accepted:%s:%s ", who(e->originator), what(e->response));
}

static void on_end(pipit_session *session, const pipit_end_event *e, void *user)
{
    (void)session;
    (void)user;
    tell("over:%s:%s:%s ", who(e->originator), what(e->message), pipit_cause_name(e->cause));
}

static void on_dtmf(pipit_session *session, const pipit_dtmf_event *e, void *user)
{
    (void)session;
    (void)user;
    tell("dtmf:%s:%c:%u:%s ", who(e->originator), e->tone, e->duration_ms, what(e->request));
}

static void on_info(pipit_session *session, const pipit_info_event *e, void *user)
{
    (void)session;
    (void)user;
    tell("info:%s:%s:%s:%s ", who(e->originator), e->content_type, e->body, what(e->request));
}

static void on_refer(pipit_session *session, const pipit_refer_event *e, void *user)
{
    (void)session;
    (void)user;
    tell("refer:%s:%s ", what(e->request), pipit_refer_target(e->refer));
}

static const pipit_session_handlers of_call = {.progress = on_progress,
                                               .accepted = on_accepted,
                                               .ended = on_end,
                                               .failed = on_end,
                                               .new_dtmf = on_dtmf,
                                               .new_info = on_info,
                                               .refer = on_refer};

static void listen_to(stage *at)
{
    told[0] = '\0';
    assert_int_equal(pipit_session_add_handlers(at->session, &of_call, at), 0);
}

static void an_answer_is_told_with_the_response(void **state)
{
    stage *at = stage_calling();

    (void)state;
    listen_to(at);
    answer(at, at->invite, "180 Ringing", "far", CONTACT, NULL);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    check_told("progress:remote:180 accepted:remote:200 ");
    stage_free(at);
    at = stage_connected();
    call_in(at, NULL, OFFER);
    listen_to(at);
    assert_int_equal(pipit_session_answer(at->session, NULL), 0);
    advance_ms(at, 1);
    check_told("accepted:local:none ");
    stage_free(at);
}

static void an_end_is_told_with_the_message(void **state)
{
    stage *at = stage_calling();

    (void)state;
    listen_to(at);
    answer(at, at->invite, "486 Busy Here", "far", NULL, NULL);
    check_told("over:remote:486:Busy ");
    stage_free(at);
    at = stage_in_call();
    listen_to(at);
    bye_in(at, "far");
    check_told("over:remote:BYE:Terminated ");
    stage_free(at);
    at = stage_in_call();
    listen_to(at);
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    check_told("over:local:none:Terminated ");
    stage_free(at);
}

static void a_tone_and_an_info_are_told_with_the_request(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    listen_to(at);
    come_in_ours(at, (coming){.method = "INFO",
                              .cseq = 2,
                              .lines = "Content-Type: application/dtmf-relay\r\n",
                              .body = "Signal=5\r\nDuration=160",
                              .typed = true});
    check_told("dtmf:remote:5:160:INFO ");
    come_in_ours(at, (coming){.method = "INFO",
                              .cseq = 3,
                              .lines = "Content-Type: text/plain\r\n",
                              .body = "hello",
                              .typed = true});
    check_told("info:remote:text/plain:hello:INFO ");
    assert_int_equal(pipit_session_send_info(at->session, "text/plain", "well", NULL), 0);
    check_told("info:local:text/plain:well:none ");
    stage_free(at);
}

static void a_refer_is_told_with_its_request(void **state)
{
    stage *at = stage_in_call();

    (void)state;
    listen_to(at);
    come_in_ours(at, (coming){.method = "REFER",
                              .cseq = 2,
                              .lines = CONTACT
                              "Refer-To: <sip:carol@far.invalid?Replaces=a%3Bto-tag%3D1>\r\n"});
    check_told("refer:REFER:sip:carol@far.invalid ");
    stage_free(at);
}

/* --- a transfer of ours ----------------------------------------------------------------------- */

#define OF_REFER(name)                                                                             \
    static void on_refer_##name(pipit_refer_subscriber *refer,                                     \
                                const pipit_refer_progress_event *e, void *user)                   \
    {                                                                                              \
        (void)refer;                                                                               \
        (void)user;                                                                                \
        tell(#name ":%s:%d:%s:%s ", what(e->message), e->status_code, e->reason_phrase,            \
             pipit_cause_name(e->cause));                                                          \
    }
OF_REFER(request_succeeded)
OF_REFER(request_failed)
OF_REFER(trying)
OF_REFER(progress)
OF_REFER(accepted)
OF_REFER(failed)

static void tell_of_transfer(stage *at, unsigned cseq, const char *status)
{
    char body[64];

    snprintf(body, sizeof(body), "SIP/2.0 %s\r\n", status);
    come_in_ours(at, (coming){.method = "NOTIFY",
                              .cseq = cseq,
                              .lines = CONTACT "Event: refer\r\nSubscription-State: active\r\n"
                                               "Content-Type: message/sipfrag\r\n",
                              .body = body,
                              .typed = true});
    expect_sent(at, "SIP/2.0 200 OK");
}

static void a_transfer_is_told_with_each_message(void **state)
{
    static const pipit_refer_handlers handlers = {.request_succeeded = on_refer_request_succeeded,
                                                  .request_failed = on_refer_request_failed,
                                                  .trying = on_refer_trying,
                                                  .progress = on_refer_progress,
                                                  .accepted = on_refer_accepted,
                                                  .failed = on_refer_failed};
    const pipit_refer_options options = {.handlers = &handlers};
    stage *at = stage_in_call();

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(pipit_session_refer(at->session, "carol", &options, NULL), 0);
        expect_sent(at, "REFER ");
        if (i == 2)
            continue;
        answer(at, at->last, "202 Accepted", NULL, CONTACT, NULL);
        tell_of_transfer(at, 4 * i + 2, "100 Trying");
        tell_of_transfer(at, 4 * i + 3, "180 Ringing");
        tell_of_transfer(at, 4 * i + 4, i ? "486 Busy Here" : "200 OK");
        check_told(i ? "request_succeeded:202:202:Accepted: trying:NOTIFY:100:Trying: "
                       "progress:NOTIFY:180:Ringing: failed:NOTIFY:486:Busy Here:Busy "
                     : "request_succeeded:202:202:Accepted: trying:NOTIFY:100:Trying: "
                       "progress:NOTIFY:180:Ringing: accepted:NOTIFY:200:OK: ");
    }
    answer(at, at->last, "603 Decline", NULL, NULL, NULL);
    check_told("request_failed:603:603:Decline:Rejected ");
    stage_free(at);
}

/* --- subscriptions ---------------------------------------------------------------------------- */

static void on_notify(pipit_subscriber *subscriber, const pipit_notify_event *e, void *user)
{
    (void)subscriber;
    (void)user;
    tell("notify:%s:%s:%s:%zu:%s ", e->is_final ? "final" : "more", what(e->request), e->body,
         e->size, e->content_type);
}

static void on_subscription_over(pipit_subscriber *subscriber,
                                 const pipit_subscription_end_event *e, void *user)
{
    (void)subscriber;
    (void)user;
    assert_true(e->has_retry_after);
    tell("terminated:%d:%s:%u:%s ", (int)e->code, e->reason, e->retry_after, what(e->message));
}

static void a_subscription_is_told_with_all_it_has(void **state)
{
    static const pipit_subscriber_handlers handlers = {.notify = on_notify,
                                                       .terminated = on_subscription_over};
    const pipit_subscriber_options options = {.handlers = &handlers};
    stage *at = stage_connected();
    pipit_subscriber *subscriber = NULL;
    char tag[64], call_id[128];

    (void)state;
    told[0] = '\0';
    assert_int_equal(
        pipit_ua_subscribe(at->ua, "bob", "presence", "text/plain", &options, &subscriber), 0);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE ");
    snprintf(tag, sizeof(tag), "%.*s", PP_STR(at->last->from_tag));
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->last->call_id));
    answer(at, at->last, "200 OK", "far", CONTACT "Expires: 600\r\n", NULL);
    come(at, &(coming){.method = "NOTIFY",
                       .call_id = call_id,
                       .to_tag = tag,
                       .lines = CONTACT "Event: presence\r\nContent-Type: text/plain\r\n"
                                        "Subscription-State: terminated;reason=giveup;"
                                        "retry-after=40\r\n",
                       .body = "closed",
                       .typed = true});
    check_told("notify:final:NOTIFY:closed:6:text/plain terminated:6:giveup:40:NOTIFY ");
    pipit_subscriber_unref(subscriber);
    stage_free(at);
}

static void on_subscribe(pipit_notifier *notifier, const pipit_subscribe_event *e, void *user)
{
    (void)notifier;
    (void)user;
    tell("subscribe:%s:%s:%s:%zu:%s ", e->is_unsubscribe ? "end" : "go on", what(e->request),
         e->body, e->size, e->content_type ? e->content_type : "none");
}

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    static const pipit_notifier_handlers handlers = {.subscribe = on_subscribe};
    const pipit_notifier_options options = {.handlers = &handlers};
    pipit_notifier *notifier = NULL;

    (void)user;
    tell("new_subscribe:%s:%s:%s ", e->event, e->id, what(e->request));
    assert_int_equal(pipit_ua_notify(ua, e->request, "text/plain", &options, &notifier), 0);
    assert_int_equal(pipit_notifier_start(notifier), 0);
    pipit_notifier_unref(notifier);
}

static void a_subscribe_is_told_with_all_it_has(void **state)
{
    static const pipit_ua_handlers of_subscriptions = {.new_subscribe = on_new_subscribe};
    stage *at = stage_connected();

    (void)state;
    told[0] = '\0';
    assert_int_equal(pipit_ua_add_handlers(at->ua, &of_subscriptions, at), 0);
    come(at, &(coming){.method = "SUBSCRIBE",
                       .lines = CONTACT "Event: presence;id=7\r\nExpires: 600\r\n"
                                        "Content-Type: text/filter\r\n",
                       .body = "all",
                       .typed = true});
    check_told("new_subscribe:presence:7:SUBSCRIBE subscribe:go on:SUBSCRIBE:all:3:text/filter ");
    expect_sent(at, "SIP/2.0 200 OK");
    come(at, &(coming){.method = "SUBSCRIBE",
                       .to_tag = to_tag(at),
                       .cseq = 2,
                       .lines = CONTACT "Event: presence;id=7\r\nExpires: 0\r\n"});
    check_told("subscribe:end:SUBSCRIBE::0:none ");
    stage_free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_told_with_its_socket_and_attempt),
        cmocka_unit_test(a_loss_is_told_with_code_and_reason),
        cmocka_unit_test(a_registration_is_told_with_what_the_registrar_said),
        cmocka_unit_test(a_call_is_told_with_who_began_it),
        cmocka_unit_test(a_message_is_told_with_who_sent_it),
        cmocka_unit_test(an_answer_to_a_message_is_told_with_the_response),
        cmocka_unit_test(an_answer_is_told_with_the_response),
        cmocka_unit_test(an_end_is_told_with_the_message),
        cmocka_unit_test(a_tone_and_an_info_are_told_with_the_request),
        cmocka_unit_test(a_refer_is_told_with_its_request),
        cmocka_unit_test(a_transfer_is_told_with_each_message),
        cmocka_unit_test(a_subscription_is_told_with_all_it_has),
        cmocka_unit_test(a_subscribe_is_told_with_all_it_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
