/* session.h - inside of pipit_session: a call, and what its files do with it. */
#ifndef PP_UA_SESSION_SESSION_H
#define PP_UA_SESSION_SESSION_H

#include "pipit/refer.h"
#include "ua/session/parts.h"

struct pipit_session {
    unsigned references;
    pipit_session_status status : 8;
    pipit_originator direction : 8;
    bool accepted; /* from here on it ends with `ended`, before with `failed` */
    bool anonymous;
    uint32_t acked; /* the CSeq of the INVITE of ours that has an ACK; 0: none has */
    bool offerless; /* our INVITE has no offer */
    pipit_on_hold held;
    pipit_ua *ua; /* NULL once the user agent is gone */
    pipit_session *next, *previous;
    uint64_t serial;
    pp_hearers listeners;
    void *data;
    pp_told *contact;                /* as its first message says it */
    const char *call_id, *local_tag; /* behind it */
    pp_session_names *names;         /* NULL until it is needed */
    uint64_t start_ms, end_ms;
    pp_session_media media;
    pp_dialog *dialog;       /* the one the call is with; NULL: nobody has answered ours yet */
    pp_fork *forks;          /* of an outgoing call, until it has settled */
    pp_fork *fork;           /* which of them has answered */
    pp_session_setup *setup; /* NULL once it is not needed any more */
    /* outgoing */
    pp_outgoing *invite; /* NULL with `setup` */
    pp_request_sender *inviter;
    pp_fork *branch;  /* whose description the media have; NULL: nobody's yet */
    pp_message *late; /* a 2xx whose offer is being answered */
    /* incoming */
    pp_message *request; /* NULL with `setup`, unless it says more of the caller than From does */
    pp_server_transaction *transaction; /* until its final answer */
    /* what not every call has, NULL until it does */
    pp_early *early;
    pp_ack_wait *ack; /* also NULL when no ACK is waited for */
    pp_own_reoffer *own;
    pp_survival *survival;
    pp_dtmf_queue *dtmf;
    pp_reoffer reoffer;
    struct pp_errand *errands; /* requests of ours on their way */
    pipit_refer_subscriber *refers_out;
    pipit_refer_notifier *refers_in;
    pipit_refer_notifier *referrer; /* the REFER this call was made for */
    pipit_session *replaced;        /* the call whose place this one takes */
    pp_replacement *replacement;    /* while the application is asked */
    pipit_source *hold_source;
    pp_session_timer timer;
    char text[];
};

/* --- session.c: life -------------------------------------------------------------------------- */

typedef struct pp_session_parties {
    pipit_originator direction;
    pp_str call_id, local_tag;
} pp_session_parties;

int pp_session_new(pipit_ua *ua, const pp_session_parties *parties, pipit_session **out);
/* names.c. The INVITE is not needed any more. */
void pp_session_give_back_invite(pipit_session *session);
void pp_session_names_free(pipit_session *session);
/* Remembers how it says where we are. */
int pp_session_note_contact(pipit_session *session);
/* Nothing of the call runs on after this, but a 2xx that waits for its ACK with a BYE behind it. */
void pp_session_stop(pipit_session *session);
/* It stands, and gives back what only its beginning needed. */
void pp_session_settle(pipit_session *session);
/* Ends it in silence: no message, no event. */
void pp_session_detach(pipit_session *session);
/* Lets it go when it has ended and has nothing left to say. */
void pp_session_let_go(pipit_session *session);
/* Sends a BYE that was held back for an ACK. */
void pp_session_say_last_word(pipit_session *session);
pipit_session *pp_session_first_alive(const pipit_ua *ua, uint64_t before);

/* What a message of the far end describes; empty when it describes nothing. */
static inline pp_str pp_session_sdp(const pp_message *message)
{
    return pp_message_body_of(message, "application/sdp");
}

static inline bool pp_early_is_agreed(const pipit_session *session)
{
    return session->early && session->early->agreed;
}

/* The offer of ours that is on its way. */
static inline pp_own_offer pp_own_offer_of(const pipit_session *session)
{
    return session->own ? session->own->kind : PP_OFFER_NONE;
}

