/* proxy.h - an HTTP proxy to go through: "http://user:password@host:port", and who is exempt from it. */
#ifndef PP_TRANSPORT_PROXY_H
#define PP_TRANSPORT_PROXY_H

#include "base/str.h"

typedef struct pp_proxy {
    char *host; /* an IPv6 literal without brackets; NULL: no proxy */
    uint16_t port;
    char *authorization; /* "Basic …", a secret; NULL: none */
} pp_proxy;

/* The scheme may be left out; without a port it is 1080, as curl has it. 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_NOT_SUPPORTED for
 * another scheme, PIPIT_ERR_MEMORY. The sentence has nothing of the text, which may hold a password. */
int pp_proxy_parse(pp_str text, pp_proxy *out);
void pp_proxy_free(pp_proxy *proxy);
/* Whether `list`, the value of no_proxy, names `host`: names with all that is below them, addresses, networks such as
 * 10.0.0.0/8, or "*". The machine itself is always exempt. */
bool pp_proxy_is_exempt(pp_str list, const char *host);

#endif
