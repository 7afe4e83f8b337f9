/* multipart_write.c - a body put together of several parts. */
#include "base/error.h"
#include "sip/multipart.h"

static void write_part(pp_str boundary, const pp_part *part, pp_buf *out)
{
    pp_buf_c(out, "--");
    pp_buf_str(out, boundary);
    pp_buf_c(out, "\r\n");
    if (part->headers.n) {
        pp_buf_str(out, part->headers);
    } else if (part->content_type.n) {
        pp_buf_c(out, "Content-Type: ");
        pp_buf_str(out, part->content_type);
        pp_buf_c(out, "\r\n");
    }
    pp_buf_c(out, "\r\n");
    pp_buf_str(out, part->body);
    pp_buf_c(out, "\r\n");
}

/* Whether the part that was read is the one that was written. */
static bool is_same(const pp_part *read, const pp_part *written)
{
    if (written->headers.n && !pp_str_eq(read->headers, written->headers))
        return false;
    return pp_str_eq(read->body, written->body) &&
           (written->headers.n ||
            pp_str_eq(read->content_type, pp_str_trim(written->content_type)));
}

static bool reads_back(pp_str boundary, const pp_part *parts, size_t count, pp_str body)
{
    pp_buf type = {0};
    pp_multipart m;
    pp_part part;
    size_t i = 0;
    bool same;

    pp_buf_c(&type, "multipart/mixed;boundary=\"");
    pp_buf_str(&type, boundary);
    pp_buf_char(&type, '"');
    same = !pp_buf_error(&type) && pp_multipart_begin(pp_buf_text(&type), body, &m) &&
           pp_str_eq(m.boundary, boundary);
    while (same && pp_multipart_next(&m, &part)) {
        same = i < count && is_same(&part, &parts[i]);
        i++;
    }
    pp_buf_free(&type);
    return same && i == count;
}

int pp_multipart_write(pp_str boundary, const pp_part *parts, size_t count, pp_buf *out)
{
    pp_buf body = {0};
    int err = 0;

    for (size_t i = 0; i < count; i++) {
        if (!parts[i].headers.n && !pp_str_is_line(parts[i].content_type))
            err = pp_error(PIPIT_ERR_SYNTAX, "multipart: a type holds CR, LF or NUL");
        write_part(boundary, &parts[i], &body);
    }
    pp_buf_c(&body, "--");
    pp_buf_str(&body, boundary);
    pp_buf_c(&body, "--\r\n");
    if (!err)
        err = pp_buf_error(&body);
    if (!err && (count == 0 || !reads_back(boundary, parts, count, pp_buf_text(&body))))
        err = pp_error(PIPIT_ERR_SYNTAX, "multipart: the boundary or a part is not fit for it");
    if (!err) {
        pp_buf_str(out, pp_buf_text(&body));
        err = pp_buf_error(out);
    }
    pp_buf_free(&body);
    return err;
}
