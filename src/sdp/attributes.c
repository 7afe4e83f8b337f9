/* attributes.c - direction, setup, ICE credentials, fingerprints and bundles as values. */
#include "sdp/attributes.h"

#include "sdp/bundle.h"
#include "sdp/lines.h"

static const char *const direction_names[] = {
    [PP_SENDRECV] = "sendrecv",
    [PP_SENDONLY] = "sendonly",
    [PP_RECVONLY] = "recvonly",
    [PP_INACTIVE] = "inactive",
};

static bool section_direction(const pp_sdp_section *section, pp_direction *out)
{
    for (size_t i = 0; i < section->count; i++) {
        if (section->lines[i].type != 'a')
            continue;
        for (pp_direction d = PP_SENDRECV; d <= PP_INACTIVE; d++) {
            if (pp_str_ieq_c(section->lines[i].name, direction_names[d])) {
                *out = d;
                return true;
            }
        }
    }
    return false;
}

pp_direction pp_sdp_direction(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_direction direction = PP_SENDRECV; /* RFC 8866 section 6.7: the default */

    if (!media || !section_direction(&media->section, &direction))
        section_direction(&sdp->session, &direction);
    return direction;
}

const char *pp_direction_name(pp_direction direction)
{
    return direction_names[direction];
}

pp_direction pp_direction_reversed(pp_direction direction)
{
    if (direction == PP_SENDONLY)
        return PP_RECVONLY;
    return direction == PP_RECVONLY ? PP_SENDONLY : direction;
}

bool pp_direction_sends(pp_direction direction)
{
    return direction == PP_SENDRECV || direction == PP_SENDONLY;
}

bool pp_direction_receives(pp_direction direction)
{
    return direction == PP_SENDRECV || direction == PP_RECVONLY;
}

pp_direction pp_direction_both(pp_direction a, pp_direction b)
{
    bool sends = pp_direction_sends(a) && pp_direction_sends(b);
    bool receives = pp_direction_receives(a) && pp_direction_receives(b);

    if (sends)
        return receives ? PP_SENDRECV : PP_SENDONLY;
    return receives ? PP_RECVONLY : PP_INACTIVE;
}

bool pp_sdp_holds(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_sdp_connection connection;

    if (!pp_direction_receives(pp_sdp_direction(sdp, media)))
        return true;
    return media->port != 9 && pp_sdp_read_connection(sdp, media, &connection) &&
           pp_str_eq_c(connection.address, "0.0.0.0");
}

static const char *const setup_names[] = {
    [PP_SETUP_NONE] = "",
    [PP_SETUP_ACTIVE] = "active",
    [PP_SETUP_PASSIVE] = "passive",
    [PP_SETUP_ACTPASS] = "actpass",
    [PP_SETUP_HOLDCONN] = "holdconn",
};

pp_setup pp_sdp_setup(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str value;

    if (!pp_sdp_inherited(sdp, media, "setup", 0, &value))
        return PP_SETUP_NONE;
    for (pp_setup s = PP_SETUP_ACTIVE; s <= PP_SETUP_HOLDCONN; s++)
        if (pp_str_ieq_c(pp_str_trim(value), setup_names[s]))
            return s;
    return PP_SETUP_NONE;
}

const char *pp_setup_name(pp_setup setup)
{
    return setup_names[setup];
}

/* ice-char of RFC 8839 section 5.4, and the four others that browsers let pass. No ':', which parts
 * the USERNAME of a check. */
static bool is_ice_text(pp_str s, size_t min)
{
    if (s.n < min || s.n > 256)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              memchr("+/-_#=", c, 6)))
            return false;
    }
    return true;
}

bool pp_sdp_ice(const pp_sdp *sdp, const pp_sdp_media *media, pp_str *ufrag, pp_str *pwd)
{
    pp_str u, p;

    if (!pp_sdp_inherited(sdp, media, "ice-ufrag", 0, &u) ||
        !pp_sdp_inherited(sdp, media, "ice-pwd", 0, &p))
        return false;
    u = pp_str_trim(u);
    p = pp_str_trim(p);
    if (!is_ice_text(u, 4) || !is_ice_text(p, 22))
        return false;
    *ufrag = u;
    *pwd = p;
    return true;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "AB:CD:EF", in either case: browsers write upper case as RFC 8122 section 5 asks, others do not.
 */
static bool is_fingerprint(pp_str s)
{
    if (s.n % 3 != 2)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (i % 3 == 2 ? s.p[i] != ':' : !is_hex(s.p[i]))
            return false;
    return true;
}

bool pp_sdp_fingerprint_next(const pp_sdp *sdp, const pp_sdp_media *media, size_t *at, pp_str *hash,
                             pp_str *value)
{
    pp_str rest, name, text;
    bool in_media = media && pp_sdp_attribute(&media->section, "fingerprint", 0, &rest);

    while (pp_sdp_next(in_media ? &media->section : &sdp->session, "fingerprint", at, &rest)) {
        name = pp_str_word(&rest);
        text = pp_str_trim(rest);
        if (!is_fingerprint(text))
            continue;
        *hash = name;
        *value = text;
        return true;
    }
    return false;
}

bool pp_sdp_fingerprint(const pp_sdp *sdp, const pp_sdp_media *media, size_t index, pp_str *hash,
                        pp_str *value)
{
    pp_str name, text;
    size_t at = 0;

    do {
        if (!pp_sdp_fingerprint_next(sdp, media, &at, &name, &text))
            return false;
    } while (index--);
    *hash = name;
    *value = text;
    return true;
}

static bool has_word(pp_str list, pp_str word)
{
    for (pp_str w = pp_str_word(&list); w.n; w = pp_str_word(&list))
        if (pp_str_eq(w, word))
            return true;
    return false;
}

bool pp_sdp_in_bundle(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str mid, semantics, mids;
    size_t at = 0;

    if (!pp_sdp_mid(media, &mid))
        return false;
    while (pp_sdp_group_next(sdp, &at, &semantics, &mids))
        if (pp_str_eq_c(semantics, "BUNDLE") && has_word(mids, mid))
            return true;
    return false;
}
