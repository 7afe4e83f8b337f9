/* codec.c - rtpmap and fmtp (RFC 8866 sections 6.6 and 6.15) as one value for each format. */
#include "sdp/attributes.h"

/* RFC 3551 table 4, as far as telephones still use it. G722 says 8000 although it samples at 16000.
 */
static const struct {
    uint8_t payload_type;
    pp_str name;
} static_codecs[] = {
    {0, PP_LIT_INIT("PCMU")},
    {8, PP_LIT_INIT("PCMA")},
    {9, PP_LIT_INIT("G722")},
    {13, PP_LIT_INIT("CN")},
};

/* What stands behind the payload type in the first a=<name> for it. */
static bool find_for(const pp_sdp_media *media, const char *name, uint32_t payload_type,
                     pp_str *out)
{
    for (size_t i = 0; i < media->section.count; i++) {
        const pp_sdp_line *line = &media->section.lines[i];
        pp_str rest = line->value;
        uint32_t number;

        if (line->type != 'a' || !pp_str_eq_c(line->name, name) ||
            !pp_str_to_u32(pp_str_word(&rest), 0, 127, &number) || number != payload_type)
            continue;
        *out = pp_str_trim(rest);
        return true;
    }
    return false;
}

/* "opus/48000/2" */
static bool read_encoding(pp_str text, pp_rtpmap *map)
{
    pp_str rest = text, clock_rate;

    map->name = pp_str_trim(pp_str_split(&rest, '/'));
    clock_rate = pp_str_trim(pp_str_split(&rest, '/'));
    if (!map->name.n || !pp_str_to_u32(clock_rate, 1, UINT32_MAX, &map->clock_rate))
        return false;
    return !rest.p || pp_str_to_u32(pp_str_trim(rest), 1, 255, &map->channels);
}

static bool read_static(pp_rtpmap *map)
{
    for (size_t i = 0; i < sizeof(static_codecs) / sizeof(static_codecs[0]); i++) {
        if (static_codecs[i].payload_type != map->payload_type)
            continue;
        map->name = static_codecs[i].name;
        map->clock_rate = 8000;
        return true;
    }
    return false;
}

bool pp_sdp_rtpmap(const pp_sdp_media *media, pp_str format, pp_rtpmap *out)
{
    pp_rtpmap map = {.channels = 1};
    uint32_t payload_type;
    pp_str encoding;

    if (!pp_str_to_u32(format, 0, 127, &payload_type))
        return false;
    map.payload_type = (uint8_t)payload_type;
    if (find_for(media, "rtpmap", payload_type, &encoding) ? !read_encoding(encoding, &map)
                                                           : !read_static(&map))
        return false;
    find_for(media, "fmtp", payload_type, &map.fmtp);
    *out = map;
    return true;
}

bool pp_fmtp_param(pp_str fmtp, const char *name, pp_str *value)
{
    while (fmtp.n) {
        pp_str rest = pp_str_split(&fmtp, ';');
        pp_str key = pp_str_trim(pp_str_split(&rest, '='));

        if (!pp_str_ieq_c(key, name))
            continue;
        *value = rest.p ? pp_str_trim(rest) : PP_STR_NONE;
        return true;
    }
    return false;
}
