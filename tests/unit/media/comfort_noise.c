/* comfort_noise.c - a noise that is described and made again is like the first one. */
#include "media/comfort_noise.h"

#include "media/level.h"
#include "support/files.h"
#include "unit/media/signal.h"

enum { FRAME = 160, SECOND = 8000 };

struct hum { /* noise through a filter of one pole: dark below 0, bright above */
    test_rng rng;
    double pole, amplitude, last;
};

static void make(struct hum *hum, int16_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hum->last = hum->pole * hum->last + hum->amplitude *
                                                (test_rng_fraction(&hum->rng) * 2 - 1) * sqrt(3) *
                                                sqrt(1 - hum->pole * hum->pole);
        out[i] = (int16_t)lrint(hum->last);
    }
}

/* How alike a sample is to the one before: the pole again, if nothing else is in there. */
static double darkness(const int16_t *samples, size_t count)
{
    double product = 0, squares = 0;

    for (size_t i = 1; i < count; i++) {
        product += (double)samples[i] * samples[i - 1];
        squares += (double)samples[i] * samples[i];
    }
    return product / squares;
}

static void a_noise_made_again_is_as_loud_and_as_dark(void **state)
{
    static const double poles[] = {0, 0.9, -0.7, 0.5}, amplitudes[] = {20, 100, 1000};

    (void)state;
    for (size_t p = 0; p < 4; p++)
        for (size_t a = 0; a < 3; a++) {
            struct hum hum = {.rng = {p * 3 + a + 1}, .pole = poles[p], .amplitude = amplitudes[a]};
            pp_comfort_noise noise = {0};
            pp_comfort_ear ear = {0};
            uint8_t said[PP_COMFORT_SIZE];
            static int16_t samples[SECOND];

            for (unsigned i = 0; i < 50; i++) {
                make(&hum, samples, FRAME);
                pp_comfort_ear_add(&ear, samples, FRAME);
            }
            pp_comfort_ear_write(&ear, said);
            assert_true(fabs(said[0] + 20 * log10(amplitudes[a] / 32768)) < 1.5);
            assert_true(pp_comfort_noise_read(&noise, said, sizeof(said)));
            pp_comfort_noise_make(&noise, samples, SECOND / 10); /* it settles */
            pp_comfort_noise_make(&noise, samples, SECOND);
            assert_true(fabs(20 * log10(test_rms(samples, SECOND) / amplitudes[a])) < 2.5);
            assert_true(fabs(darkness(samples, SECOND) - poles[p]) < 0.15);
        }
}

static void a_level_alone_is_white_noise(void **state)
{
    static const uint8_t levels[] = {
        30, 50, 70 | 0x80}; /* RFC 3389 section 3.1: the first bit says nothing */
    static int16_t samples[SECOND];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pp_comfort_noise noise = {0};

        assert_true(pp_comfort_noise_read(&noise, &levels[i], 1));
        pp_comfort_noise_make(&noise, samples, SECOND);
        assert_true(fabs(20 * log10(test_rms(samples, SECOND) / 32768) + (levels[i] & 127)) < 0.5);
        assert_true(fabs(darkness(samples, SECOND)) < 0.05);
    }
}

static void the_lowest_level_is_silence(void **state)
{
    static const uint8_t nothing[] = {127, 200, 3}, something[] = {20};
    pp_comfort_noise noise = {0};
    static int16_t samples[SECOND];

    (void)state;
    assert_true(pp_comfort_noise_read(&noise, something, 1));
    pp_comfort_noise_make(&noise, samples, 10);
    noise = (pp_comfort_noise){0};
    assert_true(pp_comfort_noise_read(&noise, nothing, sizeof(nothing)));
    pp_comfort_noise_make(&noise, samples, SECOND);
    assert_true(test_rms(samples, SECOND) == 0);
    assert_false(pp_comfort_noise_read(&noise, nothing, 0));
}

/* Coefficients at their bounds, the reserved one, and more of them than anybody needs. */
static void a_description_of_any_kind_stays_within_bounds(void **state)
{
    uint8_t wild[64];
    static int16_t samples[SECOND];

    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        pp_comfort_noise noise = {0};

        wild[0] = 10;
        for (size_t i = 1; i < sizeof(wild); i++)
            wild[i] = kind == 0 ? 0 : kind == 1 ? 254 : 255;
        assert_true(pp_comfort_noise_read(&noise, wild, sizeof(wild)));
        pp_comfort_noise_make(&noise, samples, SECOND);
        for (size_t i = 0; i < PP_COMFORT_ORDER_MAX; i++)
            assert_true(isfinite(noise.past[i]));
        if (kind == 2) /* none at all */
            assert_true(fabs(20 * log10(test_rms(samples, SECOND) / 32768) + 10) < 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_noise_made_again_is_as_loud_and_as_dark),
        cmocka_unit_test(a_level_alone_is_white_noise),
        cmocka_unit_test(the_lowest_level_is_silence),
        cmocka_unit_test(a_description_of_any_kind_stays_within_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
