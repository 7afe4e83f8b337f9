/* turn_sim.c - a simulated network's TURN server. */
#include "support/turn/turn_sim.h"

#include "crypto/certificate.h"
#include "io/tls_stream.h"
#include "support/files.h"
#include "support/scarce.h"

#include <stdlib.h>

typedef struct conn {
    turn_sim *t;
    struct conn *next;
    pp_stream *stream;
    pp_addr client;
    pp_buf in;
} conn;

typedef struct spot { /* a relayed address */
    turn_sim *t;
    pp_udp *udp;
} spot;

struct turn_sim {
    sim *s;
    turn_server server;
    pp_udp *udp;
    pp_listener *tcp, *tls;
    pp_tls_context *context;
    conn *conns;
    spot spots[2 * TURN_CLIENTS];
};

static conn *conn_of(turn_sim *t, const pp_addr *client)
{
    for (conn *c = t->conns; c; c = c->next)
        if (c->stream && pp_addr_eq(&c->client, client))
            return c;
    return NULL;
}

static void on_relayed(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    spot *at = arg;

    at->t->server.now_us = sim_now_us(at->t->s);
    scarce_pause();
    turn_server_relayed(&at->t->server, &at->udp->local, from, data, size);
    scarce_resume();
}

static spot *spot_at(turn_sim *t, const pp_addr *address)
{
    spot *empty = NULL;

    for (size_t i = 0; i < 2 * TURN_CLIENTS; i++) {
        if (t->spots[i].udp && pp_addr_eq(&t->spots[i].udp->local, address))
            return &t->spots[i];
        if (!t->spots[i].udp)
            empty = &t->spots[i];
    }
    assert_non_null(empty);
    return empty;
}

static bool is_allocated(const turn_sim *t, const pp_addr *address)
{
    for (size_t i = 0; i < t->server.client_count; i++)
        if (t->server.clients[i].allocated &&
            pp_addr_eq(&t->server.clients[i].relayed[address->family == 6], address))
            return true;
    return false;
}

/* A socket for each relayed address there is, and for no other. */
static void keep_spots(turn_sim *t)
{
    pipit_loop *loop = sim_loop(t->s);

    for (size_t i = 0; i < 2 * TURN_CLIENTS; i++)
        if (t->spots[i].udp && !is_allocated(t, &t->spots[i].udp->local))
            t->spots[i].udp = pp_udp_close(t->spots[i].udp);
    for (size_t i = 0; i < 2 * t->server.client_count; i++) {
        const turn_client *c = &t->server.clients[i / 2];
        const pp_addr *address = &c->relayed[i % 2];
        spot *at;

        if (!c->allocated || !address->family)
            continue;
        at = spot_at(t, address);
        at->t = t;
        if (!at->udp)
            assert_int_equal(loop->ops->udp_open(loop, address, on_relayed, at, &at->udp), 0);
    }
}

static void receive(turn_sim *t, const pp_addr *client, bool stream, const uint8_t *data,
                    size_t size)
{
    t->server.now_us = sim_now_us(t->s);
    scarce_pause(); /* what is the server's is the test's */
    turn_server_receive(&t->server, client, stream, data, size);
    keep_spots(t);
    scarce_resume();
}

static void server_send(void *arg, const pp_addr *client, const uint8_t *data, size_t size)
{
    turn_sim *t = arg;
    conn *c = conn_of(t, client);

    if (c)
        (void)pp_stream_send(c->stream, data, size);
    else
        (void)pp_udp_send(t->udp, client, data, size);
}

static void server_relay(void *arg, const pp_addr *relayed, const pp_addr *to, const uint8_t *data,
                         size_t size)
{
    turn_sim *t = arg;
    const spot *at = spot_at(t, relayed);

    if (at->udp)
        (void)pp_udp_send(at->udp, to, data, size);
}

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    receive(arg, from, false, data, size);
}

