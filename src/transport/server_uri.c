/* server_uri.c - a server's SIP URI, taken apart (RFC 3261 section 19.1, RFC 3263 section 4.1). */
#include "transport/server_uri.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/uri.h"

const char *pp_way_via(pp_way way)
{
    static const char *const names[] = {
        [PP_WAY_ANY] = "UDP", [PP_WAY_UDP] = "UDP", [PP_WAY_TCP] = "TCP", [PP_WAY_TLS] = "TLS"};

    return names[way];
}

uint16_t pp_way_port(pp_way way)
{
    return way == PP_WAY_TLS ? 5061 : 5060;
}

static int read_way(const pp_uri *uri, pp_server_uri *out)
{
    static const pp_way ways[] = {PP_WAY_UDP, PP_WAY_TCP, PP_WAY_TLS};
    pp_str value;

    out->secure = uri->scheme == PP_SCHEME_SIPS;
    out->way = out->secure ? PP_WAY_TLS : PP_WAY_ANY;
    if (!pp_param(uri->params, "transport", &value))
        return 0;
    if (pp_str_istarts(value, "ws"))
        return pp_error(PIPIT_ERR_SYNTAX,
                        "server: a WebSocket is named by its URL, \"wss://host/path\"");
    if (out->secure) { /* TLS over TCP, whether it says so or not */
        if (pp_str_ieq(value, PP_LIT("tcp")) || pp_str_ieq(value, PP_LIT("tls")))
            return 0;
        return pp_error(PIPIT_ERR_SYNTAX, "server: sips goes over TLS, not over '%.*s'",
                        PP_STR(value));
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
        if (pp_str_ieq_c(value, pp_way_via(ways[i]))) {
            out->way = ways[i];
            return 0;
        }
    return pp_error(PIPIT_ERR_SYNTAX, "server: transport '%.*s' is not udp, tcp or tls",
                    PP_STR(value));
}

static int copy_host(pp_str host, char **out)
{
    bool literal = host.n > 2 && host.p[0] == '[';
    char *copy = pp_str_dup(literal ? pp_str_sub(host, 1, host.n - 1) : host);

    if (!copy)
        return PIPIT_ERR_MEMORY;
    for (char *p = copy; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 0x20);
    *out = copy;
    return 0;
}

int pp_server_uri_parse(pp_str text, pp_server_uri *out)
{
    pp_server_uri server = {0};
    pp_uri uri;
    int err = pp_uri_parse(text, &uri);

    if (err)
        return err;
    if (uri.scheme != PP_SCHEME_SIP && uri.scheme != PP_SCHEME_SIPS)
        return pp_error(PIPIT_ERR_SYNTAX, "server: '%.*s' is no SIP URI", PP_STR(text));
    if (uri.user.p || uri.headers.p)
        return pp_error(PIPIT_ERR_SYNTAX, "server: '%.*s' has a user or headers", PP_STR(text));
    server.port = uri.port;
    err = read_way(&uri, &server);
    if (!err)
        err = copy_host(uri.host, &server.host);
    if (!err)
        *out = server;
    return err;
}

void pp_server_uri_free(pp_server_uri *uri)
{
    pp_free(uri->host);
    *uri = (pp_server_uri){0};
}
