/* mixer.c - who hears what, and when; several clocks, late and early ones; nothing cracks. */
#include "media/mixer.h"

#include "media/source.h"
#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/signal.h"

#include <stdlib.h>

enum { FRAME = 960, SECONDS_MAX = 2, KEPT = SECONDS_MAX * 48000, SEATS = 4 };

/* Somebody at a seat who says a tone, and what he has heard. */
typedef struct party {
    pp_mixer_seat *seat;
    pipit_media_stream ends;
    double hz;
    size_t said, heard;
    int16_t kept[KEPT];
} party;

static void sit_down(pp_mixer *mixer, party *p, double hz)
{
    assert_int_equal(pp_mixer_add(mixer, &p->seat), 0);
    p->ends = pp_mixer_seat_stream(p->seat);
    pipit_source_ref(p->ends.audio_source);
    pipit_sink_ref(p->ends.audio_sink);
    p->hz = hz;
    p->said = p->heard = 0;
}

static void stand_up(party *p)
{
    pipit_source_unref(p->ends.audio_source);
    pipit_sink_unref(p->ends.audio_sink);
}

static void say(party *p)
{
    int16_t frame[FRAME];

    test_sine(frame, FRAME, 48000, p->hz, p->said);
    p->said += FRAME;
    pp_sink_write(p->ends.audio_sink, frame, FRAME);
}

static void hear(party *p)
{
    int16_t frame[FRAME];

    pp_source_read(p->ends.audio_source, frame, FRAME);
    for (size_t i = 0; i < FRAME && p->heard < KEPT; i++)
        p->kept[p->heard++] = frame[i];
}

static void steps(party *all, size_t count, unsigned frames)
{
    for (unsigned i = 0; i < frames; i++)
        for (size_t k = 0; k < count; k++) {
            hear(&all[k]);
            say(&all[k]);
        }
}

/* Of the tone in the last 200 ms; a party's own has 8,000. */
static double amplitude(const party *p, double hz)
{
    const size_t count = 9600;
    double re = 0, im = 0;

    assert_true(p->heard >= count);
    for (size_t i = 0; i < count; i++) {
        double sample = p->kept[p->heard - count + i];

        re += sample * cos(6.28318531 * hz * (double)i / 48000);
        im += sample * sin(6.28318531 * hz * (double)i / 48000);
    }
    return 2 * sqrt(re * re + im * im) / (double)count;
}

static void check_hears(const party *p, double hz, bool expected)
{
    double loud = amplitude(p, hz);

    if (expected ? loud < 7900 || loud > 8100 : loud > 40)
        fail_msg("the one of %.0f Hz hears %.0f Hz with %.0f", p->hz, hz, loud);
}

/* The steepest a sum of two tones below 1,000 Hz can be is 2 * 8,000 * 2 pi * 1000 / 48,000 = 2,100. */
static unsigned cracks(const party *p)
{
    unsigned found = 0;

    for (size_t i = 1; i < p->heard; i++)
        found += abs(p->kept[i] - p->kept[i - 1]) > 2200;
    return found;
}

/* With room for four parties. */
static party *open_table(pp_mixer **mixer)
{
    party *all = calloc(SEATS, sizeof(*all));

    assert_non_null(all);
    assert_int_equal(pp_mixer_new(mixer), 0);
    return all;
}

static void close_table(pp_mixer *mixer, party *all)
{
    pp_mixer_free(mixer);
    free(all);
}

static const double hz[SEATS] = {440, 1000, 700, 550};

/* --- who hears what ---------------------------------------------------------------------------- */

static void everybody_hears_the_others(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);

    (void)state;
    for (size_t i = 0; i < SEATS; i++)
        sit_down(mixer, &all[i], hz[i]);
    steps(all, SEATS, 50);
    for (size_t i = 0; i < SEATS; i++) {
        for (size_t k = 0; k < SEATS; k++)
            check_hears(&all[i], hz[k], i != k);
        assert_true(fabs(pp_mixer_seat_level(all[i].seat) - 0.17 * 0.8) < 0.03);
        stand_up(&all[i]);
    }
    close_table(mixer, all);
}

static void one_alone_hears_nothing(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);

    (void)state;
    sit_down(mixer, &all[0], 440);
    steps(all, 1, 50);
    for (size_t i = 0; i < all[0].heard; i++)
        assert_int_equal(all[0].kept[i], 0);
    stand_up(&all[0]);
    close_table(mixer, all);
}

