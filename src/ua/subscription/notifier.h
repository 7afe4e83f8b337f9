/* notifier.h - inside of pipit_notifier: a subscription of somebody's to us, what its files share. */
#ifndef PP_UA_NOTIFIER_H
#define PP_UA_NOTIFIER_H

#include "pipit/notifier.h"
#include "ua/subscription/subscription.h"

struct pipit_notifier {
    unsigned references;
    pipit_ua *ua; /* NULL once the user agent is gone */
    pipit_notifier *next, *prev;
    const pipit_notifier_handlers *handlers;
    void *user, *data;
    pipit_notifier_state state;
    /* as the application gave it */
    char *content_type, *allow_events;
    char **extra_headers;
    unsigned default_expires_s, min_expires_s, max_expires_s;
    /* the subscription as it is */
    pp_event_kept event;
    char *package, *id;
    pp_server_transaction *transaction; /* of the first SUBSCRIBE, while it is not answered */
    pp_dialog *dialog;
    pp_dialog_share share; /* in that of a call, which is not ours then */
    bool anonymous;        /* as the call is */
    bool running;          /* from start() to the end: holds a reference to itself */
    bool undelivered;      /* the last NOTIFY was lost with the connection */
    bool reconnected;  /* and no NOTIFY delivered since: the far end may be on its way back, too */
    char *body;        /* of the last NOTIFY */
    uint64_t notifies; /* sent */
    uint64_t expires_ms;
    pp_timer expire, again;
};

extern const pp_dialog_usage pp_notifier_usage;

/* --- inside.c: in the dialog of a call -------------------------------------------------------- */

int pp_notifier_join(pipit_notifier *n, const pp_message *subscribe);
/* Leaves its dialog, or releases it when it is its own. */
void pp_notifier_leave(pipit_notifier *n);

/* --- subscribed.c: SUBSCRIBEs that come ------------------------------------------------------- */

/* How long a SUBSCRIBE wants it, as it is granted. */
uint32_t pp_notifier_grant(const pipit_notifier *n, const pp_message *subscribe);
/* Whether it wants it for a shorter time than we do. */
bool pp_notifier_is_brief(const pipit_notifier *n, const pp_message *subscribe);
/* 423 with Min-Expires. */
void pp_notifier_refuse_brief(const pipit_notifier *n, pp_server_transaction *transaction);

/* --- notify.c: NOTIFYs of ours ---------------------------------------------------------------- */

typedef struct pp_notify {
    const char *body; /* NULL: none */
    bool is_final;
    const char *reason;     /* of a final one; NULL: none */
    unsigned retry_after_s; /* of a final one; 0: none */
} pp_notify;

int pp_notifier_send(pipit_notifier *n, const pp_notify *notify);
/* The last one once more. */
void pp_notifier_send_again(void *notifier);
/* It is over; nothing is sent. The notifier may be gone when this returns. */
void pp_notifier_end(pipit_notifier *n, pipit_notifier_code code, const pp_message *response);
/* The same behind a final NOTIFY. */
void pp_notifier_finish(pipit_notifier *n, const char *reason, pipit_notifier_code code);

#endif
