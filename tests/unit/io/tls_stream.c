/* tls_stream.c - TLS over real sockets on loopback: names, authorities, closing. */
#include "io/tls_stream.h"

#include "support/authority.h"
#include "unit/io/pair.h"

#include "base/limits.h"
#include "pipit/error.h"

#include <stdlib.h>

struct net {
    pipit_loop *loop;
    pp_listener *listener;
    pp_tls_context *server_context, *client_context;
    side client, server;
    bool plain_server;
};

static void on_accepted(void *arg, pp_stream *stream)
{
    struct net *net = arg;

    net->listener = pp_listener_close(net->listener);
    if (net->plain_server) {
        net->server.stream = stream;
        stream->handlers = &side_handlers;
        stream->arg = &net->server;
        pp_stream_send(stream, "this is no TLS at all", 21);
        return;
    }
    assert_int_equal(pp_tls_stream_server(net->loop, stream, net->server_context, &side_handlers,
                                          &net->server, &net->server.stream),
                     0);
}

/* A client that expects `name` and trusts `ca`. */
static void net_start(struct net *net, const char *name, const char *ca, bool insecure)
{
    const pp_tls_client_options options = {.ca_file = ca, .insecure = insecure};
    pp_addr at = loopback(0);
    pp_stream *lower = NULL;

    assert_int_equal(pipit_loop_new(&net->loop), 0);
    net->client.loop = net->server.loop = net->loop;
    assert_int_equal(pp_tls_server_context_new(local_authority.certificate, &net->server_context),
                     0);
    assert_int_equal(pp_tls_client_context_new(&options, &net->client_context), 0);
    assert_int_equal(net->loop->ops->tcp_listen(net->loop, &at, on_accepted, net, &net->listener),
                     0);
    at = net->listener->local;
    assert_int_equal(net->loop->ops->tcp_connect(net->loop, &at, &side_handlers, NULL, &lower), 0);
    assert_int_equal(pp_tls_stream_client(net->loop, lower, net->client_context, name,
                                          &side_handlers, &net->client, &net->client.stream),
                     0);
}

static void net_end(struct net *net)
{
    side_free(&net->client);
    side_free(&net->server);
    pp_listener_close(net->listener);
    pp_tls_context_unref(net->server_context);
    pp_tls_context_unref(net->client_context);
    pipit_loop_unref(net->loop);
}

static void until_established(struct net *net)
{
    for (unsigned i = 0; i < 100000 && !(net->client.connected && net->server.connected); i++)
        pipit_loop_run_once(net->loop);
    assert_int_equal(net->client.connected, 1);
    assert_int_equal(net->server.connected, 1);
}

static void a_tls_stream_carries_octets_both_ways(void **state)
{
    struct net net = {0};
    char *data = calloc(1, 200000);

    (void)state;
    net_start(&net, "localhost", local_authority.ca_file, false);
    assert_int_equal(pp_stream_send(net.client.stream, "x", 1), PIPIT_ERR_CONNECTION); /* not yet */
    until_established(&net);
    net.server.stop_at = net.client.stop_at = 200000;
    assert_int_equal(pp_stream_send(net.client.stream, data, 200000), 0);
    assert_true(pp_stream_queued(net.client.stream) > 200000);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.server.in.n, 200000);
    assert_int_equal(pp_stream_send(net.server.stream, data, 200000), 0);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.client.in.n, 200000);
    assert_int_equal(pp_stream_send(net.client.stream, data, PP_LIMIT_SEND_QUEUE), PIPIT_ERR_LIMIT);
    free(data);
    net_end(&net);
}

static void a_tls_close_is_in_order(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net, "127.0.0.1", local_authority.ca_file, false);
    until_established(&net);
    assert_int_equal(pp_stream_send(net.client.stream, "bye", 3), 0);
    net.client.stream = pp_stream_close(net.client.stream);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.server.in.n, 3);
    assert_int_equal(net.server.closed, 1);
    assert_int_equal(net.server.error, 0);
    net_end(&net);
}

static void check_refused(const char *name, const char *ca, const char *part)
{
    struct net net = {0};

    net_start(&net, name, ca, false);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.client.connected, 0);
    assert_int_equal(net.client.closed, 1);
    assert_int_equal(net.client.error, PIPIT_ERR_TLS);
    if (!strstr(net.client.reason, part))
        fail_msg("'%s' does not say '%s'", net.client.reason, part);
    assert_int_equal(net.server.closed, 1);
    net_end(&net);
}

static void a_wrong_name_is_refused(void **state)
{
    (void)state;
    check_refused("example.org", local_authority.ca_file, "example.org");
    check_refused("127.0.0.2", local_authority.ca_file, "127.0.0.2");
}

static void an_unknown_authority_is_refused(void **state)
{
    (void)state;
    check_refused("localhost", NULL, "give its CA file");
}

static void an_insecure_client_takes_any_certificate(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net, "example.org", NULL, true);
    until_established(&net);
    net_end(&net);
}

static void a_server_that_speaks_no_tls_is_an_error(void **state)
{
    struct net net = {.plain_server = true};

    (void)state;
    net_start(&net, "localhost", local_authority.ca_file, false);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.client.closed, 1);
    assert_int_equal(net.client.error, PIPIT_ERR_TLS);
    net_end(&net);
}

static void a_connection_lost_in_the_handshake_is_named(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net, "localhost", local_authority.ca_file, false);
    while (!net.server.stream)
        pipit_loop_run_once(net.loop);
    net.server.stream = pp_stream_close(net.server.stream);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.client.closed, 1);
    assert_true(net.client.error < 0);
    assert_non_null(strstr(net.client.reason, "127.0.0.1:"));
    net_end(&net);
}

static void a_tls_stream_may_be_closed_by_its_data(void **state)
{
    struct net net = {0};

    (void)state;
    net_start(&net, "localhost", local_authority.ca_file, false);
    until_established(&net);
    net.server.close_at_data = true;
    assert_int_equal(pp_stream_send(net.client.stream, "x", 1), 0);
    assert_int_equal(pipit_loop_run(net.loop), 0);
    assert_int_equal(net.client.closed, 1);
    assert_int_equal(net.client.error, 0);
    net_end(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tls_stream_carries_octets_both_ways),
        cmocka_unit_test(a_tls_close_is_in_order),
        cmocka_unit_test(a_wrong_name_is_refused),
        cmocka_unit_test(an_unknown_authority_is_refused),
        cmocka_unit_test(an_insecure_client_takes_any_certificate),
        cmocka_unit_test(a_server_that_speaks_no_tls_is_an_error),
        cmocka_unit_test(a_connection_lost_in_the_handshake_is_named),
        cmocka_unit_test(a_tls_stream_may_be_closed_by_its_data),
    };

    return cmocka_run_group_tests(tests, local_authority_make, local_authority_drop);
}
