/* capture.h - when what comes was captured, by our clock: the streams of one sender are brought to one line of time by its reports
 * (RFC 3550 section 6.4.1), so that sound and pictures can be put together again. Until there is a report, when it came counts. */
#ifndef PP_RTP_CAPTURE_H
#define PP_RTP_CAPTURE_H

#include "rtp/rtcp.h"

typedef struct pp_capture { /* of a stream; zeroed but for `clock_rate`: nothing has come */
    uint32_t clock_rate;
    bool has_packet, has_report;
    uint32_t packet_timestamp; /* of the first packet, and when it came */
    uint64_t packet_us;
    uint32_t report_timestamp; /* of the last report, and its time by the sender's clock */
    int64_t report_us;
    bool has_offset;
    int64_t offset_us; /* from the sender's clock to ours */
    uint64_t
        sender; /* a sum of its CNAME: streams with the same one have the same clock; 0: not known */
} pp_capture;

void pp_capture_packet(pp_capture *capture, uint32_t timestamp, uint64_t now_us);
/* The first one fixes how far both clocks are apart: a report that came sooner or later than others must not move the line; but when
 * one of the clocks was set since, it begins anew. */
void pp_capture_report(pp_capture *capture, const pp_sender_info *info, uint64_t now_us);
void pp_capture_named(pp_capture *capture, pp_str cname);
/* `other` is of the same sender: both get one line of time. */
void pp_capture_join(pp_capture *capture, const pp_capture *other);
bool pp_capture_is_joined(const pp_capture *capture, const pp_capture *other);
uint64_t pp_capture_us(const pp_capture *capture, uint32_t timestamp); /* 0: not known */

#endif
