/* speech_similarity.h - whether a recording holds what was played: how late, how loud and how like it. */
#ifndef PP_TOOLS_SPEECH_SIMILARITY_H
#define PP_TOOLS_SPEECH_SIMILARITY_H

#include <stddef.h>
#include <stdint.h>

enum {
    SPEECH_RATE = 8000
}; /* of both signals: the telephone band is enough to tell speech apart */

typedef struct speech_comparison {
    double
        similarity; /* 1: the same words; through a codec over 0.9; other words, tones, noise or silence under 0.6 */
    double delay_ms; /* of the recording, to 10 ms; between -3 and 3 seconds */
    double level_db; /* of the recording against what was played; -99 for silence */
} speech_comparison;

/* PIPIT_ERR_MEDIA when what was played is too short or silent, PIPIT_ERR_MEMORY. */
int compare_speech(const int16_t *played, size_t played_count, const int16_t *recorded,
                   size_t recorded_count, speech_comparison *out);

#endif
