/* signal.h - sound made from numbers: tones, noise from a seed, and something with the ups and downs of speech. */
#ifndef PP_TESTS_MEDIA_SIGNAL_H
#define PP_TESTS_MEDIA_SIGNAL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct test_rng {
    uint64_t state;
} test_rng;

static inline uint32_t test_rng_next(test_rng *rng) /* splitmix64, its upper half */
{
    uint64_t z = (rng->state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

static inline double test_rng_fraction(test_rng *rng)
{
    return test_rng_next(rng) / 4294967296.0;
}

/* A voice: harmonics of a pitch that glides, in syllables with pauses between them. */
static inline int16_t test_speech_at(double seconds)
{
    double syllable = fmod(seconds, 0.31) / 0.31;
    double pitch = 120 + 30 * sin(seconds * 2.3);
    double loudness = syllable < 0.75 ? sin(syllable / 0.75 * 3.14159265) : 0;
    double vowel = 3 + 2 * sin(seconds * 1.7);
    double sum = 0;

    for (int harmonic = 1; harmonic <= 12; harmonic++) {
        double distance = (harmonic - vowel) / 2;

        sum += exp(-distance * distance) * sin(6.28318531 * harmonic * (pitch * seconds));
    }
    return (int16_t)(6000 * loudness * sum / 2);
}

static inline void test_speech(int16_t *samples, size_t count, unsigned rate, size_t first)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = test_speech_at((double)(first + i) / rate);
}

static inline void test_sine(int16_t *samples, size_t count, unsigned rate, double frequency,
                             size_t first)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = (int16_t)(8000 * sin(6.28318531 * frequency * (double)(first + i) / rate));
}

static inline double test_rms(const int16_t *samples, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i] * samples[i];
    return count ? sqrt(sum / (double)count) : 0;
}

#endif
