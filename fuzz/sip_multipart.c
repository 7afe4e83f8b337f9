/* sip_multipart.c - the parts of a body lie in it and in order, hold no delimiter, and written anew are the same parts. The first
 * line is the Content-Type. */
/* FUZZ: sip */
#include "base/buf.h"
#include "base/limits.h"
#include "sip/multipart.h"

#include <stdlib.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_place(pp_str inner, pp_str outer)
{
    CHECK(!inner.n || (inner.p >= outer.p && inner.p + inner.n <= outer.p + outer.n));
}

static void write_part(const pp_part *part, pp_str boundary, pp_buf *out)
{
    pp_buf_c(out, "--");
    pp_buf_str(out, boundary);
    pp_buf_c(out, "\r\n");
    pp_buf_str(out, part->headers);
    pp_buf_c(out, "\r\n");
    pp_buf_str(out, part->body);
    pp_buf_c(out, "\r\n");
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
    pp_multipart m, again, copy;
    const char *at = body.p;
    pp_buf text = {0};
    bool whole = true;
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
        write_part(&part, m.boundary, &text);
    }
    pp_buf_c(&text, "--");
    pp_buf_str(&text, m.boundary);
    pp_buf_c(&text, "--");
    CHECK(pp_buf_error(&text) == 0 || size > PP_LIMIT_SIP_MESSAGE);
    if (whole && !pp_buf_error(&text)) {
        CHECK(pp_multipart_begin(type, pp_buf_text(&text), &copy));
        check_same(&again, &copy);
    }
    pp_buf_free(&text);
    return 0;
}
