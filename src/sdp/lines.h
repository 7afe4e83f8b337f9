/* lines.h - what o=, c=, b= and t= say (RFC 8866 section 5), read as kindly as real servers need. */
#ifndef PP_SDP_LINES_H
#define PP_SDP_LINES_H

#include "sdp/sdp.h"

typedef struct pp_sdp_origin { /* section 5.2 */
    pp_str username;           /* blanks inside are seen in the wild; may be empty */
    pp_str session_id;         /* a number, as a rule */
    uint64_t version;
    pp_str network_type, address_type, address;
} pp_sdp_origin;

typedef struct pp_sdp_connection { /* section 5.7 */
    pp_str network_type, address_type;
    pp_str address; /* without what follows a '/' */
    uint32_t ttl;   /* of an IPv4 multicast address, 0: not given */
    uint32_t count; /* of addresses, 1 when not given */
} pp_sdp_connection;

/* The value of the first line of a type; false when there is none. */
bool pp_sdp_line_of(const pp_sdp_section *section, char type, pp_str *value);
bool pp_sdp_read_origin(const pp_sdp *sdp, pp_sdp_origin *out);
/* The media part's, or that of the session; `media` may be NULL. False when both lack one or it is
 * malformed. */
bool pp_sdp_read_connection(const pp_sdp *sdp, const pp_sdp_media *media, pp_sdp_connection *out);
/* "IN IP4 192.0.2.1/127/3" */
bool pp_sdp_connection_parse(pp_str value, pp_sdp_connection *out);
/* b=<type>:<number> ("AS" in kbit/s, "TIAS" in bit/s), the type without regard to case. */
bool pp_sdp_read_bandwidth(const pp_sdp_section *section, const char *type, uint32_t *out);
/* t=<start> <stop>, 0 0 for a session without end; false when it is missing, as it may be. */
bool pp_sdp_read_time(const pp_sdp *sdp, uint64_t *start, uint64_t *stop);

#endif
