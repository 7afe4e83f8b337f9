/* multipart_write.c - bodies of several parts put together. */
#include "pipit/error.h"
#include "sip/multipart.h"
#include "support/files.h"

static void assert_str(pp_str got, const char *wanted)
{
    if (!pp_str_eq_c(got, wanted))
        fail_msg("got '%.*s', wanted '%s'", PP_STR(got), wanted);
}

static void the_parts_are_written_in_order(void **state)
{
    const pp_part parts[] = {
        {.content_type = PP_LIT("application/sdp"), .body = PP_LIT("v=0\r\n")},
        {.headers = PP_LIT("Content-Type: a/b\r\nContent-ID: <x>\r\n"),
         .body = PP_LIT("--b\r\n\0x")},
        {.body = PP_LIT("")},
    };
    pp_buf out = {0};
    pp_multipart m;
    pp_part part;

    (void)state;
    pp_buf_c(&out, "before");
    assert_int_equal(pp_multipart_write(PP_LIT("b0undary"), parts, 3, &out), 0);
    assert_true(
        pp_str_eq(pp_buf_text(&out),
                  PP_LIT("before--b0undary\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
                         "--b0undary\r\nContent-Type: a/b\r\nContent-ID: <x>\r\n\r\n--b\r\n\0x\r\n"
                         "--b0undary\r\n\r\n\r\n--b0undary--\r\n")));
    assert_true(pp_multipart_begin(PP_LIT("multipart/mixed;boundary=b0undary"),
                                   pp_str_sub(pp_buf_text(&out), 6, out.n), &m));
    assert_true(pp_multipart_next(&m, &part));
    assert_str(part.content_type, "application/sdp");
    assert_str(part.body, "v=0\r\n");
    pp_buf_free(&out);
}

static void a_body_that_would_be_other_parts_is_not_written(void **state)
{
    const struct {
        pp_str boundary;
        pp_part part;
    } rows[] = {
        {PP_LIT("b"), {.body = PP_LIT("x\r\n--b\r\n\r\ny")}},
        {PP_LIT("b"), {.body = PP_LIT("--b--")}},
        {PP_LIT("b"), {.headers = PP_LIT("X: y\r\n\r\nbody"), .body = PP_LIT("z")}},
        {PP_LIT("b"), {.headers = PP_LIT("no line end"), .body = PP_LIT("z")}},
        {PP_LIT("b"), {.content_type = PP_LIT("a/b\r\nX: y"), .body = PP_LIT("z")}},
        {PP_LIT("b\r\nc"), {.body = PP_LIT("z")}},
        {PP_LIT("b\"c"), {.body = PP_LIT("z")}},
        {PP_LIT(""), {.body = PP_LIT("z")}},
    };
    pp_buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (pp_multipart_write(rows[i].boundary, &rows[i].part, 1, &out) != PIPIT_ERR_SYNTAX)
            fail_msg("row %zu was written as %.*s", i, PP_STR(pp_buf_text(&out)));
    assert_int_equal(pp_multipart_write(PP_LIT("b"), NULL, 0, &out), PIPIT_ERR_SYNTAX);
    assert_int_equal(out.n, 0);
    pp_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parts_are_written_in_order),
        cmocka_unit_test(a_body_that_would_be_other_parts_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
