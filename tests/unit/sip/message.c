/* message.c - messages that come: read generously, refused exactly. */
#include "sip/message.h"

#include "base/limits.h"
#include "pipit/error.h"
#include "sip/outgoing.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

#define VIA  "Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
#define FROM "From: <sip:alice@example.com>;tag=1\r\n"
#define TO   "To: <sip:bob@example.com>\r\n"
#define ID   "Call-ID: x@y\r\n"
#define CSEQ "CSeq: 7 MESSAGE\r\n"
#define LINE "MESSAGE sip:bob@example.com SIP/2.0\r\n"
#define MUST VIA FROM TO ID CSEQ

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static pp_message *parsed(const char *text)
{
    pp_message *m = NULL;

    if (pp_message_parse(pp_str_c(text), &m))
        fail_msg("%s: %s", text, pipit_error_message());
    return m;
}

static pp_message *sound(const char *text)
{
    pp_message *m = parsed(text);

    if (m->defect)
        fail_msg("%s: %s", text, m->defect_phrase);
    return m;
}

static void a_request_is_read(void **state)
{
    pp_message *m =
        sound(LINE MUST "Content-Type: text/plain;charset=utf-8\r\nContent-Length: 4\r\n\r\nbody");

    (void)state;
    assert_true(m->is_request);
    assert_int_equal(m->method, PP_MESSAGE);
    assert_str(m->method_name, "MESSAGE");
    assert_str(m->ruri_text, "sip:bob@example.com");
    assert_str(m->ruri.user, "bob");
    assert_int_equal(m->header_count, 7);
    assert_str(m->headers[0].name, "Via");
    assert_str(m->via.transport, "WSS");
    assert_str(m->via.host, "a.invalid");
    assert_str(m->via.branch, "z9hG4bK1");
    assert_int_equal(m->via_count, 1);
    assert_str(m->from.uri.user, "alice");
    assert_str(m->from_tag, "1");
    assert_true(pp_str_empty(m->to_tag));
    assert_str(m->call_id, "x@y");
    assert_int_equal(m->cseq, 7);
    assert_true(pp_message_content_is(m, "text/plain"));
    assert_false(pp_message_content_is(m, "text/html"));
    assert_str(m->body, "body");
    assert_ptr_equal(pp_message_ref(m), m);
    assert_null(pp_message_unref(m));
    assert_str(m->body, "body");
    pp_message_unref(m);
    assert_null(pp_message_unref(NULL));
}

static void a_response_is_read(void **state)
{
    pp_message *m = sound("SIP/2.0 200 All right, \xC3\xB1 <\"[]\r\n" VIA FROM
                          "To: <sip:b@c>;tag=2\r\n" ID "CSeq: 4294967295 INVITE\r\n\r\n");

    (void)state;
    assert_false(m->is_request);
    assert_int_equal(m->status, 200);
    assert_str(m->reason, "All right, \xC3\xB1 <\"[]");
    assert_int_equal(m->method, PP_INVITE);
    assert_str(m->method_name, "INVITE");
    assert_str(m->to_tag, "2");
    assert_true(m->cseq == UINT32_MAX);
    pp_message_unref(m);
    pp_message_unref(sound("SIP/2.0 100 \r\n" MUST "\r\n"));
    pp_message_unref(sound("SIP/2.0 100\r\n" MUST "\r\n"));
    pp_message_unref(sound("sip/2.0 100 Trying\r\n" MUST "\r\n"));
}

static void folds_and_blanks_change_nothing(void **state)
{
    pp_message *m =
        sound("\r\n\r\n" LINE "v :SIP  /  2.0/ WSS\r\n\ta.invalid : 8080 ;\r\n branch = "
              "z9hG4bK1;received=[::1] , SIP/2.0/WS  b;x\r\n"
              "FROM\t:\r\n \"A \\\" B\"\r\n <sip:alice@example.com> ; tag\r\n  =\r\n\t1\r\n" TO
              "i:x@y\r\n"
              "cseq:  0007\r\n  MESSAGE \r\nl:  \t 2  \r\n\r\nhi");

    (void)state;
    assert_str(m->via.transport, "WSS");
    assert_str(m->via.host, "a.invalid");
    assert_int_equal(m->via.port, 8080);
    assert_str(m->via.branch, "z9hG4bK1");
    assert_int_equal(m->via_count, 2);
    assert_str(m->from.display_name, "\"A \\\" B\"");
    assert_str(m->from_tag, "1");
    assert_int_equal(m->cseq, 7);
    assert_str(m->body, "hi");
    assert_null(memchr(m->headers[1].value.p, '\n', m->headers[1].value.n));
    pp_message_unref(m);
}

