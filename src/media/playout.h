/* playout.h - the decoded sound that is next, in the codec's rate: what the receiver's steps take from. Counts are of each channel. */
#ifndef PP_MEDIA_PLAYOUT_H
#define PP_MEDIA_PLAYOUT_H

#include "media/codec.h"

/* A packet holds 120 ms at the most (RFC 6716 section 3.2.5), and decoding starts with less than two frames waiting. */
#define PP_PLAYOUT_SAMPLES (8u * PP_FRAME_SAMPLES_MAX)

typedef struct pp_playout {
    int16_t *samples; /* NULL before there is something to decode */
    size_t count;
    unsigned channels; /* not more than it was opened for */
} pp_playout;

int pp_playout_open(pp_playout *playout, unsigned channels_max); /* nothing the second time */
void pp_playout_close(pp_playout *playout);

int16_t *pp_playout_end(pp_playout *playout,
                        size_t *room); /* where to decode to; then add to `count` */
void pp_playout_silence(pp_playout *playout, size_t count);
/* Takes `count` off the front; silence is put behind what is too little. */
void pp_playout_take(pp_playout *playout, int16_t *out, size_t count);
/* Makes the first two frames one, the first fading into the second. */
void pp_playout_squeeze(pp_playout *playout, size_t frame);

#endif
