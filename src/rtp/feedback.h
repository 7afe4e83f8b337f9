/* feedback.h - what a receiver asks of a sender: packets again, key frames, a rate (RFC 4585, 5104, REMB), and extended
 * reports (RFC 3611). pp_rtcp_parse() reads them. Each function writes one RTCP packet, which may go by itself (RFC 5506). */
#ifndef PP_RTP_FEEDBACK_H
#define PP_RTP_FEEDBACK_H

#include "rtp/rtcp.h"

typedef struct pp_feedback_ends {
    uint32_t own_ssrc, media_ssrc;
} pp_feedback_ends;

/* Sequence numbers in ascending order; nothing for none. */
void pp_feedback_nack(pp_buf *out, pp_feedback_ends ends, const uint16_t *sequences, size_t count);
void pp_feedback_picture_loss(pp_buf *out, pp_feedback_ends ends);
void pp_feedback_full_intra(pp_buf *out, pp_feedback_ends ends, uint8_t sequence);
void pp_feedback_max_bitrate(pp_buf *out, pp_feedback_ends ends, uint64_t bits_a_second);
/* A receiver's clock, and the answer to another one's: `last_rr` is the middle 32 bits of it, `delay` in 1/65,536 s. */
void pp_feedback_reference_time(pp_buf *out, uint32_t own_ssrc, uint64_t ntp);
void pp_feedback_reference_reply(pp_buf *out, pp_feedback_ends ends, uint32_t last_rr,
                                 uint32_t delay);

#endif
