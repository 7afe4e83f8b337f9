/* sanity.h - what a message must be before anybody looks at what it wants: one table of named checks
 * (RFC 3261 sections 8.1.3.3, 8.2 and 16.3), each with the status a request gets that fails it. */
#ifndef PP_SIP_SANITY_H
#define PP_SIP_SANITY_H

#include "sip/outgoing.h"

#define PP_METHOD_BIT(method) (1u << (method))

/* The body a method may carry; one without a rule may carry any. */
typedef struct pp_sanity_body {
    pp_method method;
    const char *type; /* "application/sdp"; NULL: any that is named */
    size_t size_max;  /* octets; 0: as many as the message */
} pp_sanity_body;

/* What a user agent or a proxy does: the same for all messages. */
typedef struct pp_sanity_rules {
    bool proxy;
    size_t size_max;              /* octets of a message */
    bool sips;                    /* Request-URIs may be sips, too */
    unsigned methods;             /* PP_METHOD_BIT of those done; others get 405 */
    unsigned dialog_methods;      /* those among them that mean something inside of a dialog only */
    const char *allow, *accept;   /* values of those fields in refusals; NULL: none */
    const char *const *options;   /* option tags that may be required, NULL at the end */
    const pp_sanity_body *bodies; /* one without a method at the end; NULL: none */
} pp_sanity_rules;

/* What the caller alone can know of one request. */
typedef struct pp_sanity_facts {
    bool stranger; /* its Request-URI means somebody else */
    bool looped;   /* it has been here before */
    bool merged;   /* it came by another way, too (section 8.2.2.2) */
    bool closing;  /* nothing new is begun here */
    int dialog; /* what its dialog says to it: 0, 481 when there is none, 500 when it is out of order */
} pp_sanity_facts;

typedef struct pp_sanity_fault {
    const char *check; /* the name of the row, "body type" */
    int status;        /* for a request; a response and an ACK are dropped */
    const char *phrase;
} pp_sanity_fault;

/* What the message alone tells, before it may touch a transaction. True when all is well; `fault` is untouched then. */
bool pp_sanity_message(const pp_message *message, const pp_sanity_rules *rules,
                       pp_sanity_fault *fault);
/* What a sane request asks for, in the order of section 8.2, or 16.3 for a proxy. */
bool pp_sanity_request(const pp_message *request, const pp_sanity_rules *rules,
                       const pp_sanity_facts *facts, pp_sanity_fault *fault);
/* Adds the field that a refusal with this status owes: Allow, Accept, Accept-Encoding, Unsupported. */
void pp_sanity_explain(const pp_message *request, const pp_sanity_rules *rules,
                       pp_outgoing *response);
/* The name of the index-th check; NULL behind the last. */
const char *pp_sanity_name(size_t index);

#endif
