/* switchboard_stream.c - up to three clients of a switchboard in virtual time, over streams of our own.
 *
 * What must hold: every message the switchboard sends parses without a defect, unless it answers one that had a defect; a user never has more bindings than
 * the limit; when all clients are gone, so are connections and bindings; and when the switchboard is freed, no timer and no
 * post is left.
 *
 * FUZZ: switchboard
 *
 * The input is a tape of events with an octet 0xFF before each; its first character says what it is:
 *   0 1 2    a SIP message of that client, in a WebSocket frame ("\n" alone is written as CRLF). On a line of its own
 *            "$A" becomes the answer to the last challenge that client got, with the right password; "$V" what an answer
 *            repeats of the last request it got; "$R" a Route back through the last Record-Route it got
 *   a b c    octets of that client as they stand
 *   x y z    that client is gone
 *   t        time passes: as many quarters of a second as the next octet says */
#include "base/limits.h"
#include "base/map.h"
#include "sip/digest.h"
#include "switchboard/switchboard.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#define CLIENTS    3
#define EVENTS_MAX 64
#define TAPE_MAX   16384

typedef struct world world;

typedef struct client { /* the switchboard's end of a stream, and what the client remembers */
    pp_stream stream;   /* first: streams are cast to this */
    world *w;
    unsigned number;
    bool alive;    /* the stream is not closed by the switchboard */
    bool upgraded; /* its answer has been seen */
    bool proxy;    /* the last challenge was a 407 */
    char nonce[128];
    unsigned count;      /* of answers to that nonce */
    unsigned upgrades;   /* sent */
    pp_message *request; /* the last that came */
    char route[256];     /* of the last Record-Route */
    pp_buf received;
} client;

struct world {
    pipit_loop loop; /* first: the loop is cast to this */
    uint64_t now_us;
    uint32_t random;
    pp_listener listener;
    pp_accept_function *accepted;
    void *arg;
    switchboard *board;
    bool refused; /* what came with the present event was malformed */
    client clients[CLIENTS];
};

static const char *const names[CLIENTS] = {"alice", "bob", "carol"};

/* --- what the switchboard sends --------------------------------------------------------------- */

static void remember_challenge(client *c, const pp_message *message)
{
    pp_challenge challenge;
    pp_header_id id =
        message->status == 407 ? PP_HEADER_PROXY_AUTHENTICATE : PP_HEADER_WWW_AUTHENTICATE;

    if (message->is_request || (message->status != 401 && message->status != 407))
        return;
    if (pp_challenge_parse(pp_message_header(message, id, 0), &challenge) ||
        challenge.nonce.n >= sizeof(c->nonce))
        return;
    memcpy(c->nonce, challenge.nonce.p, challenge.nonce.n);
    c->nonce[challenge.nonce.n] = '\0';
    c->proxy = message->status == 407;
    c->count = 0;
}

static void remember_route(client *c, const pp_message *message)
{
    pp_str route = pp_message_header(message, PP_HEADER_RECORD_ROUTE, 0);

    if (route.n && route.n < sizeof(c->route)) {
        memcpy(c->route, route.p, route.n);
        c->route[route.n] = '\0';
    }
}

static void look_at_message(client *c, pp_str text)
{
    pp_message *message;

    if (pp_str_trim(text).n == 0) /* the answer to a keep-alive */
        return;
    if (pp_message_parse(text, &message)) {
        CHECK(c->w->refused);
        return;
    }
    CHECK(message->defect == 0 || c->w->refused);
    remember_challenge(c, message);
    remember_route(c, message);
    if (message->is_request) {
        pp_message_unref(c->request);
        c->request = pp_message_ref(message);
    }
    pp_message_unref(message);
}

/* One frame off the front; false when it is not whole yet. */
static bool take_frame(client *c)
{
    const uint8_t *p = (const uint8_t *)c->received.p;
    size_t n = c->received.n, head = 2, size;

    if (n < 2)
        return false;
    CHECK((p[1] & 0x80) == 0); /* a server does not mask */
    size = p[1];
    if (size == 126) {
        if (n < 4)
            return false;
        head = 4;
        size = (size_t)p[2] << 8 | p[3];
    }
    CHECK(p[1] != 127 || n < 10 || (p[2] | p[3] | p[4] | p[5]) == 0);
    if (p[1] == 127) {
        if (n < 10)
            return false;
        head = 10;
        size = (size_t)p[6] << 24 | (size_t)p[7] << 16 | (size_t)p[8] << 8 | p[9];
    }
    if (n - head < size)
        return false;
    if ((p[0] & 15) <= 2)
        look_at_message(c, pp_str_n(p + head, size));
    pp_buf_consume(&c->received, head + size);
    return true;
}

static void take_http(client *c)
{
    pp_str text = pp_buf_text(&c->received);

    for (size_t i = 0; i + 4 <= text.n; i++)
        if (memcmp(text.p + i, "\r\n\r\n", 4) == 0) {
            c->upgraded = pp_str_starts(text, "HTTP/1.1 101 ");
            pp_buf_consume(&c->received, i + 4);
            return;
        }
}

