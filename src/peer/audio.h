/* audio.h - the audio kind of a section: its engine, and what is said and agreed about it. */
#ifndef PP_PEER_AUDIO_H
#define PP_PEER_AUDIO_H

#include "media/audio_player.h"
#include "media/audio_sender.h"
#include "peer/inside.h"
#include "rtp/telephone_event.h"

typedef struct pp_audio_format { /* a codec both sides have */
    const pp_codec_type *codec;
    uint8_t payload_type;
    int event_payload_type; /* of telephone-event with its clock; -1: none */
    char fmtp[128];         /* what the far end wants */
} pp_audio_format;

typedef struct pp_audio_agreed {
    pp_agreed head;
    unsigned packet_ms;           /* of what we send */
    unsigned channels;            /* likewise: 2 where we wish it and the far end takes them */
    uint8_t comfort_payload_type; /* of comfort noise beside codecs of 8,000 a second; 0: none */
    size_t count;
    pp_audio_format formats[]; /* the first is what we send */
} pp_audio_agreed;

typedef struct pp_audio {
    pp_transceiver head;
    pipit_source *source;
    pipit_source *hold_source; /* instead, while we hold; NULL: nothing is sent */
    pipit_sink *sink;
    bool muted;
    pp_codec_list *codecs; /* that the application prefers; NULL: the connection's */
    pp_audio_sender *sender;
    pp_audio_player *player;
    pp_agreed *applied; /* what sender and player were made for */
    pp_dtmf_receiver dtmf;
    uint8_t heard_db; /* over silence, as the far end says (RFC 6464) where we do not decode */
} pp_audio;

static inline pp_audio *pp_audio_of(pp_transceiver *transceiver)
{
    return (pp_audio *)(void *)transceiver;
}

static inline const pp_audio_agreed *pp_audio_terms(const pp_agreed *agreed)
{
    return (const pp_audio_agreed *)(const void *)agreed;
}

pp_audio *pp_peer_audio(const pp_peer *peer); /* the first; NULL */
/* Other ends from now on, without a gap. Those before stay after an error. */
int pp_audio_set_stream(pp_audio *audio, const pipit_media_stream *stream);
/* The peer holds, or no longer: `source` is sent meanwhile. */
int pp_audio_hold(pp_audio *audio, bool held, pipit_source *source);
int pp_audio_choose_codecs(pp_audio *audio, const char *names); /* NULL: the connection's */
void pp_audio_mute(pp_audio *audio, bool muted);
int pp_audio_send_dtmf(pp_audio *audio, char tone, unsigned duration_ms, unsigned gap_ms);

/* audio_terms.c */
int pp_audio_negotiate(pp_transceiver *transceiver, const pp_sdp *sdp, const pp_sdp_media *media,
                       pp_agreed **out);
int pp_audio_describe(const pp_transceiver *transceiver, const pp_agreed *agreed, pp_sdp *sdp,
                      pp_sdp_media *media);

/* audio_measure.c */
double pp_audio_heard_level(const pp_audio *audio); /* 0 to 1 */
void pp_audio_measure(const pp_transceiver *transceiver, struct pp_measures *out);

#endif
