/** @file session.h  Calls (JsSIP: RTCSession). Made by pipit_ua_call() or announced by `new_rtc_session`. */
#ifndef PIPIT_SESSION_H
#define PIPIT_SESSION_H

#include "pipit/data_channel.h"
#include "pipit/media.h"
#include "pipit/message.h"
#include "pipit/name_addr.h"
#include "pipit/stats.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** JsSIP's states, with its numbers. */
typedef enum pipit_session_status {
    PIPIT_SESSION_NULL,
    PIPIT_SESSION_INVITE_SENT,
    PIPIT_SESSION_1XX_RECEIVED,
    PIPIT_SESSION_INVITE_RECEIVED,
    PIPIT_SESSION_WAITING_FOR_ANSWER,
    PIPIT_SESSION_ANSWERED,
    PIPIT_SESSION_WAITING_FOR_ACK,
    PIPIT_SESSION_CANCELED,
    PIPIT_SESSION_TERMINATED,
    PIPIT_SESSION_CONFIRMED
} pipit_session_status;

/** `connecting`: local media is attached, the description is being made. `sending`: the INVITE is about to go, as this request
 *  is when the handler returns: it may set and add header fields, and set the body. Via comes later. Call-ID, CSeq, the tags
 *  and one Contact have to stay: else the call fails with PIPIT_CAUSE_INTERNAL_ERROR, and so it does with a request that is
 *  none any more. */
typedef struct pipit_request_event {
    pipit_request *request;
} pipit_request_event;

/** `progress` and `accepted`. */
typedef struct pipit_progress_event {
    pipit_originator originator;
    pipit_request *response; /**< NULL when local */
} pipit_progress_event;

/** `confirmed`. */
typedef struct pipit_confirmed_event {
    pipit_originator originator; /**< PIPIT_LOCAL when we sent the ACK */
    pipit_request *ack;          /**< NULL when local */
} pipit_confirmed_event;

/** `ended` (after an answer) and `failed` (before one). One of them is every call's last event; only what the media could
 *  not do may follow. */
typedef struct pipit_end_event {
    pipit_originator originator;
    pipit_request *message; /**< the request or response that ended it; NULL for none */
    pipit_cause cause;
    const char *
        reason; /**< one sentence for people: "486 Busy Here", "the media path was lost"; with the far end's
                     Reason header (RFC 3326) where it gave one: "SIP 200: Call completed elsewhere"; never NULL */
} pipit_end_event;

/** `new_dtmf`. */
typedef struct pipit_dtmf_event {
    pipit_originator originator;
    char tone; /**< 0-9 A-D * #, and R for a hook flash */
    unsigned duration_ms;
    bool rtp;               /**< by RFC 4733; false by INFO */
    pipit_request *request; /**< the INFO; NULL for RFC 4733 and local ones */
} pipit_dtmf_event;

/** `new_info`: an INFO with any other body, without a package or of one that is among `recv_info`. */
typedef struct pipit_info_event {
    pipit_originator originator;
    const char *content_type;
    const char *body;
    size_t size;
    pipit_request *request;
} pipit_info_event;

/** `muted` and `unmuted`. */
typedef struct pipit_mute_event {
    bool audio, video;
} pipit_mute_event;

/** `sdp`: a description is about to be applied or sent. The handler may change it with pipit_session_change_sdp(). */
typedef struct pipit_sdp_event {
    pipit_originator originator;
    const char *type; /**< "offer" or "answer" */
    const char *sdp;
} pipit_sdp_event;

/** `hold` and `unhold`: sound stops, or goes again. One that the far end holds from the start is told of behind `confirmed`. */
typedef struct pipit_hold_event {
    pipit_originator originator; /**< who holds, or held */
} pipit_hold_event;

/** `reinvite` and `update`: the far end offers anew, or refreshes the call. Inside the handler it may be refused with
 *  pipit_session_reject_reoffer(). */
typedef struct pipit_reoffer_event {
    pipit_request *request;
} pipit_reoffer_event;

