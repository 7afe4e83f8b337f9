/* schedule.c - packets in, time in, and when time wants to be told again. */
#include "ice/agent.h"

static bool is_running(const pp_ice *ice)
{
    return ice->state == PP_ICE_CHECKING || ice->state == PP_ICE_CONNECTED ||
           ice->state == PP_ICE_DISCONNECTED;
}

static void run_retransmissions(pp_ice *ice, uint64_t now_us)
{
    for (size_t i = 0; i < ice->pair_count; i++)
        if (ice->pairs[i]->state == PP_PAIR_IN_PROGRESS && ice->pairs[i]->retransmit_us <= now_us)
            pp_ice_retransmit(ice, ice->pairs[i], now_us);
}

/* One new check every Ta. A pair whose address has had its share is given up without one. */
static void run_checks(pp_ice *ice, uint64_t now_us)
{
    pp_pair *pair = NULL;

    if (now_us < ice->next_check_us)
        return;
    while ((pair = pp_ice_next_pair(ice)) && !pp_ice_may_send(ice, pair))
        pp_ice_fail_pair(ice, pair, now_us);
    if (!pair)
        return;
    ice->next_check_us = now_us + PP_ICE_TA_US;
    pp_ice_start_check(ice, pair, false, now_us);
}

void pp_ice_run(pp_ice *ice, uint64_t now_us)
{
    pp_ice_run_questions(ice, now_us);
    if (!is_running(ice))
        return;
    if (now_us >= ice->fail_us) {
        pp_ice_set_state(ice, PP_ICE_FAILED);
        return;
    }
    run_retransmissions(ice, now_us);
    pp_ice_consider(ice, now_us);
    run_checks(ice, now_us);
    pp_ice_run_consent(ice, now_us);
}

void pp_ice_tick(pp_ice *ice, uint64_t now_us)
{
    pp_ice_enter(ice);
    pp_ice_run(ice, now_us);
    pp_ice_leave(ice);
}

void pp_ice_receive(pp_ice *ice, unsigned base, const pp_addr *from, const uint8_t *data,
                    size_t size, uint64_t now_us)
{
    pp_stun message;

    if ((!is_running(ice) && ice->state != PP_ICE_NEW) || !pp_ice_local_on(ice, base) ||
        !pp_addr_is_unicast(from) || !from->port || pp_stun_parse(data, size, &message) ||
        message.method != PP_STUN_BINDING)
        return;
    pp_ice_enter(ice);
    if (message.kind == PP_STUN_REQUEST)
        pp_ice_request(ice, base, from, &message, now_us);
    else if (pp_ice_is_question(ice, message.transaction))
        pp_ice_question_answered(ice, base, from, &message, now_us);
    else if (message.kind != PP_STUN_INDICATION && ice->state != PP_ICE_NEW)
        pp_ice_response(ice, base, from, &message, now_us);
    pp_ice_run(ice, now_us);
    pp_ice_leave(ice);
}

bool pp_ice_owns(const pp_ice *ice, const uint8_t *data, size_t size)
{
    pp_stun message;

    if (pp_stun_parse(data, size, &message) || message.method != PP_STUN_BINDING)
        return false;
    if (message.kind == PP_STUN_REQUEST)
        return message.has_username && pp_ice_is_named(ice, message.username);
    return message.kind != PP_STUN_INDICATION && pp_ice_asked(ice, message.transaction);
}

bool pp_ice_knows(const pp_ice *ice, const uint8_t *data, size_t size)
{
    pp_stun message;
    pp_str theirs;

    if (!pp_ice_owns(ice, data, size) || pp_stun_parse(data, size, &message))
        return false;
    if (message.kind != PP_STUN_REQUEST)
        return true;
    theirs = message.username;
    pp_str_split(&theirs, ':');
    return ice->remote_ufrag && pp_str_eq_c(theirs, ice->remote_ufrag);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t pp_ice_deadline_us(const pp_ice *ice)
{
    uint64_t next = pp_ice_questions_deadline_us(ice);

    if (!is_running(ice))
        return next;
    next = earlier(next, earlier(ice->fail_us, pp_ice_consent_deadline_us(ice)));
    if (ice->controlling && !ice->nominating && !ice->selected)
        next = earlier(next, pp_ice_settle_deadline_us(ice));
    for (size_t i = 0; i < ice->pair_count; i++)
        if (ice->pairs[i]->state == PP_PAIR_IN_PROGRESS)
            next = earlier(next, ice->pairs[i]->retransmit_us);
    return pp_ice_next_pair(ice) ? earlier(next, ice->next_check_us) : next;
}
