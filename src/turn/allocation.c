/* allocation.c - what the server says to Allocate and Refresh (RFC 8656 sections 7.3, 7.4 and 8.3). */
#include "turn/inside.h"

#include "base/log.h"

static void plan_refresh(pp_turn *turn, const pp_turn_message *m, uint64_t now_us)
{
    uint64_t lifetime_s = m->has_lifetime ? m->lifetime_s : PP_TURN_LIFETIME_S;
    uint64_t wait_s =
        lifetime_s > 2 * PP_TURN_MARGIN_S ? lifetime_s - PP_TURN_MARGIN_S : lifetime_s / 2;

    turn->refresh_us = now_us + (wait_s > 5 ? wait_s : 5) * PP_TURN_S; /* however short it says */
}

static void allocated(pp_turn *turn, const pp_turn_message *m, uint64_t now_us)
{
    char text[PP_ADDR_TEXT];

    for (size_t i = 0; i < 2; i++)
        if (pp_addr_is_unicast(&m->relayed[i]) && m->relayed[i].port)
            turn->relayed[i] = m->relayed[i];
    if (!turn->relayed[0].family && !turn->relayed[1].family) {
        pp_turn_fail(turn, 0, "the server names no relayed address", NULL);
        return;
    }
    if (m->stun.has_mapped && pp_addr_is_unicast(&m->stun.mapped) && m->stun.mapped.port)
        turn->mapped = m->stun.mapped;
    pp_log_debug("TURN", "allocated %s",
                 pp_addr_text(&turn->relayed[turn->relayed[0].family ? 0 : 1], text));
    turn->state = PP_TURN_ALLOCATED;
    turn->keep_us = now_us + PP_TURN_KEEP_US;
    plan_refresh(turn, m, now_us);
    turn->handlers->allocated(turn->arg);
}

static const char *sentence_for(int code)
{
    switch (code) {
    case 300:
        return "the server sends us to another one";
    case 401:
    case 441:
        return "the server does not take the user name and password";
    case 403:
        return "the server does not let this user relay";
    case 437:
        return "the server has another allocation for our address";
    case 438:
        return "the server wants a new nonce again and again";
    case 440:
        return "the server has no relayed address of that family";
    case 442:
        return "the server does not relay UDP";
    case 486:
        return "the user has as many allocations as the server allows";
    case 508:
        return "the server has no room for another allocation";
    default:
        return "the server refused";
    }
}

static void refused(pp_turn *turn, const pp_turn_message *m)
{
    int code = m->stun.error_code;
    const pp_addr *alternate =
        code == 300 && pp_addr_is_unicast(&m->alternate) ? &m->alternate : NULL;

    pp_turn_fail(turn, code, sentence_for(code), alternate);
}

void pp_turn_allocation_answered(pp_turn *turn, unsigned method, const pp_turn_message *m,
                                 uint64_t now_us)
{
    if (!m)
        pp_turn_fail(turn, 0, "the server does not answer", NULL);
    else if (m->unknown_required)
        pp_turn_fail(turn, 0, "the server's answer has what we do not know", NULL);
    else if (m->stun.kind == PP_STUN_ERROR)
        refused(turn, m);
    else if (method == PP_TURN_ALLOCATE)
        allocated(turn, m, now_us);
    else
        plan_refresh(turn, m, now_us);
}
