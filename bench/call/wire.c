/* wire.c - the callee's end of the connection: what a server would do between the two is left out. */
#include "wire.h"

#include "base/loop.h"
#include "transport/framing.h"
#include "transport/socket.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct wire {
    pipit_loop *loop;
    pipit_socket *socket;
    uint16_t port;
    pp_listener *listener;
    pp_stream *stream;
    pp_framing framing;
    void (*lost)(void *arg);
    void *arg;
} wire;

static void on_connected(void *arg)
{
    (void)arg; /* it is, already */
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    wire *w = arg;
    pp_frame frame;

    if (pp_framing_add(&w->framing, data, size))
        exit(EXIT_FAILURE);
    while (pp_framing_next(&w->framing, &frame) == 0 && frame.kind != PP_FRAME_NONE)
        if (frame.kind == PP_FRAME_MESSAGE)
            pp_socket_take(w->socket, &(pp_wire){frame.message, frame.marks});
}

static void on_closed(void *arg, int error, const char *reason)
{
    wire *w = arg;

    (void)error;
    (void)reason;
    w->stream = pp_stream_close(w->stream);
    w->lost(w->arg);
}

static const pp_stream_handlers stream_handlers = {
    .connected = on_connected, .data = on_data, .closed = on_closed};

static void on_accepted(void *arg, pp_stream *stream)
{
    wire *w = arg;

    stream->handlers = &stream_handlers;
    stream->arg = w;
    w->stream = stream;
    pipit_socket_connected(w->socket);
}

static void wire_connect(void *self)
{
    wire *w = self;
    pp_addr at;

    if (!pp_addr_parse(PP_LIT("127.0.0.1"), w->port, &at) ||
        w->loop->ops->tcp_listen(w->loop, &at, on_accepted, w, &w->listener)) {
        fprintf(stderr, "bench call: %s\n", pipit_error_message());
        exit(EXIT_FAILURE);
    }
}

static void wire_disconnect(void *self)
{
    wire *w = self;

    w->listener = pp_listener_close(w->listener);
    w->stream = pp_stream_close(w->stream);
}

static bool wire_send(void *self, const char *data, size_t size)
{
    wire *w = self;

    return w->stream && pp_stream_send(w->stream, data, size) == 0;
}

static void wire_release(void *self)
{
    wire *w = self;

    wire_disconnect(w);
    pp_framing_free(&w->framing);
    free(w);
}

static const pipit_socket_interface functions = {.connect = wire_connect,
                                                 .disconnect = wire_disconnect,
                                                 .send = wire_send,
                                                 .release = wire_release};

pipit_socket *bench_wire_new(pipit_loop *loop, uint16_t port, void (*lost)(void *arg), void *arg)
{
    wire *w = calloc(1, sizeof(*w));

    if (!w)
        exit(EXIT_FAILURE);
    w->loop = loop;
    w->port = port;
    w->lost = lost;
    w->arg = arg;
    if (pipit_socket_new(&functions, w, "TCP", "tcp://bench.invalid",
                         "sip:bench.invalid;transport=tcp", &w->socket))
        exit(EXIT_FAILURE);
    return w->socket;
}
