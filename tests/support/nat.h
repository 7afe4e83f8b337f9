/* nat.h - two machines of a simulation, each behind a NAT or a firewall of its own (RFC 4787, in the words of RFC 3489): a filter of
 * datagrams that puts other addresses on them, as a relay between two networks would. */
#ifndef PP_TESTS_NAT_H
#define PP_TESTS_NAT_H

#include "support/sim.h"

typedef enum nat_kind {
    NAT_NONE,               /* a public address */
    NAT_FULL_CONE,          /* whoever knows the mapping gets in */
    NAT_ADDRESS_RESTRICTED, /* from addresses that were sent to */
    NAT_PORT_RESTRICTED,    /* from addresses and ports that were sent to */
    NAT_SYMMETRIC,          /* the same, and another mapping for each of them */
    NAT_NO_UDP,             /* nothing but TCP gets out */
    NAT_KINDS
} nat_kind;

#define NAT_FLOWS 256u

typedef struct nat_flow { /* what went out once */
    pp_addr inside, outside, remote;
} nat_flow;

typedef struct nat {
    nat_kind kind;
    pp_addr inside, outside; /* port 0; with NAT_NONE they are the same */
    nat_flow flows[NAT_FLOWS];
    size_t count;
    uint16_t next_port;
} nat;

typedef struct nats {
    sim *s;
    nat sides[2];
    bool passing;
} nats;

/* The simulation's machine has the two inside addresses from now on, as interfaces "sim0" and "sim1". */
void nats_begin(nats *n, sim *s, nat_kind first, nat_kind second);
const char *nat_name(nat_kind kind);

#endif
