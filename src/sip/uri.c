/* uri.c - taking a URI apart (RFC 3261 section 19.1.1). */
#include "sip/uri.h"

#include "base/error.h"
#include "sip/lexer.h"

static pp_scheme scheme_of(pp_str name)
{
    if (pp_str_ieq(name, PP_LIT("sip")))
        return PP_SCHEME_SIP;
    if (pp_str_ieq(name, PP_LIT("sips")))
        return PP_SCHEME_SIPS;
    if (pp_str_ieq(name, PP_LIT("tel")))
        return PP_SCHEME_TEL;
    return PP_SCHEME_OTHER;
}

/* Octets that may stand in a URI, and two hex digits behind each '%'. */
static bool is_clean(pp_str s)
{
    if (pp_str_span(s, PP_CHAR_URI) < s.n)
        return false;
    for (size_t i = pp_str_find(s, '%'); i < s.n; i += 3 + pp_str_find(pp_str_from(s, i + 3), '%'))
        if (s.n - i < 3 || !pp_char_is(s.p[i + 1], PP_CHAR_HEX) ||
            !pp_char_is(s.p[i + 2], PP_CHAR_HEX))
            return false;
    return true;
}

static int bad(pp_str text, pp_str at, const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "uri: %s at byte %zu", what,
                    at.p ? (size_t)(at.p - text.p) : text.n);
}

/* Names only: their values may be anything a URI may hold. `params` starts with ';' or is empty. */
static bool has_empty_param(pp_str params)
{
    for (size_t i = 0; i < params.n; i++)
        if (params.p[i] == ';' &&
            (i + 1 == params.n || params.p[i + 1] == ';' || params.p[i + 1] == '='))
            return true;
    return false;
}

/* "host[:port]" at the start of *rest. */
static int parse_host_port(pp_str text, pp_str *rest, pp_uri *uri)
{
    uint32_t port;
    size_t digits = 1;

    uri->host = pp_str_sub(*rest, 0, pp_host_span(*rest));
    if (!pp_host_valid(uri->host))
        return bad(text, *rest, "expected a host");
    *rest = pp_str_from(*rest, uri->host.n);
    if (pp_str_empty(*rest) || rest->p[0] != ':')
        return 0;
    while (digits < rest->n && rest->p[digits] >= '0' && rest->p[digits] <= '9')
        digits++;
    if (!pp_str_to_u32(pp_str_sub(*rest, 1, digits), 1, 65535, &port))
        return bad(text, *rest, "expected a port from 1 to 65535");
    uri->port = (uint16_t)port;
    *rest = pp_str_from(*rest, digits);
    return 0;
}

/* "[user@]host[:port][;params][?headers]". A user part may hold ';', '?' and '/', but no '@'. */
static int parse_sip(pp_str text, pp_str rest, pp_uri *uri)
{
    size_t at = pp_str_find(rest, '@'), end;
    int err;

    if (at < rest.n) {
        uri->user = pp_str_sub(rest, 0, at);
        if (at == 0 || rest.p[0] == ':')
            return bad(text, rest, "the user part is empty");
        rest = pp_str_from(rest, at + 1);
    }
    err = parse_host_port(text, &rest, uri);
    if (err)
        return err;
    end = pp_str_find(rest, '?');
    uri->params = pp_str_sub(rest, 0, end);
    if (end < rest.n)
        uri->headers = pp_str_from(rest, end + 1);
    if (uri->params.n && uri->params.p[0] != ';')
        return bad(text, rest, "unexpected character behind the host");
    if (has_empty_param(uri->params))
        return bad(text, rest, "a parameter has no name");
    if (end < rest.n && pp_str_empty(uri->headers))
        return bad(text, uri->headers, "nothing follows the '?'");
    return 0;
}

static void parse_tel(pp_str rest, pp_uri *uri)
{
    uri->opaque = rest;
    uri->params = pp_str_from(rest, pp_str_find(rest, ';'));
}

int pp_uri_parse(pp_str text, pp_uri *out)
{
    pp_uri uri = {.text = text};
    size_t n = pp_str_span(text, PP_CHAR_SCHEME);
    pp_str rest = pp_str_from(text, n + 1);
    int err = 0;

    if (n == 0 || (text.p[0] | 0x20) < 'a' || (text.p[0] | 0x20) > 'z')
        return bad(text, text, "expected a scheme");
    if (n == text.n || text.p[n] != ':')
        return bad(text, pp_str_from(text, n), "expected ':' after the scheme");
    if (pp_str_empty(rest))
        return bad(text, rest, "nothing follows the scheme");
    if (!is_clean(rest))
        return bad(text, rest, "unexpected character or bad escape behind the scheme");
    uri.scheme_name = pp_str_sub(text, 0, n);
    uri.scheme = scheme_of(uri.scheme_name);
    if (uri.scheme == PP_SCHEME_SIP || uri.scheme == PP_SCHEME_SIPS)
        err = parse_sip(text, rest, &uri);
    else if (uri.scheme == PP_SCHEME_TEL)
        parse_tel(rest, &uri);
    else
        uri.opaque = rest;
    if (!err)
        *out = uri;
    return err;
}
