/* reflexive.c - where our host candidates are seen from outside: Binding requests to STUN servers, from the sockets that the
 * checks use (RFC 8445 section 5.1.1.2). They are repeated until a pair is in use, so that a NAT on the way forgets nothing
 * while the far end rings (section 5.1.1.4). */
#include "ice/agent.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

#define KEEP_US                                                                                    \
    (15000 * PP_ICE_MS) /* RFC 8445 section 11: a NAT keeps a binding for 30 s or more */

static void ask(pp_ice *ice, pp_ice_question *q, uint64_t now_us)
{
    pp_stun m = {.kind = PP_STUN_REQUEST, .method = PP_STUN_BINDING};
    pp_buf packet = {0};

    if (!q->transmissions) {
        pp_rng_bytes(ice->rng, q->id, sizeof(q->id));
        q->rto_us = PP_ICE_RTO_US / 2;
    }
    memcpy(m.transaction, q->id, sizeof(m.transaction));
    q->transmissions++;
    q->rto_us *= 2;
    q->due_us = now_us + q->rto_us;
    if (pp_stun_write(&m, PP_STR_NONE, &packet) == 0)
        pp_ice_transmit(ice, q->base, &q->server, &packet);
    pp_buf_free(&packet);
}

static int add_question(pp_ice *ice, unsigned base, const pp_addr *server, uint64_t at_us)
{
    pp_ice_question *grown;

    if (ice->question_count == PP_LIMIT_ICE_QUESTIONS)
        return pp_error(PIPIT_ERR_LIMIT, "ice: more than %u questions to STUN servers",
                        PP_LIMIT_ICE_QUESTIONS);
    grown = pp_realloc(ice->questions, (ice->question_count + 1) * sizeof(*grown));
    if (!grown)
        return PIPIT_ERR_MEMORY;
    ice->questions = grown;
    grown[ice->question_count++] =
        (pp_ice_question){.base = base, .server = *server, .due_us = at_us};
    return 0;
}

/* One every Ta, the first at the next tick. */
int pp_ice_add_server(pp_ice *ice, const pp_addr *server, uint64_t now_us)
{
    uint64_t at_us = now_us;
    int err = 0;

    if (!pp_addr_is_unicast(server) || !server->port)
        return pp_error(PIPIT_ERR_ARGUMENT, "ice: nothing can be asked of that server");
    for (size_t i = 0; i < ice->question_count; i++)
        if (!ice->questions[i].transmissions && ice->questions[i].due_us >= at_us)
            at_us = ice->questions[i].due_us + PP_ICE_TA_US;
    for (size_t i = 0; !err && i < ice->local_count; i++) {
        const pp_candidate *host = &ice->locals[i];

        if (host->type != PP_CANDIDATE_HOST || host->transport != PP_CANDIDATE_UDP ||
            host->address.family != server->family ||
            pp_addr_is_loopback(&host->address) != pp_addr_is_loopback(server))
            continue;
        err = add_question(ice, host->base, server, at_us);
        at_us += PP_ICE_TA_US;
    }
    return err;
}

bool pp_ice_is_gathering(const pp_ice *ice)
{
    for (size_t i = 0; i < ice->question_count; i++)
        if (!ice->questions[i].over)
            return true;
    return false;
}

static void end(pp_ice *ice, pp_ice_question *q, uint64_t next_us)
{
    bool first = !q->over;

    q->over = true;
    q->transmissions = 0;
    q->due_us = next_us;
    if (first && ice->handlers->reflexive && ice->state != PP_ICE_CLOSED)
        ice->handlers->reflexive(ice->arg);
}

static pp_ice_question *find(const pp_ice *ice, const uint8_t *id)
{
    for (size_t i = 0; i < ice->question_count; i++)
        if (ice->questions[i].transmissions &&
            memcmp(ice->questions[i].id, id, sizeof(ice->questions[i].id)) == 0)
            return &ice->questions[i];
    return NULL;
}

bool pp_ice_is_question(const pp_ice *ice, const uint8_t *id)
{
    return find(ice, id) != NULL;
}

/* A new one is the server's business first; a candidate more is none when it is not new (section 5.1.3). */
static void learn(pp_ice *ice, const pp_ice_question *q, const pp_addr *mapped)
{
    const pp_candidate *host = pp_ice_local_on(ice, q->base);
    pp_candidate c = {.type = PP_CANDIDATE_SRFLX, .address = *mapped, .base = q->base};

    if (!host || !pp_addr_is_unicast(mapped) || !mapped->port ||
        mapped->family != host->address.family)
        return;
    for (size_t i = 0; i < ice->local_count; i++)
        if (ice->locals[i].base == q->base && pp_addr_eq(&ice->locals[i].address, mapped))
            return;
    c.priority = 100u << 24 | (host->priority & 0xFFFFFF);
    c.related = host->address;
    if (pp_ice_append_local(ice, &c, &q->server) < 0)
        pp_log_warn("ICE", "a server-reflexive candidate is left out: %s", pipit_error_message());
}

void pp_ice_question_answered(pp_ice *ice, unsigned base, const pp_addr *from, const pp_stun *m,
                              uint64_t now_us)
{
    pp_ice_question *q = find(ice, m->transaction);

    if (!q || q->base != base || !pp_addr_eq(&q->server, from))
        return;
    if (m->kind == PP_STUN_SUCCESS && m->has_mapped && !m->unknown_required) {
        learn(ice, q, &m->mapped);
        end(ice, q, now_us + KEEP_US);
    } else {
        end(ice, q, PP_NEVER);
    }
}

static bool wants_questions(const pp_ice *ice)
{
    return ice->question_count && !ice->selected && ice->state != PP_ICE_FAILED &&
           ice->state != PP_ICE_CLOSED;
}

void pp_ice_run_questions(pp_ice *ice, uint64_t now_us)
{
    for (size_t i = 0; wants_questions(ice) && i < ice->question_count; i++) {
        pp_ice_question *q = &ice->questions[i];

        if (now_us < q->due_us)
            continue;
        if (q->transmissions < PP_ICE_TRANSMISSIONS - 1)
            ask(ice, q, now_us);
        else
            end(ice, q, PP_NEVER);
    }
}

uint64_t pp_ice_questions_deadline_us(const pp_ice *ice)
{
    uint64_t next = PP_NEVER;

    for (size_t i = 0; wants_questions(ice) && i < ice->question_count; i++)
        if (ice->questions[i].due_us < next)
            next = ice->questions[i].due_us;
    return next;
}
