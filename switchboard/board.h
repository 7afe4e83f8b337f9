/* board.h - the inside of a switchboard: what its files share. */
#ifndef SWITCHBOARD_BOARD_H
#define SWITCHBOARD_BOARD_H

#include "base/error.h"
#include "base/map.h"
#include "sip/digest.h"
#include "sip/message_pool.h"
#include "switchboard/switchboard.h"
#include "transaction/transaction.h"
#include "transport/framing.h"
#include "ws/ws.h"

typedef struct board_user board_user;
typedef struct board_binding board_binding;
typedef struct board_connection board_connection;
typedef struct board_errand board_errand; /* a request on its way through the proxy */

struct switchboard {
    pipit_loop *loop;
    char *domain, *realm, *web_root, *jssip_file;
    uint32_t expires_s_min, expires_s_max;
    void (*event)(void *arg, const switchboard_event *event);
    void *arg;
    uint8_t secret[32]; /* keys nonces and flow tokens; new with every start */
    board_user *users;
    board_connection *connections; /* by number */
    uint64_t last_connection;
    pp_transactions *transactions;
    pp_message_pool *pool; /* of messages that come */
    board_errand *errands;
    pp_listener *ws, *wss;
    struct pp_tls_context *tls;
};

/* A keyed checksum of some pieces: 16 hex digits and a NUL. */
#define BOARD_MAC 17
int board_mac(const switchboard *board, const pp_str *pieces, size_t count, char out[BOARD_MAC]);

/* 1 to 16 hex digits. */
bool board_hex(pp_str text, uint64_t *out);

/* --- users.c ---------------------------------------------------------------------------------- */

struct board_user {
    char *name, *password;
    board_binding *bindings;
    UT_hash_handle hh;
};

int board_users_add(switchboard *board, const switchboard_user *user);
/* By the user part of a URI, escapes resolved; NULL when there is none. */
board_user *board_users_find(const switchboard *board, pp_str name);
board_user *board_users_of_uri(const switchboard *board, const pp_uri *uri);
void board_users_free(switchboard *board);

/* --- nonce.c ---------------------------------------------------------------------------------- */

/* Nonces need no memory of their own: each names its time, its connection and its number there,
 * under a checksum. A connection remembers the highest count (nc) of its last few, so that none can
 * be replayed. */
#define BOARD_NONCES     16
#define BOARD_NONCE_SIZE 80
typedef struct board_nonces {
    uint32_t made;
    uint32_t counts[BOARD_NONCES]; /* highest nc seen of nonce number n, at n % BOARD_NONCES */
} board_nonces;

int board_nonce_make(board_connection *connection, char out[BOARD_NONCE_SIZE]);
/* Whether it is ours for this connection, young enough and `nc` new; the latter is remembered. */
bool board_nonce_take(board_connection *connection, pp_str nonce, pp_str nc);

/* --- connection.c ----------------------------------------------------------------------------- */

struct board_connection {
    switchboard *board;
    uint64_t id;
    pp_stream *stream;
    pp_ws *ws;
    pp_addr local, remote;
    bool secure;
    bool heard;             /* something has come */
    bool plain;             /* SIP without a WebSocket, cut by Content-Length */
    pp_framing framing;     /* of that */
    bool open;              /* the WebSocket is up, or it is plain */
    bool dropped;           /* waits to be released: nothing is sent or heard any more */
    bool gone;              /* and only waits for its last request to end */
    bool pinged;            /* and no pong yet */
    const board_user *user; /* who authenticated here last */
    unsigned wrong_passwords;
    unsigned requests; /* server transactions that are not over */
    board_nonces nonces;
    pp_timer alive;
    pp_post reap;
    UT_hash_handle hh;
};

/* Takes an accepted stream over. */
void board_connection_accept(switchboard *board, pp_stream *stream, bool secure);
bool board_connection_send(board_connection *connection, pp_str wire);
/* Ends it, from anywhere: it is released at the end of the turn. */
void board_connection_drop(board_connection *connection, const char *why);
board_connection *board_connection_find(const switchboard *board,
                                        uint64_t id); /* NULL when it is gone */
/* For the `terminated` handler of every request it sent. */
void board_connection_request_over(board_connection *connection);
void board_connections_free(switchboard *board);
/* "WSS" or "WS", "TLS" or "TCP". */
const char *board_connection_transport(const board_connection *connection);
void board_tell(board_connection *connection, switchboard_event_kind kind, pp_str text,
                uint32_t expires_s);

/* --- receive.c: what a message is for --------------------------------------------------------- */

void board_receive(board_connection *connection, const pp_wire *wire);
void board_request(void *arg, void *flow, pp_server_transaction *transaction,
                   const pp_message *request);