/** `reoffered`: an offer inside the call was answered and holds. JsSIP: the callbacks of `reinvite` and `update`. */
typedef struct pipit_reoffered_event {
    pipit_originator originator; /**< who offered */
} pipit_reoffered_event;

/** `refer`: the far end wants us to call somebody else. Decide with pipit_refer_accept() or pipit_refer_reject(), now or, when it is
 *  kept with pipit_refer_notifier_ref(), later; one that is not kept is refused with 603. */
typedef struct pipit_refer_event {
    pipit_refer_notifier *refer;
    pipit_request *request;
} pipit_refer_event;

/** `replaces`: a call is coming that takes the place of this one. It is announced by `new_rtc_session` next, unless it is refused
 *  with pipit_session_reject_replaces(); when it is confirmed, this one is ended. */
typedef struct pipit_replaces_event {
    pipit_request *request;
} pipit_replaces_event;

/** `media`: the state of the media path. No counterpart in JsSIP (there: connection.iceConnectionState). */
typedef struct pipit_media_event {
    const char *state; /**< "checking", "connected" (sound can flow), "disconnected", "failed" */
} pipit_media_event;

/** `data_channel`: the far end opened one (W3C: datachannel). Give it handlers at once: its messages follow. */
typedef struct pipit_data_channel_event {
    pipit_data_channel *channel; /**< keep it with pipit_data_channel_ref() */
} pipit_data_channel_event;

/** `early_media`: a far end has described its media before it answered, or is heard now. A call may ring at several places at once;
 *  the first that describes is heard, until pipit_session_hear_branch() or the answer decides. */
typedef struct pipit_early_media_event {
    const char *branch; /**< which: the To tag of its responses */
    bool heard;         /**< false: another one is; its media stand by */
} pipit_early_media_event;

/** `icecandidate`: an address of ours that the description to come will name; one event for each, then `sdp`. Where there are ICE
 *  servers (pipit_peer_configuration.ice_servers) the description waits for what they say, and pipit_session_ready() ends that. */
typedef struct pipit_icecandidate_event {
    const char *
        candidate; /**< "candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host" (RFC 8839 section 5.1) */
} pipit_icecandidate_event;

/** `peerconnection`: the media of the call were made. */
typedef struct pipit_peerconnection_event {
    bool own_media; /**< they are the application's own */
    pipit_peer
        *peerconnection; /**< the built-in one, pipit_session_connection(); NULL: own media */
} pipit_peerconnection_event;

/** What the media could not do; behind `failed` or `ended` where the call is over for it. There is no getusermediafailed: sources
 *  are opened before a call, and pipit_ua_call() and pipit_session_answer() return the error. */
typedef struct pipit_media_failure_event {
    const char *reason; /**< a sentence; never NULL */
} pipit_media_failure_event;

