/* network.c - who gets a datagram: STUN, DTLS or RTP (RFC 7983), and the DTLS association. DTLS and RTP are looked at only
 * when ICE has verified where they come from. */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "peer/data.h"

static void machines_due(void *arg);

void pp_peer_schedule(pp_peer *peer)
{
    uint64_t next = peer->dtls ? pp_dtls_deadline_us(peer->dtls) : PP_NEVER;
    uint64_t ice = pp_peer_ice_deadline_us(peer), now = pp_loop_now_us(peer->loop);

    if (ice < next)
        next = ice;
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
    pp_peer_ice_tick(peer, now);
    if (peer->dtls)
        pp_dtls_tick(peer->dtls, now);
    if (!peer->closed)
        pp_peer_schedule(peer);
    pp_peer_release(peer);
}

/* --- DTLS ------------------------------------------------------------------------------------- */

static void dtls_send(void *arg, const uint8_t *data, size_t size)
{
    pp_peer *peer = arg;

    /* Not sent while no pair is nominated: the machine sends it again. */
    if (peer->ice[PP_PEER_ICE_USED] && pp_ice_send(peer->ice[PP_PEER_ICE_USED], data, size) == 0)
        pp_traffic_count(&peer->traffic_out, size);
}

static void dtls_connected(void *arg, const pp_srtp_keys *keys)
{
    pp_peer *peer = arg;
    uint64_t now = pp_loop_now_us(peer->loop);

    peer->dtls_ms = (unsigned)((now - peer->connected_at_us) / 1000);
    if (pp_peer_start_media(peer, keys) < 0)
        pp_peer_break(peer, pipit_error_message());
    else
        pp_peer_set_state(peer, PP_PEER_CONNECTED, "");
}

static void dtls_closed(void *arg, int error, const char *reason)
{
    pp_peer *peer = arg;

    pp_log_debug("Peer", "DTLS closed: %s", reason);
    pp_peer_end_data(peer);
    if (error) {
        pp_peer_stop_media(peer);
        pp_peer_break(peer, reason);
    } else {
        peer->broken = true; /* the far end has gone: there is nobody at the end of another path */
        pp_peer_set_state(peer, PP_PEER_DISCONNECTED, reason);
    }
}

static void dtls_data(void *arg, const uint8_t *data, size_t size)
{
    pp_peer_take_data(arg, data, size);
}

static const pp_dtls_handlers dtls_handlers = {dtls_send, dtls_connected, dtls_closed, dtls_data};

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
    const pp_sdp_media *media = &peer->terms.remote->media[peer->terms.transport];
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

int pp_peer_start_dtls(pp_peer *peer)
{
    int err = pp_dtls_new(peer->certificates[0], peer->terms.setup == PP_SETUP_ACTIVE,
                          &dtls_handlers, peer, &peer->dtls);

    if (!err)
        err = pp_peer_show_certificates(peer);
    if (!err)
        err = add_fingerprints(peer);
    if (err)
        return err;
    peer->connected_at_us = pp_loop_now_us(peer->loop);
    pp_dtls_start(peer->dtls, peer->connected_at_us);
    replay_early(peer);
    return 0;
}

/* --- sockets ---------------------------------------------------------------------------------- */

static void take_dtls(pp_peer *peer, const uint8_t *data, size_t size)
{
    if (peer->dtls)
        pp_dtls_receive(peer->dtls, data, size, pp_loop_now_us(peer->loop));
    else
        keep_early(peer, data, size);
}

/* Who has shown that he is there gets what comes from there. */
static void take_stun(pp_peer *peer, const pp_peer_base *base, const pp_addr *from, pp_str packet)
{
    pp_peer_ice_receive(peer, base, from, packet);
    if (!peer->closed && base->udp && pp_peer_ice_is_verified(peer, base, from))
        pp_port_verified(base->udp, from);
}

static int send_on_path(pp_peer *peer, const uint8_t *data, size_t size)
{
    if (pp_peer_is_direct(peer))
        return pp_direct_send(peer, data, size);
    if (!peer->ice[PP_PEER_ICE_USED])
        return pp_error(PIPIT_ERR_STATE, "media: there is no path yet");
    return pp_ice_send(peer->ice[PP_PEER_ICE_USED], data, size);
}

int pp_peer_send(pp_peer *peer, const uint8_t *data, size_t size)
{
    int err = send_on_path(peer, data, size);

    if (!err)
        pp_traffic_count(&peer->traffic_out, size);
    return err;
}

static bool take_counted(pp_peer *peer, uint8_t *data, size_t size)
{
    pp_traffic_count(&peer->traffic_in, size);
    return pp_peer_take_rtp(peer, data, size);
}

/* Without ICE: nothing but media, from where the far end may be. */
static void take_directly(pp_peer *peer, const pp_peer_base *base, const pp_addr *from,
                          uint8_t *data, size_t size)
{
    if (!pp_direct_takes(peer, base, from) || !(pp_rtp_is(data, size) || pp_rtcp_is(data, size)))
        peer->discarded++;
    else if (take_counted(peer, data, size) && !peer->closed)
        pp_direct_heard(peer, from);
}

void pp_peer_received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    const pp_peer_base *base = arg;
    pp_str packet = pp_str_n((const char *)data, size);
    pp_peer *peer = pp_peer_meant(base->peer, base, from, packet);
    uint8_t copy[PP_LIMIT_RTP_PACKET];
    bool is_media = false;

    pp_peer_hold(peer);
    if (pp_peer_is_direct(peer) && size <= sizeof(copy)) {
        memcpy(copy, data, size);
        take_directly(peer, base, from, copy, size);
    } else if (size && data[0] < 4) {
        take_stun(peer, base, from, packet);
    } else if (size > sizeof(copy) || !pp_peer_ice_is_verified(peer, base, from)) {
        peer->discarded++;
    } else if (pp_dtls_is(data, size)) {
        pp_traffic_count(&peer->traffic_in, size);
        take_dtls(peer, data, size);
    } else if (pp_rtp_is(data, size) || pp_rtcp_is(data, size)) {
        is_media = true;
        memcpy(copy, data, size);
        (void)take_counted(peer, copy, size);
    }
    if (!is_media && !peer->closed) /* media moves no deadline of the machines */
        pp_peer_schedule(peer);
    pp_peer_release(peer);
}

void pp_peer_disconnect(pp_peer *peer)
{
    pp_peer_end_data(peer);
    if (peer->dtls)
        pp_dtls_close(peer->dtls);
    peer->dtls = pp_dtls_free(peer->dtls);
    pp_peer_ice_free(peer);
    pp_direct_free(peer);
    drop_early(peer);
    pp_loop_stop_timer(peer->loop, &peer->machines);
    pp_loop_stop_timer(peer->loop, &peer->gathering);
    pp_peer_forget_lookups(peer);
}
