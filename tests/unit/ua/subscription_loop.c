/* subscription_loop.c - a user agent that subscribes to itself: its socket gives back what it sends, under another Call-ID. JsSIP's own
 * test of Subscriber and Notifier, step by step. */
#include "unit/ua/support/stage.h"

#define REQUEST "Please report the weather condition"
#define REPORT  "+20..+24\xC2\xB0\x43, no precipitation, light wind"
#define TYPE    "text/plain"

typedef struct loop_stage {
    sim *s;
    pipit_ua *ua;
    pipit_socket *socket;
    pp_post connecting, delivering;
    pp_buf queue; /* messages on their way, each with a NUL behind it */
    pp_buf log;
    pipit_subscriber *subscriber;
    pipit_notifier *notifier;
    unsigned step;
} loop_stage;

static void step(loop_stage *at, const char *what)
{
    pp_buf_format(&at->log, "%u:%s ", ++at->step, what);
}

/* --- a socket that is a loop ------------------------------------------------------------------ */

static void up(void *self)
{
    pipit_socket_connected(((loop_stage *)self)->socket);
}

static void loop_connect(void *self)
{
    loop_stage *at = self;

    pp_loop_post(sim_loop(at->s), &at->connecting, up, at);
}

static void loop_disconnect(void *self)
{
    (void)self;
}

static void deliver(void *self)
{
    loop_stage *at = self;
    pp_buf queue = at->queue;

    at->queue = (pp_buf){0};
    for (size_t i = 0; i < queue.n; i += strlen(queue.p + i) + 1)
        pipit_socket_data(at->socket, queue.p + i, strlen(queue.p + i));
    pp_buf_free(&queue);
}

/* A Call-ID gets an "x" in front on its way to the other role, and loses it on the way back. */
static bool loop_send(void *self, const char *data, size_t size)
{
    loop_stage *at = self;
    const char *field = strstr(data, "\r\nCall-ID: ") + strlen("\r\nCall-ID: ");

    pp_buf_add(&at->queue, data, (size_t)(field - data));
    if (*field == '=')
        field++;
    else
        pp_buf_char(&at->queue, '=');
    pp_buf_add(&at->queue, field, size - (size_t)(field - data));
    pp_buf_char(&at->queue, '\0');
    pp_loop_post(sim_loop(at->s), &at->delivering, deliver, at);
    return true;
}

/* --- the subscriber --------------------------------------------------------------------------- */

static void on_accepted(pipit_subscriber *s, void *user)
{
    (void)s;
    step(user, "accepted");
}

static void on_active(pipit_subscriber *s, void *user)
{
    assert_int_equal(pipit_subscriber_get_state(s), PIPIT_SUBSCRIBER_ACTIVE);
    step(user, "active");
}

static void on_notify(pipit_subscriber *s, const pipit_notify_event *e, void *user)
{
    loop_stage *at = user;

    step(at, e->is_final ? "final notify" : "notify");
    assert_string_equal(pipit_request_method(e->request), "NOTIFY");
    assert_string_equal(e->body, REPORT);
    assert_string_equal(e->content_type, TYPE);
    if (!e->is_final)
        assert_int_equal(pipit_subscriber_terminate(s, REQUEST), 0);
}

static void on_subscriber_terminated(pipit_subscriber *s, const pipit_subscription_end_event *e,
                                     void *user)
{
    loop_stage *at = user;

    (void)s;
    assert_int_equal(e->code, PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED);
    assert_null(e->reason);
    assert_false(e->has_retry_after);
    step(at, "subscriber terminated");
    pipit_ua_stop(at->ua);
}

static const pipit_subscriber_handlers subscriber_handlers = {.accepted = on_accepted,
                                                              .active = on_active,
                                                              .notify = on_notify,
                                                              .terminated =
                                                                  on_subscriber_terminated};

static void on_connected(pipit_ua *ua, const pipit_connected_event *e, void *user)
{
    loop_stage *at = user;
    const pipit_subscriber_options options = {
        .expires = 3600, .content_type = TYPE, .handlers = &subscriber_handlers, .user = at};

    (void)e;
    step(at, "connected");
    assert_int_equal(pipit_ua_subscribe(ua, "alice", "weather", "application/text, text/plain",
                                        &options, &at->subscriber),
                     0);
    assert_int_equal(pipit_subscriber_subscribe(at->subscriber, REQUEST), 0);
    step(at, "subscribe sent");
}

/* --- the notifier ----------------------------------------------------------------------------- */

static void on_subscribe(pipit_notifier *n, const pipit_subscribe_event *e, void *user)
{
    step(user, e->is_unsubscribe ? "un-subscribe" : "subscribe");
    assert_string_equal(e->body, REQUEST);
    assert_string_equal(e->content_type, TYPE);
    assert_string_equal(pipit_request_header(e->request, "Expires", 0),
                        e->is_unsubscribe ? "0" : "3600");
    if (e->is_unsubscribe)
        assert_int_equal(pipit_notifier_terminate(n, REPORT, NULL, 0), 0);
    else
        assert_int_equal(pipit_notifier_notify(n, REPORT), 0);
}

static void on_notifier_terminated(pipit_notifier *n, const pipit_notifier_end_event *e, void *user)
{
    (void)n;
    assert_int_equal(e->code, PIPIT_NOTIFIER_FINAL_NOTIFY_SENT);
    step(user, "notifier terminated");
}

static const pipit_notifier_handlers notifier_handlers = {.subscribe = on_subscribe,
                                                          .terminated = on_notifier_terminated};

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    loop_stage *at = user;
    const pipit_notifier_options options = {.handlers = &notifier_handlers, .user = at};

    step(at, "new_subscribe");
    assert_string_equal(e->event, "weather");
    assert_null(e->id);
    assert_int_equal(pipit_ua_notify(ua, e->request, TYPE, &options, &at->notifier), 0);
    assert_int_equal(pipit_notifier_start(at->notifier), 0);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    pp_buf_c(&((loop_stage *)user)->log, "stopped ");
}

static const pipit_ua_handlers handlers = {
    .connected = on_connected, .new_subscribe = on_new_subscribe, .stopped = on_stopped};

static void the_steps_of_a_subscription_come_in_jssips_order(void **state)
{
    static const pipit_socket_interface functions = {
        .connect = loop_connect, .disconnect = loop_disconnect, .send = loop_send};
    loop_stage at = {0};
    pipit_ua_configuration c = {
        .uri = "sip:alice@example.com", .no_register = true, .handlers = &handlers, .user = &at};

    (void)state;
    assert_int_equal(sim_new(7, &at.s), 0);
    assert_int_equal(pipit_socket_new(&functions, &at, "WS", "ws://loop.example.com",
                                      "sip:loop.example.com;transport=ws", &at.socket),
                     0);
    c.sockets[0].socket = at.socket;
    assert_int_equal(pipit_ua_new(sim_loop(at.s), &c, &at.ua), 0);
    assert_int_equal(pipit_ua_start(at.ua), 0);
    sim_advance_ms(at.s, 100);
    pp_buf_char(&at.log, '\0');
    assert_string_equal(at.log.p,
                        "1:connected 2:subscribe sent 3:new_subscribe 4:subscribe 5:accepted "
                        "6:active 7:notify 8:un-subscribe 9:notifier terminated 10:final notify "
                        "11:subscriber terminated stopped ");
    pp_buf_free(&at.log);
    pipit_subscriber_unref(at.subscriber);
    pipit_notifier_unref(at.notifier);
    pipit_ua_unref(at.ua);
    pipit_socket_unref(at.socket);
    sim_free(at.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_of_a_subscription_come_in_jssips_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
