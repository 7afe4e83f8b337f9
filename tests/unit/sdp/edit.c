/* edit.c - a description is changed where it is asked for, and nowhere else. */
#include "sdp/edit.h"
#include "base/alloc.h"
#include "pipit/error.h"
#include "support/scarce.h"
#include "unit/sdp/support/sample.h"

static const char offer[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
                            "a=group:BUNDLE 0 1\r\na=group:LS 1\r\n"
                            "m=audio 9 X 111 0 8\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\n"
                            "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\na=fmtp:111 x=1\r\n"
                            "a=candidate:1\r\na=candidate:2\r\na=unknown\r\n"
                            "m=video 9/2 X 96\r\na=mid:1\r\n";

/* What became of the offer, beside `from` now saying `to` (each may be ""). */
static void check(pp_sdp *sdp, const char *from, const char *to)
{
    const char *at = strstr(offer, from);
    pp_buf out = {0}, expected = {0};

    assert_non_null(at);
    pp_buf_add(&expected, offer, (size_t)(at - offer));
    pp_buf_c(&expected, to);
    pp_buf_c(&expected, at + strlen(from));
    pp_buf_char(&expected, '\0');
    pp_sdp_write(sdp, &out);
    pp_buf_char(&out, '\0');
    assert_string_equal(out.p, expected.p);
    pp_buf_free(&out);
    pp_buf_free(&expected);
    pp_sdp_free(sdp);
}

static void an_attribute_is_replaced_where_it_is(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_int_equal(pp_sdp_set_attribute(sdp, &sdp->media[0].section, "candidate", PP_LIT("3")),
                     0);
    check(sdp, "a=candidate:1\r\na=candidate:2\r\n", "a=candidate:3\r\n");
}

static void a_new_attribute_comes_last(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_int_equal(pp_sdp_set_attribute(sdp, &sdp->media[0].section, "rtcp-mux", PP_STR_NONE), 0);
    check(sdp, "a=unknown\r\n", "a=unknown\r\na=rtcp-mux\r\n");
}

static void an_attribute_is_removed(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_int_equal(pp_sdp_remove_attribute(&sdp->media[0].section, "Candidate"), 2);
    assert_int_equal(pp_sdp_remove_attribute(&sdp->media[0].section, "candidate"), 0);
    assert_int_equal(pp_sdp_remove_attribute(&sdp->media[1].section, "candidate"), 0);
    check(sdp, "a=candidate:1\r\na=candidate:2\r\n", "");
}

static void a_line_is_put_where_the_rfc_wants_it(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_int_equal(pp_sdp_set_line(sdp, &sdp->session, 'b', PP_LIT("AS:64")), 0);
    check(sdp, "t=0 0\r\n", "b=AS:64\r\nt=0 0\r\n");
    sdp = parse(pp_str_c(offer));
    assert_int_equal(pp_sdp_set_line(sdp, &sdp->session, 's', PP_LIT("call")), 0);
    check(sdp, "s=-\r\n", "s=call\r\n");
    sdp = parse(pp_str_c(offer));
    assert_int_equal(pp_sdp_set_line(sdp, &sdp->media[1].section, 'c', PP_LIT("IN IP4 a")), 0);
    check(sdp, "m=video 9/2 X 96\r\n", "m=video 9/2 X 96\r\nc=IN IP4 a\r\n");
    sdp = parse(pp_str_c(offer));
    assert_int_equal(pp_sdp_remove_line(&sdp->session, 't'), 1);
    assert_int_equal(pp_sdp_remove_line(&sdp->session, 't'), 0);
    check(sdp, "t=0 0\r\n", "");
}

static void a_direction_is_changed_where_it_is(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_int_equal(pp_sdp_set_direction(sdp, &sdp->media[0].section, PP_SENDONLY), 0);
    assert_int_equal(pp_sdp_direction(sdp, &sdp->media[0]), PP_SENDONLY);
    check(sdp, "a=sendrecv\r\n", "a=sendonly\r\n");
    sdp = parse(pp_str_c(offer));
    assert_int_equal(pp_sdp_set_direction(sdp, &sdp->media[1].section, PP_INACTIVE), 0);
    check(sdp, "a=mid:1\r\n", "a=mid:1\r\na=inactive\r\n");
}

static void a_port_is_changed(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_int_equal(pp_sdp_set_port(&sdp->media[1], 65536), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_set_port(&sdp->media[1], 0), 0);
    check(sdp, "m=video 9/2 X", "m=video 0 X");
}

static void a_format_goes_with_all_that_is_said_of_it(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));

    (void)state;
    assert_false(pp_sdp_remove_format(&sdp->media[0], "11"));
    assert_true(pp_sdp_remove_format(&sdp->media[0], "8"));
    assert_true(pp_sdp_remove_format(&sdp->media[0], "0"));
    assert_int_equal(pp_sdp_add_format(sdp, &sdp->media[0], "9"), 0);
    check(sdp, "111 0 8\r\n", "111 9\r\n");
    sdp = parse(pp_str_c(offer));
    assert_true(pp_sdp_remove_format(&sdp->media[0], "111"));
    assert_true(pp_sdp_add_format(sdp, &sdp->media[0], "111") == 0);
    check(sdp,
          "111 0 8\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\na=rtpmap:111 opus/48000/2\r\n"
          "a=rtcp-fb:111 nack\r\na=fmtp:111 x=1\r\n",
          "0 8 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\n");
}

