/* framing.c - messages in a stream of octets. */
#include "support/files.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "support/scarce.h"
#include "transport/framing.h"

#include <stdio.h>

#define HEAD "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKa\r\n"

/* What came out, "M(…)" for a message, "-" for an empty line, "P" for a ping, "!" for an error. */
static const char *frames(pp_framing *f)
{
    static char text[4096];
    size_t size = 0;
    pp_frame frame;
    int err;

    while ((err = pp_framing_next(f, &frame)) == 0 && frame.kind != PP_FRAME_NONE) {
        if (frame.kind == PP_FRAME_MESSAGE)
            size += (size_t)snprintf(text + size, sizeof(text) - size, "M(%.*s)",
                                     PP_STR(frame.message));
        else
            text[size++] = frame.kind == PP_FRAME_PING ? 'P' : '-';
    }
    snprintf(text + size, sizeof(text) - size, "%s", err ? "!" : "");
    return text;
}

static const char *all(const char *stream)
{
    pp_framing f = {0};
    const char *text;

    assert_int_equal(pp_framing_add(&f, stream, strlen(stream)), 0);
    text = frames(&f);
    pp_framing_free(&f);
    return text;
}

static void a_message_ends_where_its_length_says(void **state)
{
    (void)state;
    assert_string_equal(all(HEAD "Content-Length: 4\r\n\r\nbody" HEAD "l:0\r\n\r\n" HEAD "L: 1"),
                        "M(" HEAD "Content-Length: 4\r\n\r\nbody)M(" HEAD "l:0\r\n\r\n)");
    assert_string_equal(all(HEAD "Content-Length\t:\r\n 2\r\n\r\nab" HEAD "\r\n"),
                        "M(" HEAD "Content-Length\t:\r\n 2\r\n\r\nab)M(" HEAD "\r\n)");
}

static void a_message_comes_in_any_pieces(void **state)
{
    static const char stream[] = "\r\n\r\n" HEAD "l: 4\r\n\r\nbody\r\n" HEAD "l: 0\r\n\r\n";
    pp_framing f = {0};
    char heard[1024] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(stream) - 1; i++) {
        assert_int_equal(pp_framing_add(&f, stream + i, 1), 0);
        strcat(heard, frames(&f));
    }
    assert_string_equal(heard, "-PM(" HEAD "l: 4\r\n\r\nbody)-M(" HEAD "l: 0\r\n\r\n)");
    assert_string_equal(all(stream), heard);
    pp_framing_free(&f);
}

static void what_is_not_whole_is_kept_when_its_octets_go(void **state)
{
    static const char stream[] = HEAD "l: 1\r\n\r\n1" HEAD "l: 2\r\n\r\n22" HEAD "l: 3\r\n\r\n333";

    (void)state;
    for (size_t piece = 1; piece < sizeof(stream); piece++) {
        pp_framing f = {0};
        char lent[sizeof(stream)], heard[1024] = "";

        for (size_t at = 0; at < sizeof(stream) - 1; at += piece) {
            size_t left = sizeof(stream) - 1 - at, n = left < piece ? left : piece;

            memcpy(lent, stream + at, n);
            assert_int_equal(pp_framing_add(&f, lent, n), 0);
            strcat(heard, frames(&f));
            memset(lent, '?', sizeof(lent));
        }
        assert_string_equal(heard, "M(" HEAD "l: 1\r\n\r\n1)M(" HEAD "l: 2\r\n\r\n22)M(" HEAD
                                   "l: 3\r\n\r\n333)");
        assert_null(f.kept.p); /* an idle stream has no buffer */
        pp_framing_free(&f);
    }
}

/* Each is asked for alone, and more comes before the last word was said of the one before. */
static void more_may_come_before_all_was_asked_for(void **state)
{
    static const char one[] = HEAD "l: 0\r\n\r\n", some[] = HEAD "l:", rest[] = "0\r\n\r\nOPT";
    pp_framing f = {0};
    pp_frame frame;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(pp_framing_add(&f, one, strlen(one)), 0);
        assert_int_equal(pp_framing_next(&f, &frame), 0);
        assert_true(pp_str_eq_c(frame.message, one));
    }
    assert_int_equal(pp_framing_add(&f, some, strlen(some)), 0);
    assert_int_equal(pp_framing_add(&f, rest, strlen(rest)), 0);
    assert_string_equal(frames(&f), "M(" HEAD "l:0\r\n\r\n)");
    assert_int_equal(pp_framing_add(&f, some + 3, strlen(some + 3)), 0);
    assert_int_equal(pp_framing_add(&f, rest, strlen(rest)), 0);
    assert_string_equal(frames(&f), "M(" HEAD "l:0\r\n\r\n)");
    pp_framing_free(&f);
}

