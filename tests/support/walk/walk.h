/* walk.h - a random walk over a few user agents: every call of the public API, from outside and from inside of every handler,
 * and a network that breaks, freezes, loses and comes back; all of it from one seed. What has to hold is checked on the way
 * and in the end. Runs one walk at a time. */
#ifndef PP_TESTS_WALK_H
#define PP_TESTS_WALK_H

#include <stdbool.h>
#include <stdint.h>

/* Where the user agents are. */
typedef enum walk_world {
    WALK_WIRE,  /* on a wire of the test's own, unreliable or not, with scripted media */
    WALK_BOARD, /* WebSockets at a switchboard, with scripted media; two of them are the same user */
    WALK_CALLS  /* the same with the real media */
} walk_world;

typedef struct walk_plan {
    walk_world world;
    uint64_t seed;
    unsigned steps;
    bool scarce; /* now and then an allocation fails */
} walk_plan;

typedef struct walk_sums {
    uint64_t steps, acts, events, inside, messages, calls, confirmed, ends;
} walk_sums;

/* Walks it, waits until all is quiet, looks, and lets all go. Fails the test (cmocka) with what to do to see it again. */
void walk_run(const walk_plan *plan, walk_sums *sums);
/* The fewest steps with which it still fails, each try in a process of its own; 0: it does not fail. */
unsigned walk_cut(const walk_plan *plan);
const char *walk_world_name(walk_world world);

#endif
