/* nat.h - a NAT or a firewall (RFC 4787, in the words of RFC 3489): which address a datagram goes out with, and who gets in. It knows no
 * network: nats.h puts it into a simulation, interop/nets between namespaces of a kernel. */
#ifndef PP_TESTS_NAT_H
#define PP_TESTS_NAT_H

#include "base/addr.h"

typedef enum nat_kind {
    NAT_NONE,               /* a public address */
    NAT_FULL_CONE,          /* whoever knows the mapping gets in */
    NAT_ADDRESS_RESTRICTED, /* from addresses that were sent to */
    NAT_PORT_RESTRICTED,    /* from addresses and ports that were sent to */
    NAT_SYMMETRIC,          /* the same, and another mapping for each of them */
    NAT_NO_UDP,             /* nothing but TCP gets out */
    NAT_KINDS
} nat_kind;

#define NAT_FLOWS 256u /* the oldest is forgotten for one more */

typedef struct nat_flow { /* what went out once */
    pp_addr inside, outside, remote;
} nat_flow;

typedef struct nat {
    nat_kind kind;
    pp_addr inside, outside; /* port 0; with NAT_NONE they are the same */
    nat_flow flows[NAT_FLOWS];
    size_t flow_count, next_flow;
    uint16_t next_port;
} nat;

const char *nat_name(nat_kind kind);
/* NAT_KINDS: there is none of that name. */
nat_kind nat_find(const char *name);

void nat_begin(nat *n, nat_kind kind, const pp_addr *inside, const pp_addr *outside);
/* The address that what is sent from there to there goes out with. */
pp_addr nat_go_out(nat *at, const pp_addr *inside, const pp_addr *remote);
/* Where what comes to an address outside ends; NULL: nowhere. */
const pp_addr *nat_come_in(const nat *at, const pp_addr *to, const pp_addr *from);

#endif
