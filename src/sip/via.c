/* via.c - one member of a Via header field (RFC 3261 section 20.42). */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/message.h"

/* "SIP / 2.0 / WSS" at the start of *rest, blanks around the slashes. The version is the sender's business. */
static bool parse_protocol(pp_str *rest, pp_via *via)
{
    for (int part = 0; part < 3; part++) {
        pp_str name;
        *rest = pp_str_trim(*rest);
        name = pp_str_sub(*rest, 0, pp_str_span(*rest, PP_CHAR_TOKEN));
        *rest = pp_str_from(*rest, name.n);
        if (pp_str_empty(name) || (part == 0 && !pp_str_ieq(name, PP_LIT("SIP"))))
            return false;
        if (part == 2) {
            via->transport = name;
            return rest->n && pp_char_is_blank(rest->p[0]);
        }
        *rest = pp_str_trim(*rest);
        if (pp_str_empty(*rest) || rest->p[0] != '/')
            return false;
        *rest = pp_str_from(*rest, 1);
    }
    return false;
}

/* "host [: port]" at the start of *rest. */
static bool parse_sent_by(pp_str *rest, pp_via *via)
{
    uint32_t port;
    pp_str after;

    *rest = pp_str_trim(*rest);
    via->host = pp_str_sub(*rest, 0, pp_host_span(*rest));
    *rest = pp_str_trim(pp_str_from(*rest, via->host.n));
    if (!pp_host_valid(via->host))
        return false;
    if (pp_str_empty(*rest) || rest->p[0] != ':')
        return true;
    after = pp_str_from(*rest, 1);
    if (!pp_str_to_u32(pp_str_trim(pp_str_split(&after, ';')), 1, 65535, &port))
        return false;
    via->port = (uint16_t)port;
    *rest = pp_str_from(*rest, pp_str_find(*rest, ';'));
    return true;
}

int pp_via_parse(pp_str text, pp_via *out)
{
    pp_via via = {.port = 0};
    pp_str rest = text;

    if (!parse_protocol(&rest, &via))
        return pp_error(PIPIT_ERR_SYNTAX, "via: expected a protocol such as SIP/2.0/WSS");
    if (!parse_sent_by(&rest, &via))
        return pp_error(PIPIT_ERR_SYNTAX, "via: expected a host and perhaps a port");
    if (!pp_params_valid(rest))
        return pp_error(PIPIT_ERR_SYNTAX, "via: the parameters are malformed");
    via.params = rest;
    if (!pp_param(rest, "branch", &via.branch))
        via.branch = PP_STR_NONE;
    *out = via;
    return 0;
}
