/** @file media.h  Where the sound of a call comes from and goes to. Samples are 16 bit in the machine's order. Sound has one channel;
 *  where it has two (pipit_source_new_stereo()), left and right stand by turns, left first, and counts are of each. Whoever takes one
 *  channel and is given two hears their mean, and one for two is heard on both sides. */
#ifndef PIPIT_MEDIA_H
#define PIPIT_MEDIA_H

#include "pipit/types.h"
#include "pipit/video.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A source of your own. */
typedef struct pipit_source_interface {
    /** Fill `samples` with `count` samples (of each channel). Called on the loop's thread every 20 ms of a call.
     *  @return how many were filled; fewer than `count` means the end, and silence follows */
    size_t (*read)(void *self, int16_t *samples, size_t count);
    void (*release)(void *self); /**< the last reference is gone; optional */
    /** A number of its own that says how far it is; asked when a packet goes that holds all that was read until now. Both this and
     *  `received`, or neither. */
    uint64_t (*position)(void *self);
    /** The far end has reported to have received everything up to that position (RFC 3550 section 6.4.1). */
    void (*received)(void *self, uint64_t position);
} pipit_source_interface;

/** A sink of your own. */
typedef struct pipit_sink_interface {
    /** Take `count` samples (of each channel); called on the loop's thread every 20 ms of a call. */
    void (*write)(void *self, const int16_t *samples, size_t count);
    void (*release)(void *self); /**< the last reference is gone; optional */
    /** Told before each `write` of a call: when its first sample was captured, on the line of ::pipit_video_frame.captured_us.
     *  Optional. */
    void (*captured)(void *self, uint64_t time_us);
} pipit_sink_interface;

/** @param functions    must outlive the source
 *  @param sample_rate  of what it reads, 8,000 to 48,000; the call resamples
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_new(const pipit_source_interface *functions, void *self,
                               unsigned sample_rate, pipit_source **out);
/** @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_sink_new(const pipit_sink_interface *functions, void *self,
                             unsigned sample_rate, pipit_sink **out);

/** As pipit_source_new(), with two channels. Only a call that has agreed to two sends them (`opus.stereo`), others their mean; so
 *  does a conference. Meters and taps keep two. */
PIPIT_API int pipit_source_new_stereo(const pipit_source_interface *functions, void *self,
                                      unsigned sample_rate, pipit_source **out);
/** As pipit_sink_new(), with two channels: the same on both where only one comes. A meter in front of it and a tee whose first it is
 *  keep two. */
PIPIT_API int pipit_sink_new_stereo(const pipit_sink_interface *functions, void *self,
                                    unsigned sample_rate, pipit_sink **out);
/** @return 1 or 2; 0 for NULL */
PIPIT_API unsigned pipit_source_channels(const pipit_source *source);
PIPIT_API unsigned pipit_sink_channels(const pipit_sink *sink);

/** Plays any file libsndfile reads (WAV, FLAC, Ogg, MP3 …). One of two channels has two; more are mixed to one.
 *  @param loop  start again at the end; otherwise silence follows
 *  @return 0, PIPIT_ERR_NOT_FOUND, PIPIT_ERR_MEDIA when it is no audio file, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_file(const char *path, bool loop, pipit_source **out);
/** A sine tone. @param level_dbfs  0 is full scale; -18 is comfortable */
PIPIT_API int pipit_source_tone(unsigned frequency_hz, double level_dbfs, pipit_source **out);
/** Records to a 16 bit WAV file, which is complete when the sink's last reference is gone.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_IO, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_sink_file(const char *path, unsigned sample_rate, pipit_sink **out);
/** The same with two channels: a sink of two. Both sides of a call in one file: pipit_sink_stereo_file().
 *  @param channels  1 or 2 */
PIPIT_API int pipit_sink_file_channels(const char *path, unsigned sample_rate, unsigned channels,
                                       pipit_sink **out);
/** A pair that says back what it hears, about 40 ms later.
 *  @return 0, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_echo(pipit_source **source, pipit_sink **sink);
/** A sink that writes to two: `second` may be NULL. Both are referenced. It has as many channels as `first`. */
PIPIT_API int pipit_sink_tee(pipit_sink *first, pipit_sink *second, pipit_sink **out);

