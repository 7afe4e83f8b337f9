/* video.h - the video kind of a section: its engine, and what is said and agreed about it. */
#ifndef PP_PEER_VIDEO_H
#define PP_PEER_VIDEO_H

#include "peer/transceiver.h"
#include "rtp/receive_rate.h"
#include "rtp/transport_feedback.h"
#include "video/sender.h"

typedef enum pp_video_feedback { /* a bit each: what the far end takes of ours, and gives */
                                 PP_VIDEO_NACK = 1,
                                 PP_VIDEO_PLI = 2,
                                 PP_VIDEO_FIR = 4,
                                 PP_VIDEO_REMB = 8,
                                 PP_VIDEO_TRANSPORT = 16
} pp_video_feedback;

typedef struct pp_video_agreed {
    pp_agreed head;
    size_t count;
    struct pp_video_agreed_format {
        pp_video_format format;
        unsigned feedback;
    } formats[PP_VIDEO_FORMATS]; /* the first is what we send */
} pp_video_agreed;

typedef struct pp_video {
    pp_transceiver head;
    pipit_loop *loop; /* a reference: the timer is stopped when there is no peer any more */
    pp_video_codec_list codecs;
    pipit_video_constraints constraints;
    pipit_video_source *source;
    pipit_video_sink *sink;
    bool muted;
    uint32_t rtx_ssrc;
    pp_video_sender *sender;
    pp_video_receiver *receiver;
    pp_agreed *applied; /* what they were made for */
    pp_timer clock;     /* of the sender */
    bool sending;       /* at the last tick */

    pp_arrivals arrivals;
    pp_receive_rate *rate; /* where the far end is told a rate instead; NULL: it is not */
    uint16_t transport_sequence;
    uint64_t arrivals_told_us, clock_told_us;
    uint64_t nacks_received, picture_losses_received, full_intras_received;
    pp_buf feedback;
} pp_video;

static inline pp_video *pp_video_of(pp_transceiver *transceiver)
{
    return (pp_video *)(void *)transceiver;
}

static inline const pp_video_agreed *pp_video_terms(const pp_agreed *agreed)
{
    return (const pp_video_agreed *)(const void *)agreed;
}

pp_video *pp_peer_video(const pp_peer *peer); /* the first; NULL */
void pp_video_set_ends(pp_video *video, pipit_video_source *source, pipit_video_sink *sink);
void pp_video_mute(pp_video *video, bool muted);
uint64_t pp_video_round_trip_us(const pp_video *video); /* a guess as long as it is not known */

/* video_terms.c */
int pp_video_negotiate(pp_transceiver *transceiver, const pp_sdp *sdp, const pp_sdp_media *media,
                       pp_agreed **out);
int pp_video_describe(const pp_transceiver *transceiver, const pp_agreed *agreed, pp_sdp *sdp,
                      pp_sdp_media *media);

/* video_feedback.c */
void pp_video_note_arrival(pp_video *video, const pp_rtp *packet, bool again, uint64_t now_us);
void pp_video_ask(pp_video *video, uint64_t now_us); /* each 20 ms: what is to be asked and told */
extern const pp_rtcp_handlers pp_video_rtcp;         /* what is asked of us */

/* video_measure.c */
void pp_video_measure(const pp_transceiver *transceiver, struct pp_measures *out);

#endif