/** Handlers of a call; each may be NULL. The table must outlive the call. */
typedef struct pipit_session_handlers {
    void (*connecting)(pipit_session *session, const pipit_request_event *event, void *user);
    void (*sending)(pipit_session *session, const pipit_request_event *event, void *user);
    void (*progress)(pipit_session *session, const pipit_progress_event *event, void *user);
    void (*accepted)(pipit_session *session, const pipit_progress_event *event, void *user);
    void (*confirmed)(pipit_session *session, const pipit_confirmed_event *event, void *user);
    void (*ended)(pipit_session *session, const pipit_end_event *event, void *user);
    void (*failed)(pipit_session *session, const pipit_end_event *event, void *user);
    void (*new_dtmf)(pipit_session *session, const pipit_dtmf_event *event, void *user);
    void (*new_info)(pipit_session *session, const pipit_info_event *event, void *user);
    void (*hold)(pipit_session *session, const pipit_hold_event *event, void *user);
    void (*unhold)(pipit_session *session, const pipit_hold_event *event, void *user);
    void (*reinvite)(pipit_session *session, const pipit_reoffer_event *event, void *user);
    void (*update)(pipit_session *session, const pipit_reoffer_event *event, void *user);
    void (*reoffered)(pipit_session *session, const pipit_reoffered_event *event, void *user);
    void (*refer)(pipit_session *session, const pipit_refer_event *event, void *user);
    void (*replaces)(pipit_session *session, const pipit_replaces_event *event, void *user);
    void (*muted)(pipit_session *session, const pipit_mute_event *event, void *user);
    void (*unmuted)(pipit_session *session, const pipit_mute_event *event, void *user);
    void (*sdp)(pipit_session *session, const pipit_sdp_event *event, void *user);
    void (*media)(pipit_session *session, const pipit_media_event *event, void *user);
    void (*early_media)(pipit_session *session, const pipit_early_media_event *event, void *user);
    void (*data_channel)(pipit_session *session, const pipit_data_channel_event *event, void *user);

    void (*icecandidate)(pipit_session *session, const pipit_icecandidate_event *event, void *user);
    void (*peerconnection)(pipit_session *session, const pipit_peerconnection_event *event,
                           void *user);
    void (*peerconnection_createofferfailed)(pipit_session *session,
                                             const pipit_media_failure_event *event, void *user);
    void (*peerconnection_createanswerfailed)(pipit_session *session,
                                              const pipit_media_failure_event *event, void *user);
    void (*peerconnection_setlocaldescriptionfailed)(pipit_session *session,
                                                     const pipit_media_failure_event *event,
                                                     void *user);
    void (*peerconnection_setremotedescriptionfailed)(pipit_session *session,
                                                      const pipit_media_failure_event *event,
                                                      void *user);
    /** Sees every event before its own handler, by JsSIP's name ("newDTMF"); `event` is what that handler gets. */
    void (*any)(pipit_session *session, const char *name, const void *event, void *user);
} pipit_session_handlers;

/** Options of pipit_ua_call(). Strings and arrays are copied. */
typedef struct pipit_call_options {
    const pipit_session_handlers *handlers;    /**< attached before anything fires; NULL: none */
    void *user;                                /**< passed to the handlers */
    pipit_media_constraints media_constraints; /**< neither audio nor video: audio */
    pipit_media_stream media_stream;
    pipit_peer_configuration pc_config;
    pipit_own_media
        *own_media; /**< in the place of the built-in media, see own_media.h; NULL: none */
    const char *const
        *extra_headers; /**< "Name: value" lines of the INVITE, NULL at the end; NULL: none */
    bool anonymous;     /**< RFC 3323: hide who calls */
    const char *from_user_name;    /**< user part of the From URI; NULL: that of the account */
    const char *from_display_name; /**< NULL: that of the account */
    /** Seconds of the session timer to ask for (RFC 4028), 60 and more; 0 or less than that: as configured. */
    unsigned session_timers_expires;
    void *data; /**< the application's own pointer, see pipit_session_data() */
    /** Seconds it may ring: then it is cancelled, and fails with PIPIT_CAUSE_NO_ANSWER. 0: as long as it does.
     *  JsSIP: no_answer_timeout is for calls that come in only */
    unsigned no_answer_timeout;
    /** Seconds the INVITE is good for (its Expires header, RFC 3261 section 13.2.1): servers give up then, and so do we, with
     *  PIPIT_CAUSE_EXPIRES. 0: not said. */
    unsigned expires;
    /** true: the far end makes the offer, in its answer or before (RFC 3261 section 13.2.1), and we answer it in the ACK or
     *  PRACK. Where the call rings at several places each of them makes one, and gets an answer and media of its own. */
    bool offerless;
    /** How many 3xx are followed, to their sip and sips Contacts by q, none twice; one that is refused gives way to the next. 0: as
     *  configured. What is not followed fails with PIPIT_CAUSE_REDIRECTED, and the event's message has the Contacts. */
    unsigned follow_redirects;
} pipit_call_options;

