/** @file peer.h  The peer connection (W3C: RTCPeerConnection) under a call, or without one: descriptions, transceivers, states. Names
 *  are the W3C's in snake_case. Signalling of your own carries the descriptions and candidates. Example: examples/peer.c
 *
 *  Everything happens on the loop's thread. Handlers are called from the loop, never from inside of a function. A call's own
 *  connection, pipit_session_connection(), is asked by the functions that say "also of a call"; the others belong to the call, and
 *  are refused with PIPIT_ERR_STATE. */
#ifndef PIPIT_PEER_H
#define PIPIT_PEER_H

#include "pipit/data_channel.h"
#include "pipit/media.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** W3C: RTCSdpType. */
typedef enum pipit_description_type {
    PIPIT_DESCRIPTION_OFFER,
    PIPIT_DESCRIPTION_PRANSWER, /**< an answer that may be followed by another one */
    PIPIT_DESCRIPTION_ANSWER,
    PIPIT_DESCRIPTION_ROLLBACK /**< takes the last offer back; there is no text */
} pipit_description_type;

/** W3C: RTCSessionDescription. */
typedef struct pipit_description {
    pipit_description_type type;
    const char *sdp;
} pipit_description;

/** W3C: RTCSignalingState. */
typedef enum pipit_signaling_state {
    PIPIT_SIGNALING_STABLE,
    PIPIT_SIGNALING_HAVE_LOCAL_OFFER,
    PIPIT_SIGNALING_HAVE_REMOTE_OFFER,
    PIPIT_SIGNALING_HAVE_LOCAL_PRANSWER,
    PIPIT_SIGNALING_HAVE_REMOTE_PRANSWER,
    PIPIT_SIGNALING_CLOSED
} pipit_signaling_state;

/** W3C: RTCIceGatheringState. */
typedef enum pipit_ice_gathering_state {
    PIPIT_ICE_GATHERING_NEW,
    PIPIT_ICE_GATHERING_GATHERING,
    PIPIT_ICE_GATHERING_COMPLETE
} pipit_ice_gathering_state;

/** W3C: RTCIceConnectionState, without "completed": what is in use may always change. */
typedef enum pipit_ice_connection_state {
    PIPIT_ICE_CONNECTION_NEW,
    PIPIT_ICE_CONNECTION_CHECKING,
    PIPIT_ICE_CONNECTION_CONNECTED,
    PIPIT_ICE_CONNECTION_DISCONNECTED,
    PIPIT_ICE_CONNECTION_FAILED,
    PIPIT_ICE_CONNECTION_CLOSED
} pipit_ice_connection_state;

/** W3C: RTCPeerConnectionState: ICE and DTLS together. */
typedef enum pipit_connection_state {
    PIPIT_CONNECTION_NEW,
    PIPIT_CONNECTION_CONNECTING,
    PIPIT_CONNECTION_CONNECTED, /**< media flow */
    PIPIT_CONNECTION_DISCONNECTED,
    PIPIT_CONNECTION_FAILED,
    PIPIT_CONNECTION_CLOSED
} pipit_connection_state;

/** W3C: RTCRtpTransceiverDirection. */
typedef enum pipit_direction {
    PIPIT_DIRECTION_SENDRECV,
    PIPIT_DIRECTION_SENDONLY,
    PIPIT_DIRECTION_RECVONLY,
    PIPIT_DIRECTION_INACTIVE,
    PIPIT_DIRECTION_STOPPED,
    PIPIT_DIRECTION_NONE /**< nothing is agreed yet (W3C: null) */
} pipit_direction;

/** W3C: the kind of a MediaStreamTrack. */
typedef enum pipit_media_kind { PIPIT_MEDIA_AUDIO, PIPIT_MEDIA_VIDEO } pipit_media_kind;

/** @return the W3C's word: "have-local-offer". Never NULL; the same of those that follow */
PIPIT_API const char *pipit_signaling_state_name(pipit_signaling_state state);
/** @return "gathering" */
PIPIT_API const char *pipit_ice_gathering_state_name(pipit_ice_gathering_state state);
/** @return "checking" */
PIPIT_API const char *pipit_ice_connection_state_name(pipit_ice_connection_state state);
/** @return "connected" */
PIPIT_API const char *pipit_connection_state_name(pipit_connection_state state);
/** @return "sendrecv"; "" for PIPIT_DIRECTION_NONE */
PIPIT_API const char *pipit_direction_name(pipit_direction direction);
/** @return "offer" */
PIPIT_API const char *pipit_description_type_name(pipit_description_type type);

