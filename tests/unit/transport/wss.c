/* wss.c - the built-in WebSocket over real sockets on loopback, plain and with TLS. */
#include "unit/transport/support/server.h"

#include "crypto/tls_context.h"
#include "pipit/error.h"
#include "support/authority.h"

static struct world {
    pipit_loop *loop;
    server server;
    user user;
} world;

static void start(const char *scheme, const char *host, const pipit_websocket_options *options)
{
    char url[128];
    uint16_t port;

    memset(&world, 0, sizeof(world));
    assert_int_equal(pipit_loop_new(&world.loop), 0);
    if (strcmp(scheme, "wss") == 0)
        assert_int_equal(pp_tls_server_context_new(local_authority.certificate, &world.server.tls),
                         0);
    port = server_start(&world.server, world.loop, "127.0.0.1", 0);
    snprintf(url, sizeof(url), "%s://%s:%u/ws", scheme, host, (unsigned)port);
    user_start(&world.user, world.loop, url, options);
    world.user.stop = true;
}

static void run(void)
{
    assert_int_equal(pipit_loop_run(world.loop), 0);
}

static void finish(void)
{
    user_end(&world.user);
    server_stop(&world.server);
    run(); /* nothing of it is left to wait for */
    pp_tls_context_unref(world.server.tls);
    pipit_loop_unref(world.loop);
}

static void check_exchange(const char *scheme, const char *host,
                           const pipit_websocket_options *options)
{
    start(scheme, host, options);
    run();
    assert_string_equal(world.user.reason, "");
    assert_int_equal(world.user.connected, 1);
    assert_true(pp_socket_send(world.user.socket, "REGISTER", 8));
    run();
    assert_string_equal(world.user.data, "REGISTER");
    assert_int_equal(pp_ws_close(world.server.ws, 4000, "done"), 0);
    run();
    assert_int_equal(world.user.disconnected, 1);
    assert_false(world.user.error);
    assert_int_equal(world.user.code, 4000);
    assert_string_equal(world.user.reason, "done");
    finish();
}

static void a_plain_websocket_works_over_tcp(void **state)
{
    (void)state;
    check_exchange("ws", "localhost", NULL);
}

static void a_secure_websocket_works_with_its_own_authority(void **state)
{
    (void)state;
    check_exchange("wss", "localhost",
                   &(pipit_websocket_options){.ca_file = local_authority.ca_file});
    check_exchange("wss", "127.0.0.1",
                   &(pipit_websocket_options){.ca_file = local_authority.ca_file});
    check_exchange("wss", "127.0.0.1",
                   &(pipit_websocket_options){.ca_file = local_authority.ca_file,
                                              .verify_name = "sip.example.com"});
    check_exchange("wss", "localhost",
                   &(pipit_websocket_options){.insecure = true, .verify_name = "any.example"});
}

static void check_refused(const char *host, const pipit_websocket_options *options,
                          const char *part)
{
    start("wss", host, options);
    run();
    assert_int_equal(world.user.connected, 0);
    assert_int_equal(world.user.disconnected, 1);
    assert_true(world.user.error);
    assert_int_equal(world.user.code, 1006);
    if (!strstr(world.user.reason, part))
        fail_msg("'%s' does not say '%s'", world.user.reason, part);
    assert_int_equal(world.server.opened, 0);
    finish();
}

/* Connects, and again when the server has closed; returns how many of the two handshakes were short ones. */
static long reconnect(const pipit_websocket_options *options)
{
    long hits;

    start("wss", "localhost", options);
    run();
    assert_int_equal(world.user.connected, 1);
    assert_true(pp_socket_send(world.user.socket, "x", 1)); /* tickets come with the first answer */
    run();
    server_drop(&world.server);
    run();
    assert_int_equal(world.user.disconnected, 1);
    pp_socket_connect(world.user.socket);
    run();
    assert_int_equal(world.user.connected, 2);
    hits = SSL_CTX_sess_hits(world.server.tls->ssl);
    finish();
    return hits;
}

static void the_second_handshake_of_a_socket_is_a_short_one(void **state)
{
    (void)state;
    assert_int_equal(reconnect(&(pipit_websocket_options){.ca_file = local_authority.ca_file}), 1);
    assert_int_equal(reconnect(&(pipit_websocket_options){.insecure = true}), 1);
}

/* So a second account on the same server costs neither the authorities' memory nor a whole handshake. */
static void sockets_with_the_same_settings_share_them(void **state)
{
    const pipit_websocket_options options = {.ca_file = local_authority.ca_file};
    pipit_socket *other = NULL, *insecure = NULL;
    const pp_tls_context *shared;

    (void)state;
    start("wss", "localhost", &options);
    shared = world.loop->tls;
    assert_non_null(shared);
    assert_int_equal(pipit_websocket_new_with(world.loop, "wss://elsewhere", &options, &other), 0);
    assert_ptr_equal(world.loop->tls, shared);
    assert_int_equal(pipit_websocket_new_with(world.loop, "wss://elsewhere",
                                              &(pipit_websocket_options){.insecure = true},
                                              &insecure),
                     0);
    assert_ptr_not_equal(world.loop->tls, shared);
    pipit_socket_unref(insecure);
    assert_ptr_equal(world.loop->tls, shared);
    pipit_socket_unref(other);
    run();
    assert_int_equal(world.user.connected, 1);
    finish();
}

static char asked_name[64];

