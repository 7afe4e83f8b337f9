/* peer.c - a peer connection's life: made, its states, its end. */
#include "peer/audio.h"
#include "peer/data.h"
#include "peer/inside.h"
#include "peer/video.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

static int unknown_codec(pp_str name)
{
    char known[64] = "";
    size_t size = 0;

    for (size_t i = 0; pp_codec_at(i) && size < sizeof(known); i++)
        size += (size_t)snprintf(known + size, sizeof(known) - size, " %s", pp_codec_at(i)->name);
    return pp_error(PIPIT_ERR_MEDIA, "codec: '%.*s' is unknown; there are%s", PP_STR(name), known);
}

int pp_codec_list_choose(const char *names, pp_codec_list *out)
{
    pp_str rest = pp_str_c(names);
    pp_codec_list list = {0};

    for (size_t i = 0; !names && i < PP_PEER_CODECS && pp_codec_at(i); i++)
        list.of[list.count++] = pp_codec_at(i);
    while (rest.p) {
        pp_str name = pp_str_trim(pp_str_split(&rest, ','));
        const pp_codec_type *found = NULL;

        for (size_t i = 0; !found && pp_codec_at(i); i++)
            if (pp_str_ieq_c(name, pp_codec_at(i)->name))
                found = pp_codec_at(i);
        if (!found)
            return unknown_codec(name);
        if (list.count == PP_PEER_CODECS)
            return pp_error(PIPIT_ERR_LIMIT, "codec: a list names at most %u", PP_PEER_CODECS);
        list.of[list.count++] = found;
    }
    *out = list;
    return 0;
}

/* RFC 7587 section 6.1. */
static int choose_opus(pp_peer *peer, const pipit_opus_options *options)
{
    char bitrate[32] = "";

    if (options->bitrate && (options->bitrate < 6000 || options->bitrate > 510000))
        return pp_error(PIPIT_ERR_ARGUMENT, "opus: %u bits a second are not within 6000 and 510000",
                        options->bitrate);
    if (options->bitrate)
        snprintf(bitrate, sizeof(bitrate), ";maxaveragebitrate=%u", options->bitrate);
    peer->opus = *options;
    snprintf(peer->opus_fmtp, sizeof(peer->opus_fmtp), "minptime=10;useinbandfec=%d%s%s%s",
             !options->no_fec, options->dtx ? ";usedtx=1" : "",
             options->stereo ? ";stereo=1;sprop-stereo=1" : "", bitrate);
    return 0;
}

static int choose_packet_times(pp_peer *peer, const pipit_peer_configuration *c)
{
    if (c->ptime_ms && (c->ptime_ms < PP_PACKET_MS_MIN || c->ptime_ms > PP_PACKET_MS_MAX))
        return pp_error(PIPIT_ERR_ARGUMENT, "ptime_ms: %u is not within %u and %u", c->ptime_ms,
                        PP_PACKET_MS_MIN, PP_PACKET_MS_MAX);
    if (c->maxptime_ms && (c->maxptime_ms < PP_PACKET_MS_MIN || c->maxptime_ms < c->ptime_ms ||
                           c->maxptime_ms > PP_LIMIT_PTIME_MS))
        return pp_error(PIPIT_ERR_ARGUMENT, "maxptime_ms: %u is not within %u and %u",
                        c->maxptime_ms, c->ptime_ms ? c->ptime_ms : PP_PACKET_MS_MIN,
                        PP_LIMIT_PTIME_MS);
    peer->packet_ms = c->ptime_ms;
    peer->packet_ms_max = c->maxptime_ms;
    return 0;
}

static int choose_network(pp_peer *peer, const pipit_peer_configuration *c)
{
    if (c->port ? c->port_min || c->port_max
                : c->port_min > c->port_max || !c->port_max != !c->port_min)
        return pp_error(PIPIT_ERR_ARGUMENT, "media: %u to %u is no range of ports beside port %u",
                        c->port_min, c->port_max, c->port);
    peer->port = (pp_port_wish){.first = c->port ? c->port : c->port_min,
                                .last = c->port ? c->port : c->port_max,
                                .own = c->own_socket || c->security != PIPIT_SECURITY_DTLS};
    peer->interfaces = pp_strdup(c->interfaces);
    return c->interfaces && !peer->interfaces ? PIPIT_ERR_MEMORY : 0;
}

static bool has_relay(const pp_ice_servers *servers)
{
    for (size_t i = 0; servers && i < servers->count; i++)
        if (servers->items[i].uri.turn)
            return true;
    return false;
}

