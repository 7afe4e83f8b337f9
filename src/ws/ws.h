/* ws.h - RFC 6455 as a machine, both sides: the upgrade, frames, ping, close. Octets in, octets
 * out, deadlines out. */
#ifndef PP_WS_WS_H
#define PP_WS_WS_H

#include "base/buf.h"
#include "base/rng.h"

typedef struct pp_ws pp_ws;

/* The HTTP request that opened a server's connection, as slices valid during the call. */
typedef struct pp_http_request {
    pp_str method, target; /* "GET", "/path?query" */
    pp_str host, origin;
    pp_str headers; /* all header lines */
    bool upgrade;   /* asks for a WebSocket */
} pp_http_request;

typedef struct pp_ws_handlers {
    void (*output)(void *arg, const uint8_t *data,
                   size_t size); /* octets for the peer, ready-made: one call a frame */
    void (*open)(void *arg);     /* upgraded: messages may be sent */
    void (*message)(void *arg, const char *data, size_t size, bool binary);
    void (*pong)(void *arg); /* optional */
    /* Server only, optional: a request that is no upgrade. Write an answer with
     * pp_ws_http_answer(); `closed` (1006) follows when the handler returns. Without an answer:
     * 404; without this handler: 426. */
    void (*http)(void *arg, const pp_http_request *request);
    /* Once, the last call: the code and reason of RFC 6455 section 7.1.5 and .6 (1006 without a
     * close frame), whether it was clean, and a sentence for people. The connection is then to be
     * closed by the owner. */
    void (*closed)(void *arg, int code, pp_str reason, bool was_clean, const char *sentence);
} pp_ws_handlers;

typedef struct pp_ws_client_options {
    const char *host;          /* Host header, with the port where it is not the default */
    const char *target;        /* path and query; NULL: "/" */
    const char *origin;        /* NULL: none */
    const char *authorization; /* "Basic …", a secret; NULL: none */
    const char *subprotocol;   /* "sip"; the answer must name it */
    const char *const *extra_headers;
    size_t max_message; /* 0: PP_LIMIT_WS_MESSAGE */
} pp_ws_client_options;

typedef struct pp_ws_server_options {
    const char *subprotocol; /* must be among those asked for, else 400 */
    size_t max_message;
} pp_ws_server_options;

/* `rng` is kept by pointer: masks and keys. A handler may free the machine. */
int pp_ws_client_new(const pp_ws_client_options *options, const pp_rng *rng,
                     const pp_ws_handlers *handlers, void *arg, pp_ws **out);
int pp_ws_server_new(const pp_ws_server_options *options, const pp_rng *rng,
                     const pp_ws_handlers *handlers, void *arg, pp_ws **out);
void pp_ws_start(pp_ws *ws); /* client: sends the upgrade request */
void pp_ws_receive(pp_ws *ws, const uint8_t *data, size_t size);
void pp_ws_eof(pp_ws *ws, const char *sentence); /* the connection is gone: reports closed */
int pp_ws_send(pp_ws *ws, const void *data, size_t size, bool binary);
int pp_ws_ping(pp_ws *ws, const void *data, size_t size); /* up to 125 octets */
/* Begins the close handshake; `closed` follows when the peer answers (or pp_ws_eof). code 0: no
 * code. */
int pp_ws_close(pp_ws *ws, int code, const char *reason);
bool pp_ws_is_open(const pp_ws *ws);
pp_ws *pp_ws_free(pp_ws *ws);

/* Server, inside handlers.http: one whole answer, after which the connection is closed by the owner
 * when drained.
 * `body` NULL with a size: the answer to a HEAD, which names the size and brings nothing. */
int pp_ws_http_answer(pp_ws *ws, int status, const char *reason, const char *content_type,
                      const void *body, size_t size);

#endif
