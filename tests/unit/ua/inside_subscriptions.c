/* inside_subscriptions.c - subscriptions that share the dialog of a call (RFC 5057, RFC 6665 section 4.5.2), theirs and ours. */
#include "unit/ua/support/stage.h"

static pipit_notifier *notifier;
static pipit_subscriber *subscriber;
static pipit_request *kept;
static pipit_session *told; /* by the event; not a reference */
static bool takes, keeps;
static char call_id[128], our_tag[64];

static void note(stage *at, const char *name, const char *what)
{
    scarce_pause();
    pp_buf_format(&at->log, "%s%s ", name, what);
    scarce_resume();
}

static void on_subscribe(pipit_notifier *n, const pipit_subscribe_event *e, void *user)
{
    note(user, "", e->is_unsubscribe ? "unsubscribe" : "subscribe");
    if (!e->is_unsubscribe)
        pipit_notifier_notify(n, "news");
}

static void on_notifier_over(pipit_notifier *n, const pipit_notifier_end_event *e, void *user)
{
    (void)n;
    (void)e;
    note(user, "", "notifier:over");
}

static const pipit_notifier_handlers notifier_handlers = {.subscribe = on_subscribe,
                                                          .terminated = on_notifier_over};

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    const pipit_notifier_options options = {.handlers = &notifier_handlers, .user = user};

    told = e->session;
    note(user, "new_subscribe:", e->event);
    if (takes)
        notifier = pipit_notifier_unref(notifier);
    if (keeps)
        kept = pipit_request_ref(e->request);
    if (takes && pipit_ua_notify(ua, e->request, "text/plain", &options, &notifier) == 0 &&
        pipit_notifier_start(notifier) < 0)
        note(user, "", "not started");
}

static void on_notify(pipit_subscriber *s, const pipit_notify_event *e, void *user)
{
    (void)s;
    note(user, "notify:", e->body);
}

static void on_subscriber_over(pipit_subscriber *s, const pipit_subscription_end_event *e,
                               void *user)
{
    char code[16];

    (void)s;
    snprintf(code, sizeof(code), "%d", (int)e->code);
    note(user, "subscriber:over:", code);
}

static const pipit_subscriber_handlers subscriber_handlers = {.notify = on_notify,
                                                              .terminated = on_subscriber_over};

/* --- the stage -------------------------------------------------------------------------------- */

static stage *stage_with(const pipit_ua_handlers *handlers, const char *allow_events)
{
    stage *at = stage_new(&(pipit_ua_configuration){.uri = "sip:alice@example.com",
                                                    .no_register = true,
                                                    .allow_events = allow_events,
                                                    .handlers = handlers});

    takes = true;
    keeps = false;
    told = NULL;
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    return at;
}

/* In a call of ours to an application that hears of SUBSCRIBEs. */
static stage *in_call_with(const char *allow_events)
{
    static pipit_ua_handlers handlers;
    stage *at;

    handlers = ua_handlers;
    handlers.new_subscribe = on_new_subscribe;
    at = stage_with(&handlers, allow_events);
    call_out(at);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->invite->call_id));
    snprintf(our_tag, sizeof(our_tag), "%.*s", PP_STR(at->invite->from_tag));
    check_events(at, "connected new_rtc_session:local connecting sending accepted:remote "
                     "confirmed:local ");
    return at;
}

static stage *in_call(void)
{
    return in_call_with(NULL);
}

static void finish(stage *at)
{
    notifier = pipit_notifier_unref(notifier);
    subscriber = pipit_subscriber_unref(subscriber);
    kept = pipit_request_unref(kept);
    stage_free(at);
}

static void come_inside(stage *at, const char *method, const char *lines, const char *body)
{
    static unsigned cseq = 100;
    char both[512];

    snprintf(both, sizeof(both), "%s%s%s", CONTACT, lines ? lines : "",
             body ? "Content-Type: text/plain\r\n" : "");
    come(at, &(coming){.method = method,
                       .call_id = call_id,
                       .from_tag = "far",
                       .to_tag = our_tag,
                       .cseq = ++cseq,
                       .lines = both,
                       .body = body,
                       .typed = body != NULL});
}