static void the_body_ends_where_content_length_says(void **state)
{
    static const struct {
        const char *length, *body;
    } rows[] = {
        {"", "0123\r\n\r\nNEXT"},
        {"Content-Length: 4\r\n", "0123"},
        {"Content-Length: 0\r\n", ""},
        {"Content-Length: 4\r\nl: 4\r\n", "0123"},
        {"Content-Length: 0000012\r\n", "0123\r\n\r\nNEXT"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[1024];
        pp_message *m;
        snprintf(text, sizeof(text), LINE MUST "%s\r\n0123\r\n\r\nNEXT", rows[i].length);
        m = sound(text);
        assert_str(m->body, rows[i].body);
        pp_message_unref(m);
    }
}

static void a_request_with_a_fault_says_what_to_answer(void **state)
{
    static const struct {
        const char *text;
        int status;
        const char *phrase;
    } rows[] = {
        {"MESSAGE sip:a@b SIP/3.0\r\n" MUST "\r\n", 505, "Version Not Supported"},
        {"MESSAGE sip:a@b SIP/3.0\r\n" VIA FROM "To: <\r\n" ID CSEQ "\r\n", 505,
         "Version Not Supported"},
        {"MESSAGE sip:a@b SIP/x\r\n" MUST "\r\n", 400, "Bad Request Line"},
        {"MESSAGE sip:a@b HTTP/1.1\r\n" MUST "\r\n", 400, "Bad Request Line"},
        {"MESSAGE sip:a@b\r\n" MUST "\r\n", 400, "Bad Request Line"},
        {"MESSAGE  sip:a@b SIP/2.0\r\n" MUST "\r\n", 400, "Bad Request Line"},
        {"MESSAGE sip:a@b SIP/2.0 \r\n" MUST "\r\n", 400, "Bad Request Line"},
        {"MESSAGE a@b SIP/2.0\r\n" MUST "\r\n", 400, "Bad Request-URI"},
        {"MESSAGE sip:a@b?Route=x SIP/2.0\r\n" MUST "\r\n", 400, "Bad Request-URI"},
        {LINE "Via: SIP/2.0/WSS\r\n" FROM TO ID CSEQ "\r\n", 400, "Bad Via"},
        {LINE "Via: SIP/2.0/WSS a:99999\r\n" FROM TO ID CSEQ "\r\n", 400, "Bad Via"},
        {LINE "Via: SIP/2.0/WSS a;;,;,,\r\n" FROM TO ID CSEQ "\r\n", 400, "Bad Via"},
        {LINE "Via: HTTP/2.0/WSS a\r\n" FROM TO ID CSEQ "\r\n", 400, "Bad Via"},
        {LINE VIA "From: \"a <sip:a@b>;tag=1\r\n" TO ID CSEQ "\r\n", 400, "Bad From"},
        {LINE VIA "From: <sip:a@b>;tag\r\n" TO ID CSEQ "\r\n", 400, "Bad From"},
        {LINE VIA FROM "To: </>\r\n" ID CSEQ "\r\n", 400, "Bad To"},
        {LINE VIA FROM "To: <sip:a@b>;tag=\r\n" ID CSEQ "\r\n", 400, "Bad To"},
        {LINE VIA FROM TO "Call-ID:\r\n" CSEQ "\r\n", 400, "Bad Call-ID"},
        {LINE VIA FROM TO "Call-ID: a b\r\n" CSEQ "\r\n", 400, "Bad Call-ID"},
        {LINE VIA FROM TO ID "CSeq: 4294967296 MESSAGE\r\n\r\n", 400, "Bad CSeq"},
        {LINE VIA FROM TO ID "CSeq: -1 MESSAGE\r\n\r\n", 400, "Bad CSeq"},
        {LINE VIA FROM TO ID "CSeq: 1\r\n\r\n", 400, "Bad CSeq"},
        {LINE VIA FROM TO ID "CSeq: 1 MESSAGE x\r\n\r\n", 400, "Bad CSeq"},
        {LINE VIA FROM TO ID "CSeq: 1 message\r\n\r\n", 400, "CSeq Method Mismatch"},
        {LINE MUST FROM "\r\n", 400, "Multiple From"},
        {LINE MUST TO "\r\n", 400, "Multiple To"},
        {LINE MUST ID "\r\n", 400, "Multiple Call-ID"},
        {LINE MUST CSEQ "\r\n", 400, "Multiple CSeq"},
        {LINE MUST "l: 0\r\nl: 1\r\n\r\nx", 400, "Different Content-Length"},
        {LINE MUST "l: -1\r\n\r\nx", 400, "Bad Content-Length"},
        {LINE MUST "l: 1x\r\n\r\nx", 400, "Bad Content-Length"},
        {LINE MUST "l:\r\n\r\nx", 400, "Bad Content-Length"},
        {LINE MUST "l: 4294967296\r\n\r\nx", 400, "Bad Content-Length"},
        {LINE MUST "l: 2\r\n\r\nx", 400, "Content-Length Larger Than Body"},
        {LINE MUST "Contact: <sip:a@b>, <sip:\r\n\r\n", 400, "Bad Contact"},
        {LINE MUST "Foobar roobar\r\n\r\n", 400, "Bad Header Field"},
        {LINE MUST "Foo bar: x\r\n\r\n", 400, "Bad Header Field"},
        {LINE MUST ": x\r\n\r\n", 400, "Bad Header Field"},
        {LINE MUST "Subject: a\nl: 1\r\n\r\n", 400, "CR or LF Alone"},
        {LINE MUST "Subject: a\rl: 1\r\n\r\n", 400, "CR or LF Alone"},
        {LINE " " VIA MUST "\r\n", 400, "Bad Request Line"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        pp_message *m = parsed(rows[i].text);
        if (m->defect != rows[i].status || strcmp(m->defect_phrase, rows[i].phrase) != 0)
            fail_msg("%s: got %d %s", rows[i].text, m->defect, m->defect ? m->defect_phrase : "");
        pp_message_unref(m);
    }
}

static void a_text_that_cannot_be_answered_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "\r\n",
        "\r\n\r\n",
        "MESSAGE",
        LINE,
        LINE "\r\n",
        "\x16\x03\x01\r\n\r\n",
        LINE MUST,
        LINE FROM TO ID CSEQ "\r\n",
        LINE VIA TO ID CSEQ "\r\n",
        LINE VIA FROM ID CSEQ "\r\n",
        LINE VIA FROM TO CSEQ "\r\n",
        LINE VIA FROM TO ID "\r\n",
        "M@SSAGE sip:a@b SIP/2.0\r\n" MUST "\r\n",
        "MESSAGE\r\n" MUST "\r\n",
        "SIP/2.0 99 x\r\n" MUST "\r\n",
        "SIP/2.0 700 x\r\n" MUST "\r\n",
        "SIP/2.0 4294967301 x\r\n" MUST "\r\n",
        "SIP/2.0 2000 x\r\n" MUST "\r\n",
        "SIP/3.0 200 x\r\n" MUST "\r\n",
        "SIP/2.0\r\n" MUST "\r\n",
        "SIP/2.0 200OK\r\n" MUST "\r\n",
        "SIP/2.0 200 x\r\n" MUST TO "\r\n",
        "SIP/2.0 200 x\r\n" MUST "l: 2\r\n\r\nx",
        "MESSAGE sip:a@b SIP/2.0\nVia: SIP/2.0/WS a\n\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        pp_message *m = NULL;
        if (pp_message_parse(pp_str_c(texts[i]), &m) != PIPIT_ERR_SYNTAX || m)
            fail_msg("'%s' was taken", texts[i]);
    }
}

