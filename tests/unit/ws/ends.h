/* ends.h - a WebSocket machine under test with everything it said written down. */
#ifndef PP_TESTS_WS_ENDS_H
#define PP_TESTS_WS_ENDS_H

#include "base/alloc.h"
#include "base/buf.h"
#include "support/files.h"
#include "ws/ws.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct end {
    pp_ws *ws;
    pp_buf out;    /* octets for the peer */
    pp_buf events; /* a line each */
    bool echo;     /* send messages back */
    bool release_on_message, release_on_open, release_on_closed;
    bool plain_http; /* answer plain requests */
} end;

static void count_up(void *arg, void *out, size_t size)
{
    unsigned *next = arg;

    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)(*next)++;
}

static unsigned count = 1;
static const pp_rng counting = {count_up, &count};

static void end_output(void *arg, const uint8_t *data, size_t size)
{
    pp_buf_add(&((end *)arg)->out, data, size);
}

static void end_open(void *arg)
{
    end *e = arg;

    pp_buf_c(&e->events, "open\n");
    if (e->release_on_open)
        e->ws = pp_ws_free(e->ws);
}

static void end_message(void *arg, const char *data, size_t size, bool binary)
{
    end *e = arg;

    pp_buf_format(&e->events, "%s %zu ", binary ? "binary" : "text", size);
    pp_buf_hex(&e->events, (const uint8_t *)data, size);
    pp_buf_c(&e->events, "\n");
    if (e->release_on_message)
        e->ws = pp_ws_free(e->ws);
    else if (e->echo)
        pp_ws_send(e->ws, data, size, binary);
}

static void end_pong(void *arg)
{
    pp_buf_c(&((end *)arg)->events, "pong\n");
}

static void end_http(void *arg, const pp_http_request *request)
{
    end *e = arg;

    pp_buf_format(&e->events, "http %.*s %.*s %.*s %.*s\n", PP_STR(request->method),
                  PP_STR(request->target), PP_STR(request->host), PP_STR(request->origin));
    if (e->plain_http)
        pp_ws_http_answer(e->ws, 200, "OK", "text/plain", "hello", 5);
}

static void end_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    end *e = arg;

    pp_buf_format(&e->events, "closed %d %.*s %s: %s\n", code, PP_STR(reason),
                  was_clean ? "clean" : "unclean", sentence);
    if (e->release_on_closed)
        e->ws = pp_ws_free(e->ws);
}

static const pp_ws_handlers end_handlers = {end_output, end_open, end_message,
                                            end_pong,   end_http, end_closed};

static inline void end_feed(end *e, const void *data, size_t size, size_t piece)
{
    for (size_t i = 0; i < size; i += piece)
        if (e->ws)
            pp_ws_receive(e->ws, (const uint8_t *)data + i, size - i < piece ? size - i : piece);
}

static inline void end_feed_text(end *e, const char *text)
{
    end_feed(e, text, strlen(text), strlen(text));
}

static inline void end_feed_hex(end *e, const char *hex, size_t piece)
{
    uint8_t octets[512];
    size_t n = strlen(hex) / 2;

    assert_true(n <= sizeof(octets));
    for (size_t i = 0; i < n; i++) {
        unsigned value;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
        octets[i] = (uint8_t)value;
    }
    end_feed(e, octets, n, piece);
}

static inline void end_free(end *e)
{
    e->ws = pp_ws_free(e->ws);
    pp_buf_free(&e->out);
    pp_buf_free(&e->events);
}

/* What was written down since the last call. */
static inline const char *end_events(end *e)
{
    static char text[4096];

    snprintf(text, sizeof(text), "%.*s", (int)e->events.n, e->events.n ? e->events.p : "");
    pp_buf_clear(&e->events);
    return text;
}

/* The octets for the peer since the last call, as hex, frames of a client with their mask taken
 * off. */
static inline const char *end_frames(end *e)
{
    static char text[4096];
    pp_buf hex = {0};
    size_t i = 0;

    while (i < e->out.n) {
        uint8_t *at = (uint8_t *)e->out.p + i;
        bool masked = at[1] & 0x80;
        size_t size = at[1] & 0x7F, head = 2;

        if (size == 126) {
            size = (size_t)at[2] << 8 | at[3];
            head = 4;
        }
        assert_int_not_equal(size, 127);
        pp_buf_hex(&hex, (uint8_t[]){at[0], at[1] & 0x7F}, 2);
        for (size_t k = 0; k < size; k++) {
            uint8_t octet = at[head + (masked ? 4 : 0) + k] ^ (masked ? at[head + k % 4] : 0);
            pp_buf_hex(&hex, &octet, 1);
        }
        pp_buf_char(&hex, ' ');
        i += head + (masked ? 4 : 0) + size;
    }
    snprintf(text, sizeof(text), "%.*s", hex.n ? (int)hex.n - 1 : 0, hex.n ? hex.p : "");
    pp_buf_free(&hex);
    pp_buf_clear(&e->out);
    return text;
}

#define SERVER_OPENING                                                                             \
    "GET /chat?x=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"                 \
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"           \
    "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, sip\r\nSec-WebSocket-Version: "   \
    "13\r\n"

#define CLIENT_ACCEPT "C/0nmHhBztSRGR1CwL6Tf4ZjwpY="

/* A client that has sent its request; its key is base64 of 01..10 and its masks go on from there.
 */
static inline void client_end(end *e)
{
    const pp_ws_client_options options = {.host = "sip.example.com", .subprotocol = "sip"};

    count = 1;
    assert_int_equal(pp_ws_client_new(&options, &counting, &end_handlers, e, &e->ws), 0);
    pp_ws_start(e->ws);
}

static inline void server_end(end *e)
{
    const pp_ws_server_options options = {.subprotocol = "sip"};

    assert_int_equal(pp_ws_server_new(&options, &counting, &end_handlers, e, &e->ws), 0);
}

static inline void open_client(end *e)
{
    client_end(e);
    end_feed_text(
        e, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " CLIENT_ACCEPT "\r\nSec-WebSocket-Protocol: sip\r\n\r\n");
    pp_buf_clear(&e->out);
    assert_string_equal(end_events(e), "open\n");
}

static inline void open_server(end *e)
{
    server_end(e);
    end_feed_text(e, SERVER_OPENING "\r\n");
    pp_buf_clear(&e->out);
    assert_string_equal(end_events(e), "open\n");
}

#endif
