/* place.c - where a peer connection sits: which of the machine's addresses it uses, and on which of the loop's sockets it has a place. */
#include "base/error.h"
#include "peer/tcp.h"
#include "sdp/attributes.h"

/* --- addresses -------------------------------------------------------------------------------- */

static bool is_named(const pp_local_address *one, const char *interfaces)
{
    pp_str rest = pp_str_c(interfaces);

    while (rest.p)
        if (pp_str_eq_c(pp_str_trim(pp_str_split(&rest, ',')), one->interface))
            return true;
    return false;
}

/* RFC 8828 section 5.2, mode 2: the address that a datagram to the internet leaves from. */
static bool is_default(pipit_loop *loop, const pp_addr *own)
{
    pp_addr far, from;

    /* Two root servers; nothing is sent. */
    return pp_addr_parse(own->family == 6 ? PP_LIT("2001:503:ba3e::2:30") : PP_LIT("198.41.0.4"),
                         53, &far) &&
           loop->ops->route(loop, &far, &from) == 0 && pp_addr_same_ip(&from, own);
}

static bool is_wanted(pp_peer *peer, const pp_local_address *one)
{
    const char *interfaces = pp_peer_root(peer)->interfaces;

    if (pp_addr_is_link_local(&one->address))
        return false;
    if (!interfaces || strcmp(interfaces, "all") == 0)
        return true;
    return strcmp(interfaces, "default") == 0 ? is_default(peer->loop, &one->address)
                                              : is_named(one, interfaces);
}

/* Loopback addresses are offered when asked for, or when there is nothing else. */
size_t pp_peer_usable_addresses(pp_peer *peer, pp_addr *out, size_t max)
{
    pp_local_address all[4 * PP_LIMIT_ICE_LOCAL_ADDRESSES];
    size_t count = peer->loop->ops->local_addresses(peer->loop, all, sizeof(all) / sizeof(all[0]));
    size_t usable = 0;

    for (unsigned loopback = 0; loopback < 2; loopback++) {
        if (loopback && usable && !peer->allow_loopback)
            break;
        for (size_t i = 0; i < count && usable < max; i++)
            if (pp_addr_is_loopback(&all[i].address) == (loopback == 1) && is_wanted(peer, &all[i]))
                out[usable++] = all[i].address;
    }
    return usable;
}

/* --- places ----------------------------------------------------------------------------------- */

/* Where the far end says that it is. */
static size_t remote_addresses(const pp_peer *peer, pp_addr *out, size_t max)
{
    const pp_sdp *remote = peer->terms.remote;
    size_t at = 0, count = 0;
    pp_sdp_candidate candidate;
    pp_str value;

    while (remote && peer->terms.transport != PP_NO_SECTION && count < max &&
           pp_sdp_next(&remote->media[peer->terms.transport].section, "candidate", &at, &value))
        if (pp_sdp_candidate_parse(value, &candidate) == 0 &&
            pp_str_ieq_c(candidate.transport, "udp") &&
            pp_addr_parse(candidate.address, candidate.port, &out[count]))
            count++;
    return count;
}

int pp_peer_take_place(pp_peer *peer, pp_peer_base *base, const pp_addr *address)
{
    pp_addr avoided[PP_LIMIT_PORT_ADDRESSES];
    pp_port_wish wish = pp_peer_root(peer)->port;

    wish.avoided = avoided;
    wish.avoided_count = remote_addresses(peer, avoided, PP_LIMIT_PORT_ADDRESSES);
    return pp_port_open(peer->loop, address, &wish, pp_peer_received, base, &base->udp);
}

static bool is_crowded(const pp_udp *place, const pp_addr *addresses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (pp_port_is_taken(place, &addresses[i]))
            return true;
    return false;
}

/* The far end finds the new place by our checks, as if a NAT had put it there. */
static int move(pp_peer *peer, pp_peer_base *base, const pp_ice *ice)
{
    pp_udp *old = base->udp;
    int err = pp_peer_take_place(peer, base, &old->local);

    if (!err)
        err = pp_port_add_name(base->udp, pp_ice_ufrag(ice));
    if (err && base->udp != old)
        pp_udp_close(base->udp);
    if (err)
        base->udp = old;
    else
        pp_udp_close(old);
    return err;
}

/* Whether nobody else depends on where it sits. */
static bool may_move(const pp_peer *peer, const pp_ice *ice)
{
    return !peer->root && !peer->forks && peer->ice[PP_PEER_ICE_USED] == ice &&
           !peer->ice[PP_PEER_ICE_NEXT] && !peer->ice[PP_PEER_ICE_OFFERED];
}

int pp_peer_settle_places(pp_peer *peer, const pp_ice *ice)
{
    pp_addr addresses[PP_LIMIT_PORT_ADDRESSES];
    size_t count = remote_addresses(peer, addresses, PP_LIMIT_PORT_ADDRESSES);
    pp_peer_base *bases = pp_peer_root(peer)->bases;
    int err = 0;

    for (size_t i = 0; !err && i < PP_PEER_BASES; i++) {
        if (!bases[i].udp)
            continue;
        if (may_move(peer, ice) && is_crowded(bases[i].udp, addresses, count))
            err = move(peer, &bases[i], ice);
        for (size_t k = 0; k < count; k++)
            if (addresses[k].family == bases[i].udp->local.family)
                pp_port_claim(bases[i].udp, &addresses[k]);
    }
    return err;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool answers_to(const pp_peer *peer, const char *ufrag)
{
    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
        if (peer->ice[i] && strcmp(pp_ice_ufrag(peer->ice[i]), ufrag) == 0)
            return true;
    return false;
}

static bool is_in_use(void *arg, const char *ufrag)
{
    const pp_peer *root = arg;
    bool found = answers_to(root, ufrag);

    for (const pp_peer *fork = root->forks; fork && !found; fork = fork->next_fork)
        found = answers_to(fork, ufrag);
    return found;
}

void pp_peer_forget_names(pp_peer *root)
{
    for (size_t i = 0; i < PP_PEER_BASES; i++)
        if (root->bases[i].udp)
            pp_port_keep_names(root->bases[i].udp, is_in_use, root);
    pp_peer_forget_tcp_names(root, is_in_use);
}
