/* crowd.h - many user agents, or many sockets without one, in one process on one loop. */
#ifndef BENCH_UA_CROWD_H
#define BENCH_UA_CROWD_H

#include "pipit/pipit.h"

typedef struct bench_crowd bench_crowd;

typedef struct bench_crowd_options {
    const char *url, *ca_file;
    unsigned count;
    unsigned expires_s;
    bool bare; /* connected sockets only */
} bench_crowd_options;

/* All are connected, and registered unless they are bare. Exits when one is not. */
bench_crowd *bench_crowd_gather(const bench_crowd_options *options);
pipit_loop *bench_crowd_loop(bench_crowd *crowd);
/* Each registers once more, `rounds` times, all of a round at once. */
void bench_crowd_register(bench_crowd *crowd, unsigned rounds, bool forget_nonce);
void bench_crowd_wait(bench_crowd *crowd, unsigned ms);
unsigned bench_crowd_registered(const bench_crowd *crowd);
/* Since they were gathered: registrations that failed or ended, connections that were lost. */
unsigned bench_crowd_losses(const bench_crowd *crowd);
/* REGISTER requests sent since they were made. */
unsigned long bench_crowd_requests(const bench_crowd *crowd);
void bench_crowd_dismiss(bench_crowd *crowd);

#endif
