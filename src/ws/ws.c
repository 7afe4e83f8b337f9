/* ws.c - the WebSocket machine: its life, and what its owner asks of it (RFC 6455). */
#include "ws/machine.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "ws/refusal.h"

#include <stdarg.h>
#include <stdio.h>

void pp_ws_enter(pp_ws *ws)
{
    ws->depth++;
}

void pp_ws_leave(pp_ws *ws)
{
    if (--ws->depth > 0 || !ws->released)
        return;
    pp_buf_free(&ws->head);
    pp_buf_free(&ws->message);
    pp_free_secret(ws->request);
    pp_free(ws->subprotocol);
    pp_free(ws);
}

int pp_ws_new(const pp_ws *like, const char *subprotocol, pp_ws **out)
{
    pp_ws *ws;

    if (subprotocol && !pp_http_is_token(pp_str_c(subprotocol)))
        return pp_error(PIPIT_ERR_SYNTAX, "websocket: the subprotocol is no token");
    ws = PP_NEW(pp_ws);
    if (!ws)
        return PIPIT_ERR_MEMORY;
    *ws = *like;
    if (!ws->max_message)
        ws->max_message = PP_LIMIT_WS_MESSAGE;
    ws->message.max = ws->max_message;
    if (subprotocol) {
        ws->subprotocol = pp_strdup(subprotocol);
        if (!ws->subprotocol) {
            pp_ws_free(ws);
            return PIPIT_ERR_MEMORY;
        }
    }
    *out = ws;
    return 0;
}

pp_ws *pp_ws_free(pp_ws *ws)
{
    if (!ws || ws->released)
        return NULL;
    pp_ws_enter(ws);
    ws->released = true;
    ws->state = PP_WS_CLOSED;
    pp_ws_leave(ws);
    return NULL;
}

void pp_ws_output(pp_ws *ws, const void *data, size_t size)
{
    if (!ws->released)
        ws->handlers->output(ws->arg, data, size);
}

void pp_ws_report_closed(pp_ws *ws, int code, pp_str reason, bool was_clean, const char *sentence)
{
    if (ws->state == PP_WS_CLOSED)
        return;
    ws->state = PP_WS_CLOSED;
    ws->handlers->closed(ws->arg, code, reason, was_clean, sentence);
}

void pp_ws_fail(pp_ws *ws, int code, const char *format, ...)
{
    char sentence[PP_WS_REFUSAL];
    va_list args;

    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    if (ws->state == PP_WS_OPEN) {
        uint8_t payload[2] = {(uint8_t)(code >> 8), (uint8_t)code};

        /* Without memory for the frame the peer sees the connection end, which says the same. */
        (void)pp_ws_write_frame(ws, PP_OPCODE_CLOSE, payload, sizeof(payload));
    }
    pp_ws_report_closed(ws, 1006, PP_LIT(""), false, sentence);
}

static void head_too_long(pp_ws *ws)
{
    static const char sentence[] = "the head of the upgrade is too long";

    if (ws->server)
        pp_ws_refuse(ws, 431, "Request Header Fields Too Large", sentence);
    else
        pp_ws_fail(ws, 1002, "%s", sentence);
}

/* Takes octets of the peer's head; returns how many. Those behind the blank line are frames. */
static size_t take_head(pp_ws *ws, const uint8_t *data, size_t size)
{
    size_t had = ws->head.n, room = PP_LIMIT_WS_HANDSHAKE - had;
    size_t head_size;
    pp_buf head;

    pp_buf_add(&ws->head, data, size < room ? size : room);
    if (pp_buf_error(&ws->head)) {
        pp_ws_fail(ws, 1011, "no memory for the upgrade");
        return size;
    }
    head_size = pp_http_head_size(pp_buf_text(&ws->head), had);
    if (head_size == 0) {
        if (ws->head.n == PP_LIMIT_WS_HANDSHAKE)
            head_too_long(ws);
        return size;
    }
    head = ws->head; /* kept apart, for handlers may do anything */
    ws->head = (pp_buf){0};
    if (ws->server)
        pp_ws_server_head(ws, pp_str_n(head.p, head_size));
    else
        pp_ws_client_head(ws, pp_str_n(head.p, head_size));
    pp_buf_free(&head);
    return head_size - had;
}

void pp_ws_receive(pp_ws *ws, const uint8_t *data, size_t size)
{
    size_t taken = 0;

    pp_ws_enter(ws);
    while (taken < size && ws->state != PP_WS_CLOSED)
        taken += ws->state == PP_WS_UPGRADING ? take_head(ws, data + taken, size - taken)
                                              : pp_ws_take_frames(ws, data + taken, size - taken);
    pp_ws_leave(ws);
}

void pp_ws_eof(pp_ws *ws, const char *sentence)
{
    pp_ws_enter(ws);
    pp_ws_report_closed(ws, 1006, PP_LIT(""), false,
                        sentence ? sentence : "the connection was lost without a close frame");
    pp_ws_leave(ws);
}

static int check_open(const pp_ws *ws)
{
    return ws->state == PP_WS_OPEN ? 0 : pp_error(PIPIT_ERR_STATE, "websocket: not open");
}

static int write_if_open(pp_ws *ws, pp_opcode opcode, const void *data, size_t size)
{
    int err = check_open(ws);

    if (err)
        return err;
    pp_ws_enter(ws);
    err = pp_ws_write_frame(ws, opcode, data, size);
    pp_ws_leave(ws);
    return err;
}

int pp_ws_send(pp_ws *ws, const void *data, size_t size, bool binary)
{
    return write_if_open(ws, binary ? PP_OPCODE_BINARY : PP_OPCODE_TEXT, data, size);
}

int pp_ws_ping(pp_ws *ws, const void *data, size_t size)
{
    if (size > PP_FRAME_CONTROL_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "websocket: a ping holds at most %d octets",
                        PP_FRAME_CONTROL_MAX);
    return write_if_open(ws, PP_OPCODE_PING, data, size);
}

static int check_close(int code, pp_str reason)
{
    if (code && !pp_ws_close_code_is_valid(code))
        return pp_error(PIPIT_ERR_ARGUMENT, "websocket: close code %d is reserved", code);
    if (!code && reason.n)
        return pp_error(PIPIT_ERR_ARGUMENT, "websocket: a close reason needs a code");
    if (reason.n > PP_FRAME_CONTROL_MAX - 2)
        return pp_error(PIPIT_ERR_ARGUMENT, "websocket: a close reason has at most %d octets",
                        PP_FRAME_CONTROL_MAX - 2);
    if (!pp_str_is_utf8(reason))
        return pp_error(PIPIT_ERR_ARGUMENT, "websocket: a close reason is not UTF-8");
    return 0;
}

int pp_ws_close(pp_ws *ws, int code, const char *reason)
{
    pp_str text = pp_str_c(reason);
    uint8_t payload[PP_FRAME_CONTROL_MAX];
    int err = check_open(ws);

    if (!err)
        err = check_close(code, text);
    if (err)
        return err;
    payload[0] = (uint8_t)(code >> 8);
    payload[1] = (uint8_t)code;
    if (text.n)
        memcpy(payload + 2, text.p, text.n);
    ws->state = PP_WS_CLOSING;
    pp_ws_enter(ws);
    err = pp_ws_write_frame(ws, PP_OPCODE_CLOSE, payload, code ? 2 + text.n : 0);
    if (err && !ws->released)
        ws->state = PP_WS_OPEN;
    pp_ws_leave(ws);
    return err;
}

bool pp_ws_is_open(const pp_ws *ws)
{
    return ws->state == PP_WS_OPEN;
}
