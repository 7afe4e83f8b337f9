/* audio_receiver.c - packets of sound into the jitter buffer, decoded by audio_receiver_play.c, or passed through as they are. */
#include "media/audio_receiver_inside.h"

#include "base/alloc.h"
#include "base/error.h"

#define RATE_AT_FIRST 48000u

static int set_format(pp_audio_receiver *receiver, unsigned rate, unsigned channels)
{
    int err = pp_outlet_set(&receiver->outlet, receiver->outlet.sink, rate, channels);

    if (err)
        return err;
    receiver->sample_rate = rate;
    receiver->channels = channels;
    return 0;
}

static int copy_codecs(pp_audio_receiver *receiver, const pp_audio_receiver_options *options)
{
    receiver->codecs = pp_array(options->codec_count, sizeof(*receiver->codecs));
    if (!receiver->codecs)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < options->codec_count; i++)
        receiver->codecs[i] = options->codecs[i];
    receiver->codec_count = options->codec_count;
    return 0;
}

void pp_receiver_stop_playing(pp_audio_receiver *receiver)
{
    receiver->playing = false;
    receiver->is_resting = false;
    receiver->made_up = 0;
    receiver->stretched = 0;
    receiver->uncertain = 0;
}

int pp_audio_receiver_new(const pp_audio_receiver_options *options, pp_audio_receiver **out)
{
    pp_audio_receiver *receiver = PP_NEW(pp_audio_receiver);
    int err;

    if (!receiver)
        return PIPIT_ERR_MEMORY;
    receiver->sample_rate = RATE_AT_FIRST;
    receiver->comfort_payload_type = options->comfort_payload_type;
    receiver->channels_wanted = options->channels ? options->channels : 1;
    receiver->channels = receiver->channels_wanted;
    receiver->playout.channels = receiver->channels;
    receiver->capture = options->capture;
    err = copy_codecs(receiver, options);
    if (!err)
        err = pp_audio_receiver_set_sink(receiver, options->sink);
    if (err) {
        pp_audio_receiver_free(receiver);
        return err;
    }
    *out = receiver;
    return 0;
}

pp_audio_receiver *pp_audio_receiver_free(pp_audio_receiver *receiver)
{
    if (!receiver)
        return NULL;
    if (receiver->buffer)
        pp_jitter_buffer_clear(receiver->buffer);
    pp_free(receiver->buffer);
    pp_codec_close(receiver->codec);
    pp_playout_close(&receiver->playout);
    pp_outlet_close(&receiver->outlet);
    pp_free(receiver->codecs);
    pp_free(receiver);
    return NULL;
}

/* Nothing is kept for a sink that takes packets as they come: who follows it begins anew. */
static void stop_decoding(pp_audio_receiver *receiver)
{
    if (receiver->buffer)
        pp_jitter_buffer_clear(receiver->buffer);
    receiver->codec = pp_codec_close(receiver->codec);
    pp_playout_close(&receiver->playout);
    pp_receiver_stop_playing(receiver);
    receiver->behind_us = 0;
}

int pp_audio_receiver_set_sink(pp_audio_receiver *receiver, pipit_sink *sink)
{
    int err = pp_outlet_set(&receiver->outlet, sink, receiver->sample_rate, receiver->channels);

    if (!err && pp_sink_is_encoded(sink))
        stop_decoding(receiver);
    return err;
}

/* --- packets in ------------------------------------------------------------------------------- */

static int make_room(pp_audio_receiver *receiver)
{
    if (!receiver->buffer)
        receiver->buffer = PP_NEW(pp_jitter_buffer);
    return receiver->buffer ? pp_playout_open(&receiver->playout, receiver->channels_wanted)
                            : PIPIT_ERR_MEMORY;
}

/* Another source or another codec: nothing of the old one is of use. */
static int change_stream(pp_audio_receiver *receiver, const struct pp_receive_codec *to,
                         uint32_t ssrc)
{
    const pp_codec_type *type = to->codec;
    uint64_t late, duplicate;
    pp_codec *codec = NULL;
    int err = pp_codec_open(type, PP_STR_NONE, &codec);

    if (!err)
        err = make_room(receiver);
    if (!err)
        err = set_format(receiver, type->sample_rate,
                         pp_codec_set_channels(codec, receiver->channels_wanted));
    if (err) {
        pp_codec_close(codec);
        return err;
    }
    late = receiver->buffer->late;
    duplicate = receiver->buffer->duplicate;
    pp_codec_close(receiver->codec);
    receiver->codec = codec;
    receiver->payload_type = to->payload_type;
    receiver->ssrc = ssrc;
    pp_jitter_buffer_clear(receiver->buffer);
    pp_jitter_buffer_init(receiver->buffer, type->clock_rate);
    receiver->buffer->late = late;
    receiver->buffer->duplicate = duplicate;
    receiver->playout.count = 0;
    receiver->playout.channels = receiver->channels;
    pp_receiver_stop_playing(receiver);
    return 0;
}

static const struct pp_receive_codec *find_codec(const pp_audio_receiver *receiver,
                                                 uint8_t payload_type)
{
    for (size_t i = 0; i < receiver->codec_count; i++)
        if (receiver->codecs[i].payload_type == payload_type)
            return &receiver->codecs[i];
    return NULL;
}

