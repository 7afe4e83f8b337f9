/* receive.c - frames that come: put together, answered, checked (RFC 6455 sections 5 to 8). */
#include "ws/machine.h"

#include "base/error.h"

#define KEPT_MESSAGE_BUFFER 256 /* an idle connection keeps no more memory for the next message */

/* Whether a data frame may come now, and what it begins or goes on with. False when the connection
 * has failed. */
static bool begin_data(pp_ws *ws)
{
    bool continues = ws->frame.opcode == PP_OPCODE_CONTINUATION;

    if (continues != ws->in_message) {
        pp_ws_fail(ws, 1002,
                   continues ? "a continuation frame continues nothing"
                             : "a message begins inside a fragmented one");
        return false;
    }
    if (ws->frame.size > ws->max_message - ws->message.n) {
        pp_ws_fail(ws, 1009, "a message is longer than %zu octets", ws->max_message);
        return false;
    }
    if (!continues) {
        ws->in_message = true;
        ws->binary = ws->frame.opcode == PP_OPCODE_BINARY;
        ws->utf8 = (pp_utf8){0};
    }
    return true;
}

static void deliver_message(pp_ws *ws)
{
    pp_buf message = ws->message; /* kept apart, for the handler may do anything */

    ws->in_message = false;
    ws->message = (pp_buf){.max = message.max};
    if (ws->state == PP_WS_OPEN) /* after our close frame the owner wants no more */
        ws->handlers->message(ws->arg, message.p ? message.p : "", message.n, ws->binary);
    if (ws->state == PP_WS_CLOSED || message.capacity > KEPT_MESSAGE_BUFFER || ws->message.p) {
        pp_buf_free(&message);
        return;
    }
    pp_buf_clear(&message);
    ws->message = message;
}

static void end_data(pp_ws *ws)
{
    if (!ws->frame.final)
        return;
    if (!ws->binary && !pp_utf8_complete(&ws->utf8))
        pp_ws_fail(ws, 1007, "a text message ends inside a character");
    else
        deliver_message(ws);
}

bool pp_ws_close_code_is_valid(int code)
{
    /* Section 7.4 and the IANA registry: 1004 to 1006 and 1015 are never sent, 1012 to 1014 are
     * newer than the RFC. */
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

/* NULL when the payload of a close frame is fine; *answer is the code for one that is not. */
static const char *check_close_payload(pp_str payload, int *answer)
{
    int code = payload.n < 2 ? 0 : (uint8_t)payload.p[0] << 8 | (uint8_t)payload.p[1];

    *answer = 1002;
    if (payload.n == 1)
        return "a close frame has half a code";
    if (payload.n && !pp_ws_close_code_is_valid(code))
        return "a close frame has a reserved code";
    *answer = 1007;
    return pp_str_is_utf8(pp_str_sub(payload, 2, payload.n)) ? NULL : "a close reason is not UTF-8";
}

/* Section 5.5.1: answered with the same code, unless ours was first. */
static void close_came(pp_ws *ws, pp_str payload)
{
    bool ours = ws->state == PP_WS_CLOSING;
    int code = 1005;
    const char *wrong = check_close_payload(payload, &code);

    if (wrong) {
        pp_ws_fail(ws, code, "%s", wrong);
        return;
    }
    code = payload.n ? (uint8_t)payload.p[0] << 8 | (uint8_t)payload.p[1] : 1005;
    if (!ours) {
        ws->state = PP_WS_CLOSING;
        (void)pp_ws_write_frame(ws, PP_OPCODE_CLOSE, payload.p, payload.n ? 2 : 0);
    }
    pp_ws_report_closed(ws, code, pp_str_sub(payload, 2, payload.n), true,
                        ours ? "closed by us" : "closed by the peer");
}

static void end_control(pp_ws *ws)
{
    uint8_t copy[PP_FRAME_CONTROL_MAX];
    size_t size = (size_t)ws->frame.size;

    memcpy(copy, ws->control, size);
    if (ws->frame.opcode == PP_OPCODE_CLOSE) {
        close_came(ws, pp_str_n(copy, size));
    } else if (ws->frame.opcode == PP_OPCODE_PONG) {
        if (ws->handlers->pong && ws->state == PP_WS_OPEN)
            ws->handlers->pong(ws->arg);
    } else if (ws->state == PP_WS_OPEN && pp_ws_write_frame(ws, PP_OPCODE_PONG, copy, size)) {
        pp_ws_fail(ws, 1011, "no memory for a pong");
    }
}

static void end_frame(pp_ws *ws)
{
    ws->in_payload = false;
    if (pp_opcode_is_control(ws->frame.opcode))
        end_control(ws);
    else
        end_data(ws);
}

static size_t take_header(pp_ws *ws, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char *why = NULL;
        pp_frame_result result = pp_frame_read(&ws->reader, data[i], ws->server, &ws->frame, &why);

        if (result == PP_FRAME_MORE)
            continue;
        if (result == PP_FRAME_BROKEN) {
            pp_ws_fail(ws, 1002, "%s", why);
        } else if (pp_opcode_is_control(ws->frame.opcode) || begin_data(ws)) {
            ws->in_payload = true;
            ws->taken = 0;
            if (ws->frame.size == 0)
                end_frame(ws);
        }
        return i + 1;
    }
    return size;
}

/* False when the connection has failed. */
static bool take_data(pp_ws *ws, const uint8_t *data, size_t size)
{
    uint8_t *room = pp_buf_room(&ws->message, size);

    if (!room) {
        pp_ws_fail(ws, 1011, "no memory for a message");
        return false;
    }
    pp_frame_mask(ws->frame.mask, ws->taken, data, size, room);
    if (!ws->binary && !pp_utf8_feed(&ws->utf8, room, size)) {
        pp_ws_fail(ws, 1007, "a text message is not UTF-8");
        return false;
    }
    return true;
}

/* A server's message that has come whole, as nearly all do, is passed on from where it lies. */
static bool is_whole(const pp_ws *ws, size_t size)
{
    return !ws->frame.masked && ws->frame.final && ws->taken == 0 && ws->message.n == 0 &&
           ws->frame.size <= size && !pp_opcode_is_control(ws->frame.opcode);
}

static void pass_whole(pp_ws *ws, pp_str message)
{
    ws->in_payload = ws->in_message = false;
    if (!ws->binary && !pp_utf8_feed(&ws->utf8, (const uint8_t *)message.p, message.n))
        pp_ws_fail(ws, 1007, "a text message is not UTF-8");
    else if (!ws->binary && !pp_utf8_complete(&ws->utf8))
        pp_ws_fail(ws, 1007, "a text message ends inside a character");
    else if (ws->state == PP_WS_OPEN) /* after our close frame the owner wants no more */
        ws->handlers->message(ws->arg, message.p, message.n, ws->binary);
}

static size_t take_payload(pp_ws *ws, const uint8_t *data, size_t size)
{
    uint64_t left = ws->frame.size - ws->taken;
    size_t part = left < size ? (size_t)left : size;

    if (is_whole(ws, size)) {
        pass_whole(ws, pp_str_n(data, part));
        return part;
    }
    if (pp_opcode_is_control(ws->frame.opcode))
        pp_frame_mask(ws->frame.mask, ws->taken, data, part, ws->control + ws->taken);
    else if (!take_data(ws, data, part))
        return size;
    ws->taken += part;
    if (ws->taken == ws->frame.size)
        end_frame(ws);
    return part;
}

size_t pp_ws_take_frames(pp_ws *ws, const uint8_t *data, size_t size)
{
    return ws->in_payload ? take_payload(ws, data, size) : take_header(ws, data, size);
}
