/* turn_sim.h - the TURN server of turn_server.h on the network of a simulation: UDP and TCP on port 3478, TLS on 5349. */
#ifndef PP_TESTS_TURN_SIM_H
#define PP_TESTS_TURN_SIM_H

#include "support/sim.h"
#include "support/turn/turn_server.h"

typedef struct turn_sim turn_sim;

/* Relayed addresses are on `ip` too. With `certificate_name` there is TLS, under a certificate of its own for that name. */
turn_sim *turn_sim_new(sim *s, const char *ip, const char *certificate_name);
turn_server *turn_sim_server(turn_sim *t); /* what a test may set and look at */
unsigned turn_sim_allocations(turn_sim *t);
void turn_sim_free(turn_sim *t);

#endif
