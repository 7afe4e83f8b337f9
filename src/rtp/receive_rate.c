/* receive_rate.c - how many bits a second a path takes, estimated by the receiver. */
#include "rtp/receive_rate.h"

enum {
    RATE_MIN = 30000,
    RATE_MAX = 50000000,
    LOOK_US = 100000,  /* as often as transport-wide feedback would come */
    TELL_US = 1000000, /* the draft, section 2: when nothing has changed much */
    LEAP_US = 5000000,
    SECOND_US = 1000000
};

#define FALL 0.97 /* of what was told: less is told at once */

void pp_receive_rate_init(pp_receive_rate *rate)
{
    *rate = (pp_receive_rate){.sent_us = (uint64_t)1
                                         << 40}; /* packets may have been sent before the first */
    pp_bandwidth_init(&rate->bandwidth, RATE_MAX, RATE_MIN, RATE_MAX);
}

void pp_receive_rate_add(pp_receive_rate *rate, uint32_t stamp, uint32_t hz, size_t size,
                         uint64_t now_us)
{
    if (hz && rate->has_stamp) {
        int64_t step_us = (int64_t)(int32_t)(stamp - rate->stamp) * SECOND_US / hz;

        if (step_us < LEAP_US && step_us > -LEAP_US) /* else it is another stream */
            rate->sent_us += (uint64_t)step_us;
    }
    if (hz) {
        rate->has_stamp = true;
        rate->stamp = stamp;
    }
    pp_bandwidth_came(&rate->bandwidth, hz ? rate->sent_us : 0, size, now_us);
}

/* Since the last look. */
static void count(pp_receive_rate *rate, const pp_rtp_receiver *receiver)
{
    int64_t lost = pp_rtp_receiver_lost(receiver), received = receiver->received;

    if (rate->has_counts && received >= rate->received)
        pp_bandwidth_counted(&rate->bandwidth, (uint32_t)(received - rate->received),
                             lost > rate->lost ? (uint32_t)(lost - rate->lost) : 0);
    rate->has_counts = true;
    rate->lost = lost;
    rate->received = received;
}

uint32_t pp_receive_rate_due(pp_receive_rate *rate, const pp_rtp_receiver *receiver,
                             uint64_t now_us)
{
    uint32_t target;

    if (now_us < rate->looked_us + LOOK_US)
        return 0;
    rate->looked_us = now_us;
    count(rate, receiver);
    if (!pp_bandwidth_look(&rate->bandwidth, now_us))
        return 0;
    target = pp_bandwidth_target(&rate->bandwidth);
    if (rate->told && target >= rate->told * FALL && now_us < rate->told_us + TELL_US)
        return 0;
    rate->told = target;
    rate->told_us = now_us;
    return target;
}
