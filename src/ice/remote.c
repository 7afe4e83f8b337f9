/* remote.c - the peer's candidates, signalled or learnt from its checks. */
#include "ice/agent.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

static uint32_t clamp_priority(uint32_t priority)
{
    if (priority == 0)
        return 1;
    return priority > PP_ICE_PRIORITY_MAX ? PP_ICE_PRIORITY_MAX : priority;
}

/* Over TCP an address is another place than over UDP. */
static bool find(const pp_ice *ice, const pp_addr *address, bool udp, size_t *out)
{
    for (size_t i = 0; i < ice->remote_count; i++) {
        const pp_candidate *known = &ice->remotes[i].candidate;

        if (pp_addr_eq(&known->address, address) && (known->transport == PP_CANDIDATE_UDP) == udp) {
            *out = i;
            return true;
        }
    }
    return false;
}

static int append(pp_ice *ice, const pp_candidate *candidate)
{
    size_t size = (ice->remote_count + 1) * sizeof(*ice->remotes);
    pp_remote *grown = pp_realloc(ice->remotes, size);

    if (!grown)
        return PIPIT_ERR_MEMORY;
    ice->remotes = grown;
    grown[ice->remote_count] = (pp_remote){.candidate = *candidate};
    grown[ice->remote_count].candidate.priority = clamp_priority(candidate->priority);
    grown[ice->remote_count++].candidate.foundation[sizeof(candidate->foundation) - 1] = '\0';
    return 0;
}

/* A check came before the candidate was signalled: now its type and priority are known. */
static void replace(pp_ice *ice, pp_candidate *known, const pp_candidate *signalled)
{
    if (known->type != PP_CANDIDATE_PRFLX)
        return;
    ice->peer_reflexive_count--;
    *known = *signalled;
    known->priority = clamp_priority(signalled->priority);
    known->foundation[sizeof(known->foundation) - 1] = '\0';
    pp_ice_prioritise(ice);
}

int pp_ice_add_remote(pp_ice *ice, const pp_candidate *candidate, uint64_t now_us)
{
    pp_candidate c = *candidate;
    char text[PP_ADDR_TEXT];
    size_t known;
    int err;

    (void)
        now_us; /* checks start when time is next told: all that is signalled at once is sorted first */
    if (!pp_addr_is_unicast(&c.address) || !c.address.port)
        return pp_error(PIPIT_ERR_ARGUMENT, "ice: nothing can be sent to %s",
                        pp_addr_text(&c.address, text));
    if (c.type == PP_CANDIDATE_PRFLX) /* only learnt ones are counted as such */
        c.type = PP_CANDIDATE_SRFLX;
    if (find(ice, &c.address, c.transport == PP_CANDIDATE_UDP, &known)) {
        replace(ice, &ice->remotes[known].candidate, &c);
        return 0;
    }
    if (ice->remote_count - ice->peer_reflexive_count >= PP_LIMIT_ICE_REMOTE_CANDIDATES)
        return 0;
    err = append(ice, &c);
    if (!err && ice->state != PP_ICE_NEW)
        pp_ice_pair_all(ice);
    return err;
}

/* Who comes to a passive candidate is active, and the other way round. */
static pp_candidate_transport met_by(pp_candidate_transport local)
{
    if (local == PP_CANDIDATE_UDP)
        return PP_CANDIDATE_UDP;
    return local == PP_CANDIDATE_TCP_ACTIVE ? PP_CANDIDATE_TCP_PASSIVE : PP_CANDIDATE_TCP_ACTIVE;
}

bool pp_ice_find_remote(pp_ice *ice, const pp_candidate *local, const pp_addr *address,
                        uint32_t priority, size_t *out)
{
    pp_candidate c = {.type = PP_CANDIDATE_PRFLX,
                      .transport = met_by(local->transport),
                      .address = *address,
                      .priority = priority};

    if (find(ice, address, c.transport == PP_CANDIDATE_UDP, out))
        return true;
    if (!priority || ice->peer_reflexive_count >= PP_LIMIT_ICE_PEER_REFLEXIVE)
        return false;
    /* RFC 8445 section 7.3.1.3: a foundation of its own. '-' keeps it apart from any that is signalled. */
    snprintf(c.foundation, sizeof(c.foundation), "-%zu", ice->remote_count);
    if (append(ice, &c))
        return false;
    ice->peer_reflexive_count++;
    *out = ice->remote_count - 1;
    return true;
}
