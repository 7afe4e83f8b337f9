/* notifier.c - subscriptions to us, and NOTIFYs nobody asked for, against a subscriber that the test plays. */
#include "unit/ua/support/stage.h"

#define FAR "Contact: <sip:bob@far.invalid;transport=ws>\r\n"

static pipit_notifier *notifier;
static pipit_request *kept;
static pipit_notifier_options options;
static bool takes, keeps;
static int refusal;
static const char *body; /* for the `subscribe` handler to send; NULL: it sends nothing */

static void note(stage *at, const char *name)
{
    scarce_pause();
    pp_buf_format(&at->log, "%s ", name);
    scarce_resume();
}

static void on_subscribe(pipit_notifier *n, const pipit_subscribe_event *e, void *user)
{
    note(user, e->is_unsubscribe ? "unsubscribe" : "subscribe");
    if (body && e->is_unsubscribe)
        pipit_notifier_terminate(n, body, "timeout", 0);
    else if (body)
        pipit_notifier_notify(n, body);
}

static void on_expired(pipit_notifier *n, void *user)
{
    (void)n;
    note(user, "expired");
}

static void on_terminated(pipit_notifier *n, const pipit_notifier_end_event *e, void *user)
{
    char text[64];

    assert_int_equal(pipit_notifier_get_state(n), PIPIT_NOTIFIER_TERMINATED);
    snprintf(text, sizeof(text), "terminated:%d", (int)e->code);
    note(user, text);
}

static const pipit_notifier_handlers handlers = {on_subscribe, on_expired, on_terminated};

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    const pipit_reply_options reply = {.status_code = refusal};
    stage *at = user;
    char text[64];

    snprintf(text, sizeof(text), "new_subscribe:%s:%s", e->event, e->id ? e->id : "");
    note(at, text);
    if (keeps)
        kept = pipit_request_ref(e->request);
    if (refusal)
        assert_int_equal(pipit_ua_reject_subscribe(ua, e->request, &reply), 0);
    if (takes && pipit_ua_notify(ua, e->request, "text/plain", &options, &notifier) == 0)
        pipit_notifier_start(notifier);
}

static void on_sip_event(pipit_ua *ua, const pipit_sip_event_event *e, void *user)
{
    char text[64];

    (void)ua;
    snprintf(text, sizeof(text), "sip_event:%s", e->event ? e->event : "none");
    note(user, text);
}

static stage *listening(const char *allow_events)
{
    static pipit_ua_handlers with;
    stage *at;

    with = ua_handlers;
    with.new_subscribe = on_new_subscribe;
    with.sip_event = on_sip_event;
    at = stage_new(&(pipit_ua_configuration){.uri = "sip:alice@example.com",
                                             .no_register = true,
                                             .allow_events = allow_events,
                                             .handlers = &with});
    options = (pipit_notifier_options){.handlers = &handlers, .user = at};
    takes = true;
    keeps = false;
    refusal = 0;
    body = NULL;
    assert_int_equal(pipit_ua_start(at->ua), 0);
    advance_ms(at, 1);
    check_events(at, "connected ");
    return at;
}

static void finish(stage *at)
{
    notifier = pipit_notifier_unref(notifier);
    kept = pipit_request_unref(kept);
    stage_free(at);
}

static void subscribe(stage *at, unsigned cseq, const char *tag, const char *lines)
{
    char both[256];

    snprintf(both, sizeof(both), FAR "%s", lines);
    come(at, &(coming){.method = "SUBSCRIBE", .cseq = cseq, .to_tag = tag, .lines = both});
}

static void expect_notify(stage *at, const char *state, const char *text)
{
    expect_sent(at, "NOTIFY sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Event", "presence");
    check_header(at->last, "Subscription-State", state);
    assert_true(pp_str_eq_c(at->last->body, text));
    assert_true(pp_message_count(at->last, PP_HEADER_CONTACT) == 1);
}

/* Subscribed for 600 s; the tag is ours. */
static stage *subscribed(char tag[64])
{
    stage *at = listening(NULL);

    body = "open";
    subscribe(at, 1, NULL, "Event: presence\r\nExpires: 600\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Expires", "600");
    snprintf(tag, 64, "%s", to_tag(at));
    expect_notify(at, "active;expires=600", "open");
    check_header(at->last, "Content-Type", "text/plain");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    check_events(at, "new_subscribe:presence: subscribe ");
    return at;
}

/* --- the usual way ---------------------------------------------------------------------------- */