/** Options of pipit_session_answer(). */
typedef struct pipit_answer_options {
    pipit_media_constraints media_constraints; /**< neither audio nor video: audio */
    pipit_media_stream media_stream;
    pipit_peer_configuration pc_config;
    pipit_own_media
        *own_media; /**< in the place of the built-in media, see own_media.h; NULL: none */
    const char *const *extra_headers; /**< of the 200 */
    /** Seconds of the session timer where the caller asks for none, 60 and more; 0 or less than that: as configured. */
    unsigned session_timers_expires;
    void *
        data; /**< the application's own pointer; NULL: leaves what pipit_session_set_data() has set */
} pipit_answer_options;

/** Options of pipit_session_progress(). */
typedef struct pipit_progress_options {
    int status_code;                  /**< 101 to 199; 0: 183 */
    const char *reason_phrase;        /**< NULL: the standard one */
    const char *const *extra_headers; /**< "Name: value" lines, NULL at the end; NULL: none */
    /** true: the offer is answered now, and sound flows before the call is answered. pipit_session_answer() keeps the media that
     *  are given here. */
    bool early_media;
    pipit_media_constraints media_constraints; /**< neither audio nor video: audio */
    pipit_media_stream media_stream;
    pipit_peer_configuration pc_config;
    pipit_own_media *own_media; /**< in the place of the built-in media; NULL: none */
} pipit_progress_options;

/** Options of pipit_session_terminate(). */
typedef struct pipit_terminate_options {
    int status_code; /**< refusing: 300-699, 0 is 480. Hanging up or cancelling: 200-699 for a Reason header, 0 none */
    const char *reason_phrase;        /**< NULL: the standard one */
    const char *const *extra_headers; /**< of the BYE or the refusal */
    const char *content_type;         /**< of the body; NULL: "text/plain" */
    const char *body;                 /**< of the BYE or the refusal; NULL: none */
    const char *cause; /**< sentence of the event's `reason`; NULL: made of its cause */
} pipit_terminate_options;

/** What came of a request of ours inside a call. */
typedef struct pipit_outcome {
    pipit_cause
        cause; /**< PIPIT_CAUSE_NONE: it was accepted. A refused offer leaves all as it was before */
    pipit_request *response; /**< the far end's; NULL for none */
} pipit_outcome;

/** Called once for each request that was sent, before the call's last event at the latest. */
typedef void pipit_outcome_function(pipit_session *session, const pipit_outcome *outcome,
                                    void *user);

/** Options of pipit_session_hold(), pipit_session_unhold() and pipit_session_renegotiate(). */
typedef struct pipit_reoffer_options {
    /** Offer in an UPDATE (RFC 3311); false: in a re-INVITE. Before the call is answered it is an UPDATE in any case, but from inside
     *  of `progress`: there it goes in the PRACK of the response that is being told of, when that is a reliable one (RFC 3262
     *  section 5). */
    bool use_update;
    /** The offer restarts ICE (RFC 8445 section 9; JsSIP: rtcOfferConstraints.iceRestart): fresh credentials, and candidates of
     *  the addresses the machine has now. The path in use carries the media until a new one works, and goes on when none does. */
    bool restart_ice;
    const char *const *extra_headers;
    pipit_source *hold_source; /**< while we hold the far end hears this; NULL: nothing is sent */
    pipit_outcome_function *done; /**< called once; NULL: nobody waits */
    void *user;                   /**< passed to `done` */
} pipit_reoffer_options;

/** Who holds a call. */
typedef struct pipit_on_hold {
    bool local, remote;
} pipit_on_hold;

/** Options of pipit_session_send_dtmf(). */
typedef struct pipit_dtmf_options {
    unsigned duration_ms;       /**< of a tone, 70 to 6,000; 0: 100 */
    unsigned inter_tone_gap_ms; /**< 50 and more; 0: 500 for INFO as JsSIP, 100 for RTP */
    bool
        info; /**< true: by INFO (application/dtmf-relay); false: by RFC 4733, or INFO where the far end lacks it */
    const char *const *extra_headers; /**< of each INFO */
    pipit_outcome_function
        *done;  /**< called for each tone: when it was answered, or at once with RFC 4733 */
    void *user; /**< passed to `done` */
} pipit_dtmf_options;

