/* relays.c - what the ICE servers give a peer connection: each agent has its own relays, for a restart may find the machine
 * elsewhere; forks have those of the offer they share. To an agent a relay is a base like a socket. */
#include "peer/relays.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

struct pp_peer_relays {
    pp_peer_relays *next;
    pp_peer *root;
    pp_gather *gather;
    char ufrag[9];         /* of the agents these are for */
    unsigned first, count; /* numbers of bases: two for each server, of IPv4 and of IPv6 */
    pp_peer_base bases[];
};

static pp_peer_relays *relays_on(pp_peer *root, unsigned base)
{
    pp_peer_relays *r = root->relays;

    while (r && !(base >= r->first && base - r->first < r->count))
        r = r->next;
    return r;
}

static pp_peer_relays *relays_of(const pp_peer *peer, const pp_ice *ice)
{
    pp_peer_relays *r = !ice ? NULL : peer->root ? peer->root->relays : peer->relays;

    while (r && strcmp(r->ufrag, pp_ice_ufrag(ice)) != 0)
        r = r->next;
    return r;
}

/* --- each agent they are for ------------------------------------------------------------------ */

static void each_agent(pp_peer_relays *r, void (*act)(pp_ice *ice, pp_peer *peer, void *arg),
                       void *arg)
{
    for (pp_peer *peer = r->root; peer; peer = peer == r->root ? r->root->forks : peer->next_fork)
        for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
            if (peer->ice[i] && strcmp(pp_ice_ufrag(peer->ice[i]), r->ufrag) == 0)
                act(peer->ice[i], peer, arg);
}

static void add_relay(pp_ice *ice, pp_peer *peer, void *arg)
{
    if (pp_ice_add_relay(ice, arg) < 0)
        pp_log_warn("Peer", "a relay is left out: %s", pipit_error_message());
    if (!peer->closed)
        pp_peer_schedule(peer);
}

static void remove_base(pp_ice *ice, pp_peer *peer, void *arg)
{
    pp_ice_remove_base(ice, *(unsigned *)arg);
    if (!peer->closed)
        pp_peer_schedule(peer);
}

typedef struct question {
    pp_addr server;
    bool asked;
} question;

/* One of those who share an offer asks for all of them. */
static void ask_server(pp_ice *ice, pp_peer *peer, void *arg)
{
    question *q = arg;

    if (q->asked || peer->closed)
        return;
    q->asked = true;
    if (pp_ice_add_server(ice, &q->server, pp_loop_now_us(peer->loop)) < 0)
        pp_log_warn("Peer", "a STUN server is not asked: %s", pipit_error_message());
    pp_peer_schedule(peer);
}

/* --- what the servers say --------------------------------------------------------------------- */

static void on_stun_server(void *arg, const pp_addr *server)
{
    question q = {.server = *server};

    each_agent(arg, ask_server, &q);
}

static void note_owner(pp_ice *ice, pp_peer *peer, void *arg)
{
    pp_peer **owner = arg;

    (void)ice;
    if (!*owner && !peer->closed)
        *owner = peer;
}

/* Last: who hears it may end everything. */
static void tell_owner(pp_peer_relays *r)
{
    pp_peer *owner = NULL;

    each_agent(r, note_owner, &owner);
    if (!owner)
        return;
    pp_peer_hold(owner);
    pp_peer_gathered(owner);
    pp_peer_release(owner);
}

static void note_relay(pp_ice *ice, pp_peer *peer, void *arg)
{
    (void)ice;
    (void)arg;
    if (!peer->closed)
        pp_peer_relayed(peer);
}

static void on_relayed(void *arg, unsigned relay)
{
    pp_peer_relays *r = arg;

    for (unsigned i = 0; i < 2; i++) {
        pp_ice_relay found;

        if (!pp_gather_relay(r->gather, relay, i ? 6 : 4, &found))
            continue;
        found.base = r->first + 2 * relay + i;
        if (r->root->relay_only) /* the far end is not to learn where we are */
            found.mapped = (pp_addr){0};
        each_agent(r, add_relay, &found);
    }
    each_agent(r, note_relay, NULL);
    tell_owner(r);
}

static void on_received(void *arg, unsigned relay, const pp_addr *from, const uint8_t *data,
                        size_t size)
{
    const pp_peer_relays *r = arg;
    pp_peer_base base = r->bases[2 * relay + (from->family == 6)]; /* they may be gone meanwhile */

    pp_peer_received(&base, from, data, size);
}

