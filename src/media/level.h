/* level.h - how loud it was, about the last second: root mean square, 1 is full scale. */
#ifndef PP_MEDIA_LEVEL_H
#define PP_MEDIA_LEVEL_H

#include <stddef.h>
#include <stdint.h>

typedef struct pp_level {
    double mean_square;
    double last;   /* mean square of what came last */
    double energy; /* squares over all the time, in seconds of full scale: W3C's totalAudioEnergy */
    uint64_t frames;
} pp_level;

double pp_level_mean_square(const int16_t *samples, size_t count);        /* of these alone */
void pp_level_add(pp_level *level, const int16_t *samples, size_t count); /* 20 ms */
double pp_level_get(const pp_level *level);
double pp_level_seconds(const pp_level *level); /* of all that was heard */
enum { PP_LEVEL_SILENCE = 127 };
/* In -dBov as RFC 6464 and RFC 3389 have it: 0 is full scale, PP_LEVEL_SILENCE silence. */
uint8_t pp_level_dbov(double mean_square);

#endif
