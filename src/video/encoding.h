/* encoding.h - one picture after the other on its way through the encoder: made smaller, or black, and encoded; on another thread
 * where the loop has some. */
#ifndef PP_VIDEO_ENCODING_H
#define PP_VIDEO_ENCODING_H

#include "base/work.h"
#include "video/codec.h"

typedef struct pp_encoding pp_encoding;

typedef struct pp_encoding_options {
    const pp_video_codec_type *type;
    pipit_loop *loop;         /* NULL: all is done at once */
    void (*ready)(void *arg); /* there is something to take; not called when it was done at once */
    void *arg;
} pp_encoding_options;

typedef struct pp_encoding_wish {
    unsigned width, height; /* at most */
    unsigned frame_rate, bitrate;
    bool black, key;
} pp_encoding_wish;

typedef struct pp_encoding_result {
    int err;
    const char *reason; /* of err */
    pp_str data;        /* empty: left out to keep the rate */
    bool key;
    unsigned quantizer; /* as the encoder tells it */
    unsigned width, height;
    uint64_t took_us;
} pp_encoding_result;

int pp_encoding_new(const pp_encoding_options *options, pp_encoding **out);
/* What is under way is not heard of again. NULL is fine; returns NULL. */
pp_encoding *pp_encoding_free(pp_encoding *encoding);
/* Begins with a picture, which is copied when it is needed longer than this takes. Not while it is busy. PIPIT_ERR_MEMORY. */
int pp_encoding_begin(pp_encoding *encoding, const pipit_video_frame *frame,
                      const pp_encoding_wish *wish);
bool pp_encoding_is_busy(const pp_encoding *encoding); /* NULL never is */
/* What came of it, once; good until the next is begun. */
bool pp_encoding_take(pp_encoding *encoding, pp_encoding_result *out);

#endif
