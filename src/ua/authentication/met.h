/* met.h - challenges that were met, for requests that follow: saves them a round trip (RFC 7616 section 3.6). */
#ifndef PP_UA_MET_H
#define PP_UA_MET_H

#include "sip/digest.h"

typedef struct pp_met { /* a challenge of one realm, in one header field */
    struct pp_met *next;
    char *text; /* its realm, nonce, opaque and name of the algorithm, one behind the other */
    uint16_t realm, nonce, opaque, algorithm_name; /* octets of it each */
    pp_header_id answer;
    uint32_t count; /* of answers with its nonce */
    pp_ha1 ha1;     /* of the credentials that answer it */
    uint8_t algorithm;
    bool session : 1, supported : 1, userhash : 1, qop_auth : 1, qop_auth_int : 1, bearer : 1;
    bool has_opaque : 1;
    bool proven : 1;    /* one of them was taken */
    bool registrar : 1; /* by a REGISTER: it is a server of ours that asks */
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
/* The demand of it, without credentials; slices of what is kept. */
pp_demand pp_met_demand(const pp_met *met);
/* The credentials are others. */
void pp_met_forget_ha1(pp_met_list *list);
void pp_met_free(pp_met_list *list);

#endif
