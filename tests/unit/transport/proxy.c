/* proxy.c - a proxy's URL, and who is reached without it. */
#include "transport/proxy.h"

#include "base/buf.h"
#include "support/files.h"

#include "pipit/error.h"

static void check(const char *text, const char *host, uint16_t port, const char *plain)
{
    pp_proxy proxy = {0};
    pp_buf expected = {0};

    assert_int_equal(pp_proxy_parse(pp_str_c(text), &proxy), 0);
    assert_string_equal(proxy.host, host);
    assert_int_equal(proxy.port, port);
    if (plain) {
        pp_buf_c(&expected, "Basic ");
        pp_buf_base64(&expected, (const uint8_t *)plain, strlen(plain));
        assert_true(pp_str_eq_c(pp_buf_text(&expected), proxy.authorization));
    } else {
        assert_null(proxy.authorization);
    }
    pp_buf_free(&expected);
    pp_proxy_free(&proxy);
}

static void a_proxy_is_read_as_curl_does(void **state)
{
    (void)state;
    check("http://proxy.example.com:3128", "proxy.example.com", 3128, NULL);
    check("HTTP://proxy.example.com:3128/", "proxy.example.com", 3128, NULL);
    check("proxy.example.com:8080", "proxy.example.com", 8080, NULL);
    check("http://proxy", "proxy", 1080, NULL);
    check("http://me:pa%3ass@192.0.2.9:3128", "192.0.2.9", 3128, "me:pa:ss");
    check("me:pass@[2001:db8::9]:3128", "2001:db8::9", 3128, "me:pass");
}

static void check_refused(const char *text, int err)
{
    pp_proxy proxy = {0};

    if (pp_proxy_parse(pp_str_c(text), &proxy) != err)
        fail_msg("'%s' was taken", text);
    assert_null(proxy.host);
    assert_null(strstr(pipit_error_message(), "secret"));
}

static void a_proxy_that_is_none_is_refused_without_its_password(void **state)
{
    (void)state;
    check_refused("https://me:secret@proxy:3128", PIPIT_ERR_NOT_SUPPORTED);
    check_refused("socks5://proxy:1080", PIPIT_ERR_NOT_SUPPORTED);
    check_refused("", PIPIT_ERR_SYNTAX);
    check_refused("http://", PIPIT_ERR_SYNTAX);
    check_refused("http://me:secret@proxy:0", PIPIT_ERR_SYNTAX);
    check_refused("http://me:secret%0a@proxy", PIPIT_ERR_SYNTAX);
    check_refused("http://proxy/path", PIPIT_ERR_SYNTAX);
    check_refused("http://a b", PIPIT_ERR_SYNTAX);
    check_refused("http://a\r\nb", PIPIT_ERR_SYNTAX);
}

static void check_exempt(const char *list, const char *host, bool expected)
{
    if (pp_proxy_is_exempt(pp_str_c(list), host) != expected)
        fail_msg("'%s' and %s", list, host);
}

static void names_and_what_is_below_them_are_exempt(void **state)
{
    (void)state;
    check_exempt("example.com", "example.com", true);
    check_exempt("example.com", "sip.example.com", true);
    check_exempt(".example.com", "example.com", true);
    check_exempt(".example.com.", "SIP.Example.COM.", true);
    check_exempt("example.com", "badexample.com", false);
    check_exempt("sip.example.com", "example.com", false);
    check_exempt("a.test, b.test\tc.test,,d.test", "d.test", true);
    check_exempt("a.test, b.test", "c.test", false);
    check_exempt("*", "any.example", true);
    check_exempt("*.example.com", "sip.example.com", false); /* as curl: a star stands alone */
    check_exempt("", "example.com", false);
    check_exempt(NULL, "example.com", false);
}

static void addresses_and_networks_are_exempt(void **state)
{
    (void)state;
    check_exempt("192.0.2.1", "192.0.2.1", true);
    check_exempt("192.0.2.1", "192.0.2.10", false);
    check_exempt("10.0.0.0/8", "10.255.1.2", true);
    check_exempt("10.0.0.0/8", "11.0.0.1", false);
    check_exempt("192.0.2.128/25", "192.0.2.129", true);
    check_exempt("192.0.2.128/25", "192.0.2.127", false);
    check_exempt("0.0.0.0/0", "198.51.100.1", true);
    check_exempt("10.0.0.0/33", "10.0.0.1", false);
    check_exempt("10.0.0.0/", "10.0.0.0", false);
    check_exempt("[2001:db8::1]", "2001:db8::1", true);
    check_exempt("2001:db8::/33", "2001:db8:7fff::1", true);
    check_exempt("2001:db8::/33", "2001:db8:8000::1", false);
    check_exempt("2001:db8::1/128", "2001:db8::1", true);
    check_exempt("0.0.0.0/0", "2001:db8::1", false);
    check_exempt("2.1", "192.0.2.1", false); /* an address has nothing below it */
}

static void the_machine_itself_is_exempt(void **state)
{
    (void)state;
    check_exempt("", "localhost", true);
    check_exempt("", "sip.localhost", true);
    check_exempt("", "127.0.0.1", true);
    check_exempt("", "127.9.9.9", true);
    check_exempt("", "::1", true);
    check_exempt("", "localhost.example.com", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_is_read_as_curl_does),
        cmocka_unit_test(a_proxy_that_is_none_is_refused_without_its_password),
        cmocka_unit_test(names_and_what_is_below_them_are_exempt),
        cmocka_unit_test(addresses_and_networks_are_exempt),
        cmocka_unit_test(the_machine_itself_is_exempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
