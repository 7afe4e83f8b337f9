/* client_upgrade.c - what a client asks, and which answers it takes. */
#include "unit/ws/ends.h"

#include "base/limits.h"
#include "pipit/error.h"

#define GOOD_LINES                                                                                 \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " CLIENT_ACCEPT "\r\n"     \
    "Sec-WebSocket-Protocol: sip\r\n"

/* What a client says to an answer, fed whole and then octet by octet. */
static const char *verdict(const char *answer)
{
    static char whole[4096];
    end e = {0};

    client_end(&e);
    end_feed_text(&e, answer);
    snprintf(whole, sizeof(whole), "%s", end_events(&e));
    end_free(&e);
    client_end(&e);
    end_feed(&e, answer, strlen(answer), 1);
    assert_string_equal(end_events(&e), whole);
    end_free(&e);
    return whole;
}

static void check_refused(const char *answer, const char *why)
{
    char expected[512];

    snprintf(expected, sizeof(expected), "closed 1006  unclean: %s\n", why);
    assert_string_equal(verdict(answer), expected);
}

static void a_client_asks_for_the_upgrade(void **state)
{
    static const char *const extra[] = {"Cookie: a=b", "Authorization: Bearer c", NULL};
    const pp_ws_client_options options = {.host = "[::1]:8089",
                                          .target = "/ws?a=1",
                                          .origin = "https://example.com",
                                          .subprotocol = "sip",
                                          .extra_headers = extra};
    end e = {0};

    (void)state;
    count = 1;
    assert_int_equal(pp_ws_client_new(&options, &counting, &end_handlers, &e, &e.ws), 0);
    assert_int_equal(e.out.n, 0);
    pp_ws_start(e.ws);
    assert_true(
        pp_str_eq(pp_buf_text(&e.out),
                  PP_LIT("GET /ws?a=1 HTTP/1.1\r\nHost: [::1]:8089\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
                         "Sec-WebSocket-Protocol: sip\r\nOrigin: https://example.com\r\n"
                         "Cookie: a=b\r\nAuthorization: Bearer c\r\n\r\n")));
    pp_ws_start(e.ws); /* once only */
    assert_int_equal(pp_ws_send(e.ws, "x", 1, false), PIPIT_ERR_STATE);
    assert_false(pp_ws_is_open(e.ws));
    end_free(&e);
}

static void a_request_cannot_be_split_by_a_text(void **state)
{
    static const char *const bad_headers[] = {
        "A: b\r\nC: d",     "A: b\nc", "no colon",   ": empty",
        "A b: c",           "Host: x", "upgrade: x", "Sec-WebSocket-Key: x",
        "Content-Length: 4"};
    end e = {0};
    pp_ws_client_options options = {.host = "h\r\nX: y"};

    (void)state;
#define REFUSED()                                                                                  \
    assert_int_equal(pp_ws_client_new(&options, &counting, &end_handlers, &e, &e.ws),              \
                     PIPIT_ERR_SYNTAX)
    REFUSED();
    options = (pp_ws_client_options){0};
    REFUSED();
    options = (pp_ws_client_options){.host = "h", .target = "/a b"};
    REFUSED();
    options.target = "a";
    REFUSED();
    options = (pp_ws_client_options){.host = "h", .origin = "o\r\n"};
    REFUSED();
    options = (pp_ws_client_options){.host = "h", .subprotocol = "sip, xmpp"};
    REFUSED();
    for (size_t i = 0; i < sizeof(bad_headers) / sizeof(bad_headers[0]); i++) {
        const char *const lines[] = {"Good: one", bad_headers[i], NULL};
        options = (pp_ws_client_options){.host = "h", .extra_headers = lines};
        REFUSED();
    }
    assert_null(e.ws);
}

