/* uri.c - the addresses of ICE servers, read strictly. */
#include "gather/uri.h"

#include "base/error.h"

static int malformed(pp_str text, const char *what)
{
    /* Somebody may have put a password into it. */
    if (pp_str_find(text, '@') < text.n)
        return pp_error(
            PIPIT_ERR_SYNTAX,
            "ice_servers: a URL has no '@': user name and credential have their own fields");
    return pp_error(PIPIT_ERR_SYNTAX, "ice_servers: '%.*s' %s", PP_STR(text), what);
}

static bool is_name(pp_str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '-' || c == '_'))
            return false;
    }
    return host.n && host.n <= 253;
}

/* "host", "host:port", "[2001:db8::1]:port". */
static const char *read_place(pp_str text, pp_ice_uri *out)
{
    bool bracketed = text.n && text.p[0] == '[';
    uint32_t port = 0;

    if (bracketed) {
        pp_str rest = pp_str_sub(text, 1, text.n);

        out->host = pp_str_split(&rest, ']');
        if (!rest.p || (rest.n && rest.p[0] != ':') || pp_str_find(out->host, '%') < out->host.n ||
            !pp_addr_parse(out->host, 0, &out->literal) || out->literal.family != 6)
            return "has no IPv6 address in its brackets";
        text = rest.n ? pp_str_sub(rest, 1, rest.n) : PP_STR_NONE;
    } else {
        out->host = pp_str_split(&text, ':');
        if (!pp_addr_parse(out->host, 0, &out->literal) && !is_name(out->host))
            return "has no host";
    }
    if (text.p && !pp_str_to_u32(text, 1, UINT16_MAX, &port))
        return "has no port of 1 to 65535 behind the host";
    out->port = (uint16_t)port;
    out->literal.port = out->port;
    return NULL;
}

static const char *read_transport(pp_str query, bool secure, pp_ice_uri *out)
{
    pp_str name = pp_str_split(&query, '=');
    bool udp = pp_str_ieq_c(query, "udp");

    if (!pp_str_eq_c(name, "transport") || !(udp || pp_str_ieq_c(query, "tcp")))
        return "has another query than ?transport=udp or ?transport=tcp";
    if (!udp && !secure)
        out->path = PP_RELAY_TCP;
    return udp && secure ? "asks for DTLS" : NULL;
}

int pp_ice_uri_parse(pp_str text, pp_ice_uri *out)
{
    pp_ice_uri uri = {0};
    pp_str rest = text, scheme = pp_str_split(&rest, ':'), place = pp_str_split(&rest, '?');
    bool secure = pp_str_ieq_c(scheme, "turns");
    const char *wrong;

    if (pp_str_ieq_c(scheme, "stuns"))
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "ice_servers: '%.*s': STUN over TLS tells no address of a UDP socket",
                        PP_STR(text));
    uri.turn = secure || pp_str_ieq_c(scheme, "turn");
    uri.path = secure ? PP_RELAY_TLS : PP_RELAY_UDP;
    if (!uri.turn && !pp_str_ieq_c(scheme, "stun"))
        return malformed(text, "begins with none of stun:, turn: and turns:");
    wrong = read_place(place, &uri);
    if (!wrong && rest.p)
        wrong = uri.turn ? read_transport(rest, secure, &uri) : "has a query, which stun: has not";
    if (wrong)
        return malformed(text, wrong);
    *out = uri;
    return 0;
}

uint16_t pp_ice_uri_port(const pp_ice_uri *uri)
{
    if (uri->port)
        return uri->port;
    return uri->path == PP_RELAY_TLS ? 5349 : 3478;
}

const char *pp_relay_path_name(pp_relay_path path)
{
    static const char *const names[] = {"udp", "tcp", "tls"};

    return names[path];
}
