/* met.h - challenges that were met, for requests that follow: saves them a round trip (RFC 7616 section 3.6). */
#ifndef PP_UA_MET_H
#define PP_UA_MET_H

#include "sip/digest.h"

typedef struct pp_met { /* a challenge of one realm, in one header field */
    struct pp_met *next;
    char *value; /* of the challenge's header field */
    pp_header_id answer;
    uint32_t count; /* of answers with its nonce */
    pp_ha1 ha1;     /* of the credentials that answer it */
    bool proven;    /* one of them was taken */
    bool registrar; /* by a REGISTER: it is a server of ours that asks */
} pp_met;

typedef struct pp_met_list {
    pp_met *first; /* the newest */
    unsigned count;
} pp_met_list;

/* The count for another answer with that nonce: 1 when it is new, and then it is remembered in place of the one before. The
 * demand is told where HA1 is kept. */
uint32_t pp_met_count(pp_met_list *list, pp_demand *demand);
/* A response shows that the answers in the request were taken. */
void pp_met_prove(pp_met_list *list, const pp_outgoing *request);
/* Whether the request carries an answer to that very challenge. */
bool pp_met_is_in(const pp_met *met, const pp_outgoing *request);
/* The demand of it, without credentials. */
bool pp_met_demand(const pp_met *met, pp_demand *out);
/* The credentials are others. */
void pp_met_forget_ha1(pp_met_list *list);
void pp_met_free(pp_met_list *list);

#endif
