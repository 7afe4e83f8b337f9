/* sender.c - pictures to packets. */
#include "video/sender.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "base/timers.h"
#include "rtp/retransmission.h"
#include "video/encoding.h"
#include "video/picture.h"
#include "video/source.h"

enum {
    PAYLOAD_MAX = 1100, /* with RTP's header, extensions and SRTP below PP_LIMIT_DTLS_MTU */
    BITRATE_MIN = 30000,
    BITRATE_START = 300000,
    KEY_PAUSE_US = 300000, /* between two key frames that were asked for */
    POLL_US = 10000,       /* of encoded sources */
    PACE_US = 5000,        /* a burst */
    BACKLOG_US = 250000,   /* of packets that wait; no picture is added beyond it */
    AGAIN_PAUSE_US = 10000
};

#define HUGE_TIMES 2.5 /* W3C webrtc-stats, hugeFramesSent */

struct pp_video_sender {
    pp_video_format format;
    uint32_t ssrc, first_timestamp;
    pipit_video_constraints constraints;
    pipit_video_source *source;
    pp_video_send_function *send;
    void (*ready)(void *arg);
    void *arg;
    pipit_loop *loop;
    bool muted;

    bool begun;
    uint64_t begun_us, next_us; /* of the first and the next picture */
    uint32_t timestamp;         /* of the picture that is cut up */
    pp_encoding *encoding;      /* NULL: nothing was encoded yet */
    unsigned told_bitrate;      /* to an encoded source; 0: none */
    uint16_t picture_id;
    bool wants_key;
    bool has_key;      /* an encoded source has sent one */
    double usual_size; /* of a picture, octets */
    uint64_t key_us;

    pp_retransmission kept; /* and the queue: its packets from `unsent` to `sequence` */
    uint16_t unsent, sequence;
    size_t waiting;    /* octets of them */
    double budget;     /* octets that may go now */
    uint64_t paced_us; /* when that was reckoned */
    pp_buf again;
    pp_bandwidth bandwidth;
    pp_video_sender_stats stats;
};

static unsigned within(unsigned value, unsigned fallback, unsigned min, unsigned max)
{
    if (!value)
        return fallback;
    if (value < min)
        return min;
    return value > max ? max : value;
}

pipit_video_constraints pp_video_constraints(const pipit_video_constraints *wanted)
{
    return (pipit_video_constraints){
        .width = within(wanted->width, 1280, PP_LIMIT_VIDEO_SIDE_MIN, PP_LIMIT_VIDEO_SIDE),
        .height = within(wanted->height, 720, PP_LIMIT_VIDEO_SIDE_MIN, PP_LIMIT_VIDEO_SIDE),
        .frame_rate = within(wanted->frame_rate, 30, 1, 60),
        .bitrate = within(wanted->bitrate, 1500000, BITRATE_MIN, 50000000),
    };
}

int pp_video_sender_new(const pp_video_sender_options *options, pp_video_sender **out)
{
    pp_video_sender *sender = PP_NEW(pp_video_sender);
    unsigned start;

    if (!sender)
        return PIPIT_ERR_MEMORY;
    sender->format = options->format;
    sender->ssrc = options->ssrc;
    sender->first_timestamp = options->first_timestamp;
    sender->constraints = pp_video_constraints(&options->constraints);
    sender->source = pipit_video_source_ref(options->source);
    sender->send = options->send;
    sender->ready = options->ready;
    sender->arg = options->arg;
    sender->loop = options->loop;
    sender->wants_key = true;
    sender->kept.ssrc = options->rtx_ssrc;
    sender->kept.payload_type = (uint8_t)options->format.rtx_payload_type;
    sender->kept.sequence = options->rtx_first_sequence;
    sender->unsent = sender->sequence = options->first_sequence;
    start =
        sender->constraints.bitrate < BITRATE_START ? sender->constraints.bitrate : BITRATE_START;
    pp_bandwidth_init(&sender->bandwidth, start, BITRATE_MIN, sender->constraints.bitrate);
    *out = sender;
    return 0;
}

