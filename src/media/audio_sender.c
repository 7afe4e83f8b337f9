/* audio_sender.c - one step of 20 ms: sound from the source, or a tone in its place. */
#include "media/audio_sender.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "media/dtmf_queue.h"
#include "media/intake.h"
#include "media/level.h"

#include <string.h>

enum { STEPS_A_SECOND = 1000 / PP_FRAME_MS };

struct pp_audio_sender {
    pp_codec *codec;
    pp_intake intake; /* at the codec's rate */
    uint8_t payload_type;
    uint32_t ssrc, timestamp;
    uint16_t sequence;
    bool muted, talking;
    double expected_loss;
    pp_level level;
    pp_dtmf_queue dtmf;
    uint8_t payload[PP_FRAME_BYTES_MAX];
};

static size_t frame_samples(const pp_audio_sender *sender)
{
    return sender->codec->type->sample_rate / STEPS_A_SECOND;
}

static uint32_t frame_units(const pp_audio_sender *sender)
{
    return sender->codec->type->clock_rate / STEPS_A_SECOND;
}

int pp_audio_sender_new(const pp_audio_sender_options *options, pp_audio_sender **out)
{
    pp_audio_sender *sender = PP_NEW(pp_audio_sender);
    int err;

    if (!sender)
        return PIPIT_ERR_MEMORY;
    sender->payload_type = options->payload_type;
    sender->ssrc = options->ssrc;
    sender->sequence = options->first_sequence;
    sender->timestamp = options->first_timestamp;
    sender->intake.rate = options->codec->sample_rate;
    pp_dtmf_queue_init(&sender->dtmf, options->event_payload_type, options->codec->clock_rate);
    err = pp_codec_open(options->codec, options->remote_fmtp, &sender->codec);
    if (!err && sender->codec->configure)
        sender->codec->configure(sender->codec, &options->opus);
    if (!err)
        err = pp_intake_set(&sender->intake, options->source);
    if (err) {
        pp_audio_sender_free(sender);
        return err;
    }
    *out = sender;
    return 0;
}

pp_audio_sender *pp_audio_sender_free(pp_audio_sender *sender)
{
    if (!sender)
        return NULL;
    pp_codec_close(sender->codec);
    pp_intake_close(&sender->intake);
    pp_free(sender);
    return NULL;
}

int pp_audio_sender_set_source(pp_audio_sender *sender, pipit_source *source)
{
    return pp_intake_set(&sender->intake, source);
}

static void next_frame(pp_audio_sender *sender, int16_t *frame)
{
    size_t count = frame_samples(sender);

    pp_intake_read(&sender->intake, frame);
    if (sender->muted)
        memset(frame, 0, count * sizeof(*frame));
    pp_level_add(&sender->level, frame, count);
}

static void fill(pp_audio_sender *sender, uint8_t payload_type, uint32_t timestamp, bool marker,
                 size_t size, pp_rtp *out)
{
    *out = (pp_rtp){
        .marker = marker,
        .payload_type = payload_type,
        .sequence = sender->sequence++,
        .timestamp = timestamp,
        .ssrc = sender->ssrc,
        .payload = sender->payload,
        .size = size,
    };
}

/* RFC 3551 section 4.1: the marker stands on the first packet after a time when none were sent. */
static int send_sound(pp_audio_sender *sender, const int16_t *frame, uint32_t timestamp,
                      pp_rtp *out)
{
    int size =
        sender->codec->encode(sender->codec, frame, frame_samples(sender), sender->expected_loss,
                              sender->payload, sizeof(sender->payload));

    if (size < 0)
        return size;
    if (size)
        fill(sender, sender->payload_type, timestamp, !sender->talking, (size_t)size, out);
    sender->talking = size > 0;
    return 0;
}

int pp_audio_sender_step(pp_audio_sender *sender, bool sending, pp_rtp *out)
{
    int16_t frame[PP_FRAME_SAMPLES_MAX];
    uint32_t timestamp = sender->timestamp, tone_timestamp;
    bool marker;

    next_frame(sender, frame);
    sender->timestamp += frame_units(sender);
    *out = (pp_rtp){0};
    if (!sending) {
        sender->talking = false;
        return 0;
    }
    if (!pp_dtmf_queue_next(&sender->dtmf, timestamp, sender->payload, &tone_timestamp, &marker))
        return send_sound(sender, frame, timestamp, out);
    fill(sender, (uint8_t)sender->dtmf.payload_type, tone_timestamp, marker, PP_DTMF_PAYLOAD_SIZE,
         out);
    return 0;
}

void pp_audio_sender_set_muted(pp_audio_sender *sender, bool muted)
{
    sender->muted = muted;
}

void pp_audio_sender_set_expected_loss(pp_audio_sender *sender, double fraction)
{
    sender->expected_loss = fraction;
}

int pp_audio_sender_dtmf(pp_audio_sender *sender, char tone, unsigned duration_ms, unsigned gap_ms)
{
    return pp_dtmf_queue_add(&sender->dtmf, tone, duration_ms, gap_ms);
}

bool pp_audio_sender_dtmf_pending(const pp_audio_sender *sender)
{
    return pp_dtmf_queue_pending(&sender->dtmf);
}

double pp_audio_sender_level(const pp_audio_sender *sender)
{
    return pp_level_get(&sender->level);
}

uint32_t pp_audio_sender_timestamp(const pp_audio_sender *sender)
{
    return sender->timestamp;
}
