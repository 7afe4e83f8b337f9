/* audio_terms.c - codecs and tones of an audio section: offered, and what a far end and we have in common (RFC 3264, 4733). */
#include "peer/audio.h"
#include "peer/inside.h"

#include "base/error.h"
#include "media/comfort_noise.h"
#include "sdp/rtp.h"

/* --- what both have --------------------------------------------------------------------------- */

static const pp_codec_list *codecs_of(const pp_transceiver *transceiver)
{
    const pp_codec_list *preferred = ((const pp_audio *)(const void *)transceiver)->codecs;

    return preferred ? preferred : &transceiver->peer->codecs;
}

static const pp_codec_type *own_codec(const pp_codec_list *codecs, const pp_rtpmap *map)
{
    const pp_codec_type *codec = pp_codec_find(map->name, map->clock_rate, map->channels);

    for (size_t i = 0; codec && i < codecs->count; i++)
        if (codecs->of[i] == codec)
            return codec;
    return NULL;
}

/* The payload type of telephone-event with that clock (RFC 4733 section 2.1 ties it to the
 * codec's), -1 for none. */
static int event_payload_type(const pp_sdp_media *media, const pp_sdp_codecs *codecs,
                              uint32_t clock_rate)
{
    pp_rtpmap map;

    for (size_t i = 0; i < media->format_count; i++)
        if (pp_sdp_codec(codecs, media->formats[i], &map) &&
            pp_str_ieq_c(map.name, "telephone-event") && map.clock_rate == clock_rate)
            return map.payload_type;
    return -1;
}

/* RFC 3389 section 6: it is a format of its own, beside codecs that can do without sound. */
static bool has_silence(const pp_codec_type *codec)
{
    return codec->sample_rate == PP_COMFORT_RATE;
}

static uint8_t comfort_payload_type(const pp_sdp_media *media, const pp_sdp_codecs *codecs)
{
    pp_rtpmap map;

    for (size_t i = 0; i < media->format_count; i++)
        if (pp_sdp_codec(codecs, media->formats[i], &map) && pp_str_ieq_c(map.name, "CN") &&
            map.clock_rate == PP_COMFORT_RATE)
            return map.payload_type;
    return 0;
}

/* The formats that are ours too, in the far end's order, into `maps`; how many. */
static size_t collect(const pp_codec_list *own, const pp_sdp_media *media,
                      const pp_sdp_codecs *codecs, pp_rtpmap *maps)
{
    size_t count = 0;

    for (size_t i = 0; i < media->format_count && count < PP_PEER_CODECS; i++)
        if (pp_sdp_codec(codecs, media->formats[i], &maps[count]) && own_codec(own, &maps[count]))
            count++;
    return count;
}

static void fill(const pp_codec_list *own, const pp_rtpmap *map, pp_audio_format *out)
{
    out->codec = own_codec(own, map);
    out->payload_type = map->payload_type;
    if (map->fmtp.n && map->fmtp.n < sizeof(out->fmtp))
        memcpy(out->fmtp, map->fmtp.p, map->fmtp.n);
}

/* How long the packets are that the far end gets: as it wishes, and as we do where it does not say. Its a=maxptime is more than a
 * wish (RFC 4566 section 6). */
static unsigned packet_ms(const pp_peer *peer, const pp_sdp_media *media,
                          const pp_codec_type *codec)
{
    uint32_t wished_us = (peer->packet_ms ? peer->packet_ms : PP_FRAME_MS) * 1000, theirs_us;

    if (pp_sdp_read_ptime_us(media, "ptime", &theirs_us) && theirs_us)
        wished_us = theirs_us;
    if (pp_sdp_read_ptime_us(media, "maxptime", &theirs_us) && theirs_us && theirs_us < wished_us)
        wished_us = theirs_us;
    return pp_codec_packet_ms(codec, wished_us / 1000);
}

/* RFC 7587 section 6.1: "stereo" is what it wants to get. Who was not asked for two channels sends one. */
static unsigned channels_of(const pp_peer *peer, const pp_audio_format *format)
{
    pp_str value;

    return peer->opus.stereo && pp_fmtp_param(pp_str_c(format->fmtp), "stereo", &value) &&
                   pp_str_eq_c(value, "1")
               ? 2
               : 1;
}

int pp_audio_negotiate(pp_transceiver *transceiver, const pp_sdp *sdp, const pp_sdp_media *media,
                       pp_agreed **out)
{
    pp_rtpmap maps[PP_PEER_CODECS];
    pp_audio_agreed *agreed;
    pp_sdp_codecs codecs;
    size_t count;

    (void)sdp;
    pp_sdp_codecs_read(media, &codecs);
    count = collect(codecs_of(transceiver), media, &codecs, maps);
    if (!count)
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no codec in common");
    agreed = pp_agreed_new(sizeof(*agreed) + count * sizeof(agreed->formats[0]));
    if (!agreed)
        return PIPIT_ERR_MEMORY;
    agreed->count = count;
    for (size_t i = 0; i < count; i++) {
        pp_audio_format *format = &agreed->formats[i];

        fill(codecs_of(transceiver), &maps[i], format);
        format->event_payload_type = event_payload_type(media, &codecs, format->codec->clock_rate);
        pp_agreed_allow(&agreed->head, format->payload_type);
        if (format->event_payload_type >= 0)
            pp_agreed_allow(&agreed->head, (unsigned)format->event_payload_type);
        if (has_silence(format->codec))
            agreed->comfort_payload_type = comfort_payload_type(media, &codecs);
    }
    if (agreed->comfort_payload_type)
        pp_agreed_allow(&agreed->head, agreed->comfort_payload_type);
    agreed->packet_ms = packet_ms(transceiver->peer, media, agreed->formats[0].codec);
    agreed->channels = channels_of(transceiver->peer, &agreed->formats[0]);
    *out = &agreed->head;
    return 0;
}

