/* audio.c - the engine of an audio section: sender, receiver and tones, every 20 ms. */
#include "peer/audio.h"
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/comfort_noise.h"

pp_audio *pp_peer_audio(const pp_peer *peer)
{
    pp_transceiver *first = pp_peer_first_of(peer, &pp_audio_kind);

    return first ? pp_audio_of(first) : NULL;
}

static bool is_open(const pp_audio *audio)
{
    return audio->head.peer && !audio->head.peer->closed;
}

static bool is_sending(const pp_audio *audio)
{
    const pp_peer *peer = audio->head.peer;
    bool silent = peer->held && !audio->hold_source;

    return !silent && peer->state == PP_PEER_CONNECTED && pp_transceiver_is_agreed(&audio->head) &&
           pp_direction_sends(audio->head.now.direction);
}

/* What was encoded elsewhere. */
static bool pass(void *arg, const pp_rtp *packet)
{
    pp_audio *audio = arg;

    return is_open(audio) && is_sending(audio) && pp_peer_send_rtp(&audio->head, packet, NULL) == 0;
}

/* The source may have ended the call, or this section. */
static void send_made(pp_audio *audio, int err, const pp_rtp *packet)
{
    pp_rtp_extensions extensions = {0};

    if (err || !packet->size || !is_open(audio))
        return;
    pp_audio_sender_describe(audio->sender, &extensions);
    (void)pp_peer_send_rtp(&audio->head, packet, &extensions);
}

/* A media thread has encoded something. */
static void encoded(void *arg)
{
    pp_audio *audio = arg;
    pp_peer *peer = audio->head.peer;
    pp_rtp packet;

    if (!is_open(audio))
        return;
    pp_peer_hold(peer);
    pp_transceiver_ref(&audio->head);
    while (is_open(audio) && pp_audio_sender_take(audio->sender, is_sending(audio), &packet))
        send_made(audio, 0, &packet);
    pp_transceiver_unref(&audio->head);
    pp_peer_release(peer);
}

/* --- made for what was agreed ------------------------------------------------------------------ */

static int new_sender(pp_audio *audio, pp_audio_sender **out)
{
    const pp_rng *rng = &audio->head.peer->loop->rng;
    const pp_audio_format *format = &pp_audio_terms(audio->head.now.agreed)->formats[0];
    const pp_audio_sender_options options = {
        .codec = format->codec,
        .payload_type = format->payload_type,
        .packet_ms = pp_audio_terms(audio->head.now.agreed)->packet_ms,
        .comfort_payload_type = audio->head.peer->comfort_noise
                                    ? pp_audio_terms(audio->head.now.agreed)->comfort_payload_type
                                    : 0,
        .channels = pp_audio_terms(audio->head.now.agreed)->channels,
        .remote_fmtp = pp_str_c(format->fmtp),
        .opus = audio->head.peer->opus,
        .event_payload_type = format->event_payload_type,
        .ssrc = audio->head.ssrc,
        /* no early wrap: SRTP's roll-over counter */
        .first_sequence = (uint16_t)(pp_rng_u32(rng) & 0x7FFF),
        .first_timestamp = pp_rng_u32(rng),
        .source = audio->hold_source ? audio->hold_source : audio->source,
        .pass = pass,
        .ready = encoded,
        .pass_arg = audio,
        .loop = audio->head.peer->loop,
    };
    int err = pp_audio_sender_new(&options, out);

    if (!err)
        pp_audio_sender_set_muted(*out, audio->muted);
    return err;
}

/* A media thread has decoded something. */
static void decoded(void *arg)
{
    pp_audio *audio = arg;
    pp_peer *peer = audio->head.peer;

    if (!is_open(audio))
        return;
    pp_peer_hold(peer);
    pp_transceiver_ref(&audio->head);
    while (is_open(audio) && pp_audio_player_go_on(audio->player, pp_loop_now_us(peer->loop)))
        ;
    pp_transceiver_unref(&audio->head);
    pp_peer_release(peer);
}

