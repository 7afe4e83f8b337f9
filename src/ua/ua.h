/* ua.h - inside of pipit_ua: what its files share. */
#ifndef PP_UA_UA_H
#define PP_UA_UA_H

#include "base/loop.h"
#include "base/network.h"
#include "dialog/dialog.h"
#include "pipit/ua.h"
#include "sip/message_pool.h"
#include "sip/outgoing.h"
#include "sip/sanity.h"
#include "transaction/transaction.h"
#include "transport/transport.h"
#include "ua/authentication/authentication.h"
#include "ua/configuration.h"
#include "ua/contact.h"
#include "ua/hearers.h"
#include "ua/media_session.h"
#include "ua/registrator/registrator.h"
#include "ua/request_sender.h"

/* A connection that was lost or could not be made, and that the application is to hear of. */
typedef struct pp_loss {
    pp_post post;         /* behind the requests that fail by it */
    pipit_socket *socket; /* held; NULL: there is nothing to tell */
    bool error, recovering;
    int code;
    char *reason; /* NULL for none */
} pp_loss;

/* Where others reach us, of sockets that have an address. */
typedef struct pp_place {
    pp_post post;
    char *address;  /* in the Contact; NULL when that is a made-up name */
    char *seen;     /* by the registrar; NULL: the same */
    unsigned moves; /* on this connection */
} pp_place;

typedef struct pp_usual pp_usual; /* usual.c */
typedef struct pp_transaction_note pp_transaction_note;

struct pipit_ua {
    unsigned references;
    unsigned calls; /* of `sessions` those that are alive */
    pipit_loop *loop;
    pp_settings settings;
    pp_hearers listeners;
    pipit_trace_function *trace;
    void *trace_user;
    pp_media_session_new *new_media; /* the seam: media_peer.c unless a test puts another here */
    pipit_ua_status status;
    bool started;
    bool stopping; /* from stop() until `stopped` */
    bool returned; /* connected, but subscriptions still wait for the registration */
    bool left;     /* stopping, and the binding was given back */
    pp_transport *transport;
    pp_network_ear network;
    pp_loss loss;
    pipit_transport_error last_error;
    char *last_reason; /* what its reason points to, unless that is "" */
    pp_transactions *transactions;
    pp_transaction_note *notes; /* of transactions, for handlers */
    pp_post notes_post;
    pp_dialogs *dialogs;
    pp_message_pool *pool; /* of messages that come and go */
    pp_contact contact;
    pp_usual *usual; /* what our messages have alike; NULL while there was none */
    pp_place place;
    pp_registrator registrator;
    pp_authentication authentication;
    pp_request_sender *senders;    /* on their way */
    pipit_session *sessions;       /* alive, or with something left to say to the far end */
    struct pp_exchange *exchanges; /* messages and queries */
    pipit_subscriber *subscribers;
    pipit_notifier *notifiers;
    pipit_publisher *publishers;
    pipit_refer_subscriber *refers_out; /* outside of calls */
    pipit_refer_notifier *refers_in;
    struct pp_asked *asked; /* SUBSCRIBEs that wait for an answer of the application */
    uint64_t next_serial;   /* of the next session */
    pp_timer stop_timer;
    pp_post stop_post;
    struct pp_farewell *farewells; /* BYEs on their way, or waiting for a connection */
    unsigned farewell_count;
    bool had_error; /* last_error is one */
    uint64_t stop_by_ms;
};

/* The registrar has answered, or is not asked: what waited for that on a new connection goes on. */
void pp_ua_registration_decided(pipit_ua *ua);

/* pipit_ua_new() with another media session, for tests and for applications' own media. */
int pp_ua_new(pipit_loop *loop, const pipit_ua_configuration *configuration,
              pp_media_session_new *new_media, pipit_ua **out);

/* Calls a handler of every listener while the user agent is held. Nothing of `ua` may be touched after it unless the caller
 * holds a reference of its own. */
#define PP_UA_EMIT(agent, name, event)                                                             \
    do {                                                                                           \
        pipit_ua *emitter_ = pipit_ua_ref(agent);                                                  \
        PP_EMIT(pipit_ua_handlers, emitter_, name, (event), emitter_, (event));                    \
        pipit_ua_unref(emitter_);                                                                  \
    } while (0)

