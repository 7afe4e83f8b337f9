/* video_terms.c - codecs and feedback of a video section: offered, and what a far end and we have in common (RFC 3264, 4585, 4588). */
#include "peer/inside.h"
#include "peer/video.h"

#include "base/error.h"
#include "sdp/rtp.h"
#include "video/source.h"

#include <stdio.h>

static const struct feedback_name {
    const char *type, *param;
} feedback_names[] = {
    {"nack", ""}, {"nack", "pli"}, {"ccm", "fir"}, {"goog-remb", ""}, {"transport-cc", ""}};

enum { FEEDBACK_COUNT = sizeof(feedback_names) / sizeof(*feedback_names) };

/* --- our codecs ------------------------------------------------------------------------------- */

/* Of a source that is encoded already, which can be sent in no other. */
static bool is_source_codec(const pp_video *video, const pp_video_codec_type *type)
{
    return video->source && video->source->functions->read_encoded &&
           video->source->functions->codec == type->codec;
}

/* --- what both have --------------------------------------------------------------------------- */

static unsigned feedback_of(const pp_sdp_media *media, uint8_t payload_type)
{
    unsigned found = 0;
    pp_sdp_feedback line;
    size_t at = 0;
    pp_str value;

    while (pp_sdp_next(&media->section, "rtcp-fb", &at, &value)) {
        if (!pp_sdp_feedback_parse(value, &line) ||
            (!line.any && line.payload_type != payload_type))
            continue;
        for (unsigned i = 0; i < FEEDBACK_COUNT; i++)
            if (pp_str_eq_c(line.type, feedback_names[i].type) &&
                pp_str_eq_c(line.param, feedback_names[i].param))
                found |= 1u << i;
    }
    return found;
}

/* RFC 4588 section 8.6: a=fmtp:97 apt=96. -1: none. */
static int rtx_of(const pp_sdp_media *media, const pp_sdp_codecs *codecs, uint8_t payload_type)
{
    pp_rtpmap map;
    pp_str value;
    uint32_t apt;

    for (size_t i = 0; i < media->format_count; i++)
        if (pp_sdp_codec(codecs, media->formats[i], &map) && pp_str_ieq_c(map.name, "rtx") &&
            map.clock_rate == PP_VIDEO_CLOCK && pp_fmtp_param(map.fmtp, "apt", &value) &&
            pp_str_to_u32(value, 0, 127, &apt) && apt == payload_type)
            return map.payload_type;
    return -1;
}

static bool is_there(const pp_video_agreed *agreed, const pp_video_codec_type *type)
{
    for (size_t i = 0; i < agreed->count; i++)
        if (agreed->formats[i].format.type == type)
            return true;
    return false;
}

/* Of each codec the first of its formats that fits. */
static void collect(const pp_video *video, const pp_sdp_media *media, const pp_sdp_codecs *codecs,
                    pp_video_agreed *out)
{
    pp_rtpmap map;

    for (size_t i = 0; i < media->format_count && out->count < PP_VIDEO_FORMATS; i++) {
        struct pp_video_agreed_format *format = &out->formats[out->count];
        const pp_video_codec_type *type;

        if (!pp_sdp_codec(codecs, media->formats[i], &map) || map.clock_rate != PP_VIDEO_CLOCK)
            continue;
        type = pp_video_codec_find(map.name);
        if (!type || !pp_video_codec_list_has(&video->codecs, type) || !type->fits(map.fmtp) ||
            is_there(out, type))
            continue;
        format->format =
            (pp_video_format){.type = type,
                              .payload_type = map.payload_type,
                              .rtx_payload_type = rtx_of(media, codecs, map.payload_type)};
        format->feedback = feedback_of(media, map.payload_type);
        if (!(format->feedback & PP_VIDEO_NACK))
            format->format.rtx_payload_type = -1;
        out->count++;
    }
}

/* What is sent is the far end's favourite, but a source that is encoded has no choice. */
static void prefer_source(const pp_video *video, pp_video_agreed *agreed)
{
    for (size_t i = 1; i < agreed->count; i++)
        if (is_source_codec(video, agreed->formats[i].format.type)) {
            struct pp_video_agreed_format first = agreed->formats[0];

            agreed->formats[0] = agreed->formats[i];
            agreed->formats[i] = first;
            return;
        }
}