/** Options of pipit_session_send_info() and pipit_session_send_request(). */
typedef struct pipit_send_options {
    const char *const *extra_headers; /**< "Name: value" lines, NULL at the end; NULL: none */
    const char
        *content_type; /**< of the body; needed with one. Not used by pipit_session_send_info() */
    const char *body;  /**< NULL: none. Not used by pipit_session_send_info() */
    pipit_outcome_function *done; /**< NULL: nobody waits */
    void *user;                   /**< passed to `done` */
} pipit_send_options;

/** Attaches handlers, for calls that come in. Replaces those attached before.
 *  @param handlers  must outlive the call */
PIPIT_API void pipit_session_set_handlers(pipit_session *session,
                                          const pipit_session_handlers *handlers, void *user);

/** One more listener; it hears what comes after this.
 *  @param handlers  must outlive the call, or until it is removed
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  JsSIP: session.on() */
PIPIT_API int pipit_session_add_handlers(pipit_session *session,
                                         const pipit_session_handlers *handlers, void *user);
/** Removes what pipit_session_add_handlers() or the call's options gave; also from inside of a handler. They are not called any
 *  more, not for the event that is on its way either.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_NOT_FOUND.  JsSIP: session.off() */
PIPIT_API int pipit_session_remove_handlers(pipit_session *session,
                                            const pipit_session_handlers *handlers, void *user);

/** Answers an incoming call. Returns before anything is emitted; then come `connecting`, `accepted`, `confirmed`, or
 *  `failed`. On an error the call rings on.
 *  @param options  NULL for defaults; copied
 *  @return 0, PIPIT_ERR_STATE when it is no incoming call that waits for an answer, PIPIT_ERR_SYNTAX for a bad header,
 *          PIPIT_ERR_MEDIA, PIPIT_ERR_MEMORY.
 *  Example: examples/answer.c.  JsSIP: session.answer() */
PIPIT_API int pipit_session_answer(pipit_session *session, const pipit_answer_options *options);

/** The description that waits for ICE servers waits no longer and goes with the candidates that were told so far; may be called
 *  from inside of `icecandidate`.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_STATE when none waits.  JsSIP: ready() of the event icecandidate */
PIPIT_API int pipit_session_ready(pipit_session *session);

/** Tells an incoming call that waits for an answer how it is going: 182 "Queued", or 183 with sound before the answer (an
 *  announcement, a ring back tone). Sent reliably (RFC 3262) as `reliable_provisionals` of the configuration has it. Emits
 *  `progress`; with early media later, behind `connecting`.
 *  @param options  NULL for defaults; copied
 *  @return 0, PIPIT_ERR_STATE when it does not wait, or another one is being made, PIPIT_ERR_NOT_SUPPORTED for early media where the
 *          caller has not offered and knows no reliable responses, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad phrase or
 *          header, PIPIT_ERR_MEDIA, PIPIT_ERR_CONNECTION, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_session_progress(pipit_session *session, const pipit_progress_options *options);

/** Hears another one of the far ends of a call of ours that rings at several places, and is heard by it only. The one that answers is
 *  heard in any case, and the others are closed. Emits `early_media`.
 *  @param branch  as `early_media` named it
 *  @return 0, PIPIT_ERR_STATE when it has no media, the call is answered or ended, or an offer is in flight, PIPIT_ERR_ARGUMENT,
 *          PIPIT_ERR_MEDIA, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_session_hear_branch(pipit_session *session, const char *branch);

/** Ends a call in whatever way its state asks for: CANCEL, a final response, or BYE. Emits `failed` or `ended` before
 *  it returns.
 *  @param options  NULL for defaults
 *  @return 0, PIPIT_ERR_STATE when it has ended, PIPIT_ERR_ARGUMENT for a status code out of range, PIPIT_ERR_SYNTAX for
 *          a bad header; the call goes on after an error.  JsSIP: session.terminate() */
PIPIT_API int pipit_session_terminate(pipit_session *session,
                                      const pipit_terminate_options *options);

