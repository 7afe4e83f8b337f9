/* sdp.c - whatever is read is written as something that reads the same and is written the same. */
/* FUZZ: sdp base */
#include "sdp/sdp.h"
#include "base/limits.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_sdp *first = NULL, *second = NULL;
    pp_buf one = {0}, two = {0};

    if (pp_sdp_parse(pp_str_n(data, size), &first))
        return 0;
    pp_sdp_write(first, &one);
    CHECK(!pp_buf_error(&one));
    /* CR LF for LF may carry a text at the very limit over it: that alone may be refused. */
    if (pp_sdp_parse(pp_buf_text(&one), &second) == 0) {
        CHECK(second->media_count == first->media_count);
        CHECK(second->session.count == first->session.count);
        pp_sdp_write(second, &two);
        CHECK(pp_str_eq(pp_buf_text(&one), pp_buf_text(&two)));
    } else {
        CHECK(one.n > PP_LIMIT_SDP);
    }
    pp_buf_free(&two);
    pp_buf_free(&one);
    pp_sdp_free(second);
    pp_sdp_free(first);
    return 0;
}
