/* walk.c - random walks over the whole API and a bad network (support/walk/walk.h), as many as fit into some seconds.
 *
 *     PIPIT_WALK_SECONDS=3600       walks that long, not the same few each time; PIPIT_WALK_SEED=n starts elsewhere
 *     PIPIT_WALK=wire:SEED:STEPS    walks one again: wire, board or calls, with "-scarce" for failing allocations
 *     PIPIT_WALK_CUT=1              besides: says with how many steps it still fails
 *     PIPIT_WALK_TALK=1             says what is done */
#include "support/walk/walk.h"
#include "support/files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct share { /* of the time */
    walk_plan plan;
    unsigned percent;
    unsigned walks; /* at most, unless it is told how long */
} share;

static const share shares[] = {
    {{WALK_WIRE, 0, 200, false}, 40, 30},
    {{WALK_WIRE, 0, 200, true}, 15, 15},
    {{WALK_BOARD, 0, 150, false}, 30, 10},
    {{WALK_CALLS, 0, 150, false}, 15, 8},
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double number(const char *name, double otherwise)
{
    const char *text = getenv(name);

    return text ? strtod(text, NULL) : otherwise;
}

static void walk_again(const char *what)
{
    walk_plan plan = {0};
    walk_sums sums = {0};
    char world[32] = "";
    unsigned long long seed = 0;

    assert_int_equal(sscanf(what, "%31[^:]:%llu:%u", world, &seed, &plan.steps), 3);
    plan.seed = seed;
    plan.scarce = strstr(world, "-scarce") != NULL;
    while (strncmp(world, walk_world_name(plan.world), strlen(walk_world_name(plan.world))) != 0)
        assert_true(++plan.world <= WALK_CALLS);
    if (getenv("PIPIT_WALK_CUT")) {
        plan.steps = walk_cut(&plan);
        printf("walk: it fails with %u steps\n", plan.steps);
        if (!plan.steps)
            return;
    }
    walk_run(&plan, &sums);
}

/* Returns the steps. */
static uint64_t walk_for(const share *s, double seconds, uint64_t seed)
{
    double until = now_s() + seconds;
    walk_sums sums = {0};
    walk_plan plan = s->plan;
    unsigned walks = 0, walks_max = getenv("PIPIT_WALK_SECONDS") ? UINT_MAX : s->walks;

    for (plan.seed = seed; now_s() < until && walks < walks_max; plan.seed++, walks++)
        walk_run(&plan, &sums);
    printf("figure: walk %llu steps, seeds %llu to %llu, %s%s: %llu calls of the "
           "API (%llu inside "
           "of handlers), %llu events, "
           "%llu messages judged, %llu calls announced, %llu confirmed, %llu "
           "ended\n",
           (unsigned long long)sums.steps, (unsigned long long)seed,
           (unsigned long long)plan.seed - 1, walk_world_name(plan.world),
           plan.scarce ? ", allocations fail" : "", (unsigned long long)sums.acts,
           (unsigned long long)sums.inside, (unsigned long long)sums.events,
           (unsigned long long)sums.messages, (unsigned long long)sums.calls,
           (unsigned long long)sums.confirmed, (unsigned long long)sums.ends);
    assert_true(walks && sums.confirmed && sums.inside);
    return sums.steps;
}

static void a_random_walk_breaks_nothing(void **state)
{
    double seconds = number("PIPIT_WALK_SECONDS", 20);
    uint64_t seed = (uint64_t)number("PIPIT_WALK_SEED", 1), steps = 0;

    (void)state;
    if (getenv("PIPIT_WALK")) {
        walk_again(getenv("PIPIT_WALK"));
        return;
    }
    for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
        steps += walk_for(&shares[i], seconds * shares[i].percent / 100, seed);
    printf("figure: walk %llu steps in all\n", (unsigned long long)steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_random_walk_breaks_nothing),
    };

    setvbuf(stdout, NULL, _IOLBF, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
