/* server_upgrade.c - which requests a server upgrades, refuses, or leaves to plain HTTP. */
#include "unit/ws/ends.h"

#include "base/limits.h"

static const char *answer_line(end *e)
{
    static char line[128];

    snprintf(line, sizeof(line), "%.*s", (int)pp_str_find(pp_buf_text(&e->out), '\r'),
             e->out.n ? e->out.p : "");
    return line;
}

static void a_server_upgrades(void **state)
{
    end e = {0};

    (void)state;
    server_end(&e);
    end_feed(&e, SERVER_OPENING "\r\n", strlen(SERVER_OPENING "\r\n"), 1);
    assert_string_equal(end_events(&e), "open\n");
    /* The example of RFC 6455 section 1.3. */
    assert_true(pp_str_eq(
        pp_buf_text(&e.out),
        PP_LIT("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
               "Sec-WebSocket-Protocol: sip\r\n\r\n")));
    end_free(&e);
}

static void check_refused(const char *request, const char *line, const char *why)
{
    end e = {0};
    char expected[256];

    server_end(&e);
    end_feed_text(&e, request);
    assert_string_equal(answer_line(&e), line);
    snprintf(expected, sizeof(expected), "closed 1006  unclean: %s\n", why);
    assert_string_equal(end_events(&e), expected);
    end_free(&e);
}

#define LINES "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define SIP   "Sec-WebSocket-Protocol: sip\r\n"
#define V13   "Sec-WebSocket-Version: 13\r\n"
#define BAD   "HTTP/1.1 400 Bad Request"

static void a_bad_request_is_refused(void **state)
{
    (void)state;
    check_refused("POST / HTTP/1.1\r\n" LINES KEY SIP V13 "\r\n", BAD, "an upgrade must be a GET");
    check_refused("GET / HTTP/1.0\r\n" LINES KEY SIP V13 "\r\n", BAD,
                  "an upgrade must be HTTP/1.1");
    check_refused("GET / HTTP/2.0\r\n" LINES KEY SIP V13 "\r\n", BAD, "the request is no HTTP/1.1");
    check_refused("GET /\r\n" LINES KEY SIP V13 "\r\n", BAD, "the request is no HTTP/1.1");
    check_refused("GET / HTTP/1.1\r\nHost: b\r\n" LINES KEY SIP V13 "\r\n", BAD,
                  "an upgrade needs one Host");
    check_refused("GET / HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\n" KEY SIP V13 "\r\n", BAD,
                  "an upgrade needs 'Connection: Upgrade'");
    check_refused("GET / HTTP/1.1\r\n" LINES SIP V13 "\r\n", BAD,
                  "an upgrade needs one Sec-WebSocket-Key of sixteen octets");
    check_refused("GET / HTTP/1.1\r\n" LINES "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n" SIP V13
                  "\r\n",
                  BAD, "an upgrade needs one Sec-WebSocket-Key of sixteen octets");
    check_refused("GET / HTTP/1.1\r\n" LINES KEY V13 "\r\n", BAD,
                  "the subprotocol is not among those asked for");
    check_refused("GET / HTTP/1.1\r\n" LINES KEY "Sec-WebSocket-Protocol: xmpp, sips\r\n" V13
                  "\r\n",
                  BAD, "the subprotocol is not among those asked for");
    check_refused("GET / HTTP/1.1\r\n" LINES KEY SIP "Sec-WebSocket-Version: 8\r\n\r\n",
                  "HTTP/1.1 426 Upgrade Required", "the WebSocket version asked for is not 13");
    check_refused("\x16\x03\x01 TLS instead\r\n\r\n", BAD, "the request is no HTTP/1.1");
}

static void a_version_is_named_in_the_refusal(void **state)
{
    end e = {0};

    (void)state;
    server_end(&e);
    end_feed_text(&e, "GET / HTTP/1.1\r\n" LINES KEY SIP "Sec-WebSocket-Version: 8\r\n\r\n");
    assert_non_null(memmem(e.out.p, e.out.n, "\r\nSec-WebSocket-Version: 13\r\n", 29));
    end_free(&e);
}

static void a_head_without_end_is_refused(void **state)
{
    end e = {0};
    char x[1024];

    (void)state;
    memset(x, 'x', sizeof(x));
    server_end(&e);
    for (size_t n = 0; n < PP_LIMIT_WS_HANDSHAKE; n += sizeof(x))
        end_feed(&e, x, sizeof(x), sizeof(x));
    assert_string_equal(answer_line(&e), "HTTP/1.1 431 Request Header Fields Too Large");
    assert_string_equal(end_events(&e),
                        "closed 1006  unclean: the head of the upgrade is too long\n");
    end_free(&e);
}

static void a_plain_request_goes_to_its_handler(void **state)
{
    end e = {.plain_http = true};

    (void)state;
    server_end(&e);
    end_feed_text(&e, "GET /page?x=1 HTTP/1.1\r\nhost: me:80\r\nOrigin: http://you\r\n\r\n");
    assert_string_equal(end_events(&e), "http GET /page?x=1 me:80 http://you\n"
                                        "closed 1006  unclean: answered as plain HTTP\n");
    assert_true(pp_str_eq(pp_buf_text(&e.out),
                          PP_LIT("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                 "Content-Length: 5\r\nConnection: close\r\n\r\nhello")));
    end_free(&e);
}

static void an_unanswered_plain_request_gets_404(void **state)
{
    end e = {0};

    (void)state;
    server_end(&e);
    end_feed_text(&e, "GET /none HTTP/1.1\r\n\r\n");
    assert_string_equal(answer_line(&e), "HTTP/1.1 404 Not Found");
    assert_string_equal(end_events(&e),
                        "http GET /none  \n"
                        "closed 1006  unclean: the request was no upgrade and not answered\n");
    end_free(&e);
}

static void a_plain_request_without_a_handler_gets_426(void **state)
{
    pp_ws_handlers handlers = end_handlers;
    end e = {0};

    (void)state;
    handlers.http = NULL;
    assert_int_equal(pp_ws_server_new(&(pp_ws_server_options){0}, &counting, &handlers, &e, &e.ws),
                     0);
    end_feed_text(&e, "GET / HTTP/1.1\r\n\r\n");
    assert_string_equal(answer_line(&e), "HTTP/1.1 426 Upgrade Required");
    end_free(&e);
}

static void a_server_without_a_subprotocol_names_none(void **state)
{
    end e = {0};

    (void)state;
    assert_int_equal(
        pp_ws_server_new(&(pp_ws_server_options){0}, &counting, &end_handlers, &e, &e.ws), 0);
    end_feed_text(&e, SERVER_OPENING "\r\n");
    assert_string_equal(end_events(&e), "open\n");
    pp_buf_char(&e.out, '\0');
    assert_null(memmem(e.out.p, e.out.n, "Sec-WebSocket-Protocol", 22));
    end_free(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_upgrades),
        cmocka_unit_test(a_bad_request_is_refused),
        cmocka_unit_test(a_version_is_named_in_the_refusal),
        cmocka_unit_test(a_head_without_end_is_refused),
        cmocka_unit_test(a_plain_request_goes_to_its_handler),
        cmocka_unit_test(an_unanswered_plain_request_gets_404),
        cmocka_unit_test(a_plain_request_without_a_handler_gets_426),
        cmocka_unit_test(a_server_without_a_subprotocol_names_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
