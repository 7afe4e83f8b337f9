/* audio_sender.h - from a source to RTP payloads: read, resample, mute, encode, or a DTMF tone instead. It is read every 20 ms. */
#ifndef PP_MEDIA_AUDIO_SENDER_H
#define PP_MEDIA_AUDIO_SENDER_H

#include "media/codec.h"
#include "media/level.h"
#include "pipit/media.h"
#include "rtp/extension.h"

typedef struct pp_audio_sender pp_audio_sender;

typedef struct pp_audio_sender_options {
    const pp_codec_type *codec;
    uint8_t payload_type;
    unsigned packet_ms; /* one of the codec's packet times; 0: 20 */
    pp_str remote_fmtp;
    unsigned channels; /* that the far end takes, 1 or 2; 0: 1 */
    pipit_opus_options opus;
    int event_payload_type; /* of telephone-event with the codec's clock rate; -1: none */
    uint8_t
        comfort_payload_type; /* of comfort noise in silence, for codecs of 8,000 a second; 0: none */
    uint32_t ssrc;
    uint16_t first_sequence;
    uint32_t first_timestamp;
    pipit_source *source; /* NULL: silence; referenced */
    /* What a source of encoded sound is given goes out at once. The payload is the application's. False: not sent, and not missed. */
    bool (*pass)(void *arg, const pp_rtp *packet);
    /* A packet has been encoded meanwhile, for pp_audio_sender_take(). NULL: without media threads. */
    void (*ready)(void *arg);
    void *pass_arg;   /* of both */
    pipit_loop *loop; /* whose media threads encode; NULL: none do */
} pp_audio_sender_options;

int pp_audio_sender_new(const pp_audio_sender_options *options, pp_audio_sender **out);
pp_audio_sender *pp_audio_sender_free(pp_audio_sender *sender);
/* One step of 20 ms: fills a packet whose payload points into the sender, valid until the next step. Where a media thread encodes it,
 * nothing is made (out->size 0), and the packet can be taken when `ready` was called. PIPIT_ERR_MEDIA when the encoder refused. `sending` false: the source is read on and the clock moves, nothing is made (out->size 0). */
int pp_audio_sender_step(pp_audio_sender *sender, bool sending, pp_rtp *out);
/* The rest of that, 10 ms behind each step while pp_audio_sender_has_halves(). */
int pp_audio_sender_half_step(pp_audio_sender *sender, bool sending, pp_rtp *out);
bool pp_audio_sender_has_halves(const pp_audio_sender *sender);
/* What a media thread has encoded, and then what has waited for that; to be called until it returns false. The packet may be empty. */
bool pp_audio_sender_take(pp_audio_sender *sender, bool sending, pp_rtp *out);
/* Packets of another length from now on, without a gap. */
void pp_audio_sender_set_packet_ms(pp_audio_sender *sender, unsigned packet_ms);
/* Goes on with another source, NULL for silence, without a gap: see pp_intake_set(). The old one stays after an error. While it is
 * one of encoded sound, steps make nothing but tones; the encoder is opened when it is needed for the first time. */
int pp_audio_sender_set_source(pp_audio_sender *sender, pipit_source *source);
void pp_audio_sender_set_muted(pp_audio_sender *sender, bool muted);
void pp_audio_sender_set_expected_loss(pp_audio_sender *sender, double fraction);
/* Queues one tone, sent by RFC 4733 in place of sound. PIPIT_ERR_NOT_SUPPORTED without telephone-event, PIPIT_ERR_LIMIT when
 * 64 wait. gap_ms follows the tone. */
int pp_audio_sender_dtmf(pp_audio_sender *sender, char tone, unsigned duration_ms, unsigned gap_ms);
/* The far end has received everything up to that packet. */
void pp_audio_sender_reported(const pp_audio_sender *sender, uint16_t sequence);
/* Steps would do nothing: encoded sound goes when it comes, and no tone waits. */
bool pp_audio_sender_rests(const pp_audio_sender *sender);
bool pp_audio_sender_dtmf_pending(const pp_audio_sender *sender);
const pp_level *pp_audio_sender_level(const pp_audio_sender *sender);
/* How loud the packet is that was made last, and whether there is a voice in it. */
void pp_audio_sender_describe(const pp_audio_sender *sender, pp_rtp_extensions *out);
uint32_t pp_audio_sender_timestamp(const pp_audio_sender *sender); /* of the next step */

#endif
