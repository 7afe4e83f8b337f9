/* switchboard.h - a small registrar and proxy for SIP over WebSocket, TCP and TLS in one object, for
 * development, demonstrations and tests. It knows one domain and the users it is given, carries no
 * media, and keeps everything in memory. It runs on any loop, the simulator's too. */
#ifndef SWITCHBOARD_H
#define SWITCHBOARD_H

#include "base/loop.h"
#include "crypto/certificate.h"

typedef struct switchboard switchboard;

typedef struct switchboard_user {
    const char *name; /* user part of the address: "alice" */
    const char *password;
} switchboard_user;

typedef enum switchboard_event_kind {
    SWITCHBOARD_CONNECTED,
    SWITCHBOARD_DISCONNECTED, /* text: why */
    SWITCHBOARD_REGISTERED,   /* text: the Contact URI, expires_s */
    SWITCHBOARD_UNREGISTERED, /* text: the Contact URI; also when it ran out or its connection went
                               */
    SWITCHBOARD_SIP_IN,       /* text: the message */
    SWITCHBOARD_SIP_OUT,      /* text: the message */
    SWITCHBOARD_REFUSED,      /* text: what was wrong (garbage, a wrong password, a limit) */
    SWITCHBOARD_WEB           /* text: the path of a page that was asked for */
} switchboard_event_kind;

/* Valid until the function returns. Credentials and ICE passwords in `text` are replaced by "***".
 */
typedef struct switchboard_event {
    switchboard_event_kind kind;
    uint64_t connection; /* numbered from 1 */
    const char *peer;    /* its address and port */
    const char *user;    /* who has authenticated there, "" before */
    bool secure;         /* it came over TLS */
    pp_str text;
    uint32_t expires_s;
} switchboard_event;

/* Zero is the default of all but the listening addresses, one of which is needed. Everything is
 * copied. */
typedef struct switchboard_options {
    const char *domain; /* host part of the users' addresses; NULL: "localhost" */
    const char *realm;  /* of digest authentication; NULL: the domain */
    /* Where to listen: a connection whose first line is a request of SIP is served without a WebSocket. */
    pp_addr ws, wss;             /* family 0: not at all; port 0: any */
    pp_certificate *certificate; /* for wss */
    const switchboard_user *users;
    size_t user_count;
    const char *web_root;   /* folder whose files are served on the same ports; NULL: none */
    const char *jssip_file; /* what /jssip.js is; NULL: as any other file */
    uint32_t expires_s_min, expires_s_max; /* of bindings; 0: 10 and 3,600 */
    void (*event)(void *arg,
                  const switchboard_event *event); /* NULL: none. Must not free the switchboard */
    void *arg;
} switchboard_options;

/* 0; PIPIT_ERR_ARGUMENT for bad options, PIPIT_ERR_IO when an address is taken, PIPIT_ERR_MEMORY …
 */
int switchboard_new(pipit_loop *loop, const switchboard_options *options, switchboard **out);
/* The ports it listens on; 0 when it does not. */
uint16_t switchboard_ws_port(const switchboard *board);
uint16_t switchboard_wss_port(const switchboard *board);
size_t switchboard_connections(const switchboard *board);
/* How many live bindings a user has. */
size_t switchboard_bindings(const switchboard *board, const char *user);
/* Closes every connection and listener. NULL is fine; returns NULL. */
switchboard *switchboard_free(switchboard *board);

#endif
