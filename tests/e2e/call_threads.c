/* call_threads.c - several loops in several threads, each with a switchboard and a whole call over real sockets: nothing is
 * shared but the allocator and the log. Also run under ThreadSanitizer. */
#include "pipit/pipit.h"
#include "support/files.h"
#include "switchboard/switchboard.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define THREADS 4

typedef struct stage {
    pthread_t thread;
    pipit_loop *loop;
    switchboard *board;
    pipit_ua *alice, *bob;
    pipit_source *tone;
    pipit_sink *ear;
    atomic_uint heard; /* samples that were not silent */
    atomic_bool posted;
    unsigned stopped;
    bool ended;
    int err;
} stage;

static void hear(void *self, const int16_t *samples, size_t count)
{
    stage *s = self;

    for (size_t i = 0; i < count; i++)
        s->heard += samples[i] > 1000;
}

static const pipit_sink_interface ear = {.write = hear};

static void on_stopped(pipit_ua *ua, void *user)
{
    stage *s = user;

    (void)ua;
    if (++s->stopped == 2)
        s->board = switchboard_free(s->board);
}

static void stop_both(stage *s)
{
    pipit_ua_stop(s->alice);
    pipit_ua_stop(s->bob);
}

static void on_over(pipit_session *session, const pipit_end_event *event, void *user)
{
    stage *s = user;

    (void)session;
    s->ended = event->cause == PIPIT_CAUSE_BYE;
    stop_both(s);
}

static void hang_up(void *arg)
{
    stage *s = arg;

    pipit_ua_terminate_sessions(s->alice, NULL);
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    stage *s = user;

    (void)session;
    (void)event;
    if (pipit_loop_after(s->loop, 1000, hang_up, s) < 0)
        stop_both(s);
}

static const pipit_session_handlers call_handlers = {
    .confirmed = on_confirmed, .ended = on_over, .failed = on_over};

static void on_bob_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    stage *s = user;
    const pipit_answer_options options = {.media_stream = {.audio_sink = s->ear}};

    (void)ua;
    pipit_session_answer(event->session, &options);
}

static void on_bob_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    stage *s = user;
    const pipit_call_options options = {
        .handlers = &call_handlers, .user = s, .media_stream = {.audio_source = s->tone}};

    (void)ua;
    (void)event;
    s->err = pipit_ua_call(s->alice, "bob", &options, NULL);
    if (s->err)
        stop_both(s);
}

static const pipit_ua_handlers alice_handlers = {.stopped = on_stopped};
static const pipit_ua_handlers bob_handlers = {
    .registered = on_bob_registered, .new_rtc_session = on_bob_session, .stopped = on_stopped};

static int add_ua(stage *s, const char *uri, bool registers, const pipit_ua_handlers *handlers,
                  pipit_ua **out)
{
    pipit_ua_configuration configuration = {.uri = uri,
                                            .password = "secret",
                                            .handlers = handlers,
                                            .user = s,
                                            .no_register = !registers};
    char url[64];
    int err;

    snprintf(url, sizeof(url), "ws://127.0.0.1:%u", (unsigned)switchboard_ws_port(s->board));
    err = pipit_websocket_new(s->loop, url, &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(s->loop, &configuration, out);
    pipit_socket_unref(configuration.sockets[0].socket);
    return err ? err : pipit_ua_start(*out);
}

static void post(void *arg)
{
    stage *s = arg;

    s->posted = true;
}

static void *run(void *arg)
{
    static const switchboard_user users[] = {{"alice", "secret"}, {"bob", "secret"}};
    switchboard_options board = {.users = users, .user_count = 2};
    stage *s = arg;

    pp_addr_parse(PP_LIT("127.0.0.1"), 0, &board.ws);
    s->err = pipit_loop_new(&s->loop);
    if (!s->err)
        s->err = switchboard_new(s->loop, &board, &s->board);
    if (!s->err)
        s->err = pipit_source_tone(440, -12, &s->tone);
    if (!s->err)
        s->err = pipit_sink_new(&ear, s, 16000, &s->ear);
    if (!s->err)
        s->err = add_ua(s, "sip:alice@localhost", false, &alice_handlers, &s->alice);
    if (!s->err)
        s->err = add_ua(s, "sip:bob@localhost", true, &bob_handlers, &s->bob);
    if (!s->err)
        s->err = pipit_loop_post(s->loop, post, s);
    if (!s->err)
        s->err = pipit_loop_run(s->loop);
    pipit_ua_unref(s->alice);
    pipit_ua_unref(s->bob);
    pipit_source_unref(s->tone);
    pipit_sink_unref(s->ear);
    switchboard_free(s->board);
    pipit_loop_unref(s->loop);
    return NULL;
}

static void calls_on_several_loops_do_not_meet(void **state)
{
    static stage stages[THREADS];

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&stages[i].thread, NULL, run, &stages[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(stages[i].thread, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(stages[i].err, 0);
        assert_true(stages[i].posted);
        assert_true(stages[i].ended);
        assert_true(stages[i].heard > 2000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_on_several_loops_do_not_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