static void a_subscription_is_told_of_events_and_ended(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    assert_string_equal(pipit_notifier_event(notifier), "presence");
    assert_non_null(pipit_notifier_id(notifier));
    advance_ms(at, 100000);
    assert_int_equal(pipit_notifier_expires(notifier), 500);
    assert_int_equal(pipit_notifier_notify(notifier, "away"), 0);
    expect_notify(at, "active;expires=500", "away");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    assert_int_equal(pipit_notifier_terminate(notifier, "gone", "probation", 30), 0);
    expect_notify(at, "terminated;reason=probation;retry-after=30", "gone");
    assert_int_equal(pipit_notifier_notify(notifier, "x"), PIPIT_ERR_STATE);
    assert_int_equal(pipit_notifier_set_active_state(notifier), PIPIT_ERR_STATE);
    assert_int_equal(pipit_notifier_terminate(notifier, NULL, NULL, 0), 0);
    check_events(at, "terminated:4 ");
    subscribe(at, 2, tag, "Event: presence\r\n");
    expect_sent(at, "SIP/2.0 481");
    finish(at);
}

static void a_refresh_is_answered_and_followed_by_a_notify(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    advance_ms(at, 500000);
    body = NULL; /* the library sends one by itself */
    subscribe(at, 2, tag, "Event: presence\r\nExpires: 300\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Expires", "300");
    expect_notify(at, "active;expires=300", "");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    subscribe(at, 3, tag, "Event: presence;id=7\r\nExpires: 300\r\n");
    expect_sent(at, "SIP/2.0 489");
    check_header(at->last, "Allow-Events", "presence");
    subscribe(at, 4, tag, "Event: presence\r\nExpires: soon\r\n");
    expect_sent(at, "SIP/2.0 400");
    check_events(at, "subscribe ");
    finish(at);
}

static void an_unsubscribe_gets_a_final_notify(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    body = NULL;
    subscribe(at, 2, tag, "Event: presence\r\nExpires: 0\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "terminated;reason=timeout", "");
    check_events(at, "unsubscribe terminated:5 ");
    finish(at);
    at = listening(NULL);
    body = "all";
    subscribe(at, 1, NULL, "Event: presence\r\nExpires: 0\r\n"); /* a fetch */
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "terminated;reason=timeout", "all");
    check_events(at, "new_subscribe:presence: unsubscribe terminated:4 ");
    finish(at);
}

static void a_pending_subscription_becomes_active(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    options.pending = true;
    options.default_expires = 60;
    subscribe(at, 1, NULL, "Event: presence\r\n");
    expect_sent(at, "SIP/2.0 200 OK");
    expect_notify(at, "pending;expires=60", "");
    assert_int_equal(pipit_notifier_set_active_state(notifier), 0);
    assert_int_equal(pipit_notifier_notify(notifier, "open"), 0);
    expect_notify(at, "active;expires=60", "open");
    finish(at);
}

static void a_subscription_that_runs_out_is_told(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    advance_ms(at, 600000);
    expect_notify(at, "terminated;reason=timeout", "");
    check_events(at, "expired terminated:6 ");
    finish(at);
}

/* --- how long, and which ---------------------------------------------------------------------- */

static void a_short_subscription_is_refused(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    options.min_expires = 60;
    options.max_expires = 120;
    subscribe(at, 1, NULL, "Event: presence\r\nExpires: 59\r\n");
    expect_sent(at, "SIP/2.0 423");
    check_header(at->last, "Min-Expires", "60");
    assert_null(notifier);
    come(at, &(coming){.method = "SUBSCRIBE",
                       .call_id = "call-2",
                       .lines = FAR "Event: presence\r\nExpires: 900\r\n"});
    expect_sent(at, "SIP/2.0 200");
    check_header(at->last, "Expires", "120");
    finish(at);
}

static void a_subscribe_that_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *lines, *status;
    } bad[] = {{FAR, "SIP/2.0 400 Missing Event"},
               {FAR "Event: no event\r\n", "SIP/2.0 400 Bad Event"},
               {"Event: presence\r\n", "SIP/2.0 400 Missing Contact"},
               {FAR "Event: presence\r\nExpires: -1\r\n", "SIP/2.0 400 Bad Expires"},
               {FAR "Event: weather\r\n", "SIP/2.0 489 Bad Event"}};
    stage *at = listening("presence, dialog");

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        come(at, &(coming){.method = "SUBSCRIBE", .cseq = (unsigned)i + 1, .lines = bad[i].lines});
        expect_sent(at, bad[i].status);
    }
    check_header(at->last, "Allow-Events", "presence, dialog");
    check_events(at, "");
    finish(at);
}

