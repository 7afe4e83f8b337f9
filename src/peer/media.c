/* media.c - RTP and RTCP of a peer connection: protected, handed to their sections, paced every 20 ms, reported on. */
#include "peer/inside.h"

#include "base/error.h"

#define FRAME_US (PP_FRAME_MS * 1000u)
#define LATE_FRAMES_US                                                                             \
    (10u * FRAME_US) /* behind by more, the clock starts anew instead of a burst */
#define REPORT_MS                                                                                  \
    2500u /* RFC 4585 section 3.5.1: sooner than RFC 3550's 5 s, within 5 % of a voice stream */
#define FIRST_REPORT_MS 500u /* so that a round trip is known early */

/* --- what goes -------------------------------------------------------------------------------- */

/* Protects what stands in `buf` and sends it. */
static int send_protected(pp_peer *peer, pp_buf *buf, bool rtcp)
{
    size_t size = buf->n;
    uint8_t *packet;
    int err;

    if (!pp_peer_has_keys(peer))
        return pp_error(PIPIT_ERR_STATE, "media: there is no path yet");
    if (!peer->protect)
        return pp_buf_error(buf) ? pp_buf_error(buf)
                                 : pp_peer_send(peer, (const uint8_t *)buf->p, buf->n);
    (void)pp_buf_room(buf, PP_SRTP_OVERHEAD);
    err = pp_buf_error(buf);
    if (err)
        return err;
    packet = (uint8_t *)buf->p;
    err = rtcp ? pp_srtp_protect_rtcp(peer->protect, packet, &size, buf->n)
               : pp_srtp_protect(peer->protect, packet, &size, buf->n);
    return err ? err : pp_peer_send(peer, packet, size);
}

/* RFC 3550 section 5.1; the extension has a word before it. */
static size_t header_size(const pp_rtp *packet)
{
    return 12 + (packet->extension_profile ? 4 + packet->extension_size : 0);
}

int pp_peer_send_rtp(pp_transceiver *transceiver, const pp_rtp *packet,
                     const pp_rtp_extensions *extensions)
{
    pp_peer *peer = transceiver->peer;
    pp_rtp_extension_ids ids = peer->terms.extensions;
    pp_rtp_extensions all = extensions ? *extensions : (pp_rtp_extensions){0};
    uint8_t space[PP_EXTENSION_SIZE_MAX];
    pp_rtp extended = *packet;
    int err;

    all.has[PP_EXTENSION_MID] = pp_peer_is_bundle(peer);
    all.mid = pp_str_c(transceiver->now.mid);
    for (unsigned i = 0; i < PP_EXTENSION_COUNT; i++)
        if (!(transceiver->now.extensions >> i & 1))
            ids.of[i] = 0;
    pp_rtp_extensions_write(&all, &ids, space, &extended);
    pp_buf_clear(&peer->packet);
    pp_rtp_write(&extended, &peer->packet);
    err = send_protected(peer, &peer->packet, false);
    if (err)
        return err;
    if (packet->ssrc == transceiver->ssrc) { /* reports are about the stream itself */
        transceiver->sent.packets++;
        transceiver->sent.bytes += packet->size;
        transceiver->sent.header_bytes += header_size(&extended);
    }
    return 0;
}

int pp_peer_send_rtcp(pp_peer *peer, pp_buf *compound)
{
    if (peer->terms.no_rtcp)
        return 0;
    return send_protected(peer, compound, true);
}

static void send_report(pp_transceiver *transceiver, bool bye)
{
    pp_peer *peer = transceiver->peer;
    uint64_t now = pp_loop_now_us(peer->loop);
    pp_report_block block;
    pp_sender_info info = {
        .ntp = pp_ntp_from_wall(pp_loop_wall_us(peer->loop)),
        .rtp_timestamp = transceiver->kind->timestamp(transceiver),
        .packets = (uint32_t)transceiver->sent.packets,
        .octets = (uint32_t)transceiver->sent.bytes,
    };

    if (transceiver->has_received)
        pp_rtcp_report(&transceiver->received, now, &block);
    pp_buf_clear(&peer->packet);
    pp_rtcp_write(&peer->packet, transceiver->ssrc, transceiver->sent.packets ? &info : NULL,
                  transceiver->has_received ? &block : NULL, peer->cname, bye);
    if (transceiver->kind->append && !bye)
        transceiver->kind->append(transceiver, &peer->packet);
    (void)pp_peer_send_rtcp(peer, &peer->packet);
}

