/* sim.c - virtual time: a loop whose clock moves when the test says so. */
#include "support/sim_net.h"

#include "base/error.h"
#include "base/map.h"
#include "base/work.h"
#include "support/dice.h"
#include "support/files.h"

#include <stdlib.h>

#define REST_US 100000

static uint64_t now_us(const pipit_loop *loop)
{
    return sim_of(loop)->now_us;
}

static uint64_t wall_us(const pipit_loop *loop)
{
    return 1800000000u * UINT64_C(1000000) + sim_of(loop)->now_us; /* 2027-01-15 08:00 UTC */
}

static void wake(pipit_loop *loop)
{
    (void)loop;
}

static void release(pipit_loop *loop)
{
    (void)loop; /* sim_free() does it */
}

/* --- work --- */

struct errand {
    sim *s;
    pp_timer due;
    pp_work *work;
};

/* Not sooner than it is told: what it needs must be there until then. */
static void errand_is_due(void *arg)
{
    struct errand errand = *(struct errand *)arg;

    free(arg);
    errand.s->errands--;
    errand.work->run(errand.work->arg);
    errand.work->took_us = errand.s->work_us;
    pp_work_end(errand.work);
}

static bool take_work(pipit_loop *loop, pp_work *work)
{
    struct errand *errand = calloc(1, sizeof(*errand));
    sim *s = sim_of(loop);

    if (!errand)
        return false;
    errand->s = s;
    errand->work = work;
    s->errands++;
    pp_loop_start_timer_us(loop, &errand->due, s->work_us, errand_is_due, errand);
    return true;
}

void sim_set_work_delay(sim *s, unsigned delay_us)
{
    s->work_us = delay_us;
    s->loop.has_workers = delay_us > 0;
}

/* --- the loop --- */

static const pp_loop_ops loop_ops = {
    now_us,       wall_us,     wake,        sim_tcp_connect, sim_tcp_listen,
    sim_udp_open, sim_look_up, sim_records, sim_route,       sim_local_addresses,
    NULL,         release,     take_work};

int sim_new(uint64_t seed, sim **out)
{
    sim *s = calloc(1, sizeof(*s));
    uint8_t key[16];

    if (!s)
        return PIPIT_ERR_MEMORY;
    s->random = seed;
    s->now_us = 1000000;
    s->delay_us = 1000;
    s->next_port = 20000;
    sim_add_address(s, "192.0.2.1");
    pp_loop_init(&s->loop, &loop_ops, dice_rng(&s->random));
    if (getenv("PIPIT_SIM_WORK_US"))
        sim_set_work_delay(s, (unsigned)strtoul(getenv("PIPIT_SIM_WORK_US"), NULL, 10));
    pp_rng_bytes(&s->loop.rng, key, sizeof(key));
    pp_map_seed(key);
    *out = s;
    return 0;
}

void sim_free(sim *s)
{
    /* What was sent is let through, and closing tells the other end. */
    sim_advance_ms(s, 5000);
    assert_null(s->links);
    assert_null(s->listeners);
    assert_null(s->sockets);
    assert_int_equal(s->lookups, 0);
    assert_int_equal(s->flights, 0);
    assert_int_equal(s->errands, 0);
    assert_null(s->loop.posts);
    assert_null(s->loop.timers.first);
    sim_forget_hosts(s);
    free(s);
}

pipit_loop *sim_loop(sim *s)
{
    return &s->loop;
}

/* Time passes; a loop on which nothing happens for so long gives back what it keeps, as a real one does. */
static void pass_until(sim *s, uint64_t then_us)
{
    if (then_us - s->now_us >= REST_US && s->loop.rest)
        s->loop.rest(&s->loop);
    s->now_us = then_us;
}

/* One turn: at once when something waits, else at the next deadline up to `until_us`. False when
 * there is none. */
static bool turn(sim *s, uint64_t until_us)
{
    uint64_t next = pp_loop_next_us(&s->loop);

    if (next > until_us)
        return false;
    if (next > s->now_us)
        pass_until(s, next);
    s->counts.turns++;
    pp_loop_run_due(&s->loop);
    return true;
}

void sim_advance_ms(sim *s, uint64_t ms)
{
    uint64_t until = s->now_us + ms * 1000;

    while (turn(s, until))
        ;
    pass_until(s, until);
}

bool sim_run_until(sim *s, bool (*done)(void *arg), void *arg, uint64_t ms)
{
    uint64_t until = s->now_us + ms * 1000;

    while (!done(arg))
        if (!turn(s, until))
            return done(arg);
    return true;
}

uint64_t sim_now_us(const sim *s)
{
    return s->now_us;
}

sim_counts sim_get_counts(const sim *s)
{
    return s->counts;
}
