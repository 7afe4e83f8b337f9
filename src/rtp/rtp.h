/* rtp.h - RTP packets (RFC 3550 section 5) read and written, and the receiver's bookkeeping
 * (appendix A). */
#ifndef PP_RTP_RTP_H
#define PP_RTP_RTP_H

#include "base/buf.h"

typedef struct pp_rtp {
    bool marker;
    uint8_t payload_type;
    uint16_t sequence;
    uint32_t timestamp, ssrc;
    const uint8_t *payload; /* padding and header extension off; a slice of the packet */
    size_t size;
    uint16_t overhead;          /* of one that came: octets of header and padding */
    uint16_t extension_profile; /* 0: none */
    const uint8_t *extension;
    size_t extension_size;
} pp_rtp;

/* By first octet and payload type (RFC 5761 section 4): version 2, and RTCP when the second octet
 * is 192..223. */
bool pp_rtp_is(const uint8_t *data, size_t size);
bool pp_rtcp_is(const uint8_t *data, size_t size);
int pp_rtp_parse(const uint8_t *data, size_t size, pp_rtp *out);
/* Header, the extension when `extension_profile` is not 0 (whole words, RFC 3550 section 5.3.1), payload. */
void pp_rtp_write(const pp_rtp *packet, pp_buf *out);

typedef struct pp_rtp_receiver { /* of one SSRC */
    uint32_t ssrc, clock_rate;
    bool started;
    uint16_t max_sequence, bad_sequence;
    uint32_t cycles, base_sequence, received, expected_prior, received_prior;
    uint64_t arrival_base_us;
    uint32_t timestamp, transit; /* of the last packet that counted for the jitter */
    double jitter;               /* in clock units */
    uint32_t last_sr;            /* middle 32 bits of the last sender report's NTP time */
    uint64_t last_sr_at_us;      /* when it came */
} pp_rtp_receiver;

void pp_rtp_receiver_init(pp_rtp_receiver *receiver, uint32_t ssrc, uint32_t clock_rate);
/* Takes a packet into account; false when its sequence is a jump to be checked (appendix A.1). */
bool pp_rtp_receiver_add(pp_rtp_receiver *receiver, const pp_rtp *packet, uint64_t now_us);
int64_t pp_rtp_receiver_lost(const pp_rtp_receiver *receiver); /* cumulative, may be negative */
double pp_rtp_receiver_jitter_ms(const pp_rtp_receiver *receiver);

#endif
