/* locate.h - from a server's SIP URI to the list of places where it may be reached, best first (RFC 3263 section 4). The
 * look-ups are the loop's; what is kept of their answers is this list only, and every connection asks anew: so no record
 * outlives its time to live. */
#ifndef PP_TRANSPORT_LOCATE_H
#define PP_TRANSPORT_LOCATE_H

#include "base/loop.h"
#include "transport/server_uri.h"

typedef struct pp_hop {
    pp_way way; /* never ANY */
    char *host; /* a name, whose addresses are raced; of UDP an address */
    uint16_t port;
} pp_hop;

typedef struct pp_hops {
    pp_hop *items;
    size_t count;
} pp_hops;

void pp_hops_free(pp_hops *hops);

typedef struct pp_locate pp_locate;
/* Exactly once, never from inside start: hops that become the function's, at least one, or an error and a sentence. The
 * pp_locate is over and released. */
typedef void pp_locate_function(void *arg, int error, const char *reason, pp_hops *hops);

int pp_locate_start(pipit_loop *loop, const pp_server_uri *server, pp_locate_function *done,
                    void *arg, pp_locate **out);
pp_locate *pp_locate_cancel(pp_locate *locate); /* NULL is fine; returns NULL */

#endif