pp_video_sender *pp_video_sender_free(pp_video_sender *sender)
{
    if (!sender)
        return NULL;
    pp_encoding_free(sender->encoding);
    pp_retransmission_clear(&sender->kept);
    pp_buf_free(&sender->again);
    pipit_video_source_unref(sender->source);
    pp_free(sender);
    return NULL;
}

void pp_video_sender_set_source(pp_video_sender *sender, pipit_video_source *source)
{
    if (source == sender->source)
        return;
    pipit_video_source_ref(source);
    pipit_video_source_unref(sender->source);
    sender->source = source;
    sender->begun = false;
    sender->has_key = false;
    /* What follows would need the picture that is under way, and it is not sent. */
    if (pp_encoding_is_busy(sender->encoding))
        sender->encoding = pp_encoding_free(sender->encoding);
    pp_video_sender_key_frame(sender);
}

void pp_video_sender_set_muted(pp_video_sender *sender, bool muted)
{
    if (sender->muted && !muted)
        pp_video_sender_key_frame(sender); /* an encoded source had nothing sent meanwhile */
    sender->muted = muted;
}

void pp_video_sender_key_frame(pp_video_sender *sender)
{
    sender->wants_key = true;
}

/* --- packets ---------------------------------------------------------------------------------- */

static int queue_payload(void *arg, const uint8_t *payload, size_t size, bool last)
{
    pp_video_sender *sender = arg;
    const pp_rtp packet = {.marker = last,
                           .payload_type = sender->format.payload_type,
                           .sequence = sender->sequence,
                           .timestamp = sender->timestamp,
                           .ssrc = sender->ssrc,
                           .payload = payload,
                           .size = size};

    if ((uint16_t)(sender->sequence - sender->unsent) >= PP_LIMIT_RTX_PACKETS)
        return PIPIT_ERR_LIMIT;
    if (!pp_retransmission_keep(&sender->kept, &packet, PP_NEVER))
        return PIPIT_ERR_MEMORY;
    sender->sequence++;
    sender->waiting += size;
    return 0;
}

static void count_frame(pp_video_sender *sender, size_t size, bool key, uint64_t now_us)
{
    sender->stats.frames++;
    sender->stats.key_frames += key;
    sender->stats.huge += sender->usual_size > 0 && (double)size > HUGE_TIMES * sender->usual_size;
    sender->usual_size += ((double)size - sender->usual_size) / (sender->usual_size > 0 ? 16 : 1);
    pp_rhythm_add(&sender->stats.rhythm, now_us);
}

/* A picture that was begun and could not be ended is of no use, nor those behind it: the next one is a key frame. */
static void queue_frame(pp_video_sender *sender, pp_str frame, bool key, uint64_t now_us)
{
    const pp_video_packing packing = {.max = PAYLOAD_MAX,
                                      .picture_id = sender->picture_id++,
                                      .put = queue_payload,
                                      .arg = sender};

    if (sender->format.type->pack((const uint8_t *)frame.p, frame.n, &packing) < 0) {
        sender->wants_key = true;
        return;
    }
    count_frame(sender, frame.n, key, now_us);
}

static double pace(const pp_video_sender *sender) /* octets a second */
{
    return 2.5 * pp_bandwidth_target(&sender->bandwidth) / 8;
}

static void send_packet(pp_video_sender *sender, pp_kept_packet *kept, uint64_t now_us)
{
    pp_rtp packet = kept->packet;

    kept->sent_us = now_us;
    sender->stats.packets++;
    sender->stats.octets += packet.size;
    sender->send(sender->arg, &packet);
}

/* A key frame of fifty packets goes over some 50 ms, for routers drop what comes in one burst. */
static void send_waiting(pp_video_sender *sender, uint64_t now_us)
{
    double most = pace(sender) * PACE_US / 1e6 + PAYLOAD_MAX;

    sender->budget += pace(sender) * (double)(now_us - sender->paced_us) / 1e6;
    sender->paced_us = now_us;
    if (sender->budget > most)
        sender->budget = most;
    while (sender->unsent != sender->sequence && sender->budget > 0) {
        pp_kept_packet *kept = pp_retransmission_find(&sender->kept, sender->unsent);
        size_t size = kept->packet.size;

        sender->unsent++;
        sender->waiting -= size;
        sender->budget -= (double)size;
        send_packet(sender, kept, now_us);
    }
}

