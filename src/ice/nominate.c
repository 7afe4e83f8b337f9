/* nominate.c - which pair is used (RFC 8445 section 8) and whether the peer still agrees to it (RFC 7675). */
#include "ice/agent.h"

#include "base/log.h"

/* Whether a better pair than this may still turn out to work. */
static bool may_be_beaten(const pp_ice *ice, const pp_pair *best)
{
    for (size_t i = 0; i < ice->pair_count; i++) {
        const pp_pair *pair = ice->pairs[i];

        if (pair->priority > best->priority && pair->state != PP_PAIR_FAILED &&
            pair->state != PP_PAIR_SUCCEEDED)
            return true;
    }
    return false;
}

static pp_pair *best_valid(const pp_ice *ice)
{
    pp_pair *best = NULL;

    for (size_t i = 0; i < ice->pair_count; i++)
        if (ice->pairs[i]->valid && (!best || ice->pairs[i]->priority > best->priority))
            best = ice->pairs[i];
    return best;
}

static bool is_relayed(const pp_ice *ice, const pp_pair *pair)
{
    return pair->local.type == PP_CANDIDATE_RELAY ||
           ice->remotes[pair->remote].candidate.type == PP_CANDIDATE_RELAY;
}

/* Between NATs the first check may open the way for the second only, which is sent half a second later. */
static bool may_go_direct(const pp_ice *ice)
{
    for (size_t i = 0; i < ice->pair_count; i++)
        if (!is_relayed(ice, ice->pairs[i]) && ice->pairs[i]->state != PP_PAIR_FAILED &&
            ice->pairs[i]->state != PP_PAIR_SUCCEEDED)
            return true;
    return false;
}

static uint64_t patience_us(const pp_ice *ice, const pp_pair *best)
{
    return is_relayed(ice, best) && may_go_direct(ice) ? PP_ICE_SETTLE_RELAY_US : 0;
}

uint64_t pp_ice_settle_deadline_us(const pp_ice *ice)
{
    const pp_pair *best = ice->settle_us == PP_NEVER ? NULL : best_valid(ice);

    return best ? ice->settle_us + patience_us(ice, best) : PP_NEVER;
}

/* Regular nomination: the best pair at once when nothing better can come, else after a moment's patience. */
void pp_ice_consider(pp_ice *ice, uint64_t now_us)
{
    pp_pair *best;

    if (!ice->controlling || ice->nominating || ice->selected)
        return;
    best = best_valid(ice);
    if (!best)
        ice->settle_us = PP_NEVER;
    else if (ice->settle_us == PP_NEVER)
        ice->settle_us = now_us + PP_ICE_SETTLE_US;
    if (best && (now_us >= pp_ice_settle_deadline_us(ice) || !may_be_beaten(ice, best)))
        pp_ice_nominate(ice, best, now_us);
}

/* Not held back by Ta: it is one packet in a session, and every call waits for it. */
void pp_ice_nominate(pp_ice *ice, pp_pair *pair, uint64_t now_us)
{
    ice->nominating = pair;
    pp_ice_start_check(ice, pair, true, now_us);
}

/* Older peers nominate every pair they check, and the best counts (section 8.1.1). But browsers also change their
 * mind: they go on nominating the pair they use and leave the other alone. */
void pp_ice_peer_nominated(pp_ice *ice, pp_pair *pair, uint64_t now_us)
{
    const pp_pair *used = ice->selected;
    bool better = used && !pair->weighed && pair->priority > used->priority;
    bool instead = used && now_us - used->nominated_us > PP_ICE_RENOMINATE_US &&
                   now_us - pair->nominated_us <= PP_ICE_RENOMINATE_US;

    pair->weighed = true;
    if (pair != used && (!used || better || instead || ice->state == PP_ICE_DISCONNECTED))
        pp_ice_select(ice, pair);
}

static uint64_t next_consent_us(const pp_ice *ice, uint64_t now_us)
{
    return now_us + PP_ICE_CONSENT_US + pp_rng_below(ice->rng, PP_ICE_CONSENT_US / 2 + 1);
}

void pp_ice_select(pp_ice *ice, pp_pair *pair)
{
    char from[PP_ADDR_TEXT], to[PP_ADDR_TEXT];

    pp_log_debug("ICE", "agent %s: pair %s to %s taken", ice->ufrag,
                 pp_addr_text(&pair->local.address, from), pp_addr_text(pp_pair_to(ice, pair), to));
    ice->selected = pair;
    ice->nominating = NULL;
    ice->fail_us = ice->settle_us = PP_NEVER;
    ice->consent_us = pair->answered_us;
    ice->next_consent_us = next_consent_us(ice, pair->answered_us);
    pp_ice_set_state(ice, PP_ICE_CONNECTED);
    pp_ice_prune(ice);
}

/* RFC 7675 section 5.1: a transaction of its own, sent once. It nominates again, for a peer that sees us come from a
 * new address. */
static void ask_consent(pp_ice *ice, uint64_t now_us)
{
    pp_pair *pair = ice->selected;

    ice->next_consent_us = next_consent_us(ice, now_us);
    pp_ice_start_check(ice, pair, ice->controlling, now_us);
    pair->state = PP_PAIR_SUCCEEDED;
    pair->retransmit_us = PP_NEVER;
}

/* The check for consent is sent once, and one that is lost is nothing to end a call for: the pair is checked anew, as any other, when the
 * answer is late. */
static uint64_t doubt_us(const pp_ice *ice)
{
    const pp_pair *pair = ice->selected;
    const pp_ice_check *check = &pair->checks[pair->newest];

    return pair->state == PP_PAIR_SUCCEEDED && check->open ? check->sent_us + PP_ICE_RTO_US
                                                           : PP_NEVER;
}

/* As the controlling side: perhaps another pair still works. The first that answers is nominated. */
static void look_elsewhere(pp_ice *ice, uint64_t now_us)
{
    for (size_t i = 0; ice->controlling && i < ice->pair_count; i++)
        if (ice->pairs[i] != ice->selected && ice->pairs[i]->valid)
            pp_ice_trigger(ice, ice->pairs[i], now_us);
}

void pp_ice_consented(pp_ice *ice, uint64_t now_us)
{
    ice->consent_us = now_us;
    pp_ice_set_state(ice, PP_ICE_CONNECTED);
}

void pp_ice_run_consent(pp_ice *ice, uint64_t now_us)
{
    if (!ice->selected)
        return;
    if (now_us - ice->consent_us >= PP_ICE_FAIL_US) {
        pp_ice_set_state(ice, PP_ICE_FAILED);
        return;
    }
    if (now_us >= ice->next_consent_us)
        ask_consent(ice, now_us);
    else if (now_us >= doubt_us(ice))
        pp_ice_start_check(ice, ice->selected, ice->controlling, now_us);
    if (ice->state == PP_ICE_CONNECTED && now_us - ice->consent_us >= PP_ICE_DISCONNECT_US) {
        pp_ice_set_state(ice, PP_ICE_DISCONNECTED);
        look_elsewhere(ice, now_us);
    }
}

uint64_t pp_ice_consent_deadline_us(const pp_ice *ice)
{
    uint64_t lapse;

    if (!ice->selected)
        return PP_NEVER;
    lapse =
        ice->consent_us + (ice->state == PP_ICE_CONNECTED ? PP_ICE_DISCONNECT_US : PP_ICE_FAIL_US);
    if (lapse > ice->next_consent_us)
        lapse = ice->next_consent_us;
    return lapse < doubt_us(ice) ? lapse : doubt_us(ice);
}
