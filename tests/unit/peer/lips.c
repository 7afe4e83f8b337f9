/* lips.c - sound and pictures of one far end that change at the same moment: what is told of when they were captured, and of when
 * they are to be seen. */
#include "unit/peer/support/couple.h"

#include <stdlib.h>

enum { SIDE = 64, RATE = 16000, PERIOD_MS = 700, LOUD = 20000, CHANGES = 32 };

static struct { /* the stage is one: sources and sinks look at its clock */
    couple c;
    uint8_t planes[SIDE * SIDE * 2];
    struct changes {
        size_t count;
        uint64_t captured_us[CHANGES], shown_us[CHANGES];
        bool on;
    } light, sound;
    uint64_t sound_captured_us;
} stage;

static bool is_on(void)
{
    return sim_now_us(stage.c.s) / 1000 / PERIOD_MS % 2;
}

static bool shine(void *self, uint64_t time_us, pipit_video_frame *out)
{
    (void)self;
    (void)time_us;
    memset(stage.planes, is_on() ? 200 : 30, SIDE * SIDE);
    memset(stage.planes + SIDE * SIDE, 128, SIDE * SIDE / 2);
    *out = (pipit_video_frame){
        .width = SIDE,
        .height = SIDE,
        .planes = {stage.planes, stage.planes + SIDE * SIDE, stage.planes + SIDE * SIDE * 5 / 4},
        .strides = {SIDE, SIDE / 2, SIDE / 2}};
    return true;
}

static size_t ring(void *self, int16_t *samples, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        samples[i] = !is_on() ? 0 : i / 20 % 2 ? LOUD : -LOUD;
    return count;
}

static void note(struct changes *changes, bool on, uint64_t captured_us, uint64_t shown_us)
{
    if (on && !changes->on && changes->count < CHANGES) {
        changes->captured_us[changes->count] = captured_us;
        changes->shown_us[changes->count++] = shown_us;
    }
    changes->on = on;
}

static void see(void *self, const pipit_video_frame *frame)
{
    (void)self;
    note(&stage.light, frame->planes[0][0] > 100, frame->captured_us,
         sim_now_us(stage.c.s) + frame->wait_us);
}

static void captured(void *self, uint64_t time_us)
{
    (void)self;
    stage.sound_captured_us = time_us;
}

/* Loud for a while: the codec rings. */
static void hear(void *self, const int16_t *samples, size_t count)
{
    int most = 0;

    (void)self;
    for (size_t i = 0; i < count; i++)
        most = abs(samples[i]) > most ? abs(samples[i]) : most;
    note(&stage.sound, most > LOUD / 4, stage.sound_captured_us, sim_now_us(stage.c.s));
}

static void begin(unsigned jitter_us)
{
    static const pipit_video_source_interface light = {.read = shine};
    static const pipit_source_interface bell = {.read = ring};
    static const pipit_video_sink_interface eye = {.write = see};
    static const pipit_sink_interface ear = {.write = hear, .captured = captured};
    pipit_transceiver_init pictures = {0}, sound = {0};
    pipit_video_sink *to_see = NULL;
    pipit_sink *to_hear = NULL;

    memset(&stage, 0, sizeof(stage));
    begin_couple(&stage.c, 7);
    sim_set_delay(stage.c.s, 1000, jitter_us);
    assert_int_equal(pipit_source_new(&bell, NULL, RATE, &sound.source), 0);
    assert_int_equal(pipit_video_source_new(&light, NULL, &pictures.video_source), 0);
    assert_int_equal(pipit_peer_add_transceiver(stage.c.a.peer, PIPIT_MEDIA_AUDIO, &sound, NULL),
                     0);
    assert_int_equal(pipit_peer_add_transceiver(stage.c.a.peer, PIPIT_MEDIA_VIDEO, &pictures, NULL),
                     0);
    pipit_source_unref(sound.source);
    pipit_video_source_unref(pictures.video_source);
    negotiate(&stage.c.a, &stage.c.b);
    advance(&stage.c, 1); /* behind the track's event, which sets another ear */
    assert_int_equal(pipit_video_sink_new(&eye, NULL, &to_see), 0);
    assert_int_equal(pipit_sink_new(&ear, NULL, RATE, &to_hear), 0);
    assert_int_equal(
        pipit_transceiver_replace_sink(pipit_peer_transceiver(stage.c.b.peer, 0), to_hear), 0);
    assert_int_equal(
        pipit_transceiver_set_video(pipit_peer_transceiver(stage.c.b.peer, 1), NULL, to_see), 0);
    pipit_sink_unref(to_hear);
    pipit_video_sink_unref(to_see);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* A picture is taken every 33 ms and sound every 20, and so long each may lag behind the change. */
static void check_together(unsigned jitter_us)
{
    begin(jitter_us);
    advance(&stage.c, 12000);
    assert_true(stage.light.count >= 6 && stage.light.count == stage.sound.count);
    for (size_t i = 2; i < stage.light.count; i++) {
        assert_in_range(apart(stage.light.captured_us[i], stage.sound.captured_us[i]), 0, 36000);
        assert_in_range(apart(stage.light.shown_us[i], stage.sound.shown_us[i]), 0, 45000);
        assert_true(stage.light.shown_us[i] >= stage.light.captured_us[i]);
    }
    end_couple(&stage.c);
}

static void sound_and_pictures_are_on_one_line(void **state)
{
    (void)state;
    check_together(0);
}

static void pictures_wait_for_sound_that_is_held_back(void **state)
{
    (void)state;
    check_together(80000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_and_pictures_are_on_one_line),
        cmocka_unit_test(pictures_wait_for_sound_that_is_held_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
