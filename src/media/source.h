/* source.h - inside of pipit_source and pipit_sink. */
#ifndef PP_MEDIA_SOURCE_H
#define PP_MEDIA_SOURCE_H

#include "pipit/media.h"

typedef struct pp_source_place { /* of sources one can go to places of */
    int (*seek)(void *self, uint64_t position_ms);
    uint64_t (*tell)(const void *self); /* ms */
} pp_source_place;

struct pipit_source {
    unsigned references;
    const pipit_source_interface *functions;
    void *self;
    const pp_source_place *place; /* NULL: there are none */
    pipit_source *
        giver; /* whose sound it passes on, and whose position is its own; held by `self`. NULL: nobody's */
    unsigned sample_rate, channels;
    bool ended;
    /* Of encoded sound (media/encoded.h), which is not read: */
    const struct pp_codec_type *codec; /* NULL: it is samples */
    struct pp_encoded_taker *takers;
};

struct pipit_sink {
    unsigned references;
    const pipit_sink_interface *functions;
    void *self;
    unsigned sample_rate, channels;
    /* Of encoded sound (media/encoded.h): */
    void (*write_encoded)(void *self, const pipit_audio_encoded *frame); /* NULL: wants none */
    bool is_deaf;                                                        /* to samples */
};

/* Always fills all: silence after the end. One channel; the mean of two, where the source has them. */
void pp_source_read(pipit_source *source, int16_t *samples, size_t count);
/* So many channels, `count` samples of each. One channel of the source is given twice where two are wanted. */
void pp_source_read_channels(pipit_source *source, unsigned channels, int16_t *samples,
                             size_t count);
/* Of the one whose sound it is; NULL when that does not say how far it is. */
pipit_source *pp_source_positioned(pipit_source *source);
void pp_sink_write(pipit_sink *sink, const int16_t *samples, size_t count); /* one channel */
void pp_sink_write_channels(pipit_sink *sink, unsigned channels, const int16_t *samples,
                            size_t count);
/* With so many channels, one or two; else as the public functions. */
int pp_source_new(const pipit_source_interface *functions, void *self, unsigned sample_rate,
                  unsigned channels, pipit_source **out);
int pp_sink_new(const pipit_sink_interface *functions, void *self, unsigned sample_rate,
                unsigned channels, pipit_sink **out);
/* Of what is written next; NULL is fine, and so is 0: it is not known. */
void pp_sink_tell_captured(pipit_sink *sink, uint64_t time_us);

#endif