static void check_dialog(stage *at)
{
    assert_true(pp_str_eq_c(at->last->call_id, call_id));
    assert_true(pp_str_eq_c(at->last->from_tag, our_tag));
    assert_true(pp_str_eq_c(at->last->to_tag, "far"));
}

static void expect_notify(stage *at, const char *event, const char *state)
{
    expect_sent(at, "NOTIFY sip:bob@far.invalid;transport=ws SIP/2.0");
    check_dialog(at);
    check_header(at->last, "Event", event);
    assert_true(header_holds(at->last, "Subscription-State", state));
    answer(at, at->last, "200 OK", NULL, CONTACT, NULL);
}

/* --- theirs ----------------------------------------------------------------------------------- */

static void a_subscription_to_us_shares_the_dialog_of_its_call(void **state)
{
    stage *at = in_call();

    (void)state;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\nExpires: 600\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Expires", "600");
    expect_notify(at, "conference", "active");
    assert_ptr_equal(told, at->session);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    come_inside(at, "SUBSCRIBE", "Event: conference\r\nExpires: 300\r\n", NULL); /* a refresh */
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "conference", "active;expires=300");
    come_inside(at, "SUBSCRIBE", "Event: conference;id=2\r\nExpires: 300\r\n", NULL); /* another */
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "conference;id=2", "active");
    check_events(at, "new_subscribe:conference subscribe subscribe new_subscribe:conference "
                     "subscribe ");
    come_inside(at, "INFO", "X: y\r\n", "hello"); /* the call goes on beside it */
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "info:remote:text/plain:hello ");
    come_inside(at, "SUBSCRIBE", "Event: conference;id=2\r\nExpires: 0\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "conference;id=2", "terminated;reason=timeout");
    check_events(at, "unsubscribe notifier:over ");
    come_inside(at, "BYE", NULL, NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    finish(at);
}

static void what_is_not_taken_in_a_call_is_a_489(void **state)
{
    stage *at = in_call();

    (void)state;
    takes = false;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    expect_sent(at, "SIP/2.0 489 Bad Event");
    check_header(at->last, "Allow-Events", "refer");
    check_events(at, "new_subscribe:conference ");
    come_inside(at, "SUBSCRIBE", NULL, NULL);
    expect_sent(at, "SIP/2.0 400 Missing Event");
    finish(at);
    at = in_call_with("presence");
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    expect_sent(at, "SIP/2.0 489 Bad Event");
    check_header(at->last, "Allow-Events", "presence");
    check_events(at, "");
    finish(at);
    at = stage_in_call(); /* where nobody hears of it */
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->invite->call_id));
    snprintf(our_tag, sizeof(our_tag), "%.*s", PP_STR(at->invite->from_tag));
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    expect_sent(at, "SIP/2.0 489 Bad Event");
    finish(at);
}

static void a_subscription_to_us_outlives_its_call(void **state)
{
    stage *at = in_call();

    (void)state;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\nExpires: 600\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "conference", "active");
    come_inside(at, "BYE", NULL, NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    at->session = pipit_session_unref(at->session);
    check_events(at, "new_subscribe:conference subscribe ended:remote:Terminated ");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 1);
    come_inside(at, "INVITE", NULL, NULL); /* there is no call any more */
    expect_sent(at, "SIP/2.0 481 ");
    come_inside(at, "SUBSCRIBE", "Event: presence\r\n", NULL);
    expect_sent(at, "SIP/2.0 481 ");
    assert_int_equal(pipit_notifier_notify(notifier, "more"), 0);
    expect_notify(at, "conference", "active");
    come_inside(at, "SUBSCRIBE", "Event: conference\r\nExpires: 600\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "conference", "active");
    assert_int_equal(pipit_notifier_terminate(notifier, NULL, "noresource", 0), 0);
    expect_notify(at, "conference", "terminated");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    check_events(at, "subscribe notifier:over ");
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    expect_sent(at, "SIP/2.0 481 ");
    finish(at);
}

