/* parts.h - what a call consists of: its far ends, its media, its offers, what it waits for. */
#ifndef PP_UA_SESSION_PARTS_H
#define PP_UA_SESSION_PARTS_H

#include "pipit/session.h"
#include "ua/ua.h"

typedef struct pp_trickle pp_trickle; /* trickle.c */

/* Its last reliable provisional response. */
typedef enum pp_prack_state {
    PP_PRACK_SENT, /* or none was asked for */
    PP_PRACK_OWED, /* the application may yet put an offer into it */
    PP_PRACK_REFUSED /* over its offer: whether the response is acknowledged shows when it comes again */
} pp_prack_state;

/* One far end of a call. An outgoing call may have several, told apart by To tag, until one of them answers. */
typedef struct pp_fork {
    struct pp_fork *next;
    pp_dialog *dialog; /* NULL: it has not said where it is; the session's if the call is with it */
    pp_outgoing *ack;  /* of its 2xx; sent again whenever that comes again */
    uint32_t rseq;     /* of its last reliable provisional response; 0: there was none */
    pp_prack_state prack;
    char *early;    /* the answer that such a response, or another, brought; NULL: none */
    bool agreed;    /* reliably: descriptions that follow are repeats */
    bool answering; /* its own media make the answer to its offer, for its PRACK */
    pipit_session *session;
    pp_media_session *media; /* its own, while another one is heard; NULL: it has none */
    pp_media_state state;    /* of those */
    char tag[];
} pp_fork;

/* What the description that is being made is for. */
typedef enum pp_making {
    PP_MAKING_NOTHING,
    PP_MAKING_INVITE,       /* our offer */
    PP_MAKING_ANSWER,       /* to their INVITE */
    PP_MAKING_LATE_OFFER,   /* their INVITE had none: ours goes into the 200 */
    PP_MAKING_EARLY_ANSWER, /* the same two before the 200 */
    PP_MAKING_EARLY_OFFER,
    PP_MAKING_PRACK_ANSWER, /* our INVITE had none: to the offer of a provisional response */
    PP_MAKING_ACK_ANSWER,   /* or of the 2xx */
    PP_MAKING_REANSWER,     /* to their re-INVITE or UPDATE */
    PP_MAKING_LATE_REOFFER, /* their re-INVITE had none */
    PP_MAKING_REOFFER       /* our offer inside the call */
} pp_making;

typedef struct pp_conference_seat pp_conference_seat;

/* What the media could not do; told behind the event that ends the call, if it ends over it. */
typedef enum pp_fault_step {
    PP_FAULT_NONE,
    PP_FAULT_CREATE_OFFER,
    PP_FAULT_CREATE_ANSWER,
    PP_FAULT_SET_LOCAL,
    PP_FAULT_SET_REMOTE
} pp_fault_step;

typedef struct pp_media_fault {
    pp_fault_step step;
    char *sentence; /* NULL: there was no memory for it */
} pp_media_fault;

typedef struct pp_session_media {
    pp_media_session *session; /* NULL before and after */
    pp_media_session *first;   /* what it was made with: of one of the forks, when several answer */
    pipit_source *own_source;  /* the application's ends of its sound */
    pipit_sink *own_sink;
    pp_conference_seat *seat; /* whose ends are used instead; NULL: none */
    char *changed;       /* the description a handler put in the place of the one it was shown */
    pipit_stats *stats;  /* the last ones, when it is closed; NULL: it has had none */
    pp_trickle *trickle; /* one for each far end that may be told candidates, or has told some */
    pp_media_fault fault;
    pp_media_state state : 8;
    pp_making making : 8;
    bool trickles; /* candidates may follow descriptions */
    bool reached;  /* the far end has sent something inside: it knows of the dialog */
    bool showing;  /* a handler may change the description */
    bool foreign;  /* they are the application's own */
    pipit_media_constraints muted;
    unsigned candidates_told; /* of the description to come */
    unsigned behind; /* that is to be told behind the last one: candidates, and their end */
} pp_session_media;

/* A 2xx of ours, repeated until its ACK comes (RFC 3261 section 13.3.1.4). */
typedef struct pp_ack_wait {
    pp_server_transaction *transaction; /* NULL once it is gone */
    pp_outgoing *response;
    uint32_t cseq;
    unsigned interval_ms, waited_ms;
    bool offered;     /* the 2xx carried our offer: the ACK must carry the answer */
    pp_outgoing *bye; /* held back until the ACK: the call was ended in between */
    pp_timer timer;
} pp_ack_wait;

/* Where a call of ours was sent to by 3xx (RFC 3261 section 8.1.3.4). */
typedef struct pp_redirect_target {
    struct pp_redirect_target *next; /* those that were tried, then the others by q */
    char *uri;
    unsigned q; /* thousandths */
    bool tried;
} pp_redirect_target;

typedef struct pp_redirect {
    unsigned hops_left; /* 3xx that will be followed */
    unsigned count;
    pp_redirect_target *targets;
} pp_redirect;

