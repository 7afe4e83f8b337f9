/* pairs.c - the check list: which candidates are paired, in which order they are checked (RFC 8445 section 6.1.2). */
#include "ice/agent.h"

#include "base/alloc.h"

const pp_addr *pp_pair_to(const pp_ice *ice, const pp_pair *pair)
{
    return &ice->remotes[pair->remote].candidate.address;
}

/* Section 6.1.2.3: 2^32 * MIN(G,D) + 2 * MAX(G,D) + (G > D), G the controlling side's. */
void pp_pair_prioritise(const pp_ice *ice, pp_pair *pair)
{
    uint64_t ours = pair->local.priority, theirs = ice->remotes[pair->remote].candidate.priority;
    uint64_t g = ice->controlling ? ours : theirs, d = ice->controlling ? theirs : ours;

    pair->priority = (g < d ? g : d) << 32;
    pair->priority += 2 * (g < d ? d : g) + (g > d);
}

void pp_ice_prioritise(pp_ice *ice)
{
    for (size_t i = 0; i < ice->pair_count; i++)
        pp_pair_prioritise(ice, ice->pairs[i]);
}

/* A stranger's description must not direct checks at services of this machine or link, so these are met by their like
 * only. A loopback base may go elsewhere: other addresses of this machine are reached from it. */
static bool can_meet(const pp_addr *local, const pp_addr *remote)
{
    return local->family == remote->family &&
           (!pp_addr_is_loopback(remote) || pp_addr_is_loopback(local)) &&
           pp_addr_is_link_local(local) == pp_addr_is_link_local(remote);
}

/* RFC 6544 section 6.2: who waits is left out, for he checks nobody before somebody has come. */
static bool can_pair(const pp_candidate *local, const pp_candidate *remote)
{
    bool fits = local->transport == PP_CANDIDATE_UDP
                    ? remote->transport == PP_CANDIDATE_UDP
                    : local->transport == PP_CANDIDATE_TCP_ACTIVE &&
                          remote->transport == PP_CANDIDATE_TCP_PASSIVE;

    return fits && can_meet(&local->address, &remote->address);
}

static bool same_foundation(const pp_ice *ice, const pp_pair *a, const pp_pair *b)
{
    return strcmp(a->local.foundation, b->local.foundation) == 0 &&
           strcmp(ice->remotes[a->remote].candidate.foundation,
                  ice->remotes[b->remote].candidate.foundation) == 0;
}

/* Whether a check of the same foundation is to come or under way: then others of it wait for how it ends. */
static bool is_foundation_busy(const pp_ice *ice, const pp_pair *pair)
{
    for (size_t i = 0; i < ice->pair_count; i++) {
        const pp_pair *other = ice->pairs[i];

        if (other != pair &&
            (other->state == PP_PAIR_WAITING || other->state == PP_PAIR_IN_PROGRESS) &&
            same_foundation(ice, other, pair))
            return true;
    }
    return false;
}

static void remove_pair(pp_ice *ice, size_t index)
{
    pp_free(ice->pairs[index]);
    ice->pairs[index] = ice->pairs[--ice->pair_count];
}

static bool is_dispensable(const pp_ice *ice, const pp_pair *pair)
{
    return !pair->valid && !pair->triggered && pair->state != PP_PAIR_IN_PROGRESS &&
           pair != ice->selected && pair != ice->nominating;
}

/* Section 6.1.2.5: the list is bounded, those of lowest priority go. False when the new one is the lowest. */
static bool make_room(pp_ice *ice, uint64_t priority)
{
    size_t lowest = ice->pair_count;

    if (ice->pair_count < PP_LIMIT_ICE_PAIRS)
        return true;
    for (size_t i = 0; i < ice->pair_count; i++)
        if (is_dispensable(ice, ice->pairs[i]) &&
            (lowest == ice->pair_count || ice->pairs[i]->priority < ice->pairs[lowest]->priority))
            lowest = i;
    if (lowest == ice->pair_count || ice->pairs[lowest]->priority >= priority)
        return false;
    remove_pair(ice, lowest);
    return true;
}