static int new_player(pp_audio *audio, pp_audio_player **out)
{
    const pp_audio_agreed *agreed = pp_audio_terms(audio->head.now.agreed);
    struct pp_receive_codec codecs[PP_PEER_CODECS];
    const pp_audio_player_options options = {
        .receiver = {.codecs = codecs,
                     .codec_count = agreed->count,
                     .sink = audio->sink,
                     .comfort_payload_type = agreed->comfort_payload_type,
                     .channels = audio->head.peer->opus.stereo ? 2 : 1,
                     .capture = &audio->head.capture},
        .ready = decoded,
        .arg = audio,
        .loop = audio->head.peer->loop,
    };

    for (size_t i = 0; i < agreed->count; i++) {
        codecs[i].payload_type = agreed->formats[i].payload_type;
        codecs[i].codec = agreed->formats[i].codec;
    }
    return pp_audio_player_new(&options, out);
}

/* The same codecs under the same numbers: sender and receiver go on as they are over a re-offer. */
static bool still_fits(const pp_audio *audio)
{
    const pp_audio_agreed *old = pp_audio_terms(audio->applied);
    const pp_audio_agreed *new = pp_audio_terms(audio->head.now.agreed);

    if (!old || old->count != new->count || old->channels != new->channels ||
        old->comfort_payload_type != new->comfort_payload_type)
        return false;
    for (size_t i = 0; i < new->count; i++)
        if (old->formats[i].codec != new->formats[i].codec ||
            old->formats[i].payload_type != new->formats[i].payload_type ||
            old->formats[i].event_payload_type != new->formats[i].event_payload_type)
            return false;
    return true;
}

static int apply(pp_transceiver *transceiver)
{
    pp_audio *audio = pp_audio_of(transceiver);
    pp_audio_sender *sender = NULL;
    pp_audio_player *player = NULL;
    int err;

    if (still_fits(audio)) {
        pp_audio_sender_set_packet_ms(audio->sender,
                                      pp_audio_terms(transceiver->now.agreed)->packet_ms);
        return 0;
    }
    err = new_sender(audio, &sender);
    if (!err)
        err = new_player(audio, &player);
    if (err) {
        pp_audio_sender_free(sender);
        return err;
    }
    pp_audio_sender_free(audio->sender);
    pp_audio_player_free(audio->player);
    pp_agreed_unref(audio->applied);
    audio->sender = sender;
    audio->player = player;
    audio->applied = pp_agreed_ref(transceiver->now.agreed);
    return 0;
}

/* For the same far end's offer: what is muted stays so. */
static int copy(const pp_transceiver *from, pp_transceiver *to)
{
    pp_audio_of(to)->muted = ((const pp_audio *)(const void *)from)->muted;
    return 0;
}

static void release(pp_transceiver *transceiver)
{
    pp_audio *audio = pp_audio_of(transceiver);

    pp_audio_sender_free(audio->sender);
    pp_audio_player_free(audio->player);
    pp_agreed_unref(audio->applied);
    pp_free(audio->codecs);
    pipit_source_unref(audio->source);
    pipit_source_unref(audio->hold_source);
    pipit_sink_unref(audio->sink);
}

/* --- sound ------------------------------------------------------------------------------------ */

static void report_tone(pp_audio *audio, char tone, uint32_t duration)
{
    const pp_audio_agreed *agreed = pp_audio_terms(audio->head.now.agreed);
    uint32_t clock_rate = agreed ? agreed->formats[0].codec->clock_rate : 8000;
    unsigned duration_ms = (unsigned)((uint64_t)duration * 1000 / clock_rate);
    pp_peer *peer = audio->head.peer;

    pp_front_tone(peer, tone, duration_ms);
    peer->handlers->dtmf(peer->arg, tone, duration_ms);
}

/* The format a payload type stands for, as sound, or as a tone or a silence beside it; NULL: none. */
static const pp_audio_format *format_of(const pp_audio_agreed *agreed, int payload_type,
                                        bool *is_event)
{
    *is_event = true;
    for (size_t i = 0; i < agreed->count; i++)
        if (agreed->formats[i].event_payload_type == payload_type)
            return &agreed->formats[i];
    *is_event = false;
    for (size_t i = 0; i < agreed->count; i++)
        if (agreed->formats[i].payload_type == payload_type ||
            (agreed->comfort_payload_type && agreed->comfort_payload_type == payload_type &&
             agreed->formats[i].codec->sample_rate == PP_COMFORT_RATE))
            return &agreed->formats[i];
    return NULL;
}

