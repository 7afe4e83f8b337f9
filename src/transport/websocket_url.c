/* websocket_url.c - "ws://user:password@host:port/path" taken apart (RFC 6455 section 3). */
#include "transport/websocket_url.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/error.h"
#include "sip/uri.h"
#include "transport/authority.h"

typedef struct parts { /* slices of the URL */
    bool secure;
    pp_str scheme; /* with "://" */
    pp_authority authority;
    pp_str target; /* may start with '?' or be empty */
} parts;

static int refuse(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "websocket url: %s", what);
}

static int split_scheme(pp_str *rest, parts *out)
{
    size_t length = pp_str_istarts(*rest, "ws://") ? 5 : pp_str_istarts(*rest, "wss://") ? 6 : 0;

    if (!length)
        return refuse("it must start with ws:// or wss://");
    out->secure = length == 6;
    out->scheme = pp_str_sub(*rest, 0, length);
    *rest = pp_str_sub(*rest, length, rest->n);
    return 0;
}

/* Cuts "user:password@host:port" off the front. */
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
    const char *wrong;
    int err = split_scheme(&rest, out);

    if (err)
        return err;
    authority = split_authority(&rest);
    out->target = rest;
    out->authority.number = out->secure ? 443 : 80;
    wrong = pp_authority_parse(authority, &out->authority);
    return wrong ? refuse(wrong) : check_target(rest);
}

static void add_lower(pp_buf *buf, pp_str s)
{
    for (size_t i = 0; i < s.n; i++)
        pp_buf_char(buf, (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + ('a' - 'A') : s.p[i]));
}

static void add_host(pp_buf *buf, const parts *p)
{
    if (p->authority.is_ipv6)
        pp_buf_char(buf, '[');
    add_lower(buf, p->authority.host);
    if (p->authority.is_ipv6)
        pp_buf_char(buf, ']');
}

static int write_host(const parts *p, char **out)
{
    pp_buf buf = {0};

    add_lower(&buf, p->authority.host);
    return pp_buf_take(&buf, out);
}

static int write_host_header(const parts *p, char **out)
{
    pp_buf buf = {0};

    add_host(&buf, p);
    if (p->authority.number != (p->secure ? 443 : 80))
        pp_buf_format(&buf, ":%u", (unsigned)p->authority.number);
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
    if (p->authority.port.n)
        pp_buf_format(&buf, ":%u", (unsigned)p->authority.number);
    pp_buf_c(&buf, ";transport=ws"); /* also for wss: RFC 7118 section 5.2.3 */
    return pp_buf_take(&buf, out);
}

/* As it was given, but for the credentials. */
static int write_text(const parts *p, pp_str url, char **out)
{
    const pp_authority *a = &p->authority;
    size_t hidden = p->scheme.n + (a->user_info.p ? a->user_info.n + 1 : 0);
    pp_buf buf = {0};

    pp_buf_str(&buf, p->scheme);
    pp_buf_str(&buf, pp_str_sub(url, hidden, url.n));
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
    url.port = p.authority.number;
    err = write_text(&p, text, &url.text);
    if (!err && p.authority.user_info.p)
        err = pp_authority_basic(p.authority.user_info, &url.authorization);
    if (!err)
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

void pp_websocket_url_free_texts(pp_websocket_url *url)
{
    pp_free(url->text);
    pp_free(url->sip_uri);
    url->text = url->sip_uri = NULL;
}

void pp_websocket_url_free(pp_websocket_url *url)
{
    pp_websocket_url_free_texts(url);
    pp_free_secret(url->authorization);
    pp_free(url->host);
    pp_free(url->host_header);
    pp_free(url->target);
    *url = (pp_websocket_url){0};
}