/** `connection_state_change`. */
typedef struct pipit_connection_state_event {
    pipit_connection_state state;
    const char
        *reason; /**< of PIPIT_CONNECTION_FAILED, one sentence: "no media path: …"; else "" */
} pipit_connection_state_event;

/** `track`: the far end begins to send in this section. */
typedef struct pipit_track_event {
    pipit_transceiver *transceiver; /**< give it a sink to hear it */
    pipit_media_kind kind;
} pipit_track_event;

/** A way to one of both ends (W3C: RTCIceCandidate). */
typedef struct pipit_ice_candidate {
    const char *candidate; /**< "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host" */
    const char *sdp_mid;   /**< of its section; NULL: sdp_mline_index counts */
    unsigned sdp_mline_index;
    const char *username_fragment; /**< of its description; NULL: of the last one */
} pipit_ice_candidate;

/** `tone`: one came by RFC 4733. */
typedef struct pipit_tone_event {
    char tone;
    unsigned duration_ms;
} pipit_tone_event;

/** Events of a peer connection. All optional; `user` is what was given with the table. An event waits for the loop, and those that
 *  wait when the connection is closed are not told. */
typedef struct pipit_peer_handlers {
    /** Something changed that the far end has to agree to: make an offer. Only while the signalling is stable, and once until it
     *  was negotiated (W3C: negotiationneeded). */
    void (*negotiation_needed)(pipit_peer *peer, void *user);
    /** W3C: signalingstatechange. */
    void (*signaling_state_change)(pipit_peer *peer, pipit_signaling_state state, void *user);
    /** W3C: icegatheringstatechange. */
    void (*ice_gathering_state_change)(pipit_peer *peer, pipit_ice_gathering_state state,
                                       void *user);
    /** A candidate of ours, after a description with sections stands; for the far end's pipit_peer_add_ice_candidate(), unless
     *  the description is sent when all are known (W3C: icecandidate).
     *  @param candidate  NULL: there are no more */
    void (*ice_candidate)(pipit_peer *peer, const pipit_ice_candidate *candidate, void *user);
    /** W3C: iceconnectionstatechange. */
    void (*ice_connection_state_change)(pipit_peer *peer, pipit_ice_connection_state state,
                                        void *user);
    /** W3C: connectionstatechange. */
    void (*connection_state_change)(pipit_peer *peer, const pipit_connection_state_event *event,
                                    void *user);
    /** W3C: track. */
    void (*track)(pipit_peer *peer, const pipit_track_event *event, void *user);
    /** A tone came (W3C has none of it: it is JsSIP's newDTMF without a call). */
    void (*tone)(pipit_peer *peer, const pipit_tone_event *event, void *user);
    /** The far end opened a data channel. Give it handlers at once: its messages follow; keep it with pipit_data_channel_ref().
     *  W3C: datachannel. */
    void (*data_channel)(pipit_peer *peer, pipit_data_channel *channel, void *user);
} pipit_peer_handlers;

/** Makes a peer connection with no section yet.
 *  @param configuration  copied; NULL: `{0}`
 *  @param handlers       must outlive the connection; NULL: none
 *  @param out            yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEDIA for an unknown codec, PIPIT_ERR_MEMORY.  W3C: new RTCPeerConnection() */
PIPIT_API int pipit_peer_new(pipit_loop *loop, const pipit_peer_configuration *configuration,
                             const pipit_peer_handlers *handlers, void *user, pipit_peer **out);
/** Says goodbye to the far end and lets go of all sockets. No event follows. Also done by the last pipit_peer_unref().
 *  @return 0 also when it was closed, PIPIT_ERR_ARGUMENT, PIPIT_ERR_STATE for a call's.  W3C: close() */
