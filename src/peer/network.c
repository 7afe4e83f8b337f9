/* network.c - the sockets of a peer connection, and who gets a datagram: STUN, DTLS or RTP (RFC
 * 7983). DTLS and RTP are looked at only when ICE has verified where they come from. */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

static void machines_due(void *arg);

void pp_peer_schedule(pp_peer *peer)
{
    uint64_t next = peer->ice ? pp_ice_deadline_us(peer->ice) : PP_NEVER;
    uint64_t dtls = peer->dtls ? pp_dtls_deadline_us(peer->dtls) : PP_NEVER;
    uint64_t now = pp_loop_now_us(peer->loop);

    if (dtls < next)
        next = dtls;
    if (next == PP_NEVER)
        pp_loop_stop_timer(peer->loop, &peer->machines);
    else
        pp_loop_start_timer_us(peer->loop, &peer->machines, next > now ? next - now : 0,
                               machines_due, peer);
}

static void machines_due(void *arg)
{
    pp_peer *peer = arg;
    uint64_t now = pp_loop_now_us(peer->loop);

    pp_peer_hold(peer);
    if (peer->ice)
        pp_ice_tick(peer->ice, now);
    if (peer->dtls)
        pp_dtls_tick(peer->dtls, now);
    if (!peer->closed)
        pp_peer_schedule(peer);
    pp_peer_release(peer);
}

/* --- DTLS
 * ------------------------------------------------------------------------------------------------------
 */

static void dtls_send(void *arg, const uint8_t *data, size_t size)
{
    pp_peer *peer = arg;

    if (peer->ice) /* not sent while no pair is nominated: the machine sends it again */
        (void)pp_ice_send(peer->ice, data, size);
}

static void dtls_connected(void *arg, const pp_srtp_keys *keys)
{
    pp_peer *peer = arg;
    uint64_t now = pp_loop_now_us(peer->loop);

    peer->stats.dtls_ms = (unsigned)((now - peer->connected_at_us) / 1000);
    if (pp_peer_start_media(peer, keys) < 0)
        pp_peer_set_state(peer, PP_PEER_FAILED, pipit_error_message());
    else
        pp_peer_set_state(peer, PP_PEER_CONNECTED, "");
}

static void dtls_closed(void *arg, int error, const char *reason)
{
    pp_peer *peer = arg;

    pp_log_debug("Peer", "DTLS closed: %s", reason);
    if (error)
        pp_peer_stop_media(peer);
    pp_peer_set_state(peer, error ? PP_PEER_FAILED : PP_PEER_DISCONNECTED, reason);
}

static const pp_dtls_handlers dtls_handlers = {dtls_send, dtls_connected, dtls_closed};

static void drop_early(pp_peer *peer)
{
    for (size_t i = 0; i < peer->early_count; i++)
        pp_free(peer->early[i]);
    peer->early_count = 0;
}

/* What came from a verified address before a pair was nominated is answered now. */
static void replay_early(pp_peer *peer)
{
    uint64_t now = pp_loop_now_us(peer->loop);

    for (size_t i = 0; i < peer->early_count && peer->dtls; i++)
        pp_dtls_receive(peer->dtls, (const uint8_t *)peer->early[i], peer->early_size[i], now);
    drop_early(peer);
}

static void keep_early(pp_peer *peer, const uint8_t *data, size_t size)
{
    char *copy = peer->early_count < PP_PEER_EARLY ? pp_memdup(data, size) : NULL;

    if (!copy)
        return;
    peer->early[peer->early_count] = copy;
    peer->early_size[peer->early_count++] = size;
}

/* A hash we do not take is no reason to refuse while another one fits. */
static int add_fingerprints(pp_peer *peer)
{
    const pp_sdp_media *media = &peer->terms.remote->media[peer->terms.remote_index];
    size_t taken = 0, at = 0;
    pp_str hash, value;

    while (pp_sdp_fingerprint_next(peer->terms.remote, media, &at, &hash, &value)) {
        int err = pp_dtls_add_fingerprint(peer->dtls, hash, value);

        if (err == PIPIT_ERR_MEMORY)
            return err;
        taken += err == 0;
    }
    return taken
               ? 0
               : pp_error(PIPIT_ERR_TLS, "dtls: none of the far end's fingerprints can be checked");
}

