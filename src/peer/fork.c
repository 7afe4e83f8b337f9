/* fork.c - peers for one offer that went to several far ends (RFC 3264 section 4, RFC 8839 section 7): they share what the offer says, its
 * sockets, credentials and certificate. Far ends are told apart by their part of the STUN user name, then by their verified addresses. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "peer/inside.h"

static void copy_description(const pp_peer *from, pp_peer *to)
{
    memcpy(to->codecs, from->codecs, sizeof(to->codecs));
    to->codec_count = from->codec_count;
    to->allow_loopback = from->allow_loopback;
    to->offerer = from->offerer;
    to->session_id = from->session_id;
    to->version = from->version;
    memcpy(to->cname, from->cname, sizeof(to->cname));
    memcpy(to->track, from->track, sizeof(to->track));
    memcpy(to->terms.mid, "0", 2);
    to->ssrc = from->ssrc;
    to->held = from->held;
    to->muted = from->muted;
    to->stats.round_trip_time_ms = -1;
    to->stats.remote_fraction_lost = -1;
    to->stats.remote_jitter_ms = -1;
}

static void join_root(pp_peer *peer, pp_peer *root)
{
    pp_peer_hold(root);
    peer->root = root;
    peer->next_fork = root->forks;
    root->forks = peer;
}

void pp_peer_leave_root(pp_peer *peer)
{
    pp_peer *root = peer->root;

    if (!root)
        return;
    for (pp_peer **at = &root->forks; *at; at = &(*at)->next_fork)
        if (*at == peer) {
            *at = peer->next_fork;
            break;
        }
    peer->root = NULL;
    pp_peer_close_idle_bases(root);
    pp_peer_release(root);
}

int pp_peer_fork(pp_peer *peer, const pp_peer_handlers *handlers, void *arg, pp_peer **out)
{
    const pp_ice *ice = peer->ice[PP_PEER_ICE_USED];
    pp_peer *fork;
    int err;

    if (!ice || !peer->offerer || peer->closed)
        return pp_error(PIPIT_ERR_STATE, "peer: only who has offered can be answered twice");
    fork = PP_NEW(pp_peer);
    if (!fork)
        return PIPIT_ERR_MEMORY;
    fork->references = 1;
    fork->loop = pipit_loop_ref(peer->loop);
    fork->handlers = handlers;
    fork->arg = arg;
    fork->packet.max = PP_LIMIT_RTP_PACKET;
    fork->certificate = pp_certificate_ref(peer->certificate);
    copy_description(peer, fork);
    join_root(fork, pp_peer_root(peer));
    err = pp_ice_fork(ice, &pp_peer_ice_handlers, fork, &fork->ice[PP_PEER_ICE_USED]);
    if (err)
        pp_peer_free(fork);
    else
        *out = fork;
    return err;
}

int pp_peer_hand_over(pp_peer *from, pp_peer *to)
{
    const pipit_media_stream ends = {from->source, from->sink}, none = {0};
    int err = pp_peer_hold_media(to, from->held, from->hold_source);

    if (!err)
        err = pp_peer_set_stream(to, &ends);
    if (err)
        return err;
    pp_peer_mute(to, from->muted);
    if (pp_peer_hold_media(from, false, NULL) < 0 || pp_peer_set_stream(from, &none) < 0)
        pp_log_warn("Peer", "one that is not heard any more goes on: %s", pipit_error_message());
    return 0;
}

/* --- whose it is ------------------------------------------------------------------------------ */

static bool is_for(const pp_peer *peer, const pp_peer_base *base, const pp_addr *from,
                   pp_str packet)
{
    bool stun = packet.n && (unsigned char)packet.p[0] < 4;

    return stun ? pp_peer_ice_knows(peer, packet) : pp_peer_ice_is_verified(peer, base, from);
}

pp_peer *pp_peer_meant(pp_peer *root, const pp_peer_base *base, const pp_addr *from, pp_str packet)
{
    if (!root->forks || is_for(root, base, from, packet))
        return root;
    for (pp_peer *fork = root->forks; fork; fork = fork->next_fork)
        if (is_for(fork, base, from, packet))
            return fork;
    return root;
}
