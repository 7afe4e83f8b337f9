/* stats.c - how the call does, gathered from the machines when asked. */
#include "peer/audio.h"
#include "peer/inside.h"

#include "media/mos.h"

#include <stdio.h>

static void fill_network(const pp_peer *peer, pipit_stats *out)
{
    const pp_ice *path = peer->ice[PP_PEER_ICE_USED];
    pp_candidate local, remote;
    uint64_t rtt_us = 0;
    pp_addr from, to;

    if (pp_direct_path(peer, &from, &to)) {
        pp_addr_text(&from, out->local_candidate);
        pp_addr_text(&to, out->remote_candidate);
    } else if (path && pp_ice_selected(path, &local, &remote, &rtt_us)) {
        static const char *const types[] = {"host", "prflx", "srflx", "relay"};
        const pp_peer_base *bases = (peer->root ? peer->root : peer)->bases;

        if (local.base < PP_PEER_BASES && bases[local.base].udp) /* beyond are those of relays */
            out->port_datagrams_discarded = pp_port_discarded(bases[local.base].udp);
        snprintf(out->local_candidate_type, sizeof(out->local_candidate_type), "%s",
                 types[local.type]);
        snprintf(out->remote_candidate_type, sizeof(out->remote_candidate_type), "%s",
                 types[remote.type]);
        pp_addr_text(&local.address, out->local_candidate);
        pp_addr_text(&remote.address, out->remote_candidate);
        if (out->round_trip_time_ms < 0 &&
            rtt_us) /* RTCP has not spoken yet: the last connectivity check's */
            out->round_trip_time_ms = (double)rtt_us / 1000;
    }
    if (peer->dtls)
        snprintf(out->dtls_cipher, sizeof(out->dtls_cipher), "%s", pp_dtls_cipher(peer->dtls));
}

static void fill_sent(const pp_audio *audio, pipit_stats *out)
{
    const pp_transceiver *head = &audio->head;

    out->packets_sent = head->sent.packets;
    out->bytes_sent = head->sent.bytes;
    out->round_trip_time_ms = head->sent.round_trip_ms;
    out->remote_fraction_lost = head->sent.remote_fraction_lost;
    out->remote_jitter_ms = head->sent.remote_jitter_ms;
    if (audio->sender)
        out->audio_level_sent = pp_audio_sender_level(audio->sender);
}

static void fill_received(const pp_audio *audio, pipit_stats *out)
{
    pp_audio_receiver_stats sound;
    int64_t lost;

    out->packets_received = audio->head.packets_received;
    out->bytes_received = audio->head.bytes_received;
    if (audio->head.has_received) {
        lost = pp_rtp_receiver_lost(&audio->head.received);
        out->packets_lost = lost > 0 ? (uint64_t)lost : 0;
        out->jitter_ms = pp_rtp_receiver_jitter_ms(&audio->head.received);
    }
    if (!audio->receiver)
        return;
    pp_audio_receiver_get_stats(audio->receiver, &sound);
    out->packets_discarded += sound.packets_late + sound.packets_duplicate;
    out->concealed_samples = sound.concealed_samples;
    out->fec_packets_used = sound.fec_packets_used;
    out->jitter_buffer_delay_ms = sound.delay_ms;
    out->audio_level_received = sound.level;
}

static void fill_codec(const pp_audio *audio, pipit_stats *out)
{
    const pp_codec_type *codec;

    if (!audio->applied)
        return;
    codec = pp_audio_terms(audio->applied)->formats[0].codec;
    snprintf(out->codec, sizeof(out->codec), codec->channels > 1 ? "%s/%u/%u" : "%s/%u",
             codec->name, codec->clock_rate, codec->channels);
}

static void fill_mos(const pp_audio *audio, pipit_stats *out)
{
    double expected = (double)(out->packets_received + out->packets_lost);
    double round_trip_ms = out->round_trip_time_ms > 0 ? out->round_trip_time_ms : 0;

    if (expected > 0 && audio->head.now.agreed)
        out->mos =
            pp_mos(round_trip_ms / 2 + out->jitter_buffer_delay_ms + PP_FRAME_MS,
                   (double)out->packets_lost / expected,
                   pp_str_eq_c(PP_LIT("opus"),
                               pp_audio_terms(audio->head.now.agreed)->formats[0].codec->name));
}

void pp_peer_stats(const pp_peer *peer, pipit_stats *out)
{
    const pp_audio *audio = pp_peer_audio(peer);

    *out = (pipit_stats){.round_trip_time_ms = -1,
                         .remote_fraction_lost = -1,
                         .remote_jitter_ms = -1,
                         .packets_discarded = peer->discarded,
                         .ice_ms = peer->ice_ms,
                         .dtls_ms = peer->dtls_ms};
    if (peer->profile != PP_SRTP_NONE)
        snprintf(out->srtp_profile, sizeof(out->srtp_profile), "%s",
                 pp_srtp_profile_name(peer->profile));
    if (audio) {
        fill_sent(audio, out);
        fill_received(audio, out);
        fill_codec(audio, out);
    }
    fill_network(peer, out);
    if (audio)
        fill_mos(audio, out);
}