static inline bool pp_session_alive(const pipit_session *session)
{
    return session->status != PIPIT_SESSION_TERMINATED;
}

#define PP_SESSION_LISTENS(session, name)                                                          \
    pp_listens_at(&(session)->listeners, offsetof(pipit_session_handlers, name))

/* --- states.c --------------------------------------------------------------------------------- */

void pp_session_set_status(pipit_session *session, pipit_session_status status);
bool pp_session_has_dialog(
    const pipit_session *session); /* requests of ours can go: waiting for ACK or confirmed */

/* --- emit.c: each holds the session while the handler runs ------------------------------------ */

void pp_emit_new_rtc_session(pipit_session *session, pipit_request *request);
void pp_emit_connecting(pipit_session *session);
/* An error when the handler left a request that cannot go; else the INVITE is as it left it. */
int pp_emit_sending(pipit_session *session);
int pp_session_take_invite(pipit_session *session, pipit_request *changed); /* sending.c */
void pp_emit_progress(pipit_session *session, const pp_message *response);  /* NULL: local */
void pp_emit_accepted(pipit_session *session, const pp_message *response);
void pp_emit_confirmed(pipit_session *session, const pp_message *ack);
/* Returns what is to be used: `sdp`, or what a handler made of it, which lasts until the next description. */
/* One that a description to come will have. */
void pp_emit_candidate(pipit_session *session, pp_str candidate);
const char *pp_emit_sdp(pipit_session *session, pipit_originator originator, const char *type,
                        const char *sdp);
void pp_emit_dtmf(pipit_session *session, const pipit_dtmf_event *event, const pp_message *request);
void pp_emit_info(pipit_session *session, const pipit_info_event *event, const pp_message *request);
void pp_emit_hold(pipit_session *session, pipit_originator originator, bool held);
void pp_emit_reoffer(pipit_session *session, const pp_message *request);
void pp_emit_reoffered(pipit_session *session, pipit_originator originator);
void pp_emit_refer(pipit_session *session, pipit_refer_notifier *refer, const pp_message *request);
void pp_emit_replaces(pipit_session *session, const pp_message *request);
void pp_emit_muted(pipit_session *session, pipit_media_constraints changed, bool muted);
void pp_emit_media(pipit_session *session, const char *state);
void pp_emit_data_channel(pipit_session *session, pipit_data_channel *channel);
void pp_emit_early_media(pipit_session *session, const char *branch, bool heard);

void pp_emit_peerconnection(pipit_session *session, bool own_media);
/* What could not be done, once; nothing when there is nothing. */
void pp_emit_fault(pipit_session *session);

typedef struct pp_ending {
    pipit_originator originator;
    pipit_cause cause;
    const pp_message *message; /* NULL for none */
    const char *reason;        /* a sentence; NULL: made of the message or the cause */
} pp_ending;

/* The one way a call ends: stops everything, and emits `failed` or `ended` as the last event. Messages to the far end
 * are sent before. The session may be gone when this returns. */
void pp_session_end(pipit_session *session, const pp_ending *ending);

/* --- media.c ---------------------------------------------------------------------------------- */

typedef struct pp_session_media_options {
    const pipit_media_stream *stream;
    const pipit_peer_configuration *configuration;
    pipit_own_media *own; /* NULL: the built-in ones */
    bool video, offerer;
} pp_session_media_options;

int pp_session_open_media(pipit_session *session, const pp_session_media_options *options);
/* The same offer for others than those who have answered it, whose media are closed. */
int pp_session_renew_media(pipit_session *session);
/* Asks for a description; what is done with it is told by `making`. */
int pp_session_make(pipit_session *session, pp_making making);
/* Announces their description, then applies it. An error also when the handler ended the call: look at pp_session_alive(). */
int pp_session_apply(pipit_session *session, bool is_offer, const pp_message *message);
void pp_session_close_media(pipit_session *session);
/* What the media that are heard report; their arg is the session. */
extern const pp_media_session_handlers pp_session_media_handlers;
/* Sets the application's ends aside for others; NULL: they come back. They stay, or the others do, after an error. */
int pp_session_lend_audio(pipit_session *session, const pipit_media_stream *others);
/* Leaves its conference in silence. */
void pp_conference_forget(pipit_session *session);

