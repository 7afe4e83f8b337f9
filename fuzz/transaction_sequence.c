/* transaction_sequence.c - a tape of events against a table of transactions in virtual time:
 * messages that come, time that passes, calls of the owner from outside and from inside
 * handlers, flows that fail and go.
 *
 * What must hold: a client transaction gives one final event at the most and nothing behind it,
 * and exactly one when its owner waits for it; nobody is called after he forgot; `terminated` is
 * called once and last; a lost flow is not named again; 64 s after the last event the table is
 * empty.
 *
 * FUZZ: transaction
 *
 * The tape: one octet of options, then for each event one octet that says what and one or two
 * that say which. */
#include "base/reader.h"
#include "transaction/transaction.h"

#include "check.h"

#include <stdio.h>

#define EVENTS_MAX 200 /* of one tape */
#define SLOTS      4   /* transactions an owner holds on either side */
#define BRANCHES   6

typedef struct world world;

/* What the owner of a transaction has seen. Never reused in one run, for a call may come too
 * late. */
typedef struct client {
    world *w;
    pp_client_transaction *t; /* NULL: he may not use it */
    bool invite, over, accepted, forgotten;
} client;

typedef struct server {
    world *w;
    pp_server_transaction *t;
    bool listens, terminated, forgotten;
} server;

struct world {
    pipit_loop loop; /* first: the loop is cast to this */
    uint64_t now_us;
    unsigned random;
    pp_transactions *table;
    bool listens, deaf;
    unsigned answers;
    char flows[EVENTS_MAX + 1];     /* only their addresses count */
    size_t flow;                    /* the one in use; those before it are lost */
    unsigned reaction, reaction_on; /* what the next handler does; 0: nothing */
    client clients[2 * EVENTS_MAX + 1];
    server servers[2 * EVENTS_MAX + 1];
    size_t client_count, server_count;
};

static const char *const branches[BRANCHES] = {";branch=z9hG4bKa", ";branch=z9hG4bKb",
                                               ";branch=z9hG4bKc", ";branch=z9hG4bK",
                                               ";branch=old",      ""};
static const pp_method methods[] = {PP_INVITE, PP_ACK, PP_CANCEL, PP_BYE, PP_OPTIONS, PP_REGISTER};
static const int statuses[] = {100, 180, 183, 200, 202, 302, 401, 481, 486, 487, 500, 603};
static const unsigned times_ms[] = {0, 1, 199, 200, 500, 1000, 4000, 5000, 31999, 32000};

#define PICK(list, octet) ((list)[(octet) % (sizeof(list) / sizeof(*(list)))])

/* --- the loop --------------------------------------------------------------------------------- */

static uint64_t loop_now_us(const pipit_loop *loop)
{
    return ((const world *)(const void *)loop)->now_us;
}

static void loop_wake(pipit_loop *loop)
{
    (void)loop;
}

static void rng_fill(void *arg, void *out, size_t size)
{
    world *w = arg;

    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)(w->random++ * 167 + 13);
}

static const pp_loop_ops loop_ops = {
    .now_us = loop_now_us, .wall_us = loop_now_us, .wake = loop_wake, .release = loop_wake};

static void advance(world *w, uint64_t ms)
{
    uint64_t end = w->now_us + ms * 1000;

    for (;;) {
        uint64_t next = pp_loop_next_us(&w->loop);

        if (next > end)
            break;
        if (next > w->now_us)
            w->now_us = next;
        pp_loop_run_due(&w->loop);
    }
    w->now_us = end;
}

/* --- the owner -------------------------------------------------------------------------------- */

static void act(world *w, unsigned what, unsigned which);

static void react(world *w)
{
    unsigned what = w->reaction;

    w->reaction = 0;
    if (what)
        act(w, what, w->reaction_on);
}

static bool owner_send(void *arg, void *flow, pp_str wire)
{
    world *w = arg;
    pp_message *message;

    CHECK(w->table);
    CHECK(flow == &w->flows[w->flow]);
    CHECK(!pp_message_parse(wire, &message));
    CHECK(!message->defect);
    pp_message_unref(message);
    return !w->deaf;
}

static void client_over(client *c)
{
    CHECK(c->w->table && !c->over && !c->forgotten && !c->accepted);
    c->over = true;
    c->t = NULL;
    react(c->w);
}

static void client_response(void *arg, const pp_message *response)
{
    client *c = arg;

    CHECK(c->w->table && !c->over && !c->forgotten);
    if (response->status < 200) {
        CHECK(!c->accepted);
        react(c->w);
    } else if (c->invite && response->status < 300) {
        c->accepted = true;
        react(c->w);
    } else {
        client_over(c);
    }
}

