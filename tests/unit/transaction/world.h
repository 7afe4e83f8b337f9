/* world.h - a table in virtual time with a ladder: everything it sends and reports, with the
 * millisecond it happened. "0>INVITE 500>INVITE 700:180" is an INVITE sent twice and a 180 that
 * its owner heard of. */
#ifndef PP_TESTS_TRANSACTION_WORLD_H
#define PP_TESTS_TRANSACTION_WORLD_H

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "support/files.h"
#include "support/sim.h"
#include "transaction/transaction.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BRANCH      "z9hG4bKworldbranch"
#define INVITE_TEXT "sip:bob@example.com"

typedef struct world {
    sim *sim;
    pipit_loop *loop;
    pp_transactions *table;
    uint64_t start_ms;
    char ladder[2048];
    size_t length;
    char sent[1024]; /* the last message */
    bool deaf;       /* the flow takes nothing */
    void *flow;
    /* What the owner does with a request. */
    bool listens;
    int answers;                   /* 0: nothing */
    pp_server_transaction *server; /* the last one he was given */
    pp_client_transaction *client; /* NULL when the pointer is no longer ours */
    bool frees_table;              /* in the next handler that is called */
} world;

/* What is told of a message; the rest is the same in all. */
typedef struct spec {
    const char *method; /* of a response: in CSeq; NULL: INVITE */
    int status;         /* 0: a request */
    const char *via;    /* NULL: host and branch of the world */
    const char *to_tag, *from_tag, *call_id, *ruri;
    unsigned cseq;
    const char *more; /* header lines, each with its end */
} spec;

static inline void note(world *w, const char *kind, const char *text)
{
    int size = snprintf(w->ladder + w->length, sizeof(w->ladder) - w->length, "%s%" PRIu64 "%s%s",
                        w->length ? " " : "", sim_now_us(w->sim) / 1000 - w->start_ms, kind, text);

    if (size > 0 && (size_t)size < sizeof(w->ladder) - w->length)
        w->length += (size_t)size;
    if (w->frees_table && *kind == ':') {
        w->frees_table = false;
        w->table = pp_transactions_free(w->table);
    }
}

static inline void note_status(world *w, const char *kind, const char *before, int status)
{
    char text[32];

    snprintf(text, sizeof(text), "%s%d", before, status);
    note(w, kind, text);
}

#define CHECK_LADDER(w, expected)                                                                  \
    do {                                                                                           \
        assert_string_equal((w)->ladder, (expected));                                              \
        clear_ladder(w);                                                                           \
    } while (0)

static inline void clear_ladder(world *w)
{
    w->length = 0;
    w->ladder[0] = '\0';
}

/* --- the owner -------------------------------------------------------------------------------- */

static inline bool world_send(void *arg, void *flow, pp_str wire)
{
    world *w = arg;
    pp_str line = {wire.p, pp_str_find(wire, '\r')}, word;
    char text[32];

    assert_ptr_equal(flow, w->flow);
    snprintf(w->sent, sizeof(w->sent), "%.*s", PP_STR(wire));
    word = pp_str_word(&line);
    if (pp_str_eq_c(word, "SIP/2.0"))
        word = pp_str_word(&line);
    snprintf(text, sizeof(text), "%.*s", PP_STR(word));
    note(w, w->deaf ? "!" : ">", text);
    return !w->deaf;
}

static inline void world_cancelled(void *arg, const pp_message *cancel)
{
    assert_int_equal(cancel->method, PP_CANCEL);
    note(arg, ":", "cancelled");
}

static inline void world_no_ack(void *arg)
{
    note(arg, ":", "no_ack");
}

static inline void world_terminated(void *arg)
{
    world *w = arg;

    w->server = NULL;
    note(w, ":", "terminated");
}

static const pp_server_handlers world_server_handlers = {world_cancelled, world_no_ack,
                                                         world_terminated};

static inline void world_request(void *arg, void *flow, pp_server_transaction *t,
                                 const pp_message *request)
{
    world *w = arg;
    char text[64];

    assert_ptr_equal(flow, w->flow);
    snprintf(text, sizeof(text), "%s%.*s", t ? "" : "stray-", PP_STR(request->method_name));
    if (t) {
        assert_ptr_equal(pp_server_request(t), request);
        assert_ptr_equal(pp_server_flow(t), flow);
        w->server = t;
        if (w->listens)
            pp_server_listen(t, &world_server_handlers, w);
        if (w->answers)
            pp_server_answer(t, w->answers, NULL, NULL);
    }
    note(w, ":", text);
}

static inline void world_stray_response(void *arg, void *flow, const pp_message *response)
{
    (void)flow;
    note_status(arg, ":", "stray-", response->status);
}

