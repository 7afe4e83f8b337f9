/* local.c - our candidates: on the sockets of this machine, behind NATs, on relays (RFC 8445 section 5.1). */
#include "ice/agent.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdio.h>

/* A number for each IP address among the candidates of that type: of the base, or of the relay. */
static unsigned ordinal(const pp_ice *ice, pp_candidate_type type, const pp_addr *ip)
{
    unsigned i = 0;

    for (size_t k = 0; k < ice->local_count; k++)
        if (ice->locals[k].type == type) {
            if (pp_addr_same_ip(&ice->locals[k].address, ip))
                break;
            i++;
        }
    return i + 1;
}

static unsigned server_ordinal(const pp_ice *ice, const pp_addr *server)
{
    unsigned i = 0;

    while (i < ice->question_count && !pp_addr_same_ip(&ice->questions[i].server, server))
        i++;
    return i;
}

/* RFC 8445 section 5.1.1.3: the same for candidates of one type, IP address of the base, and server. */
static unsigned foundation_of(const pp_ice *ice, const pp_candidate *c, const pp_addr *server)
{
    if (c->type == PP_CANDIDATE_RELAY)
        return 20000 + ordinal(ice, PP_CANDIDATE_RELAY, &c->address);
    if (c->type == PP_CANDIDATE_SRFLX)
        return 10000 + 100 * ordinal(ice, PP_CANDIDATE_HOST, &c->related) +
               server_ordinal(ice, server);
    return 30000 * c->transport + ordinal(ice, PP_CANDIDATE_HOST, &c->address);
}

int pp_ice_append_local(pp_ice *ice, pp_candidate *candidate, const pp_addr *server)
{
    pp_candidate *grown;

    if (ice->local_count == PP_LIMIT_ICE_LOCAL_CANDIDATES)
        return pp_error(PIPIT_ERR_LIMIT, "ice: more than %u local candidates",
                        PP_LIMIT_ICE_LOCAL_CANDIDATES);
    grown = pp_realloc(ice->locals, (ice->local_count + 1) * sizeof(*grown));
    if (!grown)
        return PIPIT_ERR_MEMORY;
    ice->locals = grown;
    snprintf(candidate->foundation, sizeof(candidate->foundation), "%u",
             foundation_of(ice, candidate, server));
    grown[ice->local_count++] = *candidate;
    return 0;
}

int pp_ice_copy_locals(const pp_ice *from, pp_ice *to)
{
    size_t size = from->local_count * sizeof(*from->locals);

    to->locals = size ? pp_alloc(size) : NULL;
    if (size && !to->locals)
        return PIPIT_ERR_MEMORY;
    if (size)
        memcpy(to->locals, from->locals, size);
    to->local_count = from->local_count;
    return 0;
}

static unsigned count_of(const pp_ice *ice, pp_candidate_type type)
{
    unsigned count = 0;

    for (size_t i = 0; i < ice->local_count; i++)
        count += ice->locals[i].type == type;
    return count;
}

static int add(pp_ice *ice, pp_candidate *c, const pp_addr *server)
{
    int err;

    if (!pp_addr_is_unicast(&c->address) || !c->address.port || pp_ice_local_on(ice, c->base))
        return pp_error(PIPIT_ERR_ARGUMENT, "ice: base %u is no new base with an address", c->base);
    err = pp_ice_append_local(ice, c, server);
    if (!err && ice->state != PP_ICE_NEW)
        pp_ice_pair_all(ice);
    return err;
}

int pp_ice_add_local(pp_ice *ice, const pp_addr *address, unsigned base)
{
    pp_candidate c = {.type = PP_CANDIDATE_HOST, .address = *address, .base = base};
    unsigned hosts = count_of(ice, PP_CANDIDATE_HOST);

    if (hosts == PP_LIMIT_ICE_LOCAL_ADDRESSES)
        return pp_error(PIPIT_ERR_LIMIT, "ice: more than %u local addresses",
                        PP_LIMIT_ICE_LOCAL_ADDRESSES);
    /* RFC 8445 section 5.1.2.1: type preference 126, local preference falling in the order of adding, component 1. */
    c.priority = 126u << 24 | (65535u - hosts) << 8 | 255u;
    return add(ice, &c, NULL);
}

/* RFC 6544 section 4.2: below all that is over UDP and direct, and who connects gets further than who waits. */
int pp_ice_add_local_tcp(pp_ice *ice, const pp_addr *address, unsigned base, bool passive)
{
    pp_candidate c = {.type = PP_CANDIDATE_HOST,
                      .transport = passive ? PP_CANDIDATE_TCP_PASSIVE : PP_CANDIDATE_TCP_ACTIVE,
                      .address = *address,
                      .base = base};
    unsigned preference = passive ? 4u : 6u;

    c.priority =
        90u << 24 | (preference << 13 | (8191u - count_of(ice, PP_CANDIDATE_HOST))) << 8 | 255u;
    return add(ice, &c, NULL);
}

/* The way to the server is the type preference, so that TLS over TCP is what is left when nothing else is. */
int pp_ice_add_relay(pp_ice *ice, const pp_ice_relay *relay)
{
    pp_candidate c = {.type = PP_CANDIDATE_RELAY, .address = relay->address, .base = relay->base};
    unsigned preference = PP_RELAY_TLS - relay->path;

    c.related = relay->mapped;
    c.priority = preference << 24 | (65535u - count_of(ice, PP_CANDIDATE_RELAY)) << 8 | 255u;
    return add(ice, &c, &relay->server);
}

void pp_ice_remove_base(pp_ice *ice, unsigned base)
{
    for (size_t i = ice->local_count; i-- > 0;)
        if (ice->locals[i].base == base)
            memmove(&ice->locals[i], &ice->locals[i + 1],
                    (--ice->local_count - i) * sizeof(*ice->locals));
    pp_ice_unpair(ice, base);
}

size_t pp_ice_local_count(const pp_ice *ice)
{
    return ice->local_count;
}

const pp_candidate *pp_ice_local(const pp_ice *ice, size_t index)
{
    return index < ice->local_count ? &ice->locals[index] : NULL;
}

const pp_candidate *pp_ice_local_on(const pp_ice *ice, unsigned base)
{
    for (size_t i = 0; i < ice->local_count; i++)
        if (ice->locals[i].base == base && ice->locals[i].type != PP_CANDIDATE_SRFLX)
            return &ice->locals[i];
    return NULL;
}
