/* description.c - our offers and answers, and remote descriptions taken in (RFC 8829, 3264, 8843).
 */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

static int new_description(pp_peer *peer, pp_sdp **out)
{
    char origin[96];
    int err = pp_sdp_new(out);

    if (err)
        return err;
    snprintf(origin, sizeof(origin), "- %llu %llu IN IP4 127.0.0.1",
             (unsigned long long)peer->session_id, (unsigned long long)++peer->version);
    err = pp_sdp_add(*out, &(*out)->session, 'v', PP_LIT("0"));
    if (!err)
        err = pp_sdp_add(*out, &(*out)->session, 'o', pp_str_c(origin));
    if (!err)
        err = pp_sdp_add(*out, &(*out)->session, 's', PP_LIT("-"));
    if (!err)
        err = pp_sdp_add(*out, &(*out)->session, 't', PP_LIT("0 0"));
    return err;
}

/* The address a peer without ICE would use: that of the default candidate, RFC 8839
 * section 4.2.1.2. */
static const pp_candidate *default_candidate(const pp_peer *peer)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    const pp_candidate *best = NULL;

    for (size_t i = 0; i < pp_ice_local_count(ice); i++) {
        const pp_candidate *candidate = pp_ice_local(ice, i);

        if (!best || (candidate->address.family == 4 && best->address.family != 4))
            best = candidate;
    }
    return best;
}

static int add_network(pp_peer *peer, pp_sdp *sdp, pp_sdp_section *section)
{
    static const char *const types[] = {"host", "prflx", "srflx", "relay"};
    const pp_ice *ice = pp_peer_newest_ice(peer);
    char ip[PP_ADDR_TEXT];
    int err = 0;

    for (size_t i = 0; !err && i < pp_ice_local_count(ice); i++) {
        const pp_candidate *candidate = pp_ice_local(ice, i);

        if (candidate->type == PP_CANDIDATE_PRFLX)
            continue; /* found by checks, never signalled */
        err = pp_sdp_add_attribute(sdp, section, "candidate", "%s 1 udp %u %s %u typ %s",
                                   candidate->foundation, candidate->priority,
                                   pp_addr_ip_text(&candidate->address, ip),
                                   (unsigned)candidate->address.port, types[candidate->type]);
    }
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "end-of-candidates", NULL);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "ice-ufrag", "%s", pp_ice_ufrag(ice));
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "ice-pwd", "%s", pp_ice_pwd(ice));
    return err;
}

static int add_security(pp_peer *peer, pp_sdp *sdp, pp_sdp_section *section, pp_setup setup)
{
    pp_buf fingerprint = {0};
    int err = pp_certificate_fingerprint(peer->certificate, PP_HASH_SHA256, &fingerprint);

    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "fingerprint", "sha-256 %.*s",
                                   PP_STR(pp_buf_text(&fingerprint)));
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "setup", "%s", pp_setup_name(setup));
    pp_buf_free(&fingerprint);
    return err;
}

static int add_rtpmap(pp_sdp *sdp, pp_sdp_media *media, unsigned payload_type, const char *name,
                      uint32_t clock_rate, uint32_t channels, const char *fmtp)
{
    char number[4];
    int err;

    snprintf(number, sizeof(number), "%u", payload_type & 127);
    err = pp_sdp_add_format(sdp, media, number);
    if (!err && channels > 1)
        err = pp_sdp_add_attribute(sdp, &media->section, "rtpmap", "%s %s/%u/%u", number, name,
                                   clock_rate, channels);
    else if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "rtpmap", "%s %s/%u", number, name,
                                   clock_rate);
    if (!err && fmtp)
        err = pp_sdp_add_attribute(sdp, &media->section, "fmtp", "%s %s", number, fmtp);
    return err;
}

/* NULL: none. */
static const char *own_fmtp(const pp_peer *peer, const pp_codec_type *codec)
{
    return strcmp(codec->name, "opus") == 0 ? peer->opus_fmtp : NULL;
}

/* All our codecs, and telephone-event once for each of their clocks: 110 at 48,000 and 126 at
 * 8,000, as browsers number them. */
static int add_own_formats(pp_peer *peer, pp_sdp *sdp, pp_sdp_media *media)
{
    bool wide = false, narrow = false;
    int err = 0;

    for (size_t i = 0; !err && i < peer->codec_count; i++) {
        const pp_codec_type *codec = peer->codecs[i];

        wide = wide || codec->clock_rate == 48000;
        narrow = narrow || codec->clock_rate == 8000;
        err = add_rtpmap(sdp, media, (unsigned)codec->payload_type, codec->name, codec->clock_rate,
                         codec->channels, own_fmtp(peer, codec));
    }
    if (!err && wide)
        err = add_rtpmap(sdp, media, 110, "telephone-event", 48000, 1, "0-16");
    if (!err && narrow)
        err = add_rtpmap(sdp, media, 126, "telephone-event", 8000, 1, "0-16");
    return err;
}

