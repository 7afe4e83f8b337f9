/* sdp_fragment.c - candidates behind a description: whatever is read is written as something that reads the same, and reads as a
 * whole description, too, where that begins with a version. */
/* FUZZ: sdp base */
#include "base/limits.h"
#include "sdp/attributes.h"

#include "check.h"

static size_t count_candidates(const pp_sdp *sdp)
{
    pp_sdp_candidate candidate;
    size_t count = 0;

    for (size_t i = 0; i < sdp->media_count; i++) {
        size_t at = 0;
        pp_str value;

        while (pp_sdp_next(&sdp->media[i].section, "candidate", &at, &value))
            count += pp_sdp_candidate_parse(value, &candidate) == 0;
    }
    return count;
}

static void check_whole(pp_str fragment, size_t candidates)
{
    pp_sdp *whole = NULL;
    pp_buf text = {0};

    pp_buf_c(&text, "v=0\r\n");
    pp_buf_str(&text, fragment);
    if (pp_sdp_parse(pp_buf_text(&text), &whole) == 0)
        CHECK(count_candidates(whole) == candidates);
    pp_sdp_free(whole);
    pp_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_sdp *first = NULL, *second = NULL;
    pp_buf one = {0}, two = {0};

    if (pp_sdp_parse_fragment(pp_str_n(data, size), &first))
        return 0;
    CHECK(size <= PP_LIMIT_SDP && first->media_count <= PP_LIMIT_SDP_MEDIA);
    pp_sdp_write(first, &one);
    CHECK(!pp_buf_error(&one));
    if (pp_sdp_parse_fragment(pp_buf_text(&one), &second) == 0) {
        CHECK(count_candidates(second) == count_candidates(first));
        pp_sdp_write(second, &two);
        CHECK(pp_str_eq(pp_buf_text(&one), pp_buf_text(&two)));
        check_whole(pp_buf_text(&one), count_candidates(first));
    } else {
        CHECK(one.n > PP_LIMIT_SDP); /* CR LF for LF */
    }
    pp_buf_free(&two);
    pp_buf_free(&one);
    pp_sdp_free(second);
    pp_sdp_free(first);
    return 0;
}
