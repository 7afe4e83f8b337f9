/* websocket.c - the built-in socket: TCP, TLS where the URL says wss, the upgrade, and pings while it is up (RFC 7118). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/connect.h"
#include "io/tls_stream.h"
#include "transport/socket.h"
#include "transport/websocket_url.h"
#include "ws/ws.h"

#include <stdarg.h>
#include <stdio.h>

#define CONNECT_TIMEOUT_MS 10000u
#define PING_INTERVAL_MS                                                                           \
    25000u /* below the half minute after which home routers forget a connection */
#define FRAME_OVERHEAD 14u
#define SENTENCE       384
#define ABNORMAL       1006 /* what a browser reports when there was no close frame */

typedef struct websocket {
    pipit_socket *socket; /* our public face, which owns us */
    pipit_loop *loop;
    pp_websocket_url url;
    char *verify_name, *origin;
    char **extra_headers; /* NULL at the end */
    unsigned connect_timeout_ms, ping_interval_ms;
    pp_tls_context *tls;

    uint64_t give_up_ms;
    pp_connect *connecting;
    pp_stream *stream;
    pp_ws *ws;
    pp_timer deadline, ping;
    pp_post failure; /* one that was found inside connect() */
    bool pong_due, output_failed;
} websocket;

/* --- the end of a connection ------------------------------------------------------------------ */

static void tear_down(websocket *w)
{
    w->connecting = pp_connect_cancel(w->connecting);
    pp_loop_stop_timer(w->loop, &w->deadline);
    pp_loop_stop_timer(w->loop, &w->ping);
    pp_loop_unpost(w->loop, &w->failure);
    w->ws = pp_ws_free(w->ws);
    w->stream = pp_stream_close(w->stream);
    w->pong_due = false;
}

static void fail(websocket *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fail(websocket *w, const char *format, ...)
{
    char reason[SENTENCE];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    tear_down(w);
    pipit_socket_disconnected(w->socket, true, ABNORMAL, reason);
}

/* The owner of the socket hears of it when its call has returned. */
static void on_not_started(void *arg)
{
    fail(arg, "the connection could not be started for want of memory or descriptors");
}

/* --- the WebSocket machine's handlers --------------------------------------------------------- */

static void on_output(void *arg, const uint8_t *data, size_t size)
{
    websocket *w = arg;

    if (!w->stream || pp_stream_send(w->stream, data, size))
        w->output_failed = true;
}

static void on_ping_time(void *arg)
{
    websocket *w = arg;

    if (w->pong_due) {
        fail(w, "the server did not answer a ping within %u ms", w->ping_interval_ms);
        return;
    }
    w->pong_due = pp_ws_ping(w->ws, NULL, 0) == 0;
    pp_loop_start_timer(w->loop, &w->ping, w->ping_interval_ms, on_ping_time, w);
}

static void on_open(void *arg)
{
    websocket *w = arg;

    pp_loop_stop_timer(w->loop, &w->deadline);
    pp_loop_start_timer(w->loop, &w->ping, w->ping_interval_ms, on_ping_time, w);
    pipit_socket_connected(w->socket);
}

static void on_message(void *arg, const char *data, size_t size, bool binary)
{
    websocket *w = arg;

    (void)binary; /* RFC 7118 section 4.2: either kind carries a SIP message */
    pipit_socket_data(w->socket, data, size);
}

static void on_pong(void *arg)
{
    ((websocket *)arg)->pong_due = false;
}

static void on_ws_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    websocket *w = arg;
    char text[SENTENCE];

    if (was_clean)
        snprintf(text, sizeof(text), "%.*s", PP_STR(reason));
    else
        snprintf(text, sizeof(text), "%s", sentence);
    tear_down(w);
    pipit_socket_disconnected(w->socket, !was_clean, code, text);
}

static const pp_ws_handlers ws_handlers = {.output = on_output,
                                           .open = on_open,
                                           .message = on_message,
                                           .pong = on_pong,
                                           .closed = on_ws_closed};

/* --- the stream's handlers -------------------------------------------------------------------- */

static pp_ws_client_options client_options(const websocket *w)
{
    return (pp_ws_client_options){
        .host = w->url.host_header,
        .target = w->url.target,
        .origin = w->origin,
        .subprotocol = "sip",
        .max_message = PP_LIMIT_SIP_MESSAGE, /* what is too much is the user agent's to say */
        .extra_headers = (const char *const *)w->extra_headers};
}

static void upgrade(void *arg)
{
    websocket *w = arg;
    const pp_ws_client_options options = client_options(w);

    if (pp_ws_client_new(&options, &w->loop->rng, &ws_handlers, w, &w->ws))
        fail(w, "%s", pipit_error_message());
    else
        pp_ws_start(w->ws);
}

static void on_stream_data(void *arg, const uint8_t *data, size_t size)
{
    websocket *w = arg;

    if (w->ws)
        pp_ws_receive(w->ws, data, size);
}

static void on_stream_closed(void *arg, int error, const char *reason)
{
    websocket *w = arg;

    (void)error;
    if (w->ws)
        pp_ws_eof(w->ws, reason);
    else
        fail(w, "%s", reason);
}

static const pp_stream_handlers stream_handlers = {
    .connected = upgrade, .data = on_stream_data, .closed = on_stream_closed};

/* --- connecting ------------------------------------------------------------------------------- */

static void on_deadline(void *arg)
{
    websocket *w = arg;

    fail(w, "%s did not %s within %u ms", w->url.host_header,
         w->ws ? "answer the upgrade" : "finish the TLS handshake", w->connect_timeout_ms);
}

