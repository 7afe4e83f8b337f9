/* server.h - a WebSocket server for the tests, on any loop, that behaves as it is told; and the user of a socket to it. */
#ifndef PP_TESTS_TRANSPORT_SERVER_H
#define PP_TESTS_TRANSPORT_SERVER_H

#include "io/tls_stream.h"
#include "support/files.h"
#include "support/sim.h"
#include "transport/socket.h"
#include "ws/ws.h"

typedef struct server { /* one connection at a time */
    pipit_loop *loop;
    pp_listener *listener;
    pp_tls_context *tls; /* NULL: plain */
    pp_stream *stream;
    pp_ws *ws;
    bool mute;          /* takes connections and says nothing */
    const char *answer; /* to the upgrade, instead of one; NULL: as it should be */
    char request[2048]; /* the first octets of the last connection, which are its upgrade */
    bool close_early;   /* closes a connection at once */
    unsigned accepted, opened;
    char heard[256]; /* the last message, or how it was closed */
} server;

uint16_t server_start(server *s, pipit_loop *loop, const char *ip, uint16_t port); /* its port */
void server_accepted(void *arg,
                     pp_stream *stream); /* of a listener of the test's own; `arg` is the server */
void server_drop(server *s);             /* its connection */
void server_stop(server *s);

typedef struct user { /* of a pipit_socket */
    pipit_loop *loop;
    pipit_socket *socket;
    unsigned connected, disconnected, messages;
    bool error, stop, release_on_data;
    int code;
    char reason[400], data[256]; /* the start of the last message */
    size_t size;                 /* of all of it */
} user;

void user_start(user *u, pipit_loop *loop, const char *url, const pipit_websocket_options *options);
void user_end(user *u);

/* Both in a simulation, in which the server is sip.example.com. */
typedef struct meeting {
    sim *s;
    pipit_loop *loop;
    server server;
    user user;
} meeting;

void meeting_open(meeting *m, uint16_t port);
void meeting_close(meeting *m);

#endif
