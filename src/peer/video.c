/* video.c - a video section at work: pictures sent and received by what was agreed, on a clock of its own. */
#include "peer/video.h"

#include "base/alloc.h"
#include "base/error.h"
#include "peer/audio.h"
#include "peer/inside.h"

pp_video *pp_peer_video(const pp_peer *peer)
{
    pp_transceiver *transceiver = pp_peer_first_of(peer, &pp_video_kind);

    return transceiver ? pp_video_of(transceiver) : NULL;
}

/* --- what goes -------------------------------------------------------------------------------- */

static bool is_open(const pp_video *video)
{
    return video->head.peer && !video->head.peer->closed;
}

static bool may_send(const pp_video *video)
{
    const pp_peer *peer = video->head.peer;

    return !peer->held && peer->state == PP_PEER_CONNECTED &&
           pp_transceiver_is_agreed(&video->head) && pp_direction_sends(video->head.now.direction);
}

/* Numbers for the far end's feedback, with the size that counts on the wire. */
static void send_packet(void *arg, pp_rtp *packet)
{
    pp_video *video = arg;
    uint64_t now_us = pp_loop_now_us(video->loop);
    pp_rtp_extensions extensions = {.send_time = pp_rtp_send_time(now_us),
                                    .transport_sequence = video->transport_sequence};

    if (!is_open(video)) /* the source may have ended the call */
        return;
    extensions.has[PP_EXTENSION_SEND_TIME] = true;
    extensions.has[PP_EXTENSION_TRANSPORT] = true;
    if (pp_peer_send_rtp(&video->head, packet, &extensions) == 0)
        pp_bandwidth_sent(pp_video_sender_bandwidth(video->sender), video->transport_sequence++,
                          packet->size, now_us);
}

static void tick(void *arg)
{
    pp_video *video = arg;
    pp_peer *peer = video->head.peer;
    uint64_t now_us = pp_loop_now_us(video->loop), next_us;
    bool sending;

    if (!is_open(video) || !video->sender)
        return;
    sending = may_send(video);
    if (sending && !video->sending)
        pp_video_sender_key_frame(video->sender);
    video->sending = sending;
    pp_peer_hold(peer);
    pp_transceiver_ref(&video->head);
    next_us = pp_video_sender_run(video->sender, now_us, sending);
    if (is_open(video))
        pp_loop_start_timer_us(video->loop, &video->clock, next_us > now_us ? next_us - now_us : 0,
                               tick, video);
    pp_transceiver_unref(&video->head);
    pp_peer_release(peer);
}

/* A picture has been encoded meanwhile. */
static void encoded(void *arg)
{
    pp_video *video = arg;

    if (is_open(video))
        pp_loop_start_timer_us(video->loop, &video->clock, 0, tick, video);
}

/* --- what comes ------------------------------------------------------------------------------- */

static bool is_again(const pp_video_agreed *agreed, unsigned payload_type)
{
    for (size_t i = 0; i < agreed->count; i++)
        if (agreed->formats[i].format.rtx_payload_type == (int)payload_type)
            return true;
    return false;
}

static void take(pp_transceiver *transceiver, const pp_rtp *packet)
{
    pp_video *video = pp_video_of(transceiver);
    const pp_video_agreed *agreed = pp_video_terms(transceiver->now.agreed);
    pp_peer *peer = transceiver->peer;
    uint64_t now_us = pp_loop_now_us(video->loop);
    bool again;

    if (!pp_agreed_allows(&agreed->head, packet->payload_type)) {
        peer->discarded++;
        return;
    }
    again = is_again(agreed, packet->payload_type);
    pp_video_note_arrival(video, packet, again, now_us);
    if (!again) /* reports are about the stream itself */
        pp_transceiver_count(transceiver, packet, PP_VIDEO_CLOCK);
    if (!video->receiver || peer->held || !pp_direction_receives(transceiver->now.direction))
        return;
    pp_peer_hold(peer);
    pp_transceiver_ref(transceiver);
    pp_video_receiver_add(video->receiver, packet, now_us);
    pp_transceiver_unref(transceiver);
    pp_peer_release(peer);
}

