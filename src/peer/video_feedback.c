/* video_feedback.c - the RTCP of a video section: what we ask and tell as a receiver, and what is asked of us. It goes in packets of
 * reduced size (RFC 5506). */
#include "base/alloc.h"
#include "peer/inside.h"
#include "peer/video.h"

enum {
    ARRIVALS_US = 100000, /* between two tellings of what arrived: ten a second, as browsers do */
    CLOCK_US = 1000000,   /* of our time as a receiver */
    ROUND_TRIP_GUESS_US = 100000
};

/* --- asked and told by us --------------------------------------------------------------------- */

static unsigned feedback_agreed(const pp_video *video)
{
    const pp_video_agreed *agreed = pp_video_terms(video->head.now.agreed);

    return agreed ? agreed->formats[0].feedback : 0;
}

uint64_t pp_video_round_trip_us(const pp_video *video)
{
    double ms = pp_transceiver_round_trip_ms(&video->head);

    return ms >= 0 ? (uint64_t)(ms * 1000) : ROUND_TRIP_GUESS_US;
}

/* Who has got a packet to send is sent again, or a key frame, has to be asked at once; the rest can wait. */
static void tell_arrivals(pp_video *video, uint64_t now_us)
{
    const pp_feedback_ends ends = {video->head.ssrc, video->head.received.ssrc};

    if (now_us < video->arrivals_told_us + ARRIVALS_US)
        return;
    video->arrivals_told_us = now_us;
    while (video->feedback.n < PP_LIMIT_RTP_PACKET / 2 &&
           pp_arrivals_write(&video->arrivals, ends, &video->feedback))
        ;
}

/* --- a rate instead of arrivals, for far ends that know no better ------------------------------ */

static bool tells_rate(const pp_video *video)
{
    unsigned feedback = feedback_agreed(video);

    return feedback & PP_VIDEO_REMB && !(feedback & PP_VIDEO_TRANSPORT);
}

/* Without the time of sending that of the picture is near enough, unless the packet goes once more. */
static void add_to_rate(pp_video *video, const pp_rtp *packet, bool again, uint64_t now_us)
{
    pp_rtp_extensions extensions;

    if (!video->rate) {
        video->rate = PP_NEW(pp_receive_rate);
        if (!video->rate)
            return;
        pp_receive_rate_init(video->rate);
    }
    pp_rtp_extensions_read(packet, &video->head.peer->terms.extensions, &extensions);
    if (extensions.has[PP_EXTENSION_SEND_TIME])
        pp_receive_rate_add(video->rate, extensions.send_time << 8, 1u << 26, packet->size, now_us);
    else
        pp_receive_rate_add(video->rate, packet->timestamp, again ? 0 : PP_VIDEO_CLOCK,
                            packet->size, now_us);
}

void pp_video_note_arrival(pp_video *video, const pp_rtp *packet, bool again, uint64_t now_us)
{
    pp_rtp_extensions extensions;

    if (tells_rate(video)) {
        add_to_rate(video, packet, again, now_us);
        return;
    }
    pp_rtp_extensions_read(packet, &video->head.peer->terms.extensions, &extensions);
    if (extensions.has[PP_EXTENSION_TRANSPORT])
        pp_arrivals_add(&video->arrivals, extensions.transport_sequence, now_us);
}

static void tell_rate(pp_video *video, uint64_t now_us)
{
    const pp_feedback_ends ends = {video->head.ssrc, video->head.received.ssrc};
    uint32_t bits_a_second = 0;

    if (video->rate && tells_rate(video))
        bits_a_second = pp_receive_rate_due(video->rate, &video->head.received, now_us);
    if (bits_a_second)
        pp_feedback_max_bitrate(&video->feedback, ends, bits_a_second);
}

static void tell_clock(pp_video *video, uint64_t now_us)
{
    uint64_t wall_us = pp_loop_wall_us(video->loop);

    if (video->head.sent.packets || now_us < video->clock_told_us + CLOCK_US)
        return; /* a sender's reports do the same */
    video->clock_told_us = now_us;
    pp_feedback_reference_time(&video->feedback, video->head.ssrc, pp_ntp_from_wall(wall_us));
}

void pp_video_ask(pp_video *video, uint64_t now_us)
{
    pp_buf_clear(&video->feedback);
    if (video->receiver && video->head.has_received) {
        (void)pp_video_receiver_ask(video->receiver, now_us, pp_video_round_trip_us(video),
                                    video->head.ssrc, &video->feedback);
        if (feedback_agreed(video) & PP_VIDEO_TRANSPORT)
            tell_arrivals(video, now_us);
        tell_rate(video, now_us);
        tell_clock(video, now_us);
    }
    pp_reference_answer(&video->head.reference, video->head.ssrc, now_us, &video->feedback);
    if (video->feedback.n && !pp_buf_error(&video->feedback))
        (void)pp_peer_send_rtcp(video->head.peer, &video->feedback);
}

/* --- asked of us ------------------------------------------------------------------------------ */

static bool is_mine(const pp_video *video, uint32_t media_ssrc)
{
    return video->sender && video->head.ssrc == media_ssrc;
}

static void on_nack(void *arg, uint32_t media_ssrc, uint16_t sequence)
{
    pp_video *video = arg;

    if (!is_mine(video, media_ssrc))
        return;
    video->nacks_received++;
    pp_video_sender_again(video->sender, sequence, pp_loop_now_us(video->loop),
                          pp_video_round_trip_us(video));
}

static void on_picture_loss(void *arg, uint32_t media_ssrc)
{
    pp_video *video = arg;

    if (!is_mine(video, media_ssrc))
        return;
    video->picture_losses_received++;
    pp_video_sender_key_frame(video->sender);
}

/* RFC 5104 section 4.3.1.2: a request with the number of the last one is a repetition. The sender makes no more key frames for a
 * flood of them than for one. */
static void on_full_intra(void *arg, uint32_t media_ssrc, uint8_t sequence)
{
    pp_video *video = arg;

    (void)sequence;
    if (!is_mine(video, media_ssrc))
        return;
    video->full_intras_received++;
    pp_video_sender_key_frame(video->sender);
}

static void on_max_bitrate(void *arg, uint64_t bits_a_second)
{
    pp_video *video = arg;

    if (video->sender && feedback_agreed(video) & PP_VIDEO_REMB)
        pp_bandwidth_cap(pp_video_sender_bandwidth(video->sender), bits_a_second);
}

static void on_transport(void *arg, const uint8_t *body, size_t size)
{
    pp_video *video = arg;

    if (video->sender)
        (void)pp_bandwidth_feedback(pp_video_sender_bandwidth(video->sender), body, size,
                                    pp_loop_now_us(video->loop));
}

static void on_reference_time(void *arg, uint32_t from_ssrc, uint64_t ntp)
{
    pp_video *video = arg;

    pp_reference_heard(&video->head.reference, from_ssrc, ntp, pp_loop_now_us(video->loop));
}

static void on_reference_reply(void *arg, uint32_t about_ssrc, uint32_t last_rr, uint32_t delay)
{
    pp_video *video = arg;

    if (about_ssrc == video->head.ssrc)
        pp_reference_answered(&video->head.reference, last_rr, delay, pp_loop_wall_us(video->loop));
}

const pp_rtcp_handlers pp_video_rtcp = {
    .nack = on_nack,
    .picture_loss = on_picture_loss,
    .full_intra = on_full_intra,
    .max_bitrate = on_max_bitrate,
    .transport = on_transport,
    .reference_time = on_reference_time,
    .reference_reply = on_reference_reply,
};