PIPIT_API int pipit_peer_close(pipit_peer *peer);
/** Also of a call. */
PIPIT_API pipit_peer *pipit_peer_ref(pipit_peer *peer);
/** Also of a call. @return NULL */
PIPIT_API pipit_peer *pipit_peer_unref(pipit_peer *peer);
/** Others who listen. Also of a call.
 *  @param handlers  must outlive the connection, or be removed
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_peer_add_handlers(pipit_peer *peer, const pipit_peer_handlers *handlers,
                                      void *user);
/** Also of a call.
 *  @return 0, PIPIT_ERR_NOT_FOUND when these were not added, PIPIT_ERR_ARGUMENT */
PIPIT_API int pipit_peer_remove_handlers(pipit_peer *peer, const pipit_peer_handlers *handlers,
                                         void *user);

/* --- descriptions ----------------------------------------------------------------------------- */

/** Makes an offer of all sections (RFC 8829 section 5.2). Nothing changes before pipit_peer_set_local_description().
 *  @param out  yours, for pipit_free()
 *  @return 0, PIPIT_ERR_STATE when the signalling is neither stable nor have-local-offer, PIPIT_ERR_IO without any socket,
 *  PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  W3C: createOffer() */
PIPIT_API int pipit_peer_create_offer(pipit_peer *peer, char **out);
/** Makes the answer to the far end's offer (RFC 8829 section 5.3).
 *  @param out  yours, for pipit_free()
 *  @return 0, PIPIT_ERR_STATE without an offer to answer, and as pipit_peer_create_offer().  W3C: createAnswer() */
PIPIT_API int pipit_peer_create_answer(pipit_peer *peer, char **out);
/** Our description stands from now on: checks begin with an answer.
 *  @param description  its text as it was made last: changed ones are refused. NULL, or a text that is NULL: what fits the state
 *                      is made, and stands
 *  @return 0, PIPIT_ERR_STATE when the type does not fit the state, PIPIT_ERR_SYNTAX for another text, PIPIT_ERR_ARGUMENT,
 *  PIPIT_ERR_MEMORY.  W3C: setLocalDescription() */
PIPIT_API int pipit_peer_set_local_description(pipit_peer *peer,
                                               const pipit_description *description);
/** The far end's stands from now on. An offer that meets ours takes the place of it: ours is rolled back first, whatever becomes
 *  of theirs (perfect negotiation: the impolite side does not call this then).
 *  @param description  copied
 *  @return 0, PIPIT_ERR_STATE when the type does not fit the state, PIPIT_ERR_SYNTAX for what is no SDP, PIPIT_ERR_MEDIA for an answer
 *  that does not fit the offer or has no usable credentials, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  W3C: setRemoteDescription() */
PIPIT_API int pipit_peer_set_remote_description(pipit_peer *peer,
                                                const pipit_description *description);
/** Ours as it is negotiated now, or else as it was; with the candidates that were found since. Also of a call.
 *  @return whether there is one; its text lives until the next call of this function.  W3C: localDescription */
PIPIT_API bool pipit_peer_local_description(pipit_peer *peer, pipit_description *out);
/** The one that is being negotiated. Also of a call.  W3C: pendingLocalDescription */
PIPIT_API bool pipit_peer_pending_local_description(pipit_peer *peer, pipit_description *out);
/** The one that was negotiated last. Also of a call.  W3C: currentLocalDescription */
PIPIT_API bool pipit_peer_current_local_description(pipit_peer *peer, pipit_description *out);
/** Also of a call.  W3C: remoteDescription */
PIPIT_API bool pipit_peer_remote_description(pipit_peer *peer, pipit_description *out);
/** Also of a call.  W3C: pendingRemoteDescription */
PIPIT_API bool pipit_peer_pending_remote_description(pipit_peer *peer, pipit_description *out);
/** Also of a call.  W3C: currentRemoteDescription */
PIPIT_API bool pipit_peer_current_remote_description(pipit_peer *peer, pipit_description *out);
/** A candidate of the far end (RFC 8838).
 *  @param candidate  copied; NULL, or one with the text "": there are no more
 *  @return 0 also for one that cannot be used here (over TCP where `ice_tcp` does not want it, a name), PIPIT_ERR_STATE before a description of the far end, or for a
 *  candidate of another one, PIPIT_ERR_SYNTAX, PIPIT_ERR_ARGUMENT when there is no such section, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY.
 *  W3C: addIceCandidate() */
