/* rhythm.c - how regularly pictures come. */
#include "video/rhythm.h"

enum { SECOND_US = 1000000, FREEZE_US = 150000, FREEZE_TIMES = 3 };

/* W3C webrtc-stats, freezeCount: longer than three times the usual, and longer than it by 150 ms. */
static bool is_freeze(const pp_rhythm *rhythm, uint64_t step_us)
{
    uint64_t usual_us = rhythm->steps_sum_us / PP_RHYTHM_STEPS;

    return rhythm->count > PP_RHYTHM_STEPS && step_us > FREEZE_TIMES * usual_us &&
           step_us > usual_us + FREEZE_US;
}

static void add_step(pp_rhythm *rhythm, uint64_t step_us)
{
    uint64_t *oldest = &rhythm->steps_us[rhythm->count % PP_RHYTHM_STEPS];
    double seconds = (double)step_us / SECOND_US;

    if (is_freeze(rhythm, step_us)) {
        rhythm->freezes++;
        rhythm->frozen_s += seconds;
    }
    rhythm->total_s += seconds;
    rhythm->total_squared += seconds * seconds;
    rhythm->steps_sum_us += step_us - *oldest;
    *oldest = step_us;
}

void pp_rhythm_add(pp_rhythm *rhythm, uint64_t now_us)
{
    if (rhythm->count)
        add_step(rhythm, now_us - rhythm->last_us);
    else
        rhythm->second_us = now_us;
    if (now_us >= rhythm->second_us + SECOND_US) {
        rhythm->a_second = pp_rhythm_a_second(rhythm, now_us);
        rhythm->second_us = now_us;
        rhythm->in_second = 0;
    }
    rhythm->in_second++;
    rhythm->count++;
    rhythm->last_us = now_us;
}

/* The second that was counted last, until the next one is full; where nothing comes, what there is of that one. */
unsigned pp_rhythm_a_second(const pp_rhythm *rhythm, uint64_t now_us)
{
    uint64_t elapsed_us = now_us - rhythm->second_us;

    if (!rhythm->count || elapsed_us < SECOND_US)
        return rhythm->a_second;
    return (unsigned)((rhythm->in_second * (uint64_t)SECOND_US + elapsed_us / 2) / elapsed_us);
}
