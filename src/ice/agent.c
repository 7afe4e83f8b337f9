/* agent.c - an agent from its making to its end; credentials, state, sending. */
#include "ice/agent.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

const char *pp_candidate_type_name(pp_candidate_type type)
{
    static const char *const names[] = {[PP_CANDIDATE_HOST] = "host",
                                        [PP_CANDIDATE_PRFLX] = "prflx",
                                        [PP_CANDIDATE_SRFLX] = "srflx",
                                        [PP_CANDIDATE_RELAY] = "relay"};

    return names[type];
}

/* ice-char of RFC 8839 section 5.4: 64 of them, six bits each, so 144 bits of password. */
static void draw_text(const pp_rng *rng, char *out, size_t size)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    pp_rng_bytes(rng, out, size);
    for (size_t i = 0; i < size; i++)
        out[i] = chars[out[i] & 63];
    out[size] = '\0';
}

int pp_ice_new(const pp_rng *rng, bool controlling, const pp_ice_handlers *handlers, void *arg,
               pp_ice **out)
{
    pp_ice *ice = PP_NEW(pp_ice);

    if (!ice)
        return PIPIT_ERR_MEMORY;
    ice->pwd = pp_zalloc(24 + 1);
    if (!ice->pwd) {
        pp_free(ice);
        return PIPIT_ERR_MEMORY;
    }
    ice->rng = rng;
    ice->handlers = handlers;
    ice->arg = arg;
    ice->controlling = controlling;
    ice->tie_breaker = pp_rng_u64(rng);
    ice->fail_us = ice->settle_us = PP_NEVER;
    draw_text(rng, ice->ufrag, sizeof(ice->ufrag) - 1);
    draw_text(rng, ice->pwd, 24);
    *out = ice;
    return 0;
}

int pp_ice_fork(const pp_ice *ice, const pp_ice_handlers *handlers, void *arg, pp_ice **out)
{
    pp_ice *fork = NULL;
    int err = pp_ice_new(ice->rng, ice->controlling, handlers, arg, &fork);

    if (err)
        return err;
    memcpy(fork->ufrag, ice->ufrag, sizeof(fork->ufrag));
    memcpy(fork->pwd, ice->pwd, strlen(ice->pwd) + 1);
    err = pp_ice_copy_locals(ice, fork);
    if (err)
        pp_ice_free(fork);
    else
        *out = fork;
    return err;
}

static void release(pp_ice *ice)
{
    pp_ice_forget_early(ice);
    for (size_t i = 0; i < ice->pair_count; i++)
        pp_free(ice->pairs[i]);
    pp_free(ice->locals);
    pp_free(ice->questions);
    pp_free(ice->remotes);
    pp_free(ice->remote_ufrag);
    pp_free_secret(ice->remote_pwd);
    pp_free_secret(ice->pwd);
    pp_free(ice);
}

pp_ice *pp_ice_free(pp_ice *ice)
{
    if (!ice || ice->state == PP_ICE_CLOSED)
        return NULL;
    ice->state = PP_ICE_CLOSED; /* nothing is sent and no handler called any more */
    if (!ice->depth)
        release(ice);
    return NULL;
}

void pp_ice_enter(pp_ice *ice)
{
    ice->depth++;
}

void pp_ice_leave(pp_ice *ice)
{
    /* A nested call leaves the report to the outermost: handlers see states in their order. */
    while (ice->depth == 1 && ice->state != ice->reported && ice->state != PP_ICE_CLOSED) {
        ice->reported = ice->state;
        ice->handlers->state(ice->arg, ice->state);
    }
    if (--ice->depth == 0 && ice->state == PP_ICE_CLOSED)
        release(ice);
}

void pp_ice_set_state(pp_ice *ice, pp_ice_state state)
{
    static const char *const names[] = {"new",          "checking", "connected",
                                        "disconnected", "failed",   "closed"};

    if (ice->state == PP_ICE_CLOSED || ice->state == state)
        return;
    pp_log_debug("ICE", "agent %s: %s, was %s", ice->ufrag, names[state], names[ice->state]);
    ice->state = state;
}

