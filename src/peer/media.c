/* media.c - RTP and RTCP of a peer connection: protected, paced every 20 ms, reported on. */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

#define FRAME_US (PP_FRAME_MS * 1000u)
#define LATE_FRAMES_US                                                                             \
    (10u * FRAME_US) /* behind by more, the clock starts anew instead of a burst */
#define REPORT_MS                                                                                  \
    2500u /* RFC 4585 section 3.5.1: sooner than RFC 3550's 5 s, within 5 % of a voice stream */
#define FIRST_REPORT_MS 500u /* so that a round trip is known early */

/* --- what goes
 * -------------------------------------------------------------------------------------------------
 */

/* Protects what stands in peer->packet and sends it. */
static int send_protected(pp_peer *peer, bool rtcp)
{
    size_t size = peer->packet.n;
    uint8_t *packet;
    int err;

    (void)pp_buf_room(&peer->packet, PP_SRTP_OVERHEAD);
    err = pp_buf_error(&peer->packet);
    if (err)
        return err;
    packet = (uint8_t *)peer->packet.p;
    err = rtcp ? pp_srtp_protect_rtcp(peer->protect, packet, &size, peer->packet.n)
               : pp_srtp_protect(peer->protect, packet, &size, peer->packet.n);
    return err ? err : pp_ice_send(peer->ice[PP_PEER_ICE_USED], packet, size);
}

static void send_frame(pp_peer *peer)
{
    bool silent = peer->held && !peer->hold_source;
    bool sending = !silent && peer->state == PP_PEER_CONNECTED &&
                   pp_direction_sends(peer->terms.audio.direction);
    pp_rtp packet;

    /* The source may have ended the call. */
    if (pp_audio_sender_step(peer->sender, sending, &packet) < 0 || !packet.size || peer->closed)
        return;
    pp_buf_clear(&peer->packet);
    pp_rtp_write(&packet, &peer->packet);
    if (send_protected(peer, false) < 0)
        return;
    peer->stats.packets_sent++;
    peer->stats.bytes_sent += packet.size;
}

static void send_report(pp_peer *peer, bool bye)
{
    uint64_t now = pp_loop_now_us(peer->loop);
    pp_report_block block;
    pp_sender_info info = {
        .ntp = pp_ntp_from_wall(pp_loop_wall_us(peer->loop)),
        .rtp_timestamp = peer->sender ? pp_audio_sender_timestamp(peer->sender) : 0,
        .packets = (uint32_t)peer->stats.packets_sent,
        .octets = (uint32_t)peer->stats.bytes_sent,
    };

    if (peer->has_received)
        pp_rtcp_report(&peer->received, now, &block);
    pp_buf_clear(&peer->packet);
    pp_rtcp_write(&peer->packet, peer->ssrc, peer->stats.packets_sent ? &info : NULL,
                  peer->has_received ? &block : NULL, peer->cname, bye);
    (void)send_protected(peer, true);
}

static void report_due(void *arg)
{
    pp_peer *peer = arg;

    /* Between half and one and a half times the interval, so that reports do not march in step (RFC
     * 3550 section 6.3.5). */
    pp_loop_start_timer(peer->loop, &peer->reports,
                        REPORT_MS / 2 + pp_rng_below(&peer->loop->rng, REPORT_MS), report_due,
                        peer);
    if (peer->state == PP_PEER_CONNECTED)
        send_report(peer, false);
}

/* --- what comes
 * ------------------------------------------------------------------------------------------------
 */

/* Which of our formats a telephone-event payload type belongs to; NULL when it is none. */
static const pp_peer_format *event_format(const pp_peer *peer, uint8_t payload_type)
{
    for (size_t i = 0; i < peer->terms.audio.format_count; i++)
        if (peer->terms.audio.event_payload_type[i] == payload_type)
            return &peer->terms.audio.formats[i];
    return NULL;
}

static const pp_peer_format *sound_format(const pp_peer *peer, uint8_t payload_type)
{
    for (size_t i = 0; i < peer->terms.audio.format_count; i++)
        if (peer->terms.audio.formats[i].payload_type == payload_type)
            return &peer->terms.audio.formats[i];
    return NULL;
}

static void report_tone(pp_peer *peer, char tone, uint32_t duration)
{
    uint32_t clock_rate =
        peer->terms.audio.format_count ? peer->terms.audio.formats[0].codec->clock_rate : 8000;

    peer->handlers->dtmf(peer->arg, tone, (unsigned)((uint64_t)duration * 1000 / clock_rate));
}

