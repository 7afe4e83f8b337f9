/* fork.c - peers for several far ends of one call. When one offer of ours went to them (RFC 3264 section 4, RFC 8839 section 7) they share
 * what the offer says, its sockets, credentials and certificate; far ends are told apart by their part of the STUN user name, then by
 * their verified addresses. When each of them makes an offer of its own they have nothing in common but what was wished for. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "peer/audio.h"
#include "peer/data.h"
#include "peer/inside.h"
#include "peer/video.h"

/* --- what is copied --------------------------------------------------------------------------- */

static void copy_wishes(const pp_peer *from, pp_peer *to)
{
    to->codecs = from->codecs;
    to->allow_loopback = from->allow_loopback;
    to->opus = from->opus;
    memcpy(to->opus_fmtp, from->opus_fmtp, sizeof(to->opus_fmtp));
    to->comfort_noise = from->comfort_noise;
    to->packet_ms = from->packet_ms;
    to->packet_ms_max = from->packet_ms_max;
    to->video_codecs = from->video_codecs;
    to->video = from->video;
    to->only_own = from->only_own;
    to->trickles = from->trickles;
    to->ice_tcp = from->ice_tcp;
    to->bundle_policy = from->bundle_policy;
    to->held = from->held;
}

static void copy_description(const pp_peer *from, pp_peer *to)
{
    to->offerer = true;
    to->session_id = from->session_id;
    to->version = from->version;
    memcpy(to->cname, from->cname, sizeof(to->cname));
}

static int copy_network(const pp_peer *from, pp_peer *to)
{
    to->port = from->port;
    to->relay_only = from->relay_only;
    to->no_mdns = from->no_mdns;
    to->gathering_timeout_ms = from->gathering_timeout_ms;
    to->next_base = PP_PEER_BASES;
    to->security = from->security;
    to->ice_servers = pp_ice_servers_ref(from->ice_servers);
    to->interfaces = pp_strdup(from->interfaces);
    return from->interfaces && !to->interfaces ? PIPIT_ERR_MEMORY : 0;
}

/* As it stands in the first offer: nothing is agreed. */
static void copy_place(const pp_transceiver *from, pp_transceiver *copy)
{
    copy->ssrc = from->ssrc;
    memcpy(copy->track, from->track, sizeof(copy->track));
    copy->now.index = from->now.index;
    memcpy(copy->now.mid, from->now.mid, sizeof(copy->now.mid));
    copy->offered = from->now.index != PP_NO_SECTION;
}

static int copy_transceiver(const pp_transceiver *from, pp_peer *to)
{
    pp_transceiver *copy = NULL;
    int err = pp_transceiver_new(to, from->kind, &copy);

    if (err)
        return err;
    pp_peer_add(to, copy);
    copy->direction = from->direction;
    copy->takes_offers = from->takes_offers;
    if (to->offerer)
        copy_place(from, copy);
    return from->kind->copy ? from->kind->copy(from, copy) : 0;
}

/* The offer it takes up stands, for this one too. */
static int copy_said(const pp_peer *from, pp_peer *to)
{
    const char *text = from->said.pending ? from->said.pending : from->said.local;
    char *copy = pp_strdup(text);

    if (text && !copy)
        return PIPIT_ERR_MEMORY;
    pp_peer_say(to, PIPIT_DESCRIPTION_OFFER, copy);
    return 0;
}

static int copy_transceivers(const pp_peer *from, pp_peer *to)
{
    int err = pp_peer_reserve(to, from->transceiver_count);

    for (size_t i = 0; !err && i < from->transceiver_count; i++)
        err = copy_transceiver(from->transceivers[i], to);
    return err;
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

/* --- another one ------------------------------------------------------------------------------ */

static pp_peer *new_peer(const pp_peer *from, const pp_peer_handlers *handlers, void *arg)
{
    pp_peer *peer = PP_NEW(pp_peer);

    if (!peer)
        return NULL;
    peer->references = 1;
    peer->loop = pipit_loop_ref(from->loop);
    peer->handlers = handlers;
    peer->arg = arg;
    peer->packet.max = PP_LIMIT_RTP_PACKET;
    pp_peer_share_certificates(from, peer);
    copy_wishes(from, peer);
    return peer;
}

/* For who has got our offer. */
static int take_up(pp_peer *peer, pp_peer *fork)
{
    int err;

    copy_description(peer, fork);
    join_root(fork, pp_peer_root(peer));
    err = copy_transceivers(peer, fork);
    if (!err)
        err = copy_said(peer, fork);
    if (!err)
        err = pp_ice_fork(peer->ice[PP_PEER_ICE_USED], &pp_peer_ice_handlers, fork,
                          &fork->ice[PP_PEER_ICE_USED]);
    return err;
}

/* For who makes an offer. */
static int begin(const pp_peer *peer, pp_peer *another)
{
    int err = copy_network(peer, another);

    pp_peer_name_itself(another);
    return err ? err : copy_transceivers(peer, another);
}

int pp_peer_fork(pp_peer *peer, const pp_peer_handlers *handlers, void *arg, pp_peer **out)
{
    pp_peer *fork;
    int err;

    if (peer->offerer && peer->security != PIPIT_SECURITY_DTLS)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "peer: without ICE nothing tells far ends apart");
    if (peer->closed || (peer->offerer && !peer->ice[PP_PEER_ICE_USED]))
        return pp_error(PIPIT_ERR_STATE, "peer: it is closed, or has not offered yet");
    fork = new_peer(peer, handlers, arg);
    if (!fork)
        return PIPIT_ERR_MEMORY;
    err = peer->offerer ? take_up(peer, fork) : begin(peer, fork);
    if (err)
        pp_peer_free(fork);
    else
        *out = fork;
    return err;
}

/* --- one for the other ------------------------------------------------------------------------ */

static void hand_video_over(pp_peer *from, pp_peer *to)
{
    pp_video *old = pp_peer_video(from), *new = pp_peer_video(to);

    if (!old || !new)
        return;
    pp_video_set_ends(new, old->source, old->sink);
    pp_video_mute(new, old->muted);
    pp_video_set_ends(old, NULL, NULL);
}

int pp_peer_hand_over(pp_peer *from, pp_peer *to)
{
    const pp_audio *audio = pp_peer_audio(from);
    const pipit_media_stream ends = {.audio_source = audio ? audio->source : NULL,
                                     .audio_sink = audio ? audio->sink : NULL};
    const pipit_media_stream none = {0};
    int err = pp_peer_hold_media(to, from->held, audio ? audio->hold_source : NULL);

    if (!err)
        err = pp_peer_set_stream(to, &ends);
    if (err)
        return err;
    pp_peer_mute(to, audio && audio->muted);
    if (pp_peer_data(from) && pp_peer_data(to))
        pp_data_hand_over(pp_peer_data(from), pp_peer_data(to));
    hand_video_over(from, to);
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
