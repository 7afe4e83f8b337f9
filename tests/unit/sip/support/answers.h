/* answers.h - all challenges of a response met with one set of credentials. */
#ifndef PP_TESTS_UNIT_SIP_ANSWERS_H
#define PP_TESTS_UNIT_SIP_ANSWERS_H

#include "sip/digest.h"

/* PIPIT_ERR_AUTHENTICATION when none can be met. Bearer counts when there is a token. */
int answer_all(const pp_message *response, const pp_credentials *credentials, const pp_rng *rng,
               uint32_t nonce_count, pp_outgoing *request);

#endif
