/* subscriber.c - subscriptions of ours against a notifier that the test plays. */
#include "unit/ua/support/registered.h"

#define FAR_CONTACT "Contact: <sip:bob@far.invalid;transport=ws>\r\n"
#define ACTIVE      "Subscription-State: active;expires=600\r\n"

static pipit_subscriber *subscriber;
static char call_id[128], our_tag[64];

static void note(stage *at, const char *name)
{
    scarce_pause();
    pp_buf_format(&at->log, "%s ", name);
    scarce_resume();
}

static void on_accepted(pipit_subscriber *s, void *user)
{
    (void)s;
    note(user, "accepted");
}

static void on_pending(pipit_subscriber *s, void *user)
{
    (void)s;
    note(user, "pending");
}

static void on_active(pipit_subscriber *s, void *user)
{
    (void)s;
    note(user, "active");
}

static void on_notify(pipit_subscriber *s, const pipit_notify_event *e, void *user)
{
    char text[128];

    (void)s;
    snprintf(text, sizeof(text), "notify:%s%s", e->body, e->is_final ? ":final" : "");
    note(user, text);
}

static void on_terminated(pipit_subscriber *s, const pipit_subscription_end_event *e, void *user)
{
    char text[128];

    assert_int_equal(pipit_subscriber_get_state(s), PIPIT_SUBSCRIBER_TERMINATED);
    snprintf(text, sizeof(text), "terminated:%d:%s:%d", (int)e->code, e->reason ? e->reason : "",
             e->has_retry_after ? (int)e->retry_after : -1);
    note(user, text);
}

static void on_resubscribing(pipit_subscriber *s, const pipit_resubscribing_event *e, void *user)
{
    char text[128];

    (void)s;
    snprintf(text, sizeof(text), "resubscribing:%s:%u", e->reason ? e->reason : "", e->after);
    note(user, text);
}

static const pipit_subscriber_handlers handlers = {on_accepted, on_pending,    on_active,
                                                   on_notify,   on_terminated, on_resubscribing};

/* --- the test plays the notifier -------------------------------------------------------------- */

static pipit_subscriber_options defaults(stage *at)
{
    return (pipit_subscriber_options){.handlers = &handlers, .user = at, .expires = 600};
}

static void keep_names(stage *at)
{
    snprintf(call_id, sizeof(call_id), "%.*s", PP_STR(at->last->call_id));
    snprintf(our_tag, sizeof(our_tag), "%.*s", PP_STR(at->last->from_tag));
}

/* The first SUBSCRIBE is out, and in at->last. */
static void subscribe(stage *at, const pipit_subscriber_options *options)
{
    assert_int_equal(
        pipit_ua_subscribe(at->ua, "bob", "presence", "application/pidf+xml", options, &subscriber),
        0);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE sip:bob@example.com SIP/2.0");
    keep_names(at);
}

static void notify(stage *at, const char *from_tag, unsigned cseq, const char *lines,
                   const char *body)
{
    char both[512];

    snprintf(both, sizeof(both), FAR_CONTACT "Event: presence\r\n%sContent-Type: text/plain\r\n",
             lines);
    come(at, &(coming){.method = "NOTIFY",
                       .call_id = call_id,
                       .from_tag = from_tag,
                       .to_tag = our_tag,
                       .cseq = cseq,
                       .lines = both,
                       .body = body ? body : "",
                       .typed = true});
}

static void take(stage *at)
{
    answer(at, at->last, "200 OK", "far", FAR_CONTACT "Expires: 600\r\n", NULL);
}

static stage *subscribed(void)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    subscribe(at, &options);
    take(at);
    notify(at, "far", 1, ACTIVE, "open");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "accepted active notify:open ");
    return at;
}

static void finish(stage *at)
{
    subscriber = pipit_subscriber_unref(subscriber);
    stage_free(at);
}

/* --- the usual way ---------------------------------------------------------------------------- */