void pp_ice_transmit(pp_ice *ice, unsigned base, const pp_addr *to, const pp_buf *packet)
{
    if (ice->state != PP_ICE_CLOSED && ice->state != PP_ICE_FAILED)
        ice->handlers->send(ice->arg, base, to, (const uint8_t *)packet->p, packet->n);
}

const char *pp_ice_ufrag(const pp_ice *ice)
{
    return ice->ufrag;
}

const char *pp_ice_pwd(const pp_ice *ice)
{
    return ice->pwd;
}

void pp_ice_set_controlling(pp_ice *ice, bool controlling)
{
    if (!ice->role_is_settled && ice->controlling != controlling)
        pp_ice_switch_role(ice, controlling);
}

int pp_ice_set_remote(pp_ice *ice, pp_str ufrag, pp_str pwd, bool lite, uint64_t now_us)
{
    if (ice->state != PP_ICE_NEW)
        return pp_error(PIPIT_ERR_STATE, "ice: the remote credentials are already set");
    ice->remote_ufrag = pp_str_dup(ufrag);
    ice->remote_pwd = pp_str_dup(pwd);
    if (!ice->remote_ufrag || !ice->remote_pwd) {
        pp_free(ice->remote_ufrag);
        pp_free_secret(ice->remote_pwd);
        ice->remote_ufrag = ice->remote_pwd = NULL;
        return PIPIT_ERR_MEMORY;
    }
    ice->remote_is_lite = lite;
    if (lite) /* RFC 8445 section 6.1.1: the full agent controls */
        pp_ice_set_controlling(ice, true);
    pp_ice_enter(ice);
    pp_ice_set_state(ice, PP_ICE_CHECKING);
    ice->fail_us = now_us + PP_ICE_FAIL_US;
    pp_ice_pair_all(ice);
    pp_ice_recall_early(ice, now_us);
    pp_ice_leave(ice);
    return 0;
}

bool pp_ice_remote_is(const pp_ice *ice, pp_str ufrag, pp_str pwd)
{
    return ice->remote_ufrag && pp_str_eq_c(ufrag, ice->remote_ufrag) &&
           pp_str_eq_c(pwd, ice->remote_pwd);
}

bool pp_ice_is_controlling(const pp_ice *ice)
{
    return ice->controlling;
}

pp_ice_state pp_ice_get_state(const pp_ice *ice)
{
    return ice->state;
}

static bool may_send(const pp_ice *ice)
{
    return ice->selected && (ice->state == PP_ICE_CONNECTED || ice->state == PP_ICE_DISCONNECTED);
}

static bool matches(const pp_ice *ice, const pp_pair *pair, unsigned base, const pp_addr *from)
{
    return pair->valid && pair->local.base == base && pp_addr_eq(pp_pair_to(ice, pair), from);
}

bool pp_ice_is_verified(const pp_ice *ice, unsigned base, const pp_addr *from)
{
    if (ice->state == PP_ICE_FAILED || ice->state == PP_ICE_CLOSED)
        return false;
    if (ice->selected && matches(ice, ice->selected, base, from)) /* nearly every packet */
        return true;
    for (size_t i = 0; i < ice->pair_count; i++)
        if (matches(ice, ice->pairs[i], base, from))
            return true;
    return false;
}

int pp_ice_send(pp_ice *ice, const uint8_t *data, size_t size)
{
    const pp_pair *pair = ice->selected;

    if (!may_send(ice))
        return pp_error(PIPIT_ERR_STATE, "ice: no pair is in use");
    ice->handlers->send(ice->arg, pair->local.base, pp_pair_to(ice, pair), data, size);
    return 0;
}

bool pp_ice_selected(const pp_ice *ice, pp_candidate *local, pp_candidate *remote, uint64_t *rtt_us)
{
    if (!may_send(ice))
        return false;
    *local = ice->selected->local;
    *remote = ice->remotes[ice->selected->remote].candidate;
    if (rtt_us)
        *rtt_us = ice->selected->rtt_us;
    return true;
}