/* --- connect.c, response.c, fork.c: outgoing -------------------------------------------------- */

/* pipit_ua_call() for a REFER that came; `referrer` NULL: for none. */
int pp_ua_call_for(pipit_ua *ua, const char *target, const pipit_call_options *options,
                   pipit_refer_notifier *referrer, pipit_session **out);
void pp_connect_described(pipit_session *session, int error, const char *sdp);
extern const pp_request_sender_handlers pp_invite_handlers;
/* The fork a response belongs to, a new one when there is none. */
int pp_fork_of(pipit_session *session, const pp_message *response, pp_fork **out);
/* The one the call is with from now on. */
void pp_fork_choose(pipit_session *session, pp_fork *fork);
void pp_fork_remove(pipit_session *session, pp_fork *fork);
pp_fork *pp_fork_find(const pipit_session *session, pp_str tag);
/* `sdp`: our answer, NULL for none; used the first time. */
int pp_fork_acknowledge(pipit_session *session, pp_fork *fork, const char *sdp);
/* Sends the INVITE once more, changed; `again` is taken, and released on an error. */
int pp_invite_again(pipit_session *session, pp_outgoing *again, const pp_message *refusal);
/* Whether the call goes on somewhere else. */
bool pp_redirect_follow(pipit_session *session, const pp_message *refusal);
void pp_redirect_free(pipit_session *session);
/* A 2xx and all that belongs to it are there. */
void pp_session_answered_by(pipit_session *session, const pp_message *response);

/* --- provisional_in.c, late_offer.c, branch.c ------------------------------------------------- */

void pp_session_progress(pipit_session *session, const pp_message *response);
/* The PRACK of the last reliable response of that far end. `sdp` NULL: without a description. */
int pp_prack_make(pipit_session *session, const pp_fork *fork, const char *sdp, pp_outgoing **out);
int pp_prack_send(pipit_session *session, pp_fork *fork, const char *sdp);
/* Sends it without an offer where it is owed still. */
void pp_prack_pay(pipit_session *session, pp_fork *fork);
/* Whether an offer can go in one. */
bool pp_prack_is_owed(const pipit_session *session);
int pp_late_offer_in_prack(pipit_session *session, pp_fork *fork, const pp_message *response);
/* That of session->late. */
void pp_late_offer_in_2xx(pipit_session *session);
void pp_prack_described(pipit_session *session, int error, const char *sdp);
void pp_ack_described(pipit_session *session, int error, const char *sdp);
/* In the place of an answer, for who is not wanted; NULL when there can be none. To be freed. */
char *pp_late_offer_refusal(const pipit_session *session, const pp_message *response);
/* One of the far ends has answered early. */
int pp_branch_early(pipit_session *session, pp_fork *fork, const pp_message *response);
/* One of them has made an offer, and is not the first. */
int pp_branch_offered(pipit_session *session, pp_fork *fork, pp_str sdp);
/* Its answer was refused, or never came there. */
void pp_branch_failed(pp_fork *fork);
/* One of them has answered for good: it is heard from now on, and only it. An error when it cannot be: then another one is. */
int pp_branch_settle(pipit_session *session, pp_fork *fork);
/* The media of those that are not heard. */
void pp_branches_close(pipit_session *session);
/* It will not answer any more. */
void pp_branch_over(pipit_session *session, pp_fork *fork);
/* The ACK of a 2xx in that dialog, with the credentials of its INVITE. */
int pp_session_make_ack(pipit_session *session, pp_dialog *dialog, const pp_outgoing *invite,
                        pp_outgoing **out);
/* A 2xx that came when its INVITE was forgotten. */
void pp_session_acknowledge_again(void *self, const pp_message *response);
void pp_forks_free(pipit_session *session);
/* No other 2xx can come: keeps only one whose media are heard. */
void pp_forks_settle(pipit_session *session);

