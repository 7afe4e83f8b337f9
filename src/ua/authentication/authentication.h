/* authentication.h - who we are, told to those who ask (RFC 3261 section 22, RFC 8760, RFC 8898). */
#ifndef PP_UA_AUTHENTICATION_H
#define PP_UA_AUTHENTICATION_H

#include "base/loop.h"
#include "sip/message.h"
#include "ua/authentication/keyring.h"
#include "ua/authentication/met.h"

typedef struct pp_authentication { /* of a user agent */
    pp_keyring keyring;
    pp_met_list met;
} pp_authentication;

void pp_authentication_free(pp_authentication *authentication);

/* --- authenticate.c: of one request ----------------------------------------------------------- */

typedef struct pp_attempt {
    pp_message *response;       /* the challenge that is waiting for credentials, else NULL */
    pipit_challenge *challenge; /* what the application is thinking about, else NULL */
    unsigned settled;           /* realms of the response it has given credentials for */
    unsigned answered;          /* responses */
    bool ahead;                 /* the request carries answers nobody has asked for yet */
    bool asked_for_token;
} pp_attempt;

typedef enum pp_verdict { PP_VERDICT_MEET, PP_VERDICT_WAIT, PP_VERDICT_GIVE_UP } pp_verdict;

typedef struct pp_request_resume { /* called when the application has thought */
    void (*call)(void *arg);
    void *arg;
} pp_request_resume;

/* Puts in the token of the configuration, and what servers of ours have asked for before. */
void pp_authenticate_ahead(pipit_ua *ua, pp_attempt *attempt, pp_outgoing *request);
/* What can be done about a 401 or 407. With PP_VERDICT_WAIT the application is thinking, and when it is called back, the owner
 * asks again for the same response. The caller holds the user agent. */
pp_verdict pp_authenticate_judge(pipit_ua *ua, pp_attempt *attempt, const pp_outgoing *request,
                                 const pp_message *response, const pp_request_resume *resume);
/* Adds the answers to a copy of the request. */
int pp_authenticate(pipit_ua *ua, const pp_message *response, pp_outgoing *again);
void pp_attempt_free(pp_attempt *attempt);

/* --- challenge.c: what an application is asked ------------------------------------------------ */

typedef struct pp_question {
    const pp_demand *demand;
    const char *method;
    bool refused;
    void (*resume)(void *arg);
    void *arg;
} pp_question;

/* Calls the handler. *out is the challenge when the answer comes later; else *given tells whether there was one. */
int pp_challenge_ask(pipit_ua *ua, const pp_question *question, pipit_challenge **out, bool *given);
/* Whether the application has refused. */
bool pp_challenge_is_refused(const pipit_challenge *challenge);
/* Nobody waits for the answer any more. NULL is fine; returns NULL. */
pipit_challenge *pp_challenge_drop(pipit_challenge *challenge);
/* `resume` in a post of its own, whatever the application does. */
void pp_challenge_give_up(pipit_challenge *challenge);

#endif
