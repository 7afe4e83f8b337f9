/* uri_compare.c - when two URIs mean the same (RFC 3261 section 19.1.4). */
#include "base/limits.h"
#include "sip/lexer.h"
#include "sip/uri.h"

#define RESERVED ";/?:@&=+$," /* octets that mean something else when they are escaped */

/* The octet at *i, escape resolved; 256 is added to one of `special` that was escaped, for it is not the same as itself. */
static unsigned next_octet(pp_str s, size_t *i, const char *special)
{
    unsigned octet = (unsigned char)s.p[*i];

    if (octet == '%' && s.n - *i >= 3 && pp_char_is(s.p[*i + 1], PP_CHAR_HEX) &&
        pp_char_is(s.p[*i + 2], PP_CHAR_HEX)) {
        octet = pp_hex_value(s.p[*i + 1]) << 4 | pp_hex_value(s.p[*i + 2]);
        *i += 3;
        if (octet && strchr(special, (int)octet))
            octet += 256;
        return octet;
    }
    *i += 1;
    return octet;
}

static bool same_text(pp_str a, pp_str b, const char *special, bool any_case)
{
    size_t i = 0, k = 0;

    while (i < a.n && k < b.n) {
        unsigned x = next_octet(a, &i, special), y = next_octet(b, &k, special);
        if (any_case && x < 128 && y < 128) {
            x = (unsigned char)pp_lower((char)x);
            y = (unsigned char)pp_lower((char)y);
        }
        if (x != y)
            return false;
    }
    return i == a.n && k == b.n;
}

static bool same_host_port(const pp_uri *a, const pp_uri *b)
{
    return pp_str_ieq(a->host, b->host) && a->port == b->port;
}

static bool is_opaque(const pp_uri *uri)
{
    return uri->scheme != PP_SCHEME_SIP && uri->scheme != PP_SCHEME_SIPS;
}

static bool same_opaque(const pp_uri *a, const pp_uri *b)
{
    return pp_str_ieq(a->scheme_name, b->scheme_name) &&
           same_text(a->opaque, b->opaque, RESERVED, a->scheme == PP_SCHEME_TEL);
}

/* Parameters that count although one side has none of them. `transport` is in the section's examples, not in its rules. */
static bool must_be_in_both(pp_str name)
{
    static const pp_str names[] = {PP_LIT_INIT("user"), PP_LIT_INIT("ttl"), PP_LIT_INIT("method"),
                                   PP_LIT_INIT("maddr"), PP_LIT_INIT("transport")};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (pp_str_ieq(names[i], name))
            return true;
    return false;
}

/* The next of ";name=value" or of "name=value&", split by `separator`. */
static bool next_pair(pp_str *rest, char separator, pp_str *name, pp_str *value)
{
    pp_str pair = PP_STR_NONE;

    while (rest->n && pp_str_empty(pair))
        pair = pp_str_split(rest, separator);
    *name = pp_str_split(&pair, '=');
    *value = pair;
    return !pp_str_empty(*name);
}

typedef enum found { NOT_THERE, OTHER_VALUE, SAME_VALUE } found;

/* Whether the list has that name with that value, or at least the name. */
static found find_pair(pp_str list, char separator, pp_str name, pp_str value, bool any_case)
{
    found best = NOT_THERE;
    pp_str key, other;

    while (next_pair(&list, separator, &key, &other)) {
        if (!same_text(key, name, RESERVED, true))
            continue;
        if (same_text(value, other, RESERVED, any_case))
            return SAME_VALUE;
        best = OTHER_VALUE;
    }
    return best;
}

/* Each parameter of `a` is the same in `b`, or is missing there and may be. */
static bool params_agree(pp_str a, pp_str b)
{
    pp_str name, value;

    while (next_pair(&a, ';', &name, &value)) {
        found in_b = find_pair(b, ';', name, value, true);
        if (in_b == OTHER_VALUE || (in_b == NOT_THERE && must_be_in_both(name)))
            return false;
    }
    return true;
}

static bool headers_within(pp_str a, pp_str b)
{
    pp_str name, value;

    while (next_pair(&a, '&', &name, &value))
        if (find_pair(b, '&', name, value, false) != SAME_VALUE)
            return false;
    return true;
}

/* Each is looked for among all of the other side, so nobody may send thousands. */
static bool has_many(const pp_uri *uri)
{
    size_t count = 0;

    for (size_t i = 0; i < uri->text.n; i++)
        count += uri->text.p[i] == ';' || uri->text.p[i] == '&';
    return count > PP_LIMIT_SIP_LIST;
}

bool pp_uri_equal(const pp_uri *a, const pp_uri *b)
{
    if (a->scheme != b->scheme)
        return false;
    if (is_opaque(a))
        return same_opaque(a, b);
    if (has_many(a) || has_many(b))
        return pp_str_eq(a->text, b->text);
    return (a->user.p == NULL) == (b->user.p == NULL) &&
           same_text(a->user, b->user, RESERVED, false) && same_host_port(a, b) &&
           params_agree(a->params, b->params) && params_agree(b->params, a->params) &&
           headers_within(a->headers, b->headers) && headers_within(b->headers, a->headers);
}

/* Escapes resolved; an escaped ':' starts no password. */
static bool same_user(pp_str a, pp_str b)
{
    pp_str x = pp_str_split(&a, ':'), y = pp_str_split(&b, ':');

    return same_text(x, y, "", false) && (a.p == NULL) == (b.p == NULL) &&
           same_text(a, b, "", false);
}

bool pp_uri_same_aor(const pp_uri *a, const pp_uri *b)
{
    if (a->scheme != b->scheme)
        return false;
    if (is_opaque(a))
        return same_opaque(a, b);
    return same_user(a->user, b->user) && same_host_port(a, b);
}