static void send_reports(pp_peer *peer, bool bye)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->kind->is_rtp && pp_transceiver_is_agreed(peer->transceivers[i]))
            send_report(peer->transceivers[i], bye);
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
        send_reports(peer, false);
}

/* --- what comes ------------------------------------------------------------------------------- */

void pp_transceiver_count(pp_transceiver *transceiver, const pp_rtp *packet, uint32_t clock_rate)
{
    if (!transceiver->has_received || transceiver->received.ssrc != packet->ssrc) {
        pp_rtp_receiver_init(&transceiver->received, packet->ssrc, clock_rate);
        transceiver->has_received = true;
        transceiver->has_sender_info = false;
        transceiver->reports_received = 0;
        transceiver->capture = (pp_capture){.clock_rate = clock_rate};
    }
    transceiver->received_at_us = pp_loop_now_us(transceiver->peer->loop);
    pp_capture_packet(&transceiver->capture, packet->timestamp, transceiver->received_at_us);
    (void)pp_rtp_receiver_add(&transceiver->received, packet, transceiver->received_at_us);
    transceiver->packets_received++;
    transceiver->bytes_received += packet->size;
    transceiver->header_bytes_received += packet->overhead;
}

static void take_packet(pp_peer *peer, const pp_rtp *packet)
{
    pp_transceiver *transceiver = pp_peer_rtp_is_for(peer, packet);

    if (transceiver && transceiver->kind->take)
        transceiver->kind->take(transceiver, packet);
    else
        peer->discarded++;
}

/* Streams of one sender have one clock. */
static void join_captures(const pp_peer *peer, pp_capture *capture)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (&peer->transceivers[i]->capture != capture)
            pp_capture_join(capture, &peer->transceivers[i]->capture);
}

static void sender_report(void *arg, uint32_t ssrc, const pp_sender_info *info)
{
    pp_peer *peer = arg;

    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (!transceiver->has_received || transceiver->received.ssrc != ssrc)
            continue;
        transceiver->sender_info = *info;
        transceiver->has_sender_info = true;
        transceiver->reports_received++;
        transceiver->received.last_sr = (uint32_t)(info->ntp >> 16);
        transceiver->received.last_sr_at_us = pp_loop_now_us(peer->loop);
        pp_capture_report(&transceiver->capture, info, transceiver->received.last_sr_at_us);
        join_captures(peer, &transceiver->capture);
    }
}

static void cname(void *arg, uint32_t ssrc, pp_str name)
{
    pp_peer *peer = arg;

    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (!transceiver->has_received || transceiver->received.ssrc != ssrc)
            continue;
        pp_capture_named(&transceiver->capture, name);
        join_captures(peer, &transceiver->capture);
    }
}

static void take_report(pp_transceiver *transceiver, const pp_report_block *block)
{
    pp_sent *sent = &transceiver->sent;
    uint64_t round_trip_us;

    sent->remote_fraction_lost = block->fraction_lost / 256.0;
    sent->remote_jitter_ms = block->jitter * 1000.0 / transceiver->kind->clock_rate(transceiver);
    sent->remote_lost = block->cumulative_lost;
    if (pp_rtcp_round_trip_us(block, pp_loop_wall_us(transceiver->peer->loop), &round_trip_us)) {
        sent->round_trip_ms = (double)round_trip_us / 1000;
        sent->total_round_trip_s += (double)round_trip_us / 1e6;
        sent->round_trips++;
    }
    if (transceiver->kind->reported)
        transceiver->kind->reported(transceiver, block);
}

static void report_block(void *arg, uint32_t from_ssrc, const pp_report_block *block)
{
    pp_peer *peer = arg;

    (void)from_ssrc;
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->ssrc == block->ssrc && peer->transceivers[i]->kind->is_rtp &&
            pp_transceiver_is_agreed(peer->transceivers[i]))
            take_report(peer->transceivers[i], block);
}

static const pp_rtcp_handlers rtcp_handlers = {
    .sender_report = sender_report, .report_block = report_block, .cname = cname};

/* A kind's own feedback. */
static void take_feedback(pp_peer *peer, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->kind->rtcp && pp_transceiver_is_agreed(transceiver))
            (void)pp_rtcp_parse(data, size, transceiver->kind->rtcp, transceiver);
    }
}