int pp_video_negotiate(pp_transceiver *transceiver, const pp_sdp *sdp, const pp_sdp_media *media,
                       pp_agreed **out)
{
    pp_video *video = pp_video_of(transceiver);
    pp_video_agreed *agreed = pp_agreed_new(sizeof(*agreed));
    pp_sdp_codecs codecs;

    (void)sdp;
    if (!agreed)
        return PIPIT_ERR_MEMORY;
    pp_sdp_codecs_read(media, &codecs);
    collect(video, media, &codecs, agreed);
    if (!agreed->count) {
        pp_agreed_unref(&agreed->head);
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no video codec in common");
    }
    prefer_source(video, agreed);
    for (size_t i = 0; i < agreed->count; i++) {
        const pp_video_format *format = &agreed->formats[i].format;

        pp_agreed_allow(&agreed->head, format->payload_type);
        if (format->rtx_payload_type >= 0)
            pp_agreed_allow(&agreed->head, (unsigned)format->rtx_payload_type);
    }
    *out = &agreed->head;
    return 0;
}

/* --- what is said ----------------------------------------------------------------------------- */

static int add_feedback(pp_sdp *sdp, pp_sdp_media *media, const pp_video_format *format,
                        unsigned feedback)
{
    int err = 0;

    for (unsigned i = 0; !err && i < FEEDBACK_COUNT; i++)
        if (feedback >> i & 1)
            err =
                pp_sdp_add_attribute(sdp, &media->section, "rtcp-fb", "%u %s%s%s",
                                     (unsigned)format->payload_type, feedback_names[i].type,
                                     *feedback_names[i].param ? " " : "", feedback_names[i].param);
    return err;
}

static int add_format(pp_sdp *sdp, pp_sdp_media *media, const pp_video_format *format,
                      unsigned feedback)
{
    char apt[16];
    pp_peer_rtpmap map = {format->payload_type, format->type->name, PP_VIDEO_CLOCK, 1,
                          format->type->fmtp};
    int err = pp_peer_add_rtpmap(sdp, media, &map);

    if (!err)
        err = add_feedback(sdp, media, format, feedback);
    if (err || format->rtx_payload_type < 0)
        return err;
    snprintf(apt, sizeof(apt), "apt=%u", (unsigned)format->payload_type);
    map = (pp_peer_rtpmap){(unsigned)format->rtx_payload_type, "rtx", PP_VIDEO_CLOCK, 1, apt};
    return pp_peer_add_rtpmap(sdp, media, &map);
}

/* In order of preference, that of an encoded source first. */
static int add_own(const pp_video *video, pp_sdp *sdp, pp_sdp_media *media)
{
    int err = 0;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; !err && i < video->codecs.count; i++) {
            const pp_video_codec_type *type = video->codecs.types[i];
            const pp_video_format format = {type, (uint8_t)type->payload_type,
                                            type->payload_type + 1};

            if (is_source_codec(video, type) == (pass == 0))
                err = add_format(sdp, media, &format, (1u << FEEDBACK_COUNT) - 1);
        }
    return err;
}

/* RFC 5576 section 4.2: which stream is the other's retransmission. */
static int add_sources(const pp_video *video, pp_sdp *sdp, pp_sdp_section *section)
{
    int err = pp_sdp_add_attribute(sdp, section, "ssrc-group", "FID %u %u", video->head.ssrc,
                                   video->rtx_ssrc);

    return err ? err
               : pp_sdp_add_attribute(sdp, section, "ssrc", "%u cname:%s", video->rtx_ssrc,
                                      video->head.peer->cname);
}

int pp_video_describe(const pp_transceiver *transceiver, const pp_agreed *agreed, pp_sdp *sdp,
                      pp_sdp_media *media)
{
    const pp_video *video = (const pp_video *)(const void *)transceiver;
    const pp_video_agreed *terms = pp_video_terms(agreed);
    int err = agreed ? 0 : add_own(video, sdp, media);
    bool rtx = !agreed;

    for (size_t i = 0; !err && terms && i < terms->count; i++) {
        err = add_format(sdp, media, &terms->formats[i].format, terms->formats[i].feedback);
        rtx = rtx || terms->formats[i].format.rtx_payload_type >= 0;
    }
    if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "rtcp-rsize", NULL);
    if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "rtcp-xr", "rcvr-rtt=all");
    return err || !rtx ? err : add_sources(video, sdp, &media->section);
}
