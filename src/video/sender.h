/* sender.h - from a source of pictures to RTP packets: read, made smaller, encoded at the rate the network takes, cut up, paced, and
 * kept to be sent again. */
#ifndef PP_VIDEO_SENDER_H
#define PP_VIDEO_SENDER_H

#include "rtp/bandwidth.h"
#include "video/receiver.h"

typedef struct pp_video_sender pp_video_sender;

/* A packet without header extensions; the function may add some. It must not free the sender. */
typedef void pp_video_send_function(void *arg, pp_rtp *packet);

typedef struct pp_video_sender_options {
    pp_video_format format;
    uint32_t ssrc, rtx_ssrc;
    uint16_t first_sequence, rtx_first_sequence;
    uint32_t first_timestamp;
    pipit_video_constraints constraints; /* zero: as in pipit/video.h */
    pipit_video_source *source;          /* NULL: nothing is sent; referenced */
    pp_video_send_function *send;
    /* A picture has been encoded meanwhile: pp_video_sender_run() wants to be called. NULL: without media threads. */
    void (*ready)(void *arg);
    void *arg;
    pipit_loop *loop; /* whose media threads encode; NULL: none do */
} pp_video_sender_options;

typedef struct pp_video_sender_stats {
    uint64_t frames, key_frames;
    uint64_t encoded, encoded_keys; /* of them: not those that came encoded */
    uint64_t huge;                  /* of them: two and a half times as large as usual */
    uint64_t quantizers, encode_us; /* of all that were encoded, where it is told */
    uint64_t left_out;              /* pictures that would have been too much for the network */
    uint64_t packets, octets;       /* of payload, those sent again among them: */
    uint64_t packets_again, octets_again;
    pp_rhythm rhythm, source_rhythm; /* of those that went, and of those that the source gave */
    unsigned source_width, source_height;
    unsigned width, height; /* of the last picture; 0 before */
    unsigned target;        /* bits a second that are aimed at */
    bool limited;           /* to less than the constraints say */
} pp_video_sender_stats;

/* PIPIT_ERR_MEMORY; a constraint out of its range is taken as the nearest in it. */
int pp_video_sender_new(const pp_video_sender_options *options, pp_video_sender **out);
pp_video_sender *pp_video_sender_free(pp_video_sender *sender);
void pp_video_sender_set_source(pp_video_sender *sender, pipit_video_source *source);
void pp_video_sender_set_muted(pp_video_sender *sender, bool muted); /* black pictures go instead */
/* Reads, encodes and sends what is due. While a media thread encodes a picture no other is read. `sending` false: the source is not read. Returns when to call again. */
uint64_t pp_video_sender_run(pp_video_sender *sender, uint64_t now_us, bool sending);
/* What the far end asks for: a packet again, a key frame. */
void pp_video_sender_again(pp_video_sender *sender, uint16_t sequence, uint64_t now_us,
                           uint64_t round_trip_us);
void pp_video_sender_key_frame(pp_video_sender *sender);
/* For what the far end tells of the network, and for what is sent. */
pp_bandwidth *pp_video_sender_bandwidth(pp_video_sender *sender);
uint32_t pp_video_sender_timestamp(const pp_video_sender *sender, uint64_t now_us);
void pp_video_sender_get_stats(const pp_video_sender *sender, pp_video_sender_stats *out);

/* The constraints with all that was left open filled in. */
pipit_video_constraints pp_video_constraints(const pipit_video_constraints *wanted);

#endif