static inline void world_response(void *arg, const pp_message *response)
{
    world *w = arg;

    if (response->status >= 300 || (response->status >= 200 && response->method != PP_INVITE))
        w->client = NULL;
    note_status(w, ":", "", response->status);
}

static inline void world_timeout(void *arg)
{
    ((world *)arg)->client = NULL;
    note(arg, ":", "timeout");
}

static inline void world_transport_error(void *arg)
{
    ((world *)arg)->client = NULL;
    note(arg, ":", "transport_error");
}

static const pp_client_handlers world_client_handlers = {world_response, world_timeout,
                                                         world_transport_error};
static const pp_transactions_owner world_owner = {
    .send = world_send, .request = world_request, .stray_response = world_stray_response};

/* --- coming and going ------------------------------------------------------------------------- */

static inline void world_open(world *w, bool reliable)
{
    *w = (world){.listens = true};
    w->flow = w;
    assert_int_equal(sim_new(1, &w->sim), 0);
    w->loop = sim_loop(w->sim);
    w->start_ms = sim_now_us(w->sim) / 1000;
    assert_int_equal(pp_transactions_new(w->loop, &world_owner, w, reliable, &w->table), 0);
}

/* Nothing may be left but what the test says. */
static inline void world_close(world *w)
{
    if (w->table) {
        assert_int_equal(pp_transactions_count(w->table), 0);
        pp_transactions_free(w->table);
    }
    sim_free(w->sim);
}

static inline void advance_ms(world *w, uint64_t ms)
{
    sim_advance_ms(w->sim, ms);
}

static inline void advance_to_ms(world *w, uint64_t ms)
{
    sim_advance_ms(w->sim, w->start_ms + ms - sim_now_us(w->sim) / 1000);
}

/* The end of this turn: posts are called. */
static inline void end_turn(world *w)
{
    sim_advance_ms(w->sim, 0);
}

/* --- messages --------------------------------------------------------------------------------- */

static inline pp_message *make_message(spec s)
{
    static char text[2048];
    const char *method = s.method ? s.method : "INVITE", *ruri = s.ruri ? s.ruri : INVITE_TEXT;
    pp_message *message;
    int size = s.status ? snprintf(text, 512, "SIP/2.0 %d Because\r\n", s.status)
                        : snprintf(text, 512, "%s %s SIP/2.0\r\n", method, ruri);

    snprintf(text + size, sizeof(text) - (size_t)size,
             "Via: %s\r\nFrom: <sip:alice@example.com>;tag=%s\r\nTo: "
             "<sip:bob@example.com>%s%s\r\nCall-ID: %s\r\n"
             "CSeq: %u %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
             s.via ? s.via : "SIP/2.0/WS a.invalid;branch=" BRANCH,
             s.from_tag ? s.from_tag : "alices", s.to_tag ? ";tag=" : "", s.to_tag ? s.to_tag : "",
             s.call_id ? s.call_id : "callid", s.cseq ? s.cseq : 1, method, s.more ? s.more : "");
    if (pp_message_parse(pp_str_c(text), &message))
        return NULL;
    assert_int_equal(message->defect, 0);
    return message;
}

static inline void receive(world *w, spec s)
{
    pp_message *message = make_message(s);

    if (!message) /* memory was short, on purpose */
        return;
    pp_transactions_receive(w->table, w->flow, message);
    pp_message_unref(message);
}

#define RECEIVE(w, ...) receive(w, (spec){__VA_ARGS__})

static inline int make_request(pp_method method, const char *branch, pp_outgoing **out)
{
    pp_outgoing *request;
    int err = pp_outgoing_request(method, PP_LIT(INVITE_TEXT), &request);

    if (err)
        return err;
    pp_outgoing_add_format(request, PP_HEADER_VIA, "SIP/2.0/WS a.invalid;branch=%s", branch);
    pp_outgoing_add_c(request, PP_HEADER_MAX_FORWARDS, "69");
    pp_outgoing_add_c(request, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_add_c(request, PP_HEADER_FROM, "<sip:alice@example.com>;tag=alices");
    pp_outgoing_add_c(request, PP_HEADER_CALL_ID, "callid");
    pp_outgoing_add_format(request, PP_HEADER_CSEQ, "1 %s", pp_method_name(method));
    *out = request;
    return 0;
}

static inline int start_client(world *w, pp_method method)
{
    pp_outgoing *request;
    int err = make_request(method, BRANCH, &request);

    if (err)
        return err;
    err = pp_client_start(w->table, w->flow, request, &world_client_handlers, w, &w->client);
    pp_outgoing_unref(request);
    return err;
}

static inline void must_start(world *w, pp_method method)
{
    assert_int_equal(start_client(w, method), 0);
}

#endif
