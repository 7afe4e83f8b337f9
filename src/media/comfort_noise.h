/* comfort_noise.h - the noise behind a silence (RFC 3389): who is silent describes it in a few octets, and who listens makes one that is
 * like it. At 8,000 samples a second. */
#ifndef PP_MEDIA_COMFORT_NOISE_H
#define PP_MEDIA_COMFORT_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PP_COMFORT_RATE = 8000,
    PP_COMFORT_ORDER_MAX = 16, /* coefficients that are looked at; more tell nothing at this rate */
    PP_COMFORT_ORDER = 8,      /* those we describe a noise with */
    PP_COMFORT_SIZE = 1 + PP_COMFORT_ORDER
};

typedef struct pp_comfort_noise { /* that is made */
    double amplitude;             /* of what goes into the filter */
    double reflections[PP_COMFORT_ORDER_MAX];
    size_t order;
    double past[PP_COMFORT_ORDER_MAX]; /* what is in the filter */
    uint32_t random;
} pp_comfort_noise;

/* As a packet describes it; false when that is none. */
bool pp_comfort_noise_read(pp_comfort_noise *noise, const uint8_t *payload, size_t size);
void pp_comfort_noise_make(pp_comfort_noise *noise, int16_t *out, size_t count);

typedef struct pp_comfort_ear { /* that listens to one; zero before */
    double power;               /* mean square */
    double correlation[PP_COMFORT_ORDER + 1];
} pp_comfort_ear;

void pp_comfort_ear_add(pp_comfort_ear *ear, const int16_t *samples, size_t count);
void pp_comfort_ear_write(const pp_comfort_ear *ear, uint8_t out[PP_COMFORT_SIZE]);

#endif
