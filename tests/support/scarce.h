/* scarce.h - an allocator that fails when told to, and counts what is held: for sweeps over the n-th allocation. */
#ifndef PP_TESTS_SCARCE_H
#define PP_TESTS_SCARCE_H

#include "pipit/types.h"

typedef struct scarce {
    uint64_t count;   /* allocations since scarce_begin() */
    uint64_t fail_at; /* the one that fails, from 1; 0: none */
    bool and_after;   /* all that follow fail too */
    int64_t held;     /* blocks not released */
    bool failed;      /* it came to that */
} scarce;

extern scarce scarce_memory;

/* Installs the allocator and starts counting anew. */
void scarce_begin(uint64_t fail_at);
/* No allocation fails any more, but blocks are still counted. */
void scarce_relax(void);
/* Puts the C library's allocator back and returns how many blocks are still held. */
int64_t scarce_end(void);

#endif
