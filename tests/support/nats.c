/* nats.c - NATs on the way of a simulation's datagrams. */
#include "support/nats.h"

#include "support/files.h"

static pp_addr address(const char *ip)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), 0, &a));
    return a;
}

static nat *side_of(nats *n, const pp_addr *inside)
{
    for (size_t i = 0; i < 2; i++)
        if (pp_addr_same_ip(&n->sides[i].inside, inside))
            return &n->sides[i];
    return NULL;
}

/* Where a datagram on the internet ends; family 0: nowhere. */
static pp_addr destination(nats *n, const pp_addr *from, const pp_addr *to)
{
    for (size_t i = 0; i < 2; i++) {
        const pp_addr *inside;

        if (!pp_addr_same_ip(&n->sides[i].outside, to))
            continue;
        inside = nat_come_in(&n->sides[i], to, from);
        return inside ? *inside : (pp_addr){0};
    }
    return side_of(n, to) ? (pp_addr){0} : *to; /* a private address leads nowhere */
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
    if (out)
        source = nat_go_out(out, from, to);
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
        const char *own = kinds[i] == NAT_NONE ? outside[i] : inside[i];
        pp_addr ends[] = {address(own), address(outside[i])};

        nat_begin(&n->sides[i], kinds[i], &ends[0], &ends[1]);
        sim_add_address(s, own);
    }
    sim_filter_datagrams(s, pass, n);
}