static int stream_send(pp_stream *stream, const void *data, size_t size)
{
    client *c = (client *)stream;

    CHECK(c->alive);
    pp_buf_add(&c->received, data, size);
    if (!c->upgraded)
        take_http(c);
    while (c->upgraded && take_frame(c))
        ;
    return 0;
}

static size_t stream_queued(const pp_stream *stream)
{
    (void)stream;
    return 0;
}

static void stream_close(pp_stream *stream)
{
    client *c = (client *)stream;

    CHECK(c->alive);
    c->alive = false;
    c->upgraded = false;
    pp_buf_free(&c->received);
}

static void stream_addresses(const pp_stream *stream, pp_addr *local, pp_addr *remote)
{
    pp_addr_parse(PP_LIT("192.0.2.1"), 8080, local);
    pp_addr_parse(PP_LIT("192.0.2.2"), (uint16_t)(9000 + ((const client *)stream)->number), remote);
}

static const pp_stream_ops stream_ops = {stream_send, stream_queued, stream_close,
                                         stream_addresses};

/* --- the loop --------------------------------------------------------------------------------- */

static uint64_t now_us(const pipit_loop *loop)
{
    return ((const world *)loop)->now_us;
}

static void wake(pipit_loop *loop)
{
    (void)loop;
}

static void listener_close(pp_listener *listener)
{
    (void)listener;
}

static int tcp_listen(pipit_loop *loop, const pp_addr *at, pp_accept_function *accepted, void *arg,
                      pp_listener **out)
{
    world *w = (world *)loop;

    w->listener = (pp_listener){listener_close, *at};
    w->accepted = accepted;
    w->arg = arg;
    *out = &w->listener;
    return 0;
}

static void release(pipit_loop *loop)
{
    (void)loop;
}

static const pp_loop_ops loop_ops = {.now_us = now_us,
                                     .wall_us = now_us,
                                     .wake = wake,
                                     .tcp_listen = tcp_listen,
                                     .release = release};

static void fill_random(void *arg, void *out, size_t size)
{
    world *w = arg;

    for (size_t i = 0; i < size; i++) {
        w->random = w->random * 1664525 + 1013904223;
        ((uint8_t *)out)[i] = (uint8_t)(w->random >> 24);
    }
}

static void run_due(world *w)
{
    for (unsigned i = 0; i < 1000 && pp_loop_next_us(&w->loop) <= w->now_us; i++)
        pp_loop_run_due(&w->loop);
}

static void pass_time(world *w, uint64_t us)
{
    uint64_t until = w->now_us + us;

    run_due(w);
    while (pp_loop_next_us(&w->loop) <= until) {
        w->now_us = pp_loop_next_us(&w->loop);
        run_due(w);
    }
    w->now_us = until;
}

/* --- what the clients send -------------------------------------------------------------------- */

static void send_octets(client *c, const void *data, size_t size)
{
    /* A copy of its own, so that a sanitizer sees a read beyond it. */
    uint8_t *copy;

    if (!c->alive || size == 0)
        return;
    copy = malloc(size);
    CHECK(copy);
    memcpy(copy, data, size);
    c->stream.handlers->data(c->stream.arg, copy, size);
    free(copy);
    run_due(c->w);
}

static void come(client *c)
{
    if (c->alive)
        return;
    c->alive = true;
    c->stream = (pp_stream){.ops = &stream_ops};
    c->w->accepted(c->w->arg, &c->stream);
    run_due(c->w);
}

static void upgrade(client *c)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: sip\r\n\r\n";

    come(c);
    if (!c->upgraded)
        send_octets(c, request, sizeof(request) - 1);
}

static void write_authorization(client *c, pp_str message, pp_buf *out)
{
    pp_str rest = message, line = pp_str_split(&rest, '\n'), method = pp_str_word(&line),
           uri = pp_str_word(&line);
    char digest[2 * PP_HASH_MAX + 1], nc[16];
    pp_digest_input input = {.algorithm = PP_HASH_MD5,
                             .username = pp_str_c(names[c->number]),
                             .realm = PP_LIT("localhost"),
                             .password = PP_LIT("secret"),
                             .method = method,
                             .uri = uri,
                             .nonce = pp_str_c(c->nonce),
                             .cnonce = PP_LIT("c"),
                             .qop = PP_LIT("auth")};

    snprintf(nc, sizeof(nc), "%08x", ++c->count);
    input.nc = pp_str_c(nc);
    if (pp_digest_response(&input, digest))
        return;
    pp_buf_format(out,
                  "%s: Digest username=\"%s\", realm=\"localhost\", nonce=\"%s\", uri=\"%.*s\", "
                  "response=\"%s\", "
                  "algorithm=MD5, qop=auth, nc=%s, cnonce=\"c\"\r\n",
                  c->proxy ? "Proxy-Authorization" : "Authorization", names[c->number], c->nonce,
                  PP_STR(uri), digest, nc);
}

