/* capture.c - when what comes was captured. */
#include "rtp/capture.h"

enum { SECOND_US = 1000000, FAR_S = 3600, CLOCK_SET_US = 10000000 };

static int64_t to_us(const pp_capture *capture, uint32_t from, uint32_t to)
{
    return (int64_t)(int32_t)(to - from) * SECOND_US / capture->clock_rate;
}

/* Without reports the line begins anew each hour, for 32 bits do not say more. */
void pp_capture_packet(pp_capture *capture, uint32_t timestamp, uint64_t now_us)
{
    if (capture->has_packet && now_us < capture->packet_us + (uint64_t)FAR_S * SECOND_US)
        return;
    capture->has_packet = true;
    capture->packet_timestamp = timestamp;
    capture->packet_us = now_us;
}

static int64_t us_of_ntp(uint64_t ntp)
{
    return (int64_t)((ntp >> 32) * SECOND_US + (((ntp & UINT32_MAX) * SECOND_US) >> 32));
}

/* No network takes that long: a clock was set, or it is another one. */
static bool is_far(int64_t one_us, int64_t other_us)
{
    int64_t apart_us = one_us - other_us;

    return apart_us > CLOCK_SET_US || apart_us < -CLOCK_SET_US;
}

void pp_capture_report(pp_capture *capture, const pp_sender_info *info, uint64_t now_us)
{
    if (!info->ntp) /* section 6.4.1: the sender has no clock */
        return;
    capture->has_report = true;
    capture->report_timestamp = info->rtp_timestamp;
    capture->report_us = us_of_ntp(info->ntp);
    if (capture->has_offset && !is_far(capture->offset_us, (int64_t)now_us - capture->report_us))
        return;
    capture->has_offset = true;
    capture->offset_us = (int64_t)now_us - capture->report_us;
}

/* FNV-1a: a far end that chose its names so that two are taken for one would only spoil its own picture. */
void pp_capture_named(pp_capture *capture, pp_str cname)
{
    uint64_t sum = 14695981039346656037u;

    for (size_t i = 0; i < cname.n; i++)
        sum = (sum ^ (uint8_t)cname.p[i]) * 1099511628211u;
    capture->sender = sum;
}

void pp_capture_join(pp_capture *capture, const pp_capture *other)
{
    if (!capture->sender || capture->sender != other->sender || !other->has_offset ||
        (capture->has_offset && is_far(capture->offset_us, other->offset_us)))
        return;
    capture->has_offset = true;
    capture->offset_us = other->offset_us;
}

bool pp_capture_is_joined(const pp_capture *capture, const pp_capture *other)
{
    return capture->has_report && other->has_report && capture->sender == other->sender &&
           capture->offset_us == other->offset_us;
}

uint64_t pp_capture_us(const pp_capture *capture, uint32_t timestamp)
{
    int64_t us = 0;

    if (capture->has_report)
        us = capture->report_us + capture->offset_us +
             to_us(capture, capture->report_timestamp, timestamp);
    else if (capture->has_packet)
        us = (int64_t)capture->packet_us + to_us(capture, capture->packet_timestamp, timestamp);
    return us > 0 ? (uint64_t)us : 0;
}
