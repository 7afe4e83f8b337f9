/* connection.c - one client: a stream, TLS above it for wss, a WebSocket above that; or plain SIP, known by its first line.
 * A connection that ends is released by a post, so that nobody up the stack holds a dead one. */
#include "switchboard/board.h"

#include "base/limits.h"
#include "io/tls_stream.h"

#define OPEN_WITHIN_MS   10000u /* TLS and the upgrade: a client that dawdles holds nothing */
#define PING_INTERVAL_MS 30000u
#define SILENT_MS        300000u /* of plain SIP: clients send keep-alives every two minutes */

static void start_alive_timer(board_connection *connection, uint64_t delay_ms);

const char *board_connection_transport(const board_connection *connection)
{
    if (connection->plain)
        return connection->secure ? "TLS" : "TCP";
    return connection->secure ? "WSS" : "WS";
}

board_connection *board_connection_find(const switchboard *board, uint64_t id)
{
    board_connection *connection = NULL;

    HASH_FIND(hh, board->connections, &id, sizeof(id), connection);
    return connection && !connection->dropped ? connection : NULL;
}

void board_tell(board_connection *connection, switchboard_event_kind kind, pp_str text,
                uint32_t expires_s)
{
    switchboard *board = connection->board;
    char peer[PP_ADDR_TEXT];
    switchboard_event event = {.kind = kind,
                               .connection = connection->id,
                               .user = connection->user ? connection->user->name : "",
                               .secure = connection->secure,
                               .text = text,
                               .expires_s = expires_s};

    if (!board->event)
        return;
    event.peer = pp_addr_text(&connection->remote, peer);
    board->event(board->arg, &event);
}

/* Everything but the struct, which its requests still name. */
static void let_go(board_connection *connection)
{
    switchboard *board = connection->board;

    board_location_lost(connection);
    pp_loop_stop_timer(board->loop, &connection->alive);
    pp_loop_unpost(board->loop, &connection->reap);
    connection->ws = pp_ws_free(connection->ws);
    pp_framing_free(&connection->framing);
    connection->stream = pp_stream_close(connection->stream);
    connection->gone = true;
}

static void connection_free(board_connection *connection)
{
    let_go(connection);
    HASH_DEL(connection->board->connections, connection);
    pp_free(connection);
}

static void reap_connection(void *arg)
{
    board_connection *connection = arg;

    pp_transactions_flow_lost(connection->board->transactions, connection);
    let_go(connection);
    if (!connection->requests)
        connection_free(connection);
}

void board_connection_request_over(board_connection *connection)
{
    if (--connection->requests == 0 && connection->gone)
        connection_free(connection);
}

void board_connection_drop(board_connection *connection, const char *why)
{
    if (connection->dropped)
        return;
    connection->dropped = true;
    pp_loop_post(connection->board->loop, &connection->reap, reap_connection, connection);
    board_tell(connection, SWITCHBOARD_DISCONNECTED, pp_str_c(why), 0);
}

void board_connections_free(switchboard *board)
{
    board_connection *connection, *next;

    HASH_ITER (hh, board->connections, connection, next)
        connection_free(connection);
}

/* --- the stream below ------------------------------------------------------------------------- */

static void stream_connected(void *arg)
{
    (void)arg; /* TLS is up: the upgrade request comes next */
}

/* A request line of SIP; HTTP's ends in another version. */
static bool is_sip(pp_str data)
{
    pp_str line = pp_str_sub(data, 0, pp_str_find(data, '\r'));

    return line.n < data.n && line.n > 8 &&
           pp_str_eq(pp_str_sub(line, line.n - 8, line.n), PP_LIT(" SIP/2.0"));
}

static void begin_plain(board_connection *connection)
{
    connection->plain = connection->open = true;
    start_alive_timer(connection, SILENT_MS);
    board_tell(connection, SWITCHBOARD_CONNECTED, PP_STR_NONE, 0);
}

/* RFC 5626 section 3.5.1: a ping is answered; whoever is silent for long is gone. */
static void take_frames(board_connection *connection, const uint8_t *data, size_t size)
{
    pp_frame frame;
    int err = pp_framing_add(&connection->framing, data, size);

    start_alive_timer(connection, SILENT_MS);
    while (!err && !connection->dropped &&
           (err = pp_framing_next(&connection->framing, &frame)) == 0 && frame.kind)
        if (frame.kind == PP_FRAME_MESSAGE)
            board_receive(connection, &(pp_wire){frame.message, frame.marks});
        else if (frame.kind == PP_FRAME_PING)
            (void)pp_stream_send(connection->stream, "\r\n", 2);
    if (err)
        board_connection_drop(connection, pipit_error_message());
}

static void stream_data(void *arg, const uint8_t *data, size_t size)
{
    board_connection *connection = arg;
    bool first = !connection->heard;

    if (connection->dropped || size == 0)
        return;
    connection->heard = true;
    if (first && is_sip(pp_str_n(data, size)))
        begin_plain(connection);
    /* RFC 8446 section 5.1: a TLS record. Said at once, for the client would wait for an answer until it gives up. */
    if (first && !connection->secure && data[0] == 22)
        board_connection_drop(connection, "it speaks TLS on the port for plain WebSocket");
    else if (connection->plain)
        take_frames(connection, data, size);
    else
        pp_ws_receive(connection->ws, data, size);
}

