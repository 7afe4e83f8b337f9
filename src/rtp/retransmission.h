/* retransmission.h - packets that were sent, kept to be sent again in a stream of their own (RFC 4588), and what comes of
 * such a stream. SRTP knows no packet twice, so there is no other way. */
#ifndef PP_RTP_RETRANSMISSION_H
#define PP_RTP_RETRANSMISSION_H

#include "base/limits.h"
#include "rtp/rtp.h"

typedef struct pp_kept_packet {
    pp_rtp packet;
    char *payload;
    uint64_t sent_us; /* the last time */
} pp_kept_packet;

typedef struct pp_retransmission { /* zeroed: empty */
    uint32_t ssrc;                 /* of the stream they go in */
    uint8_t payload_type;
    uint16_t sequence;
    pp_kept_packet kept[PP_LIMIT_RTX_PACKETS]; /* by sequence number */
} pp_retransmission;

/* Header extensions are not kept: they tell of the moment. `now_us` PP_NEVER: it has not gone yet. False without memory: it
 * cannot be had again. */
bool pp_retransmission_keep(pp_retransmission *r, const pp_rtp *packet, uint64_t now_us);
pp_kept_packet *pp_retransmission_find(pp_retransmission *r,
                                       uint16_t sequence); /* NULL: it is gone */
/* The packet as it goes again, its payload written to `out`, which is cleared. False when it is gone, or went less than
 * `pause_us` ago: an answer to that is still on its way. */
bool pp_retransmission_again(pp_retransmission *r, uint16_t sequence, uint64_t now_us,
                             uint64_t pause_us, pp_rtp *packet, pp_buf *out);
void pp_retransmission_clear(pp_retransmission *r);
/* The packet that came in such a stream, as it was: its SSRC and payload type are put back. False for one without. */
bool pp_retransmission_unwrap(const pp_rtp *packet, uint32_t ssrc, uint8_t payload_type,
                              pp_rtp *out);

#endif
