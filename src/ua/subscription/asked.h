/* asked.h - SUBSCRIBEs that wait for the application. */
#ifndef PP_UA_ASKED_H
#define PP_UA_ASKED_H

#include "ua/subscription/subscription.h"

typedef struct pp_asked {
    pipit_ua *ua;
    pipit_request *shown; /* by it the application names it */
    pp_server_transaction *transaction;
    struct pp_asked *next, *prev;
} pp_asked;

/* The transaction of a SUBSCRIBE that waits, which then is the caller's; NULL when there is none. */
pp_server_transaction *pp_asked_take(pipit_ua *ua, const pipit_request *shown);
void pp_asked_close(pipit_ua *ua); /* each is refused */
void pp_asked_detach(pipit_ua *ua);

#endif
