/* tcp.c - candidates over TCP: on each address one that connects, to SFUs and media servers which wait, and where it is wanted one
 * that waits. */
#include "peer/tcp.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "base/network.h"
#include "peer/tcp_place.h"

struct pp_peer_tcp {
    pp_peer_tcp *next;
    pp_tcp_place *place;
    pp_peer_base base; /* as it is known to agents */
    bool passive;
};

static pp_peer_tcp *tcp_on(const pp_peer *root, unsigned base)
{
    pp_peer_tcp *t = root->tcp;

    while (t && t->base.number != base)
        t = t->next;
    return t;
}

static void on_received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_peer_base base = ((pp_peer_tcp *)arg)->base; /* it may be gone meanwhile */

    pp_peer_received(&base, from, data, size);
}

static int find_or_open(pp_peer *root, const pp_addr *address, bool passive, pp_peer_tcp **out)
{
    pp_peer_tcp *t = root->tcp;
    int err;

    while (t && !(t->passive == passive && pp_addr_same_ip(pp_tcp_place_local(t->place), address)))
        t = t->next;
    if (!t) {
        t = PP_NEW(pp_peer_tcp);
        if (!t)
            return PIPIT_ERR_MEMORY;
        err = pp_tcp_place_open(root->loop, address, passive, on_received, t, &t->place);
        if (err) {
            pp_free(t);
            return err;
        }
        t->base = (pp_peer_base){.peer = root, .number = root->next_base++};
        t->passive = passive;
        t->next = root->tcp;
        root->tcp = t;
    }
    *out = t;
    return 0;
}

static int add(pp_peer *root, pp_ice *ice, const pp_addr *address, bool passive)
{
    pp_peer_tcp *t = NULL;
    int err = find_or_open(root, address, passive, &t);

    if (!err)
        err = pp_tcp_place_add_name(t->place, pp_ice_ufrag(ice));
    if (!err)
        err = pp_ice_add_local_tcp(ice, pp_tcp_place_local(t->place), t->base.number, passive);
    if (err && err != PIPIT_ERR_MEMORY) { /* one less: others may do */
        pp_log_warn("Peer", "no candidate over TCP: %s", pipit_error_message());
        err = 0;
    }
    return err;
}

int pp_peer_add_tcp(pp_peer *peer, pp_ice *ice, const pp_addr *addresses, size_t count)
{
    pp_peer *root = pp_peer_root(peer);
    int err = 0;

    for (size_t i = 0; !err && i < count && i < PP_LIMIT_TCP_ADDRESSES; i++) {
        if (root->ice_tcp != PIPIT_ICE_TCP_NONE)
            err = add(root, ice, &addresses[i], false);
        if (!err && (root->ice_tcp == PIPIT_ICE_TCP_BOTH || root->ice_tcp == PIPIT_ICE_TCP_ONLY))
            err = add(root, ice, &addresses[i], true);
    }
    return err;
}

bool pp_peer_tcp_send(pp_peer *root, unsigned base, const pp_addr *to, pp_str data)
{
    const pp_peer_tcp *t = tcp_on(root, base);

    if (t)
        pp_tcp_place_send(t->place, to, (const uint8_t *)data.p, data.n);
    return t != NULL;
}

bool pp_peer_tcp_is_stranded(const pp_peer *root, unsigned base)
{
    const pp_peer_tcp *t = tcp_on(root, base);

    return t && !pp_loop_has_address(root->loop, pp_tcp_place_local(t->place));
}

void pp_peer_close_idle_tcp(pp_peer *root, bool (*is_used)(const pp_peer *root, unsigned base))
{
    pp_peer_tcp **at = &root->tcp;

    while (*at) {
        pp_peer_tcp *t = *at;

        if (is_used(root, t->base.number)) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        pp_tcp_place_close(t->place);
        pp_free(t);
    }
}

void pp_peer_forget_tcp_names(pp_peer *root, bool (*wanted)(void *arg, const char *ufrag))
{
    for (pp_peer_tcp *t = root->tcp; t; t = t->next)
        pp_tcp_place_keep_names(t->place, wanted, root);
}
