/* websocket_url.c - "ws://host:port/path" taken apart (RFC 6455 section 3). */
#include "transport/websocket_url.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "sip/uri.h"

typedef struct parts { /* slices of the URL */
    bool secure;
    pp_str host; /* without brackets */
    bool is_ipv6;
    pp_str port; /* empty when none is given */
    uint16_t port_number;
    pp_str target; /* may start with '?' or be empty */
} parts;

static int refuse(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "websocket url: %s", what);
}

static bool is_host_name(pp_str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

        if (!letter && c != '-' && c != '.' && c != '_')
            return false;
    }
    return host.n > 0 && host.n <= 253 && host.p[0] != '.';
}

static int split_scheme(pp_str *rest, parts *out)
{
    size_t length = pp_str_istarts(*rest, "ws://") ? 5 : pp_str_istarts(*rest, "wss://") ? 6 : 0;

    if (!length)
        return refuse("it must start with ws:// or wss://");
    out->secure = length == 6;
    *rest = pp_str_sub(*rest, length, rest->n);
    return 0;
}

/* Cuts "host:port" off the front. */
static pp_str split_authority(pp_str *rest)
{
    size_t n = 0;
    pp_str authority;

    while (n < rest->n && rest->p[n] != '/' && rest->p[n] != '?')
        n++;
    authority = pp_str_sub(*rest, 0, n);
    *rest = pp_str_sub(*rest, n, rest->n);
    return authority;
}

static int split_ipv6(pp_str authority, parts *out)
{
    size_t end = pp_str_find(authority, ']');
    pp_str behind = pp_str_sub(authority, end + 1, authority.n);
    pp_addr address;

    out->is_ipv6 = true;
    out->host = pp_str_sub(authority, 1, end);
    out->port = pp_str_sub(behind, 1, behind.n);
    if (end == authority.n || pp_str_find(out->host, ':') == out->host.n ||
        !pp_addr_parse(out->host, 0, &address))
        return refuse("there is no IPv6 address in the brackets");
    return behind.n && behind.p[0] != ':' ? refuse("a port is expected behind the brackets") : 0;
}

static int split_name(pp_str authority, parts *out)
{
    out->port = authority;
    out->host = pp_str_split(&out->port, ':');
    return is_host_name(out->host) ? 0 : refuse("the host is missing or malformed");
}

static int check_authority(pp_str authority, parts *out)
{
    uint32_t port = out->secure ? 443 : 80;
    int err;

    if (pp_str_find(authority, '@') < authority.n)
        return refuse("a user name has no place in it");
    err = pp_str_starts(authority, "[") ? split_ipv6(authority, out) : split_name(authority, out);
    if (err)
        return err;
    if (out->port.n && !pp_str_to_u32(out->port, 1, 65535, &port))
        return refuse("the port is not a number from 1 to 65535");
    out->port_number = (uint16_t)port;
    return 0;
}

static int check_target(pp_str target)
{
    for (size_t i = 0; i < target.n; i++)
        if (target.p[i] <= ' ' || target.p[i] >= 0x7F)
            return refuse("the path has a character that must be escaped");
    /* RFC 6455 section 3: a fragment has no meaning here and is no part of the URL. */
    return pp_str_find(target, '#') < target.n ? refuse("a fragment has no place in it") : 0;
}

static int split(pp_str url, parts *out)
{
    pp_str rest = url, authority;
    int err = split_scheme(&rest, out);

    if (err)
        return err;
    authority = split_authority(&rest);
    out->target = rest;
    err = check_authority(authority, out);
    return err ? err : check_target(rest);
}

static void add_lower(pp_buf *buf, pp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        pp_buf_char(buf, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]));
}

static void add_host(pp_buf *buf, const parts *p)
{
    if (p->is_ipv6)
        pp_buf_char(buf, '[');
    add_lower(buf, p->host);
    if (p->is_ipv6)
        pp_buf_char(buf, ']');
}

static int write_host(const parts *p, char **out)
{
    pp_buf buf = {0};

    add_lower(&buf, p->host);
    return pp_buf_take(&buf, out);
}

static int write_host_header(const parts *p, char **out)
{
    pp_buf buf = {0};

    add_host(&buf, p);
    if (p->port_number != (p->secure ? 443 : 80))
        pp_buf_format(&buf, ":%u", (unsigned)p->port_number);
    return pp_buf_take(&buf, out);
}

static int write_target(const parts *p, char **out)
{
    pp_buf buf = {0};

    if (p->target.n == 0 || p->target.p[0] != '/')
        pp_buf_char(&buf, '/');
    pp_buf_str(&buf, p->target);
    return pp_buf_take(&buf, out);
}

static int write_sip_uri(const parts *p, char **out)
{
    pp_buf buf = {0};

    pp_buf_c(&buf, "sip:");
    add_host(&buf, p);
    if (p->port.n)
        pp_buf_format(&buf, ":%u", (unsigned)p->port_number);
    pp_buf_c(&buf, ";transport=ws"); /* also for wss: RFC 7118 section 5.2.3 */
    return pp_buf_take(&buf, out);
}

/* SIP is stricter about host names: RFC 3261 section 25.1. */
static int check_sip_uri(const char *text)
{
    pp_uri uri;
    int err = pp_uri_parse(pp_str_c(text), &uri);

    return err == PIPIT_ERR_SYNTAX ? refuse("the host is no host name of SIP") : err;
}

int pp_websocket_url_parse(pp_str text, pp_websocket_url *out)
{
    pp_websocket_url url = {0};
    parts p = {0};
    int err = split(text, &p);

    if (err)
        return err;
    url.secure = p.secure;
    url.port = p.port_number;
    err = write_host(&p, &url.host);
    if (!err)
        err = write_host_header(&p, &url.host_header);
    if (!err)
        err = write_target(&p, &url.target);
    if (!err)
        err = write_sip_uri(&p, &url.sip_uri);
    if (!err)
        err = check_sip_uri(url.sip_uri);
    if (err)
        pp_websocket_url_free(&url);
    else
        *out = url;
    return err;
}

void pp_websocket_url_free(pp_websocket_url *url)
{
    pp_free(url->host);
    pp_free(url->host_header);
    pp_free(url->target);
    pp_free(url->sip_uri);
    *url = (pp_websocket_url){0};
}
