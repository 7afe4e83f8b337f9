/* turn_server.h - a TURN server for tests (RFC 8656), as a machine: the requests of its clients in, answers and relayed
 * datagrams out. It does what a test tells it, also what no server should. */
#ifndef PP_TESTS_TURN_SERVER_H
#define PP_TESTS_TURN_SERVER_H

#include "base/addr.h"
#include "base/buf.h"

#define TURN_REALM    "example.org"
#define TURN_USER     "alice"
#define TURN_PASSWORD "open sesame"
#define TURN_CLIENTS  16u

typedef struct turn_permission {
    pp_addr peer;
    unsigned channel; /* 0: none */
    uint64_t until_us, channel_until_us;
} turn_permission;

typedef struct turn_client {
    pp_addr address;
    bool stream, allocated;
    pp_addr relayed[2]; /* family 0: none */
    uint64_t until_us;
    turn_permission permissions[16];
    size_t permission_count;
} turn_client;

typedef struct turn_server {
    /* to be set */
    void (*send)(void *arg, const pp_addr *client, const uint8_t *data, size_t size);
    void (*relay)(void *arg, const pp_addr *relayed, const pp_addr *to, const uint8_t *data,
                  size_t size);
    void *arg;
    pp_addr relay_ip[2];         /* of IPv4 and IPv6; family 0: it has none */
    uint32_t lifetime_s;         /* 0: 600 */
    bool sha256, anonymous;      /* offers SHA-256 beside MD5; wants digests of user names */
    bool strips_algorithms;      /* somebody on the way does */
    bool open;                   /* wants no credentials */
    int refuses, refuses_method; /* with that code; 0: nothing */
    pp_addr alternate;           /* of a 300 */
    unsigned stale_after;        /* answers until a nonce is too old; 0: never */
    bool forgery;                /* answers with a wrong MESSAGE-INTEGRITY */
    bool silent;

    /* seen */
    unsigned nonce, used;
    uint64_t now_us;
    unsigned requests[16]; /* by method, the valid ones */
    unsigned challenges, indications, channel_datas, deallocated;
    turn_client clients[TURN_CLIENTS];
    size_t client_count;
    uint16_t next_port;
} turn_server;

/* Whole messages of a client. */
void turn_server_receive(turn_server *s, const pp_addr *client, bool stream, const uint8_t *data,
                         size_t size);
/* What came for a relayed address. */
void turn_server_relayed(turn_server *s, const pp_addr *relayed, const pp_addr *from,
                         const uint8_t *data, size_t size);
void turn_server_forget(turn_server *s, const pp_addr *client);         /* its connection is gone */
turn_client *turn_server_client(turn_server *s, const pp_addr *client); /* NULL */

#endif
