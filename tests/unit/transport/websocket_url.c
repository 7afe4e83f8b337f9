/* websocket_url.c - which URLs a WebSocket takes, and what it makes of them. */
#include "transport/websocket_url.h"

#include "base/buf.h"
#include "support/files.h"

#include "pipit/error.h"

static void check(const char *text, bool secure, const char *host, uint16_t port,
                  const char *host_header, const char *target, const char *sip_uri)
{
    pp_websocket_url url = {0};

    assert_int_equal(pp_websocket_url_parse(pp_str_c(text), &url), 0);
    assert_int_equal(url.secure, secure);
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_string_equal(url.host_header, host_header);
    assert_string_equal(url.target, target);
    assert_string_equal(url.sip_uri, sip_uri);
    pp_websocket_url_free(&url);
}

static void a_url_is_taken_apart(void **state)
{
    (void)state;
    check("ws://example.com", false, "example.com", 80, "example.com", "/",
          "sip:example.com;transport=ws");
    check("wss://Example.COM:8443/ws?a=b&c", true, "example.com", 8443, "example.com:8443",
          "/ws?a=b&c", "sip:example.com:8443;transport=ws");
    check("wss://example.com:443", true, "example.com", 443, "example.com", "/",
          "sip:example.com:443;transport=ws");
    check("ws://h:443?x", false, "h", 443, "h:443", "/?x", "sip:h:443;transport=ws");
    check("WSS://h", true, "h", 443, "h", "/", "sip:h;transport=ws");
    check("ws://[2001:DB8::1]:8080/", false, "2001:db8::1", 8080, "[2001:db8::1]:8080", "/",
          "sip:[2001:db8::1]:8080;transport=ws");
    check("wss://[::1]", true, "::1", 443, "[::1]", "/", "sip:[::1];transport=ws");
    check("ws://sip_1.test", false, "sip_1.test", 80, "sip_1.test", "/",
          "sip:sip_1.test;transport=ws");
    check("ws://192.0.2.1:", false, "192.0.2.1", 80, "192.0.2.1", "/",
          "sip:192.0.2.1;transport=ws");
}

static void check_credentials(const char *text, const char *shown, const char *plain)
{
    pp_websocket_url url = {0};
    pp_buf expected = {0};

    assert_int_equal(pp_websocket_url_parse(pp_str_c(text), &url), 0);
    assert_string_equal(url.text, shown);
    if (plain) {
        pp_buf_c(&expected, "Basic ");
        pp_buf_base64(&expected, (const uint8_t *)plain, strlen(plain));
        assert_true(pp_str_eq_c(pp_buf_text(&expected), url.authorization));
    } else {
        assert_null(url.authorization);
    }
    assert_null(strstr(url.host_header, "@"));
    assert_null(strstr(url.sip_uri, "@"));
    pp_buf_free(&expected);
    pp_websocket_url_free(&url);
}

static void credentials_are_taken_out_of_a_url(void **state)
{
    (void)state;
    check_credentials("wss://alice:secret@Example.com/ws?x", "wss://Example.com/ws?x",
                      "alice:secret");
    check_credentials("WS://alice@[::1]:80", "WS://[::1]:80", "alice:");
    check_credentials("ws://a%40b:p%3a%25%2F@h", "ws://h", "a@b:p:%/");
    check_credentials("ws://a:b@c:d@h", "ws://h", "a:b@c:d"); /* as browsers do */
    check_credentials("ws://h/@:b@", "ws://h/@:b@", NULL);
    check_credentials("ws://J%C3%BCrgen:x@h", "ws://h", "J\xc3\xbcrgen:x");
}

static void a_refusal_of_a_url_does_not_show_its_password(void **state)
{
    static const char *const bad[] = {"ws://alice:secret@h:0",  "ws://alice:secret@",
                                      "ws://alice:secret%zz@h", "wsx://alice:secret@h",
                                      "ws://alice:secret@h/ a", "ws://alice:secret@[::1"};
    pp_websocket_url url = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(pp_websocket_url_parse(pp_str_c(bad[i]), &url), PIPIT_ERR_SYNTAX);
        assert_null(strstr(pipit_error_message(), "secret"));
    }
}

static void a_bad_url_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "ws:",
                                      "ws://",
                                      "http://h",
                                      "wsx://h",
                                      "ws://:80",
                                      "ws://h:0",
                                      "ws://h:65536",
                                      "ws://h:8a",
                                      "ws://@h",
                                      "ws://%zz@h",
                                      "ws://u%4@h",
                                      "ws://u%0Ax@h",
                                      "ws://u:p%00@h",
                                      "ws://a%3Ab:c@h",
                                      "ws://u:p/w@h",
                                      "ws://h/ a",
                                      "ws://h/a\r\nb",
                                      "ws://h/#f",
                                      "ws://h#f",
                                      "ws://h\xc3\xa4",
                                      "ws://a b",
                                      "ws://[::1",
                                      "ws://[::1]x",
                                      "ws://[127.0.0.1]",
                                      "ws://[]",
                                      "ws://.h",
                                      "ws://h%20",
                                      "ws://1n2.0.2.1",
                                      "ws://a..b",
                                      "ws://-a"};
    pp_websocket_url url = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (pp_websocket_url_parse(pp_str_c(bad[i]), &url) != PIPIT_ERR_SYNTAX)
            fail_msg("'%s' was taken", bad[i]);
    assert_null(url.host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_taken_apart),
        cmocka_unit_test(credentials_are_taken_out_of_a_url),
        cmocka_unit_test(a_refusal_of_a_url_does_not_show_its_password),
        cmocka_unit_test(a_bad_url_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
