/* real_servers.c - the built-in socket over real sockets: found by a name server of the test, over UDP, TCP and TLS. */
#include "unit/transport/sip_server.h"

#include "io/resolver.h"
#include "support/authority.h"
#include "support/name_server.h"

static struct world {
    pipit_loop *loop;
    name_server names;
    sip_server server;
    sip_user user;
} world;

static void open_world(void)
{
    memset(&world, 0, sizeof(world));
    assert_int_equal(pipit_loop_new(&world.loop), 0);
    assert_int_equal(
        pp_io_use_name_servers(world.loop, name_server_start(&world.names, world.loop)), 0);
    name_server_add_host(&world.names, "a.test", "127.0.0.1");
    world.server.answer = SIP_ANSWER("200 OK", "OPTIONS");
    world.user.stop = true;
}

static void run(void)
{
    assert_int_equal(pipit_loop_run(world.loop), 0);
}

static void finish(void)
{
    sip_user_end(&world.user);
    sip_server_stop(&world.server);
    name_server_stop(&world.names);
    run(); /* nothing of it is left to wait for */
    pp_tls_context_unref(world.server.tls);
    pipit_loop_unref(world.loop);
}

static void add_service(const char *name, uint16_t port)
{
    name_server_add(&world.names, PP_RECORD_SRV, name,
                    &(pp_record){.order = 1, .port = port, .name = "a.test"});
}

static void check_exchange(const char *uri, const pipit_sip_socket_options *options,
                           const char *transport)
{
    char local[80];

    sip_user_start(&world.user, world.loop, uri, options);
    run();
    assert_string_equal(world.user.reason, "");
    assert_int_equal(world.user.connected, 1);
    assert_string_equal(pipit_socket_via_transport(world.user.socket), transport);
    assert_true(pp_socket_local_address(world.user.socket, local, sizeof(local)));
    assert_int_equal(strncmp(local, "127.0.0.1:", 10), 0);
    assert_true(sip_user_send(&world.user, sip_request("OPTIONS", transport, 1000)));
    run();
    assert_string_equal(world.user.data, world.server.answer);
    assert_string_equal(world.server.heard, sip_request("OPTIONS", transport, 1000));
}

static void a_server_is_found_and_spoken_to_over_udp(void **state)
{
    (void)state;
    open_world();
    add_service("_sip._udp.example.test",
                sip_server_bind(&world.server, world.loop, "127.0.0.1", 0));
    check_exchange("sip:example.test", NULL, "UDP");
    assert_true(world.names.asked >= 3);
    finish();
}

static void a_server_is_found_and_spoken_to_over_tcp(void **state)
{
    (void)state;
    open_world();
    add_service("_sip._tcp.example.test",
                sip_server_listen(&world.server, world.loop, "127.0.0.1", 0));
    check_exchange("sip:example.test", NULL, "TCP");
    sip_server_drop(&world.server);
    run();
    assert_int_equal(world.user.disconnected, 1);
    assert_false(world.user.error);
    finish();
}

/* The certificate is for sip.example.com, whatever host its service is on (RFC 5922 section 7.1). */
static void a_server_is_found_and_spoken_to_over_tls(void **state)
{
    uint16_t port;

    (void)state;
    open_world();
    assert_int_equal(pp_tls_server_context_new(local_authority.certificate, &world.server.tls), 0);
    port = sip_server_listen(&world.server, world.loop, "127.0.0.1", 0);
    name_server_add(
        &world.names, PP_RECORD_NAPTR, "sip.example.com",
        &(pp_record){
            .order = 1, .flags = "s", .service = "SIPS+D2T", .name = "_secure.example.com"});
    add_service("_secure.example.com", port);
    check_exchange("sip:sip.example.com",
                   &(pipit_sip_socket_options){.ca_file = local_authority.ca_file}, "TLS");
    finish();
}

static void a_certificate_of_an_unknown_authority_is_refused(void **state)
{
    char uri[64];

    (void)state;
    open_world();
    assert_int_equal(pp_tls_server_context_new(local_authority.certificate, &world.server.tls), 0);
    snprintf(uri, sizeof(uri), "sips:localhost:%u",
             sip_server_listen(&world.server, world.loop, "127.0.0.1", 0));
    sip_user_start(&world.user, world.loop, uri, NULL);
    run();
    assert_int_equal(world.user.disconnected, 1);
    assert_true(world.user.error);
    assert_non_null(strstr(world.user.reason, "certificate"));
    sip_user_end(&world.user);
    check_exchange(uri, &(pipit_sip_socket_options){.insecure = true}, "TLS");
    finish();
}

static void a_missing_authority_is_told_at_once(void **state)
{
    const pipit_sip_socket_options options = {.ca_file = "/nowhere/ca.pem"};
    pipit_loop *loop = NULL;
    pipit_socket *socket = NULL;

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    assert_int_equal(pipit_sip_socket_new_with(loop, "sip:a.test", &options, &socket),
                     PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_sip_socket_new_with(loop, "sip:a.test;transport=tcp", &options, &socket),
                     0);
    pipit_socket_unref(socket);
    assert_int_equal(pipit_sip_socket_new(loop, "wss://a.test", &socket), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_sip_socket_new(NULL, "sip:a.test", &socket), PIPIT_ERR_ARGUMENT);
    pipit_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_found_and_spoken_to_over_udp),
        cmocka_unit_test(a_server_is_found_and_spoken_to_over_tcp),
        cmocka_unit_test(a_server_is_found_and_spoken_to_over_tls),
        cmocka_unit_test(a_certificate_of_an_unknown_authority_is_refused),
        cmocka_unit_test(a_missing_authority_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, local_authority_make, local_authority_drop);
}
