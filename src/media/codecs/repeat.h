/* repeat.h - concealment for codecs that have none: the last pitch period again and again, fading out within 80 ms. */
#ifndef PP_MEDIA_CODECS_REPEAT_H
#define PP_MEDIA_CODECS_REPEAT_H

#include <stddef.h>
#include <stdint.h>

enum { PP_REPEAT_RATE_MAX = 16000, PP_REPEAT_HISTORY_MAX = 2 * PP_REPEAT_RATE_MAX / 50 };

typedef struct pp_repeat {
    unsigned rate;                          /* PP_REPEAT_RATE_MAX at most */
    int16_t history[PP_REPEAT_HISTORY_MAX]; /* the last 40 ms of what was decoded */
    size_t lost;                            /* samples made up since then */
    size_t pitch;
} pp_repeat;

void pp_repeat_remember(pp_repeat *repeat, const int16_t *samples, size_t count);
/* Makes up 20 ms, or as many as there is room for; how many. */
int pp_repeat_conceal(pp_repeat *repeat, int16_t *out, size_t capacity);

#endif
