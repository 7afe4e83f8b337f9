/* inside.h - what the files of pp_transport share. */
#ifndef PP_TRANSPORT_INSIDE_H
#define PP_TRANSPORT_INSIDE_H

#include "transport/socket.h"
#include "transport/transport.h"

typedef enum pp_transport_state {
    PP_TRANSPORT_IDLE,
    PP_TRANSPORT_CONNECTING,
    PP_TRANSPORT_CONNECTED,
    PP_TRANSPORT_WAITING
} pp_transport_state;

typedef struct pp_member {
    pp_transport *transport;
    pipit_socket *socket;
    unsigned weight;
    bool failed; /* since the last connection, or since all had failed */
} pp_member;

struct pp_transport {
    pipit_loop *loop;
    const pp_transport_handlers *handlers;
    void *arg;
    pp_member *members;
    size_t count;
    pp_member *current;
    pp_member *probe; /* a heavier one that is tried while `current` works */
    pp_transport_state state;
    unsigned round;    /* of connecting, to know the latest */
    unsigned attempts; /* to recover, since the last connection */
    unsigned min_s, max_s, max_attempts, connect_timeout_s, return_s;
    bool no_recovery;
    pp_timer timer; /* of the attempt that is under way, or of the next */
    pp_timer return_timer;
    unsigned depth; /* handlers that are running; the memory lives as long */
    bool released;
};

void pp_transport_enter(pp_transport *t);
void pp_transport_leave(pp_transport *t);
/* The current socket is ready. */
void pp_transport_up(pp_transport *t);

/* --- choice.c --------------------------------------------------------------------------------- */

/* One of the heaviest that have not failed and weigh at least so much, by chance; NULL when all have. */
pp_member *pp_transport_pick(pp_transport *t, unsigned weight_min);
void pp_transport_forget_failures(pp_transport *t);

/* --- comeback.c: to a preferred server -------------------------------------------------------- */

/* Looks for a heavier one later, when there is one and it was asked for. */
void pp_transport_plan_return(pp_transport *t);
void pp_transport_stop_return(pp_transport *t);
void pp_transport_probe_up(pp_transport *t);
void pp_transport_probe_down(pp_transport *t);

#endif
