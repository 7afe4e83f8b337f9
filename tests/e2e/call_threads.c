/* call_threads.c - several loops in several threads, each with a switchboard and three user agents over real sockets: a call, hold,
 * a message, a transfer. Nothing is shared but the allocator and the log. Also run under ThreadSanitizer. */
#include "pipit/pipit.h"
#include "support/cast/loopback.h"
#include "support/files.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define THREADS 4
#define AGENTS  3

typedef struct stage {
    pthread_t thread;
    pipit_loop *loop;
    switchboard *board;
    pipit_ua *alice, *bob, *carol;
    pipit_session *call; /* of alice to bob */
    pipit_source *tone;
    pipit_sink *ear;
    atomic_uint heard; /* samples that were not silent */
    atomic_bool posted;
    unsigned stopped, registered;
    bool held, unheld, delivered, transferred, ended;
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
    if (++s->stopped == AGENTS)
        s->board = switchboard_free(s->board);
}

static void stop_all(stage *s)
{
    pipit_ua_stop(s->alice);
    pipit_ua_stop(s->bob);
    pipit_ua_stop(s->carol);
}

/* One step of alice's after the other; one that cannot be taken ends it all. */
static void go_on(stage *s, int err)
{
    s->err = err;
    if (err)
        stop_all(s);
}

static void on_over(pipit_session *session, const pipit_end_event *event, void *user)
{
    stage *s = user;

    (void)session;
    s->ended = event->cause == PIPIT_CAUSE_BYE;
    stop_all(s);
}

static void on_transferred(pipit_refer_subscriber *refer, const pipit_refer_progress_event *event,
                           void *user)
{
    stage *s = user;

    (void)refer;
    s->transferred = event->status_code == 200;
    go_on(s, pipit_session_terminate(s->call, NULL));
}

static const pipit_refer_handlers refer_handlers = {.accepted = on_transferred};

static void on_delivered(pipit_message *message, const pipit_message_event *event, void *user)
{
    stage *s = user;
    const pipit_refer_options options = {.handlers = &refer_handlers, .user = s};

    (void)message;
    (void)event;
    s->delivered = true;
    go_on(s, pipit_session_refer(s->call, "carol", &options, NULL));
}

static const pipit_message_handlers message_handlers = {.succeeded = on_delivered};

static void on_unheld(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    stage *s = user;
    const pipit_message_options options = {.handlers = &message_handlers, .user = s};

    (void)session;
    s->unheld = outcome->cause == PIPIT_CAUSE_NONE;
    go_on(s, pipit_ua_send_message(s->alice, "bob", "hello", &options, NULL));
}

static void on_held(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    stage *s = user;
    const pipit_reoffer_options options = {.done = on_unheld, .user = s};

    s->held = outcome->cause == PIPIT_CAUSE_NONE;
    go_on(s, pipit_session_unhold(session, &options));
}

static void hold(void *arg)
{
    stage *s = arg;
    const pipit_reoffer_options options = {.done = on_held, .user = s};

    go_on(s, pipit_session_hold(s->call, &options));
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    stage *s = user;

    (void)session;
    (void)event;
    go_on(s, pipit_loop_after(s->loop, 1000, hold, s));
}

static const pipit_session_handlers call_handlers = {
    .confirmed = on_confirmed, .ended = on_over, .failed = on_over};

/* Bob does what he is asked for. */
static void on_refer(pipit_session *session, const pipit_refer_event *event, void *user)
{
    (void)session;
    go_on(user, pipit_refer_accept(event->refer, NULL, NULL));
}

static const pipit_session_handlers bob_call_handlers = {.refer = on_refer};

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    stage *s = user;
    const pipit_answer_options options = {
        .media_stream = {.audio_sink = ua == s->bob ? s->ear : NULL}};

    if (event->originator == PIPIT_LOCAL)
        return;
    if (ua == s->bob)
        pipit_session_set_handlers(event->session, &bob_call_handlers, s);
    pipit_session_answer(event->session, &options);
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    stage *s = user;
    const pipit_call_options options = {
        .handlers = &call_handlers, .user = s, .media_stream = {.audio_source = s->tone}};

    (void)ua;
    (void)event;
    if (++s->registered == 2)
        go_on(s, pipit_ua_call(s->alice, "bob", &options, &s->call));
}

/* A message that has a listener is answered 200. */
static void on_message(pipit_ua *ua, const pipit_new_message_event *event, void *user)
{
    (void)ua;
    (void)event;
    (void)user;
}

static const pipit_ua_handlers alice_handlers = {.stopped = on_stopped};
static const pipit_ua_handlers called_handlers = {.registered = on_registered,
                                                  .new_rtc_session = on_session,
                                                  .new_message = on_message,
                                                  .stopped = on_stopped};

static int add_ua(stage *s, const char *uri, bool registers, const pipit_ua_handlers *handlers,
                  pipit_ua **out)
{
    return loopback_ua(s->loop, s->board,
                       (pipit_ua_configuration){
                           .uri = uri, .handlers = handlers, .user = s, .no_register = !registers},
                       out);
}

static void post(void *arg)
{
    stage *s = arg;

    s->posted = true;
}

static void *run(void *arg)
{
    stage *s = arg;
    int run_err = 0;

    s->err = pipit_loop_new(&s->loop);
    if (!s->err)
        s->err = loopback_board(s->loop, &s->board);
    if (!s->err)
        s->err = pipit_source_tone(440, -12, &s->tone);
    if (!s->err)
        s->err = pipit_sink_new(&ear, s, 16000, &s->ear);
    if (!s->err)
        s->err = add_ua(s, "sip:alice@localhost", false, &alice_handlers, &s->alice);
    if (!s->err)
        s->err = add_ua(s, "sip:bob@localhost", true, &called_handlers, &s->bob);
    if (!s->err)
        s->err = add_ua(s, "sip:carol@localhost", true, &called_handlers, &s->carol);
    if (!s->err)
        s->err = pipit_loop_post(s->loop, post, s);
    if (!s->err)
        run_err = pipit_loop_run(s->loop);
    pipit_session_unref(s->call);
    pipit_ua_unref(s->alice);
    pipit_ua_unref(s->bob);
    pipit_ua_unref(s->carol);
    pipit_source_unref(s->tone);
    pipit_sink_unref(s->ear);
    switchboard_free(s->board);
    if (!s->err)
        s->err = run_err;
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
        assert_true(stages[i].held && stages[i].unheld);
        assert_true(stages[i].delivered);
        assert_true(stages[i].transferred);
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
