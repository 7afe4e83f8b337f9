/* ice.c - the ICE agents of a peer connection. A restart makes a new one that checks beside the one in use, on the same sockets
 * where the addresses are the same, and takes over when it has a pair (RFC 8445 section 9). DTLS and SRTP do not notice. */
#include "base/error.h"
#include "base/log.h"
#include "base/network.h"
#include "peer/relays.h"
#include "peer/tcp.h"

pp_ice *pp_peer_newest_ice(const pp_peer *peer)
{
    for (size_t i = PP_PEER_ICE_COUNT; i-- > 0;)
        if (peer->ice[i])
            return peer->ice[i];
    return NULL;
}

static bool is_negotiated(const pp_ice *ice)
{
    return ice && pp_ice_get_state(ice) != PP_ICE_NEW;
}

bool pp_peer_knows_credentials(const pp_peer *peer, pp_str ufrag, pp_str pwd)
{
    for (size_t i = PP_PEER_ICE_COUNT; i-- > 0;)
        if (is_negotiated(peer->ice[i]))
            return pp_ice_remote_is(peer->ice[i], ufrag, pwd);
    return true;
}

/* --- which one is used ------------------------------------------------------------------------ */

static void drop(pp_peer *peer, size_t which)
{
    if (!peer->ice[which])
        return;
    peer->ice[which] = pp_ice_free(peer->ice[which]);
    pp_peer_close_idle_bases(peer);
}

void pp_peer_settle_ice(pp_peer *peer)
{
    if (!is_negotiated(peer->ice[PP_PEER_ICE_OFFERED])) {
        drop(peer, PP_PEER_ICE_OFFERED);
        return;
    }
    drop(peer, PP_PEER_ICE_NEXT);
    peer->ice[PP_PEER_ICE_NEXT] = peer->ice[PP_PEER_ICE_OFFERED];
    peer->ice[PP_PEER_ICE_OFFERED] = NULL;
}

/* The newest that has a pair takes over, and those before it go. */
static void promote(pp_peer *peer)
{
    for (size_t i = PP_PEER_ICE_COUNT; i-- > 1;) {
        if (!peer->ice[i] || pp_ice_get_state(peer->ice[i]) != PP_ICE_CONNECTED)
            continue;
        pp_log_debug("Peer", "the media goes another way: ICE was restarted");
        for (size_t k = 0; k < i; k++)
            peer->ice[k] = pp_ice_free(peer->ice[k]);
        peer->ice[PP_PEER_ICE_USED] = peer->ice[i];
        peer->ice[i] = NULL;
        pp_peer_close_idle_bases(peer);
        return;
    }
}

/* --- states ----------------------------------------------------------------------------------- */

static void connected(pp_peer *peer)
{
    uint64_t now = pp_loop_now_us(peer->loop);

    if (!peer->ice_ms)
        peer->ice_ms = (unsigned)((now - peer->checking_at_us) / 1000);
    if (peer->protect)
        pp_peer_set_state(peer, PP_PEER_CONNECTED, "");
    else if (!peer->dtls && pp_peer_start_dtls(peer) < 0)
        pp_peer_break(peer, pipit_error_message());
}

/* A restart that is under way or offered may still help. */
static void failed(pp_peer *peer)
{
    bool offered = false;

    for (size_t i = 1; i < PP_PEER_ICE_COUNT; i++) {
        const pp_ice *ice = peer->ice[i];

        if (ice && pp_ice_get_state(ice) == PP_ICE_CHECKING) {
            pp_peer_set_state(peer, PP_PEER_CONNECTING, "");
            return;
        }
        offered = offered || (ice && pp_ice_get_state(ice) == PP_ICE_NEW);
    }
    if (offered && peer->state != PP_PEER_FAILED)
        pp_peer_set_state(peer, PP_PEER_DISCONNECTED, "the far end stopped answering");
    else
        pp_peer_set_state(peer, PP_PEER_FAILED,
                          peer->protect
                              ? "the media path was lost: no answer for 30 s"
                              : "no media path: none of the far end's addresses answered");
}

