/* receive_rate.h - how many bits a second a path takes, estimated by the receiver from when packets were sent, when they came and
 * which did not; the sender is told not to go beyond (draft-alvestrand-rmcat-remb). For far ends without transport-wide feedback. */
#ifndef PP_RTP_RECEIVE_RATE_H
#define PP_RTP_RECEIVE_RATE_H

#include "rtp/bandwidth.h"

typedef struct pp_receive_rate {
    pp_bandwidth bandwidth;
    bool has_stamp;
    uint32_t stamp;   /* of the last packet, */
    uint64_t sent_us; /* and the same on one line */
    uint64_t looked_us;
    bool has_counts;
    int64_t lost, received; /* when it was looked last */
    uint64_t told_us;
    uint32_t told; /* bits a second; 0: not yet */
} pp_receive_rate;

void pp_receive_rate_init(pp_receive_rate *rate);
/* A packet of `size` octets came, that was sent at `stamp`, which has `hz` to a second and wraps at 32 bits. `hz` 0: nobody knows. */
void pp_receive_rate_add(pp_receive_rate *rate, uint32_t stamp, uint32_t hz, size_t size,
                         uint64_t now_us);
/* What the sender is to be told now; 0: nothing. `receiver` knows of loss. Call it every 20 ms or so. */
uint32_t pp_receive_rate_due(pp_receive_rate *rate, const pp_rtp_receiver *receiver,
                             uint64_t now_us);

#endif
