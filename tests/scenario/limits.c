/* limits.c - the named limits of messages before a user agent: the last that is taken, the first that is refused and with what;
 * and that it sends nothing beyond them. */
#include "base/limits.h"
#include "base/buf.h"
#include "support/cast/lone.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned number; /* of the message */

/* A request without its end. */
static void start(pp_buf *out, const char *method, const char *ruri)
{
    number++;
    pp_buf_format(out,
                  "%s %s SIP/2.0\r\nVia: SIP/2.0/WSS far.invalid;branch=z9hG4bKlimit%u\r\n"
                  "From: <sip:bob@example.com>;tag=far\r\nTo: <sip:alice@example.com>\r\n"
                  "Call-ID: limit%u\r\nCSeq: 1 %s\r\nContact: <sip:bob@far.invalid>\r\n",
                  method, ruri, number, number, method);
}

/* Ends it, delivers it, and checks the status line. */
static void expect(lone *l, pp_buf *text, const char *status_line)
{
    assert_int_equal(pp_buf_error(text), 0);
    lone_receive(l, pp_buf_text(text));
    if (!lone_answered(l, status_line))
        fail_msg("answered %d, not %s", l->status, status_line);
    assert_true(lone_works(l));
    pp_buf_free(text);
}

static void repeat(pp_buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pp_buf_c(out, text);
}

/* --- the size of a message -------------------------------------------------------------------- */

static void receive_of_size(lone *l, size_t size, const char *status_line)
{
    pp_buf text = {0};

    start(&text, "MESSAGE", pipit_ua_contact(l->ua));
    pp_buf_c(&text, "Content-Type: text/plain\r\n\r\n");
    repeat(&text, "x", size - text.n);
    expect(l, &text, status_line);
}

static void check_size(unsigned configured, size_t limit)
{
    lone *l = lone_new("sip:alice@example.com", configured);

    receive_of_size(l, limit, "SIP/2.0 200 OK");
    receive_of_size(l, limit + 1, "SIP/2.0 513 Message Too Large");
    assert_int_equal(l->messages, 1);
    lone_free(l);
}

static void a_message_may_be_as_large_as_configured(void **state)
{
    (void)state;
    check_size(0, 64u << 10);
    check_size(2000, 2000);
    check_size(200u << 10, 200u << 10);
    check_size(1u << 20, 1u << 20);
}

static void eight_megabytes_of_noise_do_no_harm(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);
    char *noise = malloc(8u << 20);

    (void)state;
    assert_non_null(noise);
    memset(noise, 'x', 8u << 20);
    assert_int_equal(lone_receive(l, pp_str_n(noise, 8u << 20)), 0);
    assert_true(lone_works(l));
    free(noise);
    lone_free(l);
}

/* --- header fields, lists, bodies ------------------------------------------------------------- */

static void receive_headers(lone *l, const char *line, size_t count, const char *status_line)
{
    pp_buf text = {0};

    start(&text, "OPTIONS", pipit_ua_contact(l->ua));
    repeat(&text, line, count);
    pp_buf_c(&text, "\r\n");
    expect(l, &text, status_line);
}

static void header_fields_may_be_256(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);

    (void)state;
    receive_headers(l, "X-Line: x\r\n", PP_LIMIT_SIP_HEADERS - 6, "SIP/2.0 200 OK");
    receive_headers(l, "X-Line: x\r\n", PP_LIMIT_SIP_HEADERS - 5,
                    "SIP/2.0 400 Too Many Header Fields");
    receive_headers(l, "\r\n", 2000, "SIP/2.0 200 OK"); /* that is body */
    lone_free(l);
}

static void receive_long_header(lone *l, size_t size, const char *status_line)
{
    pp_buf line = {0};

    pp_buf_c(&line, "Subject: ");
    repeat(&line, "x", size - line.n);
    pp_buf_c(&line, "\r\n");
    pp_buf_char(&line, '\0');
    receive_headers(l, line.p, 1, status_line);
    pp_buf_free(&line);
}

static void a_header_field_may_have_16_kib(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);

    (void)state;
    receive_long_header(l, PP_LIMIT_SIP_HEADER, "SIP/2.0 200 OK");
    receive_long_header(l, PP_LIMIT_SIP_HEADER + 20, "SIP/2.0 400 Header Field Too Long");
    lone_free(l);
}

static void a_list_may_have_70_members(void **state)
{
    static const char via[] = "Via: SIP/2.0/WSS a.invalid\r\n";
    lone *l = lone_new("sip:alice@example.com", 0);

    (void)state;
    receive_headers(l, via, PP_LIMIT_SIP_LIST - 1, "SIP/2.0 200 OK");
    receive_headers(l, via, PP_LIMIT_SIP_LIST, "SIP/2.0 400 Too Many Via");
    receive_headers(l, "Route: <sip:a>, <sip:b>\r\n", PP_LIMIT_SIP_LIST / 2, "SIP/2.0 200 OK");
    receive_headers(l, "Route: <sip:a>, <sip:b>\r\n", PP_LIMIT_SIP_LIST / 2 + 1,
                    "SIP/2.0 400 Too Many List Members");
    receive_headers(l, "k: a\r\n", PP_LIMIT_SIP_LIST + 1, "SIP/2.0 400 Too Many List Members");
    receive_headers(l, "X-List: a,b\r\n", PP_LIMIT_SIP_LIST + 1, "SIP/2.0 200 OK");
    lone_free(l);
}

