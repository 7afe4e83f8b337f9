/* bundle.c - names, groups and shared attributes of media parts. */
#include "sdp/bundle.h"

bool pp_sdp_mid(const pp_sdp_media *media, pp_str *out)
{
    pp_str mid;

    if (!pp_sdp_attribute(&media->section, "mid", 0, &mid))
        return false;
    mid = pp_str_trim(mid);
    if (!mid.n)
        return false;
    *out = mid;
    return true;
}

const pp_sdp_media *pp_sdp_media_of_mid(const pp_sdp *sdp, pp_str mid)
{
    pp_str own;

    for (size_t i = 0; i < sdp->media_count; i++)
        if (pp_sdp_mid(&sdp->media[i], &own) && pp_str_eq(own, mid))
            return &sdp->media[i];
    return NULL;
}

bool pp_sdp_group_next(const pp_sdp *sdp, size_t *at, pp_str *semantics, pp_str *mids)
{
    pp_str value;

    if (!pp_sdp_next(&sdp->session, "group", at, &value))
        return false;
    *semantics = pp_str_word(&value);
    *mids = pp_str_trim(value);
    return true;
}

const pp_sdp_media *pp_sdp_bundle_tag(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str mid, semantics, mids;
    size_t at = 0;

    if (!pp_sdp_mid(media, &mid))
        return media;
    while (pp_sdp_group_next(sdp, &at, &semantics, &mids)) {
        pp_str rest = mids, first = pp_str_word(&rest);
        const pp_sdp_media *tagged;

        if (!pp_str_eq_c(semantics, "BUNDLE"))
            continue;
        for (rest = mids; rest.n;) {
            if (!pp_str_eq(pp_str_word(&rest), mid))
                continue;
            tagged = pp_sdp_media_of_mid(sdp, first);
            return tagged ? tagged : media;
        }
    }
    return media;
}

/* RFC 8859 section 5, the attributes that are met in WebRTC and around it. */
static const struct {
    pp_str name;
    pp_sdp_mux mux;
} categories[] = {
    {PP_LIT_INIT("bundle-only"), PP_MUX_NORMAL},
    {PP_LIT_INIT("candidate"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("connection"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("content"), PP_MUX_NORMAL},
    {PP_LIT_INIT("crypto"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("end-of-candidates"), PP_MUX_IDENTICAL},
    {PP_LIT_INIT("extmap"), PP_MUX_SPECIAL},
    {PP_LIT_INIT("extmap-allow-mixed"), PP_MUX_IDENTICAL},
    {PP_LIT_INIT("fingerprint"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("fmtp"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("framerate"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("group"), PP_MUX_NORMAL},
    {PP_LIT_INIT("ice-lite"), PP_MUX_NORMAL},
    {PP_LIT_INIT("ice-mismatch"), PP_MUX_NORMAL},
    {PP_LIT_INIT("ice-options"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("ice-pacing"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("ice-pwd"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("ice-ufrag"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("identity"), PP_MUX_NORMAL},
    {PP_LIT_INIT("imageattr"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("inactive"), PP_MUX_NORMAL},
    {PP_LIT_INIT("label"), PP_MUX_NORMAL},
    {PP_LIT_INIT("lang"), PP_MUX_NORMAL},
    {PP_LIT_INIT("max-message-size"), PP_MUX_CAUTION},
    {PP_LIT_INIT("maxptime"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("mid"), PP_MUX_NORMAL},
    {PP_LIT_INIT("msid"), PP_MUX_NORMAL},
    {PP_LIT_INIT("msid-semantic"), PP_MUX_NORMAL},
    {PP_LIT_INIT("orient"), PP_MUX_NORMAL},
    {PP_LIT_INIT("ptime"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("quality"), PP_MUX_NORMAL},
    {PP_LIT_INIT("recvonly"), PP_MUX_NORMAL},
    {PP_LIT_INIT("remote-candidates"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("rid"), PP_MUX_NORMAL},
    {PP_LIT_INIT("rtcp"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("rtcp-fb"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("rtcp-mux"), PP_MUX_IDENTICAL},
    {PP_LIT_INIT("rtcp-mux-only"), PP_MUX_IDENTICAL},
    {PP_LIT_INIT("rtcp-rsize"), PP_MUX_IDENTICAL},
    {PP_LIT_INIT("rtcp-xr"), PP_MUX_NORMAL},
    {PP_LIT_INIT("rtpmap"), PP_MUX_IDENTICAL_PER_PT},
    {PP_LIT_INIT("sctp-port"), PP_MUX_CAUTION},
    {PP_LIT_INIT("sendonly"), PP_MUX_NORMAL},
    {PP_LIT_INIT("sendrecv"), PP_MUX_NORMAL},
    {PP_LIT_INIT("setup"), PP_MUX_TRANSPORT},
    {PP_LIT_INIT("simulcast"), PP_MUX_NORMAL},
    {PP_LIT_INIT("ssrc"), PP_MUX_NORMAL},
    {PP_LIT_INIT("ssrc-group"), PP_MUX_NORMAL},
    {PP_LIT_INIT("tls-id"), PP_MUX_TRANSPORT},
};

pp_sdp_mux pp_sdp_mux_of(pp_str attribute)
{
    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
        if (pp_str_ieq(categories[i].name, attribute))
            return categories[i].mux;
    return PP_MUX_UNKNOWN;
}

bool pp_sdp_bundled(const pp_sdp *sdp, const pp_sdp_media *media, const char *name, size_t index,
                    pp_str *value)
{
    pp_sdp_mux mux = pp_sdp_mux_of(pp_str_c(name));
    pp_str first;

    if ((mux == PP_MUX_TRANSPORT || mux == PP_MUX_IDENTICAL) &&
        !pp_sdp_attribute(&media->section, name, 0, &first))
        media = pp_sdp_bundle_tag(sdp, media);
    return pp_sdp_inherited(sdp, media, name, index, value);
}

bool pp_sdp_read_sctp(const pp_sdp_media *media, pp_sdp_sctp *out)
{
    pp_sdp_sctp sctp = {.max_message_size = 65536};
    uint32_t port, streams = 0;
    pp_str value;

    if (pp_sdp_attribute(&media->section, "sctp-port", 0, &value)) {
        if (!pp_str_to_u32(pp_str_trim(value), 0, UINT16_MAX, &port))
            return false;
    } else {
        if (!pp_sdp_attribute(&media->section, "sctpmap", 0, &value) ||
            !pp_str_to_u32(pp_str_word(&value), 0, UINT16_MAX, &port))
            return false;
        pp_str_word(&value); /* "webrtc-datachannel" */
        pp_str_to_u32(pp_str_word(&value), 0, UINT16_MAX, &streams);
    }
    sctp.port = (uint16_t)port;
    sctp.streams = (uint16_t)streams;
    if (pp_sdp_attribute(&media->section, "max-message-size", 0, &value) &&
        !pp_str_to_u32(pp_str_trim(value), 0, UINT32_MAX, &sctp.max_message_size))
        return false;
    *out = sctp;
    return true;
}