static void a_subscribe_says_what_is_asked_for(void **state)
{
    static const char *const lines[] = {"X-Own: yes", NULL};
    stage *at = stage_connected();
    pipit_subscriber_options options = {.expires = 120,
                                        .content_type = "text/plain",
                                        .allow_events = "presence",
                                        .from_uri = "sip:ann@example.com",
                                        .from_display_name = "Ann",
                                        .to_uri = "sip:rob@example.com",
                                        .to_display_name = "Rob",
                                        .cseq = 77,
                                        .extra_headers = lines};

    (void)state;
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "dialog;id=3", "application/dialog-info+xml",
                                        &options, &subscriber),
                     0);
    assert_int_equal(pipit_subscriber_get_state(subscriber), PIPIT_SUBSCRIBER_INIT);
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), PIPIT_ERR_STATE);
    expect_silence(at);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, "what is up"), 0);
    expect_sent(at, "SUBSCRIBE sip:bob@example.com SIP/2.0");
    check_header(at->last, "Event", "dialog;id=3");
    check_header(at->last, "Accept", "application/dialog-info+xml");
    check_header(at->last, "Expires", "120");
    check_header(at->last, "Allow-Events", "presence");
    check_header(at->last, "X-Own", "yes");
    check_header(at->last, "CSeq", "77 SUBSCRIBE");
    check_header(at->last, "Content-Type", "text/plain");
    assert_true(header_holds(at->last, "From", "\"Ann\" <sip:ann@example.com>"));
    check_header(at->last, "To", "\"Rob\" <sip:rob@example.com>");
    assert_true(header_holds(at->last, "Allow", "NOTIFY"));
    assert_int_equal(pp_message_count(at->last, PP_HEADER_CONTACT), 1);
    assert_int_equal(pipit_subscriber_get_state(subscriber), PIPIT_SUBSCRIBER_WAITING_NOTIFY);
    assert_null(pipit_subscriber_id(subscriber));
    finish(at);
}

static void a_contact_of_the_application_replaces_ours(void **state)
{
    static const char *const lines[] = {"Contact: <sip:own@example.com>", NULL};
    stage *at = stage_connected();

    (void)state;
    subscribe(at, &(pipit_subscriber_options){.extra_headers = lines});
    check_header(at->last, "Contact", "<sip:own@example.com>");
    assert_int_equal(pp_message_count(at->last, PP_HEADER_CONTACT), 1);
    finish(at);
}

static void a_subscription_is_refreshed_before_it_runs_out(void **state)
{
    stage *at = subscribed();

    (void)state;
    assert_non_null(pipit_subscriber_id(subscriber));
    assert_int_equal(pipit_subscriber_expires(subscriber), 600);
    for (unsigned i = 0; i < 3; i++) {
        advance_ms(at, 299000);
        expect_silence(at);
        wait_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0", 250000);
        check_header(at->last, "Expires", "600");
        assert_string_equal(to_tag(at), "far");
        take(at);
    }
    check_events(at, "");
    finish(at);
}

static void a_subscription_ends_with_its_final_notify(void **state)
{
    stage *at = subscribed();

    (void)state;
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), 0);
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), PIPIT_ERR_STATE);
    expect_sent(at, "SUBSCRIBE ");
    check_header(at->last, "Expires", "0");
    answer(at, at->last, "200 OK", NULL, FAR_CONTACT "Expires: 0\r\n", NULL);
    notify(at, "far", 2, "Subscription-State: terminated;reason=timeout\r\n", "closed");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "notify:closed:final terminated:6:timeout:-1 ");
    advance_ms(at, 2000000); /* JsSIP subscribes again */
    expect_silence(at);
    notify(at, "far", 3, ACTIVE, "ghost");
    expect_sent(at, "SIP/2.0 481");
    finish(at);
}

