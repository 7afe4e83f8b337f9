/* comfort_noise.c - described by level and reflection coefficients, made by an all-pole filter. */
#include "media/comfort_noise.h"

#include "media/level.h"

#include <math.h>
#include <string.h>

enum { FULL_SCALE = 32768, MIDDLE = 127 };

static const double memory =
    0.8; /* of the ear from one frame to the next: about a tenth of a second */

/* RFC 3389 section 3.2: 0 to 254 stand for -1 to 1, both left out; 255 is reserved. */
static double coefficient_of(uint8_t octet)
{
    return (octet < 255 ? octet - MIDDLE : 0) * 258.0 / FULL_SCALE;
}

static uint8_t octet_of(double coefficient)
{
    double steps = coefficient * FULL_SCALE / 258;

    return (uint8_t)(MIDDLE + lrint(fmax(-MIDDLE, fmin(MIDDLE, steps))));
}

/* --- heard and made --------------------------------------------------------------------------- */

/* What went through the filter is louder than before by 1 / (1 - k^2) for each of its coefficients. */
bool pp_comfort_noise_read(pp_comfort_noise *noise, const uint8_t *payload, size_t size)
{
    double power;

    if (!size)
        return false;
    power = pow(10, -(payload[0] & PP_LEVEL_SILENCE) / 10.0);
    if ((payload[0] & PP_LEVEL_SILENCE) == PP_LEVEL_SILENCE)
        power = 0;
    noise->order = 0;
    for (size_t i = 1; i < size && noise->order < PP_COMFORT_ORDER_MAX; i++) {
        double reflection = coefficient_of(payload[i]);

        noise->reflections[noise->order++] = reflection;
        power *= 1 - reflection * reflection;
    }
    noise->amplitude = sqrt(power) * FULL_SCALE;
    return true;
}

/* Evenly spread, with a mean square of 1. */
static double next_random(pp_comfort_noise *noise)
{
    noise->random = noise->random * 1664525 + 1013904223;
    return (noise->random / 2147483648.0 - 1) * sqrt(3);
}

static int16_t to_sample(double value)
{
    return (int16_t)lrint(fmax(-FULL_SCALE, fmin(FULL_SCALE - 1, value)));
}

/* A lattice: it stays within bounds whatever the coefficients are (all are less than 1). */
static double filter(pp_comfort_noise *noise, double value)
{
    for (size_t i = noise->order; i-- > 0;) {
        value -= noise->reflections[i] * noise->past[i];
        if (i + 1 < noise->order)
            noise->past[i + 1] = noise->past[i] + noise->reflections[i] * value;
    }
    noise->past[0] = value;
    return value;
}

void pp_comfort_noise_make(pp_comfort_noise *noise, int16_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = to_sample(filter(noise, noise->amplitude * next_random(noise)));
}

/* --- heard and described ---------------------------------------------------------------------- */

static double lagged(const int16_t *samples, size_t count, size_t lag)
{
    double sum = 0;

    for (size_t i = lag; i < count; i++)
        sum += (double)samples[i] * samples[i - lag];
    return sum / FULL_SCALE / FULL_SCALE / (double)count;
}

void pp_comfort_ear_add(pp_comfort_ear *ear, const int16_t *samples, size_t count)
{
    double kept = ear->correlation[0] > 0 ? memory : 0;

    for (size_t lag = 0; lag <= PP_COMFORT_ORDER; lag++)
        ear->correlation[lag] =
            kept * ear->correlation[lag] + (1 - kept) * lagged(samples, count, lag);
    ear->power = ear->correlation[0];
}

/* One coefficient more (the step up of the recursion below). */
static void step_up(double *predictor, size_t order, double reflection)
{
    double before[PP_COMFORT_ORDER_MAX];

    memcpy(before, predictor, order * sizeof(*predictor));
    for (size_t i = 0; i < order; i++)
        predictor[i] += reflection * before[order - 1 - i];
    predictor[order] = reflection;
}

/* Levinson and Durbin's recursion. A little white noise keeps it stable. */
void pp_comfort_ear_write(const pp_comfort_ear *ear, uint8_t out[PP_COMFORT_SIZE])
{
    double predictor[PP_COMFORT_ORDER_MAX], error = ear->correlation[0] * 1.001;

    out[0] = pp_level_dbov(ear->power);
    for (size_t m = 0; m < PP_COMFORT_ORDER; m++) {
        double sum = ear->correlation[m + 1], reflection;

        for (size_t i = 0; i < m; i++)
            sum += predictor[i] * ear->correlation[m - i];
        reflection = error > 0 ? fmax(-0.98, fmin(0.98, -sum / error)) : 0;
        step_up(predictor, m, reflection);
        error *= 1 - reflection * reflection;
        out[m + 1] = octet_of(reflection);
    }
}
