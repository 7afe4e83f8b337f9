/* video_measure.c - what the engine of a video section knows for statistics (W3C webrtc-stats). */
#include "peer/inside.h"
#include "peer/report.h"
#include "peer/video.h"

static void measure_received(const pp_video *video, pipit_inbound_rtp_stats *out)
{
    pp_video_receiver_stats stats;

    pp_video_receiver_get_stats(video->receiver, &stats);
    out->frames_received = stats.frames;
    out->frames_decoded = stats.decoded;
    out->key_frames_decoded = stats.decoded_keys;
    out->frames_dropped = stats.undecodable;
    out->frames_per_second = pp_rhythm_a_second(&stats.rhythm, pp_loop_now_us(video->loop));
    out->frame_width = stats.width;
    out->frame_height = stats.height;
    out->qp_sum = stats.quantizers;
    out->total_decode_time = (double)stats.decode_us / 1e6;
    out->total_inter_frame_delay = stats.rhythm.total_s;
    out->total_squared_inter_frame_delay = stats.rhythm.total_squared;
    out->freeze_count = stats.rhythm.freezes;
    out->total_freezes_duration = stats.rhythm.frozen_s;
    out->retransmitted_packets_received = stats.again;
    out->retransmitted_bytes_received = stats.again_octets;
    out->nack_count = stats.nacks;
    out->pli_count = stats.picture_losses;
    out->decoder_implementation = stats.decoded ? stats.type->implementation : NULL;
}

static void measure_source(const pp_video *video, const pp_video_sender_stats *stats,
                           pipit_media_source_stats *out)
{
    out->width = stats->source_width;
    out->height = stats->source_height;
    out->frames = stats->source_rhythm.count;
    out->frames_per_second = pp_rhythm_a_second(&stats->source_rhythm, pp_loop_now_us(video->loop));
}

static void measure_sent(const pp_video *video, pp_measures *measures)
{
    const pp_video_agreed *agreed = pp_video_terms(video->applied);
    pipit_outbound_rtp_stats *out = &measures->out;
    pp_video_sender_stats stats;

    pp_video_sender_get_stats(video->sender, &stats);
    if (agreed->formats[0].format.rtx_payload_type >= 0)
        out->rtx_ssrc = video->rtx_ssrc;
    out->retransmitted_packets_sent = stats.packets_again;
    out->retransmitted_bytes_sent = stats.octets_again;
    out->frames_sent = stats.frames;
    out->huge_frames_sent = stats.huge;
    out->frames_encoded = stats.encoded;
    out->key_frames_encoded = stats.encoded_keys;
    out->frames_per_second = pp_rhythm_a_second(&stats.rhythm, pp_loop_now_us(video->loop));
    out->frame_width = stats.width;
    out->frame_height = stats.height;
    out->qp_sum = stats.quantizers;
    out->total_encode_time = (double)stats.encode_us / 1e6;
    out->target_bitrate = stats.target;
    out->quality_limitation_reason = stats.limited ? "bandwidth" : "none";
    if (stats.encoded)
        out->encoder_implementation = agreed->formats[0].format.type->implementation;
    out->nack_count = video->nacks_received;
    out->pli_count = video->picture_losses_received;
    out->fir_count = video->full_intras_received;
    measure_source(video, &stats, &measures->source);
}

void pp_video_measure(const pp_transceiver *transceiver, pp_measures *out)
{
    const pp_video *video = (const pp_video *)(const void *)transceiver;
    const pp_video_format *format = &pp_video_terms(transceiver->now.agreed)->formats[0].format;

    out->codec = format->type->name;
    out->payload_type = format->payload_type;
    out->clock_rate = PP_VIDEO_CLOCK;
    out->fmtp = format->type->fmtp;
    out->has_source = video->source != NULL;
    if (video->receiver)
        measure_received(video, &out->in);
    if (video->sender)
        measure_sent(video, out);
}
