/* server_uri.h - "sip:host:port;transport=tls": a server as the application names it. */
#ifndef PP_TRANSPORT_SERVER_URI_H
#define PP_TRANSPORT_SERVER_URI_H

#include "base/str.h"

typedef enum pp_way { PP_WAY_ANY, PP_WAY_UDP, PP_WAY_TCP, PP_WAY_TLS } pp_way; /* below SIP */

typedef struct pp_server_uri {
    char *host;    /* lower case; an IPv6 literal without brackets */
    uint16_t port; /* 0: not given */
    pp_way way;    /* what it asks for; TLS and nothing else with sips */
    bool secure;   /* sips */
} pp_server_uri;

/* 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY. Freed with pp_server_uri_free(). */
int pp_server_uri_parse(pp_str text, pp_server_uri *out);
void pp_server_uri_free(pp_server_uri *uri);

const char *pp_way_via(pp_way way); /* "UDP" as in Via */
uint16_t pp_way_port(pp_way way);   /* 5060, or 5061 */

#endif