/* The same for an event without data. */
#define PP_UA_EMIT_BARE(agent, name)                                                               \
    do {                                                                                           \
        pipit_ua *emitter_ = pipit_ua_ref(agent);                                                  \
        PP_EMIT(pipit_ua_handlers, emitter_, name, NULL, emitter_);                                \
        pipit_ua_unref(emitter_);                                                                  \
    } while (0)

/* Whether anyone has a handler for that very event; `any` does not count. */
#define PP_UA_LISTENS(agent, name)                                                                 \
    pp_listens_at(&(agent)->listeners, offsetof(pipit_ua_handlers, name))

/* A message as an event shows it; NULL when there is none, or no memory for it. */
pipit_request *pp_ua_show(const pp_message *message);

/* Something that pipit_ua_stop() may have waited for is over. */
void pp_ua_check_stopped(pipit_ua *ua);

/* --- connection.c: the transport's events ----------------------------------------------------- */

extern const pp_transport_handlers pp_ua_transport_handlers;
void pp_ua_connection_free(pipit_ua *ua);
extern const pp_transactions_owner pp_ua_transactions_owner; /* receive.c */
void pp_ua_receive(pipit_ua *ua, const pp_wire *wire);       /* receive.c */

/* --- network.c: the machine's addresses change ------------------------------------------------- */

int pp_ua_watch_network(pipit_ua *ua); /* from the start, where that is wanted */
void pp_ua_unwatch_network(pipit_ua *ua);

/* --- farewell.c ------------------------------------------------------------------------------- */

/* Sends it; when the connection is gone, once more over the next one. */
int pp_farewell_bye(pipit_ua *ua, pp_outgoing *bye);
/* A CANCEL for an INVITE that the connection took away, over the next one. */
int pp_farewell_cancel(pipit_ua *ua, const pp_outgoing *invite);
void pp_farewells_connected(pipit_ua *ua);
void pp_farewells_free(pipit_ua *ua);

/* --- place.c ---------------------------------------------------------------------------------- */

void pp_ua_place(pipit_ua *ua); /* on a new connection */
void pp_ua_place_free(pipit_ua *ua);
/* Of an answer to a request of ours: how the registrar sees us, and its Flow-Timer (RFC 5626 section 4.4). */
void pp_ua_learn_place(pipit_ua *ua, const pp_message *response);

/* --- transactions.c --------------------------------------------------------------------------- */

void pp_ua_transaction_changed(void *arg, const pp_transaction_change *change);
void pp_ua_transactions_tell(pipit_ua *ua); /* what was noted, now */
void pp_ua_transactions_forget(pipit_ua *ua);

/* --- request.c: what we send ------------------------------------------------------------------ */

typedef struct pp_ua_request_options {
    pp_method method;
    pp_str target;                 /* Request-URI, and To */
    const char *to;                /* another To URI; NULL: the target */
    const char *to_display_name;   /* NULL: none */
    const char *from;              /* From URI; NULL: the account */
    const char *from_user;         /* instead: this user at the account's domain */
    const char *from_display_name; /* NULL: the account's */
    const char *from_tag;          /* NULL: fresh */
    const char *from_tag_trail;    /* behind a fresh one; NULL: nothing */
    const char *call_id;           /* NULL: fresh */
    uint32_t cseq;                 /* 0: by chance */
    const char *const *extra_headers;
} pp_ua_request_options;

/* A request outside of dialogs, complete but for Via, Contact and body. */
int pp_ua_request(pipit_ua *ua, const pp_ua_request_options *options, pp_outgoing **out);
/* What every request of ours carries at its end: extra headers, Allow, Supported, User-Agent. */
void pp_ua_finish_request(pipit_ua *ua, pp_outgoing *request);
/* The same of a re-INVITE or UPDATE, on which nothing provisional is to be reliable: its answer may be in the final response only. */
void pp_ua_finish_reoffer(pipit_ua *ua, pp_outgoing *request);
void pp_add_lines(pp_outgoing *message, const char *const *lines);
/* Adds what was written into a buffer, and frees that. */
int pp_add_buf(pp_outgoing *message, pp_header_id id, pp_buf *value);
int pp_ua_add_contact(pipit_ua *ua, pp_contact_form form, pp_outgoing *message);
/* Puts a Via with a fresh branch in the place of the one before. */
int pp_ua_set_via(pipit_ua *ua, pp_outgoing *request);
/* Writes and sends what belongs to no transaction: an ACK of a 2xx, an answer to nonsense. */
int pp_ua_send_plain(pipit_ua *ua, pp_outgoing *message);
/* BYE in a dialog; the dialog may go right after. */
int pp_ua_send_bye(pipit_ua *ua, pp_dialog *dialog);
/* ACK and BYE for a 2xx to an INVITE that nobody wants (any more). */
void pp_ua_hang_up(pipit_ua *ua, const pp_message *response);
/* A target as typed, as a Request-URI: without headers. */
int pp_ua_write_target(const pipit_ua *ua, const char *target, pp_buf *out);
int pp_ua_target(const pipit_ua *ua, const char *target, char **out); /* yours */

