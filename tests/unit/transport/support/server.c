/* server.c - a WebSocket server for the tests, and a user. */
#include "unit/transport/support/server.h"

#include <stdio.h>

void server_drop(server *s)
{
    s->ws = pp_ws_free(s->ws);
    s->stream = pp_stream_close(s->stream);
}

static void server_output(void *arg, const uint8_t *data, size_t size)
{
    server *s = arg;

    if (s->stream)
        pp_stream_send(s->stream, data, size);
}

static void server_open(void *arg)
{
    ((server *)arg)->opened++;
}

static void server_message(void *arg, const char *data, size_t size, bool binary)
{
    server *s = arg;

    snprintf(s->heard, sizeof(s->heard), "%s %.*s", binary ? "binary" : "text", (int)size, data);
    pp_ws_send(s->ws, data, size, binary);
}

static void server_closed(void *arg, int code, pp_str reason, bool was_clean, const char *sentence)
{
    server *s = arg;

    (void)sentence;
    snprintf(s->heard, sizeof(s->heard), "closed %d %.*s %d", code, PP_STR(reason), was_clean);
    server_drop(s);
}

static const pp_ws_handlers server_handlers = {.output = server_output,
                                               .open = server_open,
                                               .message = server_message,
                                               .closed = server_closed};

static void server_stream_connected(void *arg)
{
    (void)arg;
}

static void server_stream_data(void *arg, const uint8_t *data, size_t size)
{
    server *s = arg;

    if (s->mute)
        return;
    if (!s->request[0])
        snprintf(s->request, sizeof(s->request), "%.*s", (int)size, (const char *)data);
    if (s->answer) {
        pp_stream_send(s->stream, s->answer, strlen(s->answer));
        server_drop(s);
        return;
    }
    if (s->ws)
        pp_ws_receive(s->ws, data, size);
}

static void server_stream_closed(void *arg, int error, const char *reason)
{
    server *s = arg;

    (void)error;
    if (s->ws)
        pp_ws_eof(s->ws, reason);
    else
        server_drop(s);
}

static const pp_stream_handlers server_stream_handlers = {.connected = server_stream_connected,
                                                          .data = server_stream_data,
                                                          .closed = server_stream_closed};

void server_accepted(void *arg, pp_stream *stream)
{
    server *s = arg;
    const pp_ws_server_options options = {.subprotocol = "sip"};

    s->accepted++;
    s->request[0] = '\0';
    if (s->close_early || s->stream) {
        pp_stream_close(stream);
        return;
    }
    if (s->tls && !s->mute) {
        assert_int_equal(
            pp_tls_stream_server(s->loop, stream, s->tls, &server_stream_handlers, s, &s->stream),
            0);
    } else {
        s->stream = stream;
        stream->handlers = &server_stream_handlers;
        stream->arg = s;
    }
    /* It may be without memory, as all in a sweep; then it closes. */
    if (pp_ws_server_new(&options, &s->loop->rng, &server_handlers, s, &s->ws))
        server_drop(s);
}

uint16_t server_start(server *s, pipit_loop *loop, const char *ip, uint16_t port)
{
    pp_addr at;

    s->loop = loop;
    assert_true(pp_addr_parse(pp_str_c(ip), port, &at));
    assert_int_equal(loop->ops->tcp_listen(loop, &at, server_accepted, s, &s->listener), 0);
    return s->listener->local.port;
}

void server_stop(server *s)
{
    server_drop(s);
    s->listener = pp_listener_close(s->listener);
}

static void user_connected(void *arg)
{
    user *u = arg;

    u->connected++;
    if (u->stop)
        pipit_loop_stop(u->loop);
}

static void user_disconnected(void *arg, bool error, int code, const char *reason)
{
    user *u = arg;

    u->disconnected++;
    u->error = error;
    u->code = code;
    snprintf(u->reason, sizeof(u->reason), "%s", reason);
    if (u->stop)
        pipit_loop_stop(u->loop);
}

static void user_data(void *arg, const pp_wire *wire)
{
    user *u = arg;

    u->messages++;
    snprintf(u->data, sizeof(u->data), "%.*s", PP_STR(wire->text));
    u->size = wire->text.n;
    if (u->release_on_data) {
        pp_socket_detach(u->socket);
        u->socket = pipit_socket_unref(u->socket);
    }
    if (u->stop)
        pipit_loop_stop(u->loop);
}

static const pp_socket_handlers user_handlers = {user_connected, user_disconnected, user_data};

void user_start(user *u, pipit_loop *loop, const char *url, const pipit_websocket_options *options)
{
    u->loop = loop;
    assert_int_equal(pipit_websocket_new_with(loop, url, options, &u->socket), 0);
    assert_int_equal(pp_socket_attach(u->socket, &user_handlers, u), 0);
    pp_socket_connect(u->socket);
    assert_int_equal(u->connected + u->disconnected, 0);
}

void user_end(user *u)
{
    if (u->socket)
        pp_socket_detach(u->socket);
    u->socket = pipit_socket_unref(u->socket);
}

void meeting_open(meeting *m, uint16_t port)
{
    *m = (meeting){0};
    assert_int_equal(sim_new(3, &m->s), 0);
    m->loop = sim_loop(m->s);
    sim_add_host(m->s, "sip.example.com", "192.0.2.1");
    server_start(&m->server, m->loop, "192.0.2.1", port);
}

void meeting_close(meeting *m)
{
    user_end(&m->user);
    server_stop(&m->server);
    sim_advance_ms(m->s, 60000);
    sim_free(m->s);
}
