/* media_session.h - the seam between a call's signalling and its media. ua/ speaks only this; media_peer.c binds it to
 * our own peer connection, an application may bind its own media here. */
#ifndef PP_UA_MEDIA_SESSION_H
#define PP_UA_MEDIA_SESSION_H

#include "base/buf.h"
#include "base/loop.h"
#include "base/str.h"
#include "pipit/data_channel.h"
#include "pipit/media.h"
#include "pipit/stats.h"

typedef struct pp_media_session pp_media_session;

typedef enum pp_media_state {
    PP_MEDIA_NEW,
    PP_MEDIA_CHECKING,
    PP_MEDIA_CONNECTED,
    PP_MEDIA_DISCONNECTED,
    PP_MEDIA_FAILED
} pp_media_state;

typedef struct
    pp_media_session_handlers { /* never called from inside a function of the session but close */
    /* The offer or answer that was asked for: error 0 and its SDP, or an error (pipit_error_message() has the sentence). The
     * text has a zero behind it, and stays while the function runs, also when the session is closed meanwhile. */
    void (*description)(void *arg, int error, pp_str sdp);
    void (*state)(void *arg, pp_media_state state,
                  const char *reason); /* reason: a sentence for FAILED, else "" */
    void (*dtmf)(void *arg, char tone, unsigned duration_ms);
    void (*data_channel)(void *arg, pipit_data_channel *channel); /* the far end made one */
    /* While a description waits for ICE servers: one of its candidates, in their order. Optional. */
    void (*candidate)(void *arg, pp_str candidate);
    /* Behind a description that did not wait for them all: there is one more; p == NULL: there are no more. Optional. */
    void (*candidate_behind)(void *arg, pp_str candidate);
} pp_media_session_handlers;

typedef struct pp_media_session_options {
    pipit_media_stream stream;
    pipit_peer_configuration configuration;
    bool video;   /* has a section for it */
    bool offerer; /* makes the first offer: ICE controlling */
} pp_media_session_options;

typedef struct pp_media_session_ops {
    int (*create_offer)(pp_media_session *session); /* `description` follows */
    int (*create_answer)(
        pp_media_session *session); /* after set_remote(offer); `description` follows */
    /* is_offer: an offer to be answered, else the answer to ours. A zero is behind the text. PIPIT_ERR_SYNTAX, PIPIT_ERR_MEDIA when nothing fits: 488. */
    int (*set_remote)(pp_media_session *session, bool is_offer, pp_str sdp);
    /* The description that waits for ICE servers waits no longer. PIPIT_ERR_STATE: none does. NULL where none ever does. */
    int (*ready)(pp_media_session *session);
    /* Whether the signalling brings candidates behind a description to the far end: then those to come need not wait for ICE
     * servers. NULL, like the next two, where they always have them all. */
    void (*trickle)(pp_media_session *session, bool can);
    /* All candidates of the last description, as application/trickle-ice-sdpfrag (RFC 8840). PIPIT_ERR_STATE: it is none of those. */
    int (*write_candidates)(pp_media_session *session, pp_buf *out);
    /* The far end's. PIPIT_ERR_STATE: they are of another description than its last, PIPIT_ERR_SYNTAX. */
    int (*take_candidates)(pp_media_session *session, pp_str fragment);
    /* The next offer restarts ICE, and those behind it until one was answered (RFC 8829 section 4.1.12); false takes it back.
     * PIPIT_ERR_STATE: that would not help. NULL where there is no such thing. */
    int (*restart)(pp_media_session *session, bool wanted);
    /* Whether the path in use begins at an address that this machine has not any more. NULL where that is not known. */
    bool (*is_stranded)(pp_media_session *session);
    /* Another session for another far end. Of an offerer: it has got our first offer, and its set_remote(answer) comes next. Else it
     * makes an offer of its own, for its set_remote(offer). It is silent until all of the application's ends are handed over to it.
     * Both NULL where there is no such thing. */
    int (*fork)(pp_media_session *session, const pp_media_session_handlers *handlers, void *arg,
                pp_media_session **out);
    int (*hand_over)(pp_media_session *from, pp_media_session *to);
    /* The offer that was made or taken came to nothing: all is as before it (RFC 8829 section 4.1.8.2). */
    void (*rollback)(pp_media_session *session);
    /* We hold: nothing is heard or sent from now on but `source` where it is given, and descriptions to come say so. */
    int (*hold)(pp_media_session *session, bool held, pipit_source *source);
    /* Whether the far end's last description takes nothing from us. */
    bool (*remote_holds)(const pp_media_session *session);
    int (*send_dtmf)(pp_media_session *session, char tone, unsigned duration_ms,
                     unsigned gap_ms); /* PIPIT_ERR_NOT_SUPPORTED: use INFO */
    void (*mute)(pp_media_session *session, bool muted);
    /* Other ends from now on, without a gap. NULL where there is no such thing. */
    int (*set_stream)(pp_media_session *session, const pipit_media_stream *stream);
    /* A channel for messages; `out` is the caller's. NULL where there is no such thing. */
    int (*create_data_channel)(pp_media_session *session, const char *label,
                               const pipit_data_channel_options *options, pipit_data_channel **out);
    /* The peer connection, borrowed; NULL where there is none. */
    pipit_peer *(*connection)(const pp_media_session *session);
    /* The same for pictures. NULL where there is no such thing. */
    int (*set_video)(pp_media_session *session, pipit_video_source *source, pipit_video_sink *sink);
    void (*mute_video)(pp_media_session *session, bool muted);
    /* NULL where nothing is counted. */
    void (*stats)(const pp_media_session *session, pipit_stats *out);
    void (*close)(
        pp_media_session *session); /* released; no handler from here on; safe inside a handler */
} pp_media_session_ops;

struct pp_media_session {
    const pp_media_session_ops *ops;
};

typedef int pp_media_session_new(pipit_loop *loop, const pp_media_session_options *options,
                                 const pp_media_session_handlers *handlers, void *arg,
                                 pp_media_session **out);
/* The one bound to peer/. */
pp_media_session_new pp_media_peer_new;

/* An answer that takes nothing of an offer. */
int pp_media_refuse(pipit_loop *loop, pp_str offer, pp_buf *out);

#endif