/* A picture has been decoded meanwhile. */
static void decoded(void *arg)
{
    pp_video *video = arg;
    pp_peer *peer = video->head.peer;

    if (!is_open(video))
        return;
    pp_peer_hold(peer);
    pp_transceiver_ref(&video->head);
    pp_video_receiver_go_on(video->receiver, pp_loop_now_us(video->loop));
    pp_transceiver_unref(&video->head);
    pp_peer_release(peer);
}

/* With the sound of the same sender, if that is heard here. */
static void follow_sound(pp_video *video)
{
    const pp_audio *audio = pp_peer_audio(video->head.peer);
    bool together =
        audio && audio->player && pp_capture_is_joined(&audio->head.capture, &video->head.capture);

    if (video->receiver)
        pp_video_receiver_follow_sound(video->receiver,
                                       together ? pp_audio_player_behind_us(audio->player) : 0);
}

/* Also while the path is in doubt: what comes nevertheless may have holes. */
static void step(pp_transceiver *transceiver, uint64_t now_us)
{
    follow_sound(pp_video_of(transceiver));
    if (pp_transceiver_is_agreed(transceiver))
        pp_video_ask(pp_video_of(transceiver), now_us);
}

/* Transport-wide feedback tells of loss as well, and sooner. */
static void reported(pp_transceiver *transceiver, const pp_report_block *block)
{
    pp_video *video = pp_video_of(transceiver);

    if (video->sender && !(transceiver->now.extensions >> PP_EXTENSION_TRANSPORT & 1))
        pp_bandwidth_loss(pp_video_sender_bandwidth(video->sender), block->fraction_lost / 256.0,
                          pp_loop_now_us(video->loop));
}

static uint32_t timestamp(const pp_transceiver *transceiver)
{
    const pp_video *video = (const pp_video *)(const void *)transceiver;

    return video->sender ? pp_video_sender_timestamp(video->sender, pp_loop_now_us(video->loop))
                         : 0;
}

static uint32_t clock_rate(const pp_transceiver *transceiver)
{
    (void)transceiver;
    return PP_VIDEO_CLOCK;
}

/* --- made for what was agreed ----------------------------------------------------------------- */

static int new_sender(pp_video *video, pp_video_sender **out)
{
    const pp_rng *rng = &video->loop->rng;
    const pp_video_sender_options options = {
        .format = pp_video_terms(video->head.now.agreed)->formats[0].format,
        .ssrc = video->head.ssrc,
        .rtx_ssrc = video->rtx_ssrc,
        /* no early wrap: SRTP's roll-over counter */
        .first_sequence = (uint16_t)(pp_rng_u32(rng) & 0x7FFF),
        .rtx_first_sequence = (uint16_t)(pp_rng_u32(rng) & 0x7FFF),
        .first_timestamp = pp_rng_u32(rng),
        .constraints = video->constraints,
        .source = video->source,
        .send = send_packet,
        .ready = encoded,
        .arg = video,
        .loop = video->loop,
    };
    int err = pp_video_sender_new(&options, out);

    if (!err)
        pp_video_sender_set_muted(*out, video->muted);
    return err;
}

static int new_receiver(pp_video *video, pp_video_receiver **out)
{
    const pp_video_agreed *agreed = pp_video_terms(video->head.now.agreed);
    pp_video_format formats[PP_VIDEO_FORMATS];
    const pp_video_receiver_options options = {.formats = formats,
                                               .format_count = agreed->count,
                                               .sink = video->sink,
                                               .ready = decoded,
                                               .arg = video,
                                               .loop = video->loop,
                                               .capture = &video->head.capture};

    for (size_t i = 0; i < agreed->count; i++)
        formats[i] = agreed->formats[i].format;
    return pp_video_receiver_new(&options, out);
}