static void a_message_comes_with_the_marks_of_its_head(void **state)
{
    static const char two[] = HEAD "l: 3\r\n\r\n\"\"\"" HEAD "l: 0\r\n\r\n";
    pp_framing f = {0};
    pp_frame frame;

    (void)state;
    assert_int_equal(pp_framing_add(&f, two, strlen(two)), 0);
    for (unsigned i = 0; i < 2; i++) {
        pp_marks own;

        assert_int_equal(pp_framing_next(&f, &frame), 0);
        assert_true(frame.marks && pp_marks_find(frame.message, &own));
        assert_int_equal(frame.marks->head, own.head);
        assert_int_equal(frame.marks->lines, own.lines);
        assert_memory_equal(frame.marks->ends, own.ends, own.lines * sizeof(*own.ends));
    }
    pp_framing_free(&f);
    assert_int_equal(pp_framing_add(&f, two, 20), 0);
    assert_int_equal(pp_framing_next(&f, &frame), 0);
    assert_int_equal(pp_framing_add(&f, two + 20, strlen(two) - 20), 0);
    assert_int_equal(pp_framing_next(&f, &frame), 0);
    assert_int_equal(frame.kind, PP_FRAME_MESSAGE);
    assert_null(frame.marks); /* it was begun without */
    pp_framing_free(&f);
}

static void a_double_empty_line_is_a_ping_wherever_it_stands(void **state)
{
    (void)state;
    assert_string_equal(all("\r\n"), "-");
    assert_string_equal(all("\r\n\r\n"), "-P");
    assert_string_equal(all("\r\n\r\n\r\n\r\n\r\n"), "-P-P-");
    assert_string_equal(all("\r\n" HEAD "l: 0\r\n\r\n\r\n"), "-M(" HEAD "l: 0\r\n\r\n)-");
}

static void a_stream_that_is_no_sip_is_told_early(void **state)
{
    static const char *const streams[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "\r\rBYE", "\n",
                                          "SIP/2.0 200 OK\n",   "hello\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++)
        assert_string_equal(all(streams[i]), "!");
    all(streams[0]);
    assert_string_equal(pipit_error_message(), "stream: what came is no SIP: 'GET / HTTP/1.1'");
    assert_string_equal(all("OPTIONS sip:a@b SIP/2."), ""); /* it may become some */
}

static void a_length_that_cannot_be_is_the_end(void **state)
{
    static const char *const lengths[] = {"-1", "4294967296", "1048576", "ten", "", "1, 1"};
    char stream[256];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        snprintf(stream, sizeof(stream), HEAD "Content-Length: %s\r\n\r\n", lengths[i]);
        assert_string_equal(all(stream), "!");
    }
    assert_string_equal(all(HEAD "l: 1\r\nContent-Length: 2\r\n\r\nab"), "!");
    assert_string_equal(all(HEAD "l: 1\r\nContent-Length: 1\r\n\r\na"),
                        "M(" HEAD "l: 1\r\nContent-Length: 1\r\n\r\na)");
}

static void a_head_without_an_end_is_bounded(void **state)
{
    pp_framing f = {0};
    pp_frame frame;
    size_t size = 0;
    int err = 0;

    (void)state;
    assert_int_equal(pp_framing_add(&f, HEAD, strlen(HEAD)), 0);
    while (!err && size < 2 * PP_LIMIT_STREAM_HEAD) {
        assert_int_equal(pp_framing_add(&f, "X: 23456\r\n", 10), 0);
        size += 10;
        err = pp_framing_next(&f, &frame);
    }
    assert_int_equal(err, PIPIT_ERR_LIMIT);
    assert_true(size <= PP_LIMIT_STREAM_HEAD);
    assert_int_equal(pp_framing_next(&f, &frame), PIPIT_ERR_LIMIT); /* it stays */
    pp_framing_free(&f);
}

static void a_stream_without_memory_says_so(void **state)
{
    pp_framing f = {0};
    pp_frame frame;

    (void)state;
    scarce_begin(1);
    assert_int_equal(pp_framing_add(&f, "\r\nO", 3), 0);
    assert_int_equal(pp_framing_next(&f, &frame), 0);
    assert_int_equal(frame.kind, PP_FRAME_EMPTY_LINE);
    assert_int_equal(pp_framing_next(&f, &frame), PIPIT_ERR_MEMORY); /* for what is left */
    assert_int_equal(pp_framing_next(&f, &frame), PIPIT_ERR_MEMORY);
    pp_framing_free(&f);
    assert_int_equal(scarce_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_ends_where_its_length_says),
        cmocka_unit_test(a_message_comes_in_any_pieces),
        cmocka_unit_test(what_is_not_whole_is_kept_when_its_octets_go),
        cmocka_unit_test(more_may_come_before_all_was_asked_for),
        cmocka_unit_test(a_message_comes_with_the_marks_of_its_head),
        cmocka_unit_test(a_double_empty_line_is_a_ping_wherever_it_stands),
        cmocka_unit_test(a_stream_that_is_no_sip_is_told_early),
        cmocka_unit_test(a_length_that_cannot_be_is_the_end),
        cmocka_unit_test(a_head_without_an_end_is_bounded),
        cmocka_unit_test(a_stream_without_memory_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
