/* server.h - one Kamailio as processes of ours: started, killed, frozen. */
#ifndef INTEROP_SERVER_H
#define INTEROP_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct stage;

typedef struct server {
    const char *name;          /* "first": its files are called so */
    const char *configuration; /* "kamailio.cfg" in the directory */
    const char
        *defines; /* more lines for the configuration, "" for none; read by server_prepare() */
    int port;     /* of UDP, TCP and ws */
    int tls_port; /* of TLS and wss */
    pid_t pid;    /* the leader of its process group, 0: does not run */
} server;

/* Takes free ports and writes the configuration. @return 0, or -1 with errno */
int server_prepare(struct stage *s, server *it);
/* Starts it and waits until it listens. @return whether it does */
bool server_start(struct stage *s, server *it);
/* Ends it at once, all processes: connections are reset. */
void server_kill(server *it);
/* It does nothing any more, its connections stand. */
void server_freeze(const server *it);
void server_thaw(const server *it);
/* @return how many lines of its log hold `text` */
unsigned server_logged(const struct stage *s, const server *it, const char *text);

#endif