static void a_response_with_an_odd_line_is_still_read(void **state)
{
    pp_message *m = sound("SIP/2.0 200 OK\r\nno colon here\r\n" MUST "Contact: <sip:\r\n\r\n");

    (void)state;
    assert_int_equal(m->header_count, 6);
    pp_message_unref(m);
}

static void a_nul_is_taken_in_a_quoted_pair_only(void **state)
{
    static const char quoted[] = LINE "Subject: \"\\\0\"\r\n" MUST "\r\n";
    static const char plain[] = LINE "Subject: a\0b\r\n" MUST "\r\n";
    pp_message *m = NULL;

    (void)state;
    assert_int_equal(pp_message_parse(pp_str_n(quoted, sizeof(quoted) - 1), &m), 0);
    assert_int_equal(m->defect, 0);
    pp_message_unref(m);
    assert_int_equal(pp_message_parse(pp_str_n(plain, sizeof(plain) - 1), &m), 0);
    assert_int_equal(m->defect, 400);
    pp_message_unref(m);
}

static void a_header_is_found_by_number_and_by_name(void **state)
{
    pp_message *m =
        sound(LINE MUST "X-Shoe: left\r\nk: a\r\nSUPPORTED: b,c\r\nx-shoe: right\r\n\r\n");

    (void)state;
    assert_int_equal(pp_message_count(m, PP_HEADER_SUPPORTED), 2);
    assert_str(pp_message_header(m, PP_HEADER_SUPPORTED, 1), "b,c");
    assert_null(pp_message_header(m, PP_HEADER_SUPPORTED, 2).p);
    assert_str(pp_message_header_named(m, PP_LIT("x-SHOE"), 1), "right");
    assert_null(pp_message_header_named(m, PP_LIT("X-Shoe"), 2).p);
    assert_null(pp_message_header_named(m, PP_LIT("X-Sock"), 0).p);
    assert_str(pp_message_header_named(m, PP_LIT("K"), 0), "a");
    assert_true(pp_message_lists(m, PP_HEADER_SUPPORTED, "C"));
    assert_false(pp_message_lists(m, PP_HEADER_SUPPORTED, "b,c"));
    assert_false(pp_message_lists(m, PP_HEADER_REQUIRE, "a"));
    pp_message_unref(m);
}