static int add_agreed_formats(pp_peer *peer, pp_sdp *sdp, pp_sdp_media *media)
{
    const pp_peer_audio *audio = &peer->terms.audio;
    int err = 0;

    for (size_t i = 0; !err && i < audio->format_count; i++) {
        const pp_codec_type *codec = audio->formats[i].codec;

        err = add_rtpmap(sdp, media, audio->formats[i].payload_type, codec->name, codec->clock_rate,
                         codec->channels, own_fmtp(peer, codec));
    }
    for (size_t i = 0; !err && i < audio->format_count; i++) {
        bool repeated = audio->event_payload_type[i] < 0;

        for (size_t k = 0; k < i; k++)
            repeated = repeated || audio->event_payload_type[k] == audio->event_payload_type[i];
        if (!repeated)
            err = add_rtpmap(sdp, media, (unsigned)audio->event_payload_type[i], "telephone-event",
                             audio->formats[i].codec->clock_rate, 1, "0-16");
    }
    return err;
}

/* The audio part. `agreed`: answers with what was negotiated, else offers all we have. */
static int add_audio(pp_peer *peer, pp_sdp *sdp, bool agreed, pp_direction direction,
                     pp_setup setup)
{
    const pp_candidate *candidate = default_candidate(peer);
    char connection[PP_ADDR_TEXT + 8], ip[PP_ADDR_TEXT];
    pp_sdp_media *media;
    pp_sdp_section *section;
    int err = pp_sdp_add_media(sdp, "audio", candidate ? candidate->address.port : 9,
                               "UDP/TLS/RTP/SAVPF", &media);

    if (err)
        return err;
    section = &media->section;
    snprintf(connection, sizeof(connection), "IN IP%u %s",
             candidate ? (unsigned)candidate->address.family : 4u,
             candidate ? pp_addr_ip_text(&candidate->address, ip) : "0.0.0.0");
    err = pp_sdp_add(sdp, section, 'c', pp_str_c(connection));
    if (!err)
        err = add_network(peer, sdp, section);
    if (!err)
        err = add_security(peer, sdp, section, setup);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "mid", "%s", peer->terms.mid);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, pp_direction_name(direction), NULL);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "rtcp-mux", NULL);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "msid", "%s %s", peer->cname, peer->track);
    if (!err)
        err = agreed ? add_agreed_formats(peer, sdp, media) : add_own_formats(peer, sdp, media);
    if (!err)
        err = pp_sdp_add_attribute(sdp, section, "ssrc", "%u cname:%s", peer->ssrc, peer->cname);
    return err;
}

static int finish(pp_sdp *sdp, int err, pp_buf *out)
{
    if (!err) {
        pp_sdp_write(sdp, out);
        err = pp_buf_error(out);
    }
    pp_sdp_free(sdp);
    return err;
}

/* A part we do not want keeps its kind, protocol and formats, and gets port 0 (RFC 3264 section 6).
 */
static int refuse_media(const pp_sdp_media *offered, pp_sdp *sdp)
{
    char kind[32], protocol[64], format[32];
    pp_sdp_media *media;
    pp_str mid;
    int err;

    snprintf(kind, sizeof(kind), "%.*s", PP_STR(offered->kind));
    snprintf(protocol, sizeof(protocol), "%.*s", PP_STR(offered->protocol));
    snprintf(format, sizeof(format), "%.*s",
             PP_STR(offered->format_count ? offered->formats[0] : PP_LIT("0")));
    err = pp_sdp_add_media(sdp, kind, 0, protocol, &media);
    if (!err)
        err = pp_sdp_add_format(sdp, media, format);
    if (!err)
        err = pp_sdp_add(sdp, &media->section, 'c', PP_LIT("IN IP4 0.0.0.0"));
    if (!err && pp_sdp_attribute(&offered->section, "mid", 0, &mid))
        err = pp_sdp_add_attribute(sdp, &media->section, "mid", "%.*s", PP_STR(mid));
    if (!err)
        err = pp_sdp_add_attribute(sdp, &media->section, "inactive", NULL);
    return err;
}

/* The first offer has our audio alone. Later ones keep all parts there were, in their places, and what was agreed
 * (RFC 3264 section 8). */
static int add_offered_media(pp_peer *peer, pp_sdp *sdp)
{
    const pp_sdp *known = peer->terms.remote;
    pp_setup setup = peer->protect ? peer->terms.setup : PP_SETUP_ACTPASS;
    int err = 0;

    if (!known)
        return add_audio(peer, sdp, false, pp_peer_direction(peer), setup);
    for (size_t i = 0; !err && i < known->media_count; i++)
        err = i == peer->terms.remote_index
                  ? add_audio(peer, sdp, true, pp_peer_direction(peer), setup)
                  : refuse_media(&known->media[i], sdp);
    return err;
}

