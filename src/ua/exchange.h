/* exchange.h - a request outside of dialogs and its answer, in or out: what MESSAGE and OPTIONS have alike. */
#ifndef PP_UA_EXCHANGE_H
#define PP_UA_EXCHANGE_H

#include "pipit/message.h"
#include "pipit/request.h"
#include "ua/ua.h"

typedef struct pp_exchange pp_exchange;

/* The answer to one of ours. */
typedef struct pp_exchange_end {
    pipit_originator originator;
    pipit_request *response; /* NULL when nobody answered */
    pipit_cause cause;       /* PIPIT_CAUSE_NONE: it succeeded */
} pp_exchange_end;

typedef struct pp_exchange_kind {
    const char *name; /* "message", for sentences */
    /* The event of the user agent. */
    void (*announce)(pipit_ua *ua, pp_exchange *exchange);
    /* The last event of one of ours; its handlers have been taken off. */
    void (*over)(pp_exchange *exchange, const void *handlers, const pp_exchange_end *end);
    /* Adds what a 200 says; optional. */
    void (*accepted)(pipit_ua *ua, pp_outgoing *response);
} pp_exchange_kind;

struct pp_exchange { /* the only member of pipit_message and of pipit_options */
    unsigned references;
    const pp_exchange_kind *kind;
    pipit_ua *ua; /* NULL once the user agent is gone */
    pp_exchange *next, *previous;
    pipit_originator direction;
    pipit_request *request;
    char *remote_uri, *remote_display_name;
    pp_server_transaction *transaction; /* of an incoming one that is not answered */
    const void *handlers;
    void *user;
};

/* What a request of ours is to say. */
typedef struct pp_exchange_draft {
    pp_method method;
    const char *target;                        /* as typed */
    const char *from_user, *from_display_name; /* NULL: the account's */
    const char *const *extra_headers;
    const char *content_type, *body; /* body NULL: none */
} pp_exchange_draft;

int pp_exchange_make(pipit_ua *ua, const pp_exchange_draft *draft, pp_outgoing **out);

/* A request of ours, complete but for Via. *out is yours; the request is announced and sent. `out` may be NULL. */
int pp_exchange_send(pipit_ua *ua, const pp_exchange *model, pp_outgoing *request,
                     pp_exchange **out);
/* One that came: announced, and taken when nobody answered it and nobody kept it. */
void pp_exchange_receive(pipit_ua *ua, const pp_exchange_kind *kind,
                         pp_server_transaction *transaction);

int pp_exchange_accept(pp_exchange *exchange, const pipit_reply_options *options);
int pp_exchange_reject(pp_exchange *exchange, const pipit_reply_options *options);
int pp_exchange_identity(const pp_exchange *exchange, bool local, pipit_name_addr **out);
void pp_exchange_unref(pp_exchange *exchange);

#endif
