/* network.h - a network of one machine behind its router: a network namespace of the kernel whose only way out is a TUN device of ours. */
#ifndef PP_NETS_NETWORK_H
#define PP_NETS_NETWORK_H

#include "support/nat.h"

typedef struct network {
    const char *name;
    nat udp, tcp;                 /* its router's */
    double loss;                  /* the share of packets lost on its line, in each direction */
    uint64_t delay_us, jitter_us; /* of its line: that long, and by chance up to so much longer */
    bool mapped;                  /* this process became root in a namespace of users for it */
    int space, device;            /* descriptors */
    uint64_t out, in, refused, lost; /* packets */
} network;

/* NAME=KIND[,loss=PERCENT][,delay=MS][,jitter=MS]; `argument` is kept. The machine is 192.168.1.10 in every network but public ones: who
 * takes an address for a machine finds himself. */
bool network_read(network *n, char *argument, unsigned number);
/* Leaves this process in the new namespace. 0, or an errno. */
int network_open(network *n);

#endif
