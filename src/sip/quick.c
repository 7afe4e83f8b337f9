/* quick.c - URIs, addresses and Vias by their marks: from one octet that means something to the next. */
#include "sip/quick.h"

#include "base/addr.h"
#include "sip/lexer.h"
#include "sip/octets.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The readers are parts of one another, and the cursor is to stay in registers. */
#define PART static inline __attribute__((always_inline))

/* Stands on a special octet. There is always another one before the end of the head: CR and LF are. */
typedef struct cursor {
    const char *text;
    const uint64_t *word; /* the marks of 64 octets, of which `at` is one */
    uint64_t bits;        /* those that were not passed */
    uint32_t base;        /* the first of the 64 */
    uint32_t at;
} cursor;

PART void settle(cursor *c)
{
    while (!c->bits) {
        c->bits = *++c->word;
        c->base += 64;
    }
    c->at = c->base + (uint32_t)__builtin_ctzll(c->bits);
}

/* The first special octet at or behind `at`. */
PART cursor seek(const pp_quick *q, size_t at)
{
    cursor c = {.text = q->text, .word = q->special + at / 64, .base = (uint32_t)at & ~63u};

    c.bits = *c.word & ~UINT64_C(0) << at % 64;
    settle(&c);
    return c;
}

PART void step(cursor *c)
{
    c->bits &= c->bits - 1;
    settle(c);
}

PART char here(const cursor *c)
{
    return c->text[c->at];
}

PART void skip(cursor *c, unsigned set)
{
    while (pp_char_is(here(c), set))
        step(c);
}

/* Blanks from here on; true when an octet that is no blank, but special, stands right behind them. */
PART bool skip_blanks(cursor *c)
{
    while (pp_char_is_blank(here(c))) {
        size_t behind = c->at + 1;
        step(c);
        if (c->at != behind)
            return false;
    }
    return true;
}

PART pp_str slice(const cursor *c, size_t from, size_t to)
{
    return pp_str_n(c->text + from, to - from);
}

/* --- host and port -------------------------------------------------------------------------------------------- */

/* What is looked at in one go overlaps by an octet, and may reach a little behind the name: the message's padding allows for it. */
#ifdef __SSE2__
static inline bool may_hold_two_dots(const char *p, size_t n)
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
PART bool is_host(const char *p, size_t n)
{
    uint8_t ip[4];

    if (n == 0)
        return false;
    if ((p[n - 1] | 0x20) < 'a')
        return pp_addr_parse_v4(pp_str_n(p, n), ip) || pp_host_valid(pp_str_n(p, n));
    if (p[0] == '.' || p[0] == '-' || may_hold_two_dots(p, n))
        return pp_host_valid(pp_str_n(p, n));
    return true;
}

/* The digits of a port from 1 to 65535, and nothing else. */
static bool read_port(const char *p, size_t n, uint16_t *out)
{
    uint32_t port = 0;

    if (n > 5)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(p[i] - '0');
    }
    *out = (uint16_t)port;
    return port > 0 && port <= 65535;
}

/* "host[:port]" from `start` on, to where the cursor stands or a little farther. */
PART bool read_host(cursor *c, size_t start, pp_str *host, uint16_t *port)
{
    size_t colon = c->at;

    *host = slice(c, start, colon);
    *port = 0;
    if (!is_host(c->text + start, colon - start))
        return false;
    if (here(c) != ':')
        return true;
    step(c);
    return read_port(c->text + colon + 1, c->at - colon - 1, port);
}

/* --- URI ------------------------------------------------------------------------------------------------------ */

/* "sip:" or "sips:"; the index behind it, or 0. */
PART size_t read_scheme(const char *text, size_t start, pp_uri *out)
{
    uint32_t first = pp_load4(text + start) | pp_load4("   "); /* three letters in lower case */

    out->scheme = PP_SCHEME_SIP;
    out->scheme_name = pp_str_n(text + start, 3);
    if (first == pp_load4("sip:"))
        return start + 4;
    out->scheme = PP_SCHEME_SIPS;
    out->scheme_name.n = 4;
    return first == pp_load4("sips") && text[start + 4] == ':' ? start + 5 : 0;
}