/** A packet of sound as its codec has it: what passes through a gateway or comes out of an intercom's encoder. */
typedef struct pipit_audio_encoded {
    const char
        *codec; /**< given to a sink: "opus", "G722", "PCMU" or "PCMA"; a source has its own */
    const uint8_t *data;
    size_t size; /**< up to 1,275 */
    /** When it begins, in units of the codec's RTP clock: 48,000 a second of Opus, 8,000 of the others (G.722 too). Only differences
     *  count for a source. */
    uint32_t timestamp;
    /** Given to a sink: its number among its like. A source's frames keep their distances, so that what was lost is missing at the far end too, and
     *  what came out of order goes so; frames of your own can all have 0. */
    uint16_t sequence;
    bool marker; /**< the first behind a silence (RFC 3551 section 4.1) */
    uint64_t
        captured_us; /**< given to a sink: as in ::pipit_video_frame. A source leaves it alone */
} pipit_audio_encoded;

/** A sink of encoded sound of your own. */
typedef struct pipit_encoded_sink_interface {
    /** Take a packet, which is gone when this returns. Called on the loop's thread as soon as it has come and is known to be
     *  authentic, in the order of coming: neither a jitter buffer nor a clock stand between. Tones (RFC 4733)
     *  and comfort noise (RFC 3389) are not among them. */
    void (*write)(void *self, const pipit_audio_encoded *frame);
    void (*release)(void *self); /**< the last reference is gone; optional */
} pipit_encoded_sink_interface;

/** A source of encoded sound: what pipit_source_write() gives it goes out as it is. A call that has it opens no encoder and has no
 *  clock; it must have agreed to that codec (let `codecs` name it alone), or nothing is sent. Mute and hold send nothing. To who
 *  wants samples, as a conference, it is silent.
 *  @param codec  "opus", "G722", "PCMU" or "PCMA"; copied
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEDIA for an unknown codec, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_source_encoded(const char *codec, pipit_source **out);
/** Sends a frame over each call that has the source, at the end of the loop's turn. Without a call it is dropped. On the loop's
 *  thread; from inside of a sink's `write` too, which makes a gateway.
 *  @return 0, PIPIT_ERR_ARGUMENT when it is not a source of encoded sound, PIPIT_ERR_LIMIT */
PIPIT_API int pipit_source_write(pipit_source *source, const pipit_audio_encoded *frame);
/** A sink of packets that are not decoded. To who has samples for it, as a conference, it is deaf.
 *  @param functions  must outlive the sink
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_sink_encoded(const pipit_encoded_sink_interface *functions, void *self,
                                 pipit_sink **out);

/** @return whether the source has ended (a file played through, `read` gave less than asked) */
PIPIT_API bool pipit_source_ended(const pipit_source *source);

PIPIT_API pipit_source *pipit_source_ref(pipit_source *source);
/** @return NULL */
PIPIT_API pipit_source *pipit_source_unref(pipit_source *source);
PIPIT_API pipit_sink *pipit_sink_ref(pipit_sink *sink);
/** @return NULL */
PIPIT_API pipit_sink *pipit_sink_unref(pipit_sink *sink);

/** What a call is to carry (JsSIP: mediaConstraints). */
typedef struct pipit_media_constraints {
    bool audio; /**< a call has sound in any case */
    /** Offers video, or takes it when it is offered; otherwise it is refused. PIPIT_ERR_NOT_SUPPORTED when Pipit was built without
     *  any video codec. */
    bool video;
} pipit_media_constraints;

/** The application's ends of a call's media (JsSIP: mediaStream). The call takes its own references. */
typedef struct pipit_media_stream {
    pipit_source *audio_source; /**< NULL: silence is sent */
    pipit_sink *audio_sink;     /**< NULL: what comes is decoded and dropped */
    /** NULL: no picture is sent, and with a sink the section says recvonly. Looked at when the call has video. */
    pipit_video_source *video_source;
    pipit_video_sink *
        video_sink; /**< NULL: what comes is dropped, and with a source the section says sendonly */
} pipit_media_stream;

/** How Opus is used (RFC 7587). Zero is good for speech. */
typedef struct pipit_opus_options {
    /** Bits a second that are sent, 6,000 to 510,000, and asked of the far end, which may want less; 0: 32,000, of two channels
     *  64,000, and nothing is asked. */
    unsigned bitrate;
    bool no_fec; /**< neither sends nor asks for redundancy against loss */
    /** In silence next to nothing is sent, and the same is asked of the far end. Steady noises and tones count as silence. */
    bool dtx;
    /** Two channels: asked of the far end, and sent where it asks for them too. Without, or where it does not, one. It is for music:
     *  the encoder is tuned for that, and takes twice the work. */
    bool stereo;
} pipit_opus_options;