/* --- streams ---------------------------------------------------------------------------------- */

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    conn *c = arg;

    scarce_pause();
    pp_buf_add(&c->in, data, size);
    scarce_resume();
    while (c->in.n >= 4) {
        const uint8_t *p = (const uint8_t *)c->in.p;
        size_t length = (size_t)p[2] << 8 | p[3],
               whole = p[0] >> 6 ? 4 + (length + 3) / 4 * 4 : 20 + length;

        if (c->in.n < whole)
            break;
        receive(c->t, &c->client, true, p, whole);
        pp_buf_consume(&c->in, whole);
    }
    if (!c->in.n)
        pp_buf_free(&c->in);
}

static void on_closed(void *arg, int error, const char *reason)
{
    conn *c = arg;

    (void)error;
    (void)reason;
    turn_server_forget(&c->t->server, &c->client);
    keep_spots(c->t);
    c->stream = pp_stream_close(c->stream);
}

static const pp_stream_handlers stream_handlers = {.data = on_data, .closed = on_closed};

static void on_established(void *arg)
{
    (void)arg;
}

static const pp_stream_handlers tls_handlers = {
    .connected = on_established, .data = on_data, .closed = on_closed};

static conn *add_conn(turn_sim *t, pp_stream *stream)
{
    conn *c = calloc(1, sizeof(*c));
    pp_addr local;

    assert_non_null(c);
    c->t = t;
    c->next = t->conns;
    t->conns = c;
    stream->ops->addresses(stream, &local, &c->client);
    return c;
}

static void on_tcp(void *arg, pp_stream *stream)
{
    conn *c = add_conn(arg, stream);

    c->stream = stream;
    stream->handlers = &stream_handlers;
    stream->arg = c;
}

static void on_tls(void *arg, pp_stream *stream)
{
    turn_sim *t = arg;
    conn *c = add_conn(t, stream);

    assert_int_equal(
        pp_tls_stream_server(sim_loop(t->s), stream, t->context, &tls_handlers, c, &c->stream), 0);
}

static void listen_for_tls(turn_sim *t, pp_addr at, const char *name)
{
    pipit_loop *loop = sim_loop(t->s);
    const char *const names[] = {name, NULL};
    pp_certificate *certificate = NULL;

    assert_int_equal(
        pp_certificate_generate(&loop->rng, pp_loop_wall_us(loop), 30, names, &certificate), 0);
    assert_int_equal(pp_tls_server_context_new(certificate, &t->context), 0);
    pp_certificate_unref(certificate);
    at.port = 5349;
    assert_int_equal(loop->ops->tcp_listen(loop, &at, on_tls, t, &t->tls), 0);
}

turn_sim *turn_sim_new(sim *s, const char *ip, const char *certificate_name)
{
    turn_sim *t = calloc(1, sizeof(*t));
    pipit_loop *loop = sim_loop(s);
    pp_addr at = {0};

    assert_non_null(t);
    t->s = s;
    assert_true(pp_addr_parse(pp_str_c(ip), 3478, &at));
    t->server.send = server_send;
    t->server.relay = server_relay;
    t->server.arg = t;
    t->server.relay_ip[at.family == 6] = at;
    assert_int_equal(loop->ops->udp_open(loop, &at, on_datagram, t, &t->udp), 0);
    assert_int_equal(loop->ops->tcp_listen(loop, &at, on_tcp, t, &t->tcp), 0);
    if (certificate_name)
        listen_for_tls(t, at, certificate_name);
    return t;
}

turn_server *turn_sim_server(turn_sim *t)
{
    return &t->server;
}

unsigned turn_sim_allocations(turn_sim *t)
{
    unsigned count = 0;

    for (size_t i = 0; i < t->server.client_count; i++)
        count += t->server.clients[i].allocated;
    return count;
}

void turn_sim_free(turn_sim *t)
{
    while (t->conns) {
        conn *c = t->conns;

        t->conns = c->next;
        pp_stream_close(c->stream);
        pp_buf_free(&c->in);
        free(c);
    }
    for (size_t i = 0; i < 2 * TURN_CLIENTS; i++)
        pp_udp_close(t->spots[i].udp);
    pp_udp_close(t->udp);
    pp_listener_close(t->tcp);
    pp_listener_close(t->tls);
    pp_tls_context_unref(t->context);
    free(t);
}