/* A provisional response of ours that has to be acknowledged; the first of them waits for its PRACK (RFC 3262 section 3). */
typedef struct pp_unacknowledged {
    struct pp_unacknowledged *next;
    pp_outgoing *response;
    bool described; /* it carries a description: a 2xx has to wait for its PRACK */
    bool sent;      /* with its RSeq */
} pp_unacknowledged;

typedef struct pp_early {
    pp_unacknowledged *waiting;
    uint32_t rseq; /* of the last that was sent; 0: none was */
    unsigned interval_ms;
    pp_timer repeat, give_up;
    /* early media */
    bool
        wanted; /* a description is being made for the response that `status` and the next two say */
    int status;
    char *phrase;
    char **headers;
    char *sdp;    /* ours, that was sent */
    bool agreed;  /* it was sent reliably: the 2xx has none, and offers may follow */
    bool offered; /* it is an offer, and the PRACK has to bring its answer */
} pp_early;

/* What the application says of it. */
typedef struct pp_refusal {
    int status; /* 0: it takes it */
    char *phrase;
    char **headers;
} pp_refusal;

/* A re-INVITE or UPDATE with an offer of theirs that is being answered. */
typedef struct pp_reoffer {
    pp_server_transaction *transaction; /* NULL: none */
    pp_message *request;
    pp_refusal *refusal; /* while the application is asked */
} pp_reoffer;

/* A call that is to take the place of this one, while the application is asked. */
typedef struct pp_replacement {
    pp_server_transaction *transaction;
    bool refused;
} pp_replacement;

/* Somebody who hears what came of a request. */
typedef struct pp_waiting {
    pipit_outcome_function *done; /* NULL: nobody */
    void *user;
} pp_waiting;

typedef enum pp_own_offer {
    PP_OFFER_NONE,
    PP_OFFER_HOLD,
    PP_OFFER_UNHOLD,
    PP_OFFER_SAME,
    PP_OFFER_RECOVERY /* the call's own; silence on it does not end the call */
} pp_own_offer;

/* A re-INVITE, UPDATE or PRACK with an offer of ours. */
typedef struct pp_own_reoffer {
    pp_own_offer kind; /* PP_OFFER_NONE: there is none */
    bool update;
    bool prack;                /* it goes in the PRACK that is owed to session->branch */
    bool early_hold;           /* ours was changed before the call is answered */
    bool untold;               /* and who is heard now was not asked */
    bool restart;              /* ICE, too */
    unsigned repeats;          /* after it met an offer of theirs, or came too soon */
    pp_request_sender *sender; /* NULL while it is made, or waits to be made again */
    pp_timer again, patience;
    char **headers;
    pp_waiting waiting;
    pp_waiting over;  /* who waited for the one that is over, until he is told */
    pp_outgoing *ack; /* of the last re-INVITE's 2xx; sent again whenever that comes again */
    uint32_t ack_cseq;
} pp_own_reoffer;

/* What the far end is still to hear of by a re-INVITE, and for how long a lost path is looked for (survive.c). */
typedef struct pp_survival {
    bool moved;     /* the connection is another */
    bool lost;      /* the media path */
    bool had_path;  /* the media was connected once */
    bool plain;     /* a restart of ICE was refused */
    bool impatient; /* the limit is over */
    bool anew;      /* the network has changed since the offer was made that is on its way */
    unsigned attempts, waits;
    pp_timer again, limit;
} pp_survival;

/* RFC 4028. */
typedef struct pp_session_timer {
    unsigned wanted_s;   /* what we ask for; 0: we want none */
    unsigned min_s;      /* the longest Min-SE that was asked of us; 0: none */
    unsigned interval_s; /* what was agreed; 0: nothing yet */
    bool refresher;      /* we are */
    bool no_update;      /* the far end takes none */
    uint8_t lengthened;  /* times since one was agreed */
    pp_request_sender *update;
    uint64_t refresh_ms; /* when it is our turn; PP_NEVER: it is not */
    uint64_t expire_ms;  /* when the call is over */
    pp_timer timer;      /* for the earlier of the two */
} pp_session_timer;

typedef struct pp_dtmf_queue {
    pp_buf items; /* of pp_dtmf_item, the next first */
    bool waiting; /* for the media path */
    pp_timer next;
    char last_tone; /* of those that came: a far end may send each both ways */
    bool last_rtp;
    uint64_t last_at_ms;
} pp_dtmf_queue;

/* What a call needs until it stands, and no other 2xx of its INVITE can come. */
typedef struct pp_session_setup {
    pp_post step;
    unsigned no_answer_s, expires_s; /* of an outgoing call; 0: it rings as long as it likes */
    pp_timer no_answer, expires;     /* it was not answered in time */
    pp_timer forks_end;              /* RFC 3261 section 13.2.2.4: no more 2xx of other forks */
    pp_redirect redirect;
    /* incoming */
    pp_timer auto_answer;
    char **answer_headers;
    pp_ack_wait ack; /* of its 2xx; those of offers inside have memory of their own */
} pp_session_setup;

/* What somebody has asked for, and From and To of an INVITE that was given back where its dialog says something else. */
typedef struct pp_session_names {
    char *from, *to;
    char *id, *local_uri, *remote_uri, *remote_display_name;
} pp_session_names;

#endif