/* What passes through is not decoded: there the far end's word counts. */
static void note_level(pp_audio *audio, const pp_rtp *packet)
{
    pp_rtp_extensions extensions;

    if (!(audio->head.now.extensions >> PP_EXTENSION_LEVEL & 1) ||
        !pp_audio_player_rests(audio->player))
        return;
    pp_rtp_extensions_read(packet, &audio->head.peer->terms.extensions, &extensions);
    if (extensions.has[PP_EXTENSION_LEVEL])
        audio->heard_db = PP_LEVEL_SILENCE - extensions.level;
}

static void take(pp_transceiver *transceiver, const pp_rtp *packet)
{
    pp_audio *audio = pp_audio_of(transceiver);
    pp_peer *peer = transceiver->peer;
    bool is_event;
    const pp_audio_format *format =
        format_of(pp_audio_terms(transceiver->now.agreed), packet->payload_type, &is_event);
    uint64_t now = pp_loop_now_us(peer->loop);
    uint32_t duration;
    char tone;

    if (!format) {
        peer->discarded++;
        return;
    }
    pp_transceiver_count(transceiver, packet, format->codec->clock_rate);
    /* Tones too: the buffer leaves them out, but their numbers would count as lost sound. */
    if (audio->player && !peer->held && pp_direction_receives(transceiver->now.direction)) {
        note_level(audio, packet);
        (void)pp_audio_player_add(audio->player, packet, now);
    }
    if (is_event) /* its end may not come */
        pp_peer_wake(peer);
    if (is_event && pp_dtmf_receiver_add(&audio->dtmf, packet, now, &tone, &duration))
        report_tone(audio, tone, duration);
}

static void send_frame(pp_audio *audio)
{
    pp_rtp packet;
    int err = pp_audio_sender_step(audio->sender, is_sending(audio), &packet);

    send_made(audio, err, &packet);
}

static void step(pp_transceiver *transceiver, uint64_t now_us)
{
    pp_audio *audio = pp_audio_of(transceiver);
    uint32_t duration;
    char tone;

    if (audio->sender)
        send_frame(audio);
    if (is_open(audio) && audio->player)
        pp_audio_player_step(audio->player, now_us);
    if (is_open(audio) && pp_dtmf_receiver_tick(&audio->dtmf, now_us, &tone, &duration))
        report_tone(audio, tone, duration);
}

static void half_step(pp_transceiver *transceiver)
{
    pp_audio *audio = pp_audio_of(transceiver);
    pp_rtp packet;
    int err = pp_audio_sender_half_step(audio->sender, is_sending(audio), &packet);

    send_made(audio, err, &packet);
}

static bool has_half_step(const pp_transceiver *transceiver)
{
    const pp_audio *audio = (const pp_audio *)(const void *)transceiver;

    return audio->sender && pp_audio_sender_has_halves(audio->sender);
}

/* What passes through encoded needs no clock, but for tones. */
static bool rests(const pp_transceiver *transceiver)
{
    const pp_audio *audio = (const pp_audio *)(const void *)transceiver;

    return (!audio->sender || pp_audio_sender_rests(audio->sender)) &&
           (!audio->player || pp_audio_player_rests(audio->player)) &&
           (!audio->dtmf.started || audio->dtmf.reported);
}

static void reported(pp_transceiver *transceiver, const pp_report_block *block)
{
    pp_audio *audio = pp_audio_of(transceiver);

    if (!audio->sender)
        return;
    pp_audio_sender_set_expected_loss(audio->sender, transceiver->sent.remote_fraction_lost);
    pp_audio_sender_reported(audio->sender, (uint16_t)block->highest_sequence);
}

static uint32_t timestamp(const pp_transceiver *transceiver)
{
    const pp_audio *audio = (const pp_audio *)(const void *)transceiver;

    return audio->sender ? pp_audio_sender_timestamp(audio->sender) : 0;
}

static uint32_t clock_rate(const pp_transceiver *transceiver)
{
    return pp_audio_terms(transceiver->now.agreed)->formats[0].codec->clock_rate;
}

/* --- RTCP beside reports ----------------------------------------------------------------------- */

