/* arrival.c - how unevenly packets arrive. */
#include "media/arrival.h"

#include "base/limits.h"
#include "media/codec.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK_EVERY = 8, SLOW_PERCENT = 2 };

void pp_arrival_clear(pp_arrival *arrival)
{
    arrival->count = 0;
    arrival->fastest = 0;
    arrival->spread = 0;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void look(pp_arrival *arrival)
{
    int64_t sorted[PP_ARRIVAL_WINDOW];
    size_t count = arrival->count < PP_ARRIVAL_WINDOW ? (size_t)arrival->count : PP_ARRIVAL_WINDOW;

    memcpy(sorted, arrival->offsets, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_value);
    arrival->fastest = sorted[0];
    arrival->spread = sorted[(count - 1) * (100 - SLOW_PERCENT) / 100] - sorted[0];
}

void pp_arrival_add(pp_arrival *arrival, int64_t offset_us)
{
    arrival->offsets[arrival->count++ % PP_ARRIVAL_WINDOW] = offset_us;
    if (arrival->count % LOOK_EVERY == 0 || arrival->count < LOOK_EVERY)
        look(arrival);
}

/* One frame more than the spread, for packets come between the steps that play them; and then the next packet, which may
 * hold the redundancy for a lost one, is there in time too. */
int64_t pp_arrival_target_us(const pp_arrival *arrival)
{
    int64_t target = arrival->spread + PP_FRAME_MS * 1000;

    return target < PP_LIMIT_JITTER_MS * 1000 ? target : PP_LIMIT_JITTER_MS * 1000;
}
