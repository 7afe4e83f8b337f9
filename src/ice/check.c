/* check.c - our connectivity checks and what comes back (RFC 8445 sections 7.2.2 to 7.2.5). */
#include "ice/agent.h"

#include "base/alloc.h"

/* Sends what the newest transaction of the pair says; a packet that cannot be built counts as lost. */
static void transmit(pp_ice *ice, pp_pair *pair, uint64_t now_us)
{
    pp_ice_check *check = &pair->checks[pair->newest];
    const pp_candidate *host = pp_ice_local_on(ice, pair->local.base);
    pp_stun m = {.kind = PP_STUN_REQUEST,
                 .method = PP_STUN_BINDING,
                 .has_username = true,
                 .has_priority = true};
    pp_buf username = {0}, packet = {0};

    check->transmissions++;
    check->sent_us = now_us;
    ice->remotes[pair->remote].unanswered++;
    memcpy(m.transaction, check->id, sizeof(m.transaction));
    /* Section 7.1.1: the priority of the peer-reflexive candidate this check might make. */
    m.priority = 110u << 24 | ((host ? host->priority : pair->local.priority) & 0xFFFFFF);
    m.has_controlling = check->controlling;
    m.has_controlled = !check->controlling;
    m.tie_breaker = ice->tie_breaker;
    m.use_candidate = check->nominates;
    pp_buf_c(&username, ice->remote_ufrag);
    pp_buf_char(&username, ':');
    pp_buf_c(&username, ice->ufrag);
    m.username = pp_buf_text(&username);
    if (!pp_buf_error(&username) && pp_stun_write(&m, pp_str_c(ice->remote_pwd), &packet) == 0)
        pp_ice_transmit(ice, pair->local.base, pp_pair_to(ice, pair), &packet);
    pp_buf_free(&packet);
    pp_buf_free(&username);
}

/* Section 14.3: the more there is to check, the later a check is repeated. */
static uint64_t first_rto_us(const pp_ice *ice)
{
    uint64_t busy = 0;

    for (size_t i = 0; i < ice->pair_count; i++)
        busy +=
            ice->pairs[i]->state == PP_PAIR_WAITING || ice->pairs[i]->state == PP_PAIR_IN_PROGRESS;
    return busy * PP_ICE_TA_US > PP_ICE_RTO_US ? busy * PP_ICE_TA_US : PP_ICE_RTO_US;
}

void pp_ice_start_check(pp_ice *ice, pp_pair *pair, bool nominates, uint64_t now_us)
{
    pair->newest = (pair->newest + 1) % PP_ICE_KEPT_CHECKS;
    pp_ice_check *check = &pair->checks[pair->newest];

    *check = (pp_ice_check){.open = true, .nominates = nominates, .controlling = ice->controlling};
    pp_rng_bytes(ice->rng, check->id, sizeof(check->id));
    pair->triggered = 0;
    pair->state = PP_PAIR_IN_PROGRESS;
    pair->rto_us = first_rto_us(ice);
    pair->retransmit_us = now_us + pair->rto_us;
    transmit(ice, pair, now_us);
}

/* A peer's description must not make us send without end to somebody who never answers. */
bool pp_ice_may_send(const pp_ice *ice, const pp_pair *pair)
{
    unsigned unanswered = 0;

    for (size_t i = 0; i < ice->remote_count; i++)
        if (pp_addr_same_ip(&ice->remotes[i].candidate.address, pp_pair_to(ice, pair)))
            unanswered += ice->remotes[i].unanswered;
    return unanswered < PP_LIMIT_ICE_UNANSWERED;
}

void pp_ice_retransmit(pp_ice *ice, pp_pair *pair, uint64_t now_us)
{
    bool known = pair == ice->nominating || pair == ice->selected;
    uint64_t most_us = known ? PP_ICE_KNOWN_RTO_US : PP_ICE_RTO_MAX_US;
    unsigned times = known ? PP_ICE_KNOWN_TRANSMISSIONS : PP_ICE_TRANSMISSIONS;

    if (pair->checks[pair->newest].transmissions >= times || !pp_ice_may_send(ice, pair)) {
        pp_ice_fail_pair(ice, pair, now_us);
        return;
    }
    pair->rto_us = pair->rto_us * 2 > most_us ? most_us : pair->rto_us * 2;
    pair->retransmit_us = now_us + pair->rto_us;
    transmit(ice, pair, now_us);
}

void pp_ice_fail_pair(pp_ice *ice, pp_pair *pair, uint64_t now_us)
{
    pair->state = PP_PAIR_FAILED;
    pair->retransmit_us = PP_NEVER;
    pair->triggered = 0;
    if (pair != ice->selected) /* that one lives by consent alone */
        pair->valid = false;
    if (pair == ice->nominating)
        ice->nominating = NULL;
    pp_ice_consider(ice, now_us);
}

void pp_ice_trigger(pp_ice *ice, pp_pair *pair, uint64_t now_us)
{
    pp_ice_check *check = &pair->checks[pair->newest];

    if (pair->state == PP_PAIR_IN_PROGRESS) {
        /* Section 7.3.1.4 cancels and starts anew. Sending the same transaction again does the same for the path and
         * keeps an answer that is still on its way. */
        uint64_t again_us = now_us - check->sent_us >= PP_ICE_RETRIGGER_US
                                ? now_us
                                : check->sent_us + PP_ICE_RTO_US;

        check->transmissions = 1;
        pair->rto_us = PP_ICE_RTO_US / 2;
        if (pair->retransmit_us > again_us)
            pair->retransmit_us = again_us;
    } else if (!pair->triggered) {
        pair->triggered = ++ice->triggers;
        pair->state = PP_PAIR_WAITING;
    }
}

