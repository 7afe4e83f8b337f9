/* wire.h - a socket that waits for one caller on a TCP port, in the place of a server. */
#ifndef BENCH_CALL_WIRE_H
#define BENCH_CALL_WIRE_H

#include "pipit/pipit.h"

/* `lost` is called when the caller has gone. */
pipit_socket *bench_wire_new(pipit_loop *loop, uint16_t port, void (*lost)(void *arg), void *arg);

#endif