/** Sends tones, one after the other; more may be added while some are being sent. ',' is a pause of 2 s.
 *  Those that go by RTP wait until the media path stands. Emits `new_dtmf` for each as it goes.
 *  @param tones    0-9 A-D a-d * #, R or r for a hook flash, and ','
 *  @param options  NULL for defaults; copied
 *  @return 0, PIPIT_ERR_STATE when not established, PIPIT_ERR_ARGUMENT for any other character.  JsSIP: session.sendDTMF() */
PIPIT_API int pipit_session_send_dtmf(pipit_session *session, const char *tones,
                                      const pipit_dtmf_options *options);

/** Sends an INFO (RFC 6086's legacy form). Emits `new_info` before it returns.
 *  @param body     NULL or "": none
 *  @param options  NULL for defaults
 *  @return 0, PIPIT_ERR_STATE when not established, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad content type,
 *          PIPIT_ERR_MEMORY.  JsSIP: session.sendInfo() */
PIPIT_API int pipit_session_send_info(pipit_session *session, const char *content_type,
                                      const char *body, const pipit_send_options *options);

/** Sends any request inside of the call that neither begins, ends nor changes it: INFO, MESSAGE, OPTIONS, NOTIFY, REFER,
 *  SUBSCRIBE, PUBLISH. It may go before the call is answered, as soon as the far end is known.
 *  @param method   in capitals
 *  @param options  NULL for defaults
 *  @return 0, PIPIT_ERR_STATE when no far end is known or the call has ended, PIPIT_ERR_ARGUMENT for another method or a body
 *          without type, PIPIT_ERR_SYNTAX for a bad header or content type, PIPIT_ERR_MEMORY.  JsSIP: session.sendRequest() */
PIPIT_API int pipit_session_send_request(pipit_session *session, const char *method,
                                         const pipit_send_options *options);

/** Puts the session on hold: at once nothing is sent or heard, and the new direction is offered to the peer (RFC 3264 section
 *  8.4). Emits `hold` before it returns. When the peer refuses, the call goes on as before and `unhold` is emitted. An offer that
 *  meets one of the peer's is made again by itself (RFC 3261 section 14.1). It may be done before the call is answered, when the
 *  first offer has got its answer in a reliable response.
 *  @param options  NULL for defaults; copied
 *  @return 0, PIPIT_ERR_STATE when nothing was agreed yet, already held, or another offer is in flight, PIPIT_ERR_SYNTAX for a bad
 *          header, PIPIT_ERR_MEDIA, PIPIT_ERR_MEMORY.  JsSIP: session.hold() */
PIPIT_API int pipit_session_hold(pipit_session *session, const pipit_reoffer_options *options);
/** Ends our hold. Emits `unhold` before it returns.
 *  @return 0, PIPIT_ERR_STATE when not established, not held, or another offer is in flight, and the rest as
 *          pipit_session_hold().  JsSIP: session.unhold() */
PIPIT_API int pipit_session_unhold(pipit_session *session, const pipit_reoffer_options *options);
/** Offers anew what the call has.
 *  @return 0, PIPIT_ERR_STATE when not established or another offer is in flight, and the rest as pipit_session_hold().
 *  JsSIP: session.renegotiate() */
PIPIT_API int pipit_session_renegotiate(pipit_session *session,
                                        const pipit_reoffer_options *options);
/** @return who holds the call.  JsSIP: session.isOnHold() */
PIPIT_API pipit_on_hold pipit_session_is_on_hold(const pipit_session *session);
/** @return whether pipit_session_renegotiate() is possible now: the call stands and no offer is open in either direction.
 *  JsSIP: session.isReadyToReOffer() */
PIPIT_API bool pipit_session_is_ready_to_reoffer(const pipit_session *session);
/** Refuses what `reinvite` or `update` announced; inside of their handlers only.
 *  @param options  NULL: 403; `body` and `content_type` are not used
 *  @return 0, PIPIT_ERR_STATE outside of the handlers, PIPIT_ERR_ARGUMENT for a status outside 300-699, PIPIT_ERR_SYNTAX for a
 *          bad header.  JsSIP: reject() of the event */
