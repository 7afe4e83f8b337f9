/* audio_sender.c - one step of 20 ms: sound from the source, or a tone in its place. What is encoded already goes when it comes. */
#include "media/audio_sender.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "media/channels.h"
#include "media/comfort_noise.h"
#include "media/delivery.h"
#include "media/dtmf_queue.h"
#include "media/encoded.h"
#include "media/intake.h"
#include "media/level.h"
#include "media/packing.h"
#include "media/sound_encoding.h"
#include "media/voice.h"

#include <string.h>

enum {
    STEPS_A_SECOND = 1000 / PP_FRAME_MS,
    VOICE_MARGIN_DB = 10,
    VOICE_HANGOVER_MS = 400,
    COMFORT_STEPS = 10, /* from one packet of comfort noise to the next: 200 ms */
    SEQUENCE_JUMP = 100 /* numbers of a source that begins anew rather than goes on */
};

static const double loudest_silence =
    1e-4; /* mean square: -40 dBFS. Music is no noise, however steady */

struct pp_audio_sender {
    const pp_codec_type *type;
    unsigned channels;
    char *remote_fmtp;
    pipit_opus_options opus;
    pp_sound_encoding_options encoding_options;
    pp_sound_encoding *encoding; /* NULL: nothing was encoded yet */
    uint32_t encoding_timestamp; /* of what is in there, */
    bool is_outdated;            /* and it is not wanted any more */
    pp_intake intake;      /* at the codec's rate; empty while there is a source of encoded sound */
    pipit_source *encoded; /* NULL: none */
    pp_encoded_taker taker;
    bool has_passed;    /* a frame of it: its times keep their distance to ours */
    bool keeps_numbers; /* and so do its numbers */
    uint32_t timestamp_ahead;
    uint16_t sequence_ahead, last_given;
    bool (*pass)(void *arg, const pp_rtp *packet);
    void *pass_arg;
    uint8_t payload_type;
    uint32_t ssrc, timestamp;
    uint16_t sequence;
    bool muted, talking;
    double expected_loss;
    pp_level level;
    pp_voice voice;
    double loudness;              /* mean square of the loudest frame that waits */
    uint8_t comfort_payload_type; /* 0: silence is sent as it is */
    unsigned quiet_steps;         /* of a silence that has been described */
    pp_comfort_ear ear;
    uint8_t comfort[PP_COMFORT_SIZE];
    double packet_loudness; /* and of those in the last packet */
    pp_packing packing;
    pp_dtmf_queue dtmf;
    pp_delivery delivery;
    uint8_t tone[PP_DTMF_PAYLOAD_SIZE];
};

static size_t frame_samples(const pp_audio_sender *sender)
{
    return sender->type->sample_rate / STEPS_A_SECOND;
}

static size_t packet_samples(const pp_audio_sender *sender)
{
    return sender->type->sample_rate / 1000 * sender->packing.packet_ms;
}

static uint32_t frame_units(const pp_audio_sender *sender)
{
    return sender->type->clock_rate / STEPS_A_SECOND;
}

/* --- encoded sound ---------------------------------------------------------------------------- */

static void leave_encoded(pp_audio_sender *sender)
{
    if (!sender->encoded)
        return;
    pp_source_leave(sender->encoded, &sender->taker);
    sender->encoded = pipit_source_unref(sender->encoded);
    sender->has_passed = sender->keeps_numbers = false;
}

/* Frames that all have the number 0 are numbered here. */
static uint16_t next_sequence(pp_audio_sender *sender, uint16_t given)
{
    int step = (int16_t)(given - sender->last_given);
    bool goes_on = sender->keeps_numbers && (given || sender->last_given) &&
                   step > -SEQUENCE_JUMP && step < SEQUENCE_JUMP;

    if (!goes_on)
        sender->sequence_ahead = (uint16_t)(sender->sequence - given);
    sender->keeps_numbers = true;
    sender->last_given = given;
    return (uint16_t)(given + sender->sequence_ahead);
}

