/* source.c - sources and sinks: made, counted, ended, echoed, split. */
#include "media/source.h"

#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/signal.h"

struct end { /* of a source or sink of the test */
    size_t left, seen;
    unsigned released;
    int16_t last;
};

static size_t give(void *self, int16_t *samples, size_t count)
{
    struct end *end = self;
    size_t given = end->left < count ? end->left : count;

    for (size_t i = 0; i < given; i++)
        samples[i] = 5;
    end->left -= given;
    end->seen++;
    return given;
}

static void take(void *self, const int16_t *samples, size_t count)
{
    struct end *end = self;

    end->seen += count;
    end->last = samples[count - 1];
}

static void release(void *self)
{
    ((struct end *)self)->released++;
}

static const pipit_source_interface giving = {.read = give, .release = release};
static const pipit_sink_interface taking = {.write = take, .release = release};

static void a_source_that_ends_is_silent_and_not_asked_again(void **state)
{
    struct end end = {.left = 100};
    pipit_source *source = NULL;
    int16_t samples[160];

    (void)state;
    assert_int_equal(pipit_source_new(&giving, &end, 8000, &source), 0);
    assert_false(pipit_source_ended(source));
    pp_source_read(source, samples, 160);
    assert_true(pipit_source_ended(source));
    assert_int_equal(samples[99], 5);
    assert_int_equal(samples[100], 0);
    assert_int_equal(samples[159], 0);
    end.left = 1000;
    pp_source_read(source, samples, 160);
    assert_int_equal(samples[0], 0);
    assert_int_equal(end.seen, 1);
    pipit_source_unref(source);
}

static void the_last_reference_releases(void **state)
{
    struct end source_end = {0}, sink_end = {0};
    pipit_source *source = NULL;
    pipit_sink *sink = NULL;

    (void)state;
    assert_int_equal(pipit_source_new(&giving, &source_end, 8000, &source), 0);
    assert_int_equal(pipit_sink_new(&taking, &sink_end, 48000, &sink), 0);
    assert_ptr_equal(pipit_source_ref(source), source);
    assert_ptr_equal(pipit_sink_ref(sink), sink);
    assert_null(pipit_source_unref(source));
    assert_null(pipit_sink_unref(sink));
    assert_int_equal(source_end.released + sink_end.released, 0);
    assert_null(pipit_source_unref(source));
    assert_null(pipit_sink_unref(sink));
    assert_int_equal(source_end.released, 1);
    assert_int_equal(sink_end.released, 1);
    assert_null(pipit_source_unref(NULL));
    assert_null(pipit_sink_unref(NULL));
    assert_false(pipit_source_ended(NULL));
}