static void who_comes_and_goes_does_not_crack(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);

    (void)state;
    sit_down(mixer, &all[0], 440);
    sit_down(mixer, &all[1], 1000);
    steps(all, 2, 20);
    sit_down(mixer, &all[2], 700);
    steps(all, 3, 20);
    check_hears(&all[0], 1000, true);
    check_hears(&all[0], 700, true);
    pp_mixer_remove(all[1].seat);
    stand_up(&all[1]);
    all[1] = all[2];
    steps(all, 2, 20);
    check_hears(&all[0], 1000, false);
    check_hears(&all[0], 700, true);
    check_hears(&all[1], 440, true);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(cracks(&all[i]), 0);
        stand_up(&all[i]);
    }
    close_table(mixer, all);
}

/* A frame of 20 ms is 960 samples at first, and then in other pieces. */
static void pieces_of_any_size_make_the_same_sound(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);
    int16_t piece[1440];

    (void)state;
    sit_down(mixer, &all[0], 440);
    sit_down(mixer, &all[1], 1000);
    for (unsigned i = 0; i < 100; i++) {
        size_t size = i % 2 ? 1440 : 480;

        test_sine(piece, size, 48000, 440, all[0].said);
        all[0].said += size;
        pp_sink_write(all[0].ends.audio_sink, piece, size);
        hear(&all[1]);
        say(&all[1]);
        pp_source_read(all[0].ends.audio_source, piece, size);
        for (size_t k = 0; k < size && all[0].heard < KEPT; k++)
            all[0].kept[all[0].heard++] = piece[k];
    }
    check_hears(&all[1], 440, true);
    check_hears(&all[0], 1000, true);
    stand_up(&all[0]);
    stand_up(&all[1]);
    close_table(mixer, all);
}

/* --- clocks ------------------------------------------------------------------------------------ */

/* Frames that trade places: up to 10 ms early or late, all of them on the average in time. */
static void an_unsteady_order_does_not_matter(void **state)
{
    test_rng rng = {.state = 7};
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);
    unsigned due[3] = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        sit_down(mixer, &all[i], hz[i]);
    for (unsigned ms = 0; ms < 2000; ms++)
        for (size_t i = 0; i < 3; i++)
            if (ms >= due[i] * 20 + i * 3 + test_rng_next(&rng) % 10) {
                due[i]++;
                hear(&all[i]);
                say(&all[i]);
            }
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++)
            check_hears(&all[i], hz[k], i != k);
        assert_int_equal(cracks(&all[i]), 0);
        stand_up(&all[i]);
    }
    close_table(mixer, all);
}

static void who_is_late_is_silence_and_comes_back(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);

    (void)state;
    sit_down(mixer, &all[0], 440);
    sit_down(mixer, &all[1], 1000);
    steps(all, 2, 20);
    for (unsigned i = 0; i < 20; i++) {
        hear(&all[0]);
        say(&all[0]);
    }
    check_hears(&all[0], 1000, false);
    steps(all, 2, 20);
    check_hears(&all[0], 1000, true);
    check_hears(&all[1], 440, true);
    assert_int_equal(cracks(&all[0]), 0);
    assert_int_equal(cracks(&all[1]), 0); /* although most of what was said meanwhile is gone */
    stand_up(&all[0]);
    stand_up(&all[1]);
    close_table(mixer, all);
}

static void who_says_too_much_is_heard_late_by_little(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);
    int16_t frame[FRAME];
    size_t delay = 0;

    (void)state;
    sit_down(mixer, &all[0], 440);
    sit_down(mixer, &all[1], 0); /* silence */
    for (unsigned i = 0; i < 1000; i++)
        say(&all[1]);
    for (size_t i = 0; i < FRAME; i++)
        frame[i] = 5000;
    pp_sink_write(all[1].ends.audio_sink, frame, FRAME);
    steps(all, 2, 20);
    while (delay < all[0].heard && all[0].kept[delay] < 2500)
        delay++;
    assert_in_range(delay, 0, 4 * FRAME);
    stand_up(&all[0]);
    stand_up(&all[1]);
    close_table(mixer, all);
}

/* --- loudness ---------------------------------------------------------------------------------- */