static void take_encoded(void *arg, const pipit_audio_encoded *frame)
{
    pp_audio_sender *sender = arg;
    pp_rtp packet = {.marker = frame->marker || !sender->keeps_numbers,
                     .payload_type = sender->payload_type,
                     .ssrc = sender->ssrc,
                     .payload = frame->data,
                     .size = frame->size};

    if (sender->muted || pp_source_codec(sender->encoded) != sender->type ||
        pp_audio_sender_dtmf_pending(sender))
        goto left_out;
    packet.sequence = next_sequence(sender, frame->sequence);
    if (!sender->has_passed)
        sender->timestamp_ahead = sender->timestamp - frame->timestamp;
    sender->has_passed = true;
    packet.timestamp = frame->timestamp + sender->timestamp_ahead;
    if ((int32_t)(packet.timestamp - sender->timestamp) >= 0)
        sender->timestamp = packet.timestamp + frame_units(sender);
    if (!sender->pass(sender->pass_arg, &packet))
        goto left_out;
    if ((int16_t)(packet.sequence - sender->sequence) >= 0)
        sender->sequence = (uint16_t)(packet.sequence + 1);
    return;
left_out:
    sender->keeps_numbers = false; /* nobody is to miss it */
}

/* --- its life --------------------------------------------------------------------------------- */

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
    sender->type = options->codec;
    sender->opus = options->opus;
    if (options->codec->sample_rate == PP_COMFORT_RATE)
        sender->comfort_payload_type = options->comfort_payload_type;
    sender->channels = options->channels ? options->channels : 1;
    pp_packing_init(&sender->packing, options->packet_ms ? options->packet_ms : PP_FRAME_MS,
                    sender->channels);
    pp_voice_init(&sender->voice, VOICE_MARGIN_DB, 1,
                  options->codec->sample_rate / 1000 * VOICE_HANGOVER_MS);
    sender->voice.speaking = true; /* until it is known better */
    sender->pass = options->pass;
    sender->pass_arg = options->pass_arg;
    sender->encoding_options = (pp_sound_encoding_options){
        .loop = options->loop, .ready = options->ready, .arg = options->pass_arg};
    sender->remote_fmtp = pp_str_dup(options->remote_fmtp);
    pp_dtmf_queue_init(&sender->dtmf, options->event_payload_type, options->codec->clock_rate);
    err = sender->remote_fmtp ? pp_audio_sender_set_source(sender, options->source)
                              : PIPIT_ERR_MEMORY;
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
    leave_encoded(sender);
    pp_sound_encoding_free(sender->encoding);
    pp_intake_close(&sender->intake);
    pp_packing_close(&sender->packing);
    pp_free(sender->remote_fmtp);
    pp_delivery_close(&sender->delivery);
    pp_free(sender);
    return NULL;
}

static int open_codec(pp_audio_sender *sender)
{
    pp_codec *codec = NULL;
    int err;

    if (sender->encoding)
        return 0;
    err = pp_codec_open(sender->type, pp_str_c(sender->remote_fmtp), &codec);
    if (err)
        return err;
    sender->channels = pp_codec_set_channels(codec, sender->channels);
    sender->encoding_options.channels = sender->channels;
    if (codec->configure)
        codec->configure(codec, &sender->opus);
    return pp_sound_encoding_new(codec, &sender->encoding_options, &sender->encoding);
}

static int read_samples(pp_audio_sender *sender, pipit_source *source)
{
    int err = open_codec(sender);

    sender->intake.rate = sender->type->sample_rate;
    sender->intake.channels = sender->channels;
    if (!err)
        err = pp_intake_set(&sender->intake, source);
    if (!err)
        leave_encoded(sender);
    return err;
}

int pp_audio_sender_set_source(pp_audio_sender *sender, pipit_source *source)
{
    if (source != pp_intake_source(&sender->intake)) /* another one may come to lie where it lay */
        pp_delivery_close(&sender->delivery);
    if (!pp_source_is_encoded(source))
        return read_samples(sender, source);
    if (sender->encoded == source)
        return 0;
    pipit_source_ref(source);
    leave_encoded(sender);
    sender->encoded = source;
    sender->taker = (pp_encoded_taker){.take = take_encoded, .arg = sender};
    pp_source_join(source, &sender->taker);
    return 0;
}

