/* stats.c - how the call does, gathered from the machines when asked. */
#include "peer/audio.h"
#include "peer/inside.h"
#include "peer/video.h"

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
        const pp_peer_base *bases = (peer->root ? peer->root : peer)->bases;

        if (local.base < PP_PEER_BASES && bases[local.base].udp) /* beyond are those of relays */
            out->port_datagrams_discarded = pp_port_discarded(bases[local.base].udp);
        snprintf(out->local_candidate_type, sizeof(out->local_candidate_type), "%s",
                 pp_candidate_type_name(local.type));
        snprintf(out->remote_candidate_type, sizeof(out->remote_candidate_type), "%s",
                 pp_candidate_type_name(remote.type));
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
    out->round_trip_time_ms = pp_transceiver_round_trip_ms(head);
    out->remote_fraction_lost = head->sent.remote_fraction_lost;
    out->remote_jitter_ms = head->sent.remote_jitter_ms;
    if (audio->sender)
        out->audio_level_sent = pp_level_get(pp_audio_sender_level(audio->sender));
}

/* Packets that came twice make the number negative (RFC 3550 section 6.4.1). */
static uint64_t packets_lost(const pp_transceiver *transceiver)
{
    int64_t lost = transceiver->has_received ? pp_rtp_receiver_lost(&transceiver->received) : 0;

    return lost > 0 ? (uint64_t)lost : 0;
}

static double jitter_ms(const pp_transceiver *transceiver)
{
    return transceiver->has_received ? pp_rtp_receiver_jitter_ms(&transceiver->received) : 0;
}

static void fill_received(const pp_audio *audio, pipit_stats *out)
{
    pp_audio_receiver_stats sound;

    out->packets_received = audio->head.packets_received;
    out->bytes_received = audio->head.bytes_received;
    out->packets_lost = packets_lost(&audio->head);
    out->jitter_ms = jitter_ms(&audio->head);
    if (!audio->player)
        return;
    pp_audio_player_get_stats(audio->player, &sound);
    out->packets_discarded += sound.packets_late + sound.packets_duplicate;
    out->concealed_samples = sound.account.concealed;
    out->fec_packets_used = sound.fec_packets_used;
    out->jitter_buffer_delay_ms = sound.delay_ms;
    out->audio_level_received = pp_audio_heard_level(audio);
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

/* A packet is sent when its last sample was said. */
static double packet_ms(const pp_audio *audio)
{
    pp_audio_receiver_stats sound = {0};

    if (audio->player)
        pp_audio_player_get_stats(audio->player, &sound);
    return sound.packet_ms > 0 ? sound.packet_ms : PP_FRAME_MS;
}

static void fill_mos(const pp_audio *audio, pipit_stats *out)
{
    double expected = (double)(out->packets_received + out->packets_lost);
    double round_trip_ms = out->round_trip_time_ms > 0 ? out->round_trip_time_ms : 0;

    if (expected > 0 && audio->head.now.agreed)
        out->mos =
            pp_mos(round_trip_ms / 2 + out->jitter_buffer_delay_ms + packet_ms(audio),
                   (double)out->packets_lost / expected,
                   pp_str_eq_c(PP_LIT("opus"),
                               pp_audio_terms(audio->head.now.agreed)->formats[0].codec->name));
}

static void fill_video_sent(const pp_video *video, pipit_video_stats *out)
{
    const pp_video_agreed *agreed = pp_video_terms(video->applied);
    pp_video_sender_stats sent;

    if (agreed)
        snprintf(out->codec, sizeof(out->codec), "%s/%u", agreed->formats[0].format.type->name,
                 PP_VIDEO_CLOCK);
    out->nacks_received = video->nacks_received;
    out->plis_received = video->picture_losses_received;
    out->round_trip_time_ms = pp_transceiver_round_trip_ms(&video->head);
    if (!video->sender)
        return;
    pp_video_sender_get_stats(video->sender, &sent);
    out->packets_sent = sent.packets;
    out->bytes_sent = sent.octets;
    out->retransmitted_packets_sent = sent.packets_again;
    out->frames_sent = sent.frames;
    out->key_frames_sent = sent.key_frames;
    out->frames_skipped = sent.left_out;
    out->width_sent = sent.width;
    out->height_sent = sent.height;
    out->target_bitrate = sent.target;
}

static void fill_video_received(const pp_video *video, pipit_video_stats *out)
{
    pp_video_receiver_stats received;

    out->packets_received = video->head.packets_received;
    out->bytes_received = video->head.bytes_received;
    out->packets_lost = packets_lost(&video->head);
    out->jitter_ms = jitter_ms(&video->head);
    if (!video->receiver)
        return;
    pp_video_receiver_get_stats(video->receiver, &received);
    out->packets_repaired = received.repaired;
    out->frames_received = received.frames;
    out->key_frames_received = received.key_frames;
    out->frames_decoded = received.decoded;
    out->nacks_sent = received.nacks;
    out->plis_sent = received.picture_losses;
    out->width_received = received.width;
    out->height_received = received.height;
}

void pp_peer_stats(const pp_peer *peer, pipit_stats *out)
{
    const pp_audio *audio = pp_peer_audio(peer);
    const pp_video *video = pp_peer_video(peer);

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
    if (video) {
        fill_video_sent(video, &out->video);
        fill_video_received(video, &out->video);
    }
    fill_network(peer, out);
    if (audio)
        fill_mos(audio, out);
}
