/* receiver.c - packets to pictures, pictures to a sink. */
#include "video/receiver.h"

#include "base/alloc.h"
#include "base/error.h"
#include "rtp/missing.h"
#include "rtp/retransmission.h"
#include "video/assembler.h"
#include "video/decoding.h"
#include "video/source.h"

enum {
    WAIT_MIN_US = 200000, /* for a packet that was asked for again, before a key frame is */
    WAIT_MAX_US = 500000,
    ASK_KEY_US =
        300000 /* between two key frames that are asked for: one takes a round trip, and its own time */
};

struct pp_video_receiver {
    pp_video_format formats[PP_VIDEO_FORMATS];
    size_t format_count;
    pp_decoding_options decoding_options;
    pipit_video_sink *sink;
    const pp_capture *capture;
    uint64_t sound_behind_us;
    const pp_video_format *format; /* of what comes; NULL before */
    uint32_t ssrc;
    pp_decoding *decoding;       /* while it is busy pictures wait in the assembler */
    pipit_video_encoded decoded; /* what is in there; its octets are not here */
    pp_missing missing;
    pp_assembler assembler;
    pp_buf frame;
    bool wants_key;
    uint64_t asked_key_us; /* 0: not yet */
    bool has_time;
    uint32_t timestamp; /* of the last picture, and in one line from the first: */
    uint64_t ticks;
    pp_video_receiver_stats stats;
};

int pp_video_receiver_new(const pp_video_receiver_options *options, pp_video_receiver **out)
{
    pp_video_receiver *receiver = PP_NEW(pp_video_receiver);

    if (!receiver)
        return PIPIT_ERR_MEMORY;
    receiver->format_count =
        options->format_count < PP_VIDEO_FORMATS ? options->format_count : PP_VIDEO_FORMATS;
    for (size_t i = 0; i < receiver->format_count; i++)
        receiver->formats[i] = options->formats[i];
    receiver->sink = pipit_video_sink_ref(options->sink);
    receiver->capture = options->capture;
    receiver->frame.max = PP_LIMIT_VIDEO_FRAME + 1;
    receiver->decoding_options =
        (pp_decoding_options){.loop = options->loop, .ready = options->ready, .arg = options->arg};
    *out = receiver;
    return 0;
}

pp_video_receiver *pp_video_receiver_free(pp_video_receiver *receiver)
{
    if (!receiver)
        return NULL;
    pp_decoding_free(receiver->decoding);
    pp_assembler_clear(&receiver->assembler);
    pp_buf_free(&receiver->frame);
    pipit_video_sink_unref(receiver->sink);
    pp_free(receiver);
    return NULL;
}

/* A sink that begins in the middle needs a key frame, as a decoder does. */
void pp_video_receiver_set_sink(pp_video_receiver *receiver, pipit_video_sink *sink)
{
    if (sink == receiver->sink)
        return;
    pipit_video_sink_ref(sink);
    pipit_video_sink_unref(receiver->sink);
    receiver->sink = sink;
    if (!sink)
        return;
    pp_decoding_reset(receiver->decoding);
    pp_assembler_give_up(&receiver->assembler);
    receiver->wants_key = receiver->format != NULL;
}

/* --- pictures --------------------------------------------------------------------------------- */

static void lose(pp_video_receiver *receiver)
{
    pp_assembler_give_up(&receiver->assembler);
    receiver->wants_key = true;
}

static uint64_t time_of(pp_video_receiver *receiver, uint32_t timestamp)
{
    if (receiver->has_time)
        receiver->ticks += (uint64_t)(int64_t)(int32_t)(timestamp - receiver->timestamp);
    receiver->has_time = true;
    receiver->timestamp = timestamp;
    return receiver->ticks * 1000 / (PP_VIDEO_CLOCK / 1000);
}

/* What claims to be larger than we take is not even shown to the decoder. */
static bool note_size(pp_video_receiver *receiver, const pp_assembled *picture)
{
    const uint8_t *data = (const uint8_t *)receiver->frame.p;

    if (!picture->key)
        return true;
    return receiver->format->type->read_size(data, receiver->frame.n, &receiver->stats.width,
                                             &receiver->stats.height);
}

static uint64_t captured_us(const pp_video_receiver *receiver, uint32_t timestamp)
{
    return receiver->capture ? pp_capture_us(receiver->capture, timestamp) : 0;
}

