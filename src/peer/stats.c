/* stats.c - how the call does, gathered from the machines when asked. */
#include "peer/inside.h"

#include "media/mos.h"

#include <stdio.h>

static void fill_network(const pp_peer *peer, pipit_stats *out)
{
    const pp_ice *path = peer->ice[PP_PEER_ICE_USED];
    pp_candidate local, remote;
    uint64_t rtt_us = 0;

    if (path && pp_ice_selected(path, &local, &remote, &rtt_us)) {
        const pp_peer_base *base = &(peer->root ? peer->root : peer)->bases[local.base];

        if (base->udp)
            out->port_datagrams_discarded = pp_port_discarded(base->udp);
        pp_addr_text(&local.address, out->local_candidate);
        pp_addr_text(&remote.address, out->remote_candidate);
        if (out->round_trip_time_ms < 0 &&
            rtt_us) /* RTCP has not spoken yet: the last connectivity check's */
            out->round_trip_time_ms = (double)rtt_us / 1000;
    }
    if (peer->dtls)
        snprintf(out->dtls_cipher, sizeof(out->dtls_cipher), "%s", pp_dtls_cipher(peer->dtls));
}

static void fill_received(const pp_peer *peer, pipit_stats *out)
{
    pp_audio_receiver_stats audio;
    int64_t lost;

    out->packets_discarded = peer->discarded;
    if (peer->has_received) {
        lost = pp_rtp_receiver_lost(&peer->received);
        out->packets_lost = lost > 0 ? (uint64_t)lost : 0;
        out->jitter_ms = pp_rtp_receiver_jitter_ms(&peer->received);
    }
    if (!peer->receiver)
        return;
    pp_audio_receiver_get_stats(peer->receiver, &audio);
    out->packets_discarded += audio.packets_late + audio.packets_duplicate;
    out->concealed_samples = audio.concealed_samples;
    out->fec_packets_used = audio.fec_packets_used;
    out->jitter_buffer_delay_ms = audio.delay_ms;
    out->audio_level_received = audio.level;
}

static void fill_mos(const pp_peer *peer, pipit_stats *out)
{
    double expected = (double)(out->packets_received + out->packets_lost);
    double round_trip_ms = out->round_trip_time_ms > 0 ? out->round_trip_time_ms : 0;

    if (expected > 0 && peer->terms.audio.format_count)
        out->mos = pp_mos(round_trip_ms / 2 + out->jitter_buffer_delay_ms + PP_FRAME_MS,
                          (double)out->packets_lost / expected,
                          pp_str_eq_c(PP_LIT("opus"), peer->terms.audio.formats[0].codec->name));
}

void pp_peer_stats(const pp_peer *peer, pipit_stats *out)
{
    *out = peer->stats;
    fill_network(peer, out);
    fill_received(peer, out);
    fill_mos(peer, out);
    if (peer->sender)
        out->audio_level_sent = pp_audio_sender_level(peer->sender);
}
