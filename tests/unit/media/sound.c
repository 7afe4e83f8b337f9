/* sound.c - meters, tones with a rhythm, a source that is heard elsewhere. */
#include "pipit/sound.h"

#include "media/source.h"
#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/signal.h"

#include <string.h>

enum { RATE = 16000, FRAME = RATE / 50 };

struct told {
    double level;
    unsigned levels, changes;
    bool speaking;
};

static void on_level(double level, void *user)
{
    struct told *told = user;

    told->levels++;
    told->level = level;
}

static void on_voice(bool speaking, void *user)
{
    struct told *told = user;

    told->changes++;
    told->speaking = speaking;
}

static const pipit_meter_handlers handlers = {on_level, on_voice};

static void add_noise(int16_t *samples, size_t count, int amplitude, test_rng *rng)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (int16_t)(samples[i] + (int)((test_rng_fraction(rng) - 0.5) * 2 * amplitude));
}

/* `speech` or not over noise of that amplitude. */
static void hear(pipit_sink *sink, double seconds, bool speech, int noise, test_rng *rng)
{
    int16_t samples[FRAME];

    for (size_t frame = 0; frame < (size_t)(seconds * 50); frame++) {
        memset(samples, 0, sizeof(samples));
        if (speech)
            test_speech(samples, FRAME, RATE, frame * FRAME);
        add_noise(samples, FRAME, noise, rng);
        pp_sink_write(sink, samples, FRAME);
    }
}

static void a_voice_is_told_over_noise_of_any_loudness(void **state)
{
    static const int noises[] = {0, 20, 100, 300};

    (void)state;
    for (size_t i = 0; i < sizeof(noises) / sizeof(*noises); i++) {
        struct told told = {0};
        const pipit_meter_options options = {.handlers = &handlers, .user = &told};
        pipit_sink *meter = NULL;
        test_rng rng = {i};

        assert_int_equal(pipit_sink_meter(NULL, &options, &meter), 0);
        hear(meter, 2, false, noises[i], &rng);
        assert_int_equal(told.changes, 0);
        hear(meter, 2, true, noises[i], &rng);
        assert_int_equal(told.changes, 1); /* pauses between syllables are no end */
        assert_true(told.speaking);
        hear(meter, 2, false, noises[i], &rng);
        assert_int_equal(told.changes, 2);
        hear(meter, 30, false, 4 * noises[i],
             &rng); /* the noise grows: for a while it is taken for a voice */
        assert_false(told.speaking);
        pipit_sink_unref(meter);
    }
}

static void a_level_is_told_each_interval(void **state)
{
    struct told told = {0};
    const pipit_meter_options options = {.interval_ms = 200, .handlers = &handlers, .user = &told};
    pipit_source *tone = NULL, *meter = NULL;
    int16_t samples[960];

    (void)state;
    assert_int_equal(pipit_source_tone(1000, -6, &tone), 0);
    assert_int_equal(pipit_source_meter(tone, &options, &meter), 0);
    pipit_source_unref(tone);
    for (size_t i = 0; i < 50; i++)
        pp_source_read(meter, samples, 960);
    assert_int_equal(told.levels, 5);
    assert_float_equal(told.level, 0.3544F, 0.001F); /* -6 dBFS of a sine is 3 dB less in power */
    pipit_source_unref(meter);
}

