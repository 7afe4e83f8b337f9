/* websocket.c - the built-in socket: TCP, the way through a proxy, TLS where the URL says wss, the upgrade, and pings while it
 * is up (RFC 7118). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/network.h"
#include "io/connect.h"
#include "io/tls_stream.h"
#include "transport/socket.h"
#include "transport/websocket_settings.h"
#include "ws/tunnel.h"

#include <stdarg.h>
#include <stdio.h>

#define FRAME_OVERHEAD 14u
/* It waits twice while TLS is at work. */
#define LARGEST_MESSAGE (PP_LIMIT_SEND_QUEUE / 2)
#define SENTENCE        512
#define ABNORMAL        1006 /* what a browser reports when there was no close frame */

typedef struct websocket {
    pipit_socket *socket; /* our public face, which owns us */
    pipit_loop *loop;
    pp_websocket_settings settings;

    uint64_t give_up_ms;
    pp_connect *connecting;
    pp_stream *stream;
    pp_tunnel tunnel;
    pp_ws *ws;
    pp_timer deadline; /* of what is under way: connecting, or a pong */
    pp_timer ping;
    pp_post failure; /* one that was found inside connect() */
    bool tunnelling, output_failed;
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
    pp_tunnel_free(&w->tunnel);
    w->tunnelling = false;
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

static void on_pong_missing(void *arg)
{
    websocket *w = arg;

    fail(w, "the server did not answer a ping within %u ms", w->settings.pong_timeout_ms);
}

static void on_ping_time(void *arg)
{
    websocket *w = arg;

    if (pp_ws_ping(w->ws, NULL, 0) == 0)
        pp_loop_start_timer(w->loop, &w->deadline, w->settings.pong_timeout_ms, on_pong_missing, w);
    else /* for want of memory: the next one will do */
        pp_loop_start_timer(w->loop, &w->ping, w->settings.ping_interval_ms, on_ping_time, w);
}

static void start_pings(websocket *w)
{
    pp_loop_stop_timer(w->loop, &w->deadline);
    if (w->settings.ping_interval_ms)
        pp_loop_start_timer(w->loop, &w->ping, w->settings.ping_interval_ms, on_ping_time, w);
}

static void on_open(void *arg)
{
    websocket *w = arg;

    start_pings(w);
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
    websocket *w = arg;

    if (w->deadline.armed) /* it is the one that was asked for */
        start_pings(w);
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

static void upgrade(void *arg)
{
    websocket *w = arg;
    const pp_ws_client_options options = pp_websocket_upgrade(&w->settings);

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
    const pp_websocket_settings *s = &w->settings;

    if (w->tunnelling)
        fail(w, "the proxy %s:%u did not answer CONNECT within %u ms", s->proxy.host,
             (unsigned)s->proxy.port, s->connect_timeout_ms);
    else
        fail(w, "%s did not %s within %u ms", s->url.host_header,
             w->ws ? "answer the upgrade" : "finish the TLS handshake", s->connect_timeout_ms);
}

static int take_stream(websocket *w, pp_stream *stream)
{
    const pp_websocket_settings *s = &w->settings;
    const char *name = s->verify_name ? s->verify_name : s->url.host;

    if (s->url.secure)
        return pp_tls_stream_client(w->loop, stream, s->tls, name, &stream_handlers, w, &w->stream);
    stream->handlers = &stream_handlers;
    stream->arg = w;
    w->stream = stream;
    return 0;
}

/* The stream reaches the server, and has nothing of it yet. */
static void begin(websocket *w, pp_stream *stream)
{
    if (take_stream(w, stream)) {
        pp_stream_close(stream);
        fail(w, "%s", pipit_error_message());
        return;
    }
    if (!w->settings.url.secure)
        upgrade(w);
}

static void on_proxy_data(void *arg, const uint8_t *data, size_t size)
{
    websocket *w = arg;
    pp_stream *stream = w->stream;
    char sentence[PP_WS_REFUSAL];

    switch (pp_tunnel_receive(&w->tunnel, data, size, sentence)) {
    case PP_TUNNEL_MORE:
        break;
    case PP_TUNNEL_REFUSED:
        fail(w, "%s", sentence);
        break;
    case PP_TUNNEL_OPEN:
        pp_tunnel_free(&w->tunnel);
        w->tunnelling = false;
        w->stream = NULL;
        begin(w, stream);
        break;
    }
}

static void on_proxy_closed(void *arg, int error, const char *reason)
{
    (void)error;
    fail(arg, "the proxy did not open the way: %s", reason);
}

static void on_proxy_connected(void *arg)
{
    (void)arg; /* it is, already */
}

static const pp_stream_handlers proxy_handlers = {
    .connected = on_proxy_connected, .data = on_proxy_data, .closed = on_proxy_closed};

static void ask_proxy(websocket *w, pp_stream *stream)
{
    const pp_websocket_settings *s = &w->settings;
    char *request = NULL;
    int err = pp_tunnel_request(s->url.host, s->url.port, s->proxy.authorization, &request);

    stream->handlers = &proxy_handlers;
    stream->arg = w;
    w->stream = stream;
    w->tunnelling = true;
    if (!err)
        err = pp_stream_send(stream, request, strlen(request));
    pp_free_secret(request);
    if (err)
        fail(w, "%s", pipit_error_message());
}

static void on_tcp(void *arg, int error, const char *reason, pp_stream *stream)
{
    websocket *w = arg;
    uint64_t now_ms = pp_loop_now_ms(w->loop);

    w->connecting = NULL;
    if (error) {
        fail(w, w->settings.proxy.host ? "the proxy cannot be reached: %s" : "%s", reason);
        return;
    }
    pp_loop_start_timer(w->loop, &w->deadline, w->give_up_ms > now_ms ? w->give_up_ms - now_ms : 0,
                        on_deadline, w);
    if (w->settings.proxy.host)
        ask_proxy(w, stream);
    else
        begin(w, stream);
}

static void websocket_connect(void *self)
{
    websocket *w = self;
    const pp_websocket_settings *s = &w->settings;
    bool direct = !s->proxy.host;

    if (w->connecting || w->stream || pp_post_is_queued(&w->failure))
        return;
    w->give_up_ms = pp_loop_now_ms(w->loop) + s->connect_timeout_ms;
    if (pp_connect_start(w->loop, direct ? s->url.host : s->proxy.host,
                         direct ? s->url.port : s->proxy.port, s->connect_timeout_ms, on_tcp, w,
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

static size_t websocket_buffered_amount(void *self)
{
    const websocket *w = self;

    return w->stream ? pp_stream_queued(w->stream) : 0;
}

static bool websocket_send(void *self, const char *data, size_t size)
{
    websocket *w = self;
    size_t limit = w->settings.max_buffered, waiting;

    if (!w->ws || !pp_ws_is_open(w->ws)) {
        pp_error(PIPIT_ERR_STATE, "websocket: not open");
        return false;
    }
    if (size > LARGEST_MESSAGE) {
        pp_error(PIPIT_ERR_LIMIT, "websocket: a message of %zu octets is above the limit, %u", size,
                 LARGEST_MESSAGE);
        return false;
    }
    waiting = pp_stream_queued(w->stream);
    if (size + FRAME_OVERHEAD > limit || waiting > limit - size - FRAME_OVERHEAD) {
        pp_error(PIPIT_ERR_LIMIT,
                 "websocket: %zu octets are more than max_buffered_amount lets wait: %zu of %zu do",
                 size, waiting, limit);
        return false;
    }
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
    pp_websocket_settings_free(&w->settings);
    pipit_loop_unref(w->loop);
    pp_free(w);
}

static bool websocket_is_stranded(void *self)
{
    const websocket *w = self;
    pp_addr local = {0}, server;

    if (w->stream)
        w->stream->ops->addresses(w->stream, &local, &server);
    return local.family && !pp_loop_has_address(w->loop, &local);
}

static const pipit_socket_interface websocket_functions = {
    .is_stranded = websocket_is_stranded,
    .connect = websocket_connect,
    .disconnect = websocket_disconnect,
    .send = websocket_send,
    .release = websocket_release,
    .buffered_amount = websocket_buffered_amount,
};

static int make_socket(websocket *w, const char *via_transport)
{
    pp_websocket_url *url = &w->settings.url;
    int err;

    if (!via_transport)
        via_transport = url->secure ? "WSS" : "WS";
    err = pipit_socket_new(&websocket_functions, w, via_transport, url->text, url->sip_uri,
                           &w->socket);
    if (!err)
        pp_websocket_url_free_texts(url); /* the socket has its own */
    return err;
}

int pipit_websocket_new_with(pipit_loop *loop, const char *url,
                             const pipit_websocket_options *options, pipit_socket **out)
{
    websocket *w;
    int err;

    if (!loop || !url || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "websocket: a loop, a url and a place for the socket are needed");
    w = PP_NEW(websocket);
    if (!w)
        return PIPIT_ERR_MEMORY;
    w->loop = pipit_loop_ref(loop);
    err = pp_websocket_settings_make(loop, url, options, &w->settings);
    if (!err)
        err = make_socket(w, options ? options->via_transport : NULL);
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
