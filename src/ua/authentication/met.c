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

static void remove_at(pp_met_list *list, pp_met **at)
{
    pp_met *met = *at;

    *at = met->next;
    list->count--;
    pp_free(met->value);
    pp_free(met);
}

static void remove_realm(pp_met_list *list, const pp_demand *demand)
{
    for (pp_met **at = &list->first; *at; at = &(*at)->next)
        if (is_same(*at, demand, false)) {
            remove_at(list, at);
            return;
        }
}

static void drop_oldest(pp_met_list *list)
{
    pp_met **at = &list->first;

    while ((*at)->next)
        at = &(*at)->next;
    remove_at(list, at);
}

/* Without memory it is not remembered, and asked for again. */
static void remember(pp_met_list *list, const pp_demand *demand)
{
    pp_met *met = PP_NEW(pp_met);

    if (!met)
        return;
    met->value = pp_str_dup(demand->value);
    if (!met->value) {
        pp_free(met);
        return;
    }
    met->answer = demand->answer;
    met->count = 1;
    met->next = list->first;
    list->first = met;
    if (++list->count > PP_LIMIT_REALMS)
        drop_oldest(list);
}

uint32_t pp_met_count(pp_met_list *list, const pp_demand *demand)
{
    for (pp_met *met = list->first; met; met = met->next)
        if (is_same(met, demand, true))
            return ++met->count;
    remove_realm(list, demand);
    remember(list, demand);
    return 1;
}

bool pp_met_is_in(const pp_met *met, const pp_outgoing *request)
{
    pp_authorization sent;
    pp_demand demand;
    pp_str value;

    if (!pp_met_demand(met, &demand))
        return false;
    if (demand.challenge.bearer)
        return pp_demand_was_met(&demand, request);
    for (size_t i = 0; value = pp_outgoing_header(request, met->answer, i), value.p; i++)
        if (pp_authorization_parse(value, &sent) == 0 &&
            pp_str_eq(sent.nonce, demand.challenge.nonce) &&
            pp_realm_same(sent.realm, demand.challenge.realm))
            return true;
    return false;
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

void pp_met_free(pp_met_list *list)
{
    while (list->first)
        remove_at(list, &list->first);
}