/* Without escapes; the marks of a telephone number and the like may be in it. Leaves the cursor where it was when there is no user. */
PART bool find_user(cursor *c)
{
    cursor ahead = *c;

    if (here(c) == '@')
        return true;
    while (pp_char_is(here(&ahead), PP_CHAR_USER) && here(&ahead) != ':')
        step(&ahead);
    if (here(&ahead) != '@')
        return false;
    *c = ahead;
    return true;
}

/* ";params" without escapes, up to what may stand in no URI. Parameters have names. */
PART bool read_uri_params(cursor *c)
{
    while (here(c) == ';') {
        char first = c->text[c->at + 1];
        if (first == ';' || first == '=' || !pp_char_is(first, PP_CHAR_URI))
            return false;
        step(c);
        skip(c, PP_CHAR_URI_PARAM);
    }
    return !pp_char_is(here(c), PP_CHAR_URI);
}

/* From `start`, behind which the cursor stands at the first special octet, to where it stands then. */
PART bool read_uri(cursor *c, size_t start, pp_uri *out)
{
    size_t host = read_scheme(c->text, start, out), params;

    if (host == 0)
        return false;
    step(c);
    out->user = PP_STR_NONE;
    if (find_user(c)) {
        out->user = slice(c, host, c->at);
        if (out->user.n == 0)
            return false;
        host = c->at + 1;
        step(c);
    }
    if (!read_host(c, host, &out->host, &out->port))
        return false;
    params = c->at;
    if (!read_uri_params(c))
        return false;
    out->params = slice(c, params, c->at);
    out->text = slice(c, start, c->at);
    out->headers = PP_STR_NONE;
    out->opaque = PP_STR_NONE;
    return true;
}

size_t pp_quick_uri(const pp_quick *q, size_t at, pp_uri *out)
{
    cursor c = seek(q, at);

    return read_uri(&c, at, out) ? c.at : 0;
}

/* --- parameters of a header field ----------------------------------------------------------------------------- */

/* From the opening quote to behind the closing one, which must be special, too. */
PART bool read_quoted(cursor *c)
{
    size_t quote;

    do {
        step(c);
        if (here(c) == '\\' || here(c) == '\r')
            return false;
    } while (here(c) != '"');
    quote = c->at;
    step(c);
    return c->at == quote + 1;
}

/* A value behind '=', where the cursor stands: quoted, or octets up to what ends it. */
PART bool read_value(cursor *c)
{
    size_t start = c->at + 1;

    step(c);
    if (c->text[start] == '"')
        return read_quoted(c);
    skip(c, PP_CHAR_VALUE);
    return c->at > start;
}

/* Whether they are the same but for their case; `wanted` has three or six letters, all lower case. */
PART bool is_name(const char *name, const char *wanted, size_t length)
{
    if (length == 3)
        return ((pp_load4(name) ^ pp_load4(wanted)) & pp_load4("\xDF\xDF\xDF")) == 0;
    return (pp_load4(name) | pp_load4("    ")) == pp_load4(wanted) &&
           (pp_load4(name + 2) | pp_load4("    ")) == pp_load4(wanted + 2);
}

/* ";name[=value]" and so on up to a comma or the end. The value of the first parameter called `wanted`, in lower case and of three
 * or six letters, goes to *found. */
PART bool read_params(cursor *c, const char *wanted, size_t length, pp_str *found)
{
    *found = PP_STR_NONE;
    while (here(c) == ';') {
        size_t name = c->at + 1, value;
        bool is_wanted;
        step(c);
        if (pp_char_is_blank(c->text[name])) {
            if (!skip_blanks(c))
                return false;
            name = c->at;
        }
        skip(c, PP_CHAR_TOKEN);
        if (c->at == name)
            return false;
        is_wanted = c->at - name == length && is_name(c->text + name, wanted, length) && !found->p;
        if (here(c) == '=') {
            value = c->at + 1;
            if (!read_value(c))
                return false;
            if (is_wanted)
                *found = slice(c, value, c->at);
        } else if (is_wanted) {
            return false;
        }
        if (!skip_blanks(c))
            return false;
    }
    return here(c) == ',' || here(c) == '\r';
}

