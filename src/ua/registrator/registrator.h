/* registrator.h - inside of a registration: the REGISTER on its way, its timer, what the registrar granted. */
#ifndef PP_UA_REGISTRATOR_H
#define PP_UA_REGISTRATOR_H

#include "base/timers.h"
#include "pipit/registrator.h"
#include "sip/name_addr.h"
#include "ua/request_sender.h"

typedef struct pp_registrator {
    char *call_id;
    uint32_t cseq;
    unsigned expires_s; /* what we ask for */
    unsigned granted_s;
    unsigned failures; /* in a row */
    uint64_t end_us;   /* of what was granted */
    uint64_t answer;   /* a sum of the answer that was taken; 0: none */
    bool wanted;       /* register on every connection */
    bool registered;
    bool lengthened;  /* a 423 was met */
    bool plain;       /* a 439 was met: no reg-id */
    bool outbound;    /* the registrar does RFC 5626 */
    bool reconnected; /* while a request was on its way over the connection before */
    bool remove_all;  /* what unregister() was told while a REGISTER was on its way */
    char **extra_headers, **extra_params; /* NULL at the end; NULL for none */
    char **routes;                        /* the same, of Service-Route */
    pp_request_sender *sender;            /* a REGISTER on its way */
    pp_request_sender *remover;           /* an un-REGISTER on its way */
    pp_timer timer;                       /* the next REGISTER, or the end */
} pp_registrator;

int pp_registrator_init(pipit_ua *ua);
void pp_registrator_free(pipit_ua *ua);
void pp_registrator_connected(pipit_ua *ua);    /* registers when wanted */
void pp_registrator_disconnected(pipit_ua *ua); /* the binding's flow is gone */
void pp_registrator_close(pipit_ua *ua);        /* un-registers when registered */

/* --- request.c -------------------------------------------------------------------------------- */

#define PP_REG_ID "1"

typedef enum pp_register_kind {
    PP_REGISTER_OURS,
    PP_REGISTER_REMOVE,
    PP_REGISTER_REMOVE_ALL
} pp_register_kind;

int pp_registrator_request(pipit_ua *ua, pp_register_kind kind, pp_outgoing **out);

/* --- register.c, unregister.c ----------------------------------------------------------------- */

/* Sends a REGISTER; when that cannot be, the registration has failed. */
void pp_registrator_register(pipit_ua *ua);
uint32_t pp_registrator_next_cseq(void *arg);
/* JsSIP takes a 408 for its own timeout. */
pipit_cause pp_registrator_cause(const pp_message *response);

/* --- bindings.c: what a 2xx says -------------------------------------------------------------- */

/* Our Contact among those of the response; false when it is not there, or gone by now. */
bool pp_registrator_find_binding(const pipit_ua *ua, const pp_message *response, pp_name_addr *out);
/* Whether a 2xx says what the one before it said, as those to a refresh mostly do: then nothing of it needs to be read. */
bool pp_registrator_knows(const pipit_ua *ua, const pp_message *response);
/* Takes over what is granted: time, GRUUs, Service-Route, outbound. `binding` NULL: it is known, and counts from now on. */
void pp_registrator_take(pipit_ua *ua, const pp_message *response, const pp_name_addr *binding);
/* We have no binding any more. */
void pp_registrator_drop(pipit_ua *ua);

/* --- service_route.c -------------------------------------------------------------------------- */

/* Replaces what the response before it said; no field: no routes. */
int pp_registrator_read_routes(pp_registrator *registrator, const pp_message *response);
void pp_registrator_drop_routes(pp_registrator *registrator);
/* Route of a request outside of dialogs (RFC 3608 section 5). */
void pp_registrator_add_routes(const pp_registrator *registrator, pp_outgoing *request);

/* --- schedule.c ------------------------------------------------------------------------------- */

void pp_registrator_schedule_refresh(pipit_ua *ua);
/* Seconds until the next attempt, which is on its timer then; 0: there is none. `response` NULL: nobody answered. */
unsigned pp_registrator_schedule_retry(pipit_ua *ua, const pp_message *response);

/* --- emit.c ----------------------------------------------------------------------------------- */

typedef struct pp_registration_end {
    const pp_message *response; /* NULL when there was none */
    pipit_cause cause;
    const char *reason; /* a sentence; NULL: what the response says */
    unsigned retry_in_s;
} pp_registration_end;

void pp_registrator_emit_registered(pipit_ua *ua, const pp_message *response);
void pp_registrator_emit_unregistered(pipit_ua *ua, const pp_registration_end *end);
void pp_registrator_emit_failed(pipit_ua *ua, const pp_registration_end *end);

#endif
