/* alive.h - what a transaction costs while others are alive. */
#ifndef BENCH_UA_ALIVE_H
#define BENCH_UA_ALIVE_H

#include <stdbool.h>

typedef struct bench_alive_options {
    bool server;    /* of requests that come, else of ours */
    unsigned alive; /* the others */
    unsigned times;
    bool
        count; /* the instructions of `times` are left to callgrind, named "ALIVE TIMES"; 0 is returned */
} bench_alive_options;

/* CPU nanoseconds of one: request made and sent, answer read, over; or request read, answer made and sent, over. */
double bench_alive(const bench_alive_options *options);

#endif
