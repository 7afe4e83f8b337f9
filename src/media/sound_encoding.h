/* sound_encoding.h - one packet after the other on its way through the encoder, on another thread where the loop has some and it is
 * worth the way. */
#ifndef PP_MEDIA_SOUND_ENCODING_H
#define PP_MEDIA_SOUND_ENCODING_H

#include "base/work.h"
#include "media/codec.h"

typedef struct pp_sound_encoding pp_sound_encoding;

typedef struct pp_sound_encoding_options {
    pipit_loop *loop;         /* NULL: all is done at once */
    unsigned channels;        /* of the codec */
    void (*ready)(void *arg); /* there is something to take; not called when it was done at once */
    void *arg;
} pp_sound_encoding_options;

typedef struct pp_sound_encoding_result {
    int err;        /* of the encoder */
    pp_str payload; /* empty: it need not be sent */
} pp_sound_encoding_result;

/* The codec becomes its own, also after an error. PIPIT_ERR_MEMORY. */
int pp_sound_encoding_new(pp_codec *codec, const pp_sound_encoding_options *options,
                          pp_sound_encoding **out);
/* What is under way is not heard of again. NULL is fine; returns NULL. */
pp_sound_encoding *pp_sound_encoding_free(pp_sound_encoding *encoding);
/* Begins with the samples of a packet, `count` of each channel, which are copied when they are needed longer than this takes. Not while it is busy.
 * PIPIT_ERR_MEMORY. */
int pp_sound_encoding_begin(pp_sound_encoding *encoding, const int16_t *samples, size_t count,
                            double expected_loss);
/* Something is under way, or waits to be taken. NULL never is. */
bool pp_sound_encoding_is_busy(const pp_sound_encoding *encoding);
bool pp_sound_encoding_is_done(const pp_sound_encoding *encoding); /* it waits to be taken */
/* What came of it, once; good until the next is begun. */
bool pp_sound_encoding_take(pp_sound_encoding *encoding, pp_sound_encoding_result *out);

#endif
