/* encoded.h - sound that passes through as its codec has it: who takes what a source is given, and what a sink takes. */
#ifndef PP_MEDIA_ENCODED_H
#define PP_MEDIA_ENCODED_H

#include "media/codec.h"

/* Who sends what a source is given. Lives in its owner, who leaves before it goes. */
typedef struct pp_encoded_taker {
    void (*take)(void *arg, const pipit_audio_encoded *frame);
    void *arg;
    struct pp_encoded_taker *next;
} pp_encoded_taker;

bool pp_source_is_encoded(const pipit_source *source); /* NULL is not */
const pp_codec_type *pp_source_codec(const pipit_source *source);
void pp_source_join(pipit_source *source, pp_encoded_taker *taker);
void pp_source_leave(pipit_source *source, pp_encoded_taker *taker);

bool pp_sink_is_encoded(const pipit_sink *sink);    /* and takes no samples; NULL is not */
bool pp_sink_takes_encoded(const pipit_sink *sink); /* be it beside samples; NULL does not */
void pp_sink_write_encoded(pipit_sink *sink, const pipit_audio_encoded *frame);

#endif