static void a_request_uri_may_have_4096_octets(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);
    char uri[PP_LIMIT_SIP_URI + 2];

    (void)state;
    memset(uri, 'x', sizeof(uri));
    memcpy(uri, "sip:alice@example.com;", 22);
    for (size_t n = PP_LIMIT_SIP_URI; n <= PP_LIMIT_SIP_URI + 1; n++) {
        pp_buf text = {0};
        uri[n] = '\0';
        start(&text, "OPTIONS", uri);
        uri[n] = 'x';
        pp_buf_c(&text, "\r\n");
        expect(l, &text, n == PP_LIMIT_SIP_URI ? "SIP/2.0 200 " : "SIP/2.0 414 ");
    }
    lone_free(l);
}

static void a_description_may_have_32_kib(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);

    (void)state;
    for (size_t n = PP_LIMIT_SDP; n <= PP_LIMIT_SDP + 1; n++) {
        pp_buf text = {0};
        start(&text, "INVITE", pipit_ua_contact(l->ua));
        pp_buf_c(&text, "Content-Type: application/sdp\r\n\r\n");
        repeat(&text, "x", n);
        expect(l, &text, n == PP_LIMIT_SDP ? "SIP/2.0 180 " : "SIP/2.0 413 ");
    }
    lone_free(l);
}

static void receive_nested(lone *l, unsigned levels, const char *status_line)
{
    pp_buf text = {0};

    start(&text, "MESSAGE", pipit_ua_contact(l->ua));
    for (unsigned i = 0; i < levels; i++)
        pp_buf_format(&text, "Content-Type: multipart/mixed;boundary=b%u\r\n\r\n--b%u\r\n", i, i);
    pp_buf_c(&text, "\r\ninside");
    expect(l, &text, status_line);
}

static void parts_may_be_nested_four_deep(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);

    (void)state;
    receive_nested(l, PP_LIMIT_SIP_NESTING, "SIP/2.0 200 OK");
    receive_nested(l, PP_LIMIT_SIP_NESTING + 1, "SIP/2.0 400 Body Nested Too Deep");
    receive_nested(l, 300, "SIP/2.0 400 Body Nested Too Deep");
    lone_free(l);
}

/* --- what we send ----------------------------------------------------------------------------- */

static int send_of_size(lone *l, size_t size)
{
    char *body = malloc(size + 1);
    int err;

    assert_non_null(body);
    memset(body, 'x', size);
    body[size] = '\0';
    err = pipit_ua_send_message(l->ua, "bob", body, NULL, NULL);
    free(body);
    return err;
}

static void check_sending(unsigned configured, size_t taken, size_t refused)
{
    lone *l = lone_new("sip:alice@example.com", configured);
    unsigned before = l->sent;

    assert_int_equal(send_of_size(l, taken), 0);
    assert_int_equal(l->sent, before + 1);
    assert_int_equal(send_of_size(l, refused), PIPIT_ERR_LIMIT);
    assert_int_equal(l->sent, before + 1);
    assert_true(lone_works(l));
    lone_free(l);
}

static void a_message_too_large_is_not_sent(void **state)
{
    (void)state;
    check_sending(0, 60u << 10, 64u << 10);
    check_sending(2000, 1000, 2000);
    check_sending(1u << 20, 1000u << 10, 1u << 20);
}

static void header_fields_too_long_or_too_many_are_not_sent(void **state)
{
    lone *l = lone_new("sip:alice@example.com", 0);
    pipit_message_options options = {0};
    static const char *lines[PP_LIMIT_SIP_HEADERS + 1];
    static char line[PP_LIMIT_SIP_HEADER + 10];
    unsigned before = l->sent;

    (void)state;
    for (size_t i = 0; i < PP_LIMIT_SIP_HEADERS; i++)
        lines[i] = "X-Line: x";
    options.extra_headers = lines;
    assert_int_equal(pipit_ua_send_message(l->ua, "bob", "hello", &options, NULL), PIPIT_ERR_LIMIT);
    memset(line, 'x', sizeof(line) - 1);
    memcpy(line, "X-Line: ", 8);
    lines[0] = line;
    lines[1] = NULL;
    assert_int_equal(pipit_ua_send_message(l->ua, "bob", "hello", &options, NULL), PIPIT_ERR_LIMIT);
    assert_int_equal(l->sent, before);
    lone_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_may_be_as_large_as_configured),
        cmocka_unit_test(eight_megabytes_of_noise_do_no_harm),
        cmocka_unit_test(header_fields_may_be_256),
        cmocka_unit_test(a_header_field_may_have_16_kib),
        cmocka_unit_test(a_list_may_have_70_members),
        cmocka_unit_test(a_request_uri_may_have_4096_octets),
        cmocka_unit_test(a_description_may_have_32_kib),
        cmocka_unit_test(parts_may_be_nested_four_deep),
        cmocka_unit_test(a_message_too_large_is_not_sent),
        cmocka_unit_test(header_fields_too_long_or_too_many_are_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
