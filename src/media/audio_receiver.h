/* audio_receiver.h - from RTP payloads to a sink: jitter buffer, decode, FEC, concealment, resample; every 20 ms. */
#ifndef PP_MEDIA_AUDIO_RECEIVER_H
#define PP_MEDIA_AUDIO_RECEIVER_H

#include "media/account.h"
#include "media/codec.h"
#include "media/level.h"
#include "pipit/media.h"
#include "rtp/capture.h"
#include "rtp/rtp.h"

typedef struct pp_audio_receiver pp_audio_receiver;

typedef struct pp_audio_receiver_options {
    /* Payload types that may come, each with its codec; the decoder is opened when the first packet of its type comes. */
    const struct pp_receive_codec {
        uint8_t payload_type;
        const pp_codec_type *codec;
    } * codecs;
    size_t codec_count;
    pipit_sink *sink;             /* NULL: decoded and dropped; referenced */
    uint8_t comfort_payload_type; /* of comfort noise at 8,000 a second; 0: none comes */
    unsigned channels;            /* to decode where the codec has them, 1 or 2; 0: 1 */
    const pp_capture
        *capture; /* of the stream, which outlives the receiver; NULL: nobody knows when */
} pp_audio_receiver_options;

typedef struct pp_audio_receiver_stats {
    pp_account account;
    uint64_t fec_packets_used, packets_late, packets_duplicate;
    double packet_ms; /* of the packet that was played last; 0: none was */
    double delay_ms;  /* time a frame waits in the buffer, now */
    pp_level level;
} pp_audio_receiver_stats;

int pp_audio_receiver_new(const pp_audio_receiver_options *options,
                          pp_audio_receiver **out); /* codecs are copied */
pp_audio_receiver *pp_audio_receiver_free(pp_audio_receiver *receiver);
/* What is heard goes there from now on, NULL: is dropped. The old one stays after an error. */
int pp_audio_receiver_set_sink(pp_audio_receiver *receiver, pipit_sink *sink);
/* A packet came; its payload is copied. Payload types not in the list are not played; hand over all packets of the stream
 * nevertheless (telephone-event among them), so that their numbers are not taken for lost sound. */
int pp_audio_receiver_add(pp_audio_receiver *receiver, const pp_rtp *packet, uint64_t now_us);
/* One step of 20 ms: plays the next frame into the sink. The buffer starts after two frames, grows with jitter (to 400 ms), and
 * shrinks again by dropping silence or single frames; a jump of timestamp or SSRC resets it. */
void pp_audio_receiver_step(pp_audio_receiver *receiver, uint64_t now_us);
/* The same in two: all decoding, which may be done by another thread while the receiver is left alone but for its sink, and the rest. */
void pp_audio_receiver_prepare(pp_audio_receiver *receiver, uint64_t now_us);
void pp_audio_receiver_play(pp_audio_receiver *receiver, uint64_t now_us);
/* The first is worth the way to a media thread. */
bool pp_audio_receiver_is_costly(const pp_audio_receiver *receiver);
/* How long after it was captured is heard what goes to the sink now; 0: nothing is, or nobody knows. */
uint64_t pp_audio_receiver_behind_us(const pp_audio_receiver *receiver);
/* Steps would do nothing: packets pass through as they come. */
bool pp_audio_receiver_rests(const pp_audio_receiver *receiver);
void pp_audio_receiver_get_stats(const pp_audio_receiver *receiver, pp_audio_receiver_stats *out);

#endif
