/* media_threads.c - calls with sound and pictures whose loops have media threads: they are made, held, muted, given other ends, ended
 * and let go of at any moment, by a die, and so in the middle of what a thread does for them. Also run under the sanitizers. */
#include "pipit/pipit.h"
#include "support/cast/loopback.h"
#include "support/dice.h"
#include "support/files.h"

#include <pthread.h>
#include <stdio.h>

enum {
    LOOPS = 2,
    MEDIA_THREADS = 2,
    CALLS = 3,
    ACT_MS = 7,
    ACTS = 400,
    WIDTH = 160,
    HEIGHT = 120,
    ACTIONS = 40 /* of which most do nothing */
};

typedef struct eye {
    pipit_video_source *source;
    pipit_video_sink *sink;
    unsigned seen;
} eye;

typedef struct stage {
    pthread_t thread;
    uint64_t die;
    pipit_loop *loop;
    switchboard *board;
    pipit_ua *alice, *bob;
    pipit_session *calls[CALLS]; /* of alice; NULL: none */
    eye eyes[2 * CALLS];         /* two for each of alice's calls */
    eye watcher;                 /* of bob */
    pipit_source *tone;
    unsigned stopped, acts, made, answered, released;
    pipit_media_threads threads;
    int err;
} stage;

/* --- ends ------------------------------------------------------------------------------------- */

static void see(void *self, const pipit_video_frame *frame)
{
    eye *e = self;
    unsigned number;

    if (pipit_video_pattern_number(frame, &number))
        e->seen++;
}

static const pipit_video_sink_interface seeing = {.write = see};

static int open_eye(eye *e)
{
    int err = pipit_video_source_pattern(WIDTH, HEIGHT, &e->source);

    return err ? err : pipit_video_sink_new(&seeing, e, &e->sink);
}

static void close_eye(eye *e)
{
    pipit_video_source_unref(e->source);
    pipit_video_sink_unref(e->sink);
}

static pipit_media_stream stream_of(const stage *s, const eye *e)
{
    return (pipit_media_stream){
        .audio_source = s->tone, .video_source = e->source, .video_sink = e->sink};
}

/* --- what alice does -------------------------------------------------------------------------- */

static void call(stage *s, unsigned which)
{
    const pipit_call_options options = {
        .media_constraints = {.audio = true, .video = true},
        .media_stream = stream_of(s, &s->eyes[2 * which]),
        .pc_config = {.video_codecs =
                          which % 2 && pipit_video_has_codec(PIPIT_VIDEO_H264) ? "H264" : NULL,
                      .allow_loopback = true}};

    if (pipit_ua_call(s->alice, "bob", &options, &s->calls[which]) == 0)
        s->made++;
}

static void let_go(stage *s, unsigned which)
{
    (void)pipit_session_terminate(s->calls[which], NULL);
    s->calls[which] = pipit_session_unref(s->calls[which]);
    s->released++;
}

/* What is refused because of the state the call is in is part of it. */
static void act_on(stage *s, unsigned which, unsigned action)
{
    static const pipit_media_constraints both = {.audio = true, .video = true};
    pipit_session *session = s->calls[which];
    const eye *other = &s->eyes[2 * which + action % 2];

    switch (action) {
    case 0:
        let_go(s, which);
        break;
    case 1:
        (void)pipit_session_hold(session, NULL);
        break;
    case 2:
    case 3:
        (void)pipit_session_unhold(session, NULL);
        break;
    case 4:
        (void)pipit_session_mute(session, &both);
        break;
    case 5:
        (void)pipit_session_unmute(session, &both);
        break;
    case 6:
    case 7:
        (void)pipit_session_set_video(session, other->source, other->sink);
        break;
    case 8:
        (void)pipit_session_renegotiate(session, NULL);
        break;
    default:
        break;
    }
}

static void act(void *arg)
{
    stage *s = arg;
    unsigned which = (unsigned)(dice_u64(&s->die) % CALLS);
    unsigned action = (unsigned)(dice_u64(&s->die) % ACTIONS);

    if (++s->acts == ACTS) {
        pipit_ua_stop(s->alice);
        pipit_ua_stop(s->bob);
        return;
    }
    if (s->calls[which] && pipit_session_is_ended(s->calls[which]))
        s->calls[which] = pipit_session_unref(s->calls[which]);
    if (s->calls[which])
        act_on(s, which, action);
    else
        call(s, which);
    (void)pipit_loop_after(s->loop, ACT_MS, act, s);
}