static void the_members_of_a_list_are_walked_across_lines(void **state)
{
    static const char *const wanted[] = {"<sip:a@b>;q=1", "\"x, y\" <sip:c,d@e>", "sip:f@g", "*"};
    pp_message *m =
        sound(LINE MUST
              "Contact: <sip:a@b>;q=1 ,\"x, y\" <sip:c,d@e>\r\nContact:\r\nm: sip:f@g,, *\r\n\r\n");
    pp_member at = {0};
    pp_str value;
    size_t n = 0;

    (void)state;
    while (pp_message_next(m, PP_HEADER_CONTACT, &at, &value))
        assert_str(value, wanted[n++]);
    assert_int_equal(n, 4);
    assert_false(pp_message_next(m, PP_HEADER_CONTACT, &at, &value));
    pp_message_unref(m);
}

static void the_members_of_a_list_are_taken_apart(void **state)
{
    static const char *const wanted[] = {"p1.example.com", "p2", "p3"};
    pp_message *m =
        sound(LINE MUST "Record-Route: <sip:p1.example.com;lr>, \"a, b\" <sip:p2;lr> ;x\r\n"
                        "Record-Route: <sip:p@>,, sip:p3;y\r\n"
                        "v: SIP/2.0/TCP b.example:5070;branch=2, SIP / 2.0/UDP c\r\n\r\n");
    pp_member at = {0};
    pp_name_addr route;
    pp_via via;
    size_t good = 0, bad = 0;
    int more;

    (void)state;
    while (more = pp_message_next_address(m, PP_HEADER_RECORD_ROUTE, &at, &route), more) {
        bad += more == PIPIT_ERR_SYNTAX;
        if (more > 0)
            assert_str(route.uri.host, wanted[good++]);
    }
    assert_int_equal(good, 3);
    assert_int_equal(bad, 1);
    assert_int_equal(pp_message_next_address(m, PP_HEADER_ROUTE, &(pp_member){0}, &route), 0);
    at = (pp_member){0};
    assert_int_equal(pp_message_next_via(m, &at, &via), 1);
    assert_str(via.branch, "z9hG4bK1");
    assert_int_equal(pp_message_next_via(m, &at, &via), 1);
    assert_str(via.host, "b.example");
    assert_int_equal(via.port, 5070);
    assert_int_equal(pp_message_next_via(m, &at, &via), 1);
    assert_str(via.transport, "UDP");
    assert_int_equal(pp_message_next_via(m, &at, &via), 0);
    pp_message_unref(m);
}