static int choose_servers(pp_peer *peer, const pipit_peer_configuration *c)
{
    int err = pp_ice_servers_new(c->ice_servers, c->ice_server_count, &peer->ice_servers);

    if (err)
        return err;
    peer->relay_only = c->ice_transport_policy == PIPIT_ICE_RELAY;
    peer->no_mdns = c->no_mdns;
    peer->ice_tcp = c->ice_tcp;
    peer->trickles = c->trickle_ice != PIPIT_TRICKLE_ICE_NONE;
    peer->gathering_timeout_ms = c->ice_gathering_timeout_ms;
    peer->next_base = PP_PEER_BASES;
    if (peer->relay_only && !has_relay(peer->ice_servers))
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "ice_transport_policy: 'relay' needs a TURN server in ice_servers");
    return 0;
}

static int configure(pp_peer *peer, const pipit_peer_configuration *configuration)
{
    int err = pp_codec_list_choose(configuration->codecs, &peer->codecs);

    peer->video = configuration->video;
    peer->allow_loopback = configuration->allow_loopback;
    peer->comfort_noise = configuration->comfort_noise;
    peer->bundle_policy = configuration->bundle_policy;
    peer->security = configuration->security;
    if (!err && ((unsigned)configuration->security > PIPIT_SECURITY_PLAIN_RTP ||
                 (configuration->security && configuration->data_channels)))
        err = pp_error(PIPIT_ERR_ARGUMENT, "media: %s",
                       configuration->data_channels ? "data channels need DTLS"
                                                    : "that is no kind of security");
    if (!err)
        err = choose_opus(peer, &configuration->opus);
    if (!err)
        err = choose_packet_times(peer, configuration);
    if (!err)
        err = pp_video_codec_list_choose(configuration->video_codecs, &peer->video_codecs);
    if (!err)
        err = choose_network(peer, configuration);
    if (!err)
        err = choose_servers(peer, configuration);
    if (!err)
        err = pp_peer_take_certificates(peer, configuration);
    return err;
}

/* The one section a call has. */
static int add_audio(pp_peer *peer, const pipit_media_stream *stream)
{
    pp_transceiver *transceiver = NULL;
    int err = pp_peer_reserve(peer, 1);

    if (!err)
        err = pp_transceiver_new(peer, &pp_audio_kind, &transceiver);
    if (err)
        return err;
    transceiver->takes_offers = true;
    pp_peer_add(peer, transceiver);
    return pp_audio_set_stream(pp_audio_of(transceiver), stream);
}

static pp_direction direction_of(const pipit_media_stream *stream)
{
    if (stream->video_source && !stream->video_sink)
        return PP_SENDONLY;
    return stream->video_sink && !stream->video_source ? PP_RECVONLY : PP_SENDRECV;
}

int pp_peer_add_video(pp_peer *peer, const pipit_media_stream *stream)
{
    pp_transceiver *transceiver = NULL;
    int err = pp_peer_reserve(peer, 1);

    if (!err)
        err = pp_transceiver_new(peer, &pp_video_kind, &transceiver);
    if (err)
        return err;
    transceiver->takes_offers = true;
    transceiver->direction = direction_of(stream);
    pp_video_set_ends(pp_video_of(transceiver), stream->video_source, stream->video_sink);
    pp_peer_add(peer, transceiver);
    return 0;
}

void pp_peer_name_itself(pp_peer *peer)
{
    const pp_rng *rng = &peer->loop->rng;

    peer->terms.transport = PP_NO_SECTION;
    /* RFC 8829 section 5.2.1: 62 bits are enough for everyone. */
    peer->session_id = pp_rng_u64(rng) >> 2;
    pp_rng_token(rng, peer->cname, sizeof(peer->cname) - 1);
}

int pp_peer_new_empty(pipit_loop *loop, const pipit_peer_configuration *configuration,
                      const pp_peer_handlers *handlers, void *arg, pp_peer **out)
{
    pp_peer *peer = PP_NEW(pp_peer);
    int err;

    if (!peer)
        return PIPIT_ERR_MEMORY;
    peer->references = 1;
    peer->loop = pipit_loop_ref(loop);
    peer->handlers = handlers;
    peer->arg = arg;
    peer->packet.max = PP_LIMIT_RTP_PACKET;
    pp_peer_name_itself(peer);
    err = configure(peer, configuration);
    if (err)
        pp_peer_free(peer);
    else
        *out = peer;
    return err;
}