static void write_repeated(const client *c, pp_buf *out)
{
    for (size_t i = 0; c->request && i < c->request->header_count; i++) {
        const pp_header *h = &c->request->headers[i];

        if (h->id != PP_HEADER_VIA && h->id != PP_HEADER_FROM && h->id != PP_HEADER_TO &&
            h->id != PP_HEADER_CALL_ID && h->id != PP_HEADER_CSEQ &&
            h->id != PP_HEADER_RECORD_ROUTE)
            continue;
        pp_buf_format(out, "%.*s: %.*s", PP_STR(h->name), PP_STR(h->value));
        if (h->id == PP_HEADER_TO && !c->request->to_tag.n)
            pp_buf_format(out, ";tag=%s", names[c->number]);
        pp_buf_c(out, "\r\n");
    }
}

static void send_message(client *c, pp_str text)
{
    pp_buf message = {0}, frame = {0};
    pp_str rest = text;

    while (rest.p) {
        pp_str line = pp_str_split(&rest, '\n');

        if (pp_str_eq_c(line, "$A"))
            write_authorization(c, text, &message);
        else if (pp_str_eq_c(line, "$V"))
            write_repeated(c, &message);
        else if (pp_str_eq_c(line, "$R"))
            pp_buf_format(&message, "Route: %s\r\n", c->route);
        else {
            pp_buf_str(&message, line);
            if (rest.p)
                pp_buf_c(&message, line.n && line.p[line.n - 1] == '\r' ? "\n" : "\r\n");
        }
    }
    pp_buf_u8(&frame, 0x81);
    if (message.n < 126) {
        pp_buf_u8(&frame, 0x80 | (unsigned)message.n);
    } else {
        pp_buf_u8(&frame, 0x80 | 126);
        pp_buf_u16(&frame, (unsigned)(message.n & 0xFFFF));
    }
    pp_buf_u32(&frame, 0); /* a mask that changes nothing */
    pp_buf_str(&frame, pp_buf_text(&message));
    if (message.n < 65536)
        send_octets(c, frame.p, frame.n);
    pp_buf_free(&message);
    pp_buf_free(&frame);
}

static void go(client *c)
{
    if (c->alive)
        c->stream.handlers->closed(c->stream.arg, 0, "it went");
    run_due(c->w);
}

/* --- the tape --------------------------------------------------------------------------------- */

static void play(world *w, pp_str event)
{
    char what = event.n ? event.p[0] : ' ';
    pp_str text = pp_str_sub(event, 1, event.n);

    w->refused = false;
    if (what >= '0' && what <= '2') {
        upgrade(&w->clients[what - '0']);
        send_message(&w->clients[what - '0'], text);
    } else if (what >= 'a' && what <= 'c') {
        come(&w->clients[what - 'a']);
        send_octets(&w->clients[what - 'a'], text.p, text.n);
    } else if (what >= 'x' && what <= 'z') {
        go(&w->clients[what - 'x']);
    } else if (what == 't' && text.n) {
        pass_time(w, (uint64_t)(uint8_t)text.p[0] * 250000);
    }
}

static void check_bindings(const world *w, bool all_gone)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        CHECK(switchboard_bindings(w->board, names[i]) <= PP_LIMIT_BINDINGS);
        CHECK(!all_gone || switchboard_bindings(w->board, names[i]) == 0);
    }
}

/* So that traces are made too. */
static void on_event(void *arg, const switchboard_event *event)
{
    world *w = arg;

    CHECK(event->peer && event->user);
    w->refused = w->refused || event->kind == SWITCHBOARD_REFUSED;
}

static void open_world(world *w)
{
    static const switchboard_user users[] = {
        {"alice", "secret"}, {"bob", "secret"}, {"carol", "secret"}};
    switchboard_options options = {
        .users = users, .user_count = CLIENTS, .event = on_event, .arg = w};
    uint8_t key[16] = {0};

    memset(w, 0, sizeof(*w));
    w->now_us = 1000000;
    pp_loop_init(&w->loop, &loop_ops, (pp_rng){fill_random, w});
    pp_map_seed(key);
    CHECK(pp_addr_parse(PP_LIT("192.0.2.1"), 8080, &options.ws));
    CHECK(switchboard_new(&w->loop, &options, &w->board) == 0);
    for (unsigned i = 0; i < CLIENTS; i++) {
        w->clients[i].w = w;
        w->clients[i].number = i;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    pp_str rest = pp_str_n(data, size < TAPE_MAX ? size : TAPE_MAX);

    open_world(&w);
    for (unsigned i = 0; i < EVENTS_MAX && rest.p; i++) {
        play(&w, pp_str_split(&rest, (char)0xFF));
        check_bindings(&w, false);
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        go(&w.clients[i]);
    pass_time(&w, 0);
    CHECK(switchboard_connections(w.board) == 0);
    check_bindings(&w, true);
    pass_time(&w, UINT64_C(250) * 1000000);
    switchboard_free(w.board);
    CHECK(w.loop.posts == NULL && pp_loop_next_us(&w.loop) == PP_NEVER);
    for (unsigned i = 0; i < CLIENTS; i++)
        CHECK(!w.clients[i].alive);
    for (unsigned i = 0; i < CLIENTS; i++)
        pp_message_unref(w.clients[i].request);
    return 0;
}