static int take_stream(websocket *w, pp_stream *stream)
{
    const char *name = w->verify_name ? w->verify_name : w->url.host;

    if (w->url.secure)
        return pp_tls_stream_client(w->loop, stream, w->tls, name, &stream_handlers, w, &w->stream);
    stream->handlers = &stream_handlers;
    stream->arg = w;
    w->stream = stream;
    return 0;
}

static void on_tcp(void *arg, int error, const char *reason, pp_stream *stream)
{
    websocket *w = arg;
    uint64_t now_ms = pp_loop_now_ms(w->loop);

    w->connecting = NULL;
    if (error) {
        fail(w, "%s", reason);
        return;
    }
    if (take_stream(w, stream)) {
        pp_stream_close(stream);
        fail(w, "%s", pipit_error_message());
        return;
    }
    pp_loop_start_timer(w->loop, &w->deadline, w->give_up_ms > now_ms ? w->give_up_ms - now_ms : 0,
                        on_deadline, w);
    if (!w->url.secure)
        upgrade(w);
}

static void websocket_connect(void *self)
{
    websocket *w = self;

    if (w->connecting || w->stream || w->failure.queued)
        return;
    w->give_up_ms = pp_loop_now_ms(w->loop) + w->connect_timeout_ms;
    if (pp_connect_start(w->loop, w->url.host, w->url.port, w->connect_timeout_ms, on_tcp, w,
                         &w->connecting))
        pp_loop_post(w->loop, &w->failure, on_not_started, w);
}

static void websocket_disconnect(void *self)
{
    websocket *w = self;

    if (w->ws)
        (void)pp_ws_close(w->ws, 0,
                          NULL); /* refused when it is not open yet, which needs no close frame */
    tear_down(w);
}

static bool websocket_send(void *self, const char *data, size_t size)
{
    websocket *w = self;

    if (!w->ws || !pp_ws_is_open(w->ws) || size > PP_LIMIT_SEND_QUEUE / 2 ||
        pp_stream_queued(w->stream) + size + FRAME_OVERHEAD > PP_LIMIT_SEND_QUEUE)
        return false;
    w->output_failed = false;
    /* A text frame must be UTF-8; what is not goes as binary. */
    return pp_ws_send(w->ws, data, size, !pp_str_is_utf8(pp_str_n(data, size))) == 0 &&
           !w->output_failed;
}

/* --- made and released ------------------------------------------------------------------------ */

static void websocket_release(void *self)
{
    websocket *w = self;

    tear_down(w);
    pp_websocket_url_free(&w->url);
    pp_free(w->verify_name);
    pp_free(w->origin);
    for (char **line = w->extra_headers; line && *line; line++)
        pp_free(*line);
    pp_free(w->extra_headers);
    pp_tls_context_unref(w->tls);
    pipit_loop_unref(w->loop);
    pp_free(w);
}

static const pipit_socket_interface websocket_functions = {websocket_connect, websocket_disconnect,
                                                           websocket_send, websocket_release};

static int copy_text(const char *from, char **to)
{
    *to = pp_strdup(from);
    return from && !*to ? PIPIT_ERR_MEMORY : 0;
}

static int copy_headers(const char *const *from, websocket *w)
{
    size_t count = 0;
    int err = 0;

    while (from && from[count])
        count++;
    w->extra_headers = pp_array(count + 1, sizeof(*w->extra_headers));
    if (!w->extra_headers)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; !err && i < count; i++)
        err = copy_text(from[i], &w->extra_headers[i]);
    return err;
}

static int copy_options(const pipit_websocket_options *options, websocket *w)
{
    int err = copy_text(options->verify_name, &w->verify_name);

    if (!err)
        err = copy_text(options->origin, &w->origin);
    if (!err)
        err = copy_headers(options->extra_headers, w);
    w->connect_timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    w->ping_interval_ms = options->ping_interval_ms ? options->ping_interval_ms : PING_INTERVAL_MS;
    return err;
}

/* A machine that is made and dropped: what it would refuse later is refused now. */
static int check_upgrade(const websocket *w)
{
    const pp_ws_client_options options = client_options(w);
    pp_ws *ws = NULL;
    int err = pp_ws_client_new(&options, &w->loop->rng, &ws_handlers, NULL, &ws);

    pp_ws_free(ws);
    return err;
}

static int make_tls(const pipit_websocket_options *options, websocket *w)
{
    const pp_tls_client_options tls = {.ca_file = options->ca_file, .insecure = options->insecure};

    return w->url.secure ? pp_tls_client_context_shared(&w->loop->tls, &tls, &w->tls) : 0;
}

int pipit_websocket_new_with(pipit_loop *loop, const char *url,
                             const pipit_websocket_options *options, pipit_socket **out)
{
    static const pipit_websocket_options defaults = {0};
    websocket *w;
    int err;

    if (!loop || !url || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "websocket: a loop, a url and a place for the socket are needed");
    w = PP_NEW(websocket);
    if (!w)
        return PIPIT_ERR_MEMORY;
    w->loop = pipit_loop_ref(loop);
    err = pp_websocket_url_parse(pp_str_c(url), &w->url);
    if (!err)
        err = copy_options(options ? options : &defaults, w);
    if (!err)
        err = check_upgrade(w);
    if (!err)
        err = make_tls(options ? options : &defaults, w);
    if (!err)
        err = pipit_socket_new(&websocket_functions, w, w->url.secure ? "WSS" : "WS", url,
                               w->url.sip_uri, &w->socket);
    if (err)
        websocket_release(w);
    else
        *out = w->socket;
    return err;
}

int pipit_websocket_new(pipit_loop *loop, const char *url, pipit_socket **out)
{
    return pipit_websocket_new_with(loop, url, NULL, out);
}
