/* authenticate.c - challenges met: with what is known, else with what the application gives (RFC 3261 section 22). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/ua.h"

/* --- what is known ---------------------------------------------------------------------------- */

typedef struct chain { /* the application's answers, and the configuration behind them */
    pp_credentials settings;
    pp_credentials *storage;
    const pp_credentials *first;
} chain;

static int chain_begin(const pipit_ua *ua, chain *out)
{
    int err;

    *out = (chain){.settings = pp_settings_credentials(&ua->settings)};
    err = pp_keyring_chain(&ua->authentication.keyring, &out->settings, &out->storage);
    out->first = out->storage ? out->storage : &out->settings;
    return err;
}

static void chain_end(chain *c)
{
    pp_free(c->storage);
}

/* Whether nobody between us and the server can read what goes. Via may be told to say WSS over a ws: URL. */
static bool is_private(const pipit_socket *socket)
{
    const char *transport = pipit_socket_via_transport(socket);

    return (strcmp(transport, "WSS") == 0 || strcmp(transport, "TLS") == 0) &&
           !pp_str_istarts(pp_str_c(pipit_socket_url(socket)), "ws:");
}

/* RFC 6750 section 5.3: a token is as good as a password to whoever sees it. */
static bool may_show_tokens(const pipit_ua *ua)
{
    const pipit_socket *socket = pp_transport_socket(ua->transport);

    return (socket && is_private(socket)) || ua->settings.allow_insecure_authorization;
}

void pp_authentication_free(pp_authentication *authentication)
{
    pp_keyring_free(&authentication->keyring);
    pp_met_free(&authentication->met);
}

/* --- before anyone asks ----------------------------------------------------------------------- */

/* As the application wrote it, on every request. */
static void add_jwt(pipit_ua *ua, pp_outgoing *request)
{
    const char *jwt = ua->settings.authorization_jwt;

    if (!jwt)
        return;
    if (may_show_tokens(ua))
        pp_outgoing_set(request, PP_HEADER_AUTHORIZATION, pp_str_c(jwt));
    else
        pp_log_warn("UA", "authorization_jwt was kept back: the connection has no TLS");
}

/* Outside of registration only proxies are met ahead: with others a far end would get to see answers meant for our registrar.
 * Tokens go ahead to servers only that a REGISTER has met: they are ours. */
static bool goes_ahead(const pp_met *met, const pp_outgoing *request, bool tokens)
{
    bool proxy = met->answer == PP_HEADER_PROXY_AUTHORIZATION;

    if (!met->proven || (met->bearer && (!tokens || !met->registrar)))
        return false;
    return proxy || (met->registrar && pp_outgoing_method(request) == PP_REGISTER);
}

void pp_authenticate_ahead(pipit_ua *ua, pp_attempt *attempt, pp_outgoing *request)
{
    bool tokens;
    chain c;

    add_jwt(ua, request);
    if (!ua->authentication.met.first || chain_begin(ua, &c) < 0)
        return; /* it will be asked for */
    tokens = may_show_tokens(ua);
    for (pp_met *met = ua->authentication.met.first; met; met = met->next) {
        pp_demand demand;

        if (!goes_ahead(met, request, tokens))
            continue;
        demand = pp_met_demand(met);
        demand.credentials = pp_credentials_for(c.first, &demand.challenge);
        demand.ha1 = &met->ha1;
        if (demand.credentials &&
            pp_demand_meet(&demand, &ua->loop->rng, ++met->count, request) == 0)
            attempt->ahead = true;
    }
    chain_end(&c);
}

/* --- a challenge is judged -------------------------------------------------------------------- */

typedef struct survey {
    pp_demand lacking; /* the first realm that the application has to be asked about */
    unsigned index;    /* of it */
    bool lacks, refused;
    bool meetable; /* there is something to answer with */
} survey;

/* RFC 3261 section 22.3: asked again for what it was given, and not because the nonce was old: so the password itself is
 * wrong. What was sent ahead may be wrong because of its nonce only; a token has none. */
static bool was_refused(const pp_attempt *attempt, const pp_demand *demand,
                        const pp_outgoing *request)
{
    return !demand->challenge.stale && (!attempt->ahead || demand->challenge.bearer) &&
           pp_demand_was_met(demand, request);
}

