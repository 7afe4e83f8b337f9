/* multipart.c - bodies of several parts: taken apart, and not too deep. */
#include "sip/multipart.h"

#include "base/buf.h"
#include "base/limits.h"
#include "sip/message.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

/* "Content-Type|body Content-Type|body …", "none" when it is of one part. */
static void check_parts(const char *type, const char *body, const char *expected)
{
    pp_buf seen = {0};
    pp_multipart m;
    pp_part part;

    if (!pp_multipart_begin(pp_str_c(type), pp_str_c(body), &m)) {
        assert_string_equal("none", expected);
        return;
    }
    while (pp_multipart_next(&m, &part))
        pp_buf_format(&seen, "%s%.*s|%.*s", seen.n ? " " : "", PP_STR(part.content_type),
                      PP_STR(part.body));
    assert_false(pp_multipart_next(&m, &part));
    if (!pp_str_eq_c(pp_buf_text(&seen), expected))
        fail_msg("%s: '%.*s', not '%s'", body, PP_STR(pp_buf_text(&seen)), expected);
    pp_buf_free(&seen);
}

static void a_body_is_taken_apart(void **state)
{
    (void)state;
    check_parts(
        "multipart/mixed;boundary=b",
        "before\r\n--b\r\nContent-Type: a/b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nbehind",
        "a/b|one |two");
    check_parts("MultiPart/Mixed; charset=\"a;boundary=x\" ; Boundary = \"b c\"",
                "--b c \t\r\nc: a/b\r\n\r\none\r\n--b c--", "a/b|one");
    check_parts("multipart/mixed;boundary=b", "--b\r\n\r\none\r\n\r\n--b\r\n\r\n\r\n--b--",
                "|one\r\n |");
    check_parts("multipart/mixed;boundary=b",
                "--b\r\nX: y\r\nContent-Type: a/b;\r\n c=d\r\n\r\none\r\n--b--",
                "a/b;\r\n c=d|one");
}

static void what_looks_like_a_delimiter_stays_in_the_part(void **state)
{
    (void)state;
    check_parts("multipart/mixed;boundary=b",
                "--b\r\n\r\n--bc\r\n-b\r\nx--b\r\n\n--b\n--b x\r\n--b\r\n\r\ntwo\r\n--b--",
                "|--bc\r\n-b\r\nx--b\r\n\n--b\n--b x |two");
}

static void a_body_that_is_not_closed_ends_with_its_last_part(void **state)
{
    (void)state;
    check_parts("multipart/mixed;boundary=b", "--b\r\n\r\none\r\n--b\r\n\r\ntwo", "|one |two");
    check_parts("multipart/mixed;boundary=b", "--b\r\n\r\none\r\n--b", "|one |");
    check_parts("multipart/mixed;boundary=b", "--b\r\nContent-Type: a/b", "a/b|");
    check_parts("multipart/mixed;boundary=b", "--b", "|");
    check_parts("multipart/mixed;boundary=b", "", "");
    check_parts("multipart/mixed;boundary=b", "no delimiter", "");
    check_parts("multipart/mixed;boundary=b", "--b--\r\n--b\r\n\r\nbehind", "");
}

static void a_type_without_a_boundary_has_no_parts(void **state)
{
    (void)state;
    check_parts("text/plain;boundary=b", "--b\r\n\r\none\r\n--b--", "none");
    check_parts("multipart/mixed", "--b\r\n\r\none\r\n--b--", "none");
    check_parts("multipart;boundary=b", "--b\r\n\r\none\r\n--b--", "none");
    check_parts("multipart/mixed;boundary=\"\"", "--\r\n\r\none\r\n----", "none");
    check_parts("multipart/mixed;boundary=\"b\\\"\"", "--b\r\n\r\none\r\n--b--", "none");
    check_parts("multipart/mixed;boundary="
                "0123456789012345678901234567890123456789012345678901234567890123456789x",
                "", "none");
    check_parts("", "", "none");
}

static void the_parts_of_a_signed_message_are_found(void **state)
{
    pp_str content = read_corpus("sip-torture/rfc4475/mpart01.dat");
    pp_message *m = NULL;
    pp_multipart parts;
    pp_part part;

    (void)state;
    assert_int_equal(pp_message_parse(content, &m), 0);
    assert_true(pp_multipart_begin(m->content_type, m->body, &parts));
    assert_true(pp_multipart_next(&parts, &part));
    assert_true(pp_str_eq_c(part.content_type, "text/plain"));
    assert_true(pp_str_eq_c(part.body, "Hello"));
    assert_true(pp_multipart_next(&parts, &part));
    assert_true(pp_str_starts(part.content_type, "application/octet-stream"));
    assert_true(part.body.n > 300);
    assert_false(pp_multipart_next(&parts, &part));
    assert_false(pp_multipart_is_too_deep(m->content_type, m->body));
    pp_message_unref(m);
    free((void *)(uintptr_t)content.p);
}