PIPIT_API int pipit_peer_add_ice_candidate(pipit_peer *peer, const pipit_ice_candidate *candidate);
/** The next offer restarts ICE (RFC 8445 section 9); `negotiation_needed` follows.
 *  @return 0, PIPIT_ERR_STATE when it is closed, or its failure was not the path's, PIPIT_ERR_ARGUMENT.  W3C: restartIce() */
PIPIT_API int pipit_peer_restart_ice(pipit_peer *peer);

/** Also of a call.  W3C: signalingState */
PIPIT_API pipit_signaling_state pipit_peer_signaling_state(const pipit_peer *peer);
/** Also of a call.  W3C: iceGatheringState */
PIPIT_API pipit_ice_gathering_state pipit_peer_ice_gathering_state(const pipit_peer *peer);
/** Also of a call.  W3C: iceConnectionState */
PIPIT_API pipit_ice_connection_state pipit_peer_ice_connection_state(const pipit_peer *peer);
/** Also of a call.  W3C: connectionState */
PIPIT_API pipit_connection_state pipit_peer_connection_state(const pipit_peer *peer);

/** Opens a data channel, see data_channel.h. The first one needs a negotiation: `negotiation_needed` follows. Also of a call whose
 *  configuration has data channels.
 *  @param label    UTF-8; NULL: ""
 *  @param options  NULL: in order and reliable
 *  @param out      yours, for pipit_data_channel_unref()
 *  @return 0, PIPIT_ERR_STATE when it is closed, of a call without data channels, or the far end has refused them,
 *  PIPIT_ERR_NOT_SUPPORTED in a build without usrsctp, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for what is no UTF-8, PIPIT_ERR_LIMIT,
 *  PIPIT_ERR_MEMORY.  W3C: createDataChannel() */
PIPIT_API int pipit_peer_create_data_channel(pipit_peer *peer, const char *label,
                                             const pipit_data_channel_options *options,
                                             pipit_data_channel **out);

/* --- transceivers ----------------------------------------------------------------------------- */

/** What a transceiver begins with (W3C: RTCRtpTransceiverInit). */
typedef struct pipit_transceiver_init {
    pipit_direction direction;        /**< zero: sendrecv */
    pipit_source *source;             /**< of PIPIT_MEDIA_AUDIO; NULL: silence */
    pipit_sink *sink;                 /**< of PIPIT_MEDIA_AUDIO; NULL: what comes is dropped */
    pipit_video_source *video_source; /**< of PIPIT_MEDIA_VIDEO; NULL: nothing is sent */
    pipit_video_sink *video_sink;     /**< of PIPIT_MEDIA_VIDEO; NULL: what comes is dropped */
} pipit_transceiver_init;

/** A section more, for the next offer.
 *  @param init  NULL: `{0}`; its ends are referenced
 *  @param out   the connection's; NULL: not wanted
 *  @return 0, PIPIT_ERR_NOT_SUPPORTED for a kind that there is no engine for, PIPIT_ERR_STATE, PIPIT_ERR_ARGUMENT,
 *  PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY.  W3C: addTransceiver() */
PIPIT_API int pipit_peer_add_transceiver(pipit_peer *peer, pipit_media_kind kind,
                                         const pipit_transceiver_init *init,
                                         pipit_transceiver **out);
/** Sends sound: by a transceiver that has never sent, or else by a new one, which also serves the next audio that is offered.
 *  @param source  referenced
 *  @param out     the connection's; NULL: not wanted
 *  @return as pipit_peer_add_transceiver().  W3C: addTrack() */
PIPIT_API int pipit_peer_add_track(pipit_peer *peer, pipit_source *source, pipit_transceiver **out);
/** Sends nothing more: from now on silence, and when that is negotiated nothing.
 *  @return 0, PIPIT_ERR_STATE, PIPIT_ERR_ARGUMENT when it is not one of the connection's.  W3C: removeTrack() */
PIPIT_API int pipit_peer_remove_track(pipit_peer *peer, pipit_transceiver *transceiver);
/** The transceivers in the order they came. Also of a call.
 *  @return NULL behind the last.  W3C: getTransceivers() */