static int look(pipit_ua *ua, const pp_attempt *attempt, const pp_outgoing *request,
                const pp_message *response, survey *out)
{
    pp_demands at = {.bearer = may_show_tokens(ua)};
    survey s = {.index = 0};
    pp_demand demand;
    unsigned index = 0;
    chain c;
    int err = chain_begin(ua, &c);

    if (err)
        return err;
    while (!s.lacks && pp_demands_next(&at, response, c.first, &demand)) {
        bool refused = index >= attempt->settled && was_refused(attempt, &demand, request);
        bool asks = index >= attempt->settled && !demand.credentials && ua->settings.credentials;

        if (refused || asks) {
            demand.credentials = NULL; /* they go with the chain */
            s = (survey){.lacking = demand, .index = index, .lacks = true, .refused = refused};
        } else if (demand.credentials) {
            s.meetable = true;
        }
        index++;
    }
    chain_end(&c);
    *out = s;
    return 0;
}

/* False: there are no credentials, or not yet. */
static bool ask(pipit_ua *ua, pp_attempt *attempt, const pp_outgoing *request, const survey *s,
                const pp_request_resume *resume)
{
    const pp_question question = {.demand = &s->lacking,
                                  .method = pp_method_name(pp_outgoing_method(request)),
                                  .refused = s->refused,
                                  .resume = resume->call,
                                  .arg = resume->arg};
    bool given = false;

    if (s->refused) {
        pp_keyring_remove(&ua->authentication.keyring, s->lacking.challenge.realm);
        pp_met_forget_ha1(&ua->authentication.met);
    }
    if (!ua->settings.credentials || (s->lacking.challenge.bearer && attempt->asked_for_token))
        return false;
    attempt->asked_for_token = attempt->asked_for_token || s->lacking.challenge.bearer;
    attempt->settled = s->index + 1;
    if (pp_challenge_ask(ua, &question, &attempt->challenge, &given) < 0)
        pp_log_warn("UA", "no memory to ask for credentials");
    return given;
}

pp_verdict pp_authenticate_judge(pipit_ua *ua, pp_attempt *attempt, const pp_outgoing *request,
                                 const pp_message *response, const pp_request_resume *resume)
{
    survey s;

    if (attempt->challenge) {
        bool refused = pp_challenge_is_refused(attempt->challenge);

        attempt->challenge = pp_challenge_drop(attempt->challenge);
        if (refused)
            return PP_VERDICT_GIVE_UP;
    }
    if (attempt->answered == PP_LIMIT_CHALLENGES)
        return PP_VERDICT_GIVE_UP;
    while (look(ua, attempt, request, response, &s) == 0) {
        if (!s.lacks)
            return s.meetable ? PP_VERDICT_MEET : PP_VERDICT_GIVE_UP;
        if (!ask(ua, attempt, request, &s, resume))
            return attempt->challenge ? PP_VERDICT_WAIT : PP_VERDICT_GIVE_UP;
    }
    return PP_VERDICT_GIVE_UP;
}

/* --- and met ---------------------------------------------------------------------------------- */

/* RFC 7616 section 3.4: a nonce is not used twice with the same count, so answers that stay are made again. */
static int renew(pipit_ua *ua, const chain *c, pp_outgoing *request)
{
    int err = 0;

    for (pp_met *met = ua->authentication.met.first; met && !err; met = met->next) {
        pp_demand demand = pp_met_demand(met);

        if (!pp_demand_is_met(&demand, request))
            continue;
        demand.credentials = pp_credentials_for(c->first, &demand.challenge);
        demand.ha1 = &met->ha1;
        if (demand.credentials && !demand.challenge.bearer)
            err = pp_demand_meet(&demand, &ua->loop->rng, ++met->count, request);
    }
    return err;
}

static int meet(pipit_ua *ua, pp_demand *demand, pp_outgoing *again)
{
    uint32_t count = pp_met_count(&ua->authentication.met, demand);

    return pp_demand_meet(demand, &ua->loop->rng, count, again);
}

int pp_authenticate(pipit_ua *ua, const pp_message *response, pp_outgoing *again)
{
    pp_demands at = {.bearer = may_show_tokens(ua)};
    pp_demand demand;
    chain c;
    int err = chain_begin(ua, &c);

    if (err)
        return err;
    err = renew(ua, &c, again);
    while (!err && pp_demands_next(&at, response, c.first, &demand))
        if (demand.credentials)
            err = meet(ua, &demand, again);
    chain_end(&c);
    return err;
}

void pp_attempt_free(pp_attempt *attempt)
{
    attempt->challenge = pp_challenge_drop(attempt->challenge);
    attempt->response = pp_message_unref(attempt->response);
}