void pp_video_receiver_follow_sound(pp_video_receiver *receiver, uint64_t behind_us)
{
    receiver->sound_behind_us = behind_us;
}

/* Until its sound is heard. */
static uint64_t wait_us(const pp_video_receiver *receiver, uint64_t captured, uint64_t now_us)
{
    uint64_t at_us = captured + receiver->sound_behind_us;

    if (!captured || !receiver->sound_behind_us || at_us <= now_us)
        return 0;
    return at_us - now_us < PP_LIMIT_VIDEO_WAIT_US ? at_us - now_us : 0;
}

static void fail(pp_video_receiver *receiver)
{
    receiver->stats.undecodable++;
    lose(receiver);
}

static void count_decoded(pp_video_receiver *receiver, const pp_decoding_result *picture)
{
    pp_video_receiver_stats *stats = &receiver->stats;

    stats->decoded++;
    stats->decoded_keys += receiver->decoded.key;
    stats->quantizers += picture->quantizer;
    stats->width = picture->frame.width;
    stats->height = picture->frame.height;
}

/* What was decoded. */
static void show(pp_video_receiver *receiver, uint64_t now_us)
{
    pp_decoding_result picture;
    pipit_video_sink *sink;

    if (!pp_decoding_take(receiver->decoding, &picture))
        return;
    receiver->stats.decode_us += picture.took_us;
    if (picture.err)
        fail(receiver);
    if (picture.err || !picture.frame.width)
        return;
    count_decoded(receiver, &picture);
    pp_rhythm_add(&receiver->stats.rhythm, now_us);
    picture.frame.time_us = receiver->decoded.time_us;
    picture.frame.captured_us = receiver->decoded.captured_us;
    picture.frame.wait_us = wait_us(receiver, receiver->decoded.captured_us, now_us);
    sink = pipit_video_sink_ref(receiver->sink);
    if (sink && sink->functions->write)
        sink->functions->write(sink->self, &picture.frame);
    pipit_video_sink_unref(sink);
}

static void decode(pp_video_receiver *receiver, const pipit_video_encoded *encoded, uint64_t now_us)
{
    int err = 0;

    if (!receiver->decoding)
        err = pp_decoding_new(&receiver->decoding_options, &receiver->decoding);
    if (err) {
        fail(receiver);
        return;
    }
    receiver->decoded = *encoded;
    pp_decoding_begin(receiver->decoding, receiver->format->type, &receiver->frame);
    show(receiver, now_us);
}

static void give(pp_video_receiver *receiver, const pp_assembled *picture, uint64_t now_us)
{
    const pipit_video_encoded encoded = {.codec = receiver->format->type->codec,
                                         .data = (const uint8_t *)receiver->frame.p,
                                         .size = receiver->frame.n,
                                         .key = picture->key,
                                         .width = receiver->stats.width,
                                         .height = receiver->stats.height,
                                         .time_us = time_of(receiver, picture->timestamp),
                                         .captured_us = captured_us(receiver, picture->timestamp)};
    pipit_video_sink *sink = pipit_video_sink_ref(receiver->sink);

    if (sink && sink->functions->write_encoded)
        sink->functions->write_encoded(sink->self, &encoded);
    if (sink && sink->functions->write && sink == receiver->sink)
        decode(receiver, &encoded, now_us);
    pipit_video_sink_unref(sink);
}

static void take_picture(pp_video_receiver *receiver, pp_assembled *picture, uint64_t now_us)
{
    const pp_video_codec_type *type = receiver->format->type;

    picture->key = type->is_key((const uint8_t *)receiver->frame.p, receiver->frame.n);
    if (!note_size(receiver, picture)) {
        fail(receiver);
        return;
    }
    receiver->stats.frames++;
    receiver->stats.key_frames += picture->key;
    if (picture->key) {
        receiver->wants_key = false;
        pp_missing_forget(&receiver->missing, picture->first);
    }
    give(receiver, picture, now_us);
}

static void take_pictures(pp_video_receiver *receiver, uint64_t now_us)
{
    pp_assembled picture;

    pp_buf_clear(&receiver->frame);
    while (!pp_decoding_is_busy(receiver->decoding) &&
           pp_assembler_next(&receiver->assembler, now_us, &receiver->frame, &picture)) {
        take_picture(receiver, &picture, now_us);
        pp_buf_clear(&receiver->frame);
    }
}