/* There is no way back behind what stands now. */
static void settle(pp_peer *peer)
{
    if (peer->offer != PP_PEER_NO_OFFER)
        pp_sdp_free(peer->before.remote);
    peer->offer = PP_PEER_NO_OFFER;
    pp_peer_settle_ice(peer);
}

int pp_peer_create_offer(pp_peer *peer, pp_buf *out)
{
    pp_sdp *sdp = NULL;
    int err = pp_peer_gather(peer);

    settle(peer);
    if (!err && peer->restart_wanted)
        err = pp_peer_renew_ice(peer);
    if (!err)
        err = new_description(peer, &sdp);
    if (!err)
        err = pp_sdp_add_attribute(sdp, &sdp->session, "group", "BUNDLE %s", peer->terms.mid);
    if (!err)
        err = add_offered_media(peer, sdp);
    return finish(sdp, err, out);
}

int pp_peer_create_answer(pp_peer *peer, pp_buf *out)
{
    const pp_sdp *offer = peer->terms.remote;
    pp_sdp *sdp = NULL;
    int err;

    if (peer->offer == PP_PEER_NO_OFFER)
        return pp_error(PIPIT_ERR_STATE, "peer: there is no offer to answer");
    err = pp_peer_gather(peer);
    if (!err && peer->terms.restarts)
        err = pp_peer_renew_ice(peer);
    if (!err)
        err = new_description(peer, &sdp);
    if (!err && pp_sdp_in_bundle(offer, &offer->media[peer->terms.remote_index]))
        err = pp_sdp_add_attribute(sdp, &sdp->session, "group", "BUNDLE %s", peer->terms.mid);
    for (size_t i = 0; !err && i < offer->media_count; i++)
        err = i == peer->terms.remote_index
                  ? add_audio(peer, sdp, true, peer->terms.audio.direction, peer->terms.setup)
                  : refuse_media(&offer->media[i], sdp);
    if (!err)
        err = pp_peer_connect(peer);
    if (!err)
        err = pp_peer_apply_audio(peer);
    if (!err)
        peer->offer = PP_PEER_ANSWERED;
    return finish(sdp, err, out);
}

/* RFC 8839 section 4.4.1.1.1: an offer with new credentials asks for a restart; an answer has new ones only when it was
 * asked for them. */
static int check_credentials(const pp_peer *peer, const pp_sdp *remote, bool is_offer,
                             pp_peer_terms *terms)
{
    const pp_ice *newest = pp_peer_newest_ice(peer);
    pp_str ufrag, pwd;

    if (!pp_sdp_ice(remote, &remote->media[terms->remote_index], &ufrag, &pwd))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no usable ice-ufrag and ice-pwd");
    if (!is_offer && newest && pp_ice_get_state(newest) == PP_ICE_NEW)
        return 0;
    terms->restarts = !pp_peer_knows_credentials(peer, ufrag, pwd);
    if (terms->restarts && !is_offer)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "sdp: the answer restarts ICE, and was not asked for it");
    return 0;
}

void pp_peer_rollback(pp_peer *peer)
{
    bool answered = peer->offer == PP_PEER_ANSWERED;

    pp_peer_undo_ice(peer);
    if (peer->offer == PP_PEER_NO_OFFER)
        return;
    pp_sdp_free(peer->terms.remote);
    peer->terms = peer->before;
    peer->offer = PP_PEER_NO_OFFER;
    if (answered && pp_peer_apply_audio(peer) < 0)
        pp_log_warn("Peer", "the sound as it was: %s", pipit_error_message());
}

bool pp_peer_remote_holds(const pp_peer *peer)
{
    const pp_sdp *remote = peer->terms.remote;

    return remote && pp_sdp_holds(remote, &remote->media[peer->terms.remote_index]);
}

static int take_answer(pp_peer *peer, const pp_peer_terms *terms)
{
    int err;

    if (peer->offer == PP_PEER_OFFERED) /* theirs, that crossed ours */
        pp_peer_rollback(peer);
    pp_sdp_free(peer->terms.remote);
    peer->terms = *terms;
    err = pp_peer_connect(peer);
    settle(peer);
    return err ? err : pp_peer_apply_audio(peer);
}

int pp_peer_set_remote(pp_peer *peer, bool is_offer, pp_str text)
{
    pp_peer_terms terms = {0};
    pp_sdp *remote;
    int err;

    if (is_offer && peer->offer == PP_PEER_OFFERED)
        pp_peer_rollback(peer);
    else if (is_offer) /* also when this one comes to nothing: what was answered stands */
        settle(peer);
    err = pp_sdp_parse(text, &remote);
    if (err)
        return err;
    err = pp_peer_negotiate(peer, remote, is_offer, &terms);
    if (!err)
        err = check_credentials(peer, remote, is_offer, &terms);
    if (err) {
        pp_sdp_free(remote);
        return err;
    }
    if (!is_offer)
        return take_answer(peer, &terms);
    peer->before = peer->terms;
    peer->offer = PP_PEER_OFFERED; /* everything starts when it is answered */
    peer->terms = terms;
    return 0;
}
