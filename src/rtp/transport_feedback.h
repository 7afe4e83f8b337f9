/* transport_feedback.h - when each packet of a transport arrived, as draft-holmer-rmcat-transport-wide-cc-extensions-01 tells
 * it: noted and written by the receiver, read by the sender. */
#ifndef PP_RTP_TRANSPORT_FEEDBACK_H
#define PP_RTP_TRANSPORT_FEEDBACK_H

#include "base/limits.h"
#include "rtp/feedback.h"

typedef struct pp_arrivals {
    bool started;
    uint16_t base;                              /* the next that will be told of */
    uint16_t count;                             /* from there to the highest that came */
    uint8_t feedback;                           /* number of the next feedback packet */
    uint64_t at_us[PP_LIMIT_TRANSPORT_PACKETS]; /* by sequence number; 0: has not come */
} pp_arrivals;

void pp_arrivals_add(pp_arrivals *arrivals, uint16_t sequence, uint64_t now_us);
/* One feedback packet about what came since the last one; false when there is nothing left to tell. */
bool pp_arrivals_write(pp_arrivals *arrivals, pp_feedback_ends ends, pp_buf *out);

/* Of each packet in turn. `at_us` is by the far end's clock, which wraps after 12 days. */
typedef void pp_transport_arrival_function(void *arg, uint16_t sequence, bool arrived,
                                           int64_t at_us);
/* PIPIT_ERR_SYNTAX, and nothing was told. */
int pp_transport_feedback_parse(const uint8_t *body, size_t size,
                                pp_transport_arrival_function *arrival, void *arg);

#endif
