/* nats.h - two machines of a simulation, each behind a NAT or a firewall of its own: a filter of datagrams that puts other addresses on
 * them, as a relay between two networks would. */
#ifndef PP_TESTS_NATS_H
#define PP_TESTS_NATS_H

#include "support/nat.h"
#include "support/sim.h"

typedef struct nats {
    sim *s;
    nat sides[2];
    bool passing;
} nats;

/* The simulation's machine has the two inside addresses from now on, as interfaces "sim0" and "sim1". */
void nats_begin(nats *n, sim *s, nat_kind first, nat_kind second);

#endif
