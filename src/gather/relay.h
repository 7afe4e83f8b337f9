/* relay.h - a relayed address from one TURN URL: found, connected, allocated, kept. */
#ifndef PP_GATHER_RELAY_H
#define PP_GATHER_RELAY_H

#include "base/loop.h"
#include "gather/servers.h"

typedef struct pp_relay pp_relay;

typedef struct pp_relay_handlers { /* never called from inside new; each may free the relay */
    void (*ready)(void *arg);      /* pp_relay_describe() tells what */
    void (*received)(void *arg, const pp_addr *from, const uint8_t *data, size_t size);
    void (*over)(
        void *arg,
        const char *reason); /* once, the last call: there is no relay here, or not any more */
} pp_relay_handlers;

/* `servers` is referenced; `index` is one of TURN in it. */
typedef struct pp_relay_options {
    pp_ice_servers *servers;
    size_t index;
    bool also_ipv6;      /* this machine has addresses that could reach such a relayed address */
    const pp_addr *from; /* as of pp_gather_options */
    size_t from_count;
} pp_relay_options;

int pp_relay_new(pipit_loop *loop, const pp_relay_options *options,
                 const pp_relay_handlers *handlers, void *arg, pp_relay **out);
/* Gives the allocation back. NULL is fine; safe inside a handler; returns NULL. */
pp_relay *pp_relay_free(pp_relay *relay);
/* The relayed address of that family, 4 or 6, without base; false when there is none. */
bool pp_relay_describe(const pp_relay *relay, unsigned family, pp_ice_relay *out);
/* Whether its server was reached from an address that the machine has not any more. */
bool pp_relay_is_stranded(const pp_relay *relay);
/* Best effort, as a datagram. */
void pp_relay_send(pp_relay *relay, const pp_addr *to, const uint8_t *data, size_t size);

#endif
