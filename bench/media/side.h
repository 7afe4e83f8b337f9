/* side.h - one of the two processes: makes the calls, keeps them busy, and measures. */
#ifndef BENCH_MEDIA_SIDE_H
#define BENCH_MEDIA_SIDE_H

#include "measure.h"
#include "peer/peer.h"

typedef struct bench_side_options {
    bool
        is_us; /* on one port, offers, sends back; else the world: a socket a leg, answers, and begins */
    bool pass; /* encoded sound passes through; else who is measured encodes and decodes it */
    unsigned media_threads;
    bool pictures;     /* some are encoded on the loop of who is measured */
    uint64_t *read_us; /* of each leg, shared: when its source was last read */
    unsigned legs;
    double seconds;
    const char *codec;
    int talk; /* a socket to the other side, where messages stay whole */
} bench_side_options;

int bench_side_run(const bench_side_options *options, bench_result *out);

#endif
