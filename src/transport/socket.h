/* socket.h - inside of pipit_socket: how the transport drives one and hears of it. */
#ifndef PP_TRANSPORT_SOCKET_H
#define PP_TRANSPORT_SOCKET_H

#include "pipit/socket.h"
#include "sip/marks.h"

typedef struct pp_socket_handlers {
    void (*connected)(void *arg);
    void (*disconnected)(void *arg, bool error, int code,
                         const char *reason); /* reason never NULL */
    void (*data)(void *arg, const pp_wire *wire);
} pp_socket_handlers;

/* One user at a time: PIPIT_ERR_STATE when another is attached. */
int pp_socket_attach(pipit_socket *socket, const pp_socket_handlers *handlers, void *arg);
void pp_socket_detach(pipit_socket *socket);
void pp_socket_connect(pipit_socket *socket);
void pp_socket_take(pipit_socket *socket,
                    const pp_wire *wire);        /* pipit_socket_data(), with what is known of it */
void pp_socket_disconnect(pipit_socket *socket); /* silences it until the next connect */
bool pp_socket_send(pipit_socket *socket, const char *data, size_t size);
/* "192.0.2.1:5060" into `out`; false when this socket has none to show. */
bool pp_socket_local_address(const pipit_socket *socket, char *out, size_t size);
/* The transport of the Via of a request of that size; 0: of most. */
const char *pp_socket_via_transport(const pipit_socket *socket, size_t size);
bool pp_socket_is_reliable(const pipit_socket *socket, pp_str via_transport);
void pp_socket_flow_timer(pipit_socket *socket, unsigned seconds);
bool pp_socket_is_stranded(const pipit_socket *socket); /* connected, and its own address is gone */
bool pp_socket_is_connected(const pipit_socket *socket);

#endif
