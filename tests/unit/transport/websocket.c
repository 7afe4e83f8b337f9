/* websocket.c - the built-in WebSocket in virtual time: timeouts, pings, and what it says of each failure. */
#include "unit/transport/support/server.h"

#include "base/limits.h"
#include "pipit/error.h"

#include <stdlib.h>

static meeting at;

static int start(void **state)
{
    (void)state;
    meeting_open(&at, 8080);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    meeting_close(&at);
    return 0;
}

static void connect_user(const pipit_websocket_options *options)
{
    user_start(&at.user, at.loop, "ws://sip.example.com:8080/ws", options);
    sim_advance_ms(at.s, 500);
    assert_int_equal(at.user.connected, 1);
    assert_int_equal(at.server.opened, 1);
}

static void check_disconnected(bool error, int code, const char *reason)
{
    assert_int_equal(at.user.disconnected, 1);
    assert_int_equal(at.user.error, error);
    assert_int_equal(at.user.code, code);
    assert_string_equal(at.user.reason, reason);
    assert_false(pp_socket_send(at.user.socket, "x", 1));
}

static void a_websocket_carries_messages(void **state)
{
    (void)state;
    connect_user(NULL);
    assert_true(pp_socket_is_connected(at.user.socket));
    assert_true(pp_socket_send(at.user.socket, "OPTIONS", 7));
    sim_advance_ms(at.s, 100);
    assert_string_equal(at.server.heard, "text OPTIONS");
    assert_string_equal(at.user.data, "OPTIONS");
    assert_true(pp_socket_send(at.user.socket, "\xff", 1));
    sim_advance_ms(at.s, 100);
    assert_string_equal(at.server.heard, "binary \xff");
    assert_string_equal(at.user.data, "\xff");
}

/* More than a user agent takes by default: it must have it to refuse it. */
static void a_message_of_half_a_megabyte_comes_in(void **state)
{
    size_t size = PP_LIMIT_SIP_MESSAGE / 2;
    char *message = malloc(size);

    (void)state;
    connect_user(NULL);
    assert_non_null(message);
    memset(message, 'x', size);
    assert_int_equal(pp_ws_send(at.server.ws, message, size, false), 0);
    sim_advance_ms(at.s, 1000);
    assert_int_equal(at.user.size, size);
    assert_int_equal(at.user.disconnected, 0);
    free(message);
}

static void a_websocket_describes_itself(void **state)
{
    pipit_socket *socket = NULL;

    (void)state;
    connect_user(NULL);
    assert_string_equal(pipit_socket_url(at.user.socket), "ws://sip.example.com:8080/ws");
    assert_string_equal(pipit_socket_sip_uri(at.user.socket),
                        "sip:sip.example.com:8080;transport=ws");
    assert_string_equal(pipit_socket_via_transport(at.user.socket), "WS");
    assert_int_equal(pipit_websocket_new(at.loop, "wss://h", &socket), 0);
    assert_string_equal(pipit_socket_via_transport(socket), "WSS");
    pipit_socket_unref(socket);
}

