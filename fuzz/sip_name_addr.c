/* sip_name_addr.c - an address written anew is the same address; a list put together again has the same members. */
/* FUZZ: sip */
#include "sip/name_addr.h"

#include "check.h"

static void check_address(pp_str text)
{
    pp_name_addr first, second;
    pp_buf name = {0}, written = {0}, again = {0};

    if (pp_name_addr_parse(text, &first))
        return;
    CHECK(pp_params_valid(first.params));
    pp_name_addr_write_display_name(&first, &name);
    pp_write_quoted(pp_buf_text(&name), &written);
    pp_buf_c(&written, " <");
    pp_buf_str(&written, first.uri.text);
    pp_buf_char(&written, '>');
    pp_buf_str(&written, first.params);
    CHECK(pp_name_addr_parse(pp_buf_text(&written), &second) == 0);
    pp_name_addr_write_display_name(&second, &again);
    CHECK(pp_str_eq(pp_buf_text(&name), pp_buf_text(&again)));
    CHECK(pp_uri_equal(&first.uri, &second.uri));
    CHECK(pp_str_eq(first.params, second.params));
    pp_buf_free(&name);
    pp_buf_free(&written);
    pp_buf_free(&again);
}

static void check_list(pp_str text)
{
    pp_buf joined = {0};
    pp_str rest = text, again, member, same;

    while (pp_list_next(&rest, &member)) {
        pp_buf_str(&joined, member);
        pp_buf_c(&joined, " ,, ");
        check_address(member);
    }
    rest = text;
    again = pp_buf_text(&joined);
    while (pp_list_next(&rest, &member)) {
        CHECK(pp_list_next(&again, &same));
        /* An open quote or bracket takes in what was put behind it. */
        CHECK(same.n >= member.n && pp_str_eq(pp_str_sub(same, 0, member.n), member));
    }
    CHECK(!pp_list_next(&again, &same));
    pp_buf_free(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str text = pp_str_n(data, size);

    check_address(text);
    check_list(text);
    return 0;
}