static void a_loud_sum_is_pressed_and_not_cut(void **state)
{
    int16_t frame[FRAME], heard[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        static const int16_t values[] = {10000, 16000, 32767};
        pp_mixer *mixer = NULL;
        party *all = open_table(&mixer);

        for (size_t k = 0; k < SEATS; k++)
            sit_down(mixer, &all[k], 0);
        for (size_t k = 0; k < FRAME; k++)
            frame[k] = values[i];
        for (unsigned step = 0; step < 5; step++) {
            pp_sink_write(all[1].ends.audio_sink, frame, FRAME);
            pp_sink_write(all[2].ends.audio_sink, frame, FRAME);
            hear(&all[0]);
        }
        heard[i] = all[0].kept[all[0].heard - 1];
        for (size_t k = 0; k < SEATS; k++)
            stand_up(&all[k]);
        close_table(mixer, all);
    }
    assert_int_equal(heard[0], 20000);
    assert_in_range(heard[1], 27000, 29000);
    assert_in_range(heard[2], 31000, 32767);
}

/* --- one without a clock ----------------------------------------------------------------------- */

typedef struct desk {
    size_t read, written;
    int16_t last;
    pp_mixer *mixer; /* to be freed at the first sample */
    unsigned released;
} desk;

static size_t microphone(void *self, int16_t *samples, size_t count)
{
    desk *d = self;

    test_sine(samples, count, 16000, 550, d->read);
    d->read += count;
    d->mixer = pp_mixer_free(d->mixer);
    return count;
}

static void speaker(void *self, const int16_t *samples, size_t count)
{
    desk *d = self;

    d->written += count;
    d->last = samples[count - 1];
}

static void desk_release(void *self)
{
    ((desk *)self)->released++;
}

static pipit_media_stream new_desk(desk *d)
{
    static const pipit_source_interface source_functions = {.read = microphone,
                                                            .release = desk_release};
    static const pipit_sink_interface sink_functions = {.write = speaker, .release = desk_release};
    pipit_media_stream ends = {0};

    assert_int_equal(pipit_source_new(&source_functions, d, 16000, &ends.audio_source), 0);
    assert_int_equal(pipit_sink_new(&sink_functions, d, 8000, &ends.audio_sink), 0);
    return ends;
}

static void one_without_a_clock_is_heard_and_hears(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);
    desk d = {0};
    pipit_media_stream ends = new_desk(&d);

    (void)state;
    assert_int_equal(pp_mixer_set_local(mixer, &ends), 0);
    sit_down(mixer, &all[0], 440);
    sit_down(mixer, &all[1], 1000);
    steps(all, 2, 50);
    check_hears(&all[0], 550, true);
    check_hears(&all[1], 550, true);
    check_hears(&all[1], 440, true);
    assert_int_equal(d.read, 50 * 320);
    assert_in_range(d.written, 49 * 160, 50 * 160);
    assert_true(pp_mixer_local_level(mixer) > 0.1);
    assert_int_equal(pp_mixer_set_local(mixer, &(pipit_media_stream){0}), 0);
    steps(all, 2, 20);
    check_hears(&all[0], 550, false);
    assert_int_equal(d.read, 51 * 320);
    pipit_source_unref(ends.audio_source);
    pipit_sink_unref(ends.audio_sink);
    assert_int_equal(d.released, 2);
    stand_up(&all[0]);
    stand_up(&all[1]);
    close_table(mixer, all);
}

static void a_mixer_may_go_while_it_works(void **state)
{
    pp_mixer *mixer = NULL;
    party *all = open_table(&mixer);
    desk d = {0};
    pipit_media_stream ends = new_desk(&d);

    (void)state;
    assert_int_equal(pp_mixer_set_local(mixer, &ends), 0);
    pipit_source_unref(ends.audio_source);
    pipit_sink_unref(ends.audio_sink);
    sit_down(mixer, &all[0], 440);
    d.mixer = mixer;
    steps(all, 1, 3); /* the seat's ends are still good */
    assert_int_equal(d.released, 2);
    stand_up(&all[0]);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_hears_the_others),
        cmocka_unit_test(one_alone_hears_nothing),
        cmocka_unit_test(who_comes_and_goes_does_not_crack),
        cmocka_unit_test(pieces_of_any_size_make_the_same_sound),
        cmocka_unit_test(an_unsteady_order_does_not_matter),
        cmocka_unit_test(who_is_late_is_silence_and_comes_back),
        cmocka_unit_test(who_says_too_much_is_heard_late_by_little),
        cmocka_unit_test(a_loud_sum_is_pressed_and_not_cut),
        cmocka_unit_test(one_without_a_clock_is_heard_and_hears),
        cmocka_unit_test(a_mixer_may_go_while_it_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
