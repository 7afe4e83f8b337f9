/* negotiate.c - what a remote description and our own list of codecs have in common (RFC 3264, 8829
 * section 5.3). */
#include "peer/inside.h"

#include "base/error.h"

#include <stdio.h>

static const pp_codec_type *own_codec(const pp_peer *peer, const pp_rtpmap *map)
{
    const pp_codec_type *codec = pp_codec_find(map->name, map->clock_rate, map->channels);

    for (size_t i = 0; codec && i < peer->codec_count; i++)
        if (peer->codecs[i] == codec)
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

static void collect_formats(const pp_peer *peer, const pp_sdp_media *media, pp_peer_audio *out)
{
    pp_sdp_codecs codecs;
    pp_rtpmap map;

    pp_sdp_codecs_read(media, &codecs);
    for (size_t i = 0; i < media->format_count && out->format_count < PP_PEER_CODECS; i++) {
        const pp_codec_type *codec =
            pp_sdp_codec(&codecs, media->formats[i], &map) ? own_codec(peer, &map) : NULL;
        pp_peer_format *format = &out->formats[out->format_count];

        if (!codec)
            continue;
        format->codec = codec;
        format->payload_type = map.payload_type;
        if (map.fmtp.n && map.fmtp.n < sizeof(format->fmtp))
            memcpy(format->fmtp, map.fmtp.p, map.fmtp.n);
        out->event_payload_type[out->format_count++] =
            event_payload_type(media, &codecs, codec->clock_rate);
    }
}

static bool has_fingerprint(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str hash, value;

    return pp_sdp_fingerprint(sdp, media, 0, &hash, &value);
}

/* Whether this part can be our one audio stream: DTLS-SRTP with RTCP on the same port. */
static int check_audio(const pp_sdp *sdp, const pp_sdp_media *media)
{
    pp_str value;

    if (!pp_str_eq_c(media->protocol, "UDP/TLS/RTP/SAVPF") &&
        !pp_str_eq_c(media->protocol, "UDP/TLS/RTP/SAVP") &&
        !pp_str_eq_c(media->protocol, "RTP/SAVPF"))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: audio by '%.*s' is not DTLS-SRTP",
                        PP_STR(media->protocol));
    if (!has_fingerprint(sdp, media))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: audio without a certificate fingerprint");
    if (!pp_sdp_inherited(sdp, media, "rtcp-mux", 0, &value))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: audio without rtcp-mux");
    return 0;
}

static int settle_setup(const pp_peer *peer, pp_setup theirs, bool is_offer, pp_setup *out)
{
    pp_setup ours = theirs == PP_SETUP_ACTIVE ? PP_SETUP_PASSIVE : PP_SETUP_ACTIVE;

    /* RFC 5763 section 5: an offer says actpass and the answerer had better be active; an answer
     * has made up its mind. An answer without a word is active by RFC 4145 section 4. */
    if (!is_offer && (theirs == PP_SETUP_ACTPASS || theirs == PP_SETUP_HOLDCONN))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: an answer cannot say setup:%s",
                        pp_setup_name(theirs));
    if (!is_offer && theirs == PP_SETUP_NONE)
        ours = PP_SETUP_PASSIVE;
    /* The association stands: its roles stay (RFC 8842 section 5.5). */
    *out = peer->protect || peer->dtls ? peer->terms.setup : ours;
    return 0;
}

pp_direction pp_peer_direction(const pp_peer *peer)
{
    return peer->held ? PP_SENDONLY : PP_SENDRECV;
}

static void take_mid(const pp_peer *peer, const pp_sdp_media *media, pp_peer_terms *out)
{
    pp_str mid;

    if (!pp_sdp_attribute(&media->section, "mid", 0, &mid) || !mid.n || mid.n >= sizeof(out->mid))
        mid = pp_str_c(peer->terms.mid);
    snprintf(out->mid, sizeof(out->mid), "%.*s", PP_STR(mid));
}

int pp_peer_negotiate(pp_peer *peer, pp_sdp *remote, bool is_offer, pp_peer_terms *out)
{
    int err = pp_error(PIPIT_ERR_MEDIA, "sdp: no audio that is switched on");

    for (size_t i = 0; i < remote->media_count; i++) {
        const pp_sdp_media *media = &remote->media[i];
        pp_peer_terms found = {.remote = remote, .remote_index = i, .remote_is_offer = is_offer};

        if (!pp_str_eq_c(media->kind, "audio") || media->port == 0)
            continue;
        err = check_audio(remote, media);
        if (err)
            continue;
        collect_formats(peer, media, &found.audio);
        if (!found.audio.format_count) {
            err = pp_error(PIPIT_ERR_MEDIA, "sdp: no codec in common");
            continue;
        }
        found.audio.agreed = true;
        found.audio.direction = pp_direction_both(
            pp_direction_reversed(pp_sdp_direction(remote, media)), pp_peer_direction(peer));
        err = settle_setup(peer, pp_sdp_setup(remote, media), is_offer, &found.setup);
        if (err)
            return err;
        take_mid(peer, media, &found);
        *out = found;
        return 0;
    }
    return err;
}
