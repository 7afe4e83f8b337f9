/* end.h - one end of many calls over one connection: one calls and hangs up, the other answers. */
#ifndef BENCH_CALL_END_H
#define BENCH_CALL_END_H

#include "pipit/pipit.h"

typedef struct bench_end_options {
    uint16_t port;
    unsigned count;  /* calls that are measured */
    unsigned warm;   /* calls before them */
    unsigned window; /* calls at a time */
    bool
        hold; /* all are established before the first is hung up; then memory is measured, and not time */
    bool left; /* what they leave when they are hung up at once is measured, and not time */
} bench_end_options;

/* Both run to their end and print their figures. */
void bench_answer(const bench_end_options *options);
void bench_call(const bench_end_options *options);

#endif
