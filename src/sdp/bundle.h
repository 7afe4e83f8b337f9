/* bundle.h - media parts by name, groups of them, and which attributes one transport shares
 * (RFC 5888, 9143, 8859), and data channels on it (RFC 8841). */
#ifndef PP_SDP_BUNDLE_H
#define PP_SDP_BUNDLE_H

#include "sdp/sdp.h"

bool pp_sdp_mid(const pp_sdp_media *media, pp_str *out); /* a=mid, not empty */
/* The media part of that name; NULL when there is none. */
const pp_sdp_media *pp_sdp_media_of_mid(const pp_sdp *sdp, pp_str mid);
/* The next a=group from line *at (0 at first): its semantics, and its mids for pp_str_word(). */
bool pp_sdp_group_next(const pp_sdp *sdp, size_t *at, pp_str *semantics, pp_str *mids);
/* The part whose transport a bundled part uses: the first that its BUNDLE group names (RFC 9143
 * section 7.1.1, the tagged one); `media` itself when it is in no group. */
const pp_sdp_media *pp_sdp_bundle_tag(const pp_sdp *sdp, const pp_sdp_media *media);

typedef enum pp_sdp_mux {                 /* RFC 8859 section 4 */
                          PP_MUX_UNKNOWN, /* "TBD", and whatever the table does not know */
                          PP_MUX_NORMAL,
                          PP_MUX_CAUTION,
                          PP_MUX_IDENTICAL,
                          PP_MUX_SUM,
                          PP_MUX_TRANSPORT,
                          PP_MUX_INHERIT,
                          PP_MUX_IDENTICAL_PER_PT,
                          PP_MUX_SPECIAL
} pp_sdp_mux;
pp_sdp_mux pp_sdp_mux_of(pp_str attribute);
/* As pp_sdp_inherited(), but what belongs to the transport (TRANSPORT, IDENTICAL) is read where a
 * bundle keeps it: in the tagged part, unless the part has its own. */
bool pp_sdp_bundled(const pp_sdp *sdp, const pp_sdp_media *media, const char *name, size_t index,
                    pp_str *value);

typedef struct pp_sdp_sctp {
    uint16_t port;
    uint32_t max_message_size; /* 0: any; 65,536 when not given (RFC 8841 section 6) */
    uint16_t streams;          /* of the old a=sctpmap, 0 when not given */
} pp_sdp_sctp;
/* a=sctp-port, or a=sctpmap of the drafts, which some browsers of 2018 still send. */
bool pp_sdp_read_sctp(const pp_sdp_media *media, pp_sdp_sctp *out);

#endif
