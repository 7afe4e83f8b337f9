/* report.h - the closing summary of a call. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/agent.h"
#include "cli/picture.h"

typedef struct report_times {
    uint64_t set_up_ms; /* from the start of the call to its confirmation */
    uint64_t talk_ms;
} report_times;

/* `stats` NULL: there was no media. */
void report_call(const agent *a, const report_times *times, const pipit_stats *stats,
                 const picture_seen *seen);

#endif