int pp_peer_new(pipit_loop *loop, const pipit_peer_configuration *configuration,
                const pipit_media_stream *stream, bool offerer, const pp_peer_handlers *handlers,
                void *arg, pp_peer **out)
{
    pp_peer *peer = NULL;
    int err = pp_peer_new_empty(loop, configuration, handlers, arg, &peer);

    if (err)
        return err;
    peer->offerer = offerer;
    peer->only_own = true;
    err = add_audio(peer, stream);
    if (!err && configuration->data_channels)
        err = pp_peer_add_data(peer);
    if (err)
        pp_peer_free(peer);
    else
        *out = peer;
    return err;
}

void pp_peer_hold(pp_peer *peer)
{
    peer->references++;
}

void pp_peer_release(pp_peer *peer)
{
    if (--peer->references)
        return;
    /* Not sooner: one of them may be at a step, and the call was ended by its source or sink. */
    while (peer->transceiver_count)
        pp_peer_remove(peer, peer->transceivers[peer->transceiver_count - 1]);
    pp_front_free(peer);
    pp_peer_free_said(peer);
    pp_free(peer->transceivers);
    pp_free(peer->sources);
    pp_peer_drop_certificates(peer);
    if (peer->offer != PP_PEER_NO_OFFER)
        pp_sdp_free(peer->before.remote);
    pp_sdp_free(peer->terms.remote);
    pp_free(peer->interfaces);
    pp_ice_servers_unref(peer->ice_servers);
    pp_buf_free(&peer->packet);
    pipit_loop_unref(peer->loop);
    pp_free(peer);
}

void pp_peer_shut(pp_peer *peer)
{
    if (peer->closed)
        return;
    peer->closed = true;
    peer->state = PP_PEER_CLOSED;
    pp_peer_stop_media(peer);
    pp_peer_disconnect(peer);
    pp_peer_leave_root(peer);
    if (peer->front)
        pp_loop_unpost(peer->loop, &peer->front->post);
}

pp_peer *pp_peer_free(pp_peer *peer)
{
    if (!peer)
        return NULL;
    pp_peer_shut(peer);
    pp_peer_release(peer);
    return NULL;
}

void pp_peer_set_state(pp_peer *peer, pp_peer_state state, const char *reason)
{
    if (peer->closed || peer->state == state || (peer->broken && peer->state == PP_PEER_FAILED))
        return;
    peer->state = state;
    if (state == PP_PEER_FAILED)
        pp_front_failed(peer, reason);
    pp_front_state(peer, PP_FRONT_CONNECTION);
    peer->handlers->state(peer->arg, state, reason);
}

void pp_peer_break(pp_peer *peer, const char *reason)
{
    peer->broken = true;
    pp_peer_set_state(peer, PP_PEER_FAILED, reason);
}

int pp_peer_restart_ice(pp_peer *peer, bool wanted)
{
    if (peer->broken)
        return pp_error(PIPIT_ERR_STATE, "ice: a restart does not mend what is broken");
    peer->restart_wanted = wanted;
    return 0;
}

/* --- what a call asks of its sound ------------------------------------------------------------ */

void pp_peer_mute(pp_peer *peer, bool muted)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->kind == &pp_audio_kind)
            pp_audio_mute(pp_audio_of(peer->transceivers[i]), muted);
}

int pp_peer_hold_media(pp_peer *peer, bool held, pipit_source *source)
{
    pp_audio *audio = pp_peer_audio(peer);
    int err = audio ? pp_audio_hold(audio, held, source) : 0;

    if (!err)
        peer->held = held;
    return err;
}

int pp_peer_set_stream(pp_peer *peer, const pipit_media_stream *stream)
{
    pp_audio *audio = pp_peer_audio(peer);

    return audio ? pp_audio_set_stream(audio, stream) : 0;
}

int pp_peer_send_dtmf(pp_peer *peer, char tone, unsigned duration_ms, unsigned gap_ms)
{
    pp_audio *audio = pp_peer_audio(peer);

    if (!audio)
        return pp_error(PIPIT_ERR_STATE, "dtmf: there is no sound");
    return pp_audio_send_dtmf(audio, tone, duration_ms, gap_ms);
}

/* --- what it asks of its pictures ------------------------------------------------------------- */

int pp_peer_set_video(pp_peer *peer, pipit_video_source *source, pipit_video_sink *sink)
{
    pp_video *video = pp_peer_video(peer);

    if (!video)
        return pp_error(PIPIT_ERR_STATE, "video: the call has none");
    pp_video_set_ends(video, source, sink);
    return 0;
}

void pp_peer_mute_video(pp_peer *peer, bool muted)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->kind == &pp_video_kind)
            pp_video_mute(pp_video_of(peer->transceivers[i]), muted);
}
