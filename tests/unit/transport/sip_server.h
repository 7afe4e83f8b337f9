/* sip_server.h - a SIP server over UDP, TCP and TLS on any loop, that behaves as it is told; and the user of a socket to it. */
#ifndef PP_TESTS_TRANSPORT_SIP_SERVER_H
#define PP_TESTS_TRANSPORT_SIP_SERVER_H

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/loop.h"
#include "io/tls_stream.h"
#include "stun/stun.h"
#include "support/files.h"
#include "support/scarce.h"
#include "transport/framing.h"
#include "transport/socket.h"

#include <stdio.h>

typedef struct sip_server {
    pipit_loop *loop;
    pp_listener *listener;
    pp_tls_context *tls; /* NULL: plain */
    pp_stream *stream;
    pp_framing framing;
    pp_udp *udp;
    pp_addr from;         /* of the last datagram */
    bool pongs, stun;     /* answers keep-alives */
    const char *answer;   /* to every message; NULL: none */
    uint16_t mapped_port; /* told by STUN; 0: the true one */
    unsigned accepted, messages, datagrams, pings, bindings, lines;
    char heard[4096]; /* the last message */
} sip_server;

static inline void sip_server_drop(sip_server *s)
{
    s->stream = pp_stream_close(s->stream);
    pp_framing_free(&s->framing);
}

static inline void sip_server_take(sip_server *s, const char *data, size_t size)
{
    s->messages++;
    snprintf(s->heard, sizeof(s->heard), "%.*s", (int)size, data);
}

static inline void sip_server_data(void *arg, const uint8_t *data, size_t size)
{
    sip_server *s = arg;
    pp_frame frame;

    scarce_pause();
    assert_int_equal(pp_framing_add(&s->framing, data, size), 0);
    while (s->stream && pp_framing_next(&s->framing, &frame) == 0 && frame.kind) {
        if (frame.kind == PP_FRAME_MESSAGE) {
            sip_server_take(s, frame.message.p, frame.message.n);
            if (s->answer)
                pp_stream_send(s->stream, s->answer, strlen(s->answer));
        } else if (frame.kind == PP_FRAME_PING) {
            s->pings++;
            if (s->pongs)
                pp_stream_send(s->stream, "\r\n", 2);
        }
    }
    scarce_resume();
}

static inline void sip_server_closed(void *arg, int error, const char *reason)
{
    (void)error;
    (void)reason;
    sip_server_drop(arg);
}

static inline void sip_server_connected(void *arg)
{
    (void)arg;
}

static const pp_stream_handlers sip_server_handlers = {
    .connected = sip_server_connected, .data = sip_server_data, .closed = sip_server_closed};

static inline void sip_server_accepted(void *arg, pp_stream *stream)
{
    sip_server *s = arg;

    s->accepted++;
    sip_server_drop(s);
    if (s->tls) {
        assert_int_equal(
            pp_tls_stream_server(s->loop, stream, s->tls, &sip_server_handlers, s, &s->stream), 0);
        return;
    }
    s->stream = stream;
    stream->handlers = &sip_server_handlers;
    stream->arg = s;
}

static inline void sip_server_answer_stun(sip_server *s, const uint8_t *data, size_t size)
{
    pp_stun request, answer = {.kind = PP_STUN_SUCCESS, .method = PP_STUN_BINDING};
    pp_buf packet = {0};

    assert_int_equal(pp_stun_parse(data, size, &request), 0);
    s->bindings++;
    if (!s->stun)
        return;
    memcpy(answer.transaction, request.transaction, sizeof(answer.transaction));
    answer.has_mapped = true;
    answer.mapped = s->from;
    if (s->mapped_port)
        answer.mapped.port = s->mapped_port;
    assert_int_equal(pp_stun_write(&answer, PP_STR_NONE, &packet), 0);
    pp_udp_send(s->udp, &s->from, packet.p, packet.n);
    pp_buf_free(&packet);
}

static inline void sip_server_datagram(void *arg, const pp_addr *from, const uint8_t *data,
                                       size_t size)
{
    sip_server *s = arg;

    scarce_pause();
    s->from = *from;
    s->datagrams++;
    if (pp_stun_is(data, size)) {
        sip_server_answer_stun(s, data, size);
    } else if (size == 4 && memcmp(data, "\r\n\r\n", 4) == 0) {
        s->lines++;
    } else {
        sip_server_take(s, (const char *)data, size);
        if (s->answer)
            pp_udp_send(s->udp, from, s->answer, strlen(s->answer));
    }
    scarce_resume();
}

