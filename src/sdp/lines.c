/* lines.c - o=, c=, b= and t= as values. */
#include "sdp/lines.h"

bool pp_sdp_line_of(const pp_sdp_section *section, char type, pp_str *value)
{
    for (size_t i = 0; i < section->count; i++) {
        if (section->lines[i].type != type)
            continue;
        *value = section->lines[i].value;
        return true;
    }
    return false;
}

/* Takes the last word off *rest; empty when nothing is left. */
static pp_str last_word(pp_str *rest)
{
    pp_str text = pp_str_trim(*rest);
    size_t from = text.n;

    while (from && text.p[from - 1] != ' ' && text.p[from - 1] != '\t')
        from--;
    *rest = pp_str_trim(pp_str_sub(text, 0, from));
    return pp_str_sub(text, from, text.n);
}

/* Read from its end, for some telephones put a user's whole name, and others nothing, in front. */
bool pp_sdp_read_origin(const pp_sdp *sdp, pp_sdp_origin *out)
{
    pp_sdp_origin o = {0};
    pp_str rest, version;

    if (!pp_sdp_line_of(&sdp->session, 'o', &rest))
        return false;
    o.address = last_word(&rest);
    o.address_type = last_word(&rest);
    o.network_type = last_word(&rest);
    version = last_word(&rest);
    o.session_id = last_word(&rest);
    o.username = rest;
    if (!o.session_id.n || !pp_str_to_u64(version, 0, UINT64_MAX, &o.version))
        return false;
    *out = o;
    return true;
}

bool pp_sdp_connection_parse(pp_str value, pp_sdp_connection *out)
{
    pp_sdp_connection c = {.count = 1};
    pp_str suffix, first;

    c.network_type = pp_str_word(&value);
    c.address_type = pp_str_word(&value);
    suffix = pp_str_word(&value);
    c.address = pp_str_split(&suffix, '/');
    if (!c.address.n || pp_str_trim(value).n)
        return false;
    if (suffix.p && !pp_str_ieq_c(c.address_type, "IP6")) { /* section 5.7: IP6 has no TTL */
        first = pp_str_split(&suffix, '/');
        if (!pp_str_to_u32(first, 0, 255, &c.ttl))
            return false;
    }
    if (suffix.p && !pp_str_to_u32(suffix, 1, UINT16_MAX, &c.count))
        return false;
    *out = c;
    return true;
}

bool pp_sdp_read_connection(const pp_sdp *sdp, const pp_sdp_media *media, pp_sdp_connection *out)
{
    pp_str value;

    if (!(media && pp_sdp_line_of(&media->section, 'c', &value)) &&
        !pp_sdp_line_of(&sdp->session, 'c', &value))
        return false;
    return pp_sdp_connection_parse(value, out);
}

bool pp_sdp_read_bandwidth(const pp_sdp_section *section, const char *type, uint32_t *out)
{
    for (size_t i = 0; i < section->count; i++) {
        pp_str number = section->lines[i].value;

        if (section->lines[i].type == 'b' &&
            pp_str_ieq_c(pp_str_trim(pp_str_split(&number, ':')), type))
            return pp_str_to_u32(pp_str_trim(number), 0, UINT32_MAX, out);
    }
    return false;
}

bool pp_sdp_read_time(const pp_sdp *sdp, uint64_t *start, uint64_t *stop)
{
    uint64_t from, to;
    pp_str rest;

    if (!pp_sdp_line_of(&sdp->session, 't', &rest) ||
        !pp_str_to_u64(pp_str_word(&rest), 0, UINT64_MAX, &from) ||
        !pp_str_to_u64(pp_str_word(&rest), 0, UINT64_MAX, &to))
        return false;
    *start = from;
    *stop = to;
    return true;
}
