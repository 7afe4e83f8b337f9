/* answer.c - the peer's checks: who is answered, and what is learnt from them (RFC 8445 section 7.3). */
#include "ice/agent.h"

#include "base/alloc.h"

static bool may_answer_error(pp_ice *ice, uint64_t now_us)
{
    if (!ice->errors || now_us - ice->errors_since_us >= 1000 * PP_ICE_MS) {
        ice->errors = 0;
        ice->errors_since_us = now_us;
    }
    return ice->errors++ < PP_LIMIT_ICE_ERRORS;
}

/* Errors to strangers are few, and none is longer than what it answers: nobody can use us against a third party. */
static void answer_error(pp_ice *ice, unsigned base, const pp_addr *to, const pp_stun *request,
                         int code, const char *reason, uint64_t now_us)
{
    pp_stun m = {.kind = PP_STUN_ERROR,
                 .method = request->method,
                 .error_code = code,
                 .error_reason = pp_str_c(reason)};
    bool authentic = code == 420 ||
                     code == 487; /* RFC 8489 section 9.1.3: 400 and 401 go out without integrity */
    pp_buf packet = {0};

    if (!authentic && !may_answer_error(ice, now_us))
        return;
    memcpy(m.transaction, request->transaction, sizeof(m.transaction));
    if (code == 420)
        m.unknown_required = request->unknown_required;
    if (pp_stun_write(&m, authentic ? pp_str_c(ice->pwd) : PP_STR_NONE, &packet) == 0 &&
        packet.n <= request->size)
        pp_ice_transmit(ice, base, to, &packet);
    pp_buf_free(&packet);
}

static void answer_success(pp_ice *ice, unsigned base, const pp_addr *to, const pp_stun *request)
{
    pp_stun m = {
        .kind = PP_STUN_SUCCESS, .method = request->method, .has_mapped = true, .mapped = *to};
    pp_buf packet = {0};

    memcpy(m.transaction, request->transaction, sizeof(m.transaction));
    if (pp_stun_write(&m, pp_str_c(ice->pwd), &packet) == 0)
        pp_ice_transmit(ice, base, to, &packet);
    pp_buf_free(&packet);
}

/* "ours:theirs"; before the answer any of theirs will do. */
static bool is_for_us(const pp_ice *ice, pp_str username, pp_str *theirs)
{
    pp_str ours = pp_str_split(&username, ':');

    *theirs = username;
    return pp_str_eq_c(ours, ice->ufrag) && username.p &&
           (!ice->remote_ufrag || pp_str_eq_c(username, ice->remote_ufrag));
}

bool pp_ice_is_named(const pp_ice *ice, pp_str username)
{
    return pp_str_eq_c(pp_str_split(&username, ':'), ice->ufrag);
}

void pp_ice_switch_role(pp_ice *ice, bool controlling)
{
    ice->controlling = controlling;
    ice->nominating = NULL;
    for (size_t i = 0; i < ice->pair_count; i++)
        ice->pairs[i]->peer_nominates = false;
    pp_ice_prioritise(ice);
}

/* Section 7.3.1.1. False when the peer has to change its role: answered with 487. */
static bool settle_role(pp_ice *ice, const pp_stun *m)
{
    bool conflict = ice->controlling ? m->has_controlling : m->has_controlled;

    ice->role_is_settled = true;
    if (!conflict)
        return true;
    if (ice->remote_is_lite || (ice->tie_breaker >= m->tie_breaker) == ice->controlling)
        return false;
    pp_ice_switch_role(ice, !ice->controlling);
    return true;
}

/* Sections 7.3.1.3 to 7.3.1.5: learn the candidate, check the way back, take the nomination. */
static void learn(pp_ice *ice, unsigned base, const pp_addr *from, uint32_t priority,
                  bool use_candidate, uint64_t now_us)
{
    const pp_candidate *local = pp_ice_local_on(ice, base);
    pp_pair *pair = NULL;
    size_t remote;

    if (local && pp_ice_find_remote(ice, local, from, priority ? priority : 1, &remote))
        pair = pp_ice_pair(ice, local, remote, true);
    if (!pair)
        return;
    if (use_candidate && !ice->controlling) {
        pair->peer_nominates = true;
        pair->nominated_us = now_us;
    }
    if (pair->state != PP_PAIR_SUCCEEDED)
        pp_ice_trigger(ice, pair, now_us);
    else if (pair->peer_nominates && pair != ice->selected &&
             now_us - pair->answered_us <= PP_ICE_FRESH_US)
        pp_ice_peer_nominated(ice, pair, now_us);
    else if (pair->peer_nominates && pair != ice->selected)
        pp_ice_trigger(ice, pair, now_us); /* it answered too long ago to send media there */
}

static void remember(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *m,
                     pp_str theirs)
{
    pp_early_check early = {
        .base = base, .from = *from, .priority = m->priority, .use_candidate = m->use_candidate};
    pp_early_check *grown;

    for (size_t i = 0; i < ice->early_count; i++) {
        pp_early_check *known = &ice->early[i];

        if (known->base == base && pp_addr_eq(&known->from, from) &&
            pp_str_eq_c(theirs, known->ufrag)) {
            known->use_candidate |= m->use_candidate;
            return;
        }
    }
    if (ice->early_count == PP_LIMIT_ICE_EARLY_CHECKS)
        return;
    grown = pp_realloc(ice->early, (ice->early_count + 1) * sizeof(*grown));
    if (!grown) /* it will come again */
        return;
    ice->early = grown;
    early.ufrag = pp_str_dup(theirs);
    if (early.ufrag)
        grown[ice->early_count++] = early;
}

void pp_ice_forget_early(pp_ice *ice)
{
    for (size_t i = 0; i < ice->early_count; i++)
        pp_free(ice->early[i].ufrag);
    pp_free(ice->early);
    ice->early = NULL;
    ice->early_count = 0;
}

/* The answer names who it is from: checks of other forks do not count. */
void pp_ice_recall_early(pp_ice *ice, uint64_t now_us)
{
    for (size_t i = 0; i < ice->early_count; i++) {
        const pp_early_check *early = &ice->early[i];

        if (strcmp(early->ufrag, ice->remote_ufrag) == 0)
            learn(ice, early->base, &early->from, early->priority, early->use_candidate, now_us);
    }
    pp_ice_forget_early(ice);
}

void pp_ice_request(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *m,
                    uint64_t now_us)
{
    pp_str theirs;

    if (!m->has_integrity || !m->has_username) {
        answer_error(ice, base, from, m, 400, "Bad Request", now_us);
    } else if (!is_for_us(ice, m->username, &theirs) ||
               !pp_stun_check_integrity(m, pp_str_c(ice->pwd))) {
        answer_error(ice, base, from, m, 401, "Unauthorized", now_us);
    } else if (m->unknown_required) {
        answer_error(ice, base, from, m, 420, "Unknown Attribute", now_us);
    } else if (!settle_role(ice, m)) {
        answer_error(ice, base, from, m, 487, "Role Conflict", now_us);
    } else {
        answer_success(ice, base, from, m);
        if (ice->state == PP_ICE_NEW)
            remember(ice, base, from, m, theirs);
        else
            learn(ice, base, from, m->priority, m->use_candidate, now_us);
    }
}
