/* play.h - what a jitter buffer makes of a trace. */
#ifndef PP_BENCH_JITTER_PLAY_H
#define PP_BENCH_JITTER_PLAY_H

#include "trace.h"

#define PLAY_NOTHING (-1) /* a frame that was made up */

typedef struct play_frame { /* of 20 ms */
    double at_ms;
    long packet; /* that is heard, or PLAY_NOTHING */
} play_frame;

typedef struct play_record {
    play_frame frames[TRACE_PACKETS + 100];
    size_t count;
} play_record;

void play_ours(const trace_packet *packets, play_record *out);
void play_speex(const trace_packet *packets, play_record *out);

/* The player's steps: every 20 ms, `phase` after the sender's. */
#define PLAY_PHASE_MS 7.0

/* Hands what has come until `now_ms` to `add`, in the order of arrival; `next` moves on. */
void play_deliver(const trace_packet *packets, size_t *next, double now_ms,
                  void (*add)(void *arg, size_t packet), void *arg);

#endif
