/* audio_receiver_inside.h - what taking packets in and playing them share. */
#ifndef PP_MEDIA_AUDIO_RECEIVER_INSIDE_H
#define PP_MEDIA_AUDIO_RECEIVER_INSIDE_H

#include "media/audio_receiver.h"
#include "media/comfort_noise.h"
#include "media/encoded.h"
#include "media/jitter_buffer.h"
#include "media/level.h"
#include "media/outlet.h"
#include "media/playout.h"

#define PP_COMFORT_MS 10u /* of noise at the least: the shortest packet of sound may follow */

struct pp_audio_receiver {
    struct pp_receive_codec *codecs;
    size_t codec_count;
    pp_outlet outlet;
    pp_codec *codec; /* of the stream that is heard; NULL before the first packet */
    uint8_t payload_type;
    uint32_t ssrc;
    unsigned sample_rate, channels; /* of the codec */
    unsigned channels_wanted;
    uint8_t comfort_payload_type;
    pp_comfort_noise noise;
    bool is_resting;          /* the far end is silent, and this is its noise */
    pp_jitter_buffer *buffer; /* NULL before there was something to decode */
    pp_playout playout;
    bool playing;
    int64_t next_time, last_sequence;
    size_t made_up; /* samples in a row */
    bool is_silent; /* what was made up last */
    int64_t
        stretched; /* clock units played since the buffer ran dry, not yet taken as anybody's time */
    uint64_t uncertain; /* of them, samples that count as concealed unless nothing was sent */
    unsigned steps_since_squeeze;
    int64_t excess_us;
    double delay_us;
    uint32_t packet_units; /* of the last packet */
    pp_level level;
    const pp_capture *capture;
    uint64_t behind_us;
    pp_account account;
    uint64_t fec_packets;
    uint16_t others; /* packets that did not pass through and are not to be missed behind us */
};

/* A frame's samples. */
static inline size_t pp_receiver_frame(const pp_audio_receiver *receiver)
{
    return receiver->sample_rate / (1000 / PP_FRAME_MS);
}

void pp_receiver_stop_playing(pp_audio_receiver *receiver);
bool pp_receiver_is_comfort_noise(const pp_audio_receiver *receiver, unsigned payload_type);
uint64_t pp_receiver_captured_us(const pp_audio_receiver *receiver, uint32_t timestamp);

#endif
