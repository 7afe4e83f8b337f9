/* sip_multipart.c - the parts of a body lie in it and in order, hold no delimiter, and written anew are the same parts. The first
 * line is the Content-Type. */
/* FUZZ: sip */
#include "base/buf.h"
#include "base/limits.h"
#include "sip/multipart.h"

#include "check.h"

#define PARTS_MAX 64 /* of those that are written anew */

static void check_place(pp_str inner, pp_str outer)
{
    CHECK(!inner.n || (inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n));
}

static void check_same(pp_multipart *a, pp_multipart *b)
{
    pp_part first, second;

    while (pp_multipart_next(a, &first)) {
        CHECK(pp_multipart_next(b, &second));
        CHECK(pp_str_eq(first.body, second.body));
        CHECK(pp_str_eq(first.headers, second.headers));
        CHECK(pp_str_eq(first.content_type, second.content_type));
    }
    CHECK(!pp_multipart_next(b, &second));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_str body = pp_str_n(data, size), type = pp_str_split(&body, '\n');
    static pp_part parts[PARTS_MAX];
    pp_multipart m, again, copy;
    size_t count = 0;
    const char *at = body.p;
    pp_buf text = {0};
    bool whole = size < PP_LIMIT_SIP_MESSAGE / 2;
    pp_part part;

    pp_multipart_is_too_deep(type, body);
    if (!pp_multipart_begin(type, body, &m))
        return 0;
    again = m;
    while (pp_multipart_next(&m, &part)) {
        check_place(part.body, body);
        check_place(part.headers, body);
        check_place(part.content_type, part.headers);
        CHECK(!part.body.n || part.body.p >= at);
        at = part.body.n ? part.body.p + part.body.n : at;
        /* Header lines that never ended, those of a last part, cannot be written as they were. */
        whole = whole && (!part.headers.n || part.headers.p[part.headers.n - 1] == '\n');
        if (count < PARTS_MAX)
            parts[count++] = part;
    }
    whole = whole && count && count < PARTS_MAX;
    if (whole) {
        CHECK(pp_multipart_write(m.boundary, parts, count, &text) == 0);
        CHECK(pp_multipart_begin(type, pp_buf_text(&text), &copy));
        check_same(&again, &copy);
    }
    pp_buf_free(&text);
    return 0;
}
