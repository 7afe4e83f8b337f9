/* tcp_place.h - where an ICE candidate over TCP is (RFC 6544): one that connects to whom it sends to, or a place behind a listening
 * socket that all peer connections of a loop share. Whose a stream is that comes is told by the user name of its first packet, a
 * STUN request; whoever sends anything else, or nothing for a while, is hung up on. */
#ifndef PP_PEER_TCP_PLACE_H
#define PP_PEER_TCP_PLACE_H

#include "base/loop.h"

typedef struct pp_tcp_place pp_tcp_place;

/* `received`: as of datagrams; PIPIT_ERR_IO: nothing can listen there. The port of `at` does not count. */
int pp_tcp_place_open(pipit_loop *loop, const pp_addr *at, bool passive, pp_udp_function *received,
                      void *arg, pp_tcp_place **out);
/* What the candidate says: port 9 of one that connects (section 4.5). */
const pp_addr *pp_tcp_place_local(const pp_tcp_place *place);
/* STUN requests to this user name are for it, from now on. */
int pp_tcp_place_add_name(pp_tcp_place *place, const char *ufrag);
void pp_tcp_place_keep_names(pp_tcp_place *place, bool (*wanted)(void *arg, const char *ufrag),
                             void *arg);
/* Best effort. To who has not come, from one that does not connect, nothing goes. */
void pp_tcp_place_send(pp_tcp_place *place, const pp_addr *to, const uint8_t *data, size_t size);
pp_tcp_place *pp_tcp_place_close(pp_tcp_place *place); /* NULL is fine; safe inside `received` */

#endif