static void on_lost(void *arg, unsigned relay, const char *reason)
{
    pp_peer_relays *r = arg;

    pp_log_warn("Peer", "a relay is lost: %s", reason);
    for (unsigned i = 0; i < 2; i++) {
        unsigned base = r->first + 2 * relay + i;

        each_agent(r, remove_base, &base);
    }
}

static void on_done(void *arg)
{
    tell_owner(arg);
}

static const pp_gather_handlers gather_handlers = {on_stun_server, on_relayed, on_received, on_lost,
                                                   on_done};

/* --- their life ------------------------------------------------------------------------------- */

static bool has_ipv6(const pp_addr *addresses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (addresses[i].family == 6 && !pp_addr_is_loopback(&addresses[i]))
            return true;
    return false;
}

static pp_peer_relays *new_relays(pp_peer *root, const pp_ice *ice)
{
    unsigned count = 2 * (unsigned)root->ice_servers->count;
    pp_peer_relays *r = pp_zalloc(sizeof(*r) + count * sizeof(r->bases[0]));

    if (!r)
        return NULL;
    r->root = root;
    r->count = count;
    r->first = root->next_base;
    root->next_base += count;
    memcpy(r->ufrag, pp_ice_ufrag(ice), strlen(pp_ice_ufrag(ice)));
    for (unsigned i = 0; i < count; i++)
        r->bases[i] = (pp_peer_base){.peer = root, .number = r->first + i};
    return r;
}

int pp_peer_ask_servers(pp_peer *peer, const pp_ice *ice)
{
    pp_peer *root = pp_peer_root(peer);
    pp_addr from[PP_LIMIT_ICE_LOCAL_ADDRESSES];
    pp_gather_options options = {.servers = root->ice_servers, .relays_only = root->relay_only};
    pp_peer_relays *r;
    int err;

    if (!root->ice_servers)
        return 0;
    r = new_relays(root, ice);
    if (!r)
        return PIPIT_ERR_MEMORY;
    options.from = from;
    options.from_count = pp_peer_usable_addresses(peer, from, PP_LIMIT_ICE_LOCAL_ADDRESSES);
    options.also_ipv6 = has_ipv6(from, options.from_count);
    err = pp_gather_new(peer->loop, &options, &gather_handlers, r, &r->gather);
    if (err) {
        pp_free(r);
        return err;
    }
    r->next = root->relays;
    root->relays = r;
    return 0;
}

static void note_user(pp_ice *ice, pp_peer *peer, void *arg)
{
    (void)ice;
    (void)peer;
    *(bool *)arg = true;
}

void pp_peer_close_idle_relays(pp_peer *root)
{
    pp_peer_relays **at = &root->relays;

    while (*at) {
        pp_peer_relays *r = *at;
        bool used = false;

        each_agent(r, note_user, &used);
        if (used) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        pp_gather_free(r->gather);
        pp_free(r);
    }
}

bool pp_peer_relay_send(pp_peer *root, unsigned base, const pp_addr *to, pp_str data)
{
    pp_peer_relays *r = relays_on(root, base);

    if (r)
        pp_gather_send(r->gather, (base - r->first) / 2, to, (const uint8_t *)data.p, data.n);
    return r != NULL;
}

bool pp_peer_relay_is_stranded(pp_peer *root, unsigned base)
{
    const pp_peer_relays *r = relays_on(root, base);

    return r && pp_gather_is_stranded(r->gather, (base - r->first) / 2);
}

bool pp_peer_servers_are_busy(const pp_peer *peer)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    const pp_peer_relays *r = relays_of(peer, ice);

    return (r && !pp_gather_is_done(r->gather)) || (ice && pp_ice_is_gathering(ice));
}

int pp_peer_check_relays(pp_peer *peer)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    const pp_peer_relays *r = relays_of(peer, ice);

    if (!peer->only_own || !pp_peer_root(peer)->relay_only || !r || pp_ice_local_count(ice) ||
        pp_ice_get_state(ice) != PP_ICE_NEW || (peer->trickles && pp_peer_servers_are_busy(peer)))
        return 0;
    return pp_error(PIPIT_ERR_IO, "media: no TURN server gave a relayed address: %s",
                    *pp_gather_reason(r->gather) ? pp_gather_reason(r->gather)
                                                 : "none answered in time");
}