/* What the agents come to together. */
static void report(pp_peer *peer)
{
    if (!peer->ice[PP_PEER_ICE_USED])
        return;
    switch (pp_ice_get_state(peer->ice[PP_PEER_ICE_USED])) {
    case PP_ICE_CHECKING:
        pp_peer_set_state(peer, PP_PEER_CONNECTING, "");
        break;
    case PP_ICE_CONNECTED:
        connected(peer);
        break;
    case PP_ICE_DISCONNECTED:
        pp_peer_set_state(peer, PP_PEER_DISCONNECTED, "the far end stopped answering");
        break;
    case PP_ICE_FAILED:
        failed(peer);
        break;
    default:
        break;
    }
}

static void on_state(void *arg, pp_ice_state state)
{
    (void)state;
    promote(arg);
    pp_front_state(arg, PP_FRONT_ICE);
    report(arg);
}

static void on_send(void *arg, unsigned base, const pp_addr *to, const uint8_t *data, size_t size)
{
    const pp_peer_base *bases = pp_peer_root(arg)->bases;

    if (base >= PP_PEER_BASES)
        (void)(pp_peer_tcp_send(pp_peer_root(arg), base, to, pp_str_n(data, size)) ||
               pp_peer_relay_send(pp_peer_root(arg), base, to, pp_str_n(data, size)));
    else if (bases[base].udp)
        (void)pp_udp_send(bases[base].udp, to, data,
                          size); /* best effort: ICE repeats what matters */
}

static void on_reflexive(void *arg)
{
    pp_peer_gathered(arg);
}

const pp_ice_handlers pp_peer_ice_handlers = {
    .send = on_send, .state = on_state, .reflexive = on_reflexive};

void pp_peer_undo_ice(pp_peer *peer)
{
    bool undone = peer->ice[PP_PEER_ICE_OFFERED] != NULL;

    drop(peer, PP_PEER_ICE_OFFERED);
    if (undone)
        report(peer);
}

bool pp_peer_is_stranded(pp_peer *peer)
{
    const pp_peer_base *bases = pp_peer_root(peer)->bases;
    pp_candidate local, remote;

    if (peer->closed || !peer->ice[PP_PEER_ICE_USED] ||
        !pp_ice_selected(peer->ice[PP_PEER_ICE_USED], &local, &remote, NULL))
        return false;
    if (local.base >= PP_PEER_BASES)
        return pp_peer_relay_is_stranded(pp_peer_root(peer), local.base) ||
               pp_peer_tcp_is_stranded(pp_peer_root(peer), local.base);
    return bases[local.base].udp && !pp_loop_has_address(peer->loop, &bases[local.base].udp->local);
}

/* --- packets and time ------------------------------------------------------------------------- */

void pp_peer_ice_receive(pp_peer *peer, const pp_peer_base *base, const pp_addr *from,
                         pp_str packet)
{
    const uint8_t *data = (const uint8_t *)packet.p;
    pp_ice *const *ice = peer->ice;
    size_t i = PP_PEER_ICE_COUNT - 1;

    while (i && !(ice[i] && pp_ice_owns(ice[i], data, packet.n)))
        i--;
    if (ice[i]) /* what is nobody's is refused by the one in use */
        pp_ice_receive(ice[i], base->number, from, data, packet.n, pp_loop_now_us(peer->loop));
}

bool pp_peer_ice_knows(const pp_peer *peer, pp_str packet)
{
    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
        if (peer->ice[i] && pp_ice_knows(peer->ice[i], (const uint8_t *)packet.p, packet.n))
            return true;
    return false;
}

bool pp_peer_ice_is_verified(const pp_peer *peer, const pp_peer_base *base, const pp_addr *from)
{
    pp_ice *const *ice = peer->ice;

    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
        if (ice[i] && pp_ice_is_verified(ice[i], base->number, from))
            return true;
    return false;
}

void pp_peer_ice_tick(pp_peer *peer, uint64_t now_us)
{
    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
        if (peer->ice[i])
            pp_ice_tick(peer->ice[i], now_us);
}