/* --- incoming.c, answer.c, ack.c -------------------------------------------------------------- */

void pp_session_receive_invite(pipit_ua *ua, pp_server_transaction *transaction);
/* The 200 of their INVITE, or of an offer or refresh of theirs inside the call. `sdp` NULL: no description. */
int pp_session_make_ok(pipit_session *session, const pp_message *request, const char *sdp,
                       pp_outgoing **out);
void pp_answer_described(pipit_session *session, int error, const char *sdp);
/* What it waited for is over: a PRACK, or a description for early media. */
void pp_answer_go_on(pipit_session *session);

/* --- provisional_out.c, reliable.c ------------------------------------------------------------ */

int pp_session_ring(pipit_session *session);
void pp_early_described(pipit_session *session, int error, const char *sdp);
/* Makes it where there is none yet; NULL when there is no memory. */
pp_early *pp_early_of(pipit_session *session);
void pp_early_free(pipit_session *session);
/* Sends it, reliably when the caller and our settings want that; *reliable tells. */
int pp_provisional_send(pipit_session *session, pp_outgoing *response, bool described,
                        bool *reliable);
/* Whether a 2xx has to wait. */
bool pp_reliable_blocks(const pipit_session *session);
/* The call is answered: nothing is repeated any more. */
void pp_reliable_rest(pipit_session *session);
void pp_reliable_stop(pipit_session *session);
void pp_prack_receive(pipit_session *session, pp_server_transaction *transaction);
/* Sends a 2xx and repeats it until its ACK comes. */
int pp_ack_wait_start(pipit_session *session, pp_server_transaction *transaction,
                      pp_outgoing *response, bool offered);
void pp_ack_wait_stop(pipit_session *session);
void pp_session_receive_ack(void *self, const pp_message *ack);

/* --- reason.c, caller.c ----------------------------------------------------------------------- */

/* Appends the first Reason of a message, for people; false when there is none. */
bool pp_reason_write(const pp_message *message, pp_buf *out);
/* Answers a call that asks for it, where that is allowed. */
void pp_auto_answer_start(pipit_session *session);

/* --- receive.c, reoffer_in.c: requests inside ------------------------------------------------- */

extern const pp_dialog_usage pp_session_usage;
void pp_session_reoffer(pipit_session *session, pp_server_transaction *transaction);
/* The offer of a PRACK. */
void pp_reoffer_take(pipit_session *session, pp_server_transaction *transaction);
void pp_reoffer_described(pipit_session *session, int error, const char *sdp);
void pp_reoffer_drop(pipit_session *session); /* in silence */
void pp_reoffer_refuse(pipit_session *session, int status);

/* --- reoffer_out.c, hold.c: offers of ours inside --------------------------------------------- */

/* Another far end is heard. */
void pp_own_reoffer_moved(pipit_session *session);
/* It has agreed to a description: now it can be told of a hold that only others know. */
void pp_own_reoffer_retell(pipit_session *session);
/* The call is answered before its PRACK was sent: the offer goes by itself. */
void pp_own_reoffer_overtaken(pipit_session *session);
/* Whether one is on its way, so that theirs has to wait. */
bool pp_own_reoffer_is_open(const pipit_session *session);
void pp_own_reoffer_described(pipit_session *session, int error, const char *sdp);
/* The call ends: whoever waits for the offer hears why. */
void pp_own_reoffer_end(pipit_session *session, pipit_cause cause);
void pp_own_reoffer_stop(pipit_session *session); /* in silence */
/* Makes and sends an offer. The caller has checked that it may be, and has set what it is to say. */
int pp_own_reoffer_start(pipit_session *session, pp_own_offer kind,
                         const pipit_reoffer_options *options);
/* Our hold as it was before an offer of that kind. */
void pp_hold_undo(pipit_session *session, pp_own_offer kind);
/* A description of theirs was applied: tells when the far end holds now, or does not any more. */
void pp_hold_look(pipit_session *session);

