/* level.h - how loud it was, about the last second: root mean square, 1 is full scale. */
#ifndef PP_MEDIA_LEVEL_H
#define PP_MEDIA_LEVEL_H

#include <stddef.h>
#include <stdint.h>

typedef struct pp_level {
    double mean_square;
} pp_level;

double pp_level_mean_square(const int16_t *samples, size_t count);        /* of these alone */
void pp_level_add(pp_level *level, const int16_t *samples, size_t count); /* 20 ms */
double pp_level_get(const pp_level *level);

#endif
