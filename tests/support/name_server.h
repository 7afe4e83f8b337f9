/* name_server.h - a tiny DNS server on any loop: the records it was given, over UDP (RFC 1035). */
#ifndef PP_TESTS_NAME_SERVER_H
#define PP_TESTS_NAME_SERVER_H

#include "base/loop.h"

#define NAME_SERVER_RECORDS 32

typedef struct name_server_record {
    const char *name;
    unsigned type; /* 1: A, 28: AAAA, 33: SRV, 35: NAPTR */
    pp_addr address;
    pp_record record;
} name_server_record;

typedef struct name_server {
    pp_udp *udp;
    name_server_record records[NAME_SERVER_RECORDS];
    size_t count;
    unsigned asked;
    bool mute;
} name_server;

/* Starts one at a port of its own; returns "127.0.0.1:port" in a static buffer. */
const char *name_server_start(name_server *server, pipit_loop *loop);
void name_server_stop(name_server *server);
/* Names are without the dot at the end, and must outlive the server. */
void name_server_add_host(name_server *server, const char *name, const char *ip);
void name_server_add(name_server *server, pp_record_kind kind, const char *name,
                     const pp_record *record);

#endif