static void stream_closed(void *arg, int error, const char *reason)
{
    board_connection *connection = arg;

    (void)error;
    if (!connection->dropped && !connection->plain)
        pp_ws_eof(connection->ws, reason);
    board_connection_drop(connection, reason);
}

static const pp_stream_handlers stream_handlers = {
    .connected = stream_connected, .data = stream_data, .closed = stream_closed};

/* --- the WebSocket above ---------------------------------------------------------------------- */

static void ws_output(void *arg, const uint8_t *data, size_t size)
{
    board_connection *connection = arg;

    if (connection->stream && !connection->dropped &&
        pp_stream_send(connection->stream, data, size) < 0)
        board_connection_drop(connection, pipit_error_message());
}

static void ws_open(void *arg)
{
    board_connection *connection = arg;

    connection->open = true;
    start_alive_timer(connection, PING_INTERVAL_MS);
    board_tell(connection, SWITCHBOARD_CONNECTED, PP_STR_NONE, 0);
}

static void ws_message(void *arg, const char *data, size_t size, bool binary)
{
    board_connection *connection = arg;

    (void)binary; /* RFC 7118 section 4.2: either may carry SIP */
    if (!connection->dropped)
        board_receive(connection, &(pp_wire){.text = pp_str_n(data, size)});
}

static void ws_pong(void *arg)
{
    ((board_connection *)arg)->pinged = false;
}

static void ws_http(void *arg, const pp_http_request *request)
{
    board_connection *connection = arg;

    board_web(connection, request);
    board_connection_drop(connection, "a page was served"); /* what is queued is still sent */
}

static void ws_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    (void)code;
    (void)reason;
    (void)was_clean;
    board_connection_drop(arg, sentence);
}

static const pp_ws_handlers ws_handlers = {.output = ws_output,
                                           .open = ws_open,
                                           .message = ws_message,
                                           .pong = ws_pong,
                                           .http = ws_http,
                                           .closed = ws_closed};

/* Not open in time, or no pong since the last ping: the far end is gone without a word. */
static void alive_due(void *arg)
{
    board_connection *connection = arg;

    if (!connection->open) {
        board_connection_drop(connection, "no WebSocket was opened in time");
    } else if (connection->plain) {
        board_connection_drop(connection, "nothing has come for five minutes");
    } else if (connection->pinged) {
        board_connection_drop(connection, "no answer to a ping");
    } else {
        connection->pinged = true;
        start_alive_timer(connection, PING_INTERVAL_MS);
        if (pp_ws_ping(connection->ws, NULL, 0) < 0)
            board_connection_drop(connection, pipit_error_message());
    }
}

static void start_alive_timer(board_connection *connection, uint64_t delay_ms)
{
    pp_loop_start_timer(connection->board->loop, &connection->alive, delay_ms, alive_due,
                        connection);
}

/* --- coming and sending ----------------------------------------------------------------------- */

/* Puts the layers together. On failure `stream` is still the caller's. */
static int attach(board_connection *connection, pp_stream *stream)
{
    static const pp_ws_server_options options = {.subprotocol = "sip",
                                                 .max_message = PP_LIMIT_SIP_MESSAGE_DEFAULT};
    switchboard *board = connection->board;
    int err =
        pp_ws_server_new(&options, &board->loop->rng, &ws_handlers, connection, &connection->ws);

    if (err)
        return err;
    if (connection->secure)
        return pp_tls_stream_server(board->loop, stream, board->tls, &stream_handlers, connection,
                                    &connection->stream);
    stream->handlers = &stream_handlers;
    stream->arg = connection;
    connection->stream = stream;
    return 0;
}

void board_connection_accept(switchboard *board, pp_stream *stream, bool secure)
{
    board_connection *connection = NULL;
    bool added = false;

    if (HASH_COUNT(board->connections) < PP_LIMIT_CONNECTIONS)
        connection = PP_NEW(board_connection);
    if (!connection) {
        pp_stream_close(stream);
        return;
    }
    connection->board = board;
    connection->secure = secure;
    connection->id = ++board->last_connection;
    stream->ops->addresses(stream, &connection->local, &connection->remote);
    HASH_ADD(hh, board->connections, id, sizeof(connection->id), connection);
    added = connection->hh.tbl != NULL;
    if (added && attach(connection, stream) == 0) {
        start_alive_timer(connection, OPEN_WITHIN_MS);
        return;
    }
    pp_stream_close(stream);
    if (added)
        HASH_DEL(board->connections, connection);
    pp_ws_free(connection->ws);
    pp_free(connection);
}

bool board_connection_send(board_connection *connection, pp_str wire)
{
    if (connection->dropped || !connection->open)
        return false;
    if (pp_stream_queued(connection->stream) > PP_LIMIT_SEND_QUEUE) {
        board_connection_drop(connection, "it does not read what it is sent");
        return false;
    }
    /* RFC 7118 section 4.2: a text frame holds UTF-8 only. */
    if (connection->plain ? pp_stream_send(connection->stream, wire.p, wire.n) < 0
                          : pp_ws_send(connection->ws, wire.p, wire.n, !pp_str_is_utf8(wire)) < 0)
        return false;
    board_trace(connection, SWITCHBOARD_SIP_OUT, wire);
    return !connection->dropped;
}
