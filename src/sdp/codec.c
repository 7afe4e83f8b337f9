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

static void keep_first(pp_str *slot, pp_str text)
{
    if (!slot->p)
        *slot = pp_str_trim(text);
}

void pp_sdp_codecs_read(const pp_sdp_media *media, pp_sdp_codecs *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < media->section.count; i++) {
        const pp_sdp_line *line = &media->section.lines[i];
        bool is_map = line->type == 'a' && pp_str_ieq_c(line->name, "rtpmap");
        bool is_fmtp = line->type == 'a' && pp_str_ieq_c(line->name, "fmtp");
        pp_str rest = line->value;
        uint32_t number;

        if ((!is_map && !is_fmtp) || !pp_str_to_u32(pp_str_word(&rest), 0, 127, &number))
            continue;
        keep_first(is_map ? &out->of[number].encoding : &out->of[number].fmtp, rest);
    }
}

bool pp_sdp_codec(const pp_sdp_codecs *codecs, pp_str format, pp_rtpmap *out)
{
    pp_rtpmap map = {.channels = 1};
    uint32_t number;

    if (!pp_str_to_u32(format, 0, 127, &number))
        return false;
    map.payload_type = (uint8_t)number;
    if (codecs->of[number].encoding.p ? !read_encoding(codecs->of[number].encoding, &map)
                                      : !read_static(&map))
        return false;
    map.fmtp = codecs->of[number].fmtp;
    *out = map;
    return true;
}

bool pp_sdp_rtpmap(const pp_sdp_media *media, pp_str format, pp_rtpmap *out)
{
    pp_sdp_codecs codecs;

    pp_sdp_codecs_read(media, &codecs);
    return pp_sdp_codec(&codecs, format, out);
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