/* --- what is said ----------------------------------------------------------------------------- */

static int add_codec(const pp_peer *peer, pp_sdp *sdp, pp_sdp_media *media,
                     const pp_codec_type *codec, unsigned payload_type)
{
    const pp_peer_rtpmap map = {payload_type, codec->name, codec->clock_rate, codec->channels,
                                strcmp(codec->name, "opus") == 0 ? peer->opus_fmtp : NULL};

    return pp_peer_add_rtpmap(sdp, media, &map);
}

static int add_comfort_noise(pp_sdp *sdp, pp_sdp_media *media, unsigned payload_type)
{
    return pp_peer_add_rtpmap(sdp, media,
                              &(pp_peer_rtpmap){payload_type, "CN", PP_COMFORT_RATE, 1, NULL});
}

static int add_event(pp_sdp *sdp, pp_sdp_media *media, unsigned payload_type, uint32_t clock_rate)
{
    return pp_peer_add_rtpmap(
        sdp, media, &(pp_peer_rtpmap){payload_type, "telephone-event", clock_rate, 1, "0-16"});
}

/* All our codecs, comfort noise, and telephone-event once for each of their clocks: 110 at 48,000 and 126 at
 * 8,000, as browsers number them. */
static int add_own(const pp_transceiver *transceiver, pp_sdp *sdp, pp_sdp_media *media)
{
    const pp_codec_list *codecs = codecs_of(transceiver);
    bool wide = false, narrow = false, silence = false;
    int err = 0;

    for (size_t i = 0; !err && i < codecs->count; i++) {
        const pp_codec_type *codec = codecs->of[i];

        wide = wide || codec->clock_rate == 48000;
        narrow = narrow || codec->clock_rate == 8000;
        silence = silence || has_silence(codec);
        err = add_codec(transceiver->peer, sdp, media, codec, (unsigned)codec->payload_type);
    }
    if (!err && silence)
        err = add_comfort_noise(sdp, media, 13);
    if (!err && wide)
        err = add_event(sdp, media, 110, 48000);
    if (!err && narrow)
        err = add_event(sdp, media, 126, 8000);
    return err;
}

static int add_agreed_codec(const pp_transceiver *transceiver, const pp_audio_agreed *agreed,
                            const pp_codec_type *codec, pp_sdp *sdp, pp_sdp_media *media)
{
    int err = 0;

    for (size_t i = 0; !err && i < agreed->count; i++)
        if (!codec || agreed->formats[i].codec == codec)
            err = add_codec(transceiver->peer, sdp, media, agreed->formats[i].codec,
                            agreed->formats[i].payload_type);
    return err;
}

/* What the application prefers goes first, and what it does not want any more is left out. */
static int add_agreed_codecs(const pp_transceiver *transceiver, const pp_audio_agreed *agreed,
                             pp_sdp *sdp, pp_sdp_media *media)
{
    const pp_codec_list *preferred = ((const pp_audio *)(const void *)transceiver)->codecs;
    int err = 0;

    if (!preferred)
        return add_agreed_codec(transceiver, agreed, NULL, sdp, media);
    for (size_t i = 0; !err && i < preferred->count; i++)
        err = add_agreed_codec(transceiver, agreed, preferred->of[i], sdp, media);
    if (!err && !media->format_count) /* nothing that is left was agreed: all of it is offered */
        err = add_own(transceiver, sdp, media);
    return err;
}

static int add_agreed(const pp_transceiver *transceiver, const pp_audio_agreed *agreed, pp_sdp *sdp,
                      pp_sdp_media *media)
{
    int err = add_agreed_codecs(transceiver, agreed, sdp, media);

    if (!err && agreed->comfort_payload_type)
        err = add_comfort_noise(sdp, media, agreed->comfort_payload_type);
    for (size_t i = 0; !err && i < agreed->count; i++) {
        const pp_audio_format *format = &agreed->formats[i];
        bool repeated = format->event_payload_type < 0;

        for (size_t k = 0; k < i; k++)
            repeated =
                repeated || agreed->formats[k].event_payload_type == format->event_payload_type;
        if (!repeated)
            err = add_event(sdp, media, (unsigned)format->event_payload_type,
                            format->codec->clock_rate);
    }
    return err;
}

/* What we want to get. */
static int add_packet_times(const pp_peer *peer, pp_sdp *sdp, pp_sdp_media *media)
{
    int err = 0;

    if (peer->packet_ms)
        err = pp_sdp_add_attribute(sdp, &media->section, "ptime", "%u", peer->packet_ms);
    if (!err && peer->packet_ms_max)
        err = pp_sdp_add_attribute(sdp, &media->section, "maxptime", "%u", peer->packet_ms_max);
    return err;
}

int pp_audio_describe(const pp_transceiver *transceiver, const pp_agreed *agreed, pp_sdp *sdp,
                      pp_sdp_media *media)
{
    int err = agreed ? add_agreed(transceiver, pp_audio_terms(agreed), sdp, media)
                     : add_own(transceiver, sdp, media);

    return err ? err : add_packet_times(transceiver->peer, sdp, media);
}
