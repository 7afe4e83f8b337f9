/* reference.h - round trips of who only receives (RFC 3611 sections 4.4 and 4.5): it says what time it is, and hears how long ago that
 * came. Who sends has them from reports. */
#ifndef PP_PEER_REFERENCE_H
#define PP_PEER_REFERENCE_H

#include "rtp/feedback.h"

typedef struct pp_reference {
    uint32_t last_rr; /* the far end's clock as a receiver: the middle of it; 0: it is answered */
    uint32_t ssrc;    /* whose it is */
    uint64_t at_us;
    bool known; /* and then */
    double round_trip_ms;
} pp_reference;

void pp_reference_heard(pp_reference *reference, uint32_t ssrc, uint64_t ntp, uint64_t now_us);
/* Into RTCP that goes now, when there is something to answer. */
void pp_reference_answer(pp_reference *reference, uint32_t own_ssrc, uint64_t now_us, pp_buf *out);
/* The answer to ours. */
void pp_reference_answered(pp_reference *reference, uint32_t last_rr, uint32_t delay,
                           uint64_t wall_us);

#endif