static void next_frame(pp_audio_sender *sender, int16_t *frame)
{
    size_t count = frame_samples(sender), all = count * sender->channels;

    pp_intake_read(&sender->intake, frame);
    if (sender->muted)
        memset(frame, 0, all * sizeof(*frame));
    pp_level_add(&sender->level, frame, all);
    pp_voice_add_power(&sender->voice, sender->level.last, count);
    if (!sender->packing.count || sender->level.last > sender->loudness)
        sender->loudness = sender->level.last;
}

static void drop_waiting(pp_audio_sender *sender)
{
    pp_packing_clear(&sender->packing);
    sender->is_outdated = true;
}

static void fill(pp_audio_sender *sender, uint8_t payload_type, uint32_t timestamp, bool marker,
                 pp_str payload, pp_rtp *out)
{
    *out = (pp_rtp){
        .marker = marker,
        .payload_type = payload_type,
        .sequence = sender->sequence++,
        .timestamp = timestamp,
        .ssrc = sender->ssrc,
        .payload = (const uint8_t *)payload.p,
        .size = payload.n,
    };
}

static int begin_sound(pp_audio_sender *sender, const int16_t *samples, uint32_t timestamp)
{
    sender->encoding_timestamp = timestamp;
    sender->packet_loudness = sender->loudness;
    sender->is_outdated = false;
    return pp_sound_encoding_begin(sender->encoding, samples, packet_samples(sender),
                                   sender->expected_loss);
}

/* What was encoded. RFC 3551 section 4.1: the marker stands on the first packet after a time when none were sent. */
static int end_sound(pp_audio_sender *sender, pp_rtp *out)
{
    pp_sound_encoding_result sound;

    if (!pp_sound_encoding_take(sender->encoding, &sound) || sender->is_outdated)
        return 0;
    if (sound.err)
        return sound.err;
    if (sound.payload.n)
        fill(sender, sender->payload_type, sender->encoding_timestamp, !sender->talking,
             sound.payload, out);
    sender->talking = sound.payload.n > 0;
    /* Where nothing waits any more, all that was read of the source has gone with it. */
    if (sound.payload.n && !sender->packing.count)
        pp_delivery_sent(&sender->delivery, pp_intake_source(&sender->intake), out->sequence);
    return 0;
}

/* A packet of what waits, when that leaves `kept` samples at the least. */
static int begin_packed(pp_audio_sender *sender, size_t kept)
{
    size_t count = packet_samples(sender) * sender->channels;
    uint32_t units = sender->type->clock_rate / 1000 * sender->packing.packet_ms;
    int err;

    if (sender->packing.count < count + kept || pp_sound_encoding_is_busy(sender->encoding))
        return 0;
    err = begin_sound(sender, sender->packing.samples, sender->packing.timestamp);
    pp_packing_take(&sender->packing, count, units);
    return err;
}

/* What the second half of a step sends. */
static size_t kept_samples(const pp_audio_sender *sender)
{
    return pp_packing_in_halves(&sender->packing) ? frame_samples(sender) * sender->channels / 2
                                                  : 0;
}

static int pack(pp_audio_sender *sender, const int16_t *frame, uint32_t timestamp)
{
    int err = pp_packing_add(&sender->packing, frame, frame_samples(sender) * sender->channels,
                             timestamp);

    return err ? err : begin_packed(sender, kept_samples(sender));
}

/* While the encoder is busy the frame waits. */
static int send_frame(pp_audio_sender *sender, const int16_t *frame, uint32_t timestamp,
                      pp_rtp *out)
{
    bool waits =
        !pp_packing_is_idle(&sender->packing) || pp_sound_encoding_is_busy(sender->encoding);
    int err = waits ? pack(sender, frame, timestamp) : begin_sound(sender, frame, timestamp);

    return err ? err : end_sound(sender, out);
}

/* --- silence ---------------------------------------------------------------------------------- */

/* A pause of the voice, that may be left out. */
static bool is_quiet(const pp_audio_sender *sender)
{
    return sender->comfort_payload_type && !sender->voice.speaking &&
           sender->level.last < loudest_silence;
}

