/* tunnel.h - HTTP CONNECT: the way through a proxy, as a machine (RFC 9110 section 9.3.6). */
#ifndef PP_WS_TUNNEL_H
#define PP_WS_TUNNEL_H

#include "base/buf.h"
#include "ws/refusal.h"

typedef struct pp_tunnel { /* a zeroed one waits for the proxy's answer */
    pp_buf head;
} pp_tunnel;

typedef enum pp_tunnel_result {
    PP_TUNNEL_MORE,
    PP_TUNNEL_OPEN,
    PP_TUNNEL_REFUSED
} pp_tunnel_result;

/* The request for a way to `host` (an IPv6 literal without brackets). `authorization`: "Basic …", NULL: none. */
int pp_tunnel_request(const char *host, uint16_t port, const char *authorization, char **out);
/* Takes what comes. At PP_TUNNEL_REFUSED `sentence` says why. Behind the answer that opens the way nothing may have come
 * yet: it would be the server's, and in TLS and in HTTP the client speaks first. */
pp_tunnel_result pp_tunnel_receive(pp_tunnel *tunnel, const uint8_t *data, size_t size,
                                   char sentence[PP_WS_REFUSAL]);
void pp_tunnel_free(pp_tunnel *tunnel); /* what it holds */

#endif
