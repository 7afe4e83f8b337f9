/* timers.h - deadlines in a pairing heap whose nodes live in their owners: starting a timer cannot
 * fail. */
#ifndef PP_BASE_TIMERS_H
#define PP_BASE_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#define PP_NEVER UINT64_MAX

typedef struct pp_timer pp_timer;
typedef void pp_timer_function(void *arg);

struct pp_timer {
    uint64_t at_us;
    pp_timer_function *fire;
    void *arg;
    pp_timer *child, *sibling,
        *previous;  /* previous: the elder sibling, or the parent of an eldest child */
    uint32_t order; /* timers of the same instant fire in the order they were started */
    bool armed;
};

typedef struct pp_timers {
    pp_timer *first;  /* the earliest */
    uint32_t started; /* goes round: of one instant there are never half as many */
} pp_timers;

/* Starts or restarts. A zeroed pp_timer is a stopped one. */
void pp_timers_start(pp_timers *timers, pp_timer *timer, uint64_t at_us, pp_timer_function *fire,
                     void *arg);
void pp_timers_stop(pp_timers *timers, pp_timer *timer); /* nothing when it is not armed */
uint64_t pp_timers_next(const pp_timers *timers);        /* PP_NEVER when none is armed */
/* Fires all that are due, earliest first; a timer that a handler starts for `now_us` fires too. */
void pp_timers_run(pp_timers *timers, uint64_t now_us);

#endif
