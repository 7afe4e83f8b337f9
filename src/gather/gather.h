/* gather.h - what the ICE servers of a peer connection give it: STUN servers to ask, and relays. */
#ifndef PP_GATHER_GATHER_H
#define PP_GATHER_GATHER_H

#include "base/loop.h"
#include "gather/servers.h"

typedef struct pp_gather pp_gather;

typedef struct pp_gather_handlers { /* never called from inside new; each may free it */
    void (*stun_server)(void *arg,
                        const pp_addr *server); /* one that can be asked, each once; optional */
    void (*relayed)(void *arg,
                    unsigned relay); /* there is one more; pp_gather_relay() tells what */
    void (*received)(void *arg, unsigned relay, const pp_addr *from, const uint8_t *data,
                     size_t size);
    void (*lost)(void *arg, unsigned relay,
                 const char *reason); /* one that was there is not any more */
    void (*done)(void *arg); /* once: all servers are found, and all relays are there or given up */
} pp_gather_handlers;

typedef struct pp_gather_options {
    pp_ice_servers *servers; /* referenced */
    bool relays_only;        /* no STUN server is told */
    bool also_ipv6;          /* relayed addresses of IPv6 too */
    const pp_addr *from; /* our addresses, those from which servers are reached over UDP; copied */
    size_t from_count;   /* at most PP_LIMIT_ICE_LOCAL_ADDRESSES; 0: any */
} pp_gather_options;

/* Starts at once. Relays are numbered from 0 on, below pp_gather_relay_count(). */
int pp_gather_new(pipit_loop *loop, const pp_gather_options *options,
                  const pp_gather_handlers *handlers, void *arg, pp_gather **out);
pp_gather *
pp_gather_free(pp_gather *gather); /* allocations are given back; NULL is fine; returns NULL */
/* Why the last relay that did not come did not; "" when none was given up. */
const char *pp_gather_reason(const pp_gather *gather);
bool pp_gather_is_done(const pp_gather *gather);
unsigned pp_gather_relay_count(const pp_gather *gather);
/* False while, or when no more, there is none of that number and family (4 or 6). */
bool pp_gather_relay(const pp_gather *gather, unsigned relay, unsigned family, pp_ice_relay *out);
bool pp_gather_is_stranded(const pp_gather *gather, unsigned relay);
void pp_gather_send(pp_gather *gather, unsigned relay, const pp_addr *to, const uint8_t *data,
                    size_t size);

#endif
