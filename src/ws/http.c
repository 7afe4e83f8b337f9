/* http.c - the head of an HTTP/1.1 message (RFC 7230 section 3), as much of it as an upgrade needs.
 */
#include "ws/http.h"

#include "base/error.h"
#include "base/limits.h"

size_t pp_http_head_size(pp_str text, size_t from)
{
    /* The four octets may have begun in the piece before. */
    for (size_t i = from > 3 ? from - 3 : 0; i + 4 <= text.n; i++) {
        const char *at = memchr(text.p + i, '\r', text.n - i - 3);

        if (!at)
            return 0;
        i = (size_t)(at - text.p);
        if (memcmp(at, "\r\n\r\n", 4) == 0)
            return i + 4;
    }
    return 0;
}

int pp_http_minor_version(pp_str version)
{
    bool good = version.n == 8 && pp_str_starts(version, "HTTP/1.") && version.p[7] >= '0' &&
                version.p[7] <= '9';

    return good ? version.p[7] - '0' : -1;
}

bool pp_http_is_token(pp_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (!letter && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.n > 0;
}

bool pp_http_is_field_text(pp_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static pp_str trim_blanks(pp_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = pp_str_sub(s, 1, s.n);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* Takes a line off *text, without its CRLF. */
static pp_str next_line(pp_str *text)
{
    pp_str line = pp_str_split(text, '\n');

    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

bool pp_http_next(pp_str *lines, pp_str *name, pp_str *value)
{
    pp_str line;

    if (lines->n == 0)
        return false;
    line = next_line(lines);
    *name = pp_str_split(&line, ':');
    *value = trim_blanks(line);
    return true;
}

static int check_lines(pp_str headers)
{
    pp_str lines = headers;
    unsigned count = 0;

    while (lines.n) {
        pp_str line = next_line(&lines);
        pp_str name = pp_str_split(&line, ':');

        if (++count > PP_LIMIT_WS_HEADERS)
            return pp_error(PIPIT_ERR_LIMIT, "http: more than %u header lines",
                            PP_LIMIT_WS_HEADERS);
        /* A folded line starts with a blank and so has no token as its name (RFC 7230
         * section 3.2.4). */
        if (!line.p || !pp_http_is_token(name) || !pp_http_is_field_text(line))
            return pp_error(PIPIT_ERR_SYNTAX, "http: header line %u is malformed", count);
    }
    return 0;
}

int pp_http_parse(pp_str text, pp_http_head *out)
{
    pp_str rest = pp_str_sub(text, 0, text.n >= 2 ? text.n - 2 : 0); /* without the blank line */
    pp_str line = next_line(&rest);
    pp_http_head head = {.headers = rest};
    int err;

    if (!pp_http_is_field_text(line))
        return pp_error(PIPIT_ERR_SYNTAX, "http: the first line is malformed");
    head.start[0] = pp_str_split(&line, ' ');
    head.start[1] = pp_str_split(&line, ' ');
    head.start[2] = line;
    if (!head.start[0].n || !head.start[1].n)
        return pp_error(PIPIT_ERR_SYNTAX, "http: the first line is malformed");
    err = check_lines(rest);
    if (!err)
        *out = head;
    return err;
}

bool pp_http_header(const pp_http_head *head, const char *name, pp_str *value, unsigned *count)
{
    pp_str lines = head->headers, found_name, found_value;
    unsigned found = 0;

    while (pp_http_next(&lines, &found_name, &found_value)) {
        if (!pp_str_ieq_c(found_name, name))
            continue;
        if (found++ == 0)
            *value = found_value;
    }
    if (count)
        *count = found;
    return found > 0;
}

bool pp_http_has_token(const pp_http_head *head, const char *name, pp_str token)
{
    pp_str lines = head->headers, found_name, list;

    while (pp_http_next(&lines, &found_name, &list)) {
        if (!pp_str_ieq_c(found_name, name))
            continue;
        while (list.n)
            if (pp_str_ieq(trim_blanks(pp_str_split(&list, ',')), token))
                return true;
    }
    return false;
}
