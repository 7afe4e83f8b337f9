/* candidate.c - a=candidate (RFC 8839 section 5.1), lengths and ranges enforced. */
#include "base/error.h"
#include "sdp/attributes.h"

static bool is_visible(pp_str s, size_t max)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n != 0 && s.n <= max;
}

static int malformed(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "candidate: %s", what);
}

int pp_sdp_candidate_parse(pp_str value, pp_sdp_candidate *out)
{
    pp_sdp_candidate c = {0};
    uint32_t port;

    c.foundation = pp_str_word(&value);
    if (!is_visible(c.foundation, 32))
        return malformed("the foundation is not 1 to 32 characters");
    if (!pp_str_to_u32(pp_str_word(&value), 1, 256, &c.component))
        return malformed("the component is not 1 to 256");
    c.transport = pp_str_word(&value);
    if (!is_visible(c.transport, 32))
        return malformed("no transport");
    if (!pp_str_to_u32(pp_str_word(&value), 1, INT32_MAX, &c.priority))
        return malformed("the priority is not 1 to 2^31-1");
    c.address = pp_str_word(&value);
    if (!is_visible(c.address, 255))
        return malformed("no address");
    if (!pp_str_to_u32(pp_str_word(&value), 0, UINT16_MAX, &port))
        return malformed("no port");
    c.port = (uint16_t)port;
    if (!pp_str_ieq_c(pp_str_word(&value), "typ"))
        return malformed("expected 'typ' behind the port");
    c.type = pp_str_word(&value);
    if (!is_visible(c.type, 32))
        return malformed("no type");
    c.extensions = pp_str_trim(value);
    *out = c;
    return 0;
}

bool pp_sdp_candidate_extension(const pp_sdp_candidate *candidate, const char *name, pp_str *value)
{
    pp_str rest = candidate->extensions;

    for (pp_str word = pp_str_word(&rest); word.n; word = pp_str_word(&rest)) {
        pp_str text = pp_str_word(&rest);

        if (!pp_str_ieq_c(word, name) || !text.n)
            continue;
        *value = text;
        return true;
    }
    return false;
}

bool pp_sdp_candidate_related(const pp_sdp_candidate *candidate, pp_str *address, uint16_t *port)
{
    pp_str text, number;
    uint32_t value;

    if (!pp_sdp_candidate_extension(candidate, "raddr", &text) ||
        !pp_sdp_candidate_extension(candidate, "rport", &number) ||
        !pp_str_to_u32(number, 0, UINT16_MAX, &value))
        return false;
    *address = text;
    *port = (uint16_t)value;
    return true;
}

bool pp_sdp_ice_option(const pp_sdp *sdp, const pp_sdp_media *media, const char *option)
{
    pp_str list;

    if (!pp_sdp_inherited(sdp, media, "ice-options", 0, &list))
        return false;
    for (pp_str word = pp_str_word(&list); word.n; word = pp_str_word(&list))
        if (pp_str_eq_c(word, option))
            return true;
    return false;
}