pp_pair *pp_ice_pair(pp_ice *ice, const pp_candidate *local, size_t remote, bool heard)
{
    pp_addr *to = &ice->remotes[remote].candidate.address;
    pp_pair *pair;

    for (size_t i = 0; i < ice->pair_count; i++)
        if (ice->pairs[i]->local.base == local->base && ice->pairs[i]->remote == remote)
            return ice->pairs[i];
    if (!heard && !can_pair(local, &ice->remotes[remote].candidate))
        return NULL;
    pair = PP_NEW(pp_pair);
    if (!pair)
        return NULL;
    pair->local = *local;
    pair->remote = remote;
    pair->retransmit_us = PP_NEVER;
    pp_pair_prioritise(ice, pair);
    if (!make_room(ice, pair->priority)) {
        pp_free(pair);
        return NULL;
    }
    if (pp_addr_is_link_local(to) &&
        !to->scope) /* an address of a link means nothing without the link */
        to->scope = local->address.scope;
    pair->state = is_foundation_busy(ice, pair) ? PP_PAIR_FROZEN : PP_PAIR_WAITING;
    ice->pairs[ice->pair_count++] = pair;
    return pair;
}

/* Section 6.1.2.6: of each foundation the pair of highest priority is the one that is not frozen. */
static void thaw_best(pp_ice *ice, pp_pair *made)
{
    for (size_t i = 0; made->state == PP_PAIR_FROZEN && i < ice->pair_count; i++) {
        pp_pair *other = ice->pairs[i];

        if (other->state == PP_PAIR_WAITING && !other->triggered &&
            other->priority < made->priority && same_foundation(ice, other, made)) {
            other->state = PP_PAIR_FROZEN;
            made->state = PP_PAIR_WAITING;
        }
    }
}

void pp_ice_pair_all(pp_ice *ice)
{
    if (ice->selected && ice->controlling) /* nomination is over: RFC 8445 section 8.1.1 */
        return;
    for (size_t r = 0; r < ice->remote_count; r++) {
        for (size_t l = 0; l < ice->local_count; l++) {
            pp_pair *pair = NULL;

            if (ice->locals[l].type !=
                PP_CANDIDATE_SRFLX) /* section 6.1.2.4: its base stands for it */
                pair = pp_ice_pair(ice, &ice->locals[l], r, false);
            if (pair)
                thaw_best(ice, pair);
        }
    }
    if (ice->selected)
        pp_ice_prune(ice);
}

static bool is_next_before(const pp_pair *a, const pp_pair *b)
{
    if (!b)
        return true;
    if (a->triggered && b->triggered)
        return a->triggered < b->triggered;
    if (a->triggered || b->triggered)
        return a->triggered != 0;
    return a->priority > b->priority;
}

/* Section 6.1.4.2: a triggered check, else the best that waits, else the best frozen one whose foundation is idle. */
pp_pair *pp_ice_next_pair(const pp_ice *ice)
{
    pp_pair *waiting = NULL, *frozen = NULL;

    for (size_t i = 0; i < ice->pair_count; i++) {
        pp_pair *pair = ice->pairs[i];

        if (pair->state == PP_PAIR_WAITING && is_next_before(pair, waiting))
            waiting = pair;
        if (pair->state == PP_PAIR_FROZEN && !waiting && is_next_before(pair, frozen) &&
            !is_foundation_busy(ice, pair))
            frozen = pair;
    }
    return waiting ? waiting : frozen;
}

/* Section 7.2.5.3.3: what works for one pair of a foundation is likely to work for the others. */
void pp_ice_unfreeze(pp_ice *ice, const pp_pair *succeeded)
{
    for (size_t i = 0; i < ice->pair_count; i++)
        if (ice->pairs[i]->state == PP_PAIR_FROZEN &&
            same_foundation(ice, ice->pairs[i], succeeded))
            ice->pairs[i]->state = PP_PAIR_WAITING;
}

void pp_ice_prune(pp_ice *ice)
{
    uint64_t limit = ice->selected->priority;

    for (size_t i = ice->pair_count; i-- > 0;) {
        pp_pair *pair = ice->pairs[i];

        /* As the controlled side a better pair may still be nominated: RFC 8445 section 8.1.1. */
        if (pair == ice->selected || (!ice->controlling && pair->priority > limit))
            continue;
        if (pair->state == PP_PAIR_IN_PROGRESS)
            pair->retransmit_us = PP_NEVER; /* an answer is still taken */
        else if (is_dispensable(ice, pair))
            remove_pair(ice, i);
    }
}

void pp_ice_unpair(pp_ice *ice, unsigned base)
{
    for (size_t i = ice->pair_count; i-- > 0;) {
        const pp_pair *pair = ice->pairs[i];

        if (pair->local.base != base || pair == ice->selected)
            continue;
        if (pair == ice->nominating)
            ice->nominating = NULL;
        remove_pair(ice, i);
    }
}