static void a_media_part_is_taken_out_of_its_groups_too(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));
    pp_buf out = {0};

    (void)state;
    assert_int_equal(pp_sdp_remove_media(sdp, 2), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_remove_media(sdp, 0), 0);
    pp_sdp_write(sdp, &out);
    pp_buf_char(&out, '\0');
    assert_string_equal(out.p,
                        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 1\r\n"
                        "a=group:LS 1\r\nm=video 9/2 X 96\r\na=mid:1\r\n");
    pp_buf_free(&out);
    assert_int_equal(pp_sdp_remove_media(sdp, 0), 0);
    assert_int_equal(sdp->media_count, 0);
    pp_sdp_free(sdp);
}

static void an_edit_cannot_bring_a_second_line(void **state)
{
    pp_sdp *sdp = parse(pp_str_c(offer));
    pp_sdp_section *section = &sdp->media[0].section;

    (void)state;
    assert_int_equal(pp_sdp_set_attribute(sdp, section, "mid", PP_LIT("0\r\na=evil")),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_set_attribute(sdp, section, "mid:0\r\na=evil", PP_STR_NONE),
                     PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_set_attribute(sdp, section, "", PP_LIT("x")), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_set_line(sdp, section, 'c', PP_LIT("x\n")), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_set_line(sdp, section, 'a', PP_LIT("x")), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_sdp_set_line(sdp, section, 'm', PP_LIT("x")), PIPIT_ERR_ARGUMENT);
    check(sdp, "", "");
}

static int edit_all(pp_sdp *sdp)
{
    pp_sdp_section *section = &sdp->media[0].section;
    int err = pp_sdp_set_attribute(sdp, section, "new", PP_LIT("1"));

    if (!err)
        err = pp_sdp_set_attribute(sdp, section, "candidate", PP_LIT("1"));
    if (!err)
        err = pp_sdp_set_line(sdp, section, 'b', PP_LIT("AS:1"));
    if (!err)
        err = pp_sdp_set_direction(sdp, section, PP_RECVONLY);
    if (!err)
        err = pp_sdp_remove_media(sdp, 1);
    return err;
}

static void an_edit_survives_any_allocation_failing(void **state)
{
    uint64_t n = 0;

    (void)state;
    do {
        pp_sdp *sdp;
        pp_buf out = {0};
        int err;

        scarce_begin(0);
        sdp = parse(pp_str_c(offer));
        scarce_fail(++n);
        err = edit_all(sdp);
        assert_int_equal(err, scarce_memory.failed ? PIPIT_ERR_MEMORY : 0);
        scarce_relax();
        pp_sdp_write(sdp, &out); /* still whole */
        assert_int_equal(pp_buf_error(&out), 0);
        pp_buf_free(&out);
        pp_sdp_free(sdp);
        assert_int_equal(scarce_end(), 0);
    } while (scarce_memory.failed);
    assert_in_range(n - 1, 8, 38);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attribute_is_replaced_where_it_is),
        cmocka_unit_test(a_new_attribute_comes_last),
        cmocka_unit_test(an_attribute_is_removed),
        cmocka_unit_test(a_line_is_put_where_the_rfc_wants_it),
        cmocka_unit_test(a_direction_is_changed_where_it_is),
        cmocka_unit_test(a_port_is_changed),
        cmocka_unit_test(a_format_goes_with_all_that_is_said_of_it),
        cmocka_unit_test(a_media_part_is_taken_out_of_its_groups_too),
        cmocka_unit_test(an_edit_cannot_bring_a_second_line),
        cmocka_unit_test(an_edit_survives_any_allocation_failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
