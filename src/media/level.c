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
    level->last = pp_level_mean_square(samples, count);
    level->mean_square += (level->last - level->mean_square) / FRAMES_A_SECOND;
    level->energy += level->last / FRAMES_A_SECOND;
    level->frames++;
}

double pp_level_seconds(const pp_level *level)
{
    return (double)level->frames / FRAMES_A_SECOND;
}

uint8_t pp_level_dbov(double mean_square)
{
    double db = mean_square > 0 ? -10 * log10(mean_square) : PP_LEVEL_SILENCE;

    if (db >= PP_LEVEL_SILENCE)
        return PP_LEVEL_SILENCE;
    return db > 0 ? (uint8_t)lrint(db) : 0;
}

double pp_level_get(const pp_level *level)
{
    return sqrt(level->mean_square);
}
