/* websocket_url.h - "ws://user:password@host:port/path" taken apart (RFC 6455 section 3), and what is derived of it. */
#ifndef PP_TRANSPORT_WEBSOCKET_URL_H
#define PP_TRANSPORT_WEBSOCKET_URL_H

#include "base/str.h"

typedef struct pp_websocket_url {
    bool secure;
    char *host; /* lower case; an IPv6 literal without brackets */
    uint16_t port;
    char *host_header;   /* with the port where it is not the scheme's own */
    char *target;        /* path and query */
    char *text;          /* as it was given, without user and password: for people */
    char *authorization; /* "Basic …" of these, a secret; NULL: none */
    char *sip_uri;       /* "sip:host:port;transport=ws", the port where one was given */
} pp_websocket_url;

/* 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY. Freed with pp_websocket_url_free(). */
int pp_websocket_url_parse(pp_str url, pp_websocket_url *out);
void pp_websocket_url_free(pp_websocket_url *url);
void pp_websocket_url_free_texts(pp_websocket_url *url); /* `text` and `sip_uri` only */

#endif