static bool still_fits(const pp_video *video)
{
    const pp_video_agreed *old = pp_video_terms(video->applied);
    const pp_video_agreed *new = pp_video_terms(video->head.now.agreed);

    if (!old || old->count != new->count)
        return false;
    for (size_t i = 0; i < new->count; i++) {
        const pp_video_format *a = &old->formats[i].format, *b = &new->formats[i].format;

        if (a->type != b->type || a->payload_type != b->payload_type ||
            a->rtx_payload_type != b->rtx_payload_type)
            return false;
    }
    return true;
}

static int apply(pp_transceiver *transceiver)
{
    pp_video *video = pp_video_of(transceiver);
    pp_video_sender *sender = NULL;
    pp_video_receiver *receiver = NULL;
    int err;

    if (still_fits(video))
        return 0;
    err = new_sender(video, &sender);
    if (!err)
        err = new_receiver(video, &receiver);
    if (err) {
        pp_video_sender_free(sender);
        return err;
    }
    pp_video_sender_free(video->sender);
    pp_video_receiver_free(video->receiver);
    pp_agreed_unref(video->applied);
    video->sender = sender;
    video->receiver = receiver;
    video->applied = pp_agreed_ref(transceiver->now.agreed);
    pp_loop_start_timer_us(video->loop, &video->clock, 0, tick, video);
    return 0;
}

static int begin(pp_transceiver *transceiver)
{
    pp_video *video = pp_video_of(transceiver);

    video->loop = pipit_loop_ref(transceiver->peer->loop);
    video->rtx_ssrc = pp_rng_u32(&video->loop->rng);
    video->codecs = transceiver->peer->video_codecs;
    video->constraints = transceiver->peer->video;
    if (!video->codecs.count)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "video: no codec is built in");
    return 0;
}

/* For the same far end's offer: what it says, and what is muted. */
static int copy(const pp_transceiver *from, pp_transceiver *to)
{
    const pp_video *old = (const pp_video *)(const void *)from;
    pp_video *new = pp_video_of(to);

    new->codecs = old->codecs;
    new->constraints = old->constraints;
    new->muted = old->muted;
    new->rtx_ssrc = old->rtx_ssrc;
    return 0;
}

static void release(pp_transceiver *transceiver)
{
    pp_video *video = pp_video_of(transceiver);

    if (!video->loop)
        return;
    pp_loop_stop_timer(video->loop, &video->clock);
    pp_video_sender_free(video->sender);
    pp_video_receiver_free(video->receiver);
    pp_agreed_unref(video->applied);
    pp_buf_free(&video->feedback);
    pp_free(video->rate);
    pipit_video_source_unref(video->source);
    pipit_video_sink_unref(video->sink);
    pipit_loop_unref(video->loop);
}

const pp_kind pp_video_kind = {
    .name = "video",
    .protocol = "UDP/TLS/RTP/SAVPF",
    .size = sizeof(pp_video),
    .extensions =
        1u << PP_EXTENSION_MID | 1u << PP_EXTENSION_SEND_TIME | 1u << PP_EXTENSION_TRANSPORT,
    .is_rtp = true,
    .begin = begin,
    .negotiate = pp_video_negotiate,
    .describe = pp_video_describe,
    .apply = apply,
    .copy = copy,
    .take = take,
    .rtcp = &pp_video_rtcp,
    .step = step,
    .reported = reported,
    .timestamp = timestamp,
    .clock_rate = clock_rate,
    .measure = pp_video_measure,
    .free = release,
};

/* --- the application's ends ------------------------------------------------------------------- */

void pp_video_set_ends(pp_video *video, pipit_video_source *source, pipit_video_sink *sink)
{
    if (video->sender)
        pp_video_sender_set_source(video->sender, source);
    if (video->receiver)
        pp_video_receiver_set_sink(video->receiver, sink);
    pipit_video_source_ref(source);
    pipit_video_sink_ref(sink);
    pipit_video_source_unref(video->source);
    pipit_video_sink_unref(video->sink);
    video->source = source;
    video->sink = sink;
}

void pp_video_mute(pp_video *video, bool muted)
{
    video->muted = muted;
    if (video->sender)
        pp_video_sender_set_muted(video->sender, muted);
}