bool pp_receiver_is_comfort_noise(const pp_audio_receiver *receiver, unsigned payload_type)
{
    return payload_type && payload_type == receiver->comfort_payload_type;
}

static int add_to_buffer(pp_audio_receiver *receiver, const pp_rtp *packet, uint32_t duration,
                         uint64_t now_us)
{
    bool restarted;
    int err = pp_jitter_buffer_add(receiver->buffer, packet, duration, now_us, &restarted);

    if (restarted)
        pp_receiver_stop_playing(receiver);
    return err;
}

/* A tone or anything else in the stream that is not ours: its number at least is not missing then. */
static int add_other(pp_audio_receiver *receiver, const pp_rtp *packet, uint64_t now_us)
{
    const pp_rtp empty = {.sequence = packet->sequence, .timestamp = packet->timestamp};

    if (!receiver->codec || packet->ssrc != receiver->ssrc || !receiver->buffer->started)
        return 0;
    return add_to_buffer(receiver, &empty, 0, now_us);
}

uint64_t pp_receiver_captured_us(const pp_audio_receiver *receiver, uint32_t timestamp)
{
    return receiver->capture ? pp_capture_us(receiver->capture, timestamp) : 0;
}

static void pass_through(pp_audio_receiver *receiver, const pp_codec_type *type,
                         const pp_rtp *packet)
{
    const pipit_audio_encoded frame = {.codec = type->name,
                                       .data = packet->payload,
                                       .size = packet->size,
                                       .timestamp = packet->timestamp,
                                       .sequence = (uint16_t)(packet->sequence - receiver->others),
                                       .marker = packet->marker,
                                       .captured_us =
                                           pp_receiver_captured_us(receiver, packet->timestamp)};

    pp_sink_write_encoded(receiver->outlet.sink, &frame);
}

/* A far end that begins with a silence is in the first codec that can have one. */
static const struct pp_receive_codec *codec_of_silence(const pp_audio_receiver *receiver)
{
    for (size_t i = 0; i < receiver->codec_count; i++)
        if (receiver->codecs[i].codec->sample_rate == PP_COMFORT_RATE)
            return &receiver->codecs[i];
    return NULL;
}

/* It has its place among the packets of sound; how long it lasts shows when the next one comes. */
static int add_comfort_noise(pp_audio_receiver *receiver, const pp_rtp *packet, uint64_t now_us)
{
    const struct pp_receive_codec *codec = codec_of_silence(receiver);
    int err = 0;

    if (codec && (!receiver->codec || packet->ssrc != receiver->ssrc))
        err = change_stream(receiver, codec, packet->ssrc);
    if (err)
        return err;
    if (!receiver->codec || receiver->sample_rate != PP_COMFORT_RATE)
        return add_other(receiver, packet, now_us);
    return add_to_buffer(receiver, packet, receiver->buffer->clock_rate * PP_COMFORT_MS / 1000,
                         now_us);
}

int pp_audio_receiver_add(pp_audio_receiver *receiver, const pp_rtp *packet, uint64_t now_us)
{
    const struct pp_receive_codec *codec = find_codec(receiver, packet->payload_type);
    uint32_t duration;
    int err = 0;

    if (pp_sink_takes_encoded(receiver->outlet.sink)) {
        if (codec && packet->size)
            pass_through(receiver, codec->codec, packet);
        else
            receiver->others++;
    }
    if (pp_sink_is_encoded(receiver->outlet.sink))
        return 0;
    if (pp_receiver_is_comfort_noise(receiver, packet->payload_type) && packet->size)
        return add_comfort_noise(receiver, packet, now_us);
    if (!codec || !packet->size)
        return add_other(receiver, packet, now_us);
    if (!receiver->codec || packet->ssrc != receiver->ssrc ||
        packet->payload_type != receiver->payload_type)
        err = change_stream(receiver, codec, packet->ssrc);
    if (err)
        return err;
    duration = receiver->codec->duration(receiver->codec, packet->payload, packet->size);
    if (!duration)
        return pp_error(PIPIT_ERR_MEDIA, "%s: malformed packet of %zu octets", codec->codec->name,
                        packet->size);
    return add_to_buffer(receiver, packet, duration, now_us);
}

/* --- what became of them ---------------------------------------------------------------------- */

bool pp_audio_receiver_rests(const pp_audio_receiver *receiver)
{
    return pp_sink_is_encoded(receiver->outlet.sink);
}

static double packet_ms(const pp_audio_receiver *receiver)
{
    return receiver->buffer && receiver->buffer->clock_rate
               ? receiver->packet_units * 1000.0 / receiver->buffer->clock_rate
               : 0;
}

void pp_audio_receiver_get_stats(const pp_audio_receiver *receiver, pp_audio_receiver_stats *out)
{
    *out = (pp_audio_receiver_stats){
        .account = receiver->account,
        .fec_packets_used = receiver->fec_packets,
        .packets_late = receiver->buffer ? receiver->buffer->late : 0,
        .packets_duplicate = receiver->buffer ? receiver->buffer->duplicate : 0,
        .packet_ms = packet_ms(receiver),
        .delay_ms = receiver->delay_us / 1000,
        .level = receiver->level,
    };
}