PIPIT_API int pipit_session_reject_reoffer(pipit_session *session,
                                           const pipit_reply_options *options);

/** Puts another text in the place of the description that is shown; inside of the handler of `sdp` only.
 *  @param sdp  copied
 *  @return 0, PIPIT_ERR_STATE outside of the handler, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  JsSIP: data.sdp of the event */
PIPIT_API int pipit_session_change_sdp(pipit_session *session, const char *sdp);

/** Opens a channel for messages in a call whose `pc_config.data_channels` says so: at any time from the call or the answer on, also
 *  before the media path stands. One that the far end did not want is closed.
 *  @param label    what it is about, for the far end; UTF-8, at most 65,535 octets; NULL: ""
 *  @param options  NULL: in order and reliable; see data_channel.h
 *  @param out      yours, for pipit_data_channel_unref()
 *  @return 0, PIPIT_ERR_STATE when the call has no data channels, no media yet or any more, PIPIT_ERR_NOT_SUPPORTED when its media are
 *          the application's own, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for what is no UTF-8, PIPIT_ERR_LIMIT for more than 256
 *          channels or a text too long, PIPIT_ERR_MEMORY.  JsSIP: connection.createDataChannel() */
PIPIT_API int pipit_session_create_data_channel(pipit_session *session, const char *label,
                                                const pipit_data_channel_options *options,
                                                pipit_data_channel **out);

/** Other ends for the sound of a call that goes on; nothing is missing or cracks where they meet. While the call is in a
 *  conference they are kept for afterwards. The source before is read once more, 20 ms that die
 *  away.
 *  @param source  NULL: silence is sent; the call takes its own reference
 *  @param sink    NULL: what comes is dropped; the call takes its own reference
 *  @return 0, PIPIT_ERR_STATE when the call has no media (it was not answered yet, or has ended), PIPIT_ERR_NOT_SUPPORTED when
 *          its media are the application's own, PIPIT_ERR_MEMORY; all is as before after an error.
 *  JsSIP: connection.getSenders()[0].replaceTrack() */
PIPIT_API int pipit_session_set_audio(pipit_session *session, pipit_source *source,
                                      pipit_sink *sink);

/** Other ends for the pictures of a call that goes on. The direction that was agreed stays.
 *  @param source  NULL: nothing is sent; the call takes its own reference
 *  @param sink    NULL: what comes is dropped; the call takes its own reference. A new one begins with a key frame
 *  @return 0, PIPIT_ERR_STATE when the call has no video, PIPIT_ERR_NOT_SUPPORTED when its media are the application's own.
 *  JsSIP: connection.getSenders()[1].replaceTrack() */
PIPIT_API int pipit_session_set_video(pipit_session *session, pipit_video_source *source,
                                      pipit_video_sink *sink);

/** Sends silence instead of the source, and black instead of the picture. Emits `muted`, with what has changed, before it returns.
 *  @param what  NULL: the sound
 *  @return 0, PIPIT_ERR_STATE when it has ended.  JsSIP: session.mute() */
PIPIT_API int pipit_session_mute(pipit_session *session, const pipit_media_constraints *what);
/** @param what  NULL: sound and picture
 *  @return 0, PIPIT_ERR_STATE when it has ended.  JsSIP: session.unmute() */
PIPIT_API int pipit_session_unmute(pipit_session *session, const pipit_media_constraints *what);
/** @return what is muted.  JsSIP: session.isMuted() */
PIPIT_API pipit_media_constraints pipit_session_is_muted(const pipit_session *session);
/** Ends muting and our hold, whatever of them there is; the far end is offered the new direction.
 *  @return 0, and the errors of pipit_session_unhold().  JsSIP before 3.0.19: session.resetLocalMedia() */
PIPIT_API int pipit_session_reset_local_media(pipit_session *session);

