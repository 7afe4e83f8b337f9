/* met.c - challenges that were met, with how often: by realm, a handful of them. */
#include "ua/authentication/met.h"

#include "base/alloc.h"
#include "base/limits.h"

bool pp_met_demand(const pp_met *met, pp_demand *out)
{
    *out = (pp_demand){.value = pp_str_c(met->value), .answer = met->answer};
    return pp_challenge_parse(out->value, &out->challenge) == 0;
}

static bool is_same(const pp_met *met, const pp_demand *demand, bool nonce_too)
{
    pp_demand known;

    return met->answer == demand->answer && pp_met_demand(met, &known) &&
           known.challenge.bearer == demand->challenge.bearer &&
           pp_realm_same(known.challenge.realm, demand->challenge.realm) &&
           (!nonce_too || pp_str_eq(known.challenge.nonce, demand->challenge.nonce));
}

static void free_met(pp_met *met)
{
    pp_ha1_forget(&met->ha1);
    pp_free(met->value);
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
    char *value = pp_str_dup(demand->value);

    if (!met)
        met = PP_NEW(pp_met);
    if (!met || !value) {
        if (met)
            free_met(met);
        pp_free(value);
        return NULL;
    }
    pp_free(met->value);
    met->value = value;
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

bool pp_met_is_in(const pp_met *met, const pp_outgoing *request)
{
    pp_demand demand;

    return pp_met_demand(met, &demand) && pp_demand_is_met(&demand, request);
}

void pp_met_prove(pp_met_list *list, const pp_outgoing *request)
{
    bool registrar = pp_outgoing_method(request) == PP_REGISTER;

    for (pp_met *met = list->first; met; met = met->next) {
        bool known = met->proven && (met->registrar || !registrar);

        if (!known && pp_met_is_in(met, request)) {
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
