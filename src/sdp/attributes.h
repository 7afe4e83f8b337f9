/* attributes.h - the attributes WebRTC lives on, as values (RFC 8839, 8122, 8842, 8843, 8866,
 * 5761). */
#ifndef PP_SDP_ATTRIBUTES_H
#define PP_SDP_ATTRIBUTES_H

#include "sdp/sdp.h"

typedef enum pp_direction { PP_SENDRECV, PP_SENDONLY, PP_RECVONLY, PP_INACTIVE } pp_direction;
typedef enum pp_setup {
    PP_SETUP_NONE,
    PP_SETUP_ACTIVE,
    PP_SETUP_PASSIVE,
    PP_SETUP_ACTPASS,
    PP_SETUP_HOLDCONN
} pp_setup;

typedef struct pp_rtpmap {
    uint8_t payload_type;
    pp_str name; /* "opus" */
    uint32_t clock_rate;
    uint32_t channels; /* 1 when not given */
    pp_str fmtp;       /* "minptime=10;useinbandfec=1", empty when none */
} pp_rtpmap;

typedef struct pp_sdp_candidate { /* RFC 8839 section 5.1 */
    pp_str foundation;
    uint32_t component;
    pp_str transport; /* "udp", "tcp" */
    uint32_t priority;
    pp_str address; /* an IP literal or a name ("….local") */
    uint16_t port;
    pp_str type;       /* "host", "srflx", "prflx", "relay" */
    pp_str extensions; /* "raddr 10.0.0.1 rport 9 tcptype active generation 0", may be empty */
} pp_sdp_candidate;

pp_direction pp_sdp_direction(const pp_sdp *sdp,
                              const pp_sdp_media *media); /* sendrecv when none is given */
const char *pp_direction_name(pp_direction direction);
pp_direction pp_direction_reversed(pp_direction direction);     /* sendonly <-> recvonly */
pp_direction pp_direction_both(pp_direction a, pp_direction b); /* what both allow */
bool pp_direction_sends(pp_direction direction);
bool pp_direction_receives(pp_direction direction);
/* Whether the far end takes nothing from us: sendonly or inactive, or the address 0.0.0.0 of RFC 2543. With port 9 that address
 * only says that candidates will follow (RFC 8839 section 4.2.1.2). */
bool pp_sdp_holds(const pp_sdp *sdp, const pp_sdp_media *media);
pp_setup pp_sdp_setup(const pp_sdp *sdp, const pp_sdp_media *media);
const char *pp_setup_name(pp_setup setup);
/* What a=rtpmap and a=fmtp say of each payload type, the first line for each; read in one pass. */
typedef struct pp_sdp_codecs {
    struct {
        pp_str encoding, fmtp;
    } of[128];
} pp_sdp_codecs;
void pp_sdp_codecs_read(const pp_sdp_media *media, pp_sdp_codecs *out);
/* The codec of one format of the m= line, static ones (RFC 3551: 0, 8, 9, 13) without an rtpmap
 * too. */
bool pp_sdp_codec(const pp_sdp_codecs *codecs, pp_str format, pp_rtpmap *out);
/* Both in one, for one format. */
bool pp_sdp_rtpmap(const pp_sdp_media *media, pp_str format, pp_rtpmap *out);
/* A parameter of an fmtp value ("useinbandfec"); a flag gives p == NULL. */
bool pp_fmtp_param(pp_str fmtp, const char *name, pp_str *value);
int pp_sdp_candidate_parse(pp_str value, pp_sdp_candidate *out);
/* The value of an extension ("tcptype", "ufrag", "network-cost"); false when it is not there. */
bool pp_sdp_candidate_extension(const pp_sdp_candidate *candidate, const char *name, pp_str *value);
/* raddr and rport, which only reflexive and relayed candidates have. */
bool pp_sdp_candidate_related(const pp_sdp_candidate *candidate, pp_str *address, uint16_t *port);
/* Whether a=ice-options names that option ("trickle", "ice2"). */
bool pp_sdp_ice_option(const pp_sdp *sdp, const pp_sdp_media *media, const char *option);
/* "sha-256 AB:CD:…": hash name and fingerprint of the `index`-th that is well-formed. Compare
 * without regard to case. */
bool pp_sdp_fingerprint(const pp_sdp *sdp, const pp_sdp_media *media, size_t index, pp_str *hash,
                        pp_str *value);
/* The same one after the other, from line *at on (0 at first). */
bool pp_sdp_fingerprint_next(const pp_sdp *sdp, const pp_sdp_media *media, size_t *at, pp_str *hash,
                             pp_str *value);
bool pp_sdp_ice(const pp_sdp *sdp, const pp_sdp_media *media, pp_str *ufrag,
                pp_str *pwd); /* lengths checked, RFC 8839 5.4 */
bool pp_sdp_in_bundle(const pp_sdp *sdp,
                      const pp_sdp_media *media); /* a=group:BUNDLE names its mid */

#endif
