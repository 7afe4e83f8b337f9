/* time_of_day.c - a gettimeofday() of the program's own: it goes before the C library's, in shared libraries too. */
#include "support/time_of_day.h"

#include <sys/time.h>
#include <time.h>

static const sim *source;

void time_of_day_from(const sim *s)
{
    source = s;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *restrict out,
                                                        void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = source ? (time_t)(1700000000 + sim_now_us(source) / 1000000) : now.tv_sec;
    out->tv_usec =
        source ? (suseconds_t)(sim_now_us(source) % 1000000) : (suseconds_t)(now.tv_nsec / 1000);
    return 0;
}
