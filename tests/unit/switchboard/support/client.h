/* client.h - a hand-driven SIP client over a simulated WebSocket: it sends what a test writes and shows what came. */
#ifndef PP_TESTS_SWITCHBOARD_CLIENT_H
#define PP_TESTS_SWITCHBOARD_CLIENT_H

#include "support/files.h"
#include "support/sim.h"
#include "switchboard/switchboard.h"
#include "ws/ws.h"

#define INBOX_MAX 64

typedef struct client {
    sim *s;
    pp_stream *stream;
    pp_ws *ws;
    const char *name;
    bool open, closed;
    bool writes_nonsense;   /* answers repeat it, so the grammar does not judge them */
    char *inbox[INBOX_MAX]; /* messages in order, C strings */
    size_t inbox_count;
    char *http; /* what came without a WebSocket, a C string; NULL for nothing */
    size_t http_size;
} client;

typedef struct stage {
    sim *s;
    switchboard *board;
    unsigned refused, registered, unregistered, disconnected; /* events counted */
    char last_text[8192]; /* of the last refusal or message in */
} stage;

/* Called with true before and false after what a client sends reaches the switchboard; NULL: not called. */
extern void (*client_delivers)(bool begins);

/* A switchboard for example.com with alice, bob and carol, whose passwords are their names backwards. */
void stage_open(stage *st, const char *web_root, const char *jssip_file);
void stage_close(stage *st);

/* The same around each test, which finds the stage in *state. */
int stage_set_up(void **state);
int stage_tear_down(void **state);

#define STAGE_TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

/* Connects and upgrades. */
void client_open(client *c, stage *st, const char *name);
/* Connects without an upgrade, for HTTP and garbage. */
void client_open_raw(client *c, stage *st);
void client_send_raw(client *c, const void *data, size_t size);
void client_close(client *c); /* and frees */
void client_send(client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void client_forget(client *c); /* empties the inbox */
/* The last message that came, "" when none did. */
const char *client_last(const client *c);
/* The first message in the inbox that starts so; NULL when there is none. */
const char *client_find(const client *c, const char *start);
/* How many messages in the inbox start so. */
size_t client_count(const client *c, const char *start);
/* The status code of the last response, 0 when there is none. */
int client_status(const client *c);
/* The value of a header line in a message, in a static buffer of its own per call slot (eight); "" when missing. */
const char *header(const char *message, const char *name);
/* The parameter name="value" of a header value, the same way. */
const char *parameter(const char *value, const char *name);

/* Sends a request and, when it is challenged, sends it again with the answer in the given algorithm ("MD5", "SHA-256").
 * `extra`: more header lines, each with its CRLF. Returns the status that came in the end. */
typedef struct request {
    const char *method, *ruri, *to, *extra, *body;
    const char *from;            /* NULL: sip:NAME@example.com */
    const char *call_id;         /* NULL: fresh */
    const char *user, *password; /* NULL: the client's */
    const char *algorithm;       /* NULL: "SHA-256" */
    unsigned cseq;               /* 0: 1 */
} request;
int client_request(client *c, const request *r);
/* REGISTER of `contact` (a whole header value). */
int client_register(client *c, const char *contact, const char *extra);
/* Answers a request as it stands in the inbox, with a To tag and extra header lines. */
void client_answer(client *c, const char *request, const char *status_line, const char *tag,
                   const char *extra);

#endif
