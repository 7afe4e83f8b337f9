/* agent.h - a user agent of a case: one account, what happened to it, and what went over the wire. */
#ifndef INTEROP_AGENT_H
#define INTEROP_AGENT_H

#include "interop/kamailio/stage.h"

/* How a user agent reaches a server. */
typedef enum via { VIA_WS, VIA_WSS, VIA_TCP, VIA_TLS, VIA_UDP, VIA_COUNT } via;

#define VIA_CONNECTED VIA_UDP /* those before it have a connection that can be lost */

extern const char *const via_names[VIA_COUNT];

typedef struct agent {
    stage *stage;
    const char *user; /* "alice" */
    via how;
    pipit_ua *ua;
    unsigned connected, disconnected, registered, unregistered, stopped; /* events */
    unsigned registration_failed;
    pipit_cause cause; /* of the last registration_failed */
    char *wire;        /* the first lines: "< SIP/2.0 200 OK", "> REGISTER …", with LF */
    size_t wire_size;
    char contact[256]; /* as it registers */
    char gruu[256];    /* the Contact since the last registration: the public GRUU */
    unsigned messages; /* that came */
    char *message;     /* the last one */
    int status;        /* of the answer to our last message or query; -1: nobody answered */
    struct call *call; /* calls.c */
} agent;

/* What is unlike the usual: zero is the default. */
typedef struct agent_options {
    const char *user;        /* the password is found */
    const char *password;    /* another one */
    const char *instance_id; /* NULL: random */
    unsigned expires;        /* seconds; 0: the default */
    unsigned ping_ms;        /* keep-alives, and until an answer must have come; 0: the defaults */
    const server *second;    /* a server with a lower weight */
    unsigned return_s;       /* seconds until the first is tried again; 0: never */
    const char *const *extra_headers; /* on every request; NULL: none */
    bool no_authority;                /* none of ours, but the system's */
    bool no_register;
    bool refreshes; /* the sessions of its calls, whatever the far end would do */
} agent_options;

/* Starts a user agent over `how` to a server. @return whether that went well; a reason is noted otherwise */
bool agent_start(agent *it, stage *s, const server *to, via how, const agent_options *options);
/* The same, and waits until it is registered. */
bool agent_register(agent *it, stage *s, const server *to, via how, const agent_options *options);
/* Stops it, in order, and releases it. May be called twice, and for one that never started. */
void agent_stop(agent *it);

/* @return how many messages began so: "< SIP/2.0 401" came, "> REGISTER" went */
unsigned agent_wire(const agent *it, const char *start);
/* Waits for a number to become at least so much. @return whether it did */
bool agent_wait(const agent *it, const unsigned *number, unsigned least, unsigned ms);
/* Sends OPTIONS and waits as agent_say() does. */
int agent_query(agent *it, const char *target);
/* Sends a message and waits for the answer. @return the status code, -1 when nobody answered, 0 when nothing went */
int agent_say(agent *it, const char *target, const char *text);

/* In calls.c: a call of the agent was announced. */
void call_comes(agent *it, const pipit_new_rtc_session_event *e);

#endif
