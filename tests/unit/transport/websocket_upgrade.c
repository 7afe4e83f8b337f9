/* websocket_upgrade.c - what a WebSocket asks a server for, in the server's words, and what it says when it does not get it. */
#include "unit/transport/support/server.h"

#include "pipit/error.h"

#include <stdio.h>

static meeting at;

static int start(void **state)
{
    (void)state;
    meeting_open(&at, 80);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    meeting_close(&at);
    return 0;
}

static void connect_user(const char *url, const pipit_websocket_options *options)
{
    user_start(&at.user, at.loop, url, options);
    sim_advance_ms(at.s, 500);
}

static void check_asked(const char *line)
{
    char with_ends[256];

    snprintf(with_ends, sizeof(with_ends), "\r\n%s\r\n", line);
    if (!strstr(at.server.request, with_ends))
        fail_msg("'%s' is not in %s", line, at.server.request);
}

static void a_path_and_a_query_are_asked_for(void **state)
{
    (void)state;
    connect_user("ws://SIP.example.com/ws/sip?tenant=a&x=%20", NULL);
    assert_int_equal(at.user.connected, 1);
    assert_true(
        pp_str_starts(pp_str_c(at.server.request), "GET /ws/sip?tenant=a&x=%20 HTTP/1.1\r\n"));
    check_asked("Host: sip.example.com");
    check_asked("Sec-WebSocket-Protocol: sip");
    assert_null(strstr(at.server.request, "Origin"));
    assert_null(strstr(at.server.request, "Authorization"));
}

static void headers_of_the_program_are_sent_along(void **state)
{
    static const char *const headers[] = {"Cookie: session=abc; theme=dark", "X-Tenant: seven",
                                          NULL};

    (void)state;
    connect_user("ws://sip.example.com/",
                 &(pipit_websocket_options){.origin = "https://phone.example.com",
                                            .extra_headers = headers});
    assert_int_equal(at.user.connected, 1);
    check_asked("Cookie: session=abc; theme=dark");
    check_asked("X-Tenant: seven");
    check_asked("Origin: https://phone.example.com");
}

static void credentials_of_the_url_are_sent_and_never_shown(void **state)
{
    (void)state;
    connect_user("ws://alice:p%40ss@sip.example.com/ws", NULL);
    assert_int_equal(at.user.connected, 1);
    check_asked("Host: sip.example.com");
    check_asked("Authorization: Basic YWxpY2U6cEBzcw==");
    assert_string_equal(pipit_socket_url(at.user.socket), "ws://sip.example.com/ws");
    assert_string_equal(pipit_socket_sip_uri(at.user.socket), "sip:sip.example.com;transport=ws");
    server_drop(&at.server);
    sim_advance_ms(at.s, 100);
    assert_int_equal(at.user.disconnected, 1);
    assert_null(strstr(at.user.reason, "alice"));
}

static void credentials_are_given_once(void **state)
{
    static const char *const headers[] = {"authorization: Bearer x", NULL};
    pipit_socket *socket = NULL;

    (void)state;
    assert_int_equal(pipit_websocket_new_with(at.loop, "ws://alice:secret@sip.example.com",
                                              &(pipit_websocket_options){.extra_headers = headers},
                                              &socket),
                     PIPIT_ERR_SYNTAX);
    assert_non_null(strstr(pipit_error_message(), "credentials are given twice"));
    assert_null(strstr(pipit_error_message(), "secret"));
    connect_user("ws://sip.example.com", &(pipit_websocket_options){.extra_headers = headers});
    check_asked("authorization: Bearer x");
}

static void the_via_transport_is_the_programs_to_choose(void **state)
{
    pipit_socket *socket = NULL;

    (void)state;
    connect_user("ws://sip.example.com", &(pipit_websocket_options){.via_transport = "WSS"});
    assert_string_equal(pipit_socket_via_transport(at.user.socket), "WSS");
    assert_int_equal(
        pipit_websocket_new_with(at.loop, "ws://h",
                                 &(pipit_websocket_options){.via_transport = "W S\r\n"}, &socket),
        PIPIT_ERR_ARGUMENT);
}

static void check_refusal(const char *answer, const char *part)
{
    user_end(&at.user);
    at.user = (user){0};
    at.server.answer = answer;
    connect_user("ws://sip.example.com/ws", NULL);
    assert_int_equal(at.user.connected, 0);
    assert_int_equal(at.user.disconnected, 1);
    assert_true(at.user.error);
    assert_int_equal(at.user.code, 1006);
    if (!strstr(at.user.reason, part))
        fail_msg("'%s' does not say '%s'", at.user.reason, part);
}

static void a_refused_upgrade_is_told_with_advice(void **state)
{
    (void)state;
    check_refusal("HTTP/1.1 401 Unauthorized\r\n\r\n", "wants credentials");
    check_refusal("HTTP/1.1 403 Forbidden\r\n\r\n", "another Origin");
    check_refusal("HTTP/1.1 404 Not Found\r\n\r\n", "no WebSocket at this path");
    check_refusal("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n\r\n", "retry after 7");
    check_refusal("hello\r\n\r\n", "no HTTP");
    check_refusal("", "the peer closed the connection");
}

static void a_redirection_is_named_and_not_followed(void **state)
{
    (void)state;
    check_refusal("HTTP/1.1 308 Permanent Redirect\r\nLocation: wss://other.example.com/\r\n\r\n",
                  "308 Permanent Redirect: redirections are not followed, it points to "
                  "wss://other.example.com/");
    sim_advance_ms(at.s, 60000);
    assert_int_equal(at.server.accepted, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_path_and_a_query_are_asked_for),
        TEST(headers_of_the_program_are_sent_along),
        TEST(credentials_of_the_url_are_sent_and_never_shown),
        TEST(credentials_are_given_once),
        TEST(the_via_transport_is_the_programs_to_choose),
        TEST(a_refused_upgrade_is_told_with_advice),
        TEST(a_redirection_is_named_and_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
