/* sdp_candidate.c - all readers of attributes, on a media part of which every line is an attribute.
 */
/* FUZZ: sdp base */
#include "sdp/attributes.h"

#include "check.h"

static void check_candidates(const pp_sdp_section *section)
{
    pp_sdp_candidate c;
    pp_str value;

    for (size_t i = 0; i < 100 && pp_sdp_attribute(section, "candidate", i, &value); i++) {
        if (pp_sdp_candidate_parse(value, &c))
            continue;
        CHECK(c.foundation.n >= 1 && c.foundation.n <= 32);
        CHECK(c.component >= 1 && c.component <= 256);
        CHECK(c.priority >= 1 && c.priority <= INT32_MAX);
        CHECK(c.address.n && c.transport.n && c.type.n);
        CHECK(c.address.p >= value.p && c.address.p + c.address.n <= value.p + value.n);
    }
}

static void check_codecs(const pp_sdp_media *media)
{
    pp_rtpmap map;
    pp_str value;

    for (size_t i = 0; i < media->format_count; i++) {
        if (!pp_sdp_rtpmap(media, media->formats[i], &map))
            continue;
        CHECK(map.payload_type < 128 && map.clock_rate && map.channels && map.name.n);
        if (pp_fmtp_param(map.fmtp, "useinbandfec", &value) && value.p)
            CHECK(value.p >= map.fmtp.p && value.p + value.n <= map.fmtp.p + map.fmtp.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_sdp *sdp = NULL;
    pp_buf text = {0};
    pp_str ufrag, pwd, hash, value, all = pp_str_n(data, size);

    pp_buf_c(&text, "v=0\na=group:BUNDLE 0\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 9 13 96 101 126\n");
    while (all.n) {
        pp_str line = pp_str_split(&all, '\n');

        pp_buf_c(&text, "a=");
        pp_buf_str(&text, line);
        pp_buf_char(&text, '\n');
    }
    if (pp_sdp_parse(pp_buf_text(&text), &sdp) == 0) {
        check_candidates(&sdp->media->section);
        check_codecs(sdp->media);
        if (pp_sdp_ice(sdp, sdp->media, &ufrag, &pwd))
            CHECK(ufrag.n >= 4 && ufrag.n <= 256 && pwd.n >= 22 && pwd.n <= 256);
        for (size_t i = 0; i < 8 && pp_sdp_fingerprint(sdp, sdp->media, i, &hash, &value); i++)
            CHECK(value.n % 3 == 2);
        CHECK(pp_sdp_direction(sdp, sdp->media) <= PP_INACTIVE);
        CHECK(pp_sdp_setup(sdp, sdp->media) <= PP_SETUP_HOLDCONN);
        pp_sdp_in_bundle(sdp, sdp->media);
    }
    pp_sdp_free(sdp);
    pp_buf_free(&text);
    return 0;
}