PIPIT_API pipit_transceiver *pipit_peer_transceiver(const pipit_peer *peer, size_t index);

/** Keeps it beyond its connection; then it only answers questions. Also of a call. */
PIPIT_API pipit_transceiver *pipit_transceiver_ref(pipit_transceiver *transceiver);
/** @return NULL */
PIPIT_API pipit_transceiver *pipit_transceiver_unref(pipit_transceiver *transceiver);
/** Also of a call. */
PIPIT_API pipit_media_kind pipit_transceiver_kind(const pipit_transceiver *transceiver);
/** The name of its section (RFC 5888). Also of a call.
 *  @return NULL before it is in a description.  W3C: mid */
PIPIT_API const char *pipit_transceiver_mid(const pipit_transceiver *transceiver);
/** What we wish. Also of a call.  W3C: direction */
PIPIT_API pipit_direction pipit_transceiver_direction(const pipit_transceiver *transceiver);
/** What was agreed. Also of a call.  W3C: currentDirection */
PIPIT_API pipit_direction pipit_transceiver_current_direction(const pipit_transceiver *transceiver);
/** Takes part in the next negotiation; `negotiation_needed` follows.
 *  @return 0, PIPIT_ERR_STATE when it is stopped or of a call, PIPIT_ERR_ARGUMENT.  W3C: direction */
PIPIT_API int pipit_transceiver_set_direction(pipit_transceiver *transceiver,
                                              pipit_direction direction);
/** Nothing is sent or taken any more, and the next negotiation refuses its section, whose place may then be used again.
 *  @return 0 also when it is stopped, PIPIT_ERR_STATE for a call's, PIPIT_ERR_ARGUMENT.  W3C: stop() */
PIPIT_API int pipit_transceiver_stop(pipit_transceiver *transceiver);
/** The codecs of the next negotiation, instead of those of the configuration.
 *  @param names  in order of preference, "opus,PCMU" or "VP8,H264"; NULL: those of the configuration. In an answer the far end's order counts
 *  @return 0, PIPIT_ERR_MEDIA for an unknown one, PIPIT_ERR_STATE, PIPIT_ERR_ARGUMENT, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY.
 *  W3C: setCodecPreferences() */
PIPIT_API int pipit_transceiver_set_codec_preferences(pipit_transceiver *transceiver,
                                                      const char *names);
/** Sends another source from now on, without a gap and without negotiation. Also of a call.
 *  @param source  referenced; NULL: silence
 *  @return 0, PIPIT_ERR_STATE, PIPIT_ERR_ARGUMENT for video, PIPIT_ERR_MEMORY.  W3C: sender.replaceTrack() */
PIPIT_API int pipit_transceiver_replace_source(pipit_transceiver *transceiver,
                                               pipit_source *source);
/** What comes goes there from now on. Also of a call.
 *  @param sink  referenced; NULL: it is dropped
 *  @return 0, PIPIT_ERR_STATE, PIPIT_ERR_ARGUMENT for video, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_transceiver_replace_sink(pipit_transceiver *transceiver, pipit_sink *sink);
/** Other ends for pictures from now on, without negotiation. Also of a call.
 *  @param source  referenced; NULL: nothing is sent
 *  @param sink    referenced; NULL: what comes is dropped. A new one begins with a key frame
 *  @return 0, PIPIT_ERR_STATE, PIPIT_ERR_ARGUMENT for audio.  W3C: sender.replaceTrack() */
PIPIT_API int pipit_transceiver_set_video(pipit_transceiver *transceiver,
                                          pipit_video_source *source, pipit_video_sink *sink);
/** Sends a tone by RFC 4733, behind those that wait.
 *  @param duration_ms, gap_ms  0: 100 and 70, the W3C's
 *  @return 0, PIPIT_ERR_NOT_SUPPORTED when the far end does not take them, PIPIT_ERR_STATE before media flow,
 *  PIPIT_ERR_ARGUMENT for what is no tone, PIPIT_ERR_LIMIT.  W3C: sender.dtmf.insertDTMF() */
PIPIT_API int pipit_transceiver_insert_dtmf(pipit_transceiver *transceiver, char tone,
                                            unsigned duration_ms, unsigned gap_ms);

#ifdef __cplusplus
}
#endif
#endif