/* --- what bob does ---------------------------------------------------------------------------- */

static void on_session(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    stage *s = user;
    pipit_answer_options options = {.media_constraints = {.audio = true, .video = true},
                                    .media_stream = stream_of(s, &s->watcher),
                                    .pc_config = {.allow_loopback = true}};

    (void)ua;
    if (event->originator == PIPIT_LOCAL)
        return;
    options.media_stream.video_source = NULL;
    (void)pipit_video_source_pattern(WIDTH, HEIGHT, &options.media_stream.video_source);
    s->answered += pipit_session_answer(event->session, &options) == 0;
    pipit_video_source_unref(options.media_stream.video_source);
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    stage *s = user;

    (void)ua;
    (void)event;
    (void)pipit_loop_after(s->loop, 0, act, s);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    stage *s = user;

    (void)ua;
    if (++s->stopped == 2)
        s->board = switchboard_free(s->board);
}

/* --- their loop ------------------------------------------------------------------------------- */

static const pipit_ua_handlers alice_handlers = {.stopped = on_stopped};
static const pipit_ua_handlers bob_handlers = {
    .registered = on_registered, .new_rtc_session = on_session, .stopped = on_stopped};

static int add_ua(stage *s, const char *uri, const pipit_ua_handlers *handlers, pipit_ua **out)
{
    return loopback_ua(s->loop, s->board,
                       (pipit_ua_configuration){.uri = uri,
                                                .handlers = handlers,
                                                .user = s,
                                                .no_register = handlers == &alice_handlers},
                       out);
}

static int set_up(stage *s)
{
    int err = pipit_loop_new(&s->loop);

    if (!err)
        err = pipit_loop_set_media_threads(s->loop, MEDIA_THREADS);
    if (!err)
        err = loopback_board(s->loop, &s->board);
    if (!err)
        err = pipit_source_tone(440, -12, &s->tone);
    for (unsigned i = 0; !err && i < 2 * CALLS; i++)
        err = open_eye(&s->eyes[i]);
    if (!err)
        err = open_eye(&s->watcher);
    if (!err)
        err = add_ua(s, "sip:alice@localhost", &alice_handlers, &s->alice);
    return err ? err : add_ua(s, "sip:bob@localhost", &bob_handlers, &s->bob);
}

static void *run(void *arg)
{
    stage *s = arg;

    s->err = set_up(s);
    if (!s->err)
        s->err = pipit_loop_run(s->loop);
    pipit_loop_get_media_threads(s->loop, &s->threads);
    for (unsigned i = 0; i < CALLS; i++)
        pipit_session_unref(s->calls[i]);
    pipit_ua_unref(s->alice);
    pipit_ua_unref(s->bob);
    for (unsigned i = 0; i < 2 * CALLS; i++)
        close_eye(&s->eyes[i]);
    close_eye(&s->watcher);
    pipit_source_unref(s->tone);
    switchboard_free(s->board);
    pipit_loop_unref(s->loop);
    return NULL;
}

static void calls_come_and_go_while_threads_work_for_them(void **state)
{
    static stage stages[LOOPS];

    (void)state;
    if (!pipit_video_has_codec(PIPIT_VIDEO_VP8) && !pipit_video_has_codec(PIPIT_VIDEO_H264))
        skip();
    for (unsigned i = 0; i < LOOPS; i++) {
        stages[i].die = i + 1;
        assert_int_equal(pthread_create(&stages[i].thread, NULL, run, &stages[i]), 0);
    }
    for (unsigned i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_join(stages[i].thread, NULL), 0);
    for (unsigned i = 0; i < LOOPS; i++) {
        const stage *s = &stages[i];
        unsigned seen = s->watcher.seen;

        for (unsigned k = 0; k < 2 * CALLS; k++)
            seen += s->eyes[k].seen;
        printf("loop %u: %u calls, %u let go, %u pictures, %llu items by threads, %llu not\n", i,
               s->made, s->released, seen, (unsigned long long)s->threads.items,
               (unsigned long long)s->threads.refused);
        assert_int_equal(s->err, 0);
        assert_true(s->made > CALLS && s->answered > 0 && s->released > 0);
        assert_true(seen > 0);
        assert_int_equal(s->threads.count, MEDIA_THREADS);
        assert_true(s->threads.items > seen);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_come_and_go_while_threads_work_for_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
