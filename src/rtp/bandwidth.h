/* bandwidth.h - how many bits a second a path takes, estimated by the sender from what the receiver tells: growing delay
 * (transport-wide feedback), loss, and a rate the receiver will not go beyond (REMB); or by the receiver (receive_rate.h). */
#ifndef PP_RTP_BANDWIDTH_H
#define PP_RTP_BANDWIDTH_H

#include "rtp/transport_feedback.h"

#define PP_BANDWIDTH_POINTS 20u

typedef struct pp_bandwidth_group { /* packets that were sent in one burst */
    bool begun;
    uint64_t first_sent_us, last_sent_us;
    int64_t arrived_us; /* the last of them */
} pp_bandwidth_group;

typedef struct pp_bandwidth {
    uint32_t min, max;       /* bits a second, as all of them */
    uint32_t target, capped; /* what is aimed at; REMB's bound, 0: none */
    struct {
        uint64_t sent_us; /* 0: none */
        uint32_t size;
    } sent[PP_LIMIT_TRANSPORT_PACKETS]; /* by transport-wide sequence number */

    pp_bandwidth_group group, before;
    double delay_ms, smooth_ms; /* growth of delay since the beginning */
    struct {
        double at_ms, delay_ms;
    } points[PP_BANDWIDTH_POINTS];
    unsigned point_count, next_point;
    double threshold_ms;
    bool overused; /* now: a queue is growing */
    uint64_t changed_us, reduced_us, noted_us;

    uint32_t arrived, lost; /* packets since the loss was looked at */
    double loss;            /* 0 to 1, of then */
    uint64_t bytes;         /* that arrived since `first_arrived_us` */
    int64_t first_arrived_us;
    uint32_t throughput; /* 0: not known yet */
} pp_bandwidth;

void pp_bandwidth_init(pp_bandwidth *bandwidth, uint32_t start, uint32_t min, uint32_t max);
void pp_bandwidth_sent(pp_bandwidth *bandwidth, uint16_t sequence, size_t size, uint64_t now_us);
/* The body of a transport-wide feedback; PIPIT_ERR_SYNTAX, and nothing has changed. */
int pp_bandwidth_feedback(pp_bandwidth *bandwidth, const uint8_t *body, size_t size,
                          uint64_t now_us);
/* At the receiver: a packet came, sent at `sent_us` of any clock, 0: nobody knows; how many came and how many are lost; and what
 * comes of that, false as long as too little has come. */
void pp_bandwidth_came(pp_bandwidth *bandwidth, uint64_t sent_us, size_t size, uint64_t now_us);
void pp_bandwidth_counted(pp_bandwidth *bandwidth, uint32_t arrived, uint32_t lost);
bool pp_bandwidth_look(pp_bandwidth *bandwidth, uint64_t now_us);
/* A report block's loss, where there is no transport-wide feedback. */
void pp_bandwidth_loss(pp_bandwidth *bandwidth, double fraction, uint64_t now_us);
void pp_bandwidth_cap(pp_bandwidth *bandwidth, uint64_t bits_a_second);
uint32_t pp_bandwidth_target(const pp_bandwidth *bandwidth);

#endif
