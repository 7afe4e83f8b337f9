/* channels.c - what stands between a source of two channels and a sink: who keeps both, and who mixes them. */
#include "media/intake.h"
#include "media/mixer.h"
#include "media/outlet.h"
#include "pipit/error.h"
#include "pipit/sound.h"
#include "support/files.h"

#include <stdlib.h>

enum { RATE = 48000, FRAME = 960, LEFT = 6000, RIGHT = -2000, MEAN = 2000 };

static size_t say(void *self, int16_t *samples, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++) {
        samples[2 * i] = LEFT;
        samples[2 * i + 1] = RIGHT;
    }
    return count;
}

static size_t say_half(void *self, int16_t *samples, size_t count)
{
    return say(self, samples, count / 2); /* and then no more */
}

static size_t say_mean(void *self, int16_t *samples, size_t count)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        samples[i] = MEAN;
    return count;
}

static const pipit_source_interface two = {.read = say}, ending = {.read = say_half},
                                    one = {.read = say_mean};

struct ear {
    size_t count;    /* samples that it was given, of each channel */
    int16_t last[2]; /* of the last ones, what stands first and second */
};

static void hear(void *self, const int16_t *samples, size_t count)
{
    struct ear *ear = self;

    ear->count += count;
    ear->last[0] = samples[0];
    ear->last[1] = samples[1];
}

static const pipit_sink_interface hearing = {.write = hear};

static pipit_source *source_of(unsigned channels)
{
    pipit_source *source = NULL;

    assert_int_equal(channels == 2 ? pipit_source_new_stereo(&two, NULL, RATE, &source)
                                   : pipit_source_new(&one, NULL, RATE, &source),
                     0);
    assert_int_equal(pipit_source_channels(source), channels);
    return source;
}

static pipit_sink *sink_of(unsigned channels, unsigned rate, struct ear *ear)
{
    pipit_sink *sink = NULL;

    *ear = (struct ear){0};
    assert_int_equal(channels == 2 ? pipit_sink_new_stereo(&hearing, ear, rate, &sink)
                                   : pipit_sink_new(&hearing, ear, rate, &sink),
                     0);
    assert_int_equal(pipit_sink_channels(sink), channels);
    return sink;
}

static void check(const int16_t *pair, int first, int second)
{
    assert_true(abs(pair[0] - first) <= 2 && abs(pair[1] - second) <= 2);
}

static void a_source_is_read_by_one_channel_or_two(void **state)
{
    int16_t samples[4 * FRAME];
    pipit_source *source = source_of(2);

    (void)state;
    pp_source_read(source, samples, 2 * FRAME);
    check(samples, MEAN, MEAN);
    check(samples + 2 * FRAME - 2, MEAN, MEAN);
    pp_source_read_channels(source, 2, samples, FRAME);
    check(samples + 2 * FRAME - 2, LEFT, RIGHT);
    pipit_source_unref(source);
    source = source_of(1);
    pp_source_read_channels(source, 2, samples, FRAME);
    check(samples + 2 * FRAME - 2, MEAN, MEAN);
    pipit_source_unref(source);
}

static void a_source_that_ends_is_silent_on_both_sides(void **state)
{
    pipit_source *source = NULL;
    int16_t samples[2 * FRAME];

    (void)state;
    assert_int_equal(pipit_source_new_stereo(&ending, NULL, RATE, &source), 0);
    pp_source_read_channels(source, 2, samples, FRAME);
    check(samples + FRAME - 2, LEFT, RIGHT);
    check(samples + FRAME, 0, 0);
    check(samples + 2 * FRAME - 2, 0, 0);
    assert_true(pipit_source_ended(source));
    pipit_source_unref(source);
}

static void what_is_read_and_written_may_be_resampled(void **state)
{
    static const unsigned rates[] = {8000, 16000, 44100, 48000};

    (void)state;
    for (unsigned from = 1; from <= 2; from++)
        for (unsigned to = 1; to <= 2; to++)
            for (size_t i = 0; i < 4; i++) {
                pp_intake intake = {.rate = rates[i], .channels = from};
                pipit_source *source = source_of(2);
                int16_t frame[2 * FRAME];
                pp_outlet outlet = {0};
                struct ear ear;
                pipit_sink *sink = sink_of(to, 16000, &ear);

                assert_int_equal(pp_intake_set(&intake, source), 0);
                assert_int_equal(pp_outlet_set(&outlet, sink, rates[i], from), 0);
                for (unsigned k = 0; k < 50; k++) {
                    pp_intake_read(&intake, frame);
                    pp_outlet_write(&outlet, frame, rates[i] / 50);
                }
                assert_in_range(ear.count, 16000 - 2, 16000 + 2);
                if (from == 2 && to == 2)
                    check(ear.last, LEFT, RIGHT);
                else
                    check(ear.last, MEAN, MEAN);
                pp_intake_close(&intake);
                pp_outlet_close(&outlet);
                pipit_source_unref(source);
                pipit_sink_unref(sink);
            }
}

