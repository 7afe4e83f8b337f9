/* scarce.h - an allocator that fails when told to, and counts what is held: for sweeps over the n-th allocation. */
#ifndef PP_TESTS_SCARCE_H
#define PP_TESTS_SCARCE_H

#include "pipit/types.h"

typedef struct scarce {
    uint64_t count;   /* allocations since the last call that set what fails */
    uint64_t fail_at; /* the one that fails, from 1; 0: none */
    bool and_after;   /* all that follow fail too */
    unsigned
        paused; /* not 0: what is allocated is the test's own; it is held, but neither counts nor fails */
    int64_t held; /* blocks not released */
    bool failed;  /* it came to that */
} scarce;

extern scarce scarce_memory;

/* Installs the allocator and starts counting anew. */
void scarce_begin(uint64_t fail_at);
/* The n-th allocation from now on fails. */
void scarce_fail(uint64_t n);
/* The n-th allocation from now on fails and all that follow. */
void scarce_fail_from(uint64_t n);
/* No allocation fails any more, but blocks are still counted. */
void scarce_relax(void);
/* The test's own memory; may be nested. */
void scarce_pause(void);
void scarce_resume(void);
/* Puts the C library's allocator back and returns how many blocks are still held. */
int64_t scarce_end(void);

/* Runs `life` with its 1st, 2nd, 3rd … allocation failing, alone or with all after it, until none fails: it must answer
 * PIPIT_ERR_MEMORY when one did and else 0, and hold nothing in the end. Returns how many there were to fail. */
uint64_t scarce_sweep(int (*life)(void), bool and_after);

#endif