/* --- packets ---------------------------------------------------------------------------------- */

static const pp_video_format *format_of(const pp_video_receiver *receiver, uint8_t payload_type,
                                        bool rtx)
{
    for (size_t i = 0; i < receiver->format_count; i++)
        if (rtx ? receiver->formats[i].rtx_payload_type == payload_type
                : receiver->formats[i].payload_type == payload_type)
            return &receiver->formats[i];
    return NULL;
}

/* Another codec, or another sender: all begins anew, with a key frame. */
static void begin(pp_video_receiver *receiver, const pp_video_format *format, uint32_t ssrc)
{
    pp_assembler_clear(&receiver->assembler);
    receiver->assembler.type = format->type;
    pp_decoding_reset(receiver->decoding);
    receiver->missing = (pp_missing){0};
    receiver->format = format;
    receiver->ssrc = ssrc;
    receiver->wants_key = true;
    receiver->stats.type = format->type;
}

static void take_packet(pp_video_receiver *receiver, const pp_video_format *format,
                        const pp_rtp *packet, uint64_t now_us)
{
    if (receiver->format != format || receiver->ssrc != packet->ssrc)
        begin(receiver, format, packet->ssrc);
    if (!pp_missing_add(&receiver->missing, packet->sequence, now_us))
        lose(receiver);
    if (pp_assembler_add(&receiver->assembler, packet) == 0)
        take_pictures(receiver, now_us);
}

void pp_video_receiver_add(pp_video_receiver *receiver, const pp_rtp *packet, uint64_t now_us)
{
    const pp_video_format *format = format_of(receiver, packet->payload_type, false);
    pp_rtp original;

    if (format) {
        take_packet(receiver, format, packet, now_us);
        return;
    }
    format = format_of(receiver, packet->payload_type, true);
    receiver->stats.again++;
    receiver->stats.again_octets += packet->size;
    if (!format || format != receiver->format ||
        !pp_retransmission_unwrap(packet, receiver->ssrc, format->payload_type, &original))
        return;
    /* Browsers send packets again for no need, to find out what the way bears. */
    receiver->stats.repaired += pp_missing_is(&receiver->missing, original.sequence);
    take_packet(receiver, format, &original, now_us);
}

void pp_video_receiver_go_on(pp_video_receiver *receiver, uint64_t now_us)
{
    show(receiver, now_us);
    take_pictures(receiver, now_us);
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool ask_packets(pp_video_receiver *receiver, uint64_t now_us, uint64_t round_trip_us,
                        pp_feedback_ends ends, pp_buf *out)
{
    uint16_t due[PP_LIMIT_NACK];
    size_t count = pp_missing_due(&receiver->missing, now_us, round_trip_us, due);

    if (receiver->format->rtx_payload_type < 0)
        return false;
    pp_feedback_nack(out, ends, due, count);
    receiver->stats.nacks += count;
    return count > 0;
}

static uint64_t patience_us(uint64_t round_trip_us)
{
    uint64_t wait_us = 3 * round_trip_us;

    if (wait_us > WAIT_MAX_US)
        return WAIT_MAX_US;
    return wait_us < WAIT_MIN_US ? WAIT_MIN_US : wait_us;
}

bool pp_video_receiver_ask(pp_video_receiver *receiver, uint64_t now_us, uint64_t round_trip_us,
                           uint32_t own_ssrc, pp_buf *out)
{
    const pp_feedback_ends ends = {own_ssrc, receiver->ssrc};
    bool any;

    if (!receiver->format)
        return false;
    if (receiver->assembler.stuck_us &&
        now_us > receiver->assembler.stuck_us + patience_us(round_trip_us))
        lose(receiver);
    any = ask_packets(receiver, now_us, round_trip_us, ends, out);
    if (!receiver->wants_key ||
        (receiver->asked_key_us && now_us < receiver->asked_key_us + ASK_KEY_US))
        return any;
    pp_feedback_picture_loss(out, ends);
    receiver->asked_key_us = now_us;
    receiver->stats.picture_losses++;
    return true;
}

void pp_video_receiver_get_stats(const pp_video_receiver *receiver, pp_video_receiver_stats *out)
{
    *out = receiver->stats;
}
