/* rtcp.h - RTCP (RFC 3550 section 6, reduced size RFC 5506): SR, RR, SDES CNAME, BYE, and what rtp/feedback.h
 * writes; the rest is stepped over. */
#ifndef PP_RTP_RTCP_H
#define PP_RTP_RTCP_H

#include "rtp/rtp.h"

typedef struct pp_report_block {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256 */
    int32_t cumulative_lost;
    uint32_t highest_sequence, jitter, last_sr, delay_since_last_sr; /* in 1/65,536 s */
} pp_report_block;

typedef struct pp_sender_info {
    uint64_t ntp;
    uint32_t rtp_timestamp, packets, octets;
} pp_sender_info;

typedef struct pp_rtcp_handlers { /* each may be NULL */
    void (*sender_report)(void *arg, uint32_t ssrc, const pp_sender_info *info);
    void (*report_block)(void *arg, uint32_t from_ssrc, const pp_report_block *block);
    void (*cname)(void *arg, uint32_t ssrc, pp_str cname);
    void (*bye)(void *arg, uint32_t ssrc);
    /* RFC 4585 section 6.2.1, once for each packet that is asked for again. */
    void (*nack)(void *arg, uint32_t media_ssrc, uint16_t sequence);
    void (*picture_loss)(void *arg, uint32_t media_ssrc); /* section 6.3.1 */
    void (*full_intra)(void *arg, uint32_t media_ssrc,
                       uint8_t sequence); /* RFC 5104 section 4.3.1 */
    /* REMB: what all streams together may take. */
    void (*max_bitrate)(void *arg, uint64_t bits_a_second);
    /* The body of a transport-wide feedback, for pp_transport_feedback_parse(). */
    void (*transport)(void *arg, const uint8_t *body, size_t size);
    /* RFC 3611 sections 4.4 and 4.5. */
    void (*reference_time)(void *arg, uint32_t from_ssrc, uint64_t ntp);
    void (*reference_reply)(void *arg, uint32_t about_ssrc, uint32_t last_rr, uint32_t delay);
} pp_rtcp_handlers;

/* Walks a compound or reduced-size packet. PIPIT_ERR_SYNTAX at the first malformed part; what came
 * before it was reported. */
int pp_rtcp_parse(const uint8_t *data, size_t size, const pp_rtcp_handlers *handlers, void *arg);

/* Our compound: SR when `info` is not NULL, else RR; `block` NULL for none; SDES CNAME; BYE when
 * `bye`. */
void pp_rtcp_write(pp_buf *out, uint32_t ssrc, const pp_sender_info *info,
                   const pp_report_block *block, const char *cname, bool bye);
/* The block about a receiver; moves its interval counters on (appendix A.3). */
void pp_rtcp_report(pp_rtp_receiver *receiver, uint64_t now_us, pp_report_block *out);
/* For other writers: a packet's header, and its length once its body stands. */
size_t pp_rtcp_begin(pp_buf *out, unsigned count, unsigned type);
void pp_rtcp_end(pp_buf *out, size_t at);
uint64_t pp_ntp_from_wall(uint64_t wall_us); /* 32.32 since 1900 */
/* Round trip from a block about us, RFC 3550 section 6.4.1; false when it cannot be known. */
bool pp_rtcp_round_trip_us(const pp_report_block *block, uint64_t now_wall_us, uint64_t *out);

#endif
