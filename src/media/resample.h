/* resample.h - from one sample rate to another, of one channel or two (speexdsp is named only in resample.c). Counts are of samples
 * of each channel. */
#ifndef PP_MEDIA_RESAMPLE_H
#define PP_MEDIA_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct pp_resampler pp_resampler;

int pp_resampler_new(unsigned from_rate, unsigned to_rate, unsigned channels, pp_resampler **out);
pp_resampler *pp_resampler_free(pp_resampler *resampler); /* NULL is fine; returns NULL */
/* Takes all of `in` and returns how many samples it gave. `capacity` must be pp_resampler_bound(count) at the least. */
size_t pp_resampler_run(pp_resampler *resampler, const int16_t *in, size_t count, int16_t *out,
                        size_t capacity);
size_t pp_resampler_bound(const pp_resampler *resampler, size_t count);

#endif