static void a_bad_option_is_refused_when_the_socket_is_made(void **state)
{
    static const char *const headers[] = {"Cookie: a\r\nX: y", NULL};
    pipit_socket *socket = NULL;

    (void)state;
    assert_int_equal(pipit_websocket_new(at.loop, NULL, &socket), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_websocket_new(at.loop, "http://h", &socket), PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_websocket_new_with(at.loop, "ws://h",
                                              &(pipit_websocket_options){.extra_headers = headers},
                                              &socket),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pipit_websocket_new_with(at.loop, "ws://h",
                                              &(pipit_websocket_options){.origin = "a b"}, &socket),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(
        pipit_websocket_new_with(at.loop, "wss://h",
                                 &(pipit_websocket_options){.ca_file = "/nowhere/ca.pem"}, &socket),
        PIPIT_ERR_NOT_FOUND);
    assert_null(socket);
}

static void check_close(int code, const char *reason)
{
    at.user = (user){0};
    at.server.opened = 0;
    connect_user(NULL);
    assert_int_equal(pp_ws_close(at.server.ws, code, reason), 0);
    sim_advance_ms(at.s, 100);
    check_disconnected(false, code ? code : 1005, reason);
    assert_int_equal(at.server.opened, 1);
    user_end(&at.user);
    sim_advance_ms(at.s, 100);
}

static void a_close_of_the_server_is_told_as_it_was(void **state)
{
    (void)state;
    check_close(1000, "done, Gr\xc3\xbc\xc3\x9f"
                      "e");
    check_close(1001, "");
    check_close(1012, "restart");
    check_close(1013, "later");
    check_close(4001, "of the application");
    check_close(0, ""); /* W3C: 1005, no status received, and clean all the same */
}

static void a_connection_that_ends_without_a_close_frame_is_abnormal(void **state)
{
    (void)state;
    connect_user(NULL);
    server_drop(&at.server);
    sim_advance_ms(at.s, 100);
    check_disconnected(true, 1006, "the peer closed the connection");
}

static void a_reset_connection_is_abnormal(void **state)
{
    (void)state;
    connect_user(NULL);
    sim_break_streams(at.s);
    sim_advance_ms(at.s, 100);
    check_disconnected(true, 1006, at.user.reason);
    assert_non_null(strstr(at.user.reason, "reset"));
}

static void a_message_that_is_too_long_fails_the_connection(void **state)
{
    char message[1001];

    (void)state;
    memset(message, 'x', sizeof(message));
    connect_user(&(pipit_websocket_options){.max_message_size = 1000});
    pp_ws_send(at.server.ws, message, 1000, false);
    sim_advance_ms(at.s, 100);
    assert_int_equal(at.user.size, 1000);
    pp_ws_send(at.server.ws, message, 1001, false);
    sim_advance_ms(at.s, 100);
    check_disconnected(true, 1006, "a message is longer than 1000 octets");
    assert_string_equal(at.server.heard, "closed 1009  1");
}

static void a_close_of_ours_is_silent_and_says_goodbye(void **state)
{
    (void)state;
    connect_user(NULL);
    pp_socket_disconnect(at.user.socket);
    sim_advance_ms(at.s, 100);
    assert_string_equal(at.server.heard, "closed 1005  1");
    assert_int_equal(at.user.disconnected, 0);
    pp_socket_connect(at.user.socket);
    sim_advance_ms(at.s, 500);
    assert_int_equal(at.user.connected, 2);
}

static void a_refused_connection_is_named(void **state)
{
    (void)state;
    server_stop(&at.server);
    user_start(&at.user, at.loop, "ws://sip.example.com:8080", NULL);
    sim_advance_ms(at.s, 500);
    check_disconnected(true, 1006, "connection refused by 192.0.2.1:8080");
}

static void an_unknown_host_is_named(void **state)
{
    (void)state;
    user_start(&at.user, at.loop, "ws://nowhere.example.com", NULL);
    sim_advance_ms(at.s, 9000);
    check_disconnected(true, 1006, "the host name 'nowhere.example.com' could not be found");
}

static void an_unanswered_upgrade_times_out(void **state)
{
    (void)state;
    at.server.mute = true;
    user_start(&at.user, at.loop, "ws://sip.example.com:8080",
               &(pipit_websocket_options){.connect_timeout_ms = 3000});
    sim_advance_ms(at.s, 2999);
    assert_int_equal(at.user.disconnected, 0);
    sim_advance_ms(at.s, 1);
    check_disconnected(true, 1006,
                       "sip.example.com:8080 did not answer the upgrade within 3000 ms");
}

static void an_unanswered_tls_handshake_times_out(void **state)
{
    (void)state;
    at.server.mute = true;
    user_start(&at.user, at.loop, "wss://sip.example.com:8080", NULL);
    sim_advance_ms(at.s, 10000);
    check_disconnected(true, 1006,
                       "sip.example.com:8080 did not finish the TLS handshake within 10000 ms");
}

static void pings_keep_a_connection(void **state)
{
    (void)state;
    connect_user(&(pipit_websocket_options){.ping_interval_ms = 1000});
    sim_advance_ms(at.s, 30000);
    assert_int_equal(at.user.disconnected, 0);
}

static void a_half_open_connection_is_found_by_a_ping(void **state)
{
    (void)state;
    /* It opens within the 500 ms of connect_user(). */
    connect_user(&(pipit_websocket_options){.ping_interval_ms = 3000, .pong_timeout_ms = 700});
    sim_freeze_streams(at.s, true);
    sim_advance_ms(at.s, 3000);
    assert_int_equal(at.user.disconnected, 0);
    sim_advance_ms(at.s, 700);
    check_disconnected(true, 1006, "the server did not answer a ping within 700 ms");
    sim_freeze_streams(at.s, false);
}

static void a_pong_in_time_keeps_a_connection(void **state)
{
    (void)state;
    sim_set_delay(at.s, 100000, 0); /* there and back in 200 ms */
    user_start(&at.user, at.loop, "ws://sip.example.com:8080",
               &(pipit_websocket_options){.ping_interval_ms = 1000, .pong_timeout_ms = 201});
    sim_advance_ms(at.s, 20000);
    assert_int_equal(at.user.connected, 1);
    assert_int_equal(at.user.disconnected, 0);
    sim_set_delay(at.s, 101000, 0);
    sim_advance_ms(at.s, 2000);
    check_disconnected(true, 1006, "the server did not answer a ping within 201 ms");
}

static void pings_can_be_switched_off(void **state)
{
    (void)state;
    connect_user(&(pipit_websocket_options){.no_pings = true, .ping_interval_ms = 10});
    sim_freeze_streams(at.s, true);
    sim_advance_ms(at.s, 3600000);
    assert_int_equal(at.user.disconnected, 0);
    sim_freeze_streams(at.s, false);
}

static void a_limit_is_not_above_that_of_the_library(void **state)
{
    pipit_socket *socket = NULL;

    (void)state;
    assert_int_equal(
        pipit_websocket_new_with(at.loop, "ws://h",
                                 &(pipit_websocket_options){.max_message_size = 2 << 20}, &socket),
        PIPIT_ERR_LIMIT);
    assert_int_equal(
        pipit_websocket_new_with(
            at.loop, "ws://h", &(pipit_websocket_options){.max_buffered_amount = 2 << 20}, &socket),
        PIPIT_ERR_LIMIT);
    assert_null(socket);
}

static void a_handler_may_release_the_socket(void **state)
{
    (void)state;
    connect_user(NULL);
    at.user.release_on_data = true;
    assert_true(pp_socket_send(at.user.socket, "x", 1));
    sim_advance_ms(at.s, 500);
    assert_null(at.user.socket);
}

static void a_socket_may_be_released_at_any_time(void **state)
{
    (void)state;
    for (unsigned ms = 0; ms < 40; ms++) {
        user u = {0};

        server_drop(&at.server);
        user_start(&u, at.loop, "ws://sip.example.com:8080", NULL);
        for (unsigned i = 0; i < ms; i++)
            sim_advance_ms(at.s, 1);
        user_end(&u);
        sim_advance_ms(at.s, 100);
    }
    assert_true(at.server.opened > 0);
}

static void own_connect(void *self)
{
    (void)self;
}

static bool own_send(void *self, const char *data, size_t size)
{
    (void)self;
    (void)data;
    return size == 0;
}

static size_t own_buffered_amount(void *self)
{
    return *(size_t *)self;
}

static void a_socket_of_your_own_may_tell_what_waits(void **state)
{
    const pipit_socket_interface silent = {
        .connect = own_connect, .disconnect = own_connect, .send = own_send};
    pipit_socket_interface telling = silent;
    pipit_socket *socket = NULL;
    size_t amount = 77;

    (void)state;
    telling.buffered_amount = own_buffered_amount;
    assert_int_equal(pipit_socket_new(&silent, NULL, "WS", "mine", "sip:h", &socket), 0);
    assert_int_equal(pipit_socket_buffered_amount(socket), 0);
    pipit_socket_unref(socket);
    assert_int_equal(pipit_socket_new(&telling, &amount, "WS", "mine", "sip:h", &socket), 0);
    assert_int_equal(pipit_socket_buffered_amount(socket), 77);
    pipit_socket_unref(socket);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_websocket_carries_messages),
        TEST(a_message_of_half_a_megabyte_comes_in),
        TEST(a_websocket_describes_itself),
        TEST(a_bad_option_is_refused_when_the_socket_is_made),
        TEST(a_close_of_the_server_is_told_as_it_was),
        TEST(a_connection_that_ends_without_a_close_frame_is_abnormal),
        TEST(a_reset_connection_is_abnormal),
        TEST(a_message_that_is_too_long_fails_the_connection),
        TEST(a_close_of_ours_is_silent_and_says_goodbye),
        TEST(a_refused_connection_is_named),
        TEST(an_unknown_host_is_named),
        TEST(an_unanswered_upgrade_times_out),
        TEST(an_unanswered_tls_handshake_times_out),
        TEST(pings_keep_a_connection),
        TEST(a_half_open_connection_is_found_by_a_ping),
        TEST(a_pong_in_time_keeps_a_connection),
        TEST(pings_can_be_switched_off),
        TEST(a_limit_is_not_above_that_of_the_library),
        TEST(a_socket_of_your_own_may_tell_what_waits),
        TEST(a_handler_may_release_the_socket),
        TEST(a_socket_may_be_released_at_any_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
