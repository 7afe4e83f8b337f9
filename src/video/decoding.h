/* decoding.h - one picture after the other on its way through the decoder, on another thread where the loop has some. */
#ifndef PP_VIDEO_DECODING_H
#define PP_VIDEO_DECODING_H

#include "base/work.h"
#include "video/codec.h"

typedef struct pp_decoding pp_decoding;

typedef struct pp_decoding_options {
    pipit_loop *loop;         /* NULL: all is done at once */
    void (*ready)(void *arg); /* it is not busy any more; not called when it was done at once */
    void *arg;
} pp_decoding_options;

typedef struct pp_decoding_result {
    int err;
    pipit_video_frame frame; /* the decoder's, until the next is begun; width 0: there is none */
    unsigned quantizer;      /* as the decoder tells it */
    uint64_t took_us;
} pp_decoding_result;

int pp_decoding_new(const pp_decoding_options *options, pp_decoding **out);
/* What is under way is not heard of again. NULL is fine; returns NULL. */
pp_decoding *pp_decoding_free(pp_decoding *decoding);
/* Begins with a picture, whose memory it takes; `data` has other memory then, of no use. Not while it is busy. */
void pp_decoding_begin(pp_decoding *decoding, const pp_video_codec_type *type, pp_buf *data);
bool pp_decoding_is_busy(const pp_decoding *decoding); /* NULL never is */
/* What came of it, once. */
bool pp_decoding_take(pp_decoding *decoding, pp_decoding_result *out);
/* The next picture gets a new decoder, and nothing comes of the one that is under way. NULL is fine. */
void pp_decoding_reset(pp_decoding *decoding);

#endif
