/* answers.c - all challenges of a response met with one set of credentials. */
#include "unit/sip/support/answers.h"

#include "base/error.h"

int answer_all(const pp_message *response, const pp_credentials *credentials, const pp_rng *rng,
               uint32_t nonce_count, pp_outgoing *request)
{
    pp_demands at = {.bearer = credentials->token != NULL};
    pp_demand demand;
    bool met = false;
    int err = 0;

    while (!err && pp_demands_next(&at, response, credentials, &demand)) {
        if (!demand.credentials)
            continue;
        err = pp_demand_meet(&demand, rng, nonce_count, request);
        met = true;
    }
    return err || met ? err : PIPIT_ERR_AUTHENTICATION;
}
