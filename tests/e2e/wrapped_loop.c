/* wrapped_loop.c - the program's own uv_loop_t with its timers, and on it a switchboard and two user agents: a registration
 * and a message. */
#include "pipit/pipit.h"
#include "support/cast/loopback.h"
#include "support/files.h"

#include <stdio.h>
#include <uv.h>

typedef struct stage {
    uv_loop_t uv;
    uv_timer_t ticker; /* the program's */
    pipit_loop *loop;
    switchboard *board;
    pipit_ua *alice, *bob;
    unsigned ticks;
    bool registered, delivered;
    unsigned stopped;
    char text[64];
} stage;

static void on_delivered(pipit_message *message, const pipit_message_event *event, void *user)
{
    stage *s = user;

    (void)message;
    (void)event;
    s->delivered = true;
}

static void send_message(stage *s)
{
    static const pipit_message_handlers handlers = {.succeeded = on_delivered};
    const pipit_message_options options = {.handlers = &handlers, .user = s};

    assert_int_equal(pipit_ua_send_message(s->alice, "bob", "hello", &options, NULL), 0);
}

/* The third tick stops them. */
static void on_tick(uv_timer_t *ticker)
{
    stage *s = ticker->data;

    if (++s->ticks == 1)
        send_message(s);
    if (s->ticks < 3)
        return;
    uv_close((uv_handle_t *)ticker, NULL);
    pipit_ua_stop(s->alice);
    pipit_ua_stop(s->bob);
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    stage *s = user;

    (void)ua;
    (void)event;
    s->registered = true;
    uv_timer_start(&s->ticker, on_tick, 50, 50);
}

static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    stage *s = user;

    (void)ua;
    if (event->originator == PIPIT_REMOTE)
        snprintf(s->text, sizeof(s->text), "%s", pipit_message_body(event->message, NULL));
}

static void on_stopped(pipit_ua *ua, void *user)
{
    stage *s = user;

    (void)ua;
    if (++s->stopped == 2)
        s->board = switchboard_free(s->board);
}

static pipit_ua *add_ua(stage *s, const char *uri, bool registers)
{
    static const pipit_ua_handlers handlers = {
        .registered = on_registered, .new_message = on_message, .stopped = on_stopped};
    const pipit_ua_configuration configuration = {
        .uri = uri, .handlers = &handlers, .user = s, .no_register = !registers};
    pipit_ua *ua = NULL;

    assert_int_equal(loopback_ua(s->loop, s->board, configuration, &ua), 0);
    return ua;
}

static void start(stage *s)
{
    assert_int_equal(loopback_board(s->loop, &s->board), 0);
    s->alice = add_ua(s, "sip:alice@localhost", false);
    s->bob = add_ua(s, "sip:bob@localhost", true);
}

static void user_agents_live_on_the_programs_own_loop(void **state)
{
    stage s = {0};

    (void)state;
    assert_int_equal(uv_loop_init(&s.uv), 0);
    assert_int_equal(uv_timer_init(&s.uv, &s.ticker), 0);
    s.ticker.data = &s;
    assert_int_equal(pipit_loop_wrap(&s.uv, &s.loop), 0);
    start(&s);
    assert_int_equal(uv_run(&s.uv, UV_RUN_DEFAULT), 0); /* nothing of ours holds it at the end */
    assert_true(s.registered);
    assert_true(s.delivered);
    assert_int_equal(s.stopped, 2);
    assert_string_equal(s.text, "hello");
    assert_int_equal(s.ticks, 3);
    pipit_ua_unref(s.alice);
    pipit_ua_unref(s.bob);
    pipit_loop_unref(s.loop);
    assert_int_equal(uv_run(&s.uv, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&s.uv), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_agents_live_on_the_programs_own_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
