/* receiver.h - from RTP packets to a sink of pictures: retransmissions put back, pictures put together and decoded, and what is to
 * be asked of the sender: packets again, key frames. */
#ifndef PP_VIDEO_RECEIVER_H
#define PP_VIDEO_RECEIVER_H

#include "rtp/capture.h"
#include "rtp/feedback.h"
#include "video/codec.h"
#include "video/rhythm.h"

typedef struct pp_video_receiver pp_video_receiver;

typedef struct pp_video_format { /* what may come, or go */
    const pp_video_codec_type *type;
    uint8_t payload_type;
    int rtx_payload_type; /* -1: lost packets are not sent again */
} pp_video_format;

#define PP_VIDEO_FORMATS 4u

typedef struct pp_video_receiver_options {
    const pp_video_format *formats; /* at most PP_VIDEO_FORMATS are looked at; copied */
    size_t format_count;
    pipit_video_sink *sink; /* NULL: what comes is put together and dropped; referenced */
    const pp_capture
        *capture; /* of the stream, which outlives the receiver; NULL: nobody knows when */
    /* A picture has been decoded meanwhile: pp_video_receiver_go_on() wants to be called. NULL: without media threads. */
    void (*ready)(void *arg);
    void *arg;
    pipit_loop *loop; /* whose media threads decode; NULL: none do */
} pp_video_receiver_options;

typedef struct pp_video_receiver_stats {
    uint64_t frames, key_frames;   /* that were whole */
    uint64_t decoded, undecodable; /* of them */
    uint64_t decoded_keys;
    uint64_t quantizers, decode_us;  /* of all that were decoded, where it is told */
    uint64_t again, again_octets;    /* packets that were sent again, and their payload */
    uint64_t repaired;               /* of them, those that were of use */
    uint64_t nacks, picture_losses;  /* packets and key frames that were asked for */
    unsigned width, height;          /* of the last picture; 0 before */
    const pp_video_codec_type *type; /* NULL before the first packet */
    pp_rhythm rhythm;                /* of those that were decoded */
} pp_video_receiver_stats;

int pp_video_receiver_new(const pp_video_receiver_options *options, pp_video_receiver **out);
pp_video_receiver *pp_video_receiver_free(pp_video_receiver *receiver);
void pp_video_receiver_set_sink(pp_video_receiver *receiver, pipit_video_sink *sink);
/* A packet of any of the formats, or one sent again; others are passed over. The sink is called from in here, and must not free
 * the receiver. */
void pp_video_receiver_add(pp_video_receiver *receiver, const pp_rtp *packet, uint64_t now_us);
/* Shows what a media thread has decoded, and goes on with what came meanwhile. As with a packet. */
void pp_video_receiver_go_on(pp_video_receiver *receiver, uint64_t now_us);
/* What is to be asked now, as RTCP packets; whether there is any. Call it every 20 ms or so. */
bool pp_video_receiver_ask(pp_video_receiver *receiver, uint64_t now_us, uint64_t round_trip_us,
                           uint32_t own_ssrc, pp_buf *out);
/* The sound of the same sender is heard so long after it was captured, and pictures are to be seen with it; 0: there is none. */
void pp_video_receiver_follow_sound(pp_video_receiver *receiver, uint64_t behind_us);
void pp_video_receiver_get_stats(const pp_video_receiver *receiver, pp_video_receiver_stats *out);

#endif