/** A certificate of your own and its key, in PEM files without a pass phrase. */
typedef struct pipit_certificate_files {
    const char *certificate_file; /**< NULL: none */
    const char *key_file;         /**< NULL: it is in certificate_file too */
} pipit_certificate_files;

/** By which sum descriptions announce our certificate (RFC 8122). All three are taken from the far end. */
typedef enum pipit_fingerprint_hash {
    PIPIT_FINGERPRINT_SHA256,
    PIPIT_FINGERPRINT_SHA384,
    PIPIT_FINGERPRINT_SHA512
} pipit_fingerprint_hash;

/** How media are protected on their way. Anything but the first is for plain SIP servers and gateways that know nothing else: keys that
 *  the signalling carries are known to every server it passes, and without keys the sound is to everyone. */
typedef enum pipit_media_security {
    PIPIT_SECURITY_DTLS, /**< DTLS-SRTP over ICE, as browsers want it (RFC 5763, 8445) */
    PIPIT_SECURITY_SDES, /**< SRTP with keys in the description (RFC 4568) and no ICE is offered; DTLS-SRTP is taken, too */
    PIPIT_SECURITY_PLAIN_RTP /**< RTP/AVP without any protection and no ICE is offered; the other two are taken, too */
} pipit_media_security;

#define PIPIT_CERTIFICATES 2 /**< how many of your own a connection can have */
/** A STUN or TURN server (JsSIP: a member of pcConfig.iceServers; W3C: RTCIceServer). Strings are copied. */
typedef struct pipit_ice_server {
    /** "stun:host[:port]", "turn:host[:port][?transport=udp|tcp]" or "turns:host[:port]" (RFC 7064, RFC 7065); several with ','
     *  between them. Without a port SRV records of the name are looked for, then it is 3478, and 5349 of turns. */
    const char *urls;
    const char *username; /**< of TURN, which needs it; NULL: none */
    const char *
        credential; /**< the password (RFC 8489 section 9.2); wiped when it is not needed any more */
    const char
        *ca_file;  /**< of turns: PEM file with the authorities to trust; NULL: the system's */
    bool insecure; /**< of turns: no check of chain, name and dates: for experiments only */
} pipit_ice_server;

/** Which candidates may be used (W3C: RTCIceTransportPolicy). */
typedef enum pipit_ice_transport_policy {
    PIPIT_ICE_ALL,
    PIPIT_ICE_RELAY /**< relayed ones alone: the far end does not learn our addresses */
} pipit_ice_transport_policy;

/** Candidates over TCP (RFC 6544), where UDP is blocked and the far end, as SFUs and media servers, can be connected to. They are
 *  of lower priority than those over UDP. */
typedef enum pipit_ice_tcp {
    PIPIT_ICE_TCP_NONE,   /**< none */
    PIPIT_ICE_TCP_ACTIVE, /**< we connect to the far end's passive candidates */
    PIPIT_ICE_TCP_BOTH, /**< and it may connect to us: a listening socket for all calls of the loop, on each address */
    PIPIT_ICE_TCP_ONLY /**< both, and nothing over UDP but to TURN servers */
} pipit_ice_tcp;

/** Candidates that are found behind a description, and go to the far end in INFO requests (RFC 8838, RFC 8840). */
typedef enum pipit_trickle_ice {
    PIPIT_TRICKLE_ICE_NONE, /**< none: a description waits until it has them all, as JsSIP's do */
    /** The first offer has them all, for nobody knows yet who gets it ("half trickle"). Whoever says that he understands gets the
     *  others, answers and offers, at once, with what is known, and the rest when it is found. */
    PIPIT_TRICKLE_ICE_HALF,
    /** The first offer goes at once, too: for far ends that are known to understand. Others would get no candidate more. */
    PIPIT_TRICKLE_ICE_FULL
} pipit_trickle_ice;

/** How sections share a transport (W3C: RTCBundlePolicy). There is one transport in any case: a section that the far end does not
 *  bundle is given up. */
typedef enum pipit_bundle_policy {
    PIPIT_BUNDLE_BALANCED,   /**< a far end that knows no bundle may choose a section for itself */
    PIPIT_BUNDLE_MAX_COMPAT, /**< the same */
    PIPIT_BUNDLE_MAX_BUNDLE  /**< all sections but the first say bundle-only (RFC 9143 section 6) */
} pipit_bundle_policy;