static void a_refused_notify_ends_the_subscription_and_not_the_call(void **state)
{
    stage *at = in_call();

    (void)state;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    expect_sent(at, "NOTIFY ");
    answer(at, at->last, "481 Subscription Does Not Exist", NULL, NULL, NULL);
    check_events(at, "new_subscribe:conference subscribe notifier:over ");
    assert_false(pipit_session_is_ended(at->session));
    assert_int_equal(pipit_session_hold(at->session, NULL), 0);
    advance_ms(at, 1);
    expect_sent(at, "INVITE ");
    finish(at);
}

static void a_subscribe_that_waits_must_be_taken_before_its_call_ends(void **state)
{
    stage *at = in_call();

    (void)state;
    takes = false;
    keeps = true;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    expect_silence(at);
    assert_int_equal(pipit_ua_notify(at->ua, kept, "text/plain", NULL, &notifier), 0);
    come_inside(at, "BYE", NULL, NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(pipit_notifier_start(notifier), PIPIT_ERR_STATE);
    notifier = pipit_notifier_unref(notifier);
    expect_sent(at, "SIP/2.0 480 ");
    finish(at);
}

static void two_subscribes_alike_are_one_subscription(void **state)
{
    stage *at = in_call();
    pipit_request *first;
    pipit_notifier *second = NULL;

    (void)state;
    takes = false;
    keeps = true;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    first = kept;
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    assert_int_equal(pipit_ua_notify(at->ua, first, "text/plain", NULL, &notifier), 0);
    assert_int_equal(pipit_ua_notify(at->ua, kept, "text/plain", NULL, &second), 0);
    assert_int_equal(pipit_notifier_start(notifier), 0);
    assert_int_equal(pipit_notifier_start(second), PIPIT_ERR_STATE);
    pipit_notifier_unref(second);
    pipit_request_unref(first);
    finish(at);
}

/* --- ours ------------------------------------------------------------------------------------- */

static int subscribe_to(stage *at, const char *event, pipit_subscriber **out)
{
    const pipit_subscriber_options options = {
        .expires = 600, .handlers = &subscriber_handlers, .user = at, .resubscribe = true};
    int err = pipit_session_subscribe(at->session, event, "text/plain", &options, out);

    return err ? err : pipit_subscriber_subscribe(*out, NULL);
}

/* The SUBSCRIBE is in at->last. */
static stage *subscribing(void)
{
    stage *at = in_call();

    assert_int_equal(subscribe_to(at, "conference", &subscriber), 0);
    expect_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_dialog(at);
    check_header(at->last, "Event", "conference");
    check_header(at->last, "Expires", "600");
    return at;
}

static void a_subscription_of_ours_shares_the_dialog_of_its_call(void **state)
{
    stage *at = subscribing();
    pipit_subscriber *other = NULL;

    (void)state;
    answer(at, at->last, "200 OK", NULL, CONTACT "Expires: 600\r\n", NULL);
    assert_int_equal(pipit_subscriber_expires(subscriber), 600);
    come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: active\r\n", "one");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "notify:one ");
    assert_int_equal(subscribe_to(at, "conference", &other), PIPIT_ERR_STATE);
    other = pipit_subscriber_unref(other);
    assert_int_equal(subscribe_to(at, "conference;id=7", &other), 0);
    expect_sent(at, "SUBSCRIBE ");
    come_inside(at, "NOTIFY", "Event: conference;id=7\r\nSubscription-State: active\r\n", "two");
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(pipit_subscriber_get_state(other), PIPIT_SUBSCRIBER_ACTIVE);
    check_events(at, "notify:two ");
    pipit_subscriber_unref(other);
    come_inside(at, "NOTIFY", "Event: presence\r\nSubscription-State: active\r\n", "three");
    expect_sent(at, "SIP/2.0 489 "); /* nobody's */
    come_inside(at, "NOTIFY", "Event: refer;id=3\r\nSubscription-State: active\r\n", NULL);
    expect_sent(at, "SIP/2.0 481 ");
    check_events(at, "");
    wait_sent(at, "SUBSCRIBE ", 600000); /* a refresh */
    check_dialog(at);
    finish(at);
}

static void a_subscription_of_ours_outlives_its_call(void **state)
{
    stage *at = subscribing();

    (void)state;
    answer(at, at->last, "200 OK", NULL, CONTACT "Expires: 600\r\n", NULL);
    assert_int_equal(pipit_session_terminate(at->session, NULL), 0);
    expect_sent(at, "BYE ");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    check_events(at, "ended:local:Terminated ");
    come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: active\r\n", "late");
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE ");
    check_dialog(at);
    check_header(at->last, "Expires", "0");
    answer(at, at->last, "200 OK", NULL, CONTACT "Expires: 0\r\n", NULL);
    come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: terminated\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "notify:late subscriber:over:6 ");
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    finish(at);
}