static int start_dtls(pp_peer *peer)
{
    int err = pp_dtls_new(peer->certificate, peer->terms.setup == PP_SETUP_ACTIVE, &dtls_handlers,
                          peer, &peer->dtls);

    if (!err)
        err = add_fingerprints(peer);
    if (err)
        return err;
    peer->connected_at_us = pp_loop_now_us(peer->loop);
    pp_dtls_start(peer->dtls, peer->connected_at_us);
    replay_early(peer);
    return 0;
}

/* --- ICE
 * -------------------------------------------------------------------------------------------------------
 */

static void ice_send(void *arg, unsigned base, const pp_addr *to, const uint8_t *data, size_t size)
{
    pp_peer *peer = arg;

    if (base < peer->base_count && peer->bases[base].udp)
        (void)pp_udp_send(peer->bases[base].udp, to, data,
                          size); /* best effort: ICE repeats what matters */
}

static void ice_connected(pp_peer *peer)
{
    uint64_t now = pp_loop_now_us(peer->loop);

    if (!peer->stats.ice_ms)
        peer->stats.ice_ms = (unsigned)((now - peer->checking_at_us) / 1000);
    if (peer->protect)
        pp_peer_set_state(peer, PP_PEER_CONNECTED, "");
    else if (!peer->dtls && start_dtls(peer) < 0)
        pp_peer_set_state(peer, PP_PEER_FAILED, pipit_error_message());
}

static void ice_state(void *arg, pp_ice_state state)
{
    pp_peer *peer = arg;

    switch (state) {
    case PP_ICE_CHECKING:
        pp_peer_set_state(peer, PP_PEER_CONNECTING, "");
        break;
    case PP_ICE_CONNECTED:
        ice_connected(peer);
        break;
    case PP_ICE_DISCONNECTED:
        pp_peer_set_state(peer, PP_PEER_DISCONNECTED, "the far end stopped answering");
        break;
    case PP_ICE_FAILED:
        pp_peer_set_state(peer, PP_PEER_FAILED,
                          peer->protect
                              ? "the media path was lost: no answer for 30 s"
                              : "no media path: none of the far end's addresses answered");
        break;
    default:
        break;
    }
}

static const pp_ice_handlers ice_handlers = {ice_send, ice_state};

/* --- sockets
 * ---------------------------------------------------------------------------------------------------
 */

static void take_dtls(pp_peer *peer, const uint8_t *data, size_t size)
{
    if (peer->dtls)
        pp_dtls_receive(peer->dtls, data, size, pp_loop_now_us(peer->loop));
    else
        keep_early(peer, data, size);
}

static void received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    pp_peer_base *base = arg;
    pp_peer *peer = base->peer;
    uint8_t copy[PP_LIMIT_RTP_PACKET];

    pp_peer_hold(peer);
    if (size && data[0] < 4)
        pp_ice_receive(peer->ice, base->number, from, data, size, pp_loop_now_us(peer->loop));
    else if (size > sizeof(copy) || !pp_ice_is_verified(peer->ice, base->number, from))
        peer->discarded++;
    else if (pp_dtls_is(data, size))
        take_dtls(peer, data, size);
    else if (pp_rtp_is(data, size) || pp_rtcp_is(data, size)) {
        memcpy(copy, data, size);
        pp_peer_take_rtp(peer, copy, size);
    }
    if (!peer->closed)
        pp_peer_schedule(peer);
    pp_peer_release(peer);
}

static int open_base(pp_peer *peer, const pp_addr *address)
{
    pp_peer_base *base = &peer->bases[peer->base_count];
    int err;

    base->peer = peer;
    base->number = (unsigned)peer->base_count;
    err = peer->loop->ops->udp_open(peer->loop, address, received, base, &base->udp);
    if (err)
        return err;
    peer->base_count++;
    return pp_ice_add_local(peer->ice, &base->udp->local, base->number);
}

/* Loopback addresses are offered when asked for, or when there is nothing else. */
static size_t usable_addresses(pp_peer *peer, pp_addr *out, size_t max)
{
    pp_addr all[4 * PP_LIMIT_ICE_LOCAL_ADDRESSES];
    size_t count = peer->loop->ops->local_addresses(peer->loop, all, sizeof(all) / sizeof(all[0]));
    size_t usable = 0;

    for (unsigned loopback = 0; loopback < 2; loopback++) {
        if (loopback && usable && !peer->allow_loopback)
            break;
        for (size_t i = 0; i < count && usable < max; i++)
            if (pp_addr_is_loopback(&all[i]) == (loopback == 1) && !pp_addr_is_link_local(&all[i]))
                out[usable++] = all[i];
    }
    return usable;
}

