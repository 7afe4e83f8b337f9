/* rhythm.h - how regularly pictures come: how many a second, and where one stood for too long (W3C webrtc-stats, freezeCount). */
#ifndef PP_VIDEO_RHYTHM_H
#define PP_VIDEO_RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

#define PP_RHYTHM_STEPS 30u /* that make what is usual */

typedef struct pp_rhythm { /* zeroed: none has come */
    uint64_t count;
    uint64_t last_us;
    uint64_t second_us; /* when the second that is counted began */
    unsigned in_second, a_second;
    uint64_t steps_us[PP_RHYTHM_STEPS], steps_sum_us; /* the last ones */
    double total_s, total_squared;                    /* of all steps: seconds and their squares */
    uint64_t freezes;
    double frozen_s;
} pp_rhythm;

void pp_rhythm_add(pp_rhythm *rhythm, uint64_t now_us);
unsigned pp_rhythm_a_second(const pp_rhythm *rhythm, uint64_t now_us); /* of the last second */

#endif
