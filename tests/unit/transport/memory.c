/* memory.c - a transport over a WebSocket that connects, talks and recovers while every allocation in turn fails. */
#include "transport/transport.h"

#include "support/authority.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "unit/transport/support/server.h"

#include <stdlib.h>

struct world {
    server server;
    pp_transport *transport;
    unsigned connecting, connected, disconnected, data;
};

static void on_connecting(void *arg, pipit_socket *socket, unsigned attempts)
{
    (void)socket;
    (void)attempts;
    ((struct world *)arg)->connecting++;
}

static void on_connected(void *arg, pipit_socket *socket)
{
    struct world *w = arg;

    (void)socket;
    w->connected++;
    (void)pp_transport_send(w->transport, "REGISTER", 8);
}

static void on_disconnected(void *arg, const pp_transport_loss *loss)
{
    assert_non_null(loss->reason);
    ((struct world *)arg)->disconnected++;
}

static void on_data(void *arg, const pp_wire *wire)
{
    assert_int_equal(wire->text.n, 8);
    assert_memory_equal(wire->text.p, "REGISTER", 8);
    ((struct world *)arg)->data++;
}

static const pp_transport_handlers handlers = {on_connecting, on_connected, on_disconnected,
                                               on_data, NULL};

/* Returns whether it came to a transport at all; in that case it must have come to data in the end. */
static bool live(struct world *w, sim *s)
{
    pipit_loop *loop = sim_loop(s);
    pp_weighted_socket sockets[1] = {{0}};
    bool made;

    made = pipit_websocket_new(loop, "ws://sip.example.com:8080/ws", &sockets[0].socket) == 0 &&
           pp_transport_new(loop,
                            &(pp_transport_options){
                                .sockets = sockets, .count = 1, .handlers = &handlers, .arg = w},
                            &w->transport) == 0;
    if (made) {
        pp_transport_connect(w->transport);
        sim_advance_ms(s, 60000); /* time to recover, whatever failed */
        assert_true(pp_transport_is_connected(w->transport));
        if (!w->data) { /* the first message was what failed */
            pp_transport_send(w->transport, "REGISTER", 8);
            sim_advance_ms(s, 1000);
        }
        assert_true(w->data > 0);
        pp_transport_disconnect(w->transport);
        sim_advance_ms(s, 1000);
    }
    w->transport = pp_transport_free(w->transport);
    pipit_socket_unref(sockets[0].socket);
    return made;
}

static void a_transport_survives_every_failed_allocation(void **state)
{
    const pp_addr at = {.family = 4, .ip = {192, 0, 2, 1}, .port = 8080};
    uint64_t n = 0;

    (void)state;
    do {
        struct world w = {0};
        sim *s = NULL;

        scarce_begin(0);
        assert_int_equal(sim_new(++n, &s), 0);
        sim_add_host(s, "sip.example.com", "192.0.2.1");
        w.server.loop = sim_loop(s);
        assert_int_equal(w.server.loop->ops->tcp_listen(w.server.loop, &at, server_accepted,
                                                        &w.server, &w.server.listener),
                         0);
        scarce_fail(n);
        live(&w, s);
        scarce_relax();
        server_stop(&w.server);
        sim_advance_ms(s, 60000);
        sim_free(s);
        assert_int_equal(scarce_end(), 0);
        assert_true(n < 2000);
    } while (scarce_memory.failed);
    assert_true(n > 20);
}

/* Nothing of it is connected: what is copied, parsed, loaded and tried out is enough. */
static int make_with_all_options(void)
{
    static const char *const headers[] = {"Cookie: a=b", "X-Tenant: seven", NULL};
    const pipit_websocket_options options = {
        .ca_file = local_authority.ca_file,
        .verify_name = "sip.example.com",
        .pinned_keys = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        .origin = "https://phone.example.com",
        .extra_headers = headers,
        .proxy = "http://me:pass@proxy.example.com:3128"};
    pipit_loop *loop = NULL;
    pipit_socket *one = NULL, *other = NULL;
    sim *s = NULL;
    int err;

    assert_int_equal(sim_new(1, &s), 0);
    loop = sim_loop(s);
    err = pipit_websocket_new_with(loop, "wss://alice:secret@sip.example.com", &options, &one);
    if (!err)
        err = pipit_websocket_new_with(loop, "wss://sip.example.com", &options, &other);
    if (!err)
        assert_true(loop->tls != NULL);
    pipit_socket_unref(one);
    pipit_socket_unref(other);
    assert_null(loop->tls);
    sim_free(s);
    return err;
}

static void a_socket_with_all_options_is_made_or_leaves_nothing(void **state)
{
    (void)state;
    assert_true(scarce_sweep(make_with_all_options, false) > 20);
    assert_true(scarce_sweep(make_with_all_options, true) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transport_survives_every_failed_allocation),
        cmocka_unit_test(a_socket_with_all_options_is_made_or_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, local_authority_make, local_authority_drop);
}