static inline pp_addr sip_server_at(const char *ip, uint16_t port)
{
    pp_addr at;

    assert_true(pp_addr_parse(pp_str_c(ip), port, &at));
    return at;
}

static inline uint16_t sip_server_listen(sip_server *s, pipit_loop *loop, const char *ip,
                                         uint16_t port)
{
    pp_addr at = sip_server_at(ip, port);

    s->loop = loop;
    assert_int_equal(loop->ops->tcp_listen(loop, &at, sip_server_accepted, s, &s->listener), 0);
    return s->listener->local.port;
}

static inline uint16_t sip_server_bind(sip_server *s, pipit_loop *loop, const char *ip,
                                       uint16_t port)
{
    pp_addr at = sip_server_at(ip, port);

    s->loop = loop;
    assert_int_equal(loop->ops->udp_open(loop, &at, sip_server_datagram, s, &s->udp), 0);
    s->udp->largest = 65507;
    return s->udp->local.port;
}

static inline void sip_server_stop(sip_server *s)
{
    sip_server_drop(s);
    s->listener = pp_listener_close(s->listener);
    s->udp = pp_udp_close(s->udp);
}

/* --- the user of a socket --------------------------------------------------------------------- */

typedef struct sip_user {
    pipit_loop *loop;
    pipit_socket *socket;
    unsigned connected, disconnected, messages;
    bool error, stop, release_on_data;
    char reason[600], data[4096];
} sip_user;

static inline void sip_user_turn(sip_user *u)
{
    if (u->stop)
        pipit_loop_stop(u->loop);
}

static inline void sip_user_connected(void *arg)
{
    ((sip_user *)arg)->connected++;
    sip_user_turn(arg);
}

static inline void sip_user_disconnected(void *arg, bool error, int code, const char *reason)
{
    sip_user *u = arg;

    assert_int_equal(code, 0);
    u->disconnected++;
    u->error = error;
    snprintf(u->reason, sizeof(u->reason), "%s", reason);
    sip_user_turn(u);
}

static inline void sip_user_data(void *arg, const pp_wire *wire)
{
    sip_user *u = arg;

    u->messages++;
    snprintf(u->data, sizeof(u->data), "%.*s", PP_STR(wire->text));
    if (u->release_on_data) {
        pp_socket_detach(u->socket);
        u->socket = pipit_socket_unref(u->socket);
    }
    sip_user_turn(u);
}

static const pp_socket_handlers sip_user_handlers = {sip_user_connected, sip_user_disconnected,
                                                     sip_user_data};

static inline void sip_user_start(sip_user *u, pipit_loop *loop, const char *uri,
                                  const pipit_sip_socket_options *options)
{
    u->loop = loop;
    u->connected = u->disconnected = 0;
    u->reason[0] = '\0';
    assert_int_equal(pipit_sip_socket_new_with(loop, uri, options, &u->socket), 0);
    assert_int_equal(pp_socket_attach(u->socket, &sip_user_handlers, u), 0);
    pp_socket_connect(u->socket);
    assert_int_equal(u->connected + u->disconnected, 0);
}

static inline void sip_user_end(sip_user *u)
{
    if (u->socket)
        pp_socket_detach(u->socket);
    u->socket = pipit_socket_unref(u->socket);
}

static inline bool sip_user_send(sip_user *u, const char *text)
{
    return pp_socket_send(u->socket, text, strlen(text));
}

/* A request with that transport in its Via, of at least `size` octets, in a static buffer. */
static inline const char *sip_request(const char *method, const char *transport, size_t size)
{
    static char text[8192];
    char body[4096];

    memset(body, 'x', sizeof(body));
    body[size < sizeof(body) ? size : sizeof(body) - 1] = '\0';
    snprintf(
        text, sizeof(text),
        "%s sip:example.test SIP/2.0\r\nVia: SIP/2.0/%s 192.0.2.1:5060;rport;branch=z9hG4bKa\r\n"
        "From: <sip:a@example.test>;tag=a\r\nTo: <sip:a@example.test>\r\nCall-ID: c\r\n"
        "CSeq: 1 %s\r\nMax-Forwards: 70\r\nContent-Length: %zu\r\n\r\n%s",
        method, transport, method, strlen(body), body);
    return text;
}

#define SIP_ANSWER(status, method)                                                                 \
    "SIP/2.0 " status "\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n"                    \
    "From: <sip:a@example.test>;tag=a\r\nTo: <sip:a@example.test>;tag=b\r\nCall-ID: c\r\n"         \
    "CSeq: 1 " method "\r\nContent-Length: 0\r\n\r\n"

#endif