static void a_tap_and_a_meter_keep_two(void **state)
{
    static const pipit_meter_handlers nobody = {0};
    const pipit_meter_options options = {.handlers = &nobody};
    pipit_source *source = source_of(2), *metered = NULL, *tapped = NULL;
    struct ear left_right, mixed;
    pipit_sink *both = sink_of(2, RATE, &left_right), *mono = sink_of(1, RATE, &mixed);
    pipit_source *tapped_twice = NULL;
    int16_t samples[2 * FRAME];

    (void)state;
    assert_int_equal(pipit_source_meter(source, &options, &metered), 0);
    assert_int_equal(pipit_source_tap(metered, both, &tapped), 0);
    assert_int_equal(pipit_source_tap(tapped, mono, &tapped_twice), 0);
    assert_int_equal(pipit_source_channels(tapped_twice), 2);
    pp_source_read_channels(tapped_twice, 2, samples, FRAME);
    check(samples + 2 * FRAME - 2, LEFT, RIGHT);
    check(left_right.last, LEFT, RIGHT);
    check(mixed.last, MEAN, MEAN);
    pipit_source_unref(tapped_twice);
    pipit_source_unref(tapped);
    pipit_source_unref(metered);
    pipit_source_unref(source);
    pipit_sink_unref(both);
    pipit_sink_unref(mono);
}

struct told {
    double level;
};

static void note_level(double level, void *user)
{
    ((struct told *)user)->level = level;
}

static void a_meter_of_two_measures_both(void **state)
{
    static const pipit_meter_handlers handlers = {.level = note_level};
    struct told told = {0};
    const pipit_meter_options options = {.handlers = &handlers, .user = &told};
    const double right = 4472.136 / 32768; /* the root of the mean of both squares */
    struct ear ear;
    pipit_sink *sink = sink_of(2, RATE, &ear), *metered = NULL;
    int16_t samples[2 * FRAME];

    (void)state;
    assert_int_equal(pipit_sink_meter(sink, &options, &metered), 0);
    assert_int_equal(pipit_sink_channels(metered), 2);
    say(NULL, samples, FRAME);
    for (unsigned i = 0; i < 5; i++)
        pp_sink_write_channels(metered, 2, samples, FRAME);
    assert_true(told.level > right - 0.001 && told.level < right + 0.001);
    assert_int_equal(ear.count, 5 * FRAME);
    check(ear.last, LEFT, RIGHT);
    pipit_sink_unref(metered);
    pipit_sink_unref(sink);
}

/* As many as its first; the second gets what it can take. */
static void a_tee_has_the_channels_of_its_first(void **state)
{
    struct ear a, b;
    pipit_sink *both = sink_of(2, RATE, &a), *mono = sink_of(1, RATE, &b), *tee = NULL;
    int16_t samples[2 * FRAME];

    (void)state;
    say(NULL, samples, FRAME);
    assert_int_equal(pipit_sink_tee(both, mono, &tee), 0);
    assert_int_equal(pipit_sink_channels(tee), 2);
    pp_sink_write_channels(tee, 2, samples, FRAME);
    check(a.last, LEFT, RIGHT);
    check(b.last, MEAN, MEAN);
    pipit_sink_unref(tee);
    assert_int_equal(pipit_sink_tee(mono, both, &tee), 0);
    assert_int_equal(pipit_sink_channels(tee), 1);
    pp_sink_write_channels(tee, 2, samples, FRAME);
    check(a.last, MEAN, MEAN);
    check(b.last, MEAN, MEAN);
    pipit_sink_unref(tee);
    pipit_sink_unref(both);
    pipit_sink_unref(mono);
}

/* A conference has one channel: who brings two is mixed, and who takes two hears the same on both sides. */
static void a_mixer_mixes_channels_too(void **state)
{
    pipit_media_stream local = {.audio_source = source_of(2)}, seat;
    pp_mixer_seat *at = NULL;
    pp_mixer *mixer = NULL;
    int16_t samples[FRAME];
    struct ear ear;

    (void)state;
    local.audio_sink = sink_of(2, RATE, &ear);
    assert_int_equal(pp_mixer_new(&mixer), 0);
    assert_int_equal(pp_mixer_set_local(mixer, &local), 0);
    assert_int_equal(pp_mixer_add(mixer, &at), 0);
    seat = pp_mixer_seat_stream(at);
    assert_int_equal(pipit_source_channels(seat.audio_source), 1);
    for (unsigned i = 0; i < 10; i++) {
        int16_t said[2 * FRAME];

        say(NULL, said, FRAME);
        pp_sink_write_channels(seat.audio_sink, 2, said, FRAME);
        pp_source_read(seat.audio_source, samples, FRAME);
    }
    check(samples + FRAME - 2, MEAN, MEAN);
    check(ear.last, MEAN, MEAN);
    pp_mixer_free(mixer);
    pipit_source_unref(local.audio_source);
    pipit_sink_unref(local.audio_sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_read_by_one_channel_or_two),
        cmocka_unit_test(a_source_that_ends_is_silent_on_both_sides),
        cmocka_unit_test(what_is_read_and_written_may_be_resampled),
        cmocka_unit_test(a_tap_and_a_meter_keep_two),
        cmocka_unit_test(a_meter_of_two_measures_both),
        cmocka_unit_test(a_tee_has_the_channels_of_its_first),
        cmocka_unit_test(a_mixer_mixes_channels_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
