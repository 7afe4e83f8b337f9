/* sip_typed.c - any value of any header that is read is printed, reads back, and prints the same again. */
/* FUZZ: sip */
#include "sip/typed/typed.h"

#include "check.h"

static void check_member(pp_header_id id, pp_str text)
{
    pp_buf once = {0}, twice = {0};
    pp_typed value;

    if (pp_typed_parse(id, text, &value))
        return;
    CHECK(pp_typed_print(id, &value, &once) == 0);
    CHECK(pp_str_is_line(pp_buf_text(&once)));
    CHECK(pp_typed_parse(id, pp_buf_text(&once), &value) == 0);
    CHECK(pp_typed_print(id, &value, &twice) == 0);
    CHECK(pp_str_eq(pp_buf_text(&once), pp_buf_text(&twice)));
    if (value.shape == PP_SHAPE_MEDIA_TYPE)
        CHECK(pp_media_type_equal(&value.as.media_type, &value.as.media_type));
    pp_buf_free(&once);
    pp_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_header_id id = size ? (pp_header_id)(data[0] % PP_HEADER_COUNT) : PP_HEADER_OTHER;
    pp_str text = size ? pp_str_n(data + 1, size - 1) : PP_STR_NONE, member;

    if (!pp_header_info_of(id)->list) {
        check_member(id, text);
        return 0;
    }
    while (pp_list_next(&text, &member))
        check_member(id, member);
    return 0;
}