/* --- survive.c -------------------------------------------------------------------------------- */

void pp_survival_disconnected(pipit_ua *ua);
void pp_survival_connected(pipit_ua *ua);
/* `came`: there are addresses that were not there before. */
void pp_survival_network(pipit_ua *ua, bool came);
/* The media path has this state now; false: the call is to end by it. */
bool pp_survival_media(pipit_session *session, pp_media_state state);
/* The connection is gone, or the far end has not heard of the new one: silence means nothing. */
bool pp_survival_goes_on(const pipit_session *session);
void pp_survival_stop(pipit_session *session);

/* --- ua/refer/, replaces.c --------------------------------------------------------------------- */

/* A NOTIFY in a call. */
void pp_refer_receive_notify(pipit_session *session, pp_server_transaction *transaction);
void pp_refers_out_stop(pipit_session *session);
/* A REFER in a call. */
void pp_refer_receive(pipit_session *session, pp_server_transaction *transaction);
/* A SUBSCRIBE in a call; false when it is not to one. */
bool pp_refer_receive_subscribe(pipit_session *session, pp_server_transaction *transaction);
/* 489. */
void pp_refer_answer_other(pipit_ua *ua, pp_server_transaction *transaction);
/* How the call does that was made for a REFER. */
void pp_refer_tell(pipit_session *made, int status, const char *phrase);
void pp_refers_in_stop(pipit_session *session);

/* Of an INVITE: the call it is to replace (RFC 3891 section 3), NULL for none. 0, or the status of the refusal. */
int pp_replaces_find(pipit_ua *ua, const pp_message *invite, pipit_session **out);
/* Asks the one that is to be replaced; false when it has refused. */
bool pp_replaces_ask(pipit_session *session, pp_server_transaction *transaction);
/* The new one stands. */
void pp_replaces_done(pipit_session *session);

/* --- terminate.c ------------------------------------------------------------------------------ */

typedef struct pp_leaving {
    int status;         /* when it comes to a refusal */
    const char *phrase; /* NULL: the standard one */
    const char *reason; /* Reason header's value of a CANCEL or BYE; NULL: none */
    const char *const *lines;
    const char *content_type, *body; /* of a BYE or a refusal; NULL: none */
} pp_leaving;

/* The final refusal of their INVITE. */
int pp_session_refuse(pipit_session *session, const pp_leaving *how);
/* Tells the far end in whatever way the state asks for, then ends. */
void pp_session_leave(pipit_session *session, const pp_leaving *how, const pp_ending *ending);
/* The same with a status and a phrase for all ways. */
void pp_session_give_up(pipit_session *session, int status, const char *phrase,
                        const pp_ending *ending);

/* --- request.c: requests of ours inside ------------------------------------------------------- */

/* What became of one. Called once, also when the user agent goes; `response` NULL: there was none. */
typedef void pp_session_answered(pipit_session *session, const pp_message *response,
                                 pipit_cause cause, void *arg);

typedef struct pp_session_errand {
    pp_session_answered *done; /* NULL: nobody waits */
    void *arg;
    bool aside; /* of another usage of the dialog: 481 and silence do not end the call (RFC 5057) */
    bool
        waited_for; /* the application waits: when the call ends it is told before the last event */
} pp_session_errand;

/* Sends it; the call lives as long. */
int pp_session_send(pipit_session *session, pp_outgoing *request, const pp_session_errand *how);
/* The call ends: tells those who wait. */
void pp_session_errands_end(pipit_session *session, pipit_cause cause);
/* The dialog requests go in: of the far end that has answered, or the first one that rings. NULL: there is none. */
pp_dialog *pp_session_dialog(const pipit_session *session);
/* One with all but Contact and body. */
int pp_session_request(pipit_session *session, pp_method method, pp_outgoing **out);
/* One that neither begins, ends nor changes the call: all of it, with the options' header lines and body. */
int pp_session_plain_request(pipit_session *session, pp_method method, const pipit_send_options *o,
                             pp_outgoing **out);