static void a_number_is_read_or_it_is_none(void **state)
{
    static const struct {
        const char *value;
        bool good;
        uint32_t number;
    } rows[] = {
        {"0", true, 0},
        {"3600", true, 3600},
        {"120 (in a meeting);duration=60", true, 120},
        {"1800;refresher=uac", true, 1800},
        {"4294967295", true, UINT32_MAX},
        {"4294967296", false, 0},
        {"-1", false, 0},
        {"1.5", false, 0},
        {"", false, 0},
        {"x", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[1024];
        uint32_t number = 17;
        pp_message *m;
        snprintf(text, sizeof(text), LINE MUST "Expires: %s\r\n\r\n", rows[i].value);
        m = sound(text);
        assert_int_equal(pp_message_number(m, PP_HEADER_EXPIRES, &number), rows[i].good);
        assert_true(number == (rows[i].good ? rows[i].number : 17));
        assert_false(pp_message_number(m, PP_HEADER_MIN_EXPIRES, &number));
        pp_message_unref(m);
    }
}

/* --- limits ----------------------------------------------------------------------------------- */

static pp_message *with_lines(size_t count, const char *line, size_t value_size)
{
    pp_buf text = {0};
    pp_message *m = NULL;

    pp_buf_c(&text, LINE MUST);
    for (size_t i = 0; i < count; i++) {
        pp_buf_c(&text, line);
        for (size_t k = 0; k < value_size; k++)
            pp_buf_char(&text, 'x');
        pp_buf_c(&text, "\r\n");
    }
    pp_buf_c(&text, "\r\n");
    assert_int_equal(pp_message_parse(pp_buf_text(&text), &m), 0);
    pp_buf_free(&text);
    return m;
}

static void a_header_too_many_is_a_fault(void **state)
{
    pp_message *m = with_lines(PP_LIMIT_SIP_HEADERS - 5, "Accept: text/plain", 0);

    (void)state;
    assert_int_equal(m->defect, 0);
    assert_int_equal(m->header_count, PP_LIMIT_SIP_HEADERS);
    pp_message_unref(m);
    m = with_lines(PP_LIMIT_SIP_HEADERS - 4, "Accept: text/plain", 0);
    assert_int_equal(m->defect, 400);
    assert_string_equal(m->defect_phrase, "Too Many Header Fields");
    assert_int_equal(m->header_count, PP_LIMIT_SIP_HEADERS);
    pp_message_unref(m);
}

static void a_header_too_long_is_a_fault(void **state)
{
    pp_message *m = with_lines(1, "X: ", PP_LIMIT_SIP_HEADER - 3);

    (void)state;
    assert_int_equal(m->defect, 0);
    pp_message_unref(m);
    m = with_lines(1, "X: ", PP_LIMIT_SIP_HEADER - 2);
    assert_int_equal(m->defect, 400);
    assert_string_equal(m->defect_phrase, "Header Field Too Long");
    pp_message_unref(m);
}

static void a_via_too_many_is_a_fault(void **state)
{
    pp_message *m = with_lines(PP_LIMIT_SIP_LIST - 1, "Via: SIP/2.0/WS a", 0);

    (void)state;
    assert_int_equal(m->defect, 0);
    assert_int_equal(m->via_count, PP_LIMIT_SIP_LIST);
    pp_message_unref(m);
    m = with_lines(PP_LIMIT_SIP_LIST, "Via: SIP/2.0/WS a", 0);
    assert_int_equal(m->defect, 400);
    assert_string_equal(m->defect_phrase, "Too Many Via");
    pp_message_unref(m);
}

static void a_message_too_large_is_a_fault_without_its_tail(void **state)
{
    size_t size = PP_LIMIT_SIP_MESSAGE + 1;
    char *text = malloc(size);
    pp_message *m = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, LINE MUST "\r\n", strlen(LINE MUST "\r\n"));
    assert_int_equal(pp_message_parse(pp_str_n(text, size - 1), &m), 0);
    assert_int_equal(m->defect, 0);
    pp_message_unref(m);
    assert_int_equal(pp_message_parse(pp_str_n(text, size), &m), 0);
    assert_int_equal(m->defect, 513);
    assert_int_equal(m->wire.n, PP_LIMIT_SIP_MESSAGE);
    pp_message_unref(m);
    free(text);
}