/* Whether a URI's host is this switchboard: its domain, localhost, or the address the connection
 * came to. */
bool board_is_ours(const board_connection *connection, const pp_uri *uri);

/* --- reply.c ---------------------------------------------------------------------------------- */

/* An answer of our own to a request, without sending it. `phrase` NULL: the standard one. */
int board_reply_new(board_connection *connection, const pp_message *request, int status,
                    const char *phrase, pp_outgoing **out);
/* Sends and releases it; `err` not 0 says that building it failed, and then nothing is sent. */
void board_reply_send(pp_server_transaction *transaction, int err, pp_outgoing *reply);
/* Both in one. */
void board_reply(pp_server_transaction *transaction, int status, const char *phrase);
/* 404 that names the domain which is served. */
void board_reply_foreign(pp_server_transaction *transaction);

/* --- authenticate.c --------------------------------------------------------------------------- */

/* Who sends this request, by digest. NULL: it has been answered with a challenge (401, or 407 for a
 * proxy). */
board_user *board_authenticate(pp_server_transaction *transaction, bool proxy);

/* --- location.c: where users are -------------------------------------------------------------- */

struct board_binding {
    switchboard *board;
    board_user *user;
    board_connection *connection;
    char *contact;   /* the URI */
    char *instance;  /* +sip.instance with its quotes, NULL when none */
    uint32_t reg_id; /* 0: none */
    char *call_id;
    uint32_t cseq;
    uint64_t expires_ms; /* on the loop's clock */
    pp_timer timer;
    board_binding *next;
};

/* What a REGISTER says of one Contact. */
typedef struct board_contact {
    pp_uri uri;
    pp_str instance; /* empty when none */
    uint32_t reg_id;
    uint32_t expires_s;
} board_contact;

board_binding *board_location_find(const board_user *user, const board_contact *contact);
size_t board_location_count(const board_user *user);
/* Adds or renews. PIPIT_ERR_LIMIT when the user has too many, PIPIT_ERR_MEMORY. */
int board_location_bind(board_connection *connection, board_user *user,
                        const board_contact *contact, const pp_message *request);
void board_location_unbind(board_binding *binding);
void board_location_lost(board_connection *connection); /* all bindings through it */
/* The binding with this very Contact URI, of any user. */
board_binding *board_location_of_contact(const switchboard *board, const pp_uri *uri);

/* --- registrar.c ------------------------------------------------------------------------------ */

void board_register(pp_server_transaction *transaction);

/* --- flow.c: tokens in Record-Route, which bring requests of a dialog to the right connection - */

#define BOARD_FLOW_SIZE 64
int board_flow_write(const board_connection *a, const board_connection *b,
                     char out[BOARD_FLOW_SIZE]);
/* The two ends of a token of ours; false when it is none. */
bool board_flow_read(const switchboard *board, pp_str token, uint64_t ends[2]);

/* --- forward.c: what a proxy changes in a message (RFC 3261 section 16.6 and 16.7) ------------ */

/* The request as it goes on over `to`. `uri`: the new Request-URI. `new_dialog`: Record-Route is
 * added. */
int board_forward_request(board_connection *from, board_connection *to, const pp_message *request,
                          pp_str uri, bool new_dialog, pp_outgoing **out);
/* The response as it goes back: without our Via. */
int board_forward_response(const pp_message *response, pp_outgoing **out);
/* Whether the request has been here before in the same shape (RFC 3261 section 16.3). */
bool board_forward_is_loop(board_connection *from, const pp_message *request);
/* The first Route's URI when it is there. */
bool board_forward_route(const pp_message *request, pp_uri *out);

/* --- proxy.c ---------------------------------------------------------------------------------- */

typedef struct board_target {
    board_connection *connection;
    pp_str uri; /* valid while the request is being started */
} board_target;

/* Sends the request to all targets at once and brings back the best answer. */
void board_proxy(pp_server_transaction *transaction, const board_target *targets, size_t count,
                 bool new_dialog);
void board_proxy_free(switchboard *board); /* all errands; the transactions are gone already */

/* --- web.c ------------------------------------------------------------------------------------ */

/* The canonical name of the folder; NULL for NULL. PIPIT_ERR_NOT_FOUND. */
int board_web_folder(const char *given, char **out);
void board_web(board_connection *connection, const pp_http_request *request);

/* --- trace.c ---------------------------------------------------------------------------------- */

/* Tells the owner of a SIP message, with credentials and ICE passwords replaced. */
void board_trace(board_connection *connection, switchboard_event_kind kind, pp_str wire);

#endif
