/* channels.h - one channel made two and two made one. Two stand as left and right by turns; counts are of each. */
#ifndef PP_MEDIA_CHANNELS_H
#define PP_MEDIA_CHANNELS_H

#include <stddef.h>
#include <stdint.h>

#define PP_CHANNELS_MAX 2u

/* In place: from the end, so that nothing is lost. */
static inline void pp_channels_spread(int16_t *samples, size_t count)
{
    for (size_t i = count; i-- > 0;)
        samples[2 * i] = samples[2 * i + 1] = samples[i];
}

/* `out` may be `in`. */
static inline void pp_channels_mix(const int16_t *in, int16_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (int16_t)((in[2 * i] + in[2 * i + 1]) / 2);
}

#endif