PIPIT_API bool pipit_session_is_in_progress(const pipit_session *session);
PIPIT_API bool pipit_session_is_established(const pipit_session *session);
PIPIT_API bool pipit_session_is_ended(const pipit_session *session);
PIPIT_API pipit_session_status pipit_session_get_status(const pipit_session *session);
/** @return a name for a state as people read it: "confirmed" */
PIPIT_API const char *pipit_session_status_name(pipit_session_status status);
/** @return PIPIT_LOCAL for an outgoing call, PIPIT_REMOTE for an incoming one */
PIPIT_API pipit_originator pipit_session_direction(const pipit_session *session);
/** @return JsSIP's id: Call-ID and From tag of the INVITE */
PIPIT_API const char *pipit_session_id(const pipit_session *session);
PIPIT_API const char *pipit_session_call_id(const pipit_session *session);
/** @return the far end's URI without parameters */
PIPIT_API const char *pipit_session_remote_uri(const pipit_session *session);
/** @return the far end's display name, "" for none */
PIPIT_API const char *pipit_session_remote_display_name(const pipit_session *session);
PIPIT_API const char *pipit_session_local_uri(const pipit_session *session);
/** Gives our side of the call, as From or To have it.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_STATE when there is none, PIPIT_ERR_MEMORY.  JsSIP: session.local_identity */
PIPIT_API int pipit_session_local_identity(const pipit_session *session, pipit_name_addr **out);
/** Gives the far side of the call.  @param out  yours  @return as pipit_session_local_identity().
 *  JsSIP: session.remote_identity */
PIPIT_API int pipit_session_remote_identity(const pipit_session *session, pipit_name_addr **out);
/** @return the value of the Contact header the call began with: "<sip:…>".
 *  JsSIP: session.contact */
PIPIT_API const char *pipit_session_contact(const pipit_session *session);
/** @return milliseconds since 1970 when it was accepted; 0 before */
PIPIT_API uint64_t pipit_session_start_time_ms(const pipit_session *session);
/** @return milliseconds since 1970 when it ended after having been accepted; 0 before */
PIPIT_API uint64_t pipit_session_end_time_ms(const pipit_session *session);
/** The application's own pointer (JsSIP: session.data). */
PIPIT_API void *pipit_session_data(const pipit_session *session);
PIPIT_API void pipit_session_set_data(pipit_session *session, void *data);

/** An identity of the caller that a server vouches for (P-Asserted-Identity, RFC 3325). Whether the server may be trusted is
 *  for the application to know: it is as good as the one we are connected to.
 *  @param index  from 0; there may be a SIP address and a number
 *  @param out    yours; release with pipit_name_addr_unref()
 *  @return 0, PIPIT_ERR_NOT_FOUND when there is none, or for a call of ours, PIPIT_ERR_SYNTAX, PIPIT_ERR_ARGUMENT,
 *          PIPIT_ERR_MEMORY */
PIPIT_API int pipit_session_asserted_identity(const pipit_session *session, size_t index,
                                              pipit_name_addr **out);
/** @return after how many seconds the caller of an incoming call wants it to be answered by itself: by Answer-Mode or
 *  Priv-Answer-Mode "Auto" (RFC 5373) at once, by "answer-after" or "info=alert-autoanswer" in Call-Info or Alert-Info as phones
 *  have it; -1 when it does not. It is done where `auto_answer` of the configuration allows it. */
PIPIT_API int pipit_session_auto_answer_after(const pipit_session *session);

/** Fills `stats` with how the call does now, or did when it ended.
 *  @return 0, PIPIT_ERR_STATE when there was no media */
PIPIT_API int pipit_session_get_stats(pipit_session *session, pipit_stats *stats);

/** The peer connection of a call, with what it is asked and told about it (peer.h). After an early media event it may be another one.
 *  @return borrowed; NULL before there are media, after the call, and with media of the application's own. Keep it with
 *  pipit_peer_ref(): then it answers questions when the call is over.  JsSIP: session.connection */
PIPIT_API pipit_peer *pipit_session_connection(const pipit_session *session);

PIPIT_API pipit_session *pipit_session_ref(pipit_session *session);
/** @return NULL */
PIPIT_API pipit_session *pipit_session_unref(pipit_session *session);

#ifdef __cplusplus
}
#endif
#endif
