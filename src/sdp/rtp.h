/* rtp.h - attributes about RTP streams: feedback, header extensions, sources, identifiers, layers
 * (RFC 3605, 4585, 8285, 8830, 5576, 8851, 8853). Each reader takes the value of one attribute; walk
 * them with pp_sdp_next(). */
#ifndef PP_SDP_RTP_H
#define PP_SDP_RTP_H

#include "sdp/attributes.h"

typedef struct pp_sdp_rtcp { /* a=rtcp:53020 IN IP6 2001:db8::1 */
    uint16_t port;
    pp_str address; /* empty: that of the media, as many servers leave it */
} pp_sdp_rtcp;
bool pp_sdp_rtcp_parse(pp_str value, pp_sdp_rtcp *out);

typedef struct pp_sdp_feedback { /* a=rtcp-fb:96 nack pli */
    bool any;                    /* "*": of every format */
    uint8_t payload_type;
    pp_str type;  /* "nack" */
    pp_str param; /* "pli", empty when none */
} pp_sdp_feedback;
bool pp_sdp_feedback_parse(pp_str value, pp_sdp_feedback *out);

typedef struct pp_sdp_extmap { /* a=extmap:4/recvonly URI attributes */
    uint16_t id; /* 1 to 14 with one-octet headers, to 255 with two; 4096 on: to be chosen */
    pp_direction direction;
    bool encrypted; /* RFC 6904: `uri` is that of the extension inside */
    pp_str uri, attributes;
} pp_sdp_extmap;
bool pp_sdp_extmap_parse(pp_str value, pp_sdp_extmap *out);

typedef struct pp_sdp_msid { /* a=msid:stream track */
    pp_str stream;           /* "-": of no stream */
    pp_str track;            /* empty when not given */
} pp_sdp_msid;
bool pp_sdp_msid_parse(pp_str value, pp_sdp_msid *out);

typedef struct pp_sdp_ssrc { /* a=ssrc:1234 cname:text */
    uint32_t ssrc;
    pp_str name, value; /* value.p == NULL for a flag */
} pp_sdp_ssrc;
bool pp_sdp_ssrc_parse(pp_str value, pp_sdp_ssrc *out);
/* a=ssrc-group:FID 1 2: the semantics; the numbers are left in *members for pp_sdp_ssrc_next(). */
bool pp_sdp_ssrc_group_parse(pp_str value, pp_str *semantics, pp_str *members);
bool pp_sdp_ssrc_next(pp_str *members, uint32_t *ssrc); /* false at the end and at no number */

typedef struct pp_sdp_rid { /* a=rid:1 send pt=97,98;max-width=1280 */
    pp_str id;
    bool send;
    pp_str formats;      /* "97,98", empty: any */
    pp_str restrictions; /* "max-width=1280;…", for pp_fmtp_param() */
} pp_sdp_rid;
bool pp_sdp_rid_parse(pp_str value, pp_sdp_rid *out);

typedef struct pp_sdp_simulcast { /* a=simulcast:send 1,~4;2 recv c */
    pp_str send, recv;            /* streams by ';', empty when not given */
} pp_sdp_simulcast;
bool pp_sdp_simulcast_parse(pp_str value, pp_sdp_simulcast *out);
/* The next stream's alternatives ("1,~4"), then one by one of those. False at the end. */
bool pp_sdp_simulcast_stream(pp_str *list, pp_str *alternatives);
bool pp_sdp_simulcast_rid(pp_str *alternatives, pp_str *id, bool *paused);

/* a=ptime and a=maxptime, which may be fractions of a millisecond. */
bool pp_sdp_read_ptime_us(const pp_sdp_media *media, const char *name, uint32_t *out);

#endif