static void a_final_notify_that_never_comes_is_not_waited_for(void **state)
{
    stage *at = subscribed();

    (void)state;
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE ");
    answer(at, at->last, "200 OK", NULL, FAR_CONTACT, NULL);
    advance_ms(at, 31900);
    check_events(at, "");
    advance_ms(at, 200);
    check_events(at, "terminated:5::-1 ");
    finish(at);
}

static void a_subscription_may_be_ended_before_it_is_accepted(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    (void)state;
    subscribe(at, &options);
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), 0);
    expect_silence(at);
    take(at);
    expect_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0");
    check_header(at->last, "Expires", "0");
    finish(at);
}

static void a_refresh_that_is_asked_for_follows_the_one_on_its_way(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    (void)state;
    options.content_type = "text/plain";
    subscribe(at, &options);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, "one"), 0);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, "two"), 0);
    expect_silence(at);
    take(at);
    expect_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0");
    assert_true(pp_str_eq_c(at->last->body, "two"));
    expect_silence(at);
    finish(at);
}

static void a_fetch_is_over_with_one_notify(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = {.fetch = true, .handlers = &handlers, .user = at};

    (void)state;
    subscribe(at, &options);
    check_header(at->last, "Expires", "0");
    answer(at, at->last, "200 OK", "far", FAR_CONTACT "Expires: 0\r\n", NULL);
    notify(at, "far", 1, "Subscription-State: terminated;reason=timeout\r\n", "open");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "accepted notify:open:final terminated:6:timeout:-1 ");
    advance_ms(at, 100000);
    expect_silence(at);
    finish(at);
}

/* --- the first NOTIFY ------------------------------------------------------------------------- */

static void a_notify_may_come_before_the_answer(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);
    pp_message *first;

    (void)state;
    subscribe(at, &options);
    first = pp_message_ref(at->last);
    notify(at, "far", 9, "Subscription-State: pending\r\n", NULL);
    expect_sent(at, "SIP/2.0 200 OK"); /* JsSIP: 481 */
    check_events(at, "pending ");
    answer(at, first, "200 OK", "far",
           "Contact: <sip:bob@other.invalid>\r\nExpires: 600\r\n"
           "Record-Route: <sip:p.example.com;lr>\r\n",
           NULL);
    notify(at, "far", 10, ACTIVE, "open");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "accepted active notify:open ");
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0"); /* the newest Contact */
    check_header(at->last, "Route", "<sip:p.example.com;lr>");
    pp_message_unref(first);
    finish(at);
}

static void the_first_fork_that_notifies_has_the_subscription(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);
    pp_message *first;

    (void)state;
    subscribe(at, &options);
    first = pp_message_ref(at->last);
    notify(at, "fork1", 1, ACTIVE, "one");
    expect_sent(at, "SIP/2.0 200 OK");
    notify(at, "fork2", 1, ACTIVE, "two");
    expect_sent(at, "SIP/2.0 481"); /* RFC 6665 section 4.1.2.4 */
    answer(at, first, "200 OK", "fork2", FAR_CONTACT, NULL);
    notify(at, "fork1", 2, ACTIVE, "three");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "active notify:one accepted notify:three ");
    pp_message_unref(first);
    finish(at);
}

static void a_first_notify_that_never_comes_ends_it(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    (void)state;
    subscribe(at, &options);
    take(at);
    advance_ms(at, 32100);
    check_events(at, "accepted terminated:8::-1 ");
    finish(at);
}

static void a_notify_that_is_none_of_ours_ends_it(void **state)
{
    static const struct {
        const char *lines;
        const char *status;
    } bad[] = {{"Event: presence\r\n", "SIP/2.0 400"},
               {"Event: dialog\r\n" ACTIVE, "SIP/2.0 489"},
               {"Event: presence;id=1\r\n" ACTIVE, "SIP/2.0 489"},
               {ACTIVE, "SIP/2.0 400"}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        stage *at = subscribed();

        come(at, &(coming){.method = "NOTIFY",
                           .call_id = call_id,
                           .to_tag = our_tag,
                           .cseq = 2,
                           .lines = bad[i].lines});
        expect_sent(at, bad[i].status);
        check_events(at, "terminated:7::-1 ");
        finish(at);
    }
}

