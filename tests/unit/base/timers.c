/* timers.c - tests of the pairing heap, against a plain list. */
#include "base/timers.h"
#include "support/files.h"

#include <stdlib.h>

#define TIMERS 200

struct ring {
    pp_timers timers;
    pp_timer timer[TIMERS];
    unsigned fired[TIMERS];
    uint64_t last_us;
};

struct shot {
    struct ring *ring;
    unsigned number;
};

static struct shot shots[TIMERS];

static void fire(void *arg)
{
    struct shot *shot = arg;

    assert_true(shot->ring->timer[shot->number].at_us >= shot->ring->last_us);
    shot->ring->last_us = shot->ring->timer[shot->number].at_us;
    shot->ring->fired[shot->number]++;
}

static void a_heap_fires_in_order_whatever_was_started_stopped_and_moved(void **state)
{
    static struct ring ring;
    unsigned expected[TIMERS] = {0};
    uint64_t now = 0;
    unsigned seed = 7;

    (void)state;
    for (unsigned i = 0; i < TIMERS; i++)
        shots[i] = (struct shot){&ring, i};
    for (unsigned step = 0; step < 20000; step++) {
        unsigned i = (unsigned)rand_r(&seed) % TIMERS, action = (unsigned)rand_r(&seed) % 10;

        if (action < 5) {
            pp_timers_start(&ring.timers, &ring.timer[i], now + (unsigned)rand_r(&seed) % 1000,
                            fire, &shots[i]);
        } else if (action < 7) {
            pp_timers_stop(&ring.timers, &ring.timer[i]);
            assert_false(ring.timer[i].armed);
        } else {
            uint64_t next = PP_NEVER;

            now += (unsigned)rand_r(&seed) % 50;
            for (unsigned k = 0; k < TIMERS; k++) {
                if (ring.timer[k].armed && ring.timer[k].at_us < next)
                    next = ring.timer[k].at_us;
                if (ring.timer[k].armed && ring.timer[k].at_us <= now)
                    expected[k]++;
            }
            assert_int_equal(pp_timers_next(&ring.timers), next);
            ring.last_us = 0;
            pp_timers_run(&ring.timers, now);
            assert_memory_equal(ring.fired, expected, sizeof(expected));
        }
    }
}

struct order {
    pp_timers timers;
    pp_timer timer[3];
    char said[8];
    size_t n;
};

static void say_a(void *arg)
{
    struct order *order = arg;

    order->said[order->n++] = 'a';
}

static void say_b(void *arg)
{
    struct order *order = arg;

    order->said[order->n++] = 'b';
    pp_timers_stop(&order->timers, &order->timer[2]);
}

static void timers_of_one_instant_fire_as_they_were_started_and_may_stop_each_other(void **state)
{
    struct order order = {0};

    (void)state;
    pp_timers_start(&order.timers, &order.timer[0], 5, say_a, &order);
    pp_timers_start(&order.timers, &order.timer[1], 5, say_b, &order);
    pp_timers_start(&order.timers, &order.timer[2], 5, say_a, &order);
    pp_timers_run(&order.timers, 4);
    assert_int_equal(order.n, 0);
    pp_timers_run(&order.timers, 5);
    assert_string_equal(order.said, "ab");
    assert_int_equal(pp_timers_next(&order.timers), PP_NEVER);
}

static void note(void *arg)
{
    static unsigned next;

    assert_int_equal(*(unsigned *)arg, next++);
}

static void the_order_of_an_instant_is_kept_when_its_count_goes_round(void **state)
{
    pp_timers timers = {.started = UINT32_MAX - 1};
    pp_timer four[4] = {0};
    unsigned numbers[] = {0, 1, 2, 3};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        pp_timers_start(&timers, &four[i], 5, note, &numbers[i]);
    pp_timers_run(&timers, 5);
    assert_null(timers.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heap_fires_in_order_whatever_was_started_stopped_and_moved),
        cmocka_unit_test(timers_of_one_instant_fire_as_they_were_started_and_may_stop_each_other),
        cmocka_unit_test(the_order_of_an_instant_is_kept_when_its_count_goes_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
