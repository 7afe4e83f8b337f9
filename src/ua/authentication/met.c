/* met.c - challenges that were met, with how often: by realm, a handful of them. */
#include "ua/authentication/met.h"

#include "base/alloc.h"
#include "base/limits.h"

/* --- a challenge, kept in parts ----------------------------------------------------------------- */

static char *put(char *at, pp_str part)
{
    if (part.n)
        memcpy(at, part.p, part.n);
    return at + part.n;
}

/* False without memory, and then nothing has changed. */
static bool keep(pp_met *met, const pp_challenge *c)
{
    size_t size = c->realm.n + c->nonce.n + c->opaque.n + c->algorithm_name.n;
    char *text = size <= PP_LIMIT_SIP_HEADER ? pp_alloc(size) : NULL;

    if (!text)
        return false;
    put(put(put(put(text, c->realm), c->nonce), c->opaque), c->algorithm_name);
    pp_free(met->text);
    met->text = text;
    met->realm = (uint16_t)c->realm.n;
    met->nonce = (uint16_t)c->nonce.n;
    met->opaque = (uint16_t)c->opaque.n;
    met->algorithm_name = (uint16_t)c->algorithm_name.n;
    met->algorithm = (uint8_t)c->algorithm;
    met->session = c->session;
    met->supported = c->supported;
    met->userhash = c->userhash;
    met->qop_auth = c->qop_auth;
    met->qop_auth_int = c->qop_auth_int;
    met->bearer = c->bearer;
    met->has_opaque = c->opaque.p != NULL;
    return true;
}

pp_demand pp_met_demand(const pp_met *met)
{
    const char *nonce = met->text + met->realm, *opaque = nonce + met->nonce;

    return (pp_demand){
        .answer = met->answer,
        .challenge = {.algorithm = (pp_hash)met->algorithm,
                      .session = met->session,
                      .supported = met->supported,
                      .userhash = met->userhash,
                      .qop_auth = met->qop_auth,
                      .qop_auth_int = met->qop_auth_int,
                      .bearer = met->bearer,
                      .realm = pp_str_n(met->text, met->realm),
                      .nonce = pp_str_n(nonce, met->nonce),
                      .opaque = met->has_opaque ? pp_str_n(opaque, met->opaque) : PP_STR_NONE,
                      .algorithm_name = pp_str_n(opaque + met->opaque, met->algorithm_name)},
    };
}

/* --- the list ----------------------------------------------------------------------------------- */

static bool is_same(const pp_met *met, const pp_demand *demand, bool nonce_too)
{
    const pp_challenge known = pp_met_demand(met).challenge;

    return met->answer == demand->answer && known.bearer == demand->challenge.bearer &&
           pp_realm_same(known.realm, demand->challenge.realm) &&
           (!nonce_too || pp_str_eq(known.nonce, demand->challenge.nonce));
}

static void free_met(pp_met *met)
{
    pp_ha1_forget(&met->ha1);
    pp_free(met->text);
    pp_free(met);
}

static void remove_at(pp_met_list *list, pp_met **at)
{
    pp_met *met = *at;

    *at = met->next;
    list->count--;
    free_met(met);
}

static void drop_oldest(pp_met_list *list)
{
    pp_met **at = &list->first;

    while ((*at)->next)
        at = &(*at)->next;
    remove_at(list, at);
}

static void put_first(pp_met_list *list, pp_met *met)
{
    met->next = list->first;
    list->first = met;
    if (++list->count > PP_LIMIT_REALMS)
        drop_oldest(list);
}

/* Takes the one of that realm out of the list; NULL when there is none. */
static pp_met *take_realm(pp_met_list *list, const pp_demand *demand)
{
    for (pp_met **at = &list->first; *at; at = &(*at)->next)
        if (is_same(*at, demand, false)) {
            pp_met *met = *at;

            *at = met->next;
            list->count--;
            return met;
        }
    return NULL;
}

/* A new nonce, and the same password: its hash stays. Without memory nothing is remembered, and it is asked for again. */
static pp_met *remember(pp_met_list *list, const pp_demand *demand)
{
    pp_met *met = take_realm(list, demand);

    if (!met)
        met = PP_NEW(pp_met);
    if (!met)
        return NULL;
    if (!keep(met, &demand->challenge)) {
        free_met(met);
        return NULL;
    }
    met->answer = demand->answer;
    met->count = 1;
    met->proven = met->registrar = false;
    put_first(list, met);
    return met;
}

uint32_t pp_met_count(pp_met_list *list, pp_demand *demand)
{
    pp_met *met = list->first;

    while (met && !is_same(met, demand, true))
        met = met->next;
    if (met)
        met->count++;
    else
        met = remember(list, demand);
    demand->ha1 = met ? &met->ha1 : NULL;
    return met ? met->count : 1;
}

static bool is_in(const pp_met *met, const pp_outgoing *request)
{
    const pp_demand demand = pp_met_demand(met);

    return pp_demand_is_met(&demand, request);
}

void pp_met_prove(pp_met_list *list, const pp_outgoing *request)
{
    bool registrar = pp_outgoing_method(request) == PP_REGISTER;

    for (pp_met *met = list->first; met; met = met->next) {
        bool known = met->proven && (met->registrar || !registrar);

        if (!known && is_in(met, request)) {
            met->proven = true;
            met->registrar = met->registrar || registrar;
        }
    }
}

void pp_met_forget_ha1(pp_met_list *list)
{
    for (pp_met *met = list->first; met; met = met->next)
        pp_ha1_forget(&met->ha1);
}

void pp_met_free(pp_met_list *list)
{
    while (list->first)
        remove_at(list, &list->first);
}