void pp_video_sender_again(pp_video_sender *sender, uint16_t sequence, uint64_t now_us,
                           uint64_t round_trip_us)
{
    uint64_t pause_us = round_trip_us / 2 > AGAIN_PAUSE_US ? round_trip_us / 2 : AGAIN_PAUSE_US;
    pp_rtp packet;

    if (sender->format.rtx_payload_type < 0 ||
        (uint16_t)(sequence - sender->unsent) < 0x8000 || /* has not gone yet */
        !pp_retransmission_again(&sender->kept, sequence, now_us, pause_us, &packet,
                                 &sender->again))
        return;
    sender->budget -= (double)packet.size;
    sender->stats.packets++;
    sender->stats.packets_again++;
    sender->stats.octets_again += packet.size;
    sender->stats.octets += packet.size;
    sender->send(sender->arg, &packet);
}

/* --- pictures --------------------------------------------------------------------------------- */

uint32_t pp_video_sender_timestamp(const pp_video_sender *sender, uint64_t now_us)
{
    return sender->first_timestamp + (uint32_t)(now_us * (PP_VIDEO_CLOCK / 1000) / 1000);
}

static bool may_be_key(const pp_video_sender *sender, uint64_t now_us)
{
    return sender->wants_key && (!sender->key_us || now_us >= sender->key_us + KEY_PAUSE_US);
}

static int need_encoding(pp_video_sender *sender)
{
    const pp_encoding_options options = {.type = sender->format.type,
                                         .loop = sender->loop,
                                         .ready = sender->ready,
                                         .arg = sender->arg};

    return sender->encoding ? 0 : pp_encoding_new(&options, &sender->encoding);
}

static void begin_encoding(pp_video_sender *sender, const pipit_video_frame *frame, uint64_t now_us)
{
    const pp_encoding_wish wish = {.width = sender->constraints.width,
                                   .height = sender->constraints.height,
                                   .frame_rate = sender->constraints.frame_rate,
                                   .bitrate = pp_bandwidth_target(&sender->bandwidth),
                                   .black = sender->muted,
                                   .key = may_be_key(sender, now_us)};
    int err = need_encoding(sender);

    if (!err)
        err = pp_encoding_begin(sender->encoding, frame, &wish);
    if (err)
        pp_log_warn("Media", "a picture was not sent: %s", pipit_error_message());
}

static void end_encoding(pp_video_sender *sender, uint64_t now_us)
{
    pp_encoding_result picture;

    if (!pp_encoding_take(sender->encoding, &picture))
        return;
    sender->stats.encode_us += picture.took_us;
    if (picture.err)
        pp_log_warn("Media", "a picture was not sent: %s", picture.reason);
    if (picture.err || !picture.data.n) {
        sender->stats.left_out += !picture.err;
        return;
    }
    sender->stats.encoded++;
    sender->stats.encoded_keys += picture.key;
    sender->stats.quantizers += picture.quantizer;
    if (picture.key) {
        sender->wants_key = false;
        sender->key_us = now_us;
    }
    sender->stats.width = picture.width;
    sender->stats.height = picture.height;
    queue_frame(sender, picture.data, picture.key, now_us);
}

static bool is_backed_up(const pp_video_sender *sender)
{
    return (double)sender->waiting > pace(sender) * BACKLOG_US / 1e6;
}

static void take_picture(pp_video_sender *sender, uint64_t now_us)
{
    pipit_video_source *source = sender->source;
    pipit_video_frame frame = {0};

    if (!source->functions->read(source->self, now_us - sender->begun_us, &frame) ||
        !pp_video_frame_is_valid(&frame))
        return;
    pp_rhythm_add(&sender->stats.source_rhythm, now_us);
    sender->stats.source_width = frame.width;
    sender->stats.source_height = frame.height;
    if (is_backed_up(sender)) {
        sender->stats.left_out++;
        return;
    }
    begin_encoding(sender, &frame, now_us);
    end_encoding(sender, now_us);
}