bool pp_peer_take_rtp(pp_peer *peer, uint8_t *data, size_t size)
{
    bool rtcp = pp_rtcp_is(data, size);
    pp_rtp packet;
    int err = pp_peer_has_keys(peer) ? 0 : PIPIT_ERR_STATE;

    if (peer->unprotect)
        err = rtcp ? pp_srtp_unprotect_rtcp(peer->unprotect, data, &size)
                   : pp_srtp_unprotect(peer->unprotect, data, &size);
    if (!err && rtcp)
        err = pp_rtcp_parse(data, size, &rtcp_handlers, peer);
    if (!err && rtcp)
        take_feedback(peer, data, size);
    else if (!err)
        err = pp_rtp_parse(data, size, &packet);
    if (err)
        peer->discarded++;
    else if (!rtcp)
        take_packet(peer, &packet);
    return err == 0;
}

/* --- the 20 ms clock -------------------------------------------------------------------------- */

static void step_all(pp_peer *peer, uint64_t now)
{
    for (size_t i = 0; i < peer->transceiver_count && !peer->closed; i++) {
        pp_transceiver *transceiver = pp_transceiver_ref(peer->transceivers[i]);

        if (transceiver->kind->step && !transceiver->stopped)
            transceiver->kind->step(transceiver, now);
        pp_transceiver_unref(transceiver);
    }
}

static bool all_rest(const pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        const pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->kind->step &&
            !(transceiver->kind->rests && transceiver->kind->rests(transceiver)))
            return false;
    }
    return true;
}

static bool has_half_step(const pp_transceiver *transceiver)
{
    return transceiver->kind->has_half_step && !transceiver->stopped &&
           transceiver->kind->has_half_step(transceiver);
}

static bool any_has_half_step(const pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (has_half_step(peer->transceivers[i]))
            return true;
    return false;
}

static void frame_due(void *arg);

static void arm(pp_peer *peer, uint64_t at_us)
{
    uint64_t now = pp_loop_now_us(peer->loop);

    pp_loop_start_timer_us(peer->loop, &peer->frames, at_us > now ? at_us - now : 0, frame_due,
                           peer);
}

/* Nothing of the application's is called in here. */
static void make_half_steps(pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (has_half_step(peer->transceivers[i]))
            peer->transceivers[i]->kind->half_step(peer->transceivers[i]);
}

static void make_steps(pp_peer *peer)
{
    uint64_t now = pp_loop_now_us(peer->loop);

    pp_peer_hold(peer);
    if (now > peer->next_frame_us + LATE_FRAMES_US)
        peer->next_frame_us = now;
    peer->next_frame_us += FRAME_US;
    arm(peer, peer->next_frame_us);
    step_all(peer, now);
    if (!peer->closed && any_has_half_step(peer)) {
        peer->half_due = true;
        arm(peer, peer->next_frame_us - FRAME_US / 2);
    } else if (!peer->closed && all_rest(peer)) {
        pp_loop_stop_timer(peer->loop, &peer->frames);
    }
    pp_peer_release(peer);
}

static void frame_due(void *arg)
{
    pp_peer *peer = arg;

    if (!peer->half_due) {
        make_steps(peer);
        return;
    }
    peer->half_due = false;
    make_half_steps(peer);
    arm(peer, peer->next_frame_us);
}

void pp_peer_wake(pp_peer *peer)
{
    if (!peer->clock_runs || peer->closed || peer->frames.armed)
        return;
    peer->next_frame_us = pp_loop_now_us(peer->loop);
    pp_loop_start_timer(peer->loop, &peer->frames, 0, frame_due, peer);
}

int pp_peer_start_media(pp_peer *peer, const pp_srtp_keys *keys)
{
    int err = pp_srtp_new(keys->profile, keys->local_key, keys->local_salt, &peer->protect);

    if (!err)
        err = pp_srtp_new(keys->profile, keys->remote_key, keys->remote_salt, &peer->unprotect);
    if (err)
        return err;
    peer->profile = keys->profile;
    return pp_peer_start_clock(peer);
}

int pp_peer_start_clock(pp_peer *peer)
{
    int err = pp_peer_apply(peer);

    if (err || peer->clock_runs)
        return err;
    peer->clock_runs = true;
    pp_peer_wake(peer);
    pp_loop_start_timer(peer->loop, &peer->reports, FIRST_REPORT_MS, report_due, peer);
    return 0;
}

void pp_peer_stop_media(pp_peer *peer)
{
    if (pp_peer_has_keys(peer))
        send_reports(peer, true);
    peer->clock_runs = false;
    peer->half_due = false;
    pp_loop_stop_timer(peer->loop, &peer->frames);
    pp_loop_stop_timer(peer->loop, &peer->reports);
    peer->protect = pp_srtp_free(peer->protect);
    peer->unprotect = pp_srtp_free(peer->unprotect);
}
