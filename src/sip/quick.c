/* quick.c - URIs, addresses and Vias by their marks: from one octet that means something to the next. */
#include "sip/quick.h"

#include "sip/lexer.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline pp_str slice(const pp_quick *q, size_t from, size_t to)
{
    return pp_str_n(q->text + from, to - from);
}

static inline size_t next(const pp_quick *q, size_t at)
{
    return pp_marks_next(q->marks, at);
}

static inline uint32_t four(const char *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof(value));
    return value;
}

static inline size_t skip_blanks(const pp_quick *q, size_t at)
{
    while (pp_char_is_blank(q->text[at]))
        at++;
    return at;
}

/* --- host and port -------------------------------------------------------------------------------------------- */

/* What is looked at in one go overlaps by an octet, and may reach a little behind the name: the message's padding allows for it. */
#ifdef __SSE2__
static bool may_hold_two_dots(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i += 15) {
        __m128i octets = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        unsigned dots = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8('.')));
        if (dots & dots << 1)
            return true;
    }
    return false;
}
#else
static bool may_hold_two_dots(const char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (p[i] == '.' && p[i - 1] == '.')
            return true;
    return false;
}
#endif

/* A name without an empty label, whose last character is a letter: what looks like an IP address is for pp_host_valid(). All octets
 * are host characters already. */
static bool is_host(const char *p, size_t n)
{
    if (n == 0)
        return false;
    if ((p[n - 1] | 0x20) < 'a' || p[0] == '.' || p[0] == '-')
        return pp_host_valid(pp_str_n(p, n));
    return !may_hold_two_dots(p, n) || pp_host_valid(pp_str_n(p, n));
}

/* ":port" at `at`; 0 when it is none from 1 to 65535. */
static size_t read_port(const pp_quick *q, size_t at, uint16_t *out)
{
    uint32_t port = 0;
    size_t start = ++at;

    while (q->text[at] >= '0' && q->text[at] <= '9' && at - start < 6)
        port = port * 10 + (uint32_t)(q->text[at++] - '0');
    if (at == start || port == 0 || port > 65535)
        return 0;
    *out = (uint16_t)port;
    return at;
}

/* "host[:port]". */
static size_t read_host(const pp_quick *q, size_t at, pp_str *host, uint16_t *port)
{
    size_t end = next(q, at);

    if (!is_host(q->text + at, end - at))
        return 0;
    *host = slice(q, at, end);
    return q->text[end] == ':' ? read_port(q, end, port) : end;
}

/* --- URI ------------------------------------------------------------------------------------------------------ */

/* ";params" without escapes, up to what may stand in no URI. Parameters have names. */
static size_t read_uri_params(const pp_quick *q, size_t at)
{
    for (;; at = next(q, at + 1)) {
        char c = q->text[at];
        if (c == ';') {
            char first = q->text[at + 1];
            if (first == ';' || first == '=' || !pp_char_is(first, PP_CHAR_URI))
                return 0;
        } else if (!pp_char_is(c, PP_CHAR_URI)) {
            return at;
        } else if (c == '@' || c == '?' || c == '%') {
            return 0;
        }
    }
}

/* "sip:" or "sips:"; the index behind it. */
static size_t read_scheme(const pp_quick *q, size_t at, pp_uri *out)
{
    uint32_t start =
        four(q->text + at) | four("   "); /* three letters in lower case, and what follows */

    if (start == four("sip:")) {
        out->scheme = PP_SCHEME_SIP;
        out->scheme_name = slice(q, at, at + 3);
        return at + 4;
    }
    if (start == four("sips") && q->text[at + 4] == ':') {
        out->scheme = PP_SCHEME_SIPS;
        out->scheme_name = slice(q, at, at + 4);
        return at + 5;
    }
    return 0;
}

size_t pp_quick_uri(const pp_quick *q, size_t at, pp_uri *out)
{
    size_t start = at, host, end;

    at = read_scheme(q, at, out);
    if (at == 0)
        return 0;
    end = next(q, at);
    host = at;
    /* Marks of a telephone number and the like. */
    while (q->text[end] != '@' && q->text[end] != ':' && q->text[end] != ';' &&
           q->text[end] != '%' && pp_char_is(q->text[end], PP_CHAR_USER))
        end = next(q, end + 1);
    if (q->text[end] == '@') {
        if (end == at)
            return 0;
        out->user = slice(q, at, end);
        host = end + 1;
    } else {
        out->user = PP_STR_NONE;
    }
    out->port = 0;
    end = read_host(q, host, &out->host, &out->port);
    if (end == 0)
        return 0;
    at = end;
    if (q->text[at] == ';') {
        end = read_uri_params(q, at);
        if (end == 0)
            return 0;
    } else if (pp_char_is(q->text[at], PP_CHAR_URI)) {
        return 0;
    }
    out->params = slice(q, at, end);
    out->text = slice(q, start, end);
    out->headers = PP_STR_NONE;
    out->opaque = PP_STR_NONE;
    return end;
}

