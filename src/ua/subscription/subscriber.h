/* subscriber.h - inside of pipit_subscriber: a subscription of ours, what its files share. */
#ifndef PP_UA_SUBSCRIBER_H
#define PP_UA_SUBSCRIBER_H

#include "pipit/subscriber.h"
#include "ua/subscription/subscription.h"

struct pipit_subscriber {
    unsigned references;
    pipit_ua *ua; /* NULL once the user agent is gone */
    pipit_subscriber *next, *prev;
    const pipit_subscriber_handlers *handlers;
    void *user, *data;
    pipit_subscriber_state state;
    /* as the application gave it */
    pp_event_kept event;
    char *package; /* of it */
    char *target, *accept, *content_type, *allow_events;
    char *from_uri, *from_display_name, *to_uri, *to_display_name;
    char **extra_headers;
    unsigned expires_s; /* what is asked for */
    bool fetch, resubscribes;
    /* the subscription as it is */
    char *call_id, *from_tag, *id;
    uint32_t cseq; /* before there is a dialog */
    pp_dialog *dialog;
    pp_dialog_share share;     /* in that of a call, which is not ours then */
    pipit_session *call;       /* in whose it is to be, until it begins; NULL: none */
    bool anonymous;            /* as the call is */
    pp_outgoing *request;      /* the last one as it was made, for the dialog and for a 423 */
    pp_request_sender *sender; /* it is on its way */
    char *body;                /* of the next one */
    bool waiting;              /* the next one, for the present one */
    bool running;              /* from subscribe() to the end: holds a reference to itself */
    bool was_accepted, lengthened;
    bool ending;      /* terminate() was called */
    bool said_bye;    /* the un-SUBSCRIBE went */
    bool stale;       /* to be refreshed on the next connection */
    bool reconnected; /* and not refreshed since: the far end may be on its way back, too */
    unsigned losses;  /* in a row */
    uint64_t begun_ms, expires_ms;
    pipit_subscriber_code last_failure;
    pp_timer refresh, expire, notify_wait, retry;
};

extern const pp_dialog_usage pp_subscriber_usage;

/* --- subscriber.c ----------------------------------------------------------------------------- */

/* One without a target. */
int pp_subscriber_new(pipit_ua *ua, const char *event, const char *accept,
                      const pipit_subscriber_options *options, pipit_subscriber **out);

/* --- inside.c: in the dialog of a call -------------------------------------------------------- */

int pp_subscriber_join(pipit_subscriber *s);
/* Leaves its dialog, or releases it when it is its own. */
void pp_subscriber_leave(pipit_subscriber *s);

/* --- subscribe.c: requests of ours ------------------------------------------------------------ */

/* Sends the next SUBSCRIBE with the body that waits; the first of a dialog, a refresh or the last one. */
int pp_subscriber_send(pipit_subscriber *s);
/* A first SUBSCRIBE with a Call-ID and tag of its own. */
int pp_subscriber_begin(pipit_subscriber *s);
void pp_subscriber_set_expiry(pipit_subscriber *s, uint32_t granted_s);

/* --- subscription_end.c ------------------------------------------------------------------------ */

typedef struct pp_subscription_end {
    pipit_subscriber_code code;
    pp_str reason; /* p == NULL: none */
    bool has_retry_after;
    uint32_t retry_after;
    const pp_message *message; /* NULL: none */
} pp_subscription_end;

/* It is over. The subscription may be gone when this returns. */
void pp_subscriber_end(pipit_subscriber *s, const pp_subscription_end *end);
/* It is over, or begun again where that was asked for and may be. */
void pp_subscriber_lose(pipit_subscriber *s, const pp_subscription_end *end);

#endif