static void a_meter_ends_with_its_source(void **state)
{
    struct told told = {0};
    const pipit_meter_options options = {.handlers = &handlers, .user = &told};
    static const pipit_sink_interface nothing = {0};
    pipit_sink *sink = NULL;
    pipit_source *meter = NULL;

    (void)state;
    assert_int_equal(pipit_sink_new(&nothing, NULL, RATE, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_meter(NULL, &options, &meter), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_sink_meter(NULL, NULL, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(
        pipit_sink_meter(NULL, &(pipit_meter_options){.handlers = &handlers, .margin_db = 61},
                         &sink),
        PIPIT_ERR_ARGUMENT);
    assert_null(sink);
}

static double loudness(pipit_source *source, unsigned ms)
{
    static int16_t samples[RATE];
    size_t count = (size_t)ms * RATE / 1000;

    pp_source_read(source, samples, count);
    return test_rms(samples, count);
}

static void a_ring_back_sounds_one_second_of_five(void **state)
{
    pipit_source *source = NULL;

    (void)state;
    assert_int_equal(pipit_source_call_progress("ringback", &source), 0);
    for (unsigned turn = 0; turn < 3; turn++) {
        assert_float_equal(loudness(source, 1000), 1839.7F, 30);
        for (unsigned second = 0; second < 4; second++)
            assert_float_equal(loudness(source, 1000), 0, 0.01F);
    }
    pipit_source_unref(source);
    assert_int_equal(pipit_source_call_progress("us-ringback", &source), 0);
    assert_float_equal(loudness(source, 1000), 2601.7F, 40); /* two frequencies */
    pipit_source_unref(source);
    assert_int_equal(pipit_source_call_progress("xx-ringback", &source), PIPIT_ERR_NOT_FOUND);
}

static void a_dial_tone_has_no_seam(void **state)
{
    static int16_t samples[3 * RATE];
    pipit_source *source = NULL;

    (void)state;
    assert_int_equal(pipit_source_call_progress("us-dial", &source), 0);
    pp_source_read(source, samples, 3 * RATE);
    for (size_t i = 1; i < 3 * RATE; i++)
        assert_in_range(samples[i] - samples[i - 1] + 2000, 1000, 3000);
    pipit_source_unref(source);
}

static void rhythms_that_do_not_fit_are_refused(void **state)
{
    static const pipit_tone_part short_one = {{425}, 9}, high = {{9000}, 100}, good = {{425}, 100};
    pipit_source *source = NULL;

    (void)state;
    assert_int_equal(pipit_source_cadence(&short_one, 1, -18, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_cadence(&high, 1, -18, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_cadence(&good, 0, -18, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_cadence(&good, 17, -18, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_cadence(&good, 1, 1, &source), PIPIT_ERR_ARGUMENT);
    assert_null(source);
}

struct taken {
    size_t count;
    int64_t sum;
};

static void take(void *self, const int16_t *samples, size_t count)
{
    struct taken *taken = self;

    for (size_t i = 0; i < count; i++)
        taken->sum += samples[i];
    taken->count += count;
}

static size_t give_ones(void *self, int16_t *samples, size_t count)
{
    size_t *left = self;
    size_t given = *left < count ? *left : count;

    for (size_t i = 0; i < given; i++)
        samples[i] = 1;
    *left -= given;
    return given;
}

static void a_tapped_source_is_given_and_heard(void **state)
{
    static const pipit_source_interface giving = {.read = give_ones};
    static const pipit_sink_interface taking = {.write = take};
    struct taken taken = {0};
    size_t left = 1000;
    pipit_source *source = NULL, *tap = NULL;
    pipit_sink *sink = NULL;
    int16_t samples[FRAME];

    (void)state;
    assert_int_equal(pipit_source_new(&giving, &left, RATE, &source), 0);
    assert_int_equal(pipit_sink_new(&taking, &taken, RATE, &sink), 0);
    assert_int_equal(pipit_source_tap(source, sink, &tap), 0);
    for (size_t i = 0; i < 4; i++)
        pp_source_read(tap, samples, FRAME);
    assert_int_equal(taken.count, 4 * FRAME);
    assert_int_equal(taken.sum, 1000);
    assert_false(pipit_source_ended(tap));
    pp_source_read(tap, samples, FRAME);
    assert_true(pipit_source_ended(tap));
    pipit_source_unref(tap);
    assert_int_equal(pipit_source_tap(NULL, sink, &tap), 0);
    memset(samples, 1, sizeof(samples));
    pp_source_read(tap, samples, FRAME);
    assert_int_equal(samples[FRAME - 1], 0);
    assert_int_equal(taken.count, 5 * FRAME);
    pipit_source_unref(tap);
    pipit_source_unref(source);
    pipit_sink_unref(sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voice_is_told_over_noise_of_any_loudness),
        cmocka_unit_test(a_level_is_told_each_interval),
        cmocka_unit_test(a_meter_ends_with_its_source),
        cmocka_unit_test(a_ring_back_sounds_one_second_of_five),
        cmocka_unit_test(a_dial_tone_has_no_seam),
        cmocka_unit_test(rhythms_that_do_not_fit_are_refused),
        cmocka_unit_test(a_tapped_source_is_given_and_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