/* --- recorded calls --------------------------------------------------------------------------- */

static size_t recorded;

/* A message and two line ends, as the traces keep it: LF for CRLF, and the same at the end of the body. */
static void check_recorded(const char *file, pp_str text)
{
    pp_buf wire = {0}, again = {0};
    pp_outgoing *copy = NULL;
    pp_message *m = NULL, *second = NULL;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n')
            pp_buf_char(&wire, '\r');
        pp_buf_char(&wire, text.p[i]);
    }
    if (pp_message_parse(pp_buf_text(&wire), &m) || m->defect)
        fail_msg("%s: %s\n%.*s", file, m ? m->defect_phrase : pipit_error_message(), PP_STR(text));
    assert_int_equal(pp_outgoing_from_message(m, &copy), 0);
    assert_int_equal(pp_outgoing_write(copy, &again), 0);
    assert_int_equal(pp_message_parse(pp_buf_text(&again), &second), 0);
    assert_true(pp_str_eq(m->body, second->body));
    assert_true(pp_str_eq(m->via.branch, second->via.branch));
    assert_int_equal(m->via_count, second->via_count);
    recorded++;
    pp_message_unref(m);
    pp_message_unref(second);
    pp_outgoing_unref(copy);
    pp_buf_free(&wire);
    pp_buf_free(&again);
}

/* "======== 2.6 ms  alice in" stands before each message, three line ends behind it. */
static void check_trace(const char *name, pp_str trace, void *arg)
{
    static const char mark[] = "\n======== ";
    const char *at = memmem(trace.p, trace.n, mark, strlen(mark));

    (void)arg;
    assert_non_null(at);
    while (at) {
        pp_str rest = pp_str_n(at + 1, (size_t)(trace.p + trace.n - at - 1));
        pp_str_split(&rest, '\n');
        at = memmem(rest.p, rest.n, mark, strlen(mark));
        if (at)
            rest.n = (size_t)(at - rest.p);
        check_recorded(name, rest);
    }
}

static void a_recorded_message_is_sound(void **state)
{
    (void)state;
    recorded = 0;
    each_corpus_file("sip-traces", check_trace, NULL);
    assert_int_equal(recorded, 335);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read),
        cmocka_unit_test(a_response_is_read),
        cmocka_unit_test(folds_and_blanks_change_nothing),
        cmocka_unit_test(the_body_ends_where_content_length_says),
        cmocka_unit_test(a_request_with_a_fault_says_what_to_answer),
        cmocka_unit_test(a_text_that_cannot_be_answered_is_refused),
        cmocka_unit_test(a_response_with_an_odd_line_is_still_read),
        cmocka_unit_test(a_nul_is_taken_in_a_quoted_pair_only),
        cmocka_unit_test(a_header_is_found_by_number_and_by_name),
        cmocka_unit_test(the_members_of_a_list_are_walked_across_lines),
        cmocka_unit_test(the_members_of_a_list_are_taken_apart),
        cmocka_unit_test(a_number_is_read_or_it_is_none),
        cmocka_unit_test(a_header_too_many_is_a_fault),
        cmocka_unit_test(a_header_too_long_is_a_fault),
        cmocka_unit_test(a_via_too_many_is_a_fault),
        cmocka_unit_test(a_message_too_large_is_a_fault_without_its_tail),
        cmocka_unit_test(a_recorded_message_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
