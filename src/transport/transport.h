/* transport.h - the sockets of one user agent: which is in use, fail-over, recovery (jssip-behaviour 1.11 and 3.1). */
#ifndef PP_TRANSPORT_TRANSPORT_H
#define PP_TRANSPORT_TRANSPORT_H

#include "base/loop.h"
#include "pipit/socket.h"

typedef struct pp_transport pp_transport;

typedef struct pp_transport_handlers {
    void (*connecting)(void *arg, pipit_socket *socket, unsigned attempts);
    void (*connected)(void *arg, pipit_socket *socket);
    void (*disconnected)(void *arg, pipit_socket *socket, bool error, int code, const char *reason);
    void (*data)(void *arg, const char *data,
                 size_t size); /* a SIP message; keep-alives are answered here */
} pp_transport_handlers;

typedef struct pp_weighted_socket {
    pipit_socket *socket;
    unsigned weight;
} pp_weighted_socket;

int pp_transport_new(pipit_loop *loop, const pp_weighted_socket *sockets, size_t count,
                     unsigned min_interval_s, unsigned max_interval_s,
                     const pp_transport_handlers *handlers, void *arg, pp_transport **out);
void pp_transport_connect(pp_transport *transport);
void pp_transport_disconnect(
    pp_transport *transport); /* no recovery any more; reports disconnected when it was up */
bool pp_transport_send(pp_transport *transport, const char *data, size_t size);
bool pp_transport_is_connected(const pp_transport *transport);
pipit_socket *pp_transport_socket(const pp_transport *transport); /* the one in use, borrowed */
pp_transport *pp_transport_free(pp_transport *transport); /* no handler is called any more */

#endif