/** Settings of the peer connection (JsSIP: pcConfig). */
typedef struct pipit_peer_configuration {
    /** Names in order of preference; NULL: "opus,G722,PCMU,PCMA". G722 is there when Pipit was built with spandsp, else it is an
     *  error to name it. */
    const char *codecs;
    pipit_opus_options opus;
    /** How much sound a packet is to hold, in ms (a=ptime, RFC 4566 section 6): asked of the far end, and sent to it unless it asks
     *  for something else. 10 to 60; 0: 20, and nothing is asked. Opus has packets of 10, 20, 40 and 60 ms, the other codecs of
     *  every 10: a wish in between is rounded down. Whatever comes is played, up to 120 ms. */
    unsigned ptime_ms;
    /** PCMU and PCMA: while nobody speaks next to nothing is sent, and the far end is told what the silence is like (RFC 3389), if it
     *  takes that. What is steady counts as silence below -40 dBFS. Comfort noise of the far end is played in any case. Opus has `dtx`. */
    bool comfort_noise;
    /** The most the far end is to put into one packet (a=maxptime); 10 to 120, 0: nothing is said. What it says binds us. */
    unsigned maxptime_ms;
    /** The call may have data channels (data_channel.h): they are offered, and taken when the far end offers them.
     *  PIPIT_ERR_NOT_SUPPORTED in a build without usrsctp. */
    bool data_channels;
    /** Certificates for DTLS, of different kinds: one with an ECDSA key and one with an RSA key, of which the far end takes what it
     *  knows; it is shown the first when it is the server of DTLS (W3C: certificates). None: a new ECDSA P-256 one for each call.
     *  They are read when the call is made or answered: PIPIT_ERR_NOT_FOUND, PIPIT_ERR_IO, PIPIT_ERR_TLS. */
    pipit_certificate_files certificates[PIPIT_CERTIFICATES];
    pipit_fingerprint_hash fingerprint_hash; /**< zero: SHA-256, which all understand */
    /** Zero: DTLS-SRTP only. The others know one section of sound, no data channels, no forks with media of their own, and have a
     *  socket of their own for each call; RTP and RTCP share it, so RTCP stays away where the far end does not share (rtcp-mux). */
    pipit_media_security security;
    /** Names in order of preference; NULL: "VP8,H264", as far as they are built in. A far end that offers has its own order. */
    const char *video_codecs;
    pipit_video_constraints video; /**< what is sent */
    bool
        allow_loopback; /**< offer loopback addresses too. They are offered in any case when there are no others */
    /** The UDP port of all calls, on each local address; 0: any. Calls of a loop share a socket for each address. Only one call at a
     *  time can have a certain port of the far end at its other end: where that shares a port as well, give one side a range. */
    uint16_t port;
    uint16_t port_min, port_max;       /**< instead of `port`: the first one that is free; 0: any */
    pipit_bundle_policy bundle_policy; /**< JsSIP: pcConfig.bundlePolicy */
    bool own_socket;                   /**< a socket for each call, shared with no other one */
    /** Whose addresses are offered. NULL or "all"; "default": the addresses that lead to the internet; or names, "eth0,wlan0". */
    const char *interfaces;
    /** STUN and TURN servers (JsSIP: pcConfig.iceServers), `ice_server_count` of them; NULL: none. A URL that cannot be used is
     *  refused with PIPIT_ERR_SYNTAX or PIPIT_ERR_ARGUMENT and a sentence that names it; a server that cannot be reached is not. */
    const pipit_ice_server *ice_servers;
    size_t ice_server_count;
    pipit_ice_transport_policy ice_transport_policy; /**< JsSIP: pcConfig.iceTransportPolicy */
    /** A description waits so long for what ICE servers have to say and then goes without the rest; 0: 5,000. Once it has a relay it
     *  waits 1,500 more at the most. */
    unsigned ice_gathering_timeout_ms;
    pipit_ice_tcp ice_tcp;
    /** Of a call, whose user agent says so in its Supported and Recv-Info. pipit_peer_new() has no use for it: there candidates
     *  are the application's to carry (`ice_candidate`). */
    pipit_trickle_ice trickle_ice;
    /** true: candidates of the far end that are names below .local (browsers hide addresses so) are not looked up by multicast
     *  (RFC 6762); its own checks may reach us nevertheless. */
    bool no_mdns;
} pipit_peer_configuration;

#ifdef __cplusplus
}
#endif
#endif