static int on_name(SSL *ssl, int *alert, void *arg)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert;
    (void)arg;
    snprintf(asked_name, sizeof(asked_name), "%s", name ? name : "none");
    return SSL_TLSEXT_ERR_OK;
}

static void check_name(const char *host, const char *verify_name, const char *expected)
{
    start(
        "wss", host,
        &(pipit_websocket_options){.ca_file = local_authority.ca_file, .verify_name = verify_name});
    SSL_CTX_set_tlsext_servername_callback(world.server.tls->ssl, on_name);
    run();
    assert_int_equal(world.user.connected, 1);
    assert_string_equal(asked_name, expected);
    finish();
}

static void the_server_is_asked_for_by_name(void **state)
{
    (void)state;
    check_name("localhost", NULL, "localhost");
    check_name("127.0.0.1", "sip.example.com", "sip.example.com");
    check_name("127.0.0.1", NULL, "none"); /* RFC 6066 section 3 */
}

/* What one turn sends leaves at its end: until then it waits. Nothing that was taken is lost, and nothing else is sent. */
static void check_queue(const char *scheme, size_t overhead)
{
    const size_t limit = 10000;
    char message[1000], sentence[128];
    unsigned taken = 0;

    start(scheme, "localhost",
          &(pipit_websocket_options){.ca_file = local_authority.ca_file,
                                     .max_buffered_amount = limit});
    run();
    memset(message, 'x', sizeof(message));
    assert_int_equal(pipit_socket_buffered_amount(world.user.socket), 0);
    while (taken < 100 && pp_socket_send(world.user.socket, message, sizeof(message)))
        taken++;
    assert_int_equal(taken, 9);
    snprintf(sentence, sizeof(sentence),
             "websocket: 1000 octets are more than max_buffered_amount lets wait: %zu of 10000 do",
             taken * (1000 + overhead));
    assert_string_equal(pipit_error_message(), sentence);
    assert_int_equal(pipit_socket_buffered_amount(world.user.socket), taken * (1000 + overhead));
    while (world.user.messages < taken && !world.user.disconnected)
        run(); /* the server echoes, and each message stops the loop */
    assert_int_equal(pipit_socket_buffered_amount(world.user.socket), 0);
    assert_false(pp_socket_send(world.user.socket, message, limit));
    assert_false(pp_socket_send(world.user.socket, NULL, 524289)); /* is not looked at */
    assert_string_equal(pipit_error_message(),
                        "websocket: a message of 524289 octets is above the limit, 524288");
    assert_true(pp_socket_send(world.user.socket, "last", 4));
    run();
    assert_string_equal(world.user.data, "last");
    assert_int_equal(world.user.messages, taken + 1);
    finish();
}

static void a_full_queue_refuses_a_message_and_names_the_limit(void **state)
{
    (void)state;
    check_queue("ws", 8);       /* a frame's header with its mask */
    check_queue("wss", 8 + 22); /* and a record of TLS 1.3 */
}

static void a_wrong_name_in_the_certificate_is_refused(void **state)
{
    (void)state;
    check_refused("localhost",
                  &(pipit_websocket_options){.ca_file = local_authority.ca_file,
                                             .verify_name = "other.example"},
                  "other.example");
}

static void an_unknown_authority_is_refused(void **state)
{
    (void)state;
    check_refused("localhost", NULL, "CA file");
}

static void a_plain_server_under_wss_is_an_error(void **state)
{
    (void)state;
    start("wss", "localhost", &(pipit_websocket_options){.ca_file = local_authority.ca_file});
    world.server.tls = pp_tls_context_unref(world.server.tls);
    world.server.answer = "HTTP/1.1 400 Bad Request\r\n\r\n"; /* in plain HTTP */
    run();
    assert_int_equal(world.user.disconnected, 1);
    assert_true(world.user.error);
    assert_non_null(strstr(world.user.reason, "is no TLS"));
    finish();
}

static void an_ipv6_literal_works(void **state)
{
    server s = {0};
    user u = {0};
    pipit_loop *loop = NULL;
    pp_addr at;
    char url[64];

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    s.loop = loop;
    assert_true(pp_addr_parse(PP_LIT("::1"), 0, &at));
    if (loop->ops->tcp_listen(loop, &at, server_accepted, &s, &s.listener)) {
        pipit_loop_unref(loop);
        skip(); /* no IPv6 here */
    }
    snprintf(url, sizeof(url), "ws://[::1]:%u", (unsigned)s.listener->local.port);
    user_start(&u, loop, url, NULL);
    u.stop = true;
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(u.connected, 1);
    user_end(&u);
    server_stop(&s);
    assert_int_equal(pipit_loop_run(loop), 0);
    pipit_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_websocket_works_over_tcp),
        cmocka_unit_test(a_secure_websocket_works_with_its_own_authority),
        cmocka_unit_test(the_second_handshake_of_a_socket_is_a_short_one),
        cmocka_unit_test(sockets_with_the_same_settings_share_them),
        cmocka_unit_test(the_server_is_asked_for_by_name),
        cmocka_unit_test(a_full_queue_refuses_a_message_and_names_the_limit),
        cmocka_unit_test(a_wrong_name_in_the_certificate_is_refused),
        cmocka_unit_test(an_unknown_authority_is_refused),
        cmocka_unit_test(a_plain_server_under_wss_is_an_error),
        cmocka_unit_test(an_ipv6_literal_works),
    };

    return cmocka_run_group_tests(tests, local_authority_make, local_authority_drop);
}
