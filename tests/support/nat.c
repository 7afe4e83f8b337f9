/* nat.c - NATs on the way of a simulation's datagrams. */
#include "support/nat.h"

#include "support/files.h"

static pp_addr address(const char *ip)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), 0, &a));
    return a;
}

const char *nat_name(nat_kind kind)
{
    static const char *const names[] = {"public",          "full cone", "address restricted",
                                        "port restricted", "symmetric", "UDP blocked"};

    return names[kind];
}

static nat *side_of(nats *n, const pp_addr *inside)
{
    for (size_t i = 0; i < 2; i++)
        if (pp_addr_same_ip(&n->sides[i].inside, inside))
            return &n->sides[i];
    return NULL;
}

/* --- out -------------------------------------------------------------------------------------- */

static uint16_t mapped_port(nat *at, const pp_addr *inside, const pp_addr *remote)
{
    for (size_t i = 0; i < at->count; i++)
        if (pp_addr_eq(&at->flows[i].inside, inside) &&
            (at->kind != NAT_SYMMETRIC || pp_addr_eq(&at->flows[i].remote, remote)))
            return at->flows[i].outside.port;
    return at->next_port++;
}

static pp_addr go_out(nat *at, const pp_addr *inside, const pp_addr *remote)
{
    nat_flow flow = {.inside = *inside, .outside = at->outside, .remote = *remote};

    flow.outside.port = mapped_port(at, inside, remote);
    for (size_t i = 0; i < at->count; i++)
        if (pp_addr_eq(&at->flows[i].inside, inside) && pp_addr_eq(&at->flows[i].remote, remote))
            return at->flows[i].outside;
    assert_true(at->count < NAT_FLOWS);
    at->flows[at->count++] = flow;
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

static const pp_addr *come_in(const nat *at, const pp_addr *to, const pp_addr *from)
{
    for (size_t i = 0; i < at->count; i++)
        if (pp_addr_eq(&at->flows[i].outside, to) && lets_in(at, &at->flows[i], from))
            return &at->flows[i].inside;
    return NULL;
}

/* Where a datagram on the internet ends; family 0: nowhere. */
static pp_addr destination(nats *n, const pp_addr *from, const pp_addr *to)
{
    for (size_t i = 0; i < 2; i++) {
        nat *at = &n->sides[i];
        const pp_addr *inside;

        if (at->kind == NAT_NONE || !pp_addr_same_ip(&at->outside, to))
            continue;
        inside = come_in(at, to, from);
        return inside ? *inside : (pp_addr){0};
    }
    if (side_of(n, to) && side_of(n, to)->kind != NAT_NONE) /* a private address leads nowhere */
        return (pp_addr){0};
    return *to;
}

static bool pass(void *arg, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                 size_t size)
{
    nats *n = arg;
    nat *out = side_of(n, from);
    pp_addr source = *from, end;

    if (n->passing || (out && out == side_of(n, to)))
        return true;
    if ((out && out->kind == NAT_NO_UDP) || (side_of(n, to) && side_of(n, to)->kind == NAT_NO_UDP))
        return false;
    if (out && out->kind != NAT_NONE)
        source = go_out(out, from, to);
    end = destination(n, &source, to);
    if (end.family) {
        n->passing = true;
        sim_inject_datagram(n->s, &source, &end, data, size);
        n->passing = false;
    }
    return false;
}

void nats_begin(nats *n, sim *s, nat_kind first, nat_kind second)
{
    static const char *const inside[] = {"10.0.0.1", "10.0.1.1"};
    static const char *const outside[] = {"198.51.100.10", "198.51.100.20"};
    const nat_kind kinds[] = {first, second};

    *n = (nats){.s = s};
    sim_remove_address(s, "192.0.2.1");
    for (size_t i = 0; i < 2; i++) {
        bool is_public = kinds[i] == NAT_NONE;

        n->sides[i] = (nat){.kind = kinds[i], .next_port = 20000};
        n->sides[i].outside = address(outside[i]);
        n->sides[i].inside = address(is_public ? outside[i] : inside[i]);
        sim_add_address(s, is_public ? outside[i] : inside[i]);
    }
    sim_filter_datagrams(s, pass, n);
}
