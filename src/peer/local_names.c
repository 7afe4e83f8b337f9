/* local_names.c - candidates of the far end that have names in the place of addresses (mDNS): looked up, then checked like others.
 * Until then, and where nobody knows the name, its own checks reach us. */
#include "base/alloc.h"
#include "base/log.h"
#include "gather/mdns.h"
#include "peer/inside.h"

struct pp_peer_name {
    struct pp_peer_name *next;
    pp_peer *peer;
    pp_mdns *lookup;
    char ufrag[9]; /* of the agent it is for */
    pp_candidate candidate;
};

static void forget(pp_peer_name *name)
{
    pp_peer_name **at = &name->peer->names;

    while (*at != name)
        at = &(*at)->next;
    *at = name->next;
    name->peer->name_count--;
    pp_mdns_cancel(name->lookup);
    pp_free(name);
}

static void on_found(void *arg, int error, const pp_addr *address)
{
    pp_peer_name *name = arg;
    pp_peer *peer = name->peer;
    pp_candidate candidate = name->candidate;

    name->lookup = NULL;
    candidate.address = *address;
    candidate.address.port = name->candidate.address.port;
    for (size_t i = 0; !error && i < PP_PEER_ICE_COUNT; i++)
        if (peer->ice[i] && strcmp(pp_ice_ufrag(peer->ice[i]), name->ufrag) == 0)
            (void)pp_ice_add_remote(peer->ice[i], &candidate, pp_loop_now_us(peer->loop));
    forget(name);
    if (!peer->closed)
        pp_peer_schedule(peer);
}

void pp_peer_look_up(pp_peer *peer, const pp_ice *ice, const pp_candidate *candidate, pp_str text)
{
    pp_addr from[PP_LIMIT_ICE_LOCAL_ADDRESSES];
    pp_mdns_question question = {.name = text, .from = from};
    pp_peer_name *name;

    if (pp_peer_root(peer)->no_mdns || pp_peer_root(peer)->relay_only || !pp_mdns_is_name(text) ||
        peer->name_count == PP_LIMIT_ICE_NAMES)
        return;
    name = PP_NEW(pp_peer_name);
    if (!name)
        return;
    question.from_count = pp_peer_usable_addresses(peer, from, PP_LIMIT_ICE_LOCAL_ADDRESSES);
    name->peer = peer;
    name->candidate = *candidate;
    memcpy(name->ufrag, pp_ice_ufrag(ice), strlen(pp_ice_ufrag(ice)));
    if (pp_mdns_start(peer->loop, &question, on_found, name, &name->lookup) < 0) {
        pp_free(name);
        return;
    }
    name->next = peer->names;
    peer->names = name;
    peer->name_count++;
}

void pp_peer_forget_lookups(pp_peer *peer)
{
    while (peer->names)
        forget(peer->names);
}
