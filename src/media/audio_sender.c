/* audio_sender.c - one step of 20 ms: sound from the source, or a tone in its place. */
#include "media/audio_sender.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "media/dtmf_queue.h"
#include "media/level.h"
#include "media/resample.h"
#include "media/source.h"

enum {
    STEPS_A_SECOND = 1000 / PP_FRAME_MS,
    RESAMPLED_MAX =
        PP_FRAME_SAMPLES_MAX + 2 * 6, /* a sample too many from 8,000 is six at 48,000 */
    PENDING_MAX = 2 * PP_FRAME_SAMPLES_MAX
};

struct pp_audio_sender {
    pp_codec *codec;
    pipit_source *source;
    pp_resampler *resampler;
    size_t source_remainder;      /* of the source's rate by 50: rates as 11,025 take turns */
    int16_t pending[PENDING_MAX]; /* at the codec's rate, not yet encoded */
    size_t pending_count;
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
    pp_dtmf_queue_init(&sender->dtmf, options->event_payload_type, options->codec->clock_rate);
    err = pp_codec_open(options->codec, options->remote_fmtp, &sender->codec);
    if (!err)
        err = pp_audio_sender_set_source(sender, options->source);
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
    pp_resampler_free(sender->resampler);
    pipit_source_unref(sender->source);
    pp_free(sender);
    return NULL;
}

int pp_audio_sender_set_source(pp_audio_sender *sender, pipit_source *source)
{
    pp_resampler *resampler = NULL;
    int err =
        source ? pp_resampler_new(source->sample_rate, sender->codec->type->sample_rate, &resampler)
               : 0;

    if (err)
        return err;
    pp_resampler_free(sender->resampler);
    sender->resampler = resampler;
    pipit_source_ref(source); /* first: it may be the same */
    pipit_source_unref(sender->source);
    sender->source = source;
    sender->source_remainder = 0;
    sender->pending_count = 0;
    return 0;
}

/* 20 ms of the source, as many samples as that is this time. */
static void read_source(pp_audio_sender *sender)
{
    int16_t samples[PP_FRAME_SAMPLES_MAX];
    size_t room = PENDING_MAX - sender->pending_count;
    size_t count;

    sender->source_remainder += sender->source->sample_rate;
    count = sender->source_remainder / STEPS_A_SECOND;
    sender->source_remainder %= STEPS_A_SECOND;
    pp_source_read(sender->source, samples, count);
    sender->pending_count +=
        pp_resampler_run(sender->resampler, samples, count, sender->pending + sender->pending_count,
                         room < RESAMPLED_MAX ? room : RESAMPLED_MAX);
}

/* The next frame at the codec's rate; what the resampler still owes is silence in front. */
static void next_frame(pp_audio_sender *sender, int16_t *frame)
{
    size_t wanted = frame_samples(sender);
    size_t have, missing;

    if (sender->source)
        read_source(sender);
    have = sender->pending_count < wanted ? sender->pending_count : wanted;
    missing = wanted - have;
    memset(frame, 0, missing * sizeof(*frame));
    memcpy(frame + missing, sender->pending, have * sizeof(*frame));
    sender->pending_count -= have;
    memmove(sender->pending, sender->pending + have, sender->pending_count * sizeof(*frame));
    if (sender->muted)
        memset(frame, 0, wanted * sizeof(*frame));
    pp_level_add(&sender->level, frame, wanted);
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
