/* multipart.c - bodies of several parts. Every octet is looked at once in each level, and levels have a limit. */
#include "sip/multipart.h"

#include "base/limits.h"
#include "sip/header.h"
#include "sip/lexer.h"
#include "sip/uri.h"

#define BOUNDARY_MAX 70u /* RFC 2046 section 5.1.1 */

/* --- the boundary ----------------------------------------------------------------------------- */

/* Cuts at the next ';' that does not stand in quotes. */
static pp_str next_param(pp_str *rest)
{
    pp_str all = *rest;
    size_t at = 0;

    while (at < all.n && all.p[at] != ';') {
        size_t quoted = all.p[at] == '"' ? pp_quoted_span(pp_str_from(all, at)) : 0;
        at += quoted ? quoted : 1;
    }
    *rest = at < all.n ? pp_str_from(all, at + 1) : PP_STR_NONE;
    return pp_str_trim(pp_str_sub(all, 0, at));
}

static bool is_multipart(pp_str type)
{
    return pp_str_ieq_c(pp_str_trim(pp_str_split(&type, '/')), "multipart") && type.p;
}

static bool is_boundary(pp_str text)
{
    if (text.n < 1 || text.n > BOUNDARY_MAX)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < ' ' || text.p[i] == '"' || text.p[i] == '\\')
            return false;
    return true;
}

/* Folds count as blanks, for the header of a part still has them. */
static bool read_boundary(pp_str content_type, pp_str *out)
{
    pp_str rest = content_type;

    if (!pp_str_istarts(pp_str_trim(content_type), "multipart")) /* as most */
        return false;
    if (!is_multipart(next_param(&rest)))
        return false;
    while (rest.p) {
        pp_str value = next_param(&rest), name = pp_str_trim(pp_str_split(&value, '='));

        value = pp_str_trim(value);
        if (!pp_str_ieq_c(name, "boundary"))
            continue;
        if (value.n > 1 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = pp_str_sub(value, 1, value.n - 1);
        *out = value;
        return is_boundary(value);
    }
    return false;
}

/* --- delimiters ------------------------------------------------------------------------------- */

typedef struct delimiter {
    size_t before, behind; /* where the part ahead ends, and where the next one starts */
    bool last;
} delimiter;

/* Whether one starts at `at`, which is behind a line end: "--boundary", blanks, CRLF; the last has "--" behind it, and the rest
 * of its line is nobody's. */
static bool is_delimiter(pp_str text, size_t at, pp_str boundary, delimiter *out)
{
    pp_str line = pp_str_from(text, at);

    if (!pp_str_starts(line, "--") || !pp_str_eq(pp_str_sub(line, 2, 2 + boundary.n), boundary))
        return false;
    line = pp_str_from(line, 2 + boundary.n);
    out->last = pp_str_starts(line, "--");
    while (line.n && pp_char_is_blank(line.p[0]))
        line = pp_str_from(line, 1);
    if (!out->last && line.n && !pp_str_starts(line, "\r\n"))
        return false;
    out->behind = text.n - line.n + (line.n ? 2 : 0);
    return true;
}

/* The CRLF ahead of a delimiter belongs to it. */
static bool find_delimiter(pp_str text, pp_str boundary, delimiter *out)
{
    if (is_delimiter(text, 0, boundary, out)) {
        out->before = 0;
        return true;
    }
    for (size_t at = pp_str_find(text, '\n'); at < text.n;
         at += 1 + pp_str_find(pp_str_from(text, at + 1), '\n')) {
        if (at == 0 || text.p[at - 1] != '\r' || !is_delimiter(text, at + 1, boundary, out))
            continue;
        out->before = at - 1;
        return true;
    }
    return false;
}

/* --- parts ------------------------------------------------------------------------------------ */

bool pp_multipart_begin(pp_str content_type, pp_str body, pp_multipart *out)
{
    pp_multipart m = {.rest = PP_STR_NONE};
    delimiter first;

    if (!read_boundary(content_type, &m.boundary))
        return false;
    if (find_delimiter(body, m.boundary, &first) && !first.last)
        m.rest = pp_str_from(body, first.behind);
    *out = m;
    return true;
}

/* A header field with its folds. */
static pp_str next_field(pp_str *rest)
{
    pp_str all = *rest;
    size_t at = pp_str_find(all, '\n');

    while (at + 1 < all.n && pp_char_is_blank(all.p[at + 1]))
        at += 1 + pp_str_find(pp_str_from(all, at + 1), '\n');
    *rest = pp_str_from(all, at + 1);
    return pp_str_sub(all, 0, at);
}

static pp_str find_header(pp_str headers, pp_header_id id)
{
    while (headers.n) {
        pp_str value = next_field(&headers), name = pp_str_trim(pp_str_split(&value, ':'));

        if (pp_header_id_of(name) == id)
            return pp_str_trim(value);
    }
    return PP_STR_NONE;
}

/* Header lines, an empty one, the body. Without an empty line all of it are header lines. */
static void take_apart(pp_str text, pp_part *out)
{
    size_t at = 0;

    while (at < text.n && !pp_str_starts(pp_str_from(text, at), "\r\n"))
        at += 1 + pp_str_find(pp_str_from(text, at), '\n');
    out->headers = pp_str_sub(text, 0, at);
    out->content_type = find_header(out->headers, PP_HEADER_CONTENT_TYPE);
    out->disposition = find_header(out->headers, PP_HEADER_CONTENT_DISPOSITION);
    out->body = pp_str_from(text, at + 2);
}

bool pp_multipart_next(pp_multipart *m, pp_part *out)
{
    pp_str text = m->rest;
    delimiter next;

    if (!text.p)
        return false;
    m->rest = PP_STR_NONE;
    if (find_delimiter(text, m->boundary, &next)) {
        if (!next.last)
            m->rest = pp_str_from(text, next.behind);
        text = pp_str_sub(text, 0, next.before);
    }
    take_apart(text, out);
    return true;
}

bool pp_multipart_is_too_deep(pp_str content_type, pp_str body)
{
    pp_multipart levels[PP_LIMIT_SIP_NESTING + 1];
    size_t depth = pp_multipart_begin(content_type, body, &levels[0]) ? 1 : 0;
    pp_part part;

    while (depth && depth <= PP_LIMIT_SIP_NESTING) {
        if (!pp_multipart_next(&levels[depth - 1], &part))
            depth--;
        else if (pp_multipart_begin(part.content_type, part.body, &levels[depth]))
            depth++;
    }
    return depth > PP_LIMIT_SIP_NESTING;
}
