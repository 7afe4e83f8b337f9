/* refer.h - inside of REFER, out and in: what its files share. A REFER is at home in a call, or outside of calls in a dialog that it
 * makes itself (RFC 3515, RFC 6665 section 4.4.1). */
#ifndef PP_UA_REFER_H
#define PP_UA_REFER_H

#include "sip/typed/typed.h"
#include "ua/session/session.h"

#define PP_REFER_EXPIRES_S 300u /* JsSIP's; each NOTIFY says it anew */

typedef struct pp_refer_home pp_refer_home;

struct pp_refer_home {      /* the first member of both ends */
    pipit_ua *ua;           /* NULL: nothing comes or goes any more */
    pipit_session *session; /* NULL: outside of calls */
    pp_dialog *dialog;      /* then its own; NULL while there is none */
    uint32_t cseq;          /* of the REFER, while there is none */
    /* What became of a request of ours; `response` NULL: there was none. */
    void (*answered)(pp_refer_home *home, const pp_message *response, pipit_cause cause);
};

struct pipit_refer_subscriber {
    pp_refer_home home;
    unsigned references; /* the application's, the list's while NOTIFYs may come, the request's */
    pipit_refer_subscriber *next;
    uint32_t id;   /* the CSeq of the REFER */
    bool answered; /* so the id is known for sure: with credentials it is another */
    bool alone;    /* without NOTIFYs */
    const pipit_refer_handlers *handlers;
    void *user;
    /* outside of calls */
    char *call_id, *tag;
    pp_timer silence; /* no NOTIFY has come, or none any more */
};

typedef enum pp_refer_decision {
    PP_REFER_UNDECIDED,
    PP_REFER_CALLING,
    PP_REFER_NOTIFYING,
    PP_REFER_REFUSED
} pp_refer_decision;

struct pipit_refer_notifier {
    pp_refer_home home;
    unsigned references; /* the application's, and the call's it is made for */
    pipit_refer_notifier *next;
    pp_message *request;
    pp_server_transaction *transaction; /* until it is answered */
    char *target, *method, *replaces, *referred_by;
    pp_refer_decision decided;
    int told;    /* the status of the last NOTIFY; 0: none has gone */
    bool silent; /* without NOTIFYs, as it asked for */
    bool over;   /* a final status was told, or nobody wants to hear */
};

/* --- home.c ----------------------------------------------------------------------------------- */

/* A request in the dialog, with all but Contact and body. */
int pp_refer_request(pp_refer_home *home, pp_method method, pp_outgoing **out);
int pp_refer_add_contact(const pp_refer_home *home, pp_outgoing *message);
/* Sends it; `answered` is told once. In a call `aside` and `waited_for` of pp_session_errand are obeyed. */
int pp_refer_send(pp_refer_home *home, pp_outgoing *request, pp_session_errand how);

/* --- subscriber.c ----------------------------------------------------------------------------- */

typedef struct pp_refer_draft {
    pipit_ua *ua;
    pipit_session *session; /* NULL: outside of calls */
    const pipit_refer_options *options;
    pp_outgoing *request;
} pp_refer_draft;

/* Makes the object of a REFER and sends it. */
int pp_refer_start(const pp_refer_draft *draft, pipit_refer_subscriber **out);
void pp_refer_unlink(pipit_refer_subscriber *refer);
/* A NOTIFY that is answered. */
void pp_refer_take_notify(pipit_refer_subscriber *refer, const pp_message *notify);
/* The status a NOTIFY deserves that is for nobody here; 200 when it is of a REFER. */
int pp_refer_check_notify(const pp_message *notify, pp_event *event);
void pp_refer_answer_notify(pipit_ua *ua, pp_server_transaction *transaction, int status);
/* Nothing more is to come; tells so. */
void pp_refer_lose(pipit_refer_subscriber *refer, const pp_message *notify, int status);

/* --- alone.c: a subscription outside of calls ------------------------------------------------- */

/* Notes the names of the dialog to come. */
int pp_refer_name(pipit_refer_subscriber *refer, const pp_outgoing *request);
/* Waits for the next NOTIFY; 0: for the first. */
void pp_refer_wait(pipit_refer_subscriber *refer, uint32_t seconds);

/* --- notifier.c, notify.c, receive.c ---------------------------------------------------------- */

/* Nothing goes any more. */
void pp_refer_detach(pipit_refer_notifier *refer);
int pp_refer_answer(pipit_refer_notifier *refer, int status, const pipit_reply_options *options);
int pp_refer_notify(pipit_refer_notifier *refer, int status, const char *phrase);
/* A SUBSCRIBE to it: to go on, or to hear no more (RFC 3515 section 2.4.6). */
void pp_refer_subscribed(pipit_refer_notifier *refer, pp_server_transaction *transaction);
void pp_refer_notified(pp_refer_home *home, const pp_message *response, pipit_cause cause);
/* Answers 202 where nothing has gone yet, and sends the NOTIFY that every REFER gets at once. */
int pp_refer_take_on(pipit_refer_notifier *refer);
extern const pp_dialog_usage pp_refer_notifier_usage;

#endif
