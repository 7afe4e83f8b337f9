/* level.c - how loud it was. */
#include "media/level.h"

#include <math.h>

enum { FRAMES_A_SECOND = 50 };

double pp_level_mean_square(const int16_t *samples, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (double)samples[i] * samples[i];
    return count ? sum / (double)count / (32768.0 * 32768.0) : 0;
}

/* Each frame weighs a fiftieth, so that the memory is about a second. */
void pp_level_add(pp_level *level, const int16_t *samples, size_t count)
{
    level->mean_square +=
        (pp_level_mean_square(samples, count) - level->mean_square) / FRAMES_A_SECOND;
}

double pp_level_get(const pp_level *level)
{
    return sqrt(level->mean_square);
}