/* Who sends as well has round trips from reports. */
static void append(pp_transceiver *transceiver, pp_buf *compound)
{
    const pipit_loop *loop = transceiver->peer->loop;

    if (transceiver->has_received && !pp_direction_sends(transceiver->now.direction))
        pp_feedback_reference_time(compound, transceiver->ssrc,
                                   pp_ntp_from_wall(pp_loop_wall_us(loop)));
    pp_reference_answer(&transceiver->reference, transceiver->ssrc, pp_loop_now_us(loop), compound);
}

static void on_reference_time(void *arg, uint32_t from_ssrc, uint64_t ntp)
{
    pp_transceiver *transceiver = arg;

    pp_reference_heard(&transceiver->reference, from_ssrc, ntp,
                       pp_loop_now_us(transceiver->peer->loop));
}

static void on_reference_reply(void *arg, uint32_t about_ssrc, uint32_t last_rr, uint32_t delay)
{
    pp_transceiver *transceiver = arg;

    if (about_ssrc == transceiver->ssrc)
        pp_reference_answered(&transceiver->reference, last_rr, delay,
                              pp_loop_wall_us(transceiver->peer->loop));
}

static const pp_rtcp_handlers rtcp = {.reference_time = on_reference_time,
                                      .reference_reply = on_reference_reply};

const pp_kind pp_audio_kind = {
    .name = "audio",
    .protocol = "UDP/TLS/RTP/SAVPF",
    .size = sizeof(pp_audio),
    .extensions = 1u << PP_EXTENSION_MID | 1u << PP_EXTENSION_LEVEL,
    .is_rtp = true,
    .negotiate = pp_audio_negotiate,
    .describe = pp_audio_describe,
    .apply = apply,
    .copy = copy,
    .take = take,
    .step = step,
    .half_step = half_step,
    .has_half_step = has_half_step,
    .rests = rests,
    .rtcp = &rtcp,
    .append = append,
    .reported = reported,
    .timestamp = timestamp,
    .clock_rate = clock_rate,
    .measure = pp_audio_measure,
    .free = release,
};

/* --- the application's ends ------------------------------------------------------------------- */

int pp_audio_choose_codecs(pp_audio *audio, const char *names)
{
    pp_codec_list *list = NULL;
    int err = 0;

    if (names) {
        list = PP_NEW(pp_codec_list);
        err = list ? pp_codec_list_choose(names, list) : PIPIT_ERR_MEMORY;
    }
    if (err) {
        pp_free(list);
        return err;
    }
    pp_free(audio->codecs);
    audio->codecs = list;
    return 0;
}

void pp_audio_mute(pp_audio *audio, bool muted)
{
    audio->muted = muted;
    if (audio->sender)
        pp_audio_sender_set_muted(audio->sender, muted);
}

int pp_audio_hold(pp_audio *audio, bool held, pipit_source *source)
{
    pipit_source *playing = held && source ? source : audio->source;
    int err = audio->sender ? pp_audio_sender_set_source(audio->sender, playing) : 0;

    if (err)
        return err;
    pipit_source_unref(audio->hold_source);
    audio->hold_source = held ? pipit_source_ref(source) : NULL;
    pp_peer_wake(audio->head.peer);
    return 0;
}

int pp_audio_set_stream(pp_audio *audio, const pipit_media_stream *stream)
{
    bool music = audio->head.peer->held && audio->hold_source;
    int err = audio->player ? pp_audio_player_set_sink(audio->player, stream->audio_sink) : 0;

    if (!err && audio->sender && !music) {
        err = pp_audio_sender_set_source(audio->sender, stream->audio_source);
        if (err && pp_audio_player_set_sink(audio->player, audio->sink) < 0)
            (void)pp_audio_player_set_sink(audio->player, NULL); /* it may be gone soon */
    }
    if (err)
        return err;
    pipit_source_ref(stream->audio_source);
    pipit_sink_ref(stream->audio_sink);
    pipit_source_unref(audio->source);
    pipit_sink_unref(audio->sink);
    audio->source = stream->audio_source;
    audio->sink = stream->audio_sink;
    pp_peer_wake(audio->head.peer);
    return 0;
}

int pp_audio_send_dtmf(pp_audio *audio, char tone, unsigned duration_ms, unsigned gap_ms)
{
    if (!audio->sender)
        return pp_error(PIPIT_ERR_STATE, "dtmf: there is no media path yet");
    pp_peer_wake(audio->head.peer);
    return pp_audio_sender_dtmf(audio->sender, tone, duration_ms, gap_ms);
}
