/* network.h - who hears that the machine's own addresses have changed. A loop's implementation notices; here is waited until it has
 * settled, and looked at what it comes to. */
#ifndef PP_BASE_NETWORK_H
#define PP_BASE_NETWORK_H

#include "base/loop.h"

/* Of addresses that others may reach: loopback and link-local ones count for nothing. One at least is true. */
typedef struct pp_network_change {
    bool came, went;
} pp_network_change;

/* Lives in its owner. */
typedef struct pp_network_ear {
    void (*changed)(void *arg, pp_network_change change); /* NULL: it does not listen */
    void *arg;
    struct pp_network_ear *next, *prev;
} pp_network_ear;

/* From now on, at the loop's turn; an ear may be taken back from inside. PIPIT_ERR_MEMORY. */
int pp_loop_hear_network(pipit_loop *loop, pp_network_ear *ear,
                         void (*changed)(void *arg, pp_network_change change), void *arg);
void pp_loop_unhear_network(pipit_loop *loop,
                            pp_network_ear *ear); /* nothing when it does not listen */
/* Whether an address is one of the machine's now; its port counts for nothing. True when the machine cannot be asked. */
bool pp_loop_has_address(pipit_loop *loop, const pp_addr *address);
/* For implementations, while they watch: something may have changed. */
void pp_loop_network_moved(pipit_loop *loop);

#endif
