/* memory.c - a look-up, a connection and TLS over it on a real loop while every allocation in turn fails. */
#include "io/connect.h"
#include "io/tls_stream.h"

#include "support/scarce.h"
#include "unit/io/pair.h"

#include <time.h>

typedef struct end {
    struct world *world;
    pp_stream *stream;
} end;

struct world {
    pipit_loop *loop;
    pp_tls_context *server_context, *client_context;
    pp_listener *listener;
    pp_connect *connect;
    pp_udp *udp;
    pp_timer guard;
    end client, server;
    bool echoed, guarded, over;
};

static void stop(struct world *w)
{
    w->over = true;
    pipit_loop_stop(w->loop);
}

static void on_guard(void *arg)
{
    struct world *w = arg;

    w->guarded = true;
    stop(w);
}

static void on_established(void *arg)
{
    end *e = arg;

    if (e == &e->world->client && pp_stream_send(e->stream, "hello", 5))
        stop(e->world);
}

static void on_data(void *arg, const uint8_t *data, size_t size)
{
    end *e = arg;

    if (e == &e->world->client) {
        e->world->echoed = size == 5;
        stop(e->world);
    } else if (pp_stream_send(e->stream, data, size)) {
        stop(e->world);
    }
}

static void on_closed(void *arg, int error, const char *reason)
{
    end *e = arg;

    (void)error;
    assert_non_null(reason);
    e->stream = pp_stream_close(e->stream);
    stop(e->world);
}

static const pp_stream_handlers end_handlers = {
    .connected = on_established, .data = on_data, .closed = on_closed};

static void on_accepted(void *arg, pp_stream *stream)
{
    struct world *w = arg;

    if (w->server.stream || pp_tls_stream_server(w->loop, stream, w->server_context, &end_handlers,
                                                 &w->server, &w->server.stream))
        pp_stream_close(stream);
}

static void on_connected(void *arg, int error, const char *reason, pp_stream *stream)
{
    struct world *w = arg;

    w->connect = NULL;
    assert_non_null(reason);
    if (error)
        stop(w);
    else if (pp_tls_stream_client(w->loop, stream, w->client_context, "localhost", &end_handlers,
                                  &w->client, &w->client.stream)) {
        pp_stream_close(stream);
        stop(w);
    }
}

static void on_datagram(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    (void)arg;
    (void)from;
    (void)data;
    (void)size;
}

static int start(struct world *w)
{
    pp_addr at = loopback(0);
    int err = pipit_loop_new(&w->loop);

    if (!err)
        err = w->loop->ops->tcp_listen(w->loop, &at, on_accepted, w, &w->listener);
    if (!err)
        err = w->loop->ops->udp_open(w->loop, &at, on_datagram, w, &w->udp);
    if (!err)
        err = pp_udp_send(w->udp, &w->udp->local, "x", 1);
    if (!err)
        err = pp_connect_start(w->loop, "localhost", w->listener->local.port, 5000, on_connected, w,
                               &w->connect);
    return err;
}

static void live(struct world *w)
{
    w->client.world = w->server.world = w;
    if (start(w) == 0) {
        pp_loop_start_timer(w->loop, &w->guard, 3000, on_guard, w);
        assert_int_equal(pipit_loop_run(w->loop), 0);
        pp_loop_stop_timer(w->loop, &w->guard);
    }
    w->connect = pp_connect_cancel(w->connect);
    w->client.stream = pp_stream_close(w->client.stream);
    w->server.stream = pp_stream_close(w->server.stream);
    w->listener = pp_listener_close(w->listener);
    w->udp = pp_udp_close(w->udp);
    pipit_loop_unref(w->loop);
}

static void a_connection_survives_every_failed_allocation(void **state)
{
    static const char *const names[] = {"localhost", NULL};
    const pp_rng rng = pp_rng_system();
    pp_certificate *certificate = NULL;
    struct timespec now;
    uint64_t n = 0;

    (void)state;
    clock_gettime(CLOCK_REALTIME, &now);
    assert_int_equal(
        pp_certificate_generate(&rng, (uint64_t)now.tv_sec * 1000000, 2, names, &certificate), 0);
    do {
        struct world w = {0};

        scarce_begin(0);
        assert_int_equal(pp_tls_server_context_new(certificate, &w.server_context), 0);
        assert_int_equal(pp_tls_client_context_new(&(pp_tls_client_options){.insecure = true},
                                                   &w.client_context),
                         0);
        scarce_fail(++n);
        live(&w);
        scarce_relax();
        pp_tls_context_unref(w.server_context);
        pp_tls_context_unref(w.client_context);
        assert_int_equal(scarce_end(), 0);
        assert_false(w.guarded); /* a failure is told, not waited out */
        assert_true(scarce_memory.failed || w.echoed);
        assert_true(n < 1000);
    } while (scarce_memory.failed);
    pp_certificate_unref(certificate);
    assert_true(n > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_survives_every_failed_allocation)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
