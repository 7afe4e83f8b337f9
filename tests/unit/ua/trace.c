/* trace.c - what is shown of messages, and what never is. */
#include "ua/trace.h"
#include "unit/ua/support/stage.h"

static void check_redacted(const char *text, const char *expected)
{
    pp_buf out = {0};

    pp_redact(pp_str_c(text), &out);
    pp_buf_char(&out, '\0');
    assert_string_equal(out.p, expected);
    pp_buf_free(&out);
}

static void a_secret_is_replaced_whatever_it_is_written_like(void **state)
{
    (void)state;
    check_redacted("", "");
    check_redacted("INVITE x\r\nTo: y\r\n\r\nv=0\r\n", "INVITE x\r\nTo: y\r\n\r\nv=0\r\n");
    check_redacted("A: b\r\nAuthorization: Digest s3cret\r\nC: d\r\n",
                   "A: b\r\nAuthorization: ***\r\nC: d\r\n");
    check_redacted("PROXY-authorization\t: s3cret,\r\n\ts3cret\r\n s3cret\r\nC: d",
                   "PROXY-authorization\t: ***\r\nC: d");
    check_redacted("authorization:s3cret", "authorization: ***");
    check_redacted("authorization:\r\n s3cret\nC: d", "authorization: ***\r\nC: d");
    check_redacted("\r\nv=0\r\na=ice-pwd:s3cret\r\na=ice-ufrag:abcd\r\n",
                   "\r\nv=0\r\na=ice-pwd: ***\r\na=ice-ufrag:abcd\r\n");
    check_redacted("a=crypto:1 AES inline:s3cret\nk=base64:s3cret\nA=ICE-PWD:s3cret",
                   "a=crypto: ***\nk= ***\nA=ICE-PWD: ***");
}

static void a_planted_secret_is_in_no_output(void **state)
{
    pipit_ua_configuration c = {.uri = "sip:alice@example.com",
                                .password = "pl4nted-password",
                                .instance_id = "0f4e9c2a-1b3d-4c5e-8f60-718293a4b5c6"};
    stage *at = stage_new(&c);

    (void)state;
    pipit_ua_start(at->ua);
    advance_ms(at, 1);
    expect_sent(at, "REGISTER ");
    answer(at, at->last, "401 Unauthorized", "r",
           "WWW-Authenticate: Digest realm=\"example.com\", nonce=\"n\", qop=\"auth\"\r\n", NULL);
    expect_sent(at, "REGISTER ");
    assert_true(header_holds(at->last, "Authorization", "response="));
    call_in(at, NULL, "v=0\r\na=ice-pwd:pl4nted-ice\r\na=crypto:1 x inline:pl4nted-key\r\n");
    come(at, &(coming){.method = "OPTIONS", .call_id = "o", .lines = "Authorization: pl4nted\r\n"});
    pp_buf_char(&at->trace, '\0');
    assert_non_null(strstr(at->trace.p, "REGISTER sip:example.com"));
    assert_non_null(strstr(at->trace.p, "SIP/2.0 180 Ringing"));
    assert_non_null(strstr(at->trace.p, "session waiting for answer"));
    assert_null(strstr(at->trace.p, "pl4nted"));
    assert_null(strstr(at->trace.p, "response=\""));
    stage_free(at);
}

static char *logged;

static void keep_line(void *arg, pipit_log_level level, const char *component, const char *text)
{
    pp_buf *out = arg;

    (void)level;
    pp_buf_format(out, "%s %s\n", component, text);
}

static void a_log_names_no_secret(void **state)
{
    pp_buf out = {0};
    stage *at;

    (void)state;
    assert_int_equal(pipit_log_enable("*"), 0);
    pipit_log_set_sink(keep_line, &out);
    at = stage_calling();
    answer(at, at->invite, "407 Proxy Authentication Required", "r",
           "Proxy-Authenticate: Digest realm=\"example.com\", nonce=\"n\", qop=\"auth\"\r\n", NULL);
    stage_free(at);
    pipit_log_set_sink(NULL, NULL);
    pipit_log_enable(NULL);
    assert_int_equal(pp_buf_take(&out, &logged), 0);
    assert_non_null(strstr(logged, "RTCSession"));
    assert_null(strstr(logged, "wonderland"));
    assert_null(strstr(logged, "response="));
    pp_free(logged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_replaced_whatever_it_is_written_like),
        cmocka_unit_test(a_planted_secret_is_in_no_output),
        cmocka_unit_test(a_log_names_no_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