static void a_refused_subscribe_is_no_end_of_the_call(void **state)
{
    static const char *const refusals[] = {"489 Bad Event", "481 Call/Transaction Does Not Exist",
                                           "408 Request Timeout", "500 Server Internal Error"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        stage *at = subscribing();

        answer(at, at->last, refusals[i], NULL, NULL, NULL);
        check_events(at, "subscriber:over:2 ");
        assert_false(pipit_session_is_ended(at->session));
        advance_ms(at, 40000);
        expect_silence(at);
        come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: active\r\n", NULL);
        expect_sent(at, "SIP/2.0 489 ");
        finish(at);
    }
}

static void a_subscribe_that_nobody_notifies_is_no_end_of_the_call(void **state)
{
    stage *at = subscribing();

    (void)state;
    answer(at, at->last, "200 OK", NULL, CONTACT, NULL);
    advance_ms(at, 33000);
    check_events(at, "subscriber:over:8 ");
    assert_false(pipit_session_is_ended(at->session));
    finish(at);
}

static void a_refresh_that_fails_may_be_tried_again(void **state)
{
    stage *at = subscribing();

    (void)state;
    answer(at, at->last, "200 OK", NULL, CONTACT "Expires: 600\r\n", NULL);
    come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: active\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    wait_sent(at, "SUBSCRIBE ", 600000);
    answer(at, at->last, "500 Server Internal Error", NULL, NULL, NULL);
    wait_sent(at, "SUBSCRIBE ", 6000);
    check_events(at, "");
    finish(at);
}

static void nothing_is_subscribed_to_where_there_is_no_call(void **state)
{
    stage *at = stage_calling();

    (void)state;
    assert_int_equal(
        pipit_session_subscribe(at->session, "conference", "text/plain", NULL, &subscriber),
        PIPIT_ERR_STATE);
    answer(at, at->invite, "200 OK", "far", CONTACT, ANSWER);
    expect_sent(at, "ACK ");
    assert_int_equal(pipit_session_subscribe(at->session, "refer", "x/y", NULL, &subscriber),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_session_subscribe(at->session, "a\r\nb: c", "x/y", NULL, &subscriber),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_session_subscribe(at->session, "a", "x/y\r\nb: c", NULL, &subscriber),
                     PIPIT_ERR_SYNTAX);
    assert_null(subscriber);
    assert_int_equal(pipit_session_subscribe(at->session, "a", "x/y", NULL, &subscriber), 0);
    bye_in(at, "far");
    expect_sent(at, "SIP/2.0 200 OK");
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), PIPIT_ERR_STATE);
    finish(at);
}

