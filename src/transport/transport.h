/* transport.h - the sockets of one user agent: which is in use, fail-over, recovery (jssip-behaviour 1.11 and 3.1). */
#ifndef PP_TRANSPORT_TRANSPORT_H
#define PP_TRANSPORT_TRANSPORT_H

#include "base/loop.h"
#include "pipit/socket.h"
#include "sip/marks.h"

typedef struct pp_transport pp_transport;

typedef struct pp_transport_loss {
    pipit_socket *socket;
    bool error;
    int code;
    const char *reason; /* never NULL */
    bool recovering;    /* another attempt follows by itself */
} pp_transport_loss;

typedef struct pp_transport_handlers {
    void (*connecting)(void *arg, pipit_socket *socket, unsigned attempts);
    void (*connected)(void *arg, pipit_socket *socket);
    /* After each failed attempt, each loss, and pp_transport_disconnect() when it was up. May come from within
     * pp_transport_send() and pp_transport_connect(). */
    void (*disconnected)(void *arg, const pp_transport_loss *loss);
    void (*data)(void *arg, const pp_wire *wire); /* a SIP message; keep-alives are answered here */
    /* Optional: whether the connection may change now without disturbing anything. */
    bool (*idle)(void *arg);
} pp_transport_handlers;

typedef struct pp_weighted_socket {
    pipit_socket *socket;
    unsigned weight;
} pp_weighted_socket;

typedef struct pp_transport_options {
    const pp_weighted_socket *sockets;
    size_t count;
    unsigned recovery_min_s, recovery_max_s; /* 0: JsSIP's 2 and 30 */
    unsigned recovery_max_attempts;          /* 0: no limit */
    bool no_recovery;
    unsigned connect_timeout_s; /* 0: 60 */
    unsigned
        return_s; /* looks for a heavier socket that often while a lighter one works; 0: never */
    const pp_transport_handlers *handlers;
    void *arg;
} pp_transport_options;

int pp_transport_new(pipit_loop *loop, const pp_transport_options *options, pp_transport **out);
/* Nothing when it is connecting or connected; tries at once when it waits, and from the start when it has given up. */
void pp_transport_connect(pp_transport *transport);
/* The machine's addresses have changed: what depends on one that is gone is connected anew, and who waits to try again tries now. */
void pp_transport_network_changed(pp_transport *transport);
void pp_transport_disconnect(
    pp_transport *transport); /* no recovery any more; reports disconnected when it was up */
bool pp_transport_send(pp_transport *transport, const char *data, size_t size);
bool pp_transport_is_connected(const pp_transport *transport);
bool pp_transport_is_connecting(const pp_transport *transport);
/* Nothing will happen without pp_transport_connect(). */
bool pp_transport_is_idle(const pp_transport *transport);
/* To recover, since the last connection. */
unsigned pp_transport_attempts(const pp_transport *transport);
pipit_socket *pp_transport_socket(const pp_transport *transport); /* the one in use, borrowed */
pp_transport *pp_transport_free(pp_transport *transport); /* no handler is called any more */

#endif
