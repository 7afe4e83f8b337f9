/* extension.h - RTP header extensions (RFC 8285, headers of one octet and of two): those that are agreed on by numbers. */
#ifndef PP_RTP_EXTENSION_H
#define PP_RTP_EXTENSION_H

#include "rtp/rtp.h"

typedef enum pp_rtp_extension_kind {
    PP_EXTENSION_MID,       /* RFC 9143 section 15 */
    PP_EXTENSION_LEVEL,     /* of audio, RFC 6464 */
    PP_EXTENSION_SEND_TIME, /* abs-send-time */
    PP_EXTENSION_TRANSPORT, /* transport-wide sequence number */
    PP_EXTENSION_COUNT
} pp_rtp_extension_kind;

typedef struct pp_rtp_extension_ids { /* 0: not agreed; 1 to 14 */
    uint8_t of[PP_EXTENSION_COUNT];
} pp_rtp_extension_ids;

typedef struct pp_rtp_extensions {
    bool has[PP_EXTENSION_COUNT];
    pp_str mid;         /* of the packet; 1 to 16 octets are written */
    bool voice;         /* PP_EXTENSION_LEVEL */
    uint8_t level;      /* -dBov, 0 to 127 */
    uint32_t send_time; /* 24 bits of seconds, 18 of them behind the point */
    uint16_t transport_sequence;
} pp_rtp_extensions;

#define PP_EXTENSION_SIZE_MAX 32u /* octets that all of them take when written */

const char *pp_rtp_extension_uri(pp_rtp_extension_kind kind);
/* Which of them `uri` names; PP_EXTENSION_COUNT for none of ours. */
pp_rtp_extension_kind pp_rtp_extension_of(pp_str uri);
/* The far end's number for one of them; false when it has another one already, or another has that (RFC 8285 section 5). */
bool pp_rtp_extension_agree(pp_rtp_extension_ids *ids, pp_rtp_extension_kind kind, unsigned id);
/* Numbers for all that are not agreed yet as well: those that browsers give them, as long as they are free. */
void pp_rtp_extension_number(pp_rtp_extension_ids *ids);
/* What the packet carries of what was agreed; anything malformed is passed over. */
void pp_rtp_extensions_read(const pp_rtp *packet, const pp_rtp_extension_ids *ids,
                            pp_rtp_extensions *out);
/* Fills `space` with those that are there and agreed, and points the packet to it. */
void pp_rtp_extensions_write(const pp_rtp_extensions *extensions, const pp_rtp_extension_ids *ids,
                             uint8_t space[PP_EXTENSION_SIZE_MAX], pp_rtp *packet);
uint32_t pp_rtp_send_time(uint64_t now_us); /* for `send_time` */

#endif
