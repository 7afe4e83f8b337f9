/* outgoing.c - messages that go: built, answered, copied, and never injected into. */
#include "sip/outgoing.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "pipit/error.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

static const char invite_text[] =
    "INVITE sip:bob@example.com SIP/2.0\r\n"
    "v: SIP/2.0/WS p1;branch=z9hG4bKp,\r\n SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
    "Via: SIP/2.0/WSS b.invalid;branch=z9hG4bK2\r\n"
    "Record-Route: <sip:p2;lr>\r\n"
    "Record-Route: <sip:p1;lr>\r\n"
    "f: \"A\" <sip:alice@example.com>;tag=1\r\n"
    "t: <sip:bob@example.com>\r\n"
    "i: x@y\r\n"
    "CSeq: 7 INVITE\r\n"
    "Timestamp: 54\r\n"
    "X-Shoe: left\r\n"
    "c: text/plain\r\n"
    "l: 4\r\n"
    "\r\n"
    "body";

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static void assert_written(pp_outgoing *message, const char *wanted)
{
    pp_buf written = {0};
    pp_str wire = PP_STR_NONE;

    if (pp_outgoing_write(message, &written) || pp_outgoing_wire(message, &wire))
        fail_msg("%s", pipit_error_message());
    assert_str(pp_buf_text(&written), wanted);
    assert_str(wire, wanted);
    pp_buf_free(&written);
}

static pp_message *parsed(const char *text)
{
    pp_message *m = NULL;

    assert_int_equal(pp_message_parse(pp_str_c(text), &m), 0);
    assert_int_equal(m->defect, 0);
    return m;
}

static pp_outgoing *new_request(pp_method method)
{
    pp_outgoing *m = NULL;

    assert_int_equal(pp_outgoing_request(method, PP_LIT("sip:bob@example.com"), &m), 0);
    return m;
}