static void a_subscribe_nobody_wants_is_refused(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    takes = false;
    subscribe(at, 1, NULL, "Event: presence;id=4\r\n");
    expect_sent(at, "SIP/2.0 480");
    refusal = 403;
    subscribe(at, 2, NULL, "Event: presence\r\n");
    expect_sent(at, "SIP/2.0 403");
    check_events(at, "new_subscribe:presence:4 new_subscribe:presence: ");
    finish(at);
    at = stage_connected(); /* without a handler */
    subscribe(at, 1, NULL, "Event: presence\r\n");
    expect_sent(at, "SIP/2.0 405");
    stage_free(at);
}

static void a_subscribe_that_was_kept_is_taken_later(void **state)
{
    stage *at = listening(NULL);
    pipit_request *copy = NULL;

    (void)state;
    takes = false;
    keeps = true;
    subscribe(at, 1, NULL, "Event: presence\r\n");
    advance_ms(at, 5000);
    expect_silence(at);
    assert_int_equal(
        pipit_ua_reject_subscribe(at->ua, kept, &(pipit_reply_options){.status_code = 200}),
        PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_request_parse(pipit_request_text(kept, NULL),
                                         strlen(pipit_request_text(kept, NULL)), &copy),
                     0);
    assert_int_equal(pipit_ua_notify(at->ua, copy, "a/b", NULL, &notifier), PIPIT_ERR_STATE);
    pipit_request_unref(copy);
    assert_int_equal(pipit_ua_notify(at->ua, kept, "a b", NULL, &notifier), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_notify(at->ua, kept, "a/b", NULL, &notifier), 0);
    assert_int_equal(pipit_notifier_notify(notifier, "x"), PIPIT_ERR_STATE);
    assert_int_equal(pipit_ua_reject_subscribe(at->ua, kept, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_notifier_start(notifier), 0);
    assert_int_equal(pipit_notifier_start(notifier), PIPIT_ERR_STATE);
    expect_sent(at, "SIP/2.0 200 OK");
    finish(at);
}

static void a_notifier_that_is_let_go_before_the_start_refuses(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    takes = false;
    keeps = true;
    subscribe(at, 1, NULL, "Event: presence\r\n");
    assert_int_equal(pipit_ua_notify(at->ua, kept, "a/b", NULL, &notifier), 0);
    expect_silence(at);
    notifier = pipit_notifier_unref(notifier);
    expect_sent(at, "SIP/2.0 480");
    finish(at);
}

/* --- NOTIFYs that fail ------------------------------------------------------------------------ */

static void a_notify_that_is_refused_ends_it(void **state)
{
    static const struct {
        const char *status, *events;
    } bad[] = {{"481 Gone", "terminated:2 "},
               {"401 Unauthorized", "terminated:3 "},
               {"408 Late", "terminated:0 "},
               {"500 Oops", ""}};
    char tag[64];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        stage *at = subscribed(tag);

        assert_int_equal(pipit_notifier_notify(notifier, "x"), 0);
        expect_sent(at, "NOTIFY ");
        answer(at, at->last, bad[i].status, NULL, NULL, NULL);
        check_events(at, bad[i].events);
        finish(at);
    }
}

static void a_notify_nobody_answers_ends_it(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    assert_int_equal(pipit_notifier_notify(notifier, "x"), 0);
    advance_ms(at, 32100);
    check_events(at, "terminated:0 ");
    finish(at);
}

static void a_notify_lost_with_the_connection_goes_on_the_next(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    assert_int_equal(pipit_notifier_notify(notifier, "lost"), 0);
    expect_sent(at, "NOTIFY ");
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    advance_ms(at, 1);
    wait_sent(at, "NOTIFY ", 10000);
    assert_true(pp_str_eq_c(at->last->body, "lost"));
    check_events(at, "disconnected:error connected ");
    finish(at);
}

static void a_stop_tells_subscribers(void **state)
{
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    pipit_ua_stop(at->ua);
    expect_notify(at, "terminated;reason=noresource", "");
    answer(at, at->last, "200 OK", NULL, NULL, NULL);
    advance_ms(at, 1);
    check_events(at, "terminated:4 disconnected stopped ");
    finish(at);
}

static void a_stop_refuses_those_who_wait(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    takes = false;
    keeps = true;
    subscribe(at, 1, NULL, "Event: presence\r\n");
    pipit_ua_stop(at->ua);
    expect_sent(at, "SIP/2.0 480");
    assert_int_equal(pipit_ua_notify(at->ua, kept, "a/b", NULL, &notifier), PIPIT_ERR_STATE);
    finish(at);
}

/* --- text and memory -------------------------------------------------------------------------- */

