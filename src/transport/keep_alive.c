/* keep_alive.c - when a flow is kept alive next. */
#include "transport/flow.h"

static uint64_t between(const pp_rng *rng, uint64_t least, uint64_t most)
{
    return least + pp_rng_u64(rng) % (most - least + 1);
}

uint64_t pp_keep_alive_ms(const pp_keep_alive *k, const pp_rng *rng)
{
    uint64_t asked_ms = (uint64_t)k->flow_timer_s * 1000;

    if (k->fixed_ms)
        return k->fixed_ms;
    if (asked_ms)
        return between(rng, asked_ms / 5 * 4, asked_ms);
    return between(rng, k->least_ms, k->most_ms);
}