static pp_pair *find_check(const pp_ice *ice, const uint8_t *id, pp_ice_check **out)
{
    for (size_t i = 0; i < ice->pair_count; i++) {
        for (size_t k = 0; k < PP_ICE_KEPT_CHECKS; k++) {
            pp_ice_check *check = &ice->pairs[i]->checks[k];

            if (check->open && memcmp(check->id, id, sizeof(check->id)) == 0) {
                *out = check;
                return ice->pairs[i];
            }
        }
    }
    return NULL;
}

bool pp_ice_asked(const pp_ice *ice, const uint8_t *id)
{
    pp_ice_check *check;

    return find_check(ice, id, &check) != NULL || pp_ice_is_question(ice, id);
}

static const pp_candidate *reflexive_at(const pp_ice *ice, unsigned base, const pp_addr *mapped)
{
    for (size_t i = 0; i < ice->local_count; i++)
        if (ice->locals[i].base == base && pp_addr_eq(&ice->locals[i].address, mapped))
            return &ice->locals[i];
    return NULL;
}

/* Section 7.2.5.3.1: a NAT on the way gave us another address, which a STUN server has told us of, or nobody yet. */
static void note_mapped(const pp_ice *ice, pp_pair *pair, const pp_addr *mapped)
{
    const pp_candidate *host = pp_ice_local_on(ice, pair->local.base);
    const pp_candidate *known = reflexive_at(ice, pair->local.base, mapped);

    if (!host || pp_addr_eq(&pair->local.address, mapped))
        return;
    pair->local = known ? *known : *host;
    if (known || !pp_addr_is_unicast(mapped))
        return;
    pair->local.type = PP_CANDIDATE_PRFLX;
    pair->local.address = *mapped;
    pair->local.related = host->address;
    pair->local.priority = 110u << 24 | (host->priority & 0xFFFFFF);
}

/* Where the answer leads, as the one or the other side. */
static void decide(pp_ice *ice, pp_pair *pair, bool nominates, uint64_t now_us)
{
    if (pair == ice->selected)
        pp_ice_consented(ice, now_us);
    else if (nominates && ice->controlling)
        pp_ice_select(ice, pair);
    else if (ice->controlling && ice->state == PP_ICE_DISCONNECTED && !ice->nominating)
        pp_ice_nominate(ice, pair, now_us);
    else if (!ice->controlling && pair->peer_nominates)
        pp_ice_peer_nominated(ice, pair, now_us);
}

static void succeeded(pp_ice *ice, pp_pair *pair, const pp_ice_check *check, uint64_t now_us)
{
    pair->valid = true;
    pair->answered_us = now_us;
    if (check->transmissions == 1 || !pair->rtt_us) /* else it is unknown which one was answered */
        pair->rtt_us = now_us - check->sent_us;
    ice->remotes[pair->remote].unanswered = 0;
    if (pair != ice->nominating ||
        check->nominates) { /* a late answer does not end the nomination */
        pair->state = PP_PAIR_SUCCEEDED;
        pair->triggered = 0;
        pair->retransmit_us = PP_NEVER;
    }
    pp_ice_unfreeze(ice, pair);
    decide(ice, pair, check->nominates, now_us);
}

/* Section 7.2.5.1: the peer keeps its role, so ours was wrong; the check goes again in the other. */
static void role_conflict(pp_ice *ice, pp_pair *pair, const pp_ice_check *check, uint64_t now_us)
{
    if (check->controlling == ice->controlling && !ice->remote_is_lite)
        pp_ice_switch_role(ice, !ice->controlling);
    pair->state = PP_PAIR_WAITING;
    pair->retransmit_us = PP_NEVER;
    pair->triggered = ++ice->triggers;
    if (pair == ice->nominating)
        ice->nominating = NULL;
    pp_ice_consider(ice, now_us);
}

void pp_ice_response(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *message,
                     uint64_t now_us)
{
    pp_ice_check *check = NULL;
    pp_pair *pair = find_check(ice, message->transaction, &check);

    /* Section 7.2.5.2.1: from where the check went, or it is no answer. One that is not authentic is none either
     * (RFC 8489 section 9.1.4), so a stranger cannot end a check. */
    if (!pair || pair->local.base != base || !pp_addr_eq(pp_pair_to(ice, pair), from) ||
        !pp_stun_check_integrity(message, pp_str_c(ice->remote_pwd)) || message->unknown_required)
        return;
    ice->role_is_settled = true;
    if (message->kind == PP_STUN_ERROR) {
        check->open = false;
        if (message->error_code == 487)
            role_conflict(ice, pair, check, now_us);
        else if (pair != ice->selected)
            pp_ice_fail_pair(ice, pair, now_us);
    } else if (message->has_mapped) {
        check->open = false;
        note_mapped(ice, pair, &message->mapped);
        pp_pair_prioritise(ice, pair);
        succeeded(ice, pair, check, now_us);
    }
}