/* --- refusals --------------------------------------------------------------------------------- */

static void a_first_subscribe_that_fails_ends_it(void **state)
{
    static const struct {
        const char *status, *lines, *events;
    } bad[] = {{"489 Bad Event", "Allow-Events: dialog\r\n", "terminated:2::-1 "},
               {"503 Service Unavailable", "Retry-After: 30\r\n", "terminated:2::30 "},
               {"401 Unauthorized", NULL, "terminated:4::-1 "},
               {"200 OK", "Expires: 600\r\n", "terminated:3::-1 "}};
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        subscribe(at, &options);
        answer(at, at->last, bad[i].status, "far", bad[i].lines, NULL);
        check_events(at, bad[i].events);
        expect_silence(at);
        subscriber = pipit_subscriber_unref(subscriber);
    }
    subscribe(at, &options);
    advance_ms(at, 32100);
    check_events(at, "terminated:0::-1 ");
    subscriber = pipit_subscriber_unref(subscriber);
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence", "a/b", &options, &subscriber),
                     0);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), 0);
    advance_ms(at, 1);
    check_events(at, "disconnected:error terminated:1::-1 ");
    finish(at);
}

static void a_challenge_is_met(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    (void)state;
    subscribe(at, &options);
    answer(at, at->last, "401 Unauthorized", "x",
           "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n", NULL);
    expect_sent(at, "SUBSCRIBE ");
    assert_true(header_holds(at->last, "Authorization", "realm=\"r\""));
    take(at);
    notify(at, "far", 1, ACTIVE, NULL);
    expect_sent(at, "SIP/2.0 200");
    check_events(at, "accepted active ");
    finish(at);
}

static void a_longer_time_is_asked_for_once(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);

    (void)state;
    subscribe(at, &options);
    answer(at, at->last, "423 Interval Too Brief", "x", "Min-Expires: 3600\r\n", NULL);
    expect_sent(at, "SUBSCRIBE sip:bob@example.com SIP/2.0");
    check_header(at->last, "Expires", "3600");
    answer(at, at->last, "423 Interval Too Brief", "x", "Min-Expires: 7200\r\n", NULL);
    expect_silence(at);
    check_events(at, "terminated:2::-1 ");
    finish(at);
}

static void a_refresh_that_is_refused_for_good_ends_it(void **state)
{
    stage *at = subscribed();

    (void)state;
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE ");
    answer(at, at->last, "481 Gone", NULL, NULL, NULL);
    check_events(at, "terminated:2::-1 ");
    finish(at);
}

static void a_refresh_that_fails_for_now_is_tried_until_it_runs_out(void **state)
{
    stage *at = subscribed();
    unsigned attempts = 0;

    (void)state;
    for (unsigned s = 0; s < 700; s++) {
        const pp_message *m;

        advance_ms(at, 1000);
        while ((m = next_sent(at))) {
            answer(at, m, "500 Oops", NULL, attempts ? "Retry-After: 20\r\n" : NULL, NULL);
            attempts++;
        }
    }
    check_events(at, "terminated:2::-1 ");
    assert_true(attempts >= 3 && attempts <= 17);
    finish(at);
}

/* --- reasons (RFC 6665 section 4.1.3) --------------------------------------------------------- */

