/** @file trace.h  What went over the wire, as records. Trace is not log: it is for ladders, files and tests. */
#ifndef PIPIT_TRACE_H
#define PIPIT_TRACE_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum pipit_trace_kind {
    PIPIT_TRACE_SIP_IN,  /**< `text` is a SIP message that came */
    PIPIT_TRACE_SIP_OUT, /**< `text` is a SIP message that went */
    PIPIT_TRACE_STATE    /**< `text` says which object came into which state: "session confirmed" */
} pipit_trace_kind;

/** One record. Credentials, ICE passwords and keys are replaced by "***". Valid until the function returns. */
typedef struct pipit_trace_record {
    pipit_trace_kind kind;
    uint64_t time_ms; /**< of the loop */
    const char *text;
    size_t size;
    const char *peer; /**< URL of the socket it went through; NULL for a state */
} pipit_trace_record;

typedef void pipit_trace_function(const pipit_trace_record *record, void *user);

#ifdef __cplusplus
}
#endif
#endif
