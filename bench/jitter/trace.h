/* trace.h - how packets of 20 ms fare on networks of several kinds, made from a seed. */
#ifndef PP_BENCH_JITTER_TRACE_H
#define PP_BENCH_JITTER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_PACKETS 3000u /* a minute */

typedef struct trace_packet {
    double sent_ms, came_ms;
    bool lost;
} trace_packet;

typedef struct trace_kind {
    const char *name, *what;
    void (*make)(trace_packet *packets);
} trace_kind;

extern const trace_kind trace_kinds[]; /* ended by name == NULL */

#endif
