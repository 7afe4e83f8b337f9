/* rtp.c - attributes about RTP streams as values. */
#include "sdp/rtp.h"

bool pp_sdp_rtcp_parse(pp_str value, pp_sdp_rtcp *out)
{
    pp_sdp_rtcp rtcp = {0};
    uint32_t port;

    if (!pp_str_to_u32(pp_str_word(&value), 0, UINT16_MAX, &port))
        return false;
    rtcp.port = (uint16_t)port;
    if (pp_str_word(&value).n && pp_str_word(&value).n) { /* IN IP4 */
        rtcp.address = pp_str_word(&value);
        if (!rtcp.address.n)
            return false;
    }
    *out = rtcp;
    return true;
}

bool pp_sdp_feedback_parse(pp_str value, pp_sdp_feedback *out)
{
    pp_sdp_feedback feedback = {0};
    pp_str format = pp_str_word(&value);
    uint32_t payload_type = 0;

    feedback.any = pp_str_eq_c(format, "*");
    if (!feedback.any && !pp_str_to_u32(format, 0, 127, &payload_type))
        return false;
    feedback.payload_type = (uint8_t)payload_type;
    feedback.type = pp_str_word(&value);
    feedback.param = pp_str_trim(value);
    if (!feedback.type.n)
        return false;
    *out = feedback;
    return true;
}

static bool direction_of(pp_str name, pp_direction *out)
{
    for (pp_direction d = PP_SENDRECV; d <= PP_INACTIVE; d++) {
        if (pp_str_ieq_c(name, pp_direction_name(d))) {
            *out = d;
            return true;
        }
    }
    return false;
}

bool pp_sdp_extmap_parse(pp_str value, pp_sdp_extmap *out)
{
    pp_sdp_extmap map = {.direction = PP_SENDRECV};
    pp_str direction = pp_str_word(&value);
    pp_str number = pp_str_split(&direction, '/');
    uint32_t id;

    /* RFC 8285 section 8: the number is up to four digits, in effect 1 to 256 and 4096 to 4351. */
    if (!pp_str_to_u32(number, 1, 4351, &id) ||
        (direction.p && !direction_of(direction, &map.direction)))
        return false;
    map.id = (uint16_t)id;
    map.uri = pp_str_word(&value);
    map.encrypted = pp_str_eq_c(map.uri, "urn:ietf:params:rtp-hdrext:encrypt");
    if (map.encrypted)
        map.uri = pp_str_word(&value);
    map.attributes = pp_str_trim(value);
    if (!map.uri.n)
        return false;
    *out = map;
    return true;
}

bool pp_sdp_msid_parse(pp_str value, pp_sdp_msid *out)
{
    pp_sdp_msid msid = {0};

    msid.stream = pp_str_word(&value);
    msid.track = pp_str_word(&value);
    if (!msid.stream.n || pp_str_trim(value).n)
        return false;
    *out = msid;
    return true;
}

bool pp_sdp_ssrc_parse(pp_str value, pp_sdp_ssrc *out)
{
    pp_sdp_ssrc ssrc = {0};

    if (!pp_str_to_u32(pp_str_word(&value), 0, UINT32_MAX, &ssrc.ssrc))
        return false;
    value = pp_str_trim(value);
    ssrc.name = pp_str_split(&value, ':');
    ssrc.value = value;
    if (!ssrc.name.n)
        return false;
    *out = ssrc;
    return true;
}

bool pp_sdp_ssrc_group_parse(pp_str value, pp_str *semantics, pp_str *members)
{
    pp_str name = pp_str_word(&value);

    if (!name.n)
        return false;
    *semantics = name;
    *members = pp_str_trim(value);
    return true;
}

bool pp_sdp_ssrc_next(pp_str *members, uint32_t *ssrc)
{
    return pp_str_to_u32(pp_str_word(members), 0, UINT32_MAX, ssrc);
}

bool pp_sdp_rid_parse(pp_str value, pp_sdp_rid *out)
{
    pp_sdp_rid rid = {0};
    pp_str direction;

    rid.id = pp_str_word(&value);
    direction = pp_str_word(&value);
    rid.send = pp_str_ieq_c(direction, "send");
    if (!rid.id.n || (!rid.send && !pp_str_ieq_c(direction, "recv")))
        return false;
    value = pp_str_trim(value);
    if (pp_str_istarts(value, "pt=")) { /* RFC 8851 section 10: it comes first */
        rid.formats = pp_str_trim(pp_str_split(&value, ';'));
        rid.formats = pp_str_sub(rid.formats, 3, rid.formats.n);
    }
    rid.restrictions = pp_str_trim(value);
    *out = rid;
    return true;
}

bool pp_sdp_simulcast_parse(pp_str value, pp_sdp_simulcast *out)
{
    pp_sdp_simulcast simulcast = {0};
    pp_str direction = pp_str_word(&value);

    for (; direction.n; direction = pp_str_word(&value)) {
        bool send = pp_str_ieq_c(direction, "send");
        pp_str *list = send ? &simulcast.send : &simulcast.recv;

        if ((!send && !pp_str_ieq_c(direction, "recv")) || list->n) /* section 5.1: once each */
            return false;
        *list = pp_str_word(&value);
        if (!list->n || pp_str_find(*list, '=') < list->n) /* "rid=1": a draft's form */
            return false;
    }
    if (!simulcast.send.n && !simulcast.recv.n)
        return false;
    *out = simulcast;
    return true;
}

bool pp_sdp_simulcast_stream(pp_str *list, pp_str *alternatives)
{
    if (!list->n)
        return false;
    *alternatives = pp_str_split(list, ';');
    return true;
}

bool pp_sdp_simulcast_rid(pp_str *alternatives, pp_str *id, bool *paused)
{
    pp_str rid;

    if (!alternatives->n)
        return false;
    rid = pp_str_split(alternatives, ',');
    *paused = pp_str_starts(rid, "~");
    *id = pp_str_sub(rid, *paused ? 1 : 0, rid.n);
    return true;
}

bool pp_sdp_read_ptime_us(const pp_sdp_media *media, const char *name, uint32_t *out)
{
    pp_str fraction;
    uint32_t whole, part = 0, unit = 1000;

    if (!pp_sdp_attribute(&media->section, name, 0, &fraction))
        return false;
    fraction = pp_str_trim(fraction);
    if (!pp_str_to_u32(pp_str_split(&fraction, '.'), 0, UINT16_MAX, &whole))
        return false;
    if (fraction.p && (fraction.n > 3 || !pp_str_to_u32(fraction, 0, 999, &part)))
        return false;
    for (size_t i = 0; i < fraction.n; i++)
        unit /= 10;
    *out = whole * 1000 + part * unit;
    return true;
}
