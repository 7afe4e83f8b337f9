/* port.h - UDP sockets that the peer connections of a loop share. Each of them has a place on a socket, which looks like a socket of
 * its own: a pp_udp. What comes is told apart by what nobody can guess or forge: a STUN request by the user name in front
 * of the colon, an answer by the transaction it is for, everything else by the address ICE has verified. What fits nobody is dropped
 * and counted, without an answer.
 *
 * Two places on one socket cannot have the same far address: nothing would tell their DTLS apart. So a far end that is known to be
 * at an address that is in use here gets a place on another socket; two ends that both share one port have that between them. */
#ifndef PP_PEER_PORT_H
#define PP_PEER_PORT_H

#include "base/loop.h"

typedef struct pp_port_wish {
    uint16_t first, last;   /* ports, in this order; 0 for both: any */
    bool own;               /* a socket that nobody else gets a place on */
    const pp_addr *avoided; /* far addresses that nobody on the socket may have already */
    size_t avoided_count;
} pp_port_wish;

/* A place on a socket at `at` (its port does not count), found or opened. PIPIT_ERR_IO: none of the ports is free. */
int pp_port_open(pipit_loop *loop, const pp_addr *at, const pp_port_wish *wish,
                 pp_udp_function *received, void *arg, pp_udp **out);

/* For a pp_udp that pp_port_open() gave. */

/* STUN requests to this user name are for this place, from now on. */
int pp_port_add_name(pp_udp *place, const char *ufrag);
/* Forgets the names that are not wanted any more. */
void pp_port_keep_names(pp_udp *place, bool (*wanted)(void *arg, const char *ufrag), void *arg);
/* ICE has verified that address: what is no STUN and comes from there is for this place. The first who says so has it. */
void pp_port_verified(pp_udp *place, const pp_addr *remote);
/* The far end says that it is there; nothing is believed for it, but others do better to stay away. */
void pp_port_claim(pp_udp *place, const pp_addr *remote);
/* Whether another place of the socket has or claims that address, or it is the socket's own. */
bool pp_port_is_taken(const pp_udp *place, const pp_addr *remote);
/* Datagrams on its socket that were nobody's. */
uint64_t pp_port_discarded(const pp_udp *place);

#endif