static void client_ended(void *arg)
{
    client_over(arg);
}

static const pp_client_handlers client_handlers = {client_response, client_ended, client_ended};

static void server_cancelled(void *arg, const pp_message *cancel)
{
    server *s = arg;

    CHECK(s->w->table && s->t && s->listens && !s->forgotten && cancel->method == PP_CANCEL);
    CHECK(!pp_server_has_final(s->t));
    react(s->w);
}

static void server_no_ack(void *arg)
{
    server *s = arg;

    CHECK(s->w->table && s->t && s->listens && !s->forgotten && pp_server_has_final(s->t));
    react(s->w);
}

static void server_terminated(void *arg)
{
    server *s = arg;

    CHECK(s->w->table && s->listens && !s->forgotten && !s->terminated);
    s->terminated = true;
    s->t = NULL;
    react(s->w);
}

static const pp_server_handlers server_handlers = {server_cancelled, server_no_ack,
                                                   server_terminated};

static void owner_request(void *arg, void *flow, pp_server_transaction *t,
                          const pp_message *request)
{
    world *w = arg;
    server *s = &w->servers[w->server_count];

    CHECK(w->table && flow == &w->flows[w->flow]);
    CHECK(request->method == PP_ACK ? !t : t != NULL);
    if (t) {
        w->server_count++;
        *s = (server){.w = w, .t = t, .listens = w->listens};
        pp_server_is_merged(t);
        if (w->listens)
            pp_server_listen(t, &server_handlers, s);
        if (w->answers)
            pp_server_answer(t, PICK(statuses, w->answers), NULL, NULL);
    }
    react(w);
    if (t && !w->listens)
        s->t = NULL;
}

static void owner_stray(void *arg, void *flow, const pp_message *response)
{
    world *w = arg;

    (void)flow;
    CHECK(w->table && !response->is_request);
    react(w);
}

static const pp_transactions_owner owner = {
    .send = owner_send, .request = owner_request, .stray_response = owner_stray};

/* --- events ----------------------------------------------------------------------------------- */

static void start_client(world *w, unsigned which)
{
    client *c = &w->clients[w->client_count];
    pp_method method = PICK(methods, which);
    pp_outgoing *request;

    if (pp_outgoing_request(method, PP_LIT("sip:b@example.com"), &request))
        return;
    pp_outgoing_add_format(request, PP_HEADER_VIA, "SIP/2.0/WS a.invalid%s",
                           branches[which / 8 % BRANCHES]);
    pp_outgoing_add_c(request, PP_HEADER_TO, "<sip:b@example.com>");
    pp_outgoing_add_c(request, PP_HEADER_FROM, "<sip:a@example.com>;tag=a");
    pp_outgoing_add_c(request, PP_HEADER_CALL_ID, "call");
    pp_outgoing_add_format(request, PP_HEADER_CSEQ, "1 %s", pp_method_name(method));
    pp_outgoing_add_c(request, PP_HEADER_MAX_FORWARDS, "70");
    w->client_count++;
    *c = (client){.w = w, .invite = method == PP_INVITE};
    if (pp_client_start(w->table, &w->flows[w->flow], request, &client_handlers, c, &c->t))
        c->over = true;
    else
        CHECK(c->t && pp_client_request(c->t) == request);
    pp_outgoing_unref(request);
}