static void a_subscription_is_begun_again_when_the_reason_lets_it(void **state)
{
    static const struct {
        const char *state, *events;
    } ends[] = {{"terminated;reason=deactivated", "resubscribing:deactivated:0 "},
                {"terminated;reason=timeout", "resubscribing:timeout:0 "},
                {"terminated;reason=probation;retry-after=7", "resubscribing:probation:7 "},
                {"terminated;reason=giveup;retry-after=9", "resubscribing:giveup:9 "},
                {"terminated;reason=probation", "resubscribing:probation:60 "},
                {"terminated", "resubscribing::0 "},
                {"terminated;reason=rejected", "terminated:6:rejected:-1 "},
                {"terminated;reason=noresource", "terminated:6:noresource:-1 "},
                {"terminated;reason=invariant", "terminated:6:invariant:-1 "}};

    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        stage *at = stage_connected();
        pipit_subscriber_options options = defaults(at);
        char line[128];

        options.resubscribe = true;
        subscribe(at, &options);
        take(at);
        snprintf(line, sizeof(line), "Subscription-State: %s\r\n", ends[i].state);
        notify(at, "far", 1, line, NULL);
        expect_sent(at, "SIP/2.0 200 OK");
        assert_true(pp_str_starts(pp_str_c((pp_buf_char(&at->log, '\0'), at->log.p)), "accepted "));
        assert_string_equal(at->log.p + strlen("accepted "), ends[i].events);
        pp_buf_clear(&at->log);
        if (ends[i].events[0] == 'r') {
            char old[sizeof(call_id)];

            memcpy(old, call_id, sizeof(old));
            wait_sent(at, "SUBSCRIBE sip:bob@example.com SIP/2.0", 61000);
            keep_names(at);
            assert_string_not_equal(call_id, old);
        }
        advance_ms(at, 20000);
        expect_silence(at);
        finish(at);
    }
}

static void a_notifier_that_always_ends_it_is_asked_less_and_less_often(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber_options options = defaults(at);
    unsigned asked = 0;

    (void)state;
    options.resubscribe = true;
    subscribe(at, &options);
    for (unsigned s = 0; s < 600; s++) {
        if (at->last && at->last->is_request) {
            asked++;
            keep_names(at);
            take(at);
            notify(at, "far", 1, "Subscription-State: terminated;reason=deactivated\r\n", NULL);
            expect_sent(at, "SIP/2.0 200 OK");
        }
        advance_ms(at, 1000);
        next_sent(at);
    }
    assert_in_range(asked, 8, 20);
    finish(at);
}

/* --- the connection and the end --------------------------------------------------------------- */

static void a_subscription_is_refreshed_on_the_next_connection(void **state)
{
    stage *at = subscribed();

    (void)state;
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    advance_ms(at, 10000);
    wait_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0", 20000);
    take(at);
    notify(at, "far", 2, ACTIVE, "still");
    expect_sent(at, "SIP/2.0 200 OK");
    check_events(at, "disconnected:error connected notify:still ");
    finish(at);
}

