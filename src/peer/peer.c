/* peer.c - a peer connection's life: made, its states, its end. */
#include "peer/inside.h"

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

/* The codecs of a list of names, in its order; NULL gives all of ours. */
static int choose_codecs(pp_peer *peer, const char *names)
{
    pp_str rest = pp_str_c(names);

    if (!names) {
        for (size_t i = 0; i < PP_PEER_CODECS && pp_codec_at(i); i++)
            peer->codecs[peer->codec_count++] = pp_codec_at(i);
        return 0;
    }
    while (rest.p) {
        pp_str name = pp_str_trim(pp_str_split(&rest, ','));
        const pp_codec_type *found = NULL;

        for (size_t i = 0; !found && pp_codec_at(i); i++)
            if (pp_str_ieq_c(name, pp_codec_at(i)->name))
                found = pp_codec_at(i);
        if (!found)
            return unknown_codec(name);
        if (peer->codec_count == PP_PEER_CODECS)
            return pp_error(PIPIT_ERR_LIMIT, "codec: a list names at most %u", PP_PEER_CODECS);
        peer->codecs[peer->codec_count++] = found;
    }
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
    snprintf(peer->opus_fmtp, sizeof(peer->opus_fmtp), "minptime=10;useinbandfec=%d%s%s",
             !options->no_fec, options->dtx ? ";usedtx=1" : "", bitrate);
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
                                .own = c->own_socket};
    peer->interfaces = pp_strdup(c->interfaces);
    return c->interfaces && !peer->interfaces ? PIPIT_ERR_MEMORY : 0;
}

int pp_peer_new(pipit_loop *loop, const pipit_peer_configuration *configuration,
                const pipit_media_stream *stream, bool offerer, const pp_peer_handlers *handlers,
                void *arg, pp_peer **out)
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
    peer->allow_loopback = configuration->allow_loopback;
    peer->offerer = offerer;
    if (stream->audio_source)
        peer->source = pipit_source_ref(stream->audio_source);
    if (stream->audio_sink)
        peer->sink = pipit_sink_ref(stream->audio_sink);
    peer->session_id =
        pp_rng_u64(&loop->rng) >> 2; /* RFC 8829 section 5.2.1: 62 bits are enough for everyone */
    peer->ssrc = pp_rng_u32(&loop->rng);
    pp_rng_token(&loop->rng, peer->cname, sizeof(peer->cname) - 1);
    pp_rng_token(&loop->rng, peer->track, sizeof(peer->track) - 1);
    snprintf(peer->terms.mid, sizeof(peer->terms.mid), "0");
    peer->stats.round_trip_time_ms = -1;
    peer->stats.remote_fraction_lost = -1;
    peer->stats.remote_jitter_ms = -1;
    err = choose_codecs(peer, configuration->codecs);
    if (!err)
        err = choose_opus(peer, &configuration->opus);
    if (!err)
        err = choose_network(peer, configuration);
    if (!err)
        err = pp_certificate_generate(&loop->rng, pp_loop_wall_us(loop), 30, NULL,
                                      &peer->certificate);
    if (err) {
        pp_peer_free(peer);
        return err;
    }
    *out = peer;
    return 0;
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
    pp_audio_sender_free(peer->sender);
    pp_audio_receiver_free(peer->receiver);
    pp_certificate_unref(peer->certificate);
    pipit_source_unref(peer->source);
    pipit_sink_unref(peer->sink);
    if (peer->offer != PP_PEER_NO_OFFER)
        pp_sdp_free(peer->before.remote);
    pp_sdp_free(peer->terms.remote);
    pipit_source_unref(peer->hold_source);
    pp_free(peer->interfaces);
    pp_buf_free(&peer->packet);
    pipit_loop_unref(peer->loop);
    pp_free(peer);
}

pp_peer *pp_peer_free(pp_peer *peer)
{
    if (!peer)
        return NULL;
    peer->closed = true;
    peer->state = PP_PEER_CLOSED;
    pp_peer_stop_media(peer);
    pp_peer_disconnect(peer);
    pp_peer_leave_root(peer);
    pp_peer_release(peer);
    return NULL;
}

void pp_peer_set_state(pp_peer *peer, pp_peer_state state, const char *reason)
{
    if (peer->closed || peer->state == state || (peer->broken && peer->state == PP_PEER_FAILED))
        return;
    peer->state = state;
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

void pp_peer_mute(pp_peer *peer, bool muted)
{
    peer->muted = muted;
    if (peer->sender)
        pp_audio_sender_set_muted(peer->sender, muted);
}

int pp_peer_hold_media(pp_peer *peer, bool held, pipit_source *source)
{
    pipit_source *playing = held && source ? source : peer->source;
    int err = peer->sender ? pp_audio_sender_set_source(peer->sender, playing) : 0;

    if (err)
        return err;
    peer->held = held;
    pipit_source_unref(peer->hold_source);
    peer->hold_source = held ? pipit_source_ref(source) : NULL;
    return 0;
}

int pp_peer_set_stream(pp_peer *peer, const pipit_media_stream *stream)
{
    bool music = peer->held && peer->hold_source;
    int err = peer->receiver ? pp_audio_receiver_set_sink(peer->receiver, stream->audio_sink) : 0;

    if (!err && peer->sender && !music) {
        err = pp_audio_sender_set_source(peer->sender, stream->audio_source);
        if (err && pp_audio_receiver_set_sink(peer->receiver, peer->sink) < 0)
            (void)pp_audio_receiver_set_sink(peer->receiver, NULL); /* it may be gone soon */
    }
    if (err)
        return err;
    pipit_source_ref(stream->audio_source);
    pipit_sink_ref(stream->audio_sink);
    pipit_source_unref(peer->source);
    pipit_sink_unref(peer->sink);
    peer->source = stream->audio_source;
    peer->sink = stream->audio_sink;
    return 0;
}

int pp_peer_send_dtmf(pp_peer *peer, char tone, unsigned duration_ms, unsigned gap_ms)
{
    if (!peer->sender)
        return pp_error(PIPIT_ERR_STATE, "dtmf: there is no media path yet");
    return pp_audio_sender_dtmf(peer->sender, tone, duration_ms, gap_ms);
}