static void a_good_answer_opens(void **state)
{
    (void)state;
    assert_string_equal(verdict("HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES "\r\n"),
                        "open\n");
    assert_string_equal(verdict("HTTP/1.1 101\r\n" GOOD_LINES "\r\n"), "open\n");
}

/* Kamailio writes "upgrade" small and adds headers; Asterisk puts a second blank before the
 * subprotocol. */
static void an_odd_answer_opens(void **state)
{
    (void)state;
    assert_string_equal(verdict("HTTP/1.1 101 Switching Protocols\r\nSia: SIP/2.0/TCP "
                                "127.0.0.1:40000\r\nUpgrade: websocket\r\n"
                                "Connection: upgrade\r\nSec-WebSocket-Accept: " CLIENT_ACCEPT "\r\n"
                                "Sec-WebSocket-Protocol:  SIP \r\nServer: kamailio "
                                "(5.6.3)\r\nContent-Length: 0\r\n\r\n"),
                        "open\n");
    assert_string_equal(verdict("HTTP/1.1 101 Switching Protocols\r\nupgrade: "
                                "WebSocket\r\nCONNECTION: keep-alive, Upgrade\r\n"
                                "sec-websocket-accept:" CLIENT_ACCEPT
                                "\r\nsec-websocket-protocol:sip\r\n\r\n"),
                        "open\n");
}

static void a_bad_answer_is_refused(void **state)
{
    (void)state;
    check_refused("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
                  "the server answered the upgrade with 403 Forbidden: it may want another Origin, "
                  "another path, or not let this address in");
    check_refused(
        "HTTP/1.1 302 Found\r\nLocation: ws://else.where/\r\n\r\n",
        "the server answered the upgrade with 302 Found: redirections are not followed, it "
        "points to ws://else.where/");
    check_refused(
        "HTTP/1.1 401 No\xc2\x9b\r\nWWW-Authenticate: Basic realm=x\r\n\r\n",
        "the server answered the upgrade with 401 No??: it wants credentials or others than "
        "those given, as wss://user:password@host or in an Authorization header");
    check_refused(
        "HTTP/1.1 404 Not Found\r\n\r\n",
        "the server answered the upgrade with 404 Not Found: there is no WebSocket at this "
        "path");
    check_refused(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\n\r\n",
        "the server answered the upgrade with 503 Service Unavailable: it, or what stands "
        "behind it, is not able to serve now, it says to retry after 120");
    check_refused("HTTP/1.1 200 OK\r\n\r\n",
                  "the server answered the upgrade with 200 OK: there is a web server, but no "
                  "WebSocket at this path");
    check_refused("HTTP/1.1 418\r\n\r\n", "the server answered the upgrade with 418");
    check_refused("HTTP/1.0 101 Switching Protocols\r\n" GOOD_LINES "\r\n",
                  "the answer to the upgrade is no HTTP/1.1");
    check_refused("SIP/2.0 400 Bad Request\r\n\r\n", "the answer to the upgrade is no HTTP/1.1");
    check_refused("HTTP/1.1 101 Switching Protocols\r\n folded\r\n" GOOD_LINES "\r\n",
                  "the answer to the upgrade is no HTTP: http: header line 1 is malformed");
    check_refused("HTTP/1.1 101 Switching Protocols\r\nConnection: "
                  "Upgrade\r\nSec-WebSocket-Accept: " CLIENT_ACCEPT
                  "\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
                  "the server upgraded to something other than a WebSocket");
    check_refused("HTTP/1.1 101 Switching Protocols\r\nUpgrade: "
                  "websocket\r\nSec-WebSocket-Accept: " CLIENT_ACCEPT
                  "\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
                  "the answer to the upgrade has no 'Connection: Upgrade'");
    check_refused(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
        "the answer to the upgrade has a wrong Sec-WebSocket-Accept");
    check_refused("HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES
                  "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                  "the server insists on an extension that was not offered");
    check_refused(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " CLIENT_ACCEPT "\r\n\r\n",
        "the server does not speak the subprotocol asked for");
    check_refused("HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES
                  "Sec-WebSocket-Protocol: sip\r\n\r\n",
                  "the server chose a subprotocol that was not asked for");
}

static void a_head_has_limits(void **state)
{
    pp_buf answer = {0};

    (void)state;
    pp_buf_c(&answer, "HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES);
    for (unsigned i = 4; i < PP_LIMIT_WS_HEADERS; i++)
        pp_buf_format(&answer, "X-%u: y\r\n", i);
    pp_buf_add(&answer, "\r\n", 3);
    assert_string_equal(verdict(answer.p), "open\n");
    answer.n -= 3;
    pp_buf_add(&answer, "One: more\r\n\r\n", 14);
    check_refused(answer.p,
                  "the answer to the upgrade is no HTTP: http: more than 64 header lines");
    pp_buf_clear(&answer);
    pp_buf_c(&answer, "HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES "X: ");
    while (answer.n < PP_LIMIT_WS_HANDSHAKE - 4)
        pp_buf_char(&answer, 'x');
    pp_buf_add(&answer, "\r\n\r\n", 5);
    assert_string_equal(verdict(answer.p), "open\n");
    answer.n -= 5;
    pp_buf_add(&answer, "x\r\n\r\n", 6);
    check_refused(answer.p, "the head of the upgrade is too long");
    pp_buf_free(&answer);
}

static void a_frame_may_come_with_the_answer(void **state)
{
    end e = {0};

    (void)state;
    client_end(&e);
    end_feed_text(&e, "HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES "\r\n\x81\x02hi");
    assert_string_equal(end_events(&e), "open\ntext 2 6869\n");
    end_free(&e);
}

static void a_client_may_be_released_when_it_opens(void **state)
{
    end e = {.release_on_open = true};

    (void)state;
    client_end(&e);
    end_feed_text(&e, "HTTP/1.1 101 Switching Protocols\r\n" GOOD_LINES "\r\n\x81\x02hi");
    assert_null(e.ws);
    assert_string_equal(end_events(&e), "open\n");
    end_free(&e);
}

static void a_connection_lost_while_upgrading_is_reported(void **state)
{
    end e = {.release_on_closed = true};

    (void)state;
    client_end(&e);
    end_feed_text(&e, "HTTP/1.1 101 Swi");
    pp_ws_eof(e.ws, "connection reset by 127.0.0.1:80");
    assert_null(e.ws);
    assert_string_equal(end_events(&e), "closed 1006  unclean: connection reset by 127.0.0.1:80\n");
    end_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_asks_for_the_upgrade),
        cmocka_unit_test(a_request_cannot_be_split_by_a_text),
        cmocka_unit_test(a_good_answer_opens),
        cmocka_unit_test(an_odd_answer_opens),
        cmocka_unit_test(a_bad_answer_is_refused),
        cmocka_unit_test(a_head_has_limits),
        cmocka_unit_test(a_frame_may_come_with_the_answer),
        cmocka_unit_test(a_client_may_be_released_when_it_opens),
        cmocka_unit_test(a_connection_lost_while_upgrading_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