/* A request inside failed in a way that ends the dialog (RFC 3261 section 12.2.1.2); NULL: nobody answered.
 * True when the call has ended. */
bool pp_session_check_answer(pipit_session *session, const pp_message *response);
uint32_t pp_session_next_cseq(pipit_session *session);

/* --- timers.c, refresh.c ---------------------------------------------------------------------- */

/* `expires_s`: the call's own wish, 0 for the configuration's. */
void pp_session_timer_init(pipit_session *session, unsigned expires_s);
/* What our first INVITE asks for. */
void pp_session_timer_offer(const pipit_session *session, pp_outgoing *invite);
/* Of a request of theirs: 0, or 422 when the interval it asks for is too short for us. */
int pp_session_timer_check(const pipit_ua *ua, const pp_message *request);
/* A 422 to a request of ours: true when it makes sense to ask once more, for longer. */
bool pp_session_timer_lengthen(pipit_session *session, const pp_message *response);
/* From a request or a 2xx of theirs; without Session-Expires a timer that runs starts anew. */
void pp_session_timer_read(pipit_session *session, const pp_message *message);
/* The same inside, where there is no session before the call is answered (RFC 4028 section 4). */
void pp_session_timer_read_inside(pipit_session *session, const pp_message *message);
/* What a request inside, or a 2xx to theirs, says. */
void pp_session_timer_write(const pipit_session *session, bool request_is_ours,
                            pp_outgoing *message);
void pp_session_timer_stop(pipit_session *session);
/* It is our turn. */
void pp_session_refresh(pipit_session *session);
void pp_session_refresh_later(pipit_session *session, uint64_t delay_ms);

/* --- trickle.c -------------------------------------------------------------------------------- */

bool pp_session_trickles(const pipit_session *session);
/* In what makes a dialog or changes it: that candidates may follow, and which INFO packages are taken. */
void pp_trickle_announce(const pipit_session *session, pp_outgoing *message);
/* What a far end says of it. `acknowledged`: it knows, or will by our PRACK or ACK, that the response came. */
void pp_trickle_heard(pipit_session *session, pp_dialog *dialog, const pp_message *response,
                      bool acknowledged);
/* The far end knows that the dialog stands. */
void pp_trickle_reached(pipit_session *session);
void pp_trickle_prepare(pipit_session *session); /* before a description is made */
void pp_trickle_begin(pipit_session *session);   /* one was made, and has all that is known */
/* There is a candidate behind it, or there are no more. */
void pp_trickle_found(pipit_session *session);
void pp_trickle_look(pipit_session *session); /* tells what can be told */
/* The description of that far end stands: what came before it belongs to it. NULL: of the one that is heard. */
void pp_trickle_described(pipit_session *session, pp_dialog *dialog);
/* An INFO of this package: the status of its answer. */
int pp_trickle_receive(pipit_session *session, const pp_message *info);
void pp_trickle_forget(pipit_session *session, pp_dialog *dialog); /* it is over */
void pp_trickle_stop(pipit_session *session);

/* --- dtmf.c, info.c --------------------------------------------------------------------------- */

void pp_dtmf_receive_rtp(pipit_session *session, char tone, unsigned duration_ms);
void pp_info_receive(pipit_session *session, pp_server_transaction *transaction);
/* The body of an INFO as a tone: application/dtmf-relay, or application/dtmf. */
bool pp_dtmf_parse_relay(pp_str body, char *tone, unsigned *duration_ms);
bool pp_dtmf_parse_plain(pp_str body, char *tone);
void pp_dtmf_receive_info(pipit_session *session, const pp_message *request);
void pp_dtmf_media_ready(pipit_session *session);
void pp_dtmf_stop(pipit_session *session);
/* For the application, when `done` is given. */
int pp_waiting_new(pipit_outcome_function *done, void *user, pp_waiting **out);
/* Tells and releases it; a pp_session_answered. */
void pp_waiting_over(pipit_session *session, const pp_message *response, pipit_cause cause,
                     void *waiting);

#endif