static void take_packet(pp_peer *peer, const pp_rtp *packet)
{
    const pp_peer_format *event = event_format(peer, packet->payload_type);
    const pp_peer_format *sound = sound_format(peer, packet->payload_type);
    uint64_t now = pp_loop_now_us(peer->loop);
    uint32_t duration;
    char tone;

    if (!event && !sound) {
        peer->discarded++;
        return;
    }
    if (!peer->has_received || peer->received.ssrc != packet->ssrc) {
        pp_rtp_receiver_init(&peer->received, packet->ssrc,
                             (event ? event : sound)->codec->clock_rate);
        peer->has_received = true;
    }
    (void)pp_rtp_receiver_add(&peer->received, packet, now);
    peer->stats.packets_received++;
    peer->stats.bytes_received += packet->size;
    /* Tones too: the buffer leaves them out, but their numbers would count as lost sound. */
    if (peer->receiver && !peer->held && pp_direction_receives(peer->terms.audio.direction))
        (void)pp_audio_receiver_add(peer->receiver, packet, now);
    if (event && pp_dtmf_receiver_add(&peer->dtmf, packet, now, &tone, &duration))
        report_tone(peer, tone, duration);
}

static void sender_report(void *arg, uint32_t ssrc, const pp_sender_info *info)
{
    pp_peer *peer = arg;

    if (!peer->has_received || peer->received.ssrc != ssrc)
        return;
    peer->received.last_sr = (uint32_t)(info->ntp >> 16);
    peer->received.last_sr_at_us = pp_loop_now_us(peer->loop);
}

static void report_block(void *arg, uint32_t from_ssrc, const pp_report_block *block)
{
    pp_peer *peer = arg;
    uint64_t round_trip_us;

    (void)from_ssrc;
    if (block->ssrc != peer->ssrc || !peer->terms.audio.format_count)
        return;
    peer->stats.remote_fraction_lost = block->fraction_lost / 256.0;
    peer->stats.remote_jitter_ms =
        block->jitter * 1000.0 / peer->terms.audio.formats[0].codec->clock_rate;
    if (pp_rtcp_round_trip_us(block, pp_loop_wall_us(peer->loop), &round_trip_us))
        peer->stats.round_trip_time_ms = (double)round_trip_us / 1000;
    if (peer->sender)
        pp_audio_sender_set_expected_loss(peer->sender, peer->stats.remote_fraction_lost);
}

static const pp_rtcp_handlers rtcp_handlers = {.sender_report = sender_report,
                                               .report_block = report_block};

void pp_peer_take_rtp(pp_peer *peer, uint8_t *data, size_t size)
{
    bool rtcp = pp_rtcp_is(data, size);
    pp_rtp packet;
    int err = PIPIT_ERR_STATE;

    if (peer->unprotect)
        err = rtcp ? pp_srtp_unprotect_rtcp(peer->unprotect, data, &size)
                   : pp_srtp_unprotect(peer->unprotect, data, &size);
    if (!err && rtcp)
        err = pp_rtcp_parse(data, size, &rtcp_handlers, peer);
    else if (!err)
        err = pp_rtp_parse(data, size, &packet);
    if (err)
        peer->discarded++;
    else if (!rtcp)
        take_packet(peer, &packet);
}

/* --- the 20 ms clock -------------------------------------------------------------------------- */

static void frame_due(void *arg)
{
    pp_peer *peer = arg;
    uint64_t now = pp_loop_now_us(peer->loop);
    uint32_t duration;
    char tone;

    pp_peer_hold(peer);
    if (now > peer->next_frame_us + LATE_FRAMES_US)
        peer->next_frame_us = now;
    peer->next_frame_us += FRAME_US;
    pp_loop_start_timer_us(peer->loop, &peer->frames,
                           peer->next_frame_us > now ? peer->next_frame_us - now : 0, frame_due,
                           peer);
    if (peer->sender)
        send_frame(peer);
    if (!peer->closed && peer->receiver)
        pp_audio_receiver_step(peer->receiver, now);
    if (!peer->closed && pp_dtmf_receiver_tick(&peer->dtmf, now, &tone, &duration))
        report_tone(peer, tone, duration);
    pp_peer_release(peer);
}

