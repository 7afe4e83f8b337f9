/* registrator.h - inside of a registration: the REGISTER on its way, its timer, what the registrar granted. */
#ifndef PP_UA_REGISTRATOR_H
#define PP_UA_REGISTRATOR_H

#include "base/timers.h"
#include "pipit/registrator.h"
#include "ua/request_sender.h"

typedef struct pp_registrator {
    char *call_id;
    uint32_t cseq;
    unsigned expires_s; /* what we ask for */
    unsigned granted_s;
    bool wanted; /* register on every connection */
    bool registered;
    bool shortened;             /* a 423 was met */
    pp_request_sender *sender;  /* a REGISTER on its way */
    pp_request_sender *remover; /* an un-REGISTER on its way */
    pp_timer refresh;
} pp_registrator;

int pp_registrator_init(pipit_ua *ua);
void pp_registrator_free(pipit_ua *ua);
void pp_registrator_connected(pipit_ua *ua);    /* registers when wanted */
void pp_registrator_disconnected(pipit_ua *ua); /* the binding's flow is gone */
void pp_registrator_close(pipit_ua *ua);        /* un-registers when registered */

#endif