static void text_that_cannot_be_is_refused_at_once(void **state)
{
    static const char *const no_line[] = {"no header line", NULL};
    const pipit_notifier_options bad[] = {{.allow_events = "a\r\nX: y"},
                                          {.extra_headers = no_line}};
    char tag[64];
    stage *at = subscribed(tag);

    (void)state;
    assert_int_equal(pipit_notifier_terminate(notifier, NULL, "a b", 0), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_notifier_terminate(notifier, NULL, "a\r\nX: y", 0), PIPIT_ERR_SYNTAX);
    notifier = pipit_notifier_unref(notifier);
    takes = false;
    keeps = true;
    come(at, &(coming){.method = "SUBSCRIBE", .call_id = "2", .lines = FAR "Event: presence\r\n"});
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pipit_ua_notify(at->ua, kept, "a/b", &bad[i], &notifier),
                         PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_notify(at->ua, kept, "a/b\r\nX: y", NULL, &notifier),
                     PIPIT_ERR_SYNTAX);
    expect_silence(at);
    finish(at);
}

static void a_subscription_survives_any_allocation_failing(void **state)
{
    uint64_t n = 0;

    (void)state;
    do {
        stage *at;
        int64_t left;

        scarce_begin(0);
        at = listening(NULL);
        body = "open";
        scarce_fail(++n);
        subscribe(at, 1, NULL, "Event: presence\r\nExpires: 600\r\n");
        if (notifier) {
            pipit_notifier_notify(notifier, "x");
            pipit_notifier_terminate(notifier, "y", "giveup", 3);
        }
        come(at, &(coming){.method = "NOTIFY", .call_id = "n", .lines = "Event: presence\r\n"});
        scarce_relax();
        finish(at);
        left = scarce_end();
        if (left)
            fail_msg("allocation %llu: %lld blocks leaked", (unsigned long long)n, (long long)left);
    } while (scarce_memory.failed);
    assert_true(n > 50);
}

/* --- NOTIFYs nobody subscribed to ------------------------------------------------------------- */

static void a_notify_outside_is_shown_to_who_listens(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    come(at, &(coming){.method = "NOTIFY", .lines = "Event: message-summary\r\n"});
    expect_sent(at, "SIP/2.0 200 OK");
    come(at, &(coming){.method = "NOTIFY", .call_id = "2"});
    expect_sent(at, "SIP/2.0 200 OK");
    come(at, &(coming){.method = "NOTIFY", .call_id = "3", .to_tag = "ghost"});
    expect_sent(at, "SIP/2.0 481");
    check_events(at, "sip_event:message-summary sip_event:none ");
    finish(at);
    at = stage_connected();
    come(at, &(coming){.method = "NOTIFY", .lines = "Event: message-summary\r\n"});
    expect_sent(at, "SIP/2.0 481");
    stage_free(at);
}

static void allow_names_what_is_listened_for(void **state)
{
    stage *at = listening(NULL);

    (void)state;
    come(at, &(coming){.method = "OPTIONS"});
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Allow", pipit_allowed_methods());
    check_header(at->last, "Allow-Events", NULL);
    finish(at);
    at = listening("presence, dialog");
    come(at, &(coming){.method = "OPTIONS"});
    expect_sent(at, "SIP/2.0 200 OK");
    check_header(at->last, "Allow-Events", "presence, dialog");
    finish(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_is_told_of_events_and_ended),
        cmocka_unit_test(a_refresh_is_answered_and_followed_by_a_notify),
        cmocka_unit_test(an_unsubscribe_gets_a_final_notify),
        cmocka_unit_test(a_pending_subscription_becomes_active),
        cmocka_unit_test(a_subscription_that_runs_out_is_told),
        cmocka_unit_test(a_short_subscription_is_refused),
        cmocka_unit_test(a_subscribe_that_cannot_be_is_refused),
        cmocka_unit_test(a_subscribe_nobody_wants_is_refused),
        cmocka_unit_test(a_subscribe_that_was_kept_is_taken_later),
        cmocka_unit_test(a_notifier_that_is_let_go_before_the_start_refuses),
        cmocka_unit_test(a_notify_that_is_refused_ends_it),
        cmocka_unit_test(a_notify_nobody_answers_ends_it),
        cmocka_unit_test(a_notify_lost_with_the_connection_goes_on_the_next),
        cmocka_unit_test(a_stop_tells_subscribers),
        cmocka_unit_test(a_stop_refuses_those_who_wait),
        cmocka_unit_test(text_that_cannot_be_is_refused_at_once),
        cmocka_unit_test(a_subscription_survives_any_allocation_failing),
        cmocka_unit_test(a_notify_outside_is_shown_to_who_listens),
        cmocka_unit_test(allow_names_what_is_listened_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
