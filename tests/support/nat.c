/* nat.c - the mappings and the filter of a NAT. */
#include "support/nat.h"

#include <string.h>

#define FIRST_PORT 20000u

static const char *const names[NAT_KINDS] = {"public",          "full-cone", "address-restricted",
                                             "port-restricted", "symmetric", "udp-blocked"};

const char *nat_name(nat_kind kind)
{
    return names[kind];
}

nat_kind nat_find(const char *name)
{
    nat_kind kind = NAT_NONE;

    while (kind < NAT_KINDS && strcmp(names[kind], name) != 0)
        kind++;
    return kind;
}

void nat_begin(nat *n, nat_kind kind, const pp_addr *inside, const pp_addr *outside)
{
    *n = (nat){.kind = kind, .inside = *inside, .outside = *outside, .next_port = FIRST_PORT};
}

/* --- out -------------------------------------------------------------------------------------- */

static uint16_t mapped_port(nat *at, const pp_addr *inside, const pp_addr *remote)
{
    for (size_t i = 0; i < at->flow_count; i++)
        if (pp_addr_eq(&at->flows[i].inside, inside) &&
            (at->kind != NAT_SYMMETRIC || pp_addr_eq(&at->flows[i].remote, remote)))
            return at->flows[i].outside.port;
    return at->next_port++;
}

pp_addr nat_go_out(nat *at, const pp_addr *inside, const pp_addr *remote)
{
    nat_flow flow = {.inside = *inside, .outside = at->outside, .remote = *remote};

    if (at->kind == NAT_NONE)
        return *inside;
    flow.outside.port = mapped_port(at, inside, remote);
    for (size_t i = 0; i < at->flow_count; i++)
        if (pp_addr_eq(&at->flows[i].inside, inside) && pp_addr_eq(&at->flows[i].remote, remote))
            return at->flows[i].outside;
    at->flows[at->next_flow] = flow;
    at->next_flow = (at->next_flow + 1) % NAT_FLOWS;
    if (at->flow_count < NAT_FLOWS)
        at->flow_count++;
    return flow.outside;
}

/* --- in --------------------------------------------------------------------------------------- */

static bool lets_in(const nat *at, const nat_flow *flow, const pp_addr *from)
{
    if (at->kind == NAT_FULL_CONE)
        return true;
    if (at->kind == NAT_ADDRESS_RESTRICTED)
        return pp_addr_same_ip(&flow->remote, from);
    return pp_addr_eq(&flow->remote, from);
}

const pp_addr *nat_come_in(const nat *at, const pp_addr *to, const pp_addr *from)
{
    if (at->kind == NAT_NONE)
        return to;
    for (size_t i = 0; i < at->flow_count; i++)
        if (pp_addr_eq(&at->flows[i].outside, to) && lets_in(at, &at->flows[i], from))
            return &at->flows[i].inside;
    return NULL;
}
