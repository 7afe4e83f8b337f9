/* front.h - the side of a peer connection that its application sees (pipit/peer.h): who listens, what waits to be told, and the
 * descriptions that stand. A call's connection has no front before somebody asks for one. */
#ifndef PP_PEER_FRONT_H
#define PP_PEER_FRONT_H

#include "peer/transceiver.h"
#include "pipit/peer.h"

#include <limits.h>

typedef enum pp_front_kind {
    PP_FRONT_SIGNALING,
    PP_FRONT_GATHERING,
    PP_FRONT_ICE,
    PP_FRONT_CONNECTION,
    PP_FRONT_STATES, /* how many of these there are; not one of them */
    PP_FRONT_TRACK,
    PP_FRONT_TONE,
    PP_FRONT_DATA_CHANNEL,
    PP_FRONT_CANDIDATE
} pp_front_kind;

#define PP_FRONT_NO_MORE UINT_MAX /* instead of a candidate's number */

typedef struct pp_front_event {
    pp_front_kind kind;
    unsigned value; /* a state; the duration of a tone */
    char tone;
    pp_transceiver *transceiver; /* held; of a track */
    pipit_data_channel *channel;
    unsigned agent; /* of a candidate: pp_front.agent when it was found */
} pp_front_event;

typedef struct pp_front_listener {
    const pipit_peer_handlers *handlers; /* NULL: removed while an event was on its way */
    void *user;
    struct pp_front_listener *next;
} pp_front_listener;

typedef struct pp_front {
    pp_front_listener *listeners; /* in the order they came */
    unsigned emitting;
    pp_buf events; /* pp_front_event, in their order */
    pp_post post;
    unsigned told[PP_FRONT_STATES];
    bool wants_negotiation; /* was told, and not negotiated since */
    char *made[2];  /* the last offer and the last answer that were made and do not stand yet */
    char *texts[4]; /* that were given out: local and remote, each current and pending */
    unsigned agent; /* whose candidates were told: they are counted */
    char ufrag[16]; /* of the agent whose candidates were told, so many of them */
    size_t candidates;
    bool candidates_end; /* and that there are no more */
    char reason[160];    /* why the connection failed */
} pp_front;

/* What stands of our own descriptions; every peer has it. */
typedef struct pp_said {
    char *local, *pending, *before; /* `before`: to go back to, while their offer is not settled */
    uint8_t local_type, pending_type, before_type;
    uint8_t remote_type, remote_type_before;
    uint8_t signaling; /* pipit_signaling_state */
    pp_sdp *previous;  /* of theirs, beside a provisional answer */
} pp_said;

/* front.c; nothing without a front */
int pp_front_make(pp_peer *peer); /* nothing the second time */
void pp_front_free(pp_peer *peer);
void pp_front_state(pp_peer *peer, pp_front_kind kind);
void pp_front_failed(pp_peer *peer, const char *reason); /* before the state is told */
void pp_front_tracks(pp_peer *peer); /* those that the far end has begun to send */
bool pp_front_candidate(pp_peer *peer, size_t number); /* false: there was no memory */
void pp_front_tone(pp_peer *peer, char tone, unsigned duration_ms);
/* At once: it comes from the loop, and its messages follow at once. */
void pp_front_data_channel(pp_peer *peer, pipit_data_channel *channel);
void pp_front_check(pp_peer *peer);   /* whether something is to be negotiated */
void pp_front_settled(pp_peer *peer); /* something was */
pipit_ice_connection_state pp_peer_ice_state(const pp_peer *peer);
pipit_ice_gathering_state pp_peer_gathering_state(const pp_peer *peer);

/* trickle.c */
void pp_front_candidates(pp_peer *peer); /* those that are known and were not told yet */
void pp_front_tell_candidate(pp_peer *peer, const pipit_peer_handlers *handlers, void *user,
                             unsigned number);

/* said.c; `text` is taken over, and may be NULL when memory was short */
void pp_peer_say(pp_peer *peer, pipit_description_type type, char *text);
void pp_peer_hear(pp_peer *peer, pipit_description_type type); /* terms.remote stands */
void pp_peer_unsay(pp_peer *peer); /* the offer that is open, theirs or ours */
void pp_peer_settle_said(pp_peer *peer);
void pp_peer_free_said(pp_peer *peer);

#endif