int pp_peer_gather(pp_peer *peer)
{
    pp_addr addresses[PP_LIMIT_ICE_LOCAL_ADDRESSES];
    size_t count;
    int err;

    if (peer->ice)
        return 0;
    err = pp_ice_new(&peer->loop->rng, peer->offerer, &ice_handlers, peer, &peer->ice);
    if (err)
        return err;
    count = usable_addresses(peer, addresses, PP_LIMIT_ICE_LOCAL_ADDRESSES);
    for (size_t i = 0; i < count; i++) {
        err = open_base(peer, &addresses[i]);
        if (err == PIPIT_ERR_MEMORY)
            break;
        if (err) /* one address less: others may do */
            pp_log_warn("Peer", "no socket: %s", pipit_error_message());
    }
    if (err != PIPIT_ERR_MEMORY && peer->base_count)
        return 0;
    if (err != PIPIT_ERR_MEMORY)
        err = pp_error(PIPIT_ERR_IO,
                       "media: no UDP socket could be opened on any address of this machine");
    pp_peer_disconnect(peer);
    return err;
}

static int add_candidates(pp_peer *peer, const pp_sdp_media *media)
{
    uint64_t now = pp_loop_now_us(peer->loop);
    size_t at = 0;
    pp_str value;

    while (pp_sdp_next(&media->section, "candidate", &at, &value)) {
        pp_sdp_candidate in;
        pp_candidate candidate = {0};

        /* What we cannot use is skipped, not refused: TCP, RTCP's component, names (the far end's
         * checks reach us). */
        if (pp_sdp_candidate_parse(value, &in) < 0 || in.component != 1 ||
            !pp_str_ieq_c(in.transport, "udp") ||
            !pp_addr_parse(in.address, in.port, &candidate.address))
            continue;
        candidate.type = pp_str_eq_c(in.type, "srflx")   ? PP_CANDIDATE_SRFLX
                         : pp_str_eq_c(in.type, "prflx") ? PP_CANDIDATE_PRFLX
                         : pp_str_eq_c(in.type, "relay") ? PP_CANDIDATE_RELAY
                                                         : PP_CANDIDATE_HOST;
        candidate.priority = in.priority;
        if (in.foundation.n < sizeof(candidate.foundation))
            memcpy(candidate.foundation, in.foundation.p, in.foundation.n);
        if (pp_ice_add_remote(peer->ice, &candidate, now) == PIPIT_ERR_MEMORY)
            return PIPIT_ERR_MEMORY;
    }
    return 0;
}

int pp_peer_connect(pp_peer *peer)
{
    const pp_sdp_media *media = &peer->terms.remote->media[peer->terms.remote_index];
    pp_str ufrag, pwd, lite;
    int err;

    if (pp_ice_get_state(peer->ice) != PP_ICE_NEW)
        return 0;
    if (!pp_sdp_ice(peer->terms.remote, media, &ufrag, &pwd))
        return pp_error(PIPIT_ERR_MEDIA, "sdp: no usable ice-ufrag and ice-pwd");
    memcpy(peer->remote_ufrag, ufrag.p, ufrag.n);
    peer->remote_ufrag[ufrag.n] = '\0';
    peer->checking_at_us = pp_loop_now_us(peer->loop);
    err = add_candidates(peer, media);
    if (!err)
        err =
            pp_ice_set_remote(peer->ice, ufrag, pwd,
                              pp_sdp_attribute(&peer->terms.remote->session, "ice-lite", 0, &lite),
                              peer->checking_at_us);
    if (!peer->closed)
        pp_peer_schedule(peer);
    return err;
}

void pp_peer_disconnect(pp_peer *peer)
{
    if (peer->dtls)
        pp_dtls_close(peer->dtls);
    peer->dtls = pp_dtls_free(peer->dtls);
    peer->ice = pp_ice_free(peer->ice);
    for (size_t i = 0; i < peer->base_count; i++)
        peer->bases[i].udp = pp_udp_close(peer->bases[i].udp);
    peer->base_count = 0;
    drop_early(peer);
    pp_loop_stop_timer(peer->loop, &peer->machines);
}