/* --- pictures that come encoded ---------------------------------------------------------------- */

static void ask_source_for_key(pp_video_sender *sender, uint64_t now_us)
{
    if (!may_be_key(sender, now_us))
        return;
    sender->wants_key = false;
    sender->key_us = now_us;
    sender->source->functions->key_frame(sender->source->self);
}

static void tell_source_rate(pp_video_sender *sender)
{
    const pipit_video_source_interface *functions = sender->source->functions;
    unsigned target = pp_bandwidth_target(&sender->bandwidth), told = sender->told_bitrate;

    if (!functions->bitrate || (told && target < told + told / 20 && target > told - told / 20))
        return;
    sender->told_bitrate = target;
    functions->bitrate(sender->source->self, target);
}

static void take_encoded(pp_video_sender *sender, const pipit_video_encoded *frame, uint64_t now_us)
{
    const pp_video_codec_type *type = sender->format.type;
    bool key = frame->data && type->is_key(frame->data, frame->size);

    if (sender->muted || frame->size > PP_LIMIT_VIDEO_FRAME || (!key && !sender->has_key))
        return;
    if (is_backed_up(sender)) {
        sender->stats.left_out++;
        sender->has_key = false; /* what follows would need it */
        sender->wants_key = true;
        return;
    }
    if (key)
        (void)type->read_size(frame->data, frame->size, &sender->stats.width,
                              &sender->stats.height);
    sender->has_key = true;
    queue_frame(sender, (pp_str){(const char *)frame->data, frame->size}, key, now_us);
}

static void take_all_encoded(pp_video_sender *sender, uint64_t now_us)
{
    pipit_video_source *source = sender->source;
    pipit_video_encoded frame = {.codec = source->functions->codec};

    if (sender->format.type->codec != source->functions->codec)
        return;
    ask_source_for_key(sender, now_us);
    tell_source_rate(sender);
    for (unsigned i = 0; i < 60; i++) { /* more than there are in a second will not be */
        if (!source->functions->read_encoded(source->self, now_us - sender->begun_us, &frame))
            return;
        take_encoded(sender, &frame, now_us);
        frame = (pipit_video_encoded){.codec = source->functions->codec};
    }
}

/* --- the clock -------------------------------------------------------------------------------- */

static void take_due(pp_video_sender *sender, uint64_t now_us)
{
    pipit_video_source *source = pipit_video_source_ref(sender->source);
    uint64_t step_us = source->functions->read ? 1000000 / sender->constraints.frame_rate : POLL_US;

    if (!sender->begun) {
        sender->begun = true;
        sender->begun_us = sender->next_us = now_us;
    }
    if (now_us > sender->next_us + 2 * step_us)
        sender->next_us = now_us; /* behind by more, the clock starts anew instead of a burst */
    sender->next_us += step_us;
    sender->timestamp = pp_video_sender_timestamp(sender, now_us);
    if (source->functions->read)
        take_picture(sender, now_us);
    else
        take_all_encoded(sender, now_us);
    pipit_video_source_unref(source);
}

uint64_t pp_video_sender_run(pp_video_sender *sender, uint64_t now_us, bool sending)
{
    bool is_due = !sender->begun || now_us >= sender->next_us, is_busy;

    end_encoding(sender, now_us);
    is_busy = pp_encoding_is_busy(sender->encoding);
    if (sending && sender->source && is_due && !is_busy)
        take_due(sender, now_us);
    send_waiting(sender, now_us);
    if (sender->unsent != sender->sequence)
        return now_us + PACE_US < sender->next_us || is_busy ? now_us + PACE_US : sender->next_us;
    return sending && sender->source && !is_busy ? sender->next_us : now_us + POLL_US * 5;
}

pp_bandwidth *pp_video_sender_bandwidth(pp_video_sender *sender)
{
    return &sender->bandwidth;
}

void pp_video_sender_get_stats(const pp_video_sender *sender, pp_video_sender_stats *out)
{
    *out = sender->stats;
    out->target = pp_bandwidth_target(&sender->bandwidth);
    out->limited = out->target < sender->constraints.bitrate;
}