/* The far end's NOTIFY takes the way that the registrar knows. */
static void a_subscription_waits_for_the_registration_on_a_new_connection(void **state)
{
    stage *at = stage_registered();
    const pipit_subscriber_options options = defaults(at);

    (void)state;
    subscribe(at, &options);
    take(at);
    notify(at, "far", 1, ACTIVE, NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    wait_sent(at, "REGISTER ", 20000);
    expect_silence(at);
    grant(at, ";expires=600");
    expect_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0");
    finish(at);
}

static void a_registration_that_fails_keeps_no_subscription_waiting(void **state)
{
    stage *at = stage_registered();
    const pipit_subscriber_options options = defaults(at);

    (void)state;
    subscribe(at, &options);
    take(at);
    notify(at, "far", 1, ACTIVE, NULL);
    expect_sent(at, "SIP/2.0 200 OK");
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    wait_sent(at, "REGISTER ", 20000);
    answer(at, at->last, "500 Server Error", "reg", NULL, NULL);
    expect_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0");
    finish(at);
}

static void a_refresh_lost_with_the_connection_goes_on_the_next(void **state)
{
    stage *at = subscribed();

    (void)state;
    assert_int_equal(pipit_subscriber_subscribe(subscriber, NULL), 0);
    expect_sent(at, "SUBSCRIBE ");
    pipit_socket_disconnected(at->socket, true, 1006, NULL);
    wait_sent(at, "SUBSCRIBE sip:bob@far.invalid;transport=ws SIP/2.0", 20000);
    check_events(at, "disconnected:error connected ");
    finish(at);
}

static void a_stop_ends_subscriptions_and_waits_for_the_final_notify(void **state)
{
    stage *at = subscribed();

    (void)state;
    pipit_ua_stop(at->ua);
    expect_sent(at, "SUBSCRIBE ");
    check_header(at->last, "Expires", "0");
    answer(at, at->last, "200 OK", NULL, FAR_CONTACT, NULL);
    advance_ms(at, 500);
    check_events(at, "");
    notify(at, "far", 2, "Subscription-State: terminated\r\n", NULL);
    advance_ms(at, 1);
    check_events(at, "terminated:6::-1 disconnected stopped ");
    finish(at);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
    stage *at = subscribed();

    (void)state;
    pipit_ua_stop(at->ua);
    advance_ms(at, 2100);
    check_events(at, "terminated:5::-1 disconnected stopped ");
    finish(at);
}

/* Nothing would come of it, not even its end. */
static void nothing_is_subscribed_or_published_after_a_stop(void **state)
{
    stage *at = stage_connected();
    pipit_subscriber *late = NULL;
    pipit_publisher *publisher = NULL;

    (void)state;
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence", "text/plain", NULL, &late), 0);
    assert_int_equal(pipit_ua_publish(at->ua, NULL, "presence", "text/plain", NULL, &publisher), 0);
    pipit_ua_stop(at->ua);
    advance_ms(at, 3000);
    assert_int_equal(pipit_subscriber_subscribe(late, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_publisher_publish(publisher, "open"), PIPIT_ERR_STATE);
    pipit_subscriber_unref(late);
    pipit_publisher_unref(publisher);
    stage_free(at);
}

static void a_subscription_outlives_its_user_agent(void **state)
{
    stage *at = subscribed();

    (void)state;
    pipit_subscriber_set_data(subscriber, at);
    at->ua = pipit_ua_unref(at->ua);
    assert_int_equal(pipit_subscriber_get_state(subscriber), PIPIT_SUBSCRIBER_TERMINATED);
    assert_int_equal(pipit_subscriber_terminate(subscriber, NULL), PIPIT_ERR_STATE);
    assert_ptr_equal(pipit_subscriber_data(subscriber), at);
    check_events(at, "");
    finish(at);
}

/* --- what cannot be --------------------------------------------------------------------------- */

static void text_that_cannot_be_is_refused_at_once(void **state)
{
    static const char *const no_line[] = {"no header line", NULL};
    const pipit_subscriber_options bad[] = {
        {.content_type = "a/b\r\nX: y"},
        {.allow_events = "a\r\nX: y"},
        {.from_uri = "sip:a@b>;tag=x\r\n"},
        {.from_uri = "sip:a@b>;tag=x"},
        {.to_uri = "nonsense"},
        {.from_display_name = "a\r\nb"},
        {.to_display_name = "a\nb"},
        {.extra_headers = no_line},
    };
    stage *at = stage_connected();
    pipit_subscriber *none = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence", "a/b", &bad[i], &none),
                         PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob@", "presence", "a/b", NULL, &none),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "no event", "a/b", NULL, &none),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence\r\nX: y", "a/b", NULL, &none),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence", "a/b\r\nX: y", NULL, &none),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence", NULL, NULL, &none),
                     PIPIT_ERR_ARGUMENT);
    assert_null(none);
    assert_int_equal(pipit_ua_subscribe(at->ua, "bob", "presence", "a/b", NULL, &subscriber), 0);
    assert_int_equal(pipit_subscriber_subscribe(subscriber, "x"), PIPIT_ERR_ARGUMENT);
    expect_silence(at);
    finish(at);
}

/* --- memory ----------------------------------------------------------------------------------- */

