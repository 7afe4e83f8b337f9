/* net.h - two ICE agents and a network between them in virtual time: loss, delay, duplication and order from a seed,
 * and a NAT that gives a base another address outside. */
#ifndef PP_TESTS_ICE_NET_H
#define PP_TESTS_ICE_NET_H

#include "base/timers.h"
#include "ice/ice.h"
#include "support/dice.h"
#include "support/files.h"

#include <stdlib.h>

#define MS        1000u
#define SECOND    1000000u
#define NET_BASES 4u

typedef struct net net;

typedef struct node {
    net *net;
    pp_ice *ice;
    size_t index;
    pp_addr bases[NET_BASES], outside[NET_BASES]; /* outside.family 0: no NAT */
    size_t base_count;
    pp_ice_state states[64]; /* in the order they were told */
    size_t state_count;
    size_t sent;
} node;

typedef struct packet {
    struct packet *next;
    uint64_t at_us;
    pp_addr from, to;
    size_t size;
    uint8_t data[600];
} packet;

struct net {
    uint64_t now_us, seed;
    pp_rng rng;
    node nodes[2];
    packet *queue; /* in order of arrival */
    unsigned lost_of_1000, twice_of_1000;
    uint64_t delay_us, jitter_us;
    bool cut[2]; /* nothing that the node sends arrives */
    void (*tap)(net *n, size_t from, const uint8_t *data, size_t size);
};

static inline pp_addr net_address(const char *ip, uint16_t port)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), port, &a));
    return a;
}

static inline void net_queue(net *n, const pp_addr *from, const pp_addr *to, const uint8_t *data,
                             size_t size)
{
    packet *p = calloc(1, sizeof(*p)), **at = &n->queue;

    assert_non_null(p);
    assert_true(size <= sizeof(p->data));
    *p = (packet){.at_us = n->now_us + n->delay_us, .from = *from, .to = *to, .size = size};
    if (n->jitter_us)
        p->at_us += pp_rng_below(&n->rng, (uint32_t)n->jitter_us);
    memcpy(p->data, data, size);
    while (*at && (*at)->at_us <= p->at_us)
        at = &(*at)->next;
    p->next = *at;
    *at = p;
}

static inline void net_send(void *arg, unsigned base, const pp_addr *to, const uint8_t *data,
                            size_t size)
{
    node *from = arg;
    net *n = from->net;
    const pp_addr *source = from->outside[base].family ? &from->outside[base] : &from->bases[base];

    from->sent++;
    if (n->tap)
        n->tap(n, from->index, data, size);
    if (n->cut[from->index] || pp_rng_below(&n->rng, 1000) < n->lost_of_1000)
        return;
    net_queue(n, source, to, data, size);
    if (pp_rng_below(&n->rng, 1000) < n->twice_of_1000)
        net_queue(n, source, to, data, size);
}

static inline void net_state(void *arg, pp_ice_state state)
{
    node *at = arg;

    assert_true(at->state_count < 64);
    at->states[at->state_count++] = state;
    assert_int_equal(pp_ice_get_state(at->ice), state);
}

static inline void net_open(net *n, uint64_t seed)
{
    static const pp_ice_handlers handlers = {.send = net_send, .state = net_state};

    *n = (net){.seed = seed, .delay_us = 10 * MS};
    n->rng = dice_rng(&n->seed);
    for (size_t i = 0; i < 2; i++) {
        n->nodes[i].net = n;
        n->nodes[i].index = i;
        assert_int_equal(pp_ice_new(&n->rng, i == 0, &handlers, &n->nodes[i], &n->nodes[i].ice), 0);
    }
}

static inline void net_close(net *n)
{
    for (size_t i = 0; i < 2; i++)
        n->nodes[i].ice = pp_ice_free(n->nodes[i].ice);
    while (n->queue) {
        packet *p = n->queue;
        n->queue = p->next;
        free(p);
    }
}

static inline void net_add_base(net *n, size_t i, const char *ip, uint16_t port,
                                const char *outside)
{
    node *at = &n->nodes[i];
    unsigned base = (unsigned)at->base_count++;

    at->bases[base] = net_address(ip, port);
    if (outside)
        at->outside[base] = net_address(outside, port);
    assert_int_equal(pp_ice_add_local(at->ice, &at->bases[base], base), 0);
}

static inline void net_set_remote(net *n, size_t i)
{
    pp_ice *other = n->nodes[1 - i].ice;

    assert_int_equal(pp_ice_set_remote(n->nodes[i].ice, pp_str_c(pp_ice_ufrag(other)),
                                       pp_str_c(pp_ice_pwd(other)), false, n->now_us),
                     0);
}

static inline void net_add_candidates(net *n, size_t i)
{
    pp_ice *other = n->nodes[1 - i].ice;

    for (size_t k = 0; k < pp_ice_local_count(other); k++)
        pp_ice_add_remote(n->nodes[i].ice, pp_ice_local(other, k), n->now_us);
}

static inline void net_exchange(net *n)
{
    for (size_t i = 0; i < 2; i++) {
        net_set_remote(n, i);
        net_add_candidates(n, i);
    }
}

static inline void net_deliver(net *n)
{
    packet *p = n->queue;

    n->queue = p->next;
    for (size_t i = 0; i < 2; i++) {
        for (unsigned b = 0; b < n->nodes[i].base_count; b++) {
            const node *at = &n->nodes[i];
            const pp_addr *address = at->outside[b].family ? &at->outside[b] : &at->bases[b];
            if (pp_addr_eq(address, &p->to))
                pp_ice_receive(at->ice, b, &p->from, p->data, p->size, n->now_us);
        }
    }
    free(p);
}

/* What is due first: a packet or a deadline of an agent. */
static inline uint64_t net_next(const net *n)
{
    uint64_t next = n->queue ? n->queue->at_us : PP_NEVER;

    for (size_t i = 0; i < 2; i++)
        if (n->nodes[i].ice && pp_ice_deadline_us(n->nodes[i].ice) < next)
            next = pp_ice_deadline_us(n->nodes[i].ice);
    return next;
}

static inline void net_advance(net *n, uint64_t us)
{
    uint64_t end = n->now_us + us, turns = 0;

    while (net_next(n) <= end) {
        uint64_t next = net_next(n);

        turns = next > n->now_us ? 0 : turns + 1;
        assert_true(turns < 1000); /* a deadline that is due must be gone after a tick */
        n->now_us = next > n->now_us ? next : n->now_us;
        if (n->queue && n->queue->at_us <= n->now_us)
            net_deliver(n);
        for (size_t i = 0; i < 2; i++)
            if (n->nodes[i].ice && pp_ice_deadline_us(n->nodes[i].ice) <= n->now_us)
                pp_ice_tick(n->nodes[i].ice, n->now_us);
    }
    n->now_us = end;
}

static inline bool net_is(const net *n, pp_ice_state state)
{
    return pp_ice_get_state(n->nodes[0].ice) == state && pp_ice_get_state(n->nodes[1].ice) == state;
}

/* Until both are in that state, at most so long; how long it took. PP_NEVER when they are not. */
static inline uint64_t net_until(net *n, pp_ice_state state, uint64_t us)
{
    uint64_t start = n->now_us;

    while (!net_is(n, state) && n->now_us - start < us)
        net_advance(n, 5 * MS);
    return net_is(n, state) ? n->now_us - start : PP_NEVER;
}

#endif