static void all_end_when_the_user_agent_stops(void **state)
{
    stage *at = subscribing();

    (void)state;
    answer(at, at->last, "200 OK", NULL, CONTACT "Expires: 600\r\n", NULL);
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL); /* the other way, and alike */
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "conference", "active");
    pipit_ua_stop(at->ua);
    advance_ms(at, 40000);
    assert_int_equal(pp_dialogs_count(at->ua->dialogs), 0);
    finish(at);
}

/* --- short memory ----------------------------------------------------------------------------- */

static void reply(stage *at, const char *lines)
{
    if (at->last && at->last->is_request)
        answer(at, at->last, "200 OK", "far", lines, at->last->method == PP_INVITE ? ANSWER : NULL);
    advance_ms(at, 1);
}

static void a_shared_day(stage *at)
{
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    pipit_ua_call(at->ua, "bob", call_options(at), NULL);
    advance_ms(at, 1);
    if (!next_sent(at) || at->last->method != PP_INVITE)
        return;
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->last->call_id));
    snprintf(our_tag, sizeof(our_tag), "%.*s", PP_STR(at->last->from_tag));
    reply(at, CONTACT);
    come_inside(at, "SUBSCRIBE", "Event: conference\r\n", NULL);
    advance_ms(at, 1);
    if (at->session && !pipit_session_is_ended(at->session))
        subscribe_to(at, "conference", &subscriber);
    while (next_sent(at))
        if (at->last->is_request && at->last->method != PP_ACK)
            reply(at, CONTACT "Expires: 600\r\n");
    come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: active\r\n", "one");
    come_inside(at, "BYE", NULL, NULL);
    come_inside(at, "SUBSCRIBE", "Event: conference\r\nExpires: 0\r\n", NULL);
    come_inside(at, "NOTIFY", "Event: conference\r\nSubscription-State: terminated\r\n", NULL);
    advance_ms(at, 100000);
}

static uint64_t a_day_with(uint64_t failing)
{
    static pipit_ua_handlers handlers;
    uint64_t taken;
    stage *at;

    handlers = ua_handlers;
    handlers.new_subscribe = on_new_subscribe;
    takes = true;
    keeps = false;
    scarce_begin(0);
    at = stage_new(&(pipit_ua_configuration){
        .uri = "sip:alice@example.com", .no_register = true, .handlers = &handlers});
    scarce_fail(failing);
    a_shared_day(at);
    taken = scarce_memory.count;
    scarce_relax();
    finish(at);
    assert_int_equal(scarce_end(), 0);
    return taken;
}

static void a_shared_day_survives_short_memory(void **state)
{
    uint64_t total = a_day_with(0);

    (void)state;
    for (uint64_t i = 1; i <= total; i++)
        a_day_with(i);
    print_message("figure: a shared day takes %u allocations\n", (unsigned)total);
    assert_true(total > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_to_us_shares_the_dialog_of_its_call),
        cmocka_unit_test(what_is_not_taken_in_a_call_is_a_489),
        cmocka_unit_test(a_subscription_to_us_outlives_its_call),
        cmocka_unit_test(a_refused_notify_ends_the_subscription_and_not_the_call),
        cmocka_unit_test(a_subscribe_that_waits_must_be_taken_before_its_call_ends),
        cmocka_unit_test(two_subscribes_alike_are_one_subscription),
        cmocka_unit_test(a_subscription_of_ours_shares_the_dialog_of_its_call),
        cmocka_unit_test(a_subscription_of_ours_outlives_its_call),
        cmocka_unit_test(a_refused_subscribe_is_no_end_of_the_call),
        cmocka_unit_test(a_subscribe_that_nobody_notifies_is_no_end_of_the_call),
        cmocka_unit_test(a_refresh_that_fails_may_be_tried_again),
        cmocka_unit_test(nothing_is_subscribed_to_where_there_is_no_call),
        cmocka_unit_test(all_end_when_the_user_agent_stops),
        cmocka_unit_test(a_shared_day_survives_short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
