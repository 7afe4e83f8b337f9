/* framed.h - packets on a stream, each behind its length (RFC 4571): how ICE goes over TCP (RFC 6544). */
#ifndef PP_PEER_FRAMED_H
#define PP_PEER_FRAMED_H

#include "base/loop.h"

typedef struct pp_framed pp_framed;

typedef struct pp_framed_handlers { /* each may free it */
    void (*packet)(void *arg, pp_framed *framed, const uint8_t *data, size_t size);
    void (*closed)(void *arg, pp_framed *framed); /* once, and the last: nothing goes any more */
} pp_framed_handlers;

int pp_framed_connect(pipit_loop *loop, const pp_addr *to, const pp_framed_handlers *handlers,
                      void *arg, pp_framed **out);
/* Of a stream that was accepted; takes it over, also on failure. */
int pp_framed_accept(pp_stream *stream, const pp_framed_handlers *handlers, void *arg,
                     pp_framed **out);
void pp_framed_hand_over(pp_framed *framed, const pp_framed_handlers *handlers, void *arg);
/* Best effort, as a datagram: what a stream does not take is lost. Before it is connected a little waits. */
void pp_framed_send(pp_framed *framed, const uint8_t *data, size_t size);
const pp_addr *pp_framed_remote(const pp_framed *framed);
pp_framed *pp_framed_free(pp_framed *framed); /* NULL is fine; safe inside a handler */

#endif