static int new_sender(pp_peer *peer, pp_audio_sender **out)
{
    const pp_peer_format *format = &peer->terms.audio.formats[0];
    const pp_audio_sender_options options = {
        .codec = format->codec,
        .payload_type = format->payload_type,
        .remote_fmtp = pp_str_c(format->fmtp),
        .opus = peer->opus,
        .event_payload_type = peer->terms.audio.event_payload_type[0],
        .ssrc = peer->ssrc,
        .first_sequence = (uint16_t)(pp_rng_u32(&peer->loop->rng) &
                                     0x7FFF), /* no early wrap: SRTP's roll-over counter */
        .first_timestamp = pp_rng_u32(&peer->loop->rng),
        .source = peer->hold_source ? peer->hold_source : peer->source,
    };
    int err = pp_audio_sender_new(&options, out);

    if (!err)
        pp_audio_sender_set_muted(*out, peer->muted);
    return err;
}

static int new_receiver(pp_peer *peer, pp_audio_receiver **out)
{
    struct pp_receive_codec codecs[PP_PEER_CODECS];
    pp_audio_receiver_options options = {
        .codecs = codecs, .codec_count = peer->terms.audio.format_count, .sink = peer->sink};

    for (size_t i = 0; i < peer->terms.audio.format_count; i++) {
        codecs[i].payload_type = peer->terms.audio.formats[i].payload_type;
        codecs[i].codec = peer->terms.audio.formats[i].codec;
    }
    return pp_audio_receiver_new(&options, out);
}

/* The same codecs under the same numbers: sender and receiver go on as they are over a re-offer. */
static bool still_fits(const pp_peer *peer)
{
    const pp_peer_audio *old = &peer->applied, *new = &peer->terms.audio;

    if (!peer->sender || !peer->receiver || old->format_count != new->format_count)
        return false;
    for (size_t i = 0; i < new->format_count; i++)
        if (old->formats[i].codec != new->formats[i].codec ||
            old->formats[i].payload_type != new->formats[i].payload_type ||
            old->event_payload_type[i] != new->event_payload_type[i])
            return false;
    return true;
}

int pp_peer_apply_audio(pp_peer *peer)
{
    pp_audio_sender *sender = NULL;
    pp_audio_receiver *receiver = NULL;
    const pp_codec_type *codec;
    int err;

    if (!peer->protect || !peer->terms.audio.agreed || still_fits(peer))
        return 0;
    err = new_sender(peer, &sender);
    if (!err)
        err = new_receiver(peer, &receiver);
    if (err) {
        pp_audio_sender_free(sender);
        return err;
    }
    pp_audio_sender_free(peer->sender);
    pp_audio_receiver_free(peer->receiver);
    peer->sender = sender;
    peer->receiver = receiver;
    peer->applied = peer->terms.audio;
    codec = peer->terms.audio.formats[0].codec;
    snprintf(peer->stats.codec, sizeof(peer->stats.codec),
             codec->channels > 1 ? "%s/%u/%u" : "%s/%u", codec->name, codec->clock_rate,
             codec->channels);
    return 0;
}

int pp_peer_start_media(pp_peer *peer, const pp_srtp_keys *keys)
{
    int err = pp_srtp_new(keys->profile, keys->local_key, keys->local_salt, &peer->protect);

    if (!err)
        err = pp_srtp_new(keys->profile, keys->remote_key, keys->remote_salt, &peer->unprotect);
    if (!err)
        err = pp_peer_apply_audio(peer);
    if (err)
        return err;
    snprintf(peer->stats.srtp_profile, sizeof(peer->stats.srtp_profile), "%s",
             pp_srtp_profile_name(keys->profile));
    peer->next_frame_us = pp_loop_now_us(peer->loop);
    pp_loop_start_timer(peer->loop, &peer->frames, 0, frame_due, peer);
    pp_loop_start_timer(peer->loop, &peer->reports, FIRST_REPORT_MS, report_due, peer);
    return 0;
}

void pp_peer_stop_media(pp_peer *peer)
{
    if (peer->protect && peer->ice[PP_PEER_ICE_USED])
        send_report(peer, true);
    pp_loop_stop_timer(peer->loop, &peer->frames);
    pp_loop_stop_timer(peer->loop, &peer->reports);
    peer->protect = pp_srtp_free(peer->protect);
    peer->unprotect = pp_srtp_free(peer->unprotect);
}