static void play(stage *at, const pipit_subscriber_options *options)
{
    pp_message *first = NULL;

    if (pipit_ua_subscribe(at->ua, "bob", "presence", "a/b", options, &subscriber))
        return;
    if (pipit_subscriber_subscribe(subscriber, NULL) == 0 && next_sent(at)) {
        keep_names(at);
        first = pp_message_ref(at->last);
        notify(at, "far", 1, ACTIVE, "open");
        answer(at, first, "200 OK", "far", FAR_CONTACT "Expires: 600\r\n", NULL);
        advance_ms(at, 590000);
        pipit_subscriber_terminate(subscriber, NULL);
        notify(at, "far", 3, "Subscription-State: terminated;reason=giveup\r\n", "closed");
        pp_message_unref(first);
    }
    subscriber = pipit_subscriber_unref(subscriber);
}

static void a_subscription_survives_any_allocation_failing(void **state)
{
    uint64_t n = 0;

    (void)state;
    do {
        stage *at;
        pipit_subscriber_options options;
        int64_t left;

        scarce_begin(0);
        at = stage_connected();
        options = defaults(at);
        scarce_fail(++n);
        play(at, &options);
        scarce_relax();
        at->read = at->wire.n;
        pp_buf_clear(&at->log);
        subscribe(at, &options); /* and all is well afterwards */
        take(at);
        finish(at);
        left = scarce_end();
        if (left)
            fail_msg("allocation %llu: %lld blocks leaked", (unsigned long long)n, (long long)left);
    } while (scarce_memory.failed);
    assert_true(n > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscribe_says_what_is_asked_for),
        cmocka_unit_test(a_contact_of_the_application_replaces_ours),
        cmocka_unit_test(a_subscription_is_refreshed_before_it_runs_out),
        cmocka_unit_test(a_subscription_ends_with_its_final_notify),
        cmocka_unit_test(a_final_notify_that_never_comes_is_not_waited_for),
        cmocka_unit_test(a_subscription_may_be_ended_before_it_is_accepted),
        cmocka_unit_test(a_refresh_that_is_asked_for_follows_the_one_on_its_way),
        cmocka_unit_test(a_fetch_is_over_with_one_notify),
        cmocka_unit_test(a_notify_may_come_before_the_answer),
        cmocka_unit_test(the_first_fork_that_notifies_has_the_subscription),
        cmocka_unit_test(a_first_notify_that_never_comes_ends_it),
        cmocka_unit_test(a_notify_that_is_none_of_ours_ends_it),
        cmocka_unit_test(a_first_subscribe_that_fails_ends_it),
        cmocka_unit_test(a_challenge_is_met),
        cmocka_unit_test(a_longer_time_is_asked_for_once),
        cmocka_unit_test(a_refresh_that_is_refused_for_good_ends_it),
        cmocka_unit_test(a_refresh_that_fails_for_now_is_tried_until_it_runs_out),
        cmocka_unit_test(a_subscription_is_begun_again_when_the_reason_lets_it),
        cmocka_unit_test(a_notifier_that_always_ends_it_is_asked_less_and_less_often),
        cmocka_unit_test(a_subscription_is_refreshed_on_the_next_connection),
        cmocka_unit_test(a_subscription_waits_for_the_registration_on_a_new_connection),
        cmocka_unit_test(a_registration_that_fails_keeps_no_subscription_waiting),
        cmocka_unit_test(a_refresh_lost_with_the_connection_goes_on_the_next),
        cmocka_unit_test(a_stop_ends_subscriptions_and_waits_for_the_final_notify),
        cmocka_unit_test(a_stop_does_not_wait_for_ever),
        cmocka_unit_test(nothing_is_subscribed_or_published_after_a_stop),
        cmocka_unit_test(a_subscription_outlives_its_user_agent),
        cmocka_unit_test(text_that_cannot_be_is_refused_at_once),
        cmocka_unit_test(a_subscription_survives_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
