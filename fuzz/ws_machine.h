/* ws_machine.h - what both WebSocket targets check: octets in pieces of any size give the same
 * events and the same answer as octets in one. */
#ifndef PP_FUZZ_WS_MACHINE_H
#define PP_FUZZ_WS_MACHINE_H

#include "base/buf.h"
#include "ws/ws.h"

#include "check.h"

typedef struct record { /* all that a machine said */
    pp_ws *ws;
    pp_buf out, events;
    unsigned closed;
} record;

static void fill_same(void *arg, void *out, size_t size)
{
    unsigned *next = arg;

    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)++ * next;
}

static void on_output(void *arg, const uint8_t *data, size_t size)
{
    pp_buf_add(&((record *)arg)->out, data, size);
}

static void on_open(void *arg)
{
    pp_buf_c(&((record *)arg)->events, "open ");
}

static void on_message(void *arg, const char *data, size_t size, bool binary)
{
    record *r = arg;

    CHECK(!r->closed && (binary || pp_str_is_utf8(pp_str_n(data, size))));
    pp_buf_format(&r->events, "message %zu %d ", size, binary);
    pp_buf_add(&r->events, data, size);
    pp_ws_send(r->ws, data, size, binary);
    if (size == 3 && !binary) /* a message of "bye" or the like closes from our side */
        pp_ws_close(r->ws, 1000, "so");
}

static void on_pong(void *arg)
{
    pp_buf_c(&((record *)arg)->events, "pong ");
}

static void on_http(void *arg, const pp_http_request *request)
{
    record *r = arg;

    pp_buf_str(&r->events, request->target);
    if (request->host.n)
        pp_ws_http_answer(r->ws, 200, "OK", NULL, request->host.p, request->host.n);
}

static void on_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    record *r = arg;

    CHECK(!r->closed++ && was_clean == (code != 1006) && sentence);
    pp_buf_format(&r->events, "closed %d %.*s %d %s", code, PP_STR(reason), was_clean, sentence);
}

static const pp_ws_handlers recording = {on_output, on_open, on_message,
                                         on_pong,   on_http, on_closed};

/* `make` makes a machine; the opening is fed first, then `data` in pieces of `piece` octets. */
static void run(record *r, pp_ws *(*make)(record *r, const pp_rng *rng), pp_str opening,
                pp_str data, size_t piece)
{
    unsigned next = 0;
    pp_rng rng = {fill_same, &next};

    r->ws = make(r, &rng);
    CHECK(r->ws);
    pp_ws_start(r->ws);
    pp_ws_receive(r->ws, (const uint8_t *)opening.p, opening.n);
    for (size_t i = 0; i < data.n; i += piece)
        pp_ws_receive(r->ws, (const uint8_t *)data.p + i, data.n - i < piece ? data.n - i : piece);
    pp_ws_eof(r->ws, "end");
    CHECK(r->closed == 1 && !pp_ws_is_open(r->ws) && pp_ws_send(r->ws, "x", 1, false) != 0);
    r->ws = pp_ws_free(r->ws);
}

/* The first octet of `data` is the size of the pieces; its highest bit asks for a connection that is open already. */
static int compare(pp_ws *(*make)(record *r, const pp_rng *rng), pp_str opening,
                   const uint8_t *data, size_t size)
{
    record whole = {0}, pieces = {0};
    pp_str rest;

    if (size == 0)
        return 0;
    rest = pp_str_n(data + 1, size - 1);
    if (!(data[0] & 0x80))
        opening = PP_STR_NONE;
    run(&whole, make, opening, rest, rest.n ? rest.n : 1);
    run(&pieces, make, opening, rest, (data[0] & 0x7Fu) + 1u);
    CHECK(pp_str_eq(pp_buf_text(&whole.out), pp_buf_text(&pieces.out)));
    CHECK(pp_str_eq(pp_buf_text(&whole.events), pp_buf_text(&pieces.events)));
    pp_buf_free(&whole.out);
    pp_buf_free(&whole.events);
    pp_buf_free(&pieces.out);
    pp_buf_free(&pieces.events);
    return 0;
}

#endif
