/* gather.c - the sockets of a peer connection, one for each address of this machine, and the host candidates of its ICE agents. */
#include "base/error.h"
#include "base/log.h"
#include "peer/front.h"
#include "peer/relays.h"
#include "peer/tcp.h"

#define TIMEOUT_MS 5000u /* a caller waits no longer for servers that may never answer */
#define RELAYED_MS                                                                                 \
    1500u /* nor that for more once there is a relay: every network can be reached over it */

/* The socket on that address, and otherwise a free place for one; NULL: there is none. */
static pp_peer_base *base_for(pp_peer *peer, const pp_addr *address)
{
    pp_peer_base *bases = pp_peer_root(peer)->bases, *empty = NULL;

    for (size_t i = PP_PEER_BASES; i-- > 0;) {
        if (!bases[i].udp)
            empty = &bases[i];
        else if (pp_addr_same_ip(&bases[i].udp->local, address))
            return &bases[i];
    }
    return empty;
}

static int add_base(pp_peer *peer, pp_ice *ice, const pp_addr *address)
{
    pp_peer_base *base = base_for(peer, address);
    int err = 0;

    if (!base)
        return pp_error(PIPIT_ERR_LIMIT, "media: more than %u sockets", PP_PEER_BASES);
    if (!base->udp) {
        base->peer = pp_peer_root(peer);
        base->number = (unsigned)(base - base->peer->bases);
        err = pp_peer_take_place(peer, base, address);
    }
    if (!err)
        err = pp_port_add_name(base->udp, pp_ice_ufrag(ice));
    return err ? err : pp_ice_add_local(ice, &base->udp->local, base->number);
}

static int add_bases(pp_peer *peer, pp_ice *ice)
{
    pp_addr addresses[PP_LIMIT_ICE_LOCAL_ADDRESSES];
    size_t count = pp_peer_usable_addresses(peer, addresses, PP_LIMIT_ICE_LOCAL_ADDRESSES);

    for (size_t i = 0; i < count && pp_peer_root(peer)->ice_tcp != PIPIT_ICE_TCP_ONLY; i++) {
        int err = add_base(peer, ice, &addresses[i]);

        if (err == PIPIT_ERR_MEMORY)
            return err;
        if (err) /* one address less: others may do */
            pp_log_warn("Peer", "no socket: %s", pipit_error_message());
    }
    if (pp_peer_add_tcp(peer, ice, addresses, count) < 0)
        return PIPIT_ERR_MEMORY;
    if (pp_ice_local_count(ice))
        return 0;
    return pp_error(PIPIT_ERR_IO,
                    "media: no socket could be opened on any address of this machine");
}

static bool uses(const pp_peer *peer, unsigned base)
{
    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
        for (size_t k = 0; peer->ice[i] && k < pp_ice_local_count(peer->ice[i]); k++)
            if (pp_ice_local(peer->ice[i], k)->base == base)
                return true;
    return false;
}

static bool is_used(const pp_peer *root, unsigned base)
{
    bool used = uses(root, base);

    for (const pp_peer *fork = root->forks; fork && !used; fork = fork->next_fork)
        used = uses(fork, base);
    return used;
}

void pp_peer_close_idle_bases(pp_peer *peer)
{
    pp_peer *root = pp_peer_root(peer);

    for (unsigned i = 0; i < PP_PEER_BASES; i++)
        if (root->bases[i].udp && !is_used(root, i))
            root->bases[i].udp = pp_udp_close(root->bases[i].udp);
    pp_peer_close_idle_tcp(root, is_used);
    pp_peer_close_idle_relays(root);
    pp_peer_forget_names(root);
}

static int gather(pp_peer *peer, bool controlling, size_t which)
{
    pp_ice *ice = NULL;
    int err = pp_ice_new(&peer->loop->rng, controlling, &pp_peer_ice_handlers, peer, &ice);

    if (!err && !pp_peer_root(peer)->relay_only)
        err = add_bases(peer, ice);
    if (!err)
        err = pp_peer_ask_servers(peer, ice);
    if (err)
        pp_ice_free(ice);
    else
        peer->ice[which] = ice;
    pp_peer_close_idle_bases(peer);
    return err;
}

/* The first one. */
static int gather_first(pp_peer *peer)
{
    return peer->ice[PP_PEER_ICE_USED] ? 0 : gather(peer, peer->offerer, PP_PEER_ICE_USED);
}

/* RFC 8445 section 6.1.1: the role stays over a restart. */
static int renew(pp_peer *peer)
{
    const pp_ice *used = peer->ice[PP_PEER_ICE_USED];

    if (pp_ice_get_state(used) == PP_ICE_NEW) /* nobody has its credentials */
        return 0;
    peer->ice[PP_PEER_ICE_OFFERED] = pp_ice_free(peer->ice[PP_PEER_ICE_OFFERED]);
    return gather(peer, pp_ice_is_controlling(used), PP_PEER_ICE_OFFERED);
}

/* --- for a description ------------------------------------------------------------------------ */

static void on_patience_over(void *arg)
{
    pp_peer *peer = arg;

    pp_log_debug("Peer", "ICE servers are not waited for any more");
    peer->out_of_patience = true;
    pp_peer_gathered(peer);
}

int pp_peer_prepare(pp_peer *peer, bool restarts)
{
    unsigned timeout_ms = peer->gathering_timeout_ms ? peer->gathering_timeout_ms : TIMEOUT_MS;
    int err = gather_first(peer);

    if (!err && restarts)
        err = renew(peer);
    if (err)
        return err;
    peer->prepared = true;
    peer->out_of_patience = false;
    if (pp_peer_is_gathering(peer))
        pp_loop_start_timer(peer->loop, &peer->gathering, timeout_ms, on_patience_over, peer);
    pp_peer_schedule(peer);
    return 0;
}

void pp_peer_relayed(pp_peer *peer)
{
    if (peer->gathering.armed &&
        peer->gathering.at_us > pp_loop_now_us(peer->loop) + RELAYED_MS * 1000)
        pp_loop_start_timer(peer->loop, &peer->gathering, RELAYED_MS, on_patience_over, peer);
}

void pp_peer_prepared(pp_peer *peer)
{
    peer->prepared = false;
    pp_loop_stop_timer(peer->loop, &peer->gathering);
}

void pp_peer_gathered(pp_peer *peer)
{
    if (peer->closed)
        return;
    pp_front_state(peer, PP_FRONT_GATHERING);
    if (!peer->only_own)
        pp_front_candidates(peer);
    if (peer->handlers->gathered)
        peer->handlers->gathered(peer->arg);
}

bool pp_peer_is_gathering(pp_peer *peer)
{
    return !peer->out_of_patience && pp_peer_servers_are_busy(peer);
}
