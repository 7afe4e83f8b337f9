/* socket.h - inside of pipit_socket: how the transport drives one and hears of it. */
#ifndef PP_TRANSPORT_SOCKET_H
#define PP_TRANSPORT_SOCKET_H

#include "pipit/socket.h"

typedef struct pp_socket_handlers {
    void (*connected)(void *arg);
    void (*disconnected)(void *arg, bool error, int code,
                         const char *reason); /* reason never NULL */
    void (*data)(void *arg, const char *data, size_t size);
} pp_socket_handlers;

/* One user at a time: PIPIT_ERR_STATE when another is attached. */
int pp_socket_attach(pipit_socket *socket, const pp_socket_handlers *handlers, void *arg);
void pp_socket_detach(pipit_socket *socket);
void pp_socket_connect(pipit_socket *socket);
void pp_socket_disconnect(pipit_socket *socket); /* silences it until the next connect */
bool pp_socket_send(pipit_socket *socket, const char *data, size_t size);
bool pp_socket_is_connected(const pipit_socket *socket);

#endif