/* `text` is a start line and a Via without its end. */
static void receive(world *w, const char *text, const char *to_tag, const char *method,
                    unsigned cseq)
{
    char wire[512];
    pp_message *message;
    int size = snprintf(
        wire, sizeof(wire),
        "%s\r\nFrom: <sip:a@example.com>;tag=a\r\nTo: <sip:b@example.com>%s\r\nCall-ID: call\r\n"
        "CSeq: %u %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        text, to_tag, cseq, method);

    CHECK(size > 0 && (size_t)size < sizeof(wire));
    CHECK(!pp_message_parse(pp_str_c(wire), &message));
    pp_transactions_receive(w->table, &w->flows[w->flow], message);
    pp_message_unref(message);
}

static void receive_response(world *w, unsigned which, unsigned status)
{
    char text[128];

    snprintf(text, sizeof(text), "SIP/2.0 %d Because\r\nVia: SIP/2.0/WS a.invalid%s",
             PICK(statuses, status), branches[which / 8 % BRANCHES]);
    receive(w, text, which & 128 ? ";tag=b" : "", pp_method_name(PICK(methods, which)), 1);
}

static void receive_request(world *w, unsigned which, unsigned more)
{
    const char *method = more & 1 ? "UNKNOWN" : pp_method_name(PICK(methods, which));
    char text[128];

    snprintf(text, sizeof(text), "%s sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/WS %s.invalid%s",
             method, more & 2 ? "c" : "b", branches[which / 8 % BRANCHES]);
    receive(w, text, more & 4 ? ";tag=b" : "", method, more & 8 ? 2 : 1);
}

static void lose_flow(world *w)
{
    pp_transactions_flow_lost(w->table, &w->flows[w->flow]);
    if (w->flow < EVENTS_MAX)
        w->flow++;
}

static client *client_at(world *w, unsigned which)
{
    return w->client_count ? &w->clients[w->client_count - 1 - which % SLOTS % w->client_count]
                           : NULL;
}

static server *server_at(world *w, unsigned which)
{
    return w->server_count ? &w->servers[w->server_count - 1 - which % SLOTS % w->server_count]
                           : NULL;
}

static void forget_client(client *c)
{
    if (!c || !c->t)
        return;
    c->forgotten = true;
    c->t = pp_client_forget(c->t);
}

static void forget_server(server *s)
{
    if (!s || !s->t)
        return;
    s->forgotten = true;
    s->t = pp_server_forget(s->t);
}

enum {
    ACT_NOTHING,
    ACT_START,
    ACT_CANCEL,
    ACT_FORGET_CLIENT,
    ACT_ANSWER,
    ACT_FORGET_SERVER,
    ACT_LOSE,
    ACT_FREE,
    ACT_COUNT
};

/* What an owner may do, anywhere. */
static void act(world *w, unsigned what, unsigned which)
{
    client *c = client_at(w, which);
    server *s = server_at(w, which);

    if (!w->table)
        return;
    if (what == ACT_START && w->client_count < 2 * EVENTS_MAX)
        start_client(w, which);
    else if (what == ACT_CANCEL && c && c->t)
        (void)!pp_client_cancel(c->t, which & 16 ? "SIP;cause=200" : NULL);
    else if (what == ACT_FORGET_CLIENT)
        forget_client(c);
    else if (what == ACT_ANSWER && s && s->t)
        (void)!pp_server_answer(s->t, PICK(statuses, which / SLOTS), NULL,
                                which & 128 ? "b" : NULL);
    else if (what == ACT_FORGET_SERVER)
        forget_server(s);
    else if (what == ACT_LOSE)
        lose_flow(w);
    else if (what == ACT_FREE)
        w->table = pp_transactions_free(w->table);
}

static void play(world *w, pp_reader *tape)
{
    unsigned what = pp_reader_u8(tape), which = pp_reader_u8(tape);

    switch (what % 8) {
    case 0:
        receive_response(w, which, what / 8);
        break;
    case 1:
        receive_request(w, which, what / 8);
        break;
    case 2:
        advance(w, PICK(times_ms, which));
        break;
    case 3:
        w->reaction = what / 8 % ACT_COUNT;
        w->reaction_on = which;
        break;
    case 4:
        w->deaf = which & 1;
        w->listens = which & 2;
        w->answers = which / 4;
        break;
    default:
        act(w, what / 8 % ACT_FREE, which); /* ends with a FREE in a handler only */
        break;
    }
}

static void end(world *w)
{
    w->reaction = 0;
    w->deaf = false;
    for (size_t i = 0; i < w->server_count; i++)
        forget_server(&w->servers[i]);
    for (size_t i = 0; i < w->client_count; i++)
        if (w->clients[i].t && w->clients[i].invite)
            (void)!pp_client_cancel(w->clients[i].t, NULL);
    advance(w, 64000);
    CHECK(pp_transactions_count(w->table) == 0);
    for (size_t i = 0; i < w->client_count; i++) {
        client *c = &w->clients[i];

        CHECK(c->over || c->accepted || c->forgotten);
        if (i & 1) /* the others go with the table */
            forget_client(c);
    }
    pp_transactions_free(w->table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    pp_reader tape = pp_reader_of(data, size);
    unsigned options = pp_reader_u8(&tape);

    memset(&w, 0, sizeof(w));
    pp_loop_init(&w.loop, &loop_ops, (pp_rng){rng_fill, &w});
    w.listens = options & 2;
    if (pp_transactions_new(&w.loop, &owner, &w, options & 1, &w.table))
        return 0;
    for (unsigned i = 0; i < EVENTS_MAX && tape.n && w.table; i++)
        play(&w, &tape);
    if (w.table)
        end(&w);
    advance(&w, 64000);
    CHECK(w.loop.references == 1 && pp_loop_next_us(&w.loop) == PP_NEVER);
    return 0;
}