uint64_t pp_peer_ice_deadline_us(const pp_peer *peer)
{
    uint64_t next = PP_NEVER;

    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++) {
        uint64_t one = peer->ice[i] ? pp_ice_deadline_us(peer->ice[i]) : PP_NEVER;

        next = one < next ? one : next;
    }
    return next;
}

void pp_peer_ice_free(pp_peer *peer)
{
    for (size_t i = 0; i < PP_PEER_ICE_COUNT; i++)
        peer->ice[i] = pp_ice_free(peer->ice[i]);
    pp_peer_close_idle_bases(peer);
}

/* --- the far end's part ----------------------------------------------------------------------- */

static pp_candidate_type type_named(pp_str name)
{
    if (pp_str_eq_c(name, "srflx"))
        return PP_CANDIDATE_SRFLX;
    if (pp_str_eq_c(name, "prflx"))
        return PP_CANDIDATE_PRFLX;
    return pp_str_eq_c(name, "relay") ? PP_CANDIDATE_RELAY : PP_CANDIDATE_HOST;
}

static bool transport_named(const pp_peer *peer, const pp_sdp_candidate *in,
                            pp_candidate_transport *out)
{
    pp_str kind;

    *out = PP_CANDIDATE_TCP_PASSIVE;
    if (pp_str_ieq_c(in->transport, "udp"))
        *out = PP_CANDIDATE_UDP;
    else if (!peer->ice_tcp || !pp_str_ieq_c(in->transport, "tcp") ||
             !pp_sdp_candidate_extension(in, "tcptype", &kind) || !pp_str_ieq_c(kind, "passive"))
        return false;
    return true;
}

int pp_peer_add_candidate(pp_peer *peer, pp_ice *ice, pp_str value)
{
    pp_sdp_candidate in;
    pp_candidate candidate = {0};
    int err;

    /* What we cannot use is skipped, not refused: RTCP's component, and over TCP who connects, for he comes. */
    if (pp_sdp_candidate_parse(value, &in) < 0 || in.component != 1 ||
        !transport_named(peer, &in, &candidate.transport))
        return 0;
    candidate.type = type_named(in.type);
    candidate.priority = in.priority;
    if (in.foundation.n < sizeof(candidate.foundation))
        memcpy(candidate.foundation, in.foundation.p, in.foundation.n);
    candidate.address.port = in.port;
    if (!pp_addr_parse(in.address, in.port, &candidate.address)) {
        pp_peer_look_up(peer, ice, &candidate, in.address);
        return 0;
    }
    err = pp_ice_add_remote(ice, &candidate, pp_loop_now_us(peer->loop));
    return err == PIPIT_ERR_MEMORY ? err : 0;
}

static int add_candidates(pp_peer *peer, pp_ice *ice, const pp_sdp_media *media)
{
    size_t at = 0;
    pp_str value;
    int err = 0;

    while (!err && pp_sdp_next(&media->section, "candidate", &at, &value))
        err = pp_peer_add_candidate(peer, ice, value);
    return err;
}

int pp_peer_connect(pp_peer *peer)
{
    const pp_sdp_media *media;
    pp_ice *ice = pp_peer_newest_ice(peer);
    uint64_t now = pp_loop_now_us(peer->loop);
    pp_str ufrag, pwd, lite;
    int err;

    if (peer->terms.security != PIPIT_SECURITY_DTLS && peer->terms.transport != PP_NO_SECTION)
        return pp_direct_connect(peer);
    if (!ice || is_negotiated(ice) || peer->terms.transport == PP_NO_SECTION)
        return 0;
    media = &peer->terms.remote->media[peer->terms.transport];
    if (!pp_sdp_ice(peer->terms.remote, media, &ufrag, &pwd))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no usable ice-ufrag and ice-pwd");
    if (!peer->checking_at_us)
        peer->checking_at_us = now;
    err = pp_peer_settle_places(peer, ice);
    if (!err)
        err = add_candidates(peer, ice, media);
    if (!err)
        err = pp_ice_set_remote(
            ice, ufrag, pwd, pp_sdp_attribute(&peer->terms.remote->session, "ice-lite", 0, &lite),
            now);
    if (!err)
        peer->restart_wanted = false;
    if (!peer->closed)
        pp_peer_schedule(peer);
    return err;
}