/* --- usual.c: what all our messages say -------------------------------------------------------- */

/* Extra headers and Supported, and in a request Allow and User-Agent. `as`: what is understood is as with that method. */
void pp_ua_add_usual(pipit_ua *ua, pp_method as, pp_outgoing *message);
void pp_ua_forget_usual(pipit_ua *ua); /* it is something else from now on */

/* --- response.c: what we answer --------------------------------------------------------------- */

/* An answer with Supported. `to_tag` NULL: a fresh one. */
int pp_ua_response(pipit_ua *ua, const pp_message *request, int status, const char *phrase,
                   const char *to_tag, pp_outgoing **out);
/* Makes one and sends it, with one header field more when `id` is not PP_HEADER_OTHER. */
int pp_ua_answer(pipit_ua *ua, pp_server_transaction *transaction, int status, const char *phrase,
                 pp_header_id id, const char *value);
/* An answer with what the application says besides; it is not sent. */
int pp_ua_reply(pipit_ua *ua, const pp_server_transaction *transaction, int status,
                const pipit_reply_options *options, pp_outgoing **out);
/* The status an application refuses with, `usual` when it says none; PIPIT_ERR_ARGUMENT for one that refuses nothing. `what`:
 * the subject of the sentence. */
int pp_ua_refusal(const char *what, const pipit_reply_options *options, int usual, int *out);
/* An answer outside of transactions, to a request that must not get one. */
void pp_ua_answer_plain(pipit_ua *ua, const pp_message *request, int status, const char *phrase);

/* --- rules.c: what we do ---------------------------------------------------------------------- */

pp_sanity_rules pp_ua_rules(const pipit_ua *ua, const pp_message *request);
extern const char pp_accept[];               /* value of Accept */
const char *pp_ua_allow(const pipit_ua *ua); /* value of Allow */
void pp_ua_add_supported(const pipit_ua *ua, pp_method method, pp_outgoing *message);

/* --- subscription/: SUBSCRIBE and NOTIFY ------------------------------------------------------ */

/* `call`: in whose dialog it came; NULL: outside. */
void pp_subscribe_receive(pipit_ua *ua, pipit_session *call, pp_server_transaction *transaction);
void pp_notify_receive(pipit_ua *ua, pp_server_transaction *transaction); /* outside of dialogs */
/* The dialog that a NOTIFY makes which came before the 2xx; NULL: it belongs to nobody. */
pp_dialog *pp_subscribers_adopt(pipit_ua *ua, const pp_message *notify);
/* All subscriptions and publications: refreshed, ended, ended at once, let go in silence. */
void pp_subscriptions_connected(pipit_ua *ua);
void pp_subscriptions_close(pipit_ua *ua);
void pp_subscriptions_give_up(pipit_ua *ua);
void pp_subscriptions_detach(pipit_ua *ua);
bool pp_subscriptions_wait(const pipit_ua *ua); /* one of them has something to say or to hear */

/* --- refer/: REFER outside of calls ----------------------------------------------------------- */

void pp_refer_receive_outside(pipit_ua *ua, pp_server_transaction *transaction);
/* The dialog that the first NOTIFY of a REFER of ours makes; NULL: it belongs to nobody. */
pp_dialog *pp_refers_adopt(pipit_ua *ua, const pp_message *notify);
/* All of them: those that came are ended, those of ours told so, both let go in silence. */
void pp_refers_close(pipit_ua *ua);
void pp_refers_give_up(pipit_ua *ua);
void pp_refers_detach(pipit_ua *ua);

/* --- receivers of requests -------------------------------------------------------------------- */

void pp_options_receive(pipit_ua *ua, pp_server_transaction *transaction);
void pp_message_receive(pipit_ua *ua, pp_server_transaction *transaction);
void pp_exchange_detach(struct pp_exchange *exchange); /* the user agent goes */

#endif
