/* wire.h - what is said over the WebSockets of a simulation, as it stands on the wire and nothing
 * taken out: octets by connection and direction, and the messages in them. */
#ifndef PP_TESTS_CAST_WIRE_H
#define PP_TESTS_CAST_WIRE_H

#include "base/str.h"
#include "support/sim.h"

typedef struct wire wire;
typedef void wire_message_function(void *arg, bool to_server, pp_str message);

/* Listens from now on; `message` may be NULL. Over TLS there is nothing to be understood. */
wire *wire_tap(sim *s, wire_message_function *message, void *arg);
/* All octets of a connection (from 1 on) in one direction, so far. */
pp_str wire_octets(const wire *w, uint64_t stream, bool to_server);
void wire_free(wire *w); /* listens no more */

#endif
