/* host.c - host names and IP literals (RFC 3261 section 25.1 "host"). */
#include "base/addr.h"
#include "sip/lexer.h"
#include "sip/uri.h"

/* RFC 5118 section 4.10: an error in the grammar of RFC 3261 lets "2001:db8:::192.0.2.1" through, so it is out there. */
static bool is_ipv6(pp_str text)
{
    char once[64];
    size_t n = 0;
    pp_addr addr;

    if (text.n >= sizeof(once))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bool third = i >= 2 && text.p[i] == ':' && text.p[i - 1] == ':' && text.p[i - 2] == ':';
        if (!third)
            once[n++] = text.p[i];
    }
    return pp_str_find(text, ':') < text.n && pp_addr_parse(pp_str_n(once, n), 0, &addr);
}

/* A last label of digits alone is no name, so all of it must be an IPv4 address ("toplabel" starts with a letter). */
static bool ends_in_number(pp_str name)
{
    size_t n = name.n;

    while (n && name.p[n - 1] >= '0' && name.p[n - 1] <= '9')
        n--;
    return n < name.n && (n == 0 || name.p[n - 1] == '.');
}

bool pp_host_valid(pp_str host)
{
    uint8_t ip[4];

    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        return is_ipv6(pp_str_sub(host, 1, host.n - 1));
    if (ends_in_number(host))
        return pp_addr_parse_v4(host, ip);
    if (!pp_str_is(host, PP_CHAR_HOST) || host.p[0] == '.' || host.p[0] == '-')
        return false;
    for (size_t i = 1; i < host.n; i++)
        if (host.p[i] == '.' && host.p[i - 1] == '.')
            return false;
    return true;
}

size_t pp_host_span(pp_str text)
{
    if (text.n && text.p[0] == '[') {
        size_t end = pp_str_find(text, ']');
        return end < text.n ? end + 1 : 0;
    }
    return pp_str_span(text, PP_CHAR_HOST);
}
