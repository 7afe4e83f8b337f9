/* outlet.h - frames of any rate, and of one channel or two, into a sink of another. */
#ifndef PP_MEDIA_OUTLET_H
#define PP_MEDIA_OUTLET_H

#include "media/resample.h"
#include "media/source.h"

typedef struct pp_outlet {
    pipit_sink *sink; /* NULL: all is dropped */
    pp_resampler *resampler;
    unsigned rate, channels; /* of what comes */
} pp_outlet;

/* Another sink, another rate, or both. All stays as it was after an error. */
int pp_outlet_set(pp_outlet *outlet, pipit_sink *sink, unsigned rate, unsigned channels);
/* `count` of each channel. */
void pp_outlet_write(pp_outlet *outlet, const int16_t *samples, size_t count);
void pp_outlet_close(pp_outlet *outlet);

#endif