/* --- within each other ------------------------------------------------------------------------ */

static bool nested_is_too_deep(unsigned levels)
{
    pp_buf body = {0};
    bool deep;

    for (unsigned i = 1; i < levels; i++)
        pp_buf_format(&body, "--b%u\r\nContent-Type: multipart/mixed;\r\n boundary=b%u\r\n\r\n",
                      i - 1, i);
    pp_buf_format(&body, "--b%u\r\n\r\ninside", levels - 1);
    deep = pp_multipart_is_too_deep(PP_LIT("multipart/mixed;boundary=b0"), pp_buf_text(&body));
    pp_buf_free(&body);
    return deep;
}

static void parts_may_stand_within_four_others(void **state)
{
    (void)state;
    assert_false(nested_is_too_deep(1));
    assert_false(nested_is_too_deep(PP_LIMIT_SIP_NESTING));
    assert_true(nested_is_too_deep(PP_LIMIT_SIP_NESTING + 1));
    assert_true(nested_is_too_deep(300));
    assert_false(pp_multipart_is_too_deep(PP_LIT("text/plain"), PP_LIT("--b")));
}

/* --- the one that is looked for ---------------------------------------------------------------- */

static void check_body_of(const char *type, const char *body, const char *expected)
{
    pp_buf text = {0};
    pp_message *m = NULL;

    pp_buf_format(&text,
                  "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/WSS c;branch=z9hG4bKd\r\n"
                  "From: <sip:e@f>;tag=g\r\nTo: <sip:a@b>\r\nCall-ID: h\r\nCSeq: 1 OPTIONS\r\n"
                  "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                  type, strlen(body), body);
    assert_int_equal(pp_message_parse(pp_buf_text(&text), &m), 0);
    if (!pp_str_eq_c(pp_message_body_of(m, "application/sdp"), expected))
        fail_msg("'%.*s', not '%s'", PP_STR(pp_message_body_of(m, "application/sdp")), expected);
    pp_message_unref(m);
    pp_buf_free(&text);
}

static void a_body_is_found_among_others(void **state)
{
    (void)state;
    check_body_of("application / SDP;charset=utf-8", "v=0", "v=0");
    check_body_of("text/plain", "v=0", "");
    check_body_of("multipart/mixed;boundary=b",
                  "--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/sdp\r\n\r\none\r\n--b--",
                  "one");
    check_body_of("multipart/mixed;boundary=b",
                  "--b\r\nContent-Type: multipart/alternative;boundary=c\r\n\r\n"
                  "--c\r\n\r\ntext\r\n--c--\r\n"
                  "--b\r\nContent-Type: multipart/alternative;boundary=d\r\n\r\n"
                  "--d\r\nContent-Type: application/sdp\r\n\r\nboth\r\n--d--\r\n--b--",
                  "both");
    check_body_of("multipart/mixed;boundary=b",
                  "--b\r\nContent-Type: application/sdp\r\n"
                  "Content-Disposition: early-session\r\n\r\none\r\n"
                  "--b\r\nContent-Type: application/sdp\r\n"
                  "Content-Disposition: Session ;handling=optional\r\n\r\ntwo\r\n--b--",
                  "two");
}

/* Beside each other they may be as many as the body holds. */
static void many_parts_beside_each_other_are_not_deep(void **state)
{
    pp_buf body = {0};
    unsigned count = 0;
    pp_multipart m;
    pp_part part;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        pp_buf_c(
            &body,
            "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n");
    assert_false(pp_multipart_is_too_deep(PP_LIT("multipart/x;boundary=b"), pp_buf_text(&body)));
    assert_true(pp_multipart_begin(PP_LIT("multipart/x;boundary=b"), pp_buf_text(&body), &m));
    while (pp_multipart_next(&m, &part))
        count++;
    assert_int_equal(count, 1000);
    pp_buf_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_taken_apart),
        cmocka_unit_test(what_looks_like_a_delimiter_stays_in_the_part),
        cmocka_unit_test(a_body_that_is_not_closed_ends_with_its_last_part),
        cmocka_unit_test(a_type_without_a_boundary_has_no_parts),
        cmocka_unit_test(the_parts_of_a_signed_message_are_found),
        cmocka_unit_test(parts_may_stand_within_four_others),
        cmocka_unit_test(a_body_is_found_among_others),
        cmocka_unit_test(many_parts_beside_each_other_are_not_deep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