/* --- parameters of a header field ----------------------------------------------------------------------------- */

/* Behind the closing quote of the one at `at`. */
static size_t read_quoted(const pp_quick *q, size_t at)
{
    do {
        at = next(q, at + 1);
        if (q->text[at] == '\\' || q->text[at] == '\r')
            return 0;
    } while (q->text[at] != '"');
    return at + 1;
}

/* A value: quoted, or octets up to what ends it. */
static size_t read_value(const pp_quick *q, size_t at)
{
    size_t start = at;

    if (q->text[at] == '"')
        return read_quoted(q, at);
    for (at = next(q, at);; at = next(q, at + 1)) {
        char c = q->text[at];
        if (c == ';' || c == ',' || c == '"' || (unsigned char)c <= ' ' || c == 0x7F)
            break;
        if (c == '<')
            return 0; /* a comma may hide behind it */
    }
    return at == start ? 0 : at;
}

/* Whether they are the same but for their case; `wanted` has three or six letters, all lower case. */
static inline bool is_name(const char *name, const char *wanted, size_t length)
{
    if (length == 3)
        return (name[0] | 0x20) == wanted[0] && (name[1] | 0x20) == wanted[1] &&
               (name[2] | 0x20) == wanted[2];
    return (four(name) | four("    ")) == four(wanted) &&
           (four(name + 2) | four("    ")) == four(wanted + 2);
}

/* ";name[=value]" and so on up to a comma or the end. The value of the first parameter called `wanted`, in lower case and of three
 * or six letters, goes to *found. */
static inline __attribute__((always_inline)) size_t
read_params(const pp_quick *q, size_t at, const char *wanted, size_t length, pp_str *found)
{
    *found = PP_STR_NONE;
    while (at = skip_blanks(q, at), q->text[at] == ';') {
        size_t name = skip_blanks(q, at + 1), value;
        bool is_wanted;
        at = next(q, name);
        while (pp_char_is(q->text[at], PP_CHAR_TOKEN))
            at = next(q, at + 1);
        if (at == name)
            return 0;
        is_wanted = at - name == length && is_name(q->text + name, wanted, length) && !found->p;
        if (q->text[at] != '=') {
            if (is_wanted)
                return 0;
            continue;
        }
        value = at + 1;
        at = read_value(q, value);
        if (at == 0)
            return 0;
        if (is_wanted)
            *found = slice(q, value, at);
    }
    return q->text[at] == ',' || q->text[at] == '\r' ? at : 0;
}

/* Without the blanks before a comma or the end. */
static pp_str params_of(const pp_quick *q, size_t from, size_t to)
{
    while (to > from && pp_char_is_blank(q->text[to - 1]))
        to--;
    return slice(q, from, to);
}

/* --- addresses ------------------------------------------------------------------------------------------------ */

/* A quoted string or tokens before '<'. */
static size_t read_display_name(const pp_quick *q, size_t at, pp_str *out)
{
    size_t end = at;

    if (q->text[at] == '"') {
        end = read_quoted(q, at);
    } else {
        while (pp_char_is(q->text[end], PP_CHAR_TOKEN) || pp_char_is_blank(q->text[end]))
            end = next(q, end + 1);
        while (end > at && pp_char_is_blank(q->text[end - 1]))
            end--;
    }
    *out = slice(q, at, end);
    at = end ? skip_blanks(q, end) : 0;
    return at && q->text[at] == '<' ? at : 0;
}

size_t pp_quick_address(const pp_quick *q, size_t at, pp_name_addr *out, pp_str *tag)
{
    size_t params;

    if (q->text[at] == '<') {
        out->display_name = slice(q, at, at);
    } else {
        at = read_display_name(q, at, &out->display_name);
        if (at == 0)
            return 0;
    }
    at = pp_quick_uri(q, at + 1, &out->uri);
    if (at == 0 || q->text[at] != '>')
        return 0;
    params = skip_blanks(q, at + 1);
    at = read_params(q, params, "tag", 3, tag);
    if (at == 0)
        return 0;
    out->params = params_of(q, params, at);
    return at;
}

/* --- Via ------------------------------------------------------------------------------------------------------ */

size_t pp_quick_via(const pp_quick *q, size_t at, pp_via *out)
{
    static const pp_str protocol = PP_LIT_INIT("SIP/2.0/");
    size_t start = at + protocol.n, params;

    if (memcmp(q->text + at, protocol.p, protocol.n) != 0)
        return 0;
    at = next(q, start);
    if (at == start || !pp_char_is_blank(q->text[at]))
        return 0;
    out->transport = slice(q, start, at);
    out->port = 0;
    at = read_host(q, skip_blanks(q, at), &out->host, &out->port);
    if (at == 0)
        return 0;
    params = skip_blanks(q, at);
    if (q->text[params] == ':') /* "host : port" */
        return 0;
    at = read_params(q, params, "branch", 6, &out->branch);
    if (at == 0)
        return 0;
    out->params = params_of(q, params, at);
    return at;
}