static pp_outgoing *new_invite(void)
{
    pp_outgoing *m = new_request(PP_INVITE);

    pp_outgoing_add_c(m, PP_HEADER_ROUTE, "<sip:p1;lr>");
    pp_outgoing_add_c(m, PP_HEADER_ROUTE, "<sip:p2;lr>");
    pp_outgoing_add_c(m, PP_HEADER_MAX_FORWARDS, "69");
    pp_outgoing_add_c(m, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_add_format(m, PP_HEADER_FROM, "<sip:%s@example.com>;tag=%d", "alice", 1);
    pp_outgoing_add_c(m, PP_HEADER_CALL_ID, "x@y");
    pp_outgoing_add_c(m, PP_HEADER_CSEQ, "7 INVITE");
    pp_outgoing_add_c(m, PP_HEADER_REQUIRE, "100rel");
    pp_outgoing_add_first(m, PP_HEADER_VIA, PP_LIT("SIP/2.0/WSS a.invalid;branch=z9hG4bK1"));
    assert_int_equal(pp_outgoing_error(m), 0);
    return m;
}

static void a_request_is_written_in_the_order_it_was_built(void **state)
{
    pp_outgoing *m = new_request(PP_MESSAGE);

    (void)state;
    pp_outgoing_add_c(m, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_add_named(m, PP_LIT("x-shoe"), PP_LIT(" left "));
    pp_outgoing_add_line(m, "k : a,b");
    pp_outgoing_add_first(m, PP_HEADER_VIA, PP_LIT("SIP/2.0/WSS a"));
    pp_outgoing_add_c(m, PP_HEADER_CONTENT_LENGTH, "99");
    pp_outgoing_set_body(m, "text/plain", PP_LIT("hi\0there"));
    assert_true(pp_outgoing_is_request(m));
    assert_int_equal(pp_outgoing_method(m), PP_MESSAGE);
    assert_str(pp_outgoing_ruri(m), "sip:bob@example.com");
    assert_int_equal(pp_outgoing_body(m).n, 8);
    pp_outgoing_set_body(m, NULL, PP_LIT("hello"));
    assert_written(m,
                   "MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WSS a\r\nTo: "
                   "<sip:bob@example.com>\r\nx-shoe: left\r\n"
                   "Supported: a,b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
    assert_ptr_equal(pp_outgoing_ref(m), m);
    assert_null(pp_outgoing_unref(m));
    assert_null(pp_outgoing_unref(m));
    assert_null(pp_outgoing_unref(NULL));
}

static void a_header_is_replaced_and_removed(void **state)
{
    pp_outgoing *m = new_request(PP_OPTIONS);

    (void)state;
    pp_outgoing_add_c(m, PP_HEADER_ROUTE, "<sip:a>");
    pp_outgoing_add_c(m, PP_HEADER_SUBJECT, "s");
    pp_outgoing_add_c(m, PP_HEADER_ROUTE, "<sip:b>");
    pp_outgoing_add_c(m, PP_HEADER_ROUTE, "<sip:c>");
    assert_str(pp_outgoing_header(m, PP_HEADER_ROUTE, 1), "<sip:b>");
    pp_outgoing_remove_first(m, PP_HEADER_ROUTE);
    pp_outgoing_set(m, PP_HEADER_ROUTE, pp_outgoing_header(m, PP_HEADER_ROUTE, 1));
    assert_written(m, "OPTIONS sip:bob@example.com SIP/2.0\r\nSubject: s\r\nRoute: "
                      "<sip:c>\r\nContent-Length: 0\r\n\r\n");
    pp_outgoing_remove(m, PP_HEADER_ROUTE);
    pp_outgoing_remove(m, PP_HEADER_ROUTE);
    pp_outgoing_remove_first(m, PP_HEADER_ROUTE);
    assert_null(pp_outgoing_header(m, PP_HEADER_ROUTE, 0).p);
    pp_outgoing_set(m, PP_HEADER_EXPIRES, PP_LIT("60"));
    pp_outgoing_set_ruri(m, PP_LIT("tel:+1"));
    assert_written(
        m, "OPTIONS tel:+1 SIP/2.0\r\nSubject: s\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n");
    pp_outgoing_unref(m);
}

/* A slice handed out stays good while the message grows. */
static void a_slice_lives_as_long_as_its_message(void **state)
{
    pp_outgoing *m = new_request(PP_OPTIONS);
    pp_str first;

    (void)state;
    pp_outgoing_add_c(m, PP_HEADER_SUBJECT, "first");
    first = pp_outgoing_header(m, PP_HEADER_SUBJECT, 0);
    for (int i = 0; i < 200; i++)
        pp_outgoing_add_format(m, PP_HEADER_ACCEPT, "text/a-rather-long-subtype-number-%d", i);
    pp_outgoing_remove(m, PP_HEADER_SUBJECT);
    assert_int_equal(pp_outgoing_error(m), 0);
    assert_str(first, "first");
    assert_str(pp_outgoing_header(m, PP_HEADER_ACCEPT, 199),
               "text/a-rather-long-subtype-number-199");
    pp_outgoing_unref(m);
}

static void an_answer_copies_what_the_rfc_names(void **state)
{
    pp_message *request = parsed(invite_text);
    pp_outgoing *m = NULL;

    (void)state;
    assert_int_equal(pp_outgoing_response(request, 180, NULL, "t1", &m), 0);
    assert_int_equal(pp_outgoing_status(m), 180);
    assert_false(pp_outgoing_is_request(m));
    assert_int_equal(pp_outgoing_method(m), PP_INVITE);
    assert_int_equal(pp_outgoing_cseq(m), 7);
    assert_str(pp_outgoing_via(m).branch, "z9hG4bKp");
    assert_written(m, "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/WS p1;branch=z9hG4bKp,   SIP/2.0/WSS "
                      "a.invalid;branch=z9hG4bK1\r\n"
                      "Via: SIP/2.0/WSS b.invalid;branch=z9hG4bK2\r\nRecord-Route: "
                      "<sip:p2;lr>\r\nRecord-Route: <sip:p1;lr>\r\n"
                      "From: \"A\" <sip:alice@example.com>;tag=1\r\nTo: "
                      "<sip:bob@example.com>;tag=t1\r\nCall-ID: x@y\r\n"
                      "CSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n");
    pp_outgoing_unref(m);
    assert_int_equal(pp_outgoing_response(request, 100, NULL, "t1", &m), 0);
    assert_str(pp_outgoing_header(m, PP_HEADER_TO, 0), "<sip:bob@example.com>");
    assert_str(pp_outgoing_header(m, PP_HEADER_TIMESTAMP, 0), "54");
    assert_null(pp_outgoing_header(m, PP_HEADER_RECORD_ROUTE, 0).p);
    pp_outgoing_unref(m);
    assert_int_equal(pp_outgoing_response(request, 486, "Not now", NULL, &m), 0);
    assert_str(pp_outgoing_header(m, PP_HEADER_TO, 0), "<sip:bob@example.com>");
    assert_null(pp_outgoing_header(m, PP_HEADER_RECORD_ROUTE, 0).p);
    pp_outgoing_unref(m);
    pp_message_unref(request);
}

static void an_answer_keeps_a_to_tag_that_is_there(void **state)
{
    pp_message *request = parsed("BYE sip:a@b SIP/2.0\r\nVia: SIP/2.0/WS a\r\nFrom: "
                                 "<sip:a@b>;tag=1\r\nTo: <sip:c@d> ; tag = 2\r\n"
                                 "Call-ID: 1\r\nCSeq: 1 BYE\r\n\r\n");
    pp_outgoing *m = NULL;

    (void)state;
    assert_int_equal(pp_outgoing_response(request, 200, NULL, "t1", &m), 0);
    assert_str(pp_outgoing_header(m, PP_HEADER_TO, 0), "<sip:c@d> ; tag = 2");
    pp_outgoing_unref(m);
    m = NULL;
    assert_int_equal(pp_outgoing_response(request, 99, NULL, "t1", &m), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_outgoing_response(request, 700, NULL, "t1", &m), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_outgoing_response(request, 200, "a\r\nX: y", "t1", &m), PIPIT_ERR_SYNTAX);
    pp_message_unref(request);
    request = parsed(invite_text);
    assert_int_equal(pp_outgoing_response(request, 200, NULL, "t1\r\nX: y", &m), PIPIT_ERR_SYNTAX);
    assert_null(m);
    pp_message_unref(request);
}

/* RFC 3261 section 25.1 has no quotes and no brackets in it. */
static void a_phrase_with_what_may_not_stand_there_is_escaped(void **state)
{
    pp_message *request = parsed(invite_text);
    pp_outgoing *m = NULL;
    pp_buf wire = {0};

    (void)state;
    assert_int_equal(
        pp_outgoing_response(request, 486, "No \"tea\" & 50%\xC3\xA9 <{}>\t!", NULL, &m), 0);
    assert_int_equal(pp_outgoing_write(m, &wire), 0);
    assert_true(pp_str_starts(pp_buf_text(&wire),
                              "SIP/2.0 486 No %22tea%22 & 50%25\xC3\xA9 %3C%7B%7D%3E\t!\r\n"));
    pp_buf_free(&wire);
    pp_outgoing_unref(m);
    pp_message_unref(request);
}

static void a_body_needs_a_media_type(void **state)
{
    pp_outgoing *m = new_request(PP_INFO);

    (void)state;
    pp_outgoing_set_body(m, "text", PP_LIT("x"));
    assert_int_equal(pp_outgoing_error(m), PIPIT_ERR_SYNTAX);
    pp_outgoing_unref(m);
}

static void a_cancel_follows_its_invite(void **state)
{
    pp_outgoing *invite = new_invite(), *m = NULL;

    (void)state;
    assert_int_equal(pp_outgoing_cancel(invite, &m), 0);
    assert_int_equal(pp_outgoing_method(m), PP_CANCEL);
    assert_str(pp_outgoing_via(m).branch, "z9hG4bK1");
    assert_written(m, "CANCEL sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WSS "
                      "a.invalid;branch=z9hG4bK1\r\nRoute: <sip:p1;lr>\r\n"
                      "Route: <sip:p2;lr>\r\nMax-Forwards: 69\r\nTo: <sip:bob@example.com>\r\n"
                      "From: <sip:alice@example.com>;tag=1\r\nCall-ID: x@y\r\nCSeq: 7 "
                      "CANCEL\r\nContent-Length: 0\r\n\r\n");
    pp_outgoing_unref(invite);
    pp_outgoing_unref(m);
}

static void an_ack_takes_to_from_the_refusal(void **state)
{
    pp_outgoing *invite = new_invite(), *m = NULL;
    pp_message *response = parsed(
        "SIP/2.0 486 Busy\r\nVia: SIP/2.0/WSS a.invalid;branch=z9hG4bK1;received=1.2.3.4\r\n"
        "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>;tag=9\r\nCall-ID: x@y\r\n"
        "CSeq: 7 INVITE\r\n\r\n");

    (void)state;
    assert_int_equal(pp_outgoing_ack(invite, response, &m), 0);
    assert_int_equal(pp_outgoing_cseq(m), 7);
    assert_written(m,
                   "ACK sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WSS "
                   "a.invalid;branch=z9hG4bK1\r\nRoute: <sip:p1;lr>\r\n"
                   "Route: <sip:p2;lr>\r\nMax-Forwards: 69\r\nTo: <sip:bob@example.com>;tag=9\r\n"
                   "From: <sip:alice@example.com>;tag=1\r\nCall-ID: x@y\r\nCSeq: 7 "
                   "ACK\r\nContent-Length: 0\r\n\r\n");
    pp_outgoing_unref(invite);
    pp_outgoing_unref(m);
    pp_message_unref(response);
}

static void a_copy_is_deep(void **state)
{
    pp_outgoing *m = new_invite(), *copy = NULL;
    pp_buf before = {0};
    char *text = NULL;

    (void)state;
    pp_outgoing_set_body(m, "application/sdp", PP_LIT("v=0\r\n"));
    assert_int_equal(pp_outgoing_write(m, &before), 0);
    assert_int_equal(pp_buf_take(&before, &text), 0);
    assert_int_equal(pp_outgoing_clone(m, &copy), 0);
    pp_outgoing_set(m, PP_HEADER_CSEQ, PP_LIT("8 INVITE"));
    pp_outgoing_remove(m, PP_HEADER_ROUTE);
    pp_outgoing_unref(m);
    assert_written(copy, text);
    assert_int_equal(pp_outgoing_cseq(copy), 7);
    pp_outgoing_unref(copy);
    pipit_free(text);
}

static void a_message_that_came_is_passed_on(void **state)
{
    pp_message *request = parsed(invite_text);
    pp_outgoing *m = NULL;

    (void)state;
    assert_int_equal(pp_outgoing_from_message(request, &m), 0);
    pp_message_unref(request);
    pp_outgoing_add_first(m, PP_HEADER_VIA, PP_LIT("SIP/2.0/WS me;branch=z9hG4bKme"));
    assert_str(pp_outgoing_via(m).branch, "z9hG4bKme");
    assert_written(
        m,
        "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/WS me;branch=z9hG4bKme\r\n"
        "Via: SIP/2.0/WS p1;branch=z9hG4bKp,   SIP/2.0/WSS a.invalid;branch=z9hG4bK1\r\n"
        "Via: SIP/2.0/WSS b.invalid;branch=z9hG4bK2\r\nRecord-Route: <sip:p2;lr>\r\nRecord-Route: "
        "<sip:p1;lr>\r\n"
        "From: \"A\" <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: x@y\r\n"
        "CSeq: 7 INVITE\r\nTimestamp: 54\r\nX-Shoe: left\r\nContent-Type: "
        "text/plain\r\nContent-Length: 4\r\n\r\nbody");
    pp_outgoing_unref(m);
}

/* --- injections ------------------------------------------------------------------------------- */

static void inject_value(pp_outgoing *m, pp_str text)
{
    pp_outgoing_add(m, PP_HEADER_SUBJECT, text);
}

static void inject_format(pp_outgoing *m, pp_str text)
{
    pp_outgoing_add_format(m, PP_HEADER_SUBJECT, "%.*s\r\nX: y", PP_STR(text));
}

static void inject_first(pp_outgoing *m, pp_str text)
{
    pp_outgoing_add_first(m, PP_HEADER_VIA, text);
}

static void inject_named_value(pp_outgoing *m, pp_str text)
{
    pp_outgoing_add_named(m, PP_LIT("X-Shoe"), text);
}

static void inject_name(pp_outgoing *m, pp_str text)
{
    pp_outgoing_add_named(m, text, PP_LIT("left"));
}

static void inject_line(pp_outgoing *m, pp_str text)
{
    pp_buf line = {0};

    pp_buf_c(&line, "X-Shoe: left");
    pp_buf_str(&line, text.n && memchr(text.p, '\0', text.n) ? PP_LIT("\r") : text);
    pp_buf_char(&line, '\0');
    pp_outgoing_add_line(m, line.p);
    pp_buf_free(&line);
}

static void inject_set(pp_outgoing *m, pp_str text)
{
    pp_outgoing_set(m, PP_HEADER_TO, text);
}

static void inject_set_new(pp_outgoing *m, pp_str text)
{
    pp_outgoing_set(m, PP_HEADER_SUBJECT, text);
}

static void inject_ruri(pp_outgoing *m, pp_str text)
{
    pp_outgoing_set_ruri(m, text);
}

static void nothing_is_injected_anywhere(void **state)
{
    static void (*const ways[])(pp_outgoing *, pp_str) = {
        inject_value, inject_format, inject_first,   inject_named_value, inject_name,
        inject_line,  inject_set,    inject_set_new, inject_ruri,
    };
    const pp_str texts[] = {PP_LIT("a\r\nX: y"), PP_LIT("a\nX: y"), PP_LIT("a\rX: y"),
                            PP_LIT("a\0b"),      PP_LIT("\r\n"),    PP_LIT("a\r\n")};

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++) {
            pp_outgoing *m = new_request(PP_OPTIONS);
            pp_buf wire = {0};
            pp_outgoing_add_c(m, PP_HEADER_TO, "<sip:bob@example.com>");
            ways[i](m, texts[k]);
            if (pp_outgoing_error(m) != PIPIT_ERR_SYNTAX)
                fail_msg("way %zu, text %zu: %d", i, k, pp_outgoing_error(m));
            pp_outgoing_add_c(m, PP_HEADER_FROM, "<sip:bob@example.com>");
            assert_int_equal(pp_outgoing_write(m, &wire), PIPIT_ERR_SYNTAX);
            assert_int_equal(wire.n, 0);
            pp_outgoing_unref(m);
            pp_buf_free(&wire);
        }
    }
}

static void a_name_that_is_no_token_is_refused(void **state)
{
    static const char *const lines[] = {"no colon",     ": x",     " : x", "a b: x",
                                        "a\xC3\xB1: x", "a(b): x", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        pp_outgoing *m = new_request(PP_OPTIONS);
        pp_outgoing_add_line(m, lines[i]);
        if (pp_outgoing_error(m) != PIPIT_ERR_SYNTAX)
            fail_msg("'%s' was taken", lines[i]);
        pp_outgoing_unref(m);
    }
}

static void a_request_needs_a_method_and_a_uri(void **state)
{
    pp_outgoing *m = NULL;

    (void)state;
    assert_int_equal(pp_outgoing_request(PP_METHOD_OTHER, PP_LIT("sip:a@b"), &m),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_outgoing_request(PP_METHOD_COUNT, PP_LIT("sip:a@b"), &m),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_outgoing_request(PP_INVITE, PP_STR_NONE, &m), PIPIT_ERR_SYNTAX);
    assert_int_equal(pp_outgoing_request(PP_INVITE, PP_LIT("sip:a@b SIP/2.0"), &m),
                     PIPIT_ERR_SYNTAX);
    assert_null(m);
}

/* --- limits ----------------------------------------------------------------------------------- */

static void a_message_is_never_larger_than_a_server_takes(void **state)
{
    char *text = malloc(PP_LIMIT_SIP_MESSAGE + 1);
    pp_outgoing *m = new_request(PP_OPTIONS);
    pp_buf wire = {0};
    pp_str sent;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', PP_LIMIT_SIP_MESSAGE + 1);
    pp_outgoing_set_body(m, NULL, pp_str_n(text, PP_LIMIT_SIP_MESSAGE - 10));
    assert_int_equal(pp_outgoing_error(m), 0);
    assert_int_equal(pp_outgoing_write(m, &wire), PIPIT_ERR_LIMIT);
    assert_int_equal(pp_outgoing_wire(m, &sent), PIPIT_ERR_LIMIT);
    pp_outgoing_set_body(m, NULL, pp_str_n(text, PP_LIMIT_SIP_MESSAGE + 1));
    assert_int_equal(pp_outgoing_error(m), PIPIT_ERR_LIMIT);
    pp_outgoing_unref(m);
    m = new_request(PP_OPTIONS);
    pp_outgoing_add(m, PP_HEADER_SUBJECT, pp_str_n(text, PP_LIMIT_SIP_HEADER + 1));
    assert_int_equal(pp_outgoing_error(m), PIPIT_ERR_LIMIT);
    pp_outgoing_unref(m);
    m = new_request(PP_OPTIONS);
    for (unsigned i = 0; i < PP_LIMIT_SIP_HEADERS; i++)
        pp_outgoing_add_c(m, PP_HEADER_ACCEPT, "a/b");
    assert_int_equal(pp_outgoing_error(m), 0);
    pp_outgoing_add_c(m, PP_HEADER_ACCEPT, "a/b");
    assert_int_equal(pp_outgoing_error(m), PIPIT_ERR_LIMIT);
    pp_outgoing_unref(m);
    pp_buf_free(&wire);
    free(text);
}

/* Each field put before the others, and each replaced, stands apart from its neighbours in memory. */
static void a_message_edited_everywhere_is_written_in_order(void **state)
{
    pp_outgoing *m = new_request(PP_OPTIONS);
    char value[16];
    pp_buf wanted = {0};

    (void)state;
    pp_buf_c(&wanted, "OPTIONS sip:bob@example.com SIP/2.0\r\n");
    for (unsigned i = 60; i > 0; i--) {
        snprintf(value, sizeof(value), "<sip:p%u;lr>", i);
        pp_outgoing_add_first(m, PP_HEADER_ROUTE, pp_str_c(value));
    }
    for (unsigned i = 1; i <= 60; i++)
        pp_buf_format(&wanted, "Route: <sip:p%u;lr>\r\n", i);
    pp_outgoing_add_c(m, PP_HEADER_SUBJECT, "one");
    pp_outgoing_add_c(m, PP_HEADER_CALL_ID, "1");
    pp_outgoing_set(m, PP_HEADER_SUBJECT, PP_LIT("another"));
    pp_buf_c(&wanted, "Subject: another\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n");
    pp_buf_char(&wanted, '\0');
    assert_written(m, wanted.p);
    pp_buf_free(&wanted);
    pp_outgoing_unref(m);
}

static void a_message_takes_the_lines_of_another(void **state)
{
    pp_outgoing *one = new_request(PP_OPTIONS), *other = new_request(PP_INFO);
    pp_outgoing_lines *lines;

    (void)state;
    pp_outgoing_add_line(one, "X-Shoe:  left");
    pp_outgoing_add_c(one, PP_HEADER_SUBJECT, "");
    pp_outgoing_add_first(one, PP_HEADER_CALL_ID, PP_LIT("1"));
    assert_int_equal(pp_outgoing_lines_of(one, 0, &lines), 0);
    pp_outgoing_unref(one);
    pp_outgoing_add_c(other, PP_HEADER_ROUTE, "<sip:p;lr>");
    pp_outgoing_add_lines(other, lines);
    pp_outgoing_add_lines(other, lines);
    pp_outgoing_lines_free(lines);
    pp_outgoing_remove_first(other, PP_HEADER_CALL_ID);
    pp_outgoing_set(other, PP_HEADER_SUBJECT, PP_LIT("two"));
    assert_written(other,
                   "INFO sip:bob@example.com SIP/2.0\r\nRoute: <sip:p;lr>\r\nX-Shoe: left\r\n"
                   "Subject: two\r\nCall-ID: 1\r\nX-Shoe: left\r\nContent-Length: 0\r\n\r\n");
    pp_outgoing_unref(other);
}

static void lines_beyond_the_limit_are_refused(void **state)
{
    pp_outgoing *m = new_request(PP_OPTIONS);
    pp_outgoing_lines *lines;

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        pp_outgoing_add_c(m, PP_HEADER_ACCEPT, "a/b");
    assert_int_equal(pp_outgoing_lines_of(m, 0, &lines), 0);
    pp_outgoing_add_lines(m, lines);
    assert_int_equal(pp_outgoing_error(m), 0);
    pp_outgoing_add_lines(m, lines);
    assert_int_equal(pp_outgoing_error(m), PIPIT_ERR_LIMIT);
    pp_outgoing_lines_free(lines);
    pp_outgoing_unref(m);
}

static void a_field_is_put_together_whatever_its_size(void **state)
{
    pp_outgoing *m = new_request(PP_OPTIONS);
    pp_buf wanted = {0};

    (void)state;
    pp_buf_c(&wanted, "OPTIONS sip:bob@example.com SIP/2.0\r\nSubject: ");
    pp_outgoing_begin(m, PP_HEADER_SUBJECT);
    pp_outgoing_put(m, PP_LIT("  ")); /* blanks at the ends go */
    for (unsigned i = 0; i < 3000; i++) {
        pp_outgoing_put_uint(m, i);
        pp_buf_uint(&wanted, i);
    }
    pp_outgoing_put(m, PP_LIT(" \t"));
    pp_outgoing_end(m);
    pp_outgoing_begin(m, PP_HEADER_TO);
    pp_outgoing_put_quoted(m, PP_LIT("\"a\\b\""));
    pp_outgoing_put_c(m, NULL);
    pp_outgoing_put_c(m, " <sip:b@c>");
    pp_outgoing_end(m);
    pp_outgoing_begin(m, PP_HEADER_SUPPORTED);
    pp_outgoing_end(m);
    pp_buf_c(&wanted, "\r\nTo: \"\\\"a\\\\b\\\"\" <sip:b@c>\r\nSupported: \r\n"
                      "Content-Length: 0\r\n\r\n");
    pp_buf_char(&wanted, '\0');
    assert_written(m, wanted.p);
    pp_buf_free(&wanted);
    pp_outgoing_unref(m);
}

static void a_field_that_is_put_together_is_checked(void **state)
{
    static const char *const bad[] = {"a\r\nX: 1", "\n", "a\r"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        pp_outgoing *m = new_request(PP_OPTIONS);

        pp_outgoing_begin(m, PP_HEADER_SUBJECT);
        pp_outgoing_put_c(m, bad[i]);
        pp_outgoing_put_c(m, " and something of more than thirty-two octets behind it");
        pp_outgoing_end(m);
        assert_int_equal(pp_outgoing_error(m), PIPIT_ERR_SYNTAX);
        pp_outgoing_unref(m);
    }
}

static void a_via_replaces_all_that_are_there(void **state)
{
    pp_outgoing *m = new_invite(), *copy = NULL;
    const pp_via_parts via = {
        .transport = PP_LIT("TCP"), .sent_by = PP_LIT("[::1]:5060"), .branch = PP_LIT("z9hG4bK2")};

    (void)state;
    pp_outgoing_add_first(m, PP_HEADER_VIA, PP_LIT("SIP/2.0/WSS b;branch=z9hG4bK0"));
    pp_outgoing_set_via(m, &via);
    assert_str(pp_outgoing_header(m, PP_HEADER_VIA, 0), "SIP/2.0/TCP [::1]:5060;branch=z9hG4bK2");
    assert_null(pp_outgoing_header(m, PP_HEADER_VIA, 1).p);
    assert_int_equal(pp_outgoing_clone(m, &copy), 0);
    for (unsigned i = 0; i < 2; i++) { /* known, and read from the text */
        const pp_via_parts got = pp_outgoing_via(i ? copy : m);

        assert_str(got.transport, "TCP");
        assert_str(got.branch, "z9hG4bK2");
    }
    pp_outgoing_add_first(m, PP_HEADER_VIA, PP_LIT("SIP/2.0/WSS b;branch=z9hG4bK3"));
    assert_str(pp_outgoing_via(m).branch, "z9hG4bK3");
    pp_outgoing_unref(copy);
    pp_outgoing_unref(m);
}

/* --- sent from its own memory ------------------------------------------------------------------ */

static bool is_within(pp_str part, pp_str all)
{
    return part.p >= all.p && part.p + part.n <= all.p + all.n;
}

static void a_message_that_was_made_in_order_is_sent_from_where_it_is(void **state)
{
    const pp_via_parts via = {
        .transport = PP_LIT("TCP"), .sent_by = PP_LIT("[::1]:5060"), .branch = PP_LIT("z9hG4bK2")};
    pp_outgoing *m = new_request(PP_MESSAGE);
    pp_str wire = PP_STR_NONE, to;

    (void)state;
    pp_outgoing_add_c(m, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_add_cseq(m, 7);
    pp_outgoing_set_body(m, "text/plain", PP_LIT("hello"));
    to = pp_outgoing_header(m, PP_HEADER_TO, 0);
    pp_outgoing_set_via(m, &via);
    assert_int_equal(pp_outgoing_wire(m, &wire), 0);
    assert_str(wire,
               "MESSAGE sip:bob@example.com SIP/2.0\r\n"
               "Via: SIP/2.0/TCP [::1]:5060;branch=z9hG4bK2\r\nTo: <sip:bob@example.com>\r\n"
               "CSeq: 7 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
    assert_true(is_within(to, wire));
    assert_true(is_within(pp_outgoing_via(m).branch, wire));
    assert_true(is_within(pp_outgoing_body(m), wire));
    pp_outgoing_unref(m);
}

/* Who sends it once more sends the same octets, and they stay what they were for who has them. */
static void what_was_sent_stays_as_it_was(void **state)
{
    pp_via_parts via = {
        .transport = PP_LIT("TCP"), .sent_by = PP_LIT("a"), .branch = PP_LIT("z9hG4bK1")};
    pp_outgoing *m = new_request(PP_BYE);
    pp_str first = PP_STR_NONE, again = PP_STR_NONE;
    char *before;

    (void)state;
    pp_outgoing_add_c(m, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_set_via(m, &via);
    assert_int_equal(pp_outgoing_wire(m, &first), 0);
    before = pp_str_dup(first);
    assert_int_equal(pp_outgoing_wire(m, &again), 0);
    assert_ptr_equal(again.p, first.p);
    assert_int_equal(again.n, first.n);
    via.branch = PP_LIT("z9hG4bK2");
    pp_outgoing_set_via(m, &via);
    pp_outgoing_set_cseq(m, 8);
    pp_outgoing_set_body(m, "text/plain", PP_LIT("hello"));
    assert_written(m, "BYE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK2\r\n"
                      "To: <sip:bob@example.com>\r\nCSeq: 8 BYE\r\nContent-Type: text/plain\r\n"
                      "Content-Length: 5\r\n\r\nhello");
    assert_str(first, before);
    pp_outgoing_remove(m, PP_HEADER_TO);
    pp_outgoing_add_first(m, PP_HEADER_ROUTE, PP_LIT("<sip:p;lr>"));
    assert_written(
        m, "BYE sip:bob@example.com SIP/2.0\r\nRoute: <sip:p;lr>\r\n"
           "Via: SIP/2.0/TCP a;branch=z9hG4bK2\r\nCSeq: 8 BYE\r\nContent-Type: text/plain\r\n"
           "Content-Length: 5\r\n\r\nhello");
    assert_str(first, before);
    pp_free(before);
    pp_outgoing_unref(m);
}

static void a_via_that_is_too_long_for_its_place_is_sent_all_the_same(void **state)
{
    char host[200];
    const pp_via_parts via = {.transport = PP_LIT("TCP"),
                              .sent_by = pp_str_n(host, sizeof(host)),
                              .branch = PP_LIT("z9hG4bK1")};
    pp_outgoing *m = new_request(PP_BYE);
    pp_buf wanted = {0};

    (void)state;
    memset(host, 'h', sizeof(host));
    pp_outgoing_add_c(m, PP_HEADER_TO, "<sip:bob@example.com>");
    pp_outgoing_set_via(m, &via);
    pp_buf_format(&wanted,
                  "BYE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP %.*s;branch=z9hG4bK1\r\n"
                  "To: <sip:bob@example.com>\r\nContent-Length: 0\r\n\r\n",
                  (int)sizeof(host), host);
    assert_int_equal(pp_buf_error(&wanted), 0);
    assert_written(m, wanted.p);
    pp_buf_free(&wanted);
    pp_outgoing_unref(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_that_was_made_in_order_is_sent_from_where_it_is),
        cmocka_unit_test(what_was_sent_stays_as_it_was),
        cmocka_unit_test(a_via_that_is_too_long_for_its_place_is_sent_all_the_same),
        cmocka_unit_test(a_phrase_with_what_may_not_stand_there_is_escaped),
        cmocka_unit_test(a_body_needs_a_media_type),
        cmocka_unit_test(a_message_edited_everywhere_is_written_in_order),
        cmocka_unit_test(a_message_takes_the_lines_of_another),
        cmocka_unit_test(a_field_is_put_together_whatever_its_size),
        cmocka_unit_test(a_field_that_is_put_together_is_checked),
        cmocka_unit_test(a_via_replaces_all_that_are_there),
        cmocka_unit_test(lines_beyond_the_limit_are_refused),
        cmocka_unit_test(a_request_is_written_in_the_order_it_was_built),
        cmocka_unit_test(a_header_is_replaced_and_removed),
        cmocka_unit_test(a_slice_lives_as_long_as_its_message),
        cmocka_unit_test(an_answer_copies_what_the_rfc_names),
        cmocka_unit_test(an_answer_keeps_a_to_tag_that_is_there),
        cmocka_unit_test(a_cancel_follows_its_invite),
        cmocka_unit_test(an_ack_takes_to_from_the_refusal),
        cmocka_unit_test(a_copy_is_deep),
        cmocka_unit_test(a_message_that_came_is_passed_on),
        cmocka_unit_test(nothing_is_injected_anywhere),
        cmocka_unit_test(a_name_that_is_no_token_is_refused),
        cmocka_unit_test(a_request_needs_a_method_and_a_uri),
        cmocka_unit_test(a_message_is_never_larger_than_a_server_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