/* RFC 3389 section 4: at its beginning, and then now and then, so that who joins or lost one knows. */
static void describe_silence(pp_audio_sender *sender, const int16_t *frame, uint32_t timestamp,
                             pp_rtp *out)
{
    pp_comfort_ear_add(&sender->ear, frame, frame_samples(sender));
    drop_waiting(sender);
    sender->talking = false;
    if (sender->quiet_steps++ % COMFORT_STEPS)
        return;
    sender->packet_loudness = sender->level.last;
    pp_comfort_ear_write(&sender->ear, sender->comfort);
    fill(sender, sender->comfort_payload_type, timestamp, false,
         pp_str_n(sender->comfort, sizeof(sender->comfort)), out);
    pp_delivery_sent(&sender->delivery, pp_intake_source(&sender->intake), out->sequence);
}

static int send_frame_or_silence(pp_audio_sender *sender, const int16_t *frame, uint32_t timestamp,
                                 pp_rtp *out)
{
    if (is_quiet(sender)) {
        describe_silence(sender, frame, timestamp, out);
        return 0;
    }
    sender->quiet_steps = 0;
    return send_frame(sender, frame, timestamp, out);
}

/* --- steps ------------------------------------------------------------------------------------ */

int pp_audio_sender_step(pp_audio_sender *sender, bool sending, pp_rtp *out)
{
    int16_t frame[PP_CHANNELS_MAX * PP_FRAME_SAMPLES_MAX];
    uint32_t timestamp = sender->timestamp, tone_timestamp;
    bool marker;

    *out = (pp_rtp){0};
    if (sender->encoded) { /* not sooner: it may have been set by the one that was read */
        pp_intake_close(&sender->intake);
        drop_waiting(sender);
    } else {
        next_frame(sender, frame);
    }
    if (sender->encoded && !(sending && pp_audio_sender_dtmf_pending(sender)))
        return 0;
    sender->timestamp += frame_units(sender);
    if (!sending) {
        drop_waiting(sender);
        sender->talking = false;
        sender->quiet_steps = 0;
        return 0;
    }
    if (!pp_dtmf_queue_next(&sender->dtmf, timestamp, sender->tone, &tone_timestamp, &marker))
        return sender->encoded ? 0 : send_frame_or_silence(sender, frame, timestamp, out);
    drop_waiting(sender); /* the tone takes the place of what is not a packet yet */
    fill(sender, (uint8_t)sender->dtmf.payload_type, tone_timestamp, marker,
         pp_str_n(sender->tone, sizeof(sender->tone)), out);
    return 0;
}

int pp_audio_sender_half_step(pp_audio_sender *sender, bool sending, pp_rtp *out)
{
    int err = 0;

    *out = (pp_rtp){0};
    if (sending && !sender->encoded)
        err = begin_packed(sender, 0);
    return err ? err : end_sound(sender, out);
}

bool pp_audio_sender_take(pp_audio_sender *sender, bool sending, pp_rtp *out)
{
    *out = (pp_rtp){0};
    if (!sending || sender->encoded)
        drop_waiting(sender);
    if (begin_packed(sender, kept_samples(sender)) < 0 ||
        !pp_sound_encoding_is_done(sender->encoding))
        return false;
    (void)end_sound(sender, out);
    return true;
}

bool pp_audio_sender_has_halves(const pp_audio_sender *sender)
{
    return pp_packing_in_halves(&sender->packing) && sender->packing.count > 0;
}

void pp_audio_sender_set_packet_ms(pp_audio_sender *sender, unsigned packet_ms)
{
    sender->packing.wished_ms = packet_ms;
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

void pp_audio_sender_reported(const pp_audio_sender *sender, uint16_t sequence)
{
    pp_delivery_reported(&sender->delivery, pp_intake_source(&sender->intake), sequence);
}

bool pp_audio_sender_dtmf_pending(const pp_audio_sender *sender)
{
    return pp_dtmf_queue_pending(&sender->dtmf);
}

bool pp_audio_sender_rests(const pp_audio_sender *sender)
{
    return sender->encoded && !sender->intake.feed && !pp_dtmf_queue_pending(&sender->dtmf);
}

const pp_level *pp_audio_sender_level(const pp_audio_sender *sender)
{
    return &sender->level;
}

void pp_audio_sender_describe(const pp_audio_sender *sender, pp_rtp_extensions *out)
{
    out->has[PP_EXTENSION_LEVEL] = true;
    out->level = pp_level_dbov(sender->packet_loudness);
    out->voice = sender->voice.speaking;
}

uint32_t pp_audio_sender_timestamp(const pp_audio_sender *sender)
{
    return sender->timestamp;
}
