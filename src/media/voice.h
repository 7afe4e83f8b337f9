/* voice.h - whether somebody speaks: louder than the noise by a margin, for long enough. The noise is followed by itself. */
#ifndef PP_MEDIA_VOICE_H
#define PP_MEDIA_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_voice {
    double margin;            /* power of a voice over that of the noise */
    unsigned onset, hangover; /* samples */
    double noise;             /* mean square; 0 before the first */
    unsigned loud, quiet;     /* samples in a row */
    bool speaking;
} pp_voice;

void pp_voice_init(pp_voice *voice, double margin_db, unsigned onset, unsigned hangover);
/* 5 to 40 ms of sound; true when `speaking` has changed. */
bool pp_voice_add(pp_voice *voice, const int16_t *samples, size_t count);
/* The same where their mean square is known already. */
bool pp_voice_add_power(pp_voice *voice, double power, size_t count);

#endif