/* Without the blanks before a comma or the end. */
PART pp_str params_of(const cursor *c, size_t from)
{
    size_t to = c->at;

    while (to > from && pp_char_is_blank(c->text[to - 1]))
        to--;
    return slice(c, from, to);
}

/* --- addresses ------------------------------------------------------------------------------------------------ */

/* A quoted string or tokens before '<', from `start` on. */
PART bool read_display_name(cursor *c, size_t start, pp_str *out)
{
    size_t end;

    if (c->text[start] == '"') {
        if (!read_quoted(c))
            return false;
        *out = slice(c, start, c->at);
        return skip_blanks(c) && here(c) == '<';
    }
    while (pp_char_is(here(c), PP_CHAR_TOKEN) || pp_char_is_blank(here(c)))
        step(c);
    for (end = c->at; end > start && pp_char_is_blank(c->text[end - 1]); end--)
        ;
    *out = slice(c, start, end);
    return here(c) == '<';
}

/* No parameter, or the tag alone, up to the end of the field: how From and To mostly are. Else the cursor stays where it is. */
PART bool read_tag_alone(cursor *c, pp_str *tag)
{
    size_t value = c->at + strlen(";tag=");
    cursor ahead = *c;

    *tag = PP_STR_NONE;
    if (here(c) == '\r')
        return true;
    if (here(c) != ';' || pp_load4(c->text + c->at + 1) != pp_load4("tag="))
        return false;
    step(&ahead); /* to the '=' */
    step(&ahead);
    if (here(&ahead) != '\r' || ahead.at == value)
        return false;
    *tag = slice(c, value, ahead.at);
    *c = ahead;
    return true;
}

size_t pp_quick_address(const pp_quick *q, size_t at, pp_name_addr *out, pp_str *tag)
{
    cursor c = seek(q, at);
    size_t uri, params;

    out->display_name = slice(&c, at, at);
    if (q->text[at] != '<' && !read_display_name(&c, at, &out->display_name))
        return 0;
    uri = c.at + 1;
    step(&c);
    if (!read_uri(&c, uri, &out->uri) || here(&c) != '>')
        return 0;
    params = c.at + 1;
    step(&c);
    if (c.at != params)
        return 0;
    if (read_tag_alone(&c, tag)) {
        out->params = slice(&c, params, c.at);
        return c.at;
    }
    if (!skip_blanks(&c))
        return 0;
    params = c.at;
    if (!read_params(&c, "tag", 3, tag))
        return 0;
    out->params = params_of(&c, params);
    return c.at;
}

/* --- Via ------------------------------------------------------------------------------------------------------ */

size_t pp_quick_via(const pp_quick *q, size_t at, pp_via *out)
{
    size_t start = at + strlen("SIP/2.0/"), host, params;
    cursor c;

    if (memcmp(q->text + at, "SIP/2.0/", strlen("SIP/2.0/")) != 0)
        return 0;
    c = seek(q, start);
    out->transport = slice(&c, start, c.at);
    if (c.at == start || !pp_char_is_blank(here(&c)))
        return 0;
    host = c.at + 1;
    step(&c);
    if (!read_host(&c, host, &out->host, &out->port))
        return 0;
    if (!skip_blanks(&c))
        return 0;
    params = c.at;
    if (!read_params(&c, "branch", 6, &out->branch))
        return 0;
    out->params = params_of(&c, params);
    return c.at;
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

/* To the closing quote, past quoted pairs. */
PART void find_closing_quote(cursor *c, size_t end)
{
    do {
        size_t escaped = here(c) == '\\' ? c->at + 1 : 0;
        step(c);
        if (c->at == escaped)
            step(c);
    } while (c->at < end && here(c) != '"');
}

size_t pp_quick_member(const pp_quick *q, size_t at, size_t end)
{
    cursor c = seek(q, at);

    while (c.at < end && here(&c) != ',') {
        if (here(&c) == '<') {
            const char *bracket = memchr(q->text + c.at, '>', end - c.at);
            if (!bracket)
                return end;
            c = seek(q, (size_t)(bracket - q->text));
        } else if (here(&c) == '"') {
            find_closing_quote(&c, end);
        }
        if (c.at < end)
            step(&c);
    }
    return c.at < end ? c.at : end;
}