static void a_rate_or_a_function_that_cannot_be_is_refused(void **state)
{
    static const pipit_source_interface no_read = {0};
    static const pipit_sink_interface no_write = {0};
    pipit_source *source = NULL;
    pipit_sink *sink = NULL;

    (void)state;
    assert_int_equal(pipit_source_new(&giving, NULL, 7999, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_new(&giving, NULL, 48001, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_new(&no_read, NULL, 8000, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_new(NULL, NULL, 8000, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_sink_new(&taking, NULL, 0, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_sink_new(&no_write, NULL, 8000, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_tone(0, -18, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_tone(24001, -18, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_tone(440, 1, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_tone(440, (double)NAN, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_sink_tee(NULL, NULL, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_echo(NULL, &sink), PIPIT_ERR_ARGUMENT);
    assert_null(source);
    assert_null(sink);
}

static void a_tone_has_its_level_and_frequency(void **state)
{
    static int16_t samples[48000];
    pipit_source *source = NULL;
    unsigned rises = 0;

    (void)state;
    assert_int_equal(pipit_source_tone(440, -18, &source), 0);
    for (size_t i = 0; i < 50; i++)
        pp_source_read(source, samples + i * 960, 960);
    for (size_t i = 1; i < 48000; i++)
        rises += samples[i - 1] < 0 && samples[i] >= 0;
    assert_in_range(rises, 439, 441);
    assert_true(fabs(20 * log10(test_rms(samples, 48000) * sqrt(2) / 32767) + 18) < 0.1);
    assert_false(pipit_source_ended(source));
    pipit_source_unref(source);
}

static void an_echo_says_back_what_it_hears_40_ms_later(void **state)
{
    pipit_source *source = NULL;
    pipit_sink *sink = NULL;
    int16_t in[960], out[960];

    (void)state;
    assert_int_equal(pipit_echo(&source, &sink), 0);
    for (size_t i = 0; i < 100; i++) {
        for (size_t k = 0; k < 960; k++)
            in[k] = (int16_t)(1 + i);
        pp_sink_write(sink, in, 960);
        pp_source_read(source, out, 960);
        assert_int_equal(out[0], i < 1 ? 0 : i);
        assert_int_equal(out[959], out[0]);
    }
    pipit_sink_unref(sink);
    pp_source_read(source, out, 960); /* the other end goes on, with silence at last */
    pp_source_read(source, out, 960);
    assert_int_equal(out[959], 0);
    assert_false(pipit_source_ended(source));
    pipit_source_unref(source);
}

static void an_echo_that_nobody_hears_keeps_the_latest(void **state)
{
    pipit_source *source = NULL;
    pipit_sink *sink = NULL;
    int16_t in[960], out[960];

    (void)state;
    assert_int_equal(pipit_echo(&source, &sink), 0);
    for (size_t i = 0; i < 1000; i++) {
        for (size_t k = 0; k < 960; k++)
            in[k] = (int16_t)i;
        pp_sink_write(sink, in, 960);
    }
    pp_source_read(source, out, 960);
    assert_in_range(out[0], 980, 999);
    pipit_source_unref(source);
    pp_sink_write(sink, in, 960);
    pipit_sink_unref(sink);
}

static void a_tee_writes_to_both_at_their_own_rates(void **state)
{
    struct end first_end = {0}, second_end = {0};
    pipit_sink *first = NULL, *second = NULL, *tee = NULL;
    int16_t samples[160];

    (void)state;
    for (size_t i = 0; i < 160; i++)
        samples[i] = 1000;
    assert_int_equal(pipit_sink_new(&taking, &first_end, 8000, &first), 0);
    assert_int_equal(pipit_sink_new(&taking, &second_end, 48000, &second), 0);
    assert_int_equal(pipit_sink_tee(first, second, &tee), 0);
    pipit_sink_unref(first);
    pipit_sink_unref(second);
    for (size_t i = 0; i < 50; i++)
        pp_sink_write(tee, samples, 160);
    assert_int_equal(first_end.seen, 8000);
    assert_int_equal(second_end.seen, 48000);
    assert_in_range(second_end.last, 990, 1010);
    pipit_sink_unref(tee);
    assert_int_equal(first_end.released, 1);
    assert_int_equal(second_end.released, 1);
}

static void a_tee_can_do_without_the_second(void **state)
{
    struct end end = {0};
    pipit_sink *first = NULL, *tee = NULL;
    static const int16_t samples[160];

    (void)state;
    assert_int_equal(pipit_sink_new(&taking, &end, 8000, &first), 0);
    assert_int_equal(pipit_sink_tee(first, NULL, &tee), 0);
    pp_sink_write(tee, samples, 160);
    assert_int_equal(end.seen, 160);
    pipit_sink_unref(tee);
    assert_int_equal(end.released, 0);
    pipit_sink_unref(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_that_ends_is_silent_and_not_asked_again),
        cmocka_unit_test(the_last_reference_releases),
        cmocka_unit_test(a_rate_or_a_function_that_cannot_be_is_refused),
        cmocka_unit_test(a_tone_has_its_level_and_frequency),
        cmocka_unit_test(an_echo_says_back_what_it_hears_40_ms_later),
        cmocka_unit_test(an_echo_that_nobody_hears_keeps_the_latest),
        cmocka_unit_test(a_tee_writes_to_both_at_their_own_rates),
        cmocka_unit_test(a_tee_can_do_without_the_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
