/* uri.h - "stun:host:port" and "turn:host:port?transport=tcp" (RFC 7064, RFC 7065). */
#ifndef PP_GATHER_URI_H
#define PP_GATHER_URI_H

#include "ice/ice.h"

typedef struct pp_ice_uri {
    bool turn; /* else STUN, over UDP */
    pp_relay_path path;
    pp_str host;     /* a slice of the text; of a literal without brackets */
    pp_addr literal; /* family 0: the host is a name */
    uint16_t port;   /* 0: not given, so that records of the name may say it */
} pp_ice_uri;

/* 0, PIPIT_ERR_SYNTAX, or PIPIT_ERR_NOT_SUPPORTED for what RFC 7065 has and we do not. The sentence names the parameter
 * ice_servers. */
int pp_ice_uri_parse(pp_str text, pp_ice_uri *out);
uint16_t pp_ice_uri_port(const pp_ice_uri *uri);    /* the given one, or 3478 or 5349 */
const char *pp_relay_path_name(pp_relay_path path); /* "udp", "tcp", "tls" */

#endif
