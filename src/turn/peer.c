/* peer.c - those who are reached by way of the relay: permissions (RFC 8656 section 9) and channels (section 12). */
#include "turn/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

static void drop_waiting(pp_turn_peer *peer)
{
    pp_free(peer->waiting);
    peer->waiting = NULL;
    peer->waiting_size = 0;
}

static void forget(pp_turn *turn, size_t index)
{
    drop_waiting(turn->peers[index]);
    pp_free(turn->peers[index]);
    turn->peers[index] = turn->peers[--turn->peer_count];
}

void pp_turn_forget_peers(pp_turn *turn)
{
    while (turn->peer_count)
        forget(turn, turn->peer_count - 1);
}

static pp_turn_peer *find(const pp_turn *turn, const pp_addr *address)
{
    for (size_t i = 0; i < turn->peer_count; i++)
        if (pp_addr_eq(&turn->peers[i]->address, address))
            return turn->peers[i];
    return NULL;
}

pp_turn_peer *pp_turn_peer_on(const pp_turn *turn, unsigned channel)
{
    for (size_t i = 0; i < turn->peer_count; i++)
        if (turn->peers[i]->bound && turn->peers[i]->channel == channel)
            return turn->peers[i];
    return NULL;
}

bool pp_turn_permits(const pp_turn *turn, const pp_addr *address)
{
    for (size_t i = 0; i < turn->peer_count; i++)
        if (turn->peers[i]->permission == PP_TURN_GRANTED &&
            pp_addr_same_ip(&turn->peers[i]->address, address))
            return true;
    return false;
}

static int add(pp_turn *turn, const pp_addr *address, pp_turn_peer **out)
{
    pp_turn_peer *peer;

    if (turn->peer_count == PP_LIMIT_TURN_PEERS)
        return pp_error(PIPIT_ERR_LIMIT, "turn: more than %u peers", PP_LIMIT_TURN_PEERS);
    peer = PP_NEW(pp_turn_peer);
    if (!peer)
        return PIPIT_ERR_MEMORY;
    peer->address = *address;
    peer->renew_us = PP_NEVER;
    turn->peers[turn->peer_count++] = peer;
    *out = peer;
    return 0;
}

/* --- permissions and channels ----------------------------------------------------------------- */

/* Section 12: a number is not given to another peer while it may still be bound; there are enough for none to come again. */
static void bind_channel(pp_turn *turn, pp_turn_peer *peer, uint64_t now_us)
{
    if (!peer->channel) {
        peer->channel = (uint16_t)turn->next_channel;
        turn->next_channel = turn->next_channel == PP_TURN_CHANNEL_LAST ? PP_TURN_CHANNEL_FIRST
                                                                        : turn->next_channel + 1;
    }
    pp_turn_ask(turn, peer, PP_TURN_CHANNEL_BIND, now_us);
}

static void granted(pp_turn *turn, pp_turn_peer *peer, uint64_t now_us)
{
    peer->permission = PP_TURN_GRANTED;
    peer->renew_us = now_us + PP_TURN_RENEW_US;
    if (!peer->waiting)
        return;
    pp_turn_relay(turn, peer, peer->waiting, peer->waiting_size);
    drop_waiting(peer);
}

static void not_granted(pp_turn_peer *peer, const pp_turn_message *m)
{
    char text[PP_ADDR_TEXT];
    int code = m ? m->stun.error_code : 0;

    pp_log_debug("TURN", "no permission for %s (%d)", pp_addr_text(&peer->address, text), code);
    peer->permission = code == 403 || code == 443 ? PP_TURN_REFUSED : PP_TURN_NOT_ASKED;
    peer->renew_us = PP_NEVER;
    drop_waiting(peer);
}

void pp_turn_peer_answered(pp_turn *turn, pp_turn_peer *peer, unsigned method,
                           const pp_turn_message *m, uint64_t now_us)
{
    bool good = m && m->stun.kind == PP_STUN_SUCCESS && !m->unknown_required;

    if (m && m->stun.kind == PP_STUN_ERROR && m->stun.error_code == 437) {
        pp_turn_fail(turn, 437, "the server has lost the allocation", NULL);
    } else if (method == PP_TURN_CREATE_PERMISSION) {
        if (good)
            granted(turn, peer, now_us);
        else
            not_granted(peer, m);
    } else if (good) {
        peer->bound = true;
        granted(turn, peer, now_us);
    } else { /* it goes on without a channel */
        peer->unbindable = true;
        if (peer->bound) /* the binding was to be renewed: so must the permission */
            peer->renew_us = now_us;
        peer->bound = false;
    }
}

static void renew(pp_turn *turn, size_t index, uint64_t now_us)
{
    pp_turn_peer *peer = turn->peers[index];

    peer->renew_us = PP_NEVER;
    if (now_us - peer->used_us > PP_TURN_RENEW_US) { /* nobody needs it any more */
        forget(turn, index);
        return;
    }
    pp_turn_ask(turn, peer, peer->bound ? PP_TURN_CHANNEL_BIND : PP_TURN_CREATE_PERMISSION, now_us);
}

void pp_turn_run_peers(pp_turn *turn, uint64_t now_us)
{
    for (size_t i = turn->peer_count; i-- > 0 && turn->state == PP_TURN_ALLOCATED;) {
        if (turn->peers[i]->request.method)
            pp_turn_run_request(turn, turn->peers[i], now_us);
        else if (now_us >= turn->peers[i]->renew_us)
            renew(turn, i, now_us);
    }
}

/* --- data for a peer -------------------------------------------------------------------------- */

/* The newest is kept: of ICE's checks that is as good as any, and nothing else goes before one was answered. */
static int keep_waiting(pp_turn *turn, pp_turn_peer *peer, pp_str data, uint64_t now_us)
{
    char *copy;

    if (peer->permission == PP_TURN_REFUSED)
        return 0;
    copy = pp_memdup(data.p, data.n);
    if (!copy)
        return PIPIT_ERR_MEMORY;
    drop_waiting(peer);
    peer->waiting = copy;
    peer->waiting_size = data.n;
    if (!peer->request.method)
        pp_turn_ask(turn, peer, PP_TURN_CREATE_PERMISSION, now_us);
    return 0;
}

static int send_to(pp_turn *turn, pp_turn_peer *peer, pp_str data, uint64_t now_us)
{
    peer->used_us = now_us;
    if (peer->permission != PP_TURN_GRANTED)
        return keep_waiting(turn, peer, data, now_us);
    pp_turn_relay(turn, peer, data.p, data.n);
    if (!peer->channel && !peer->request.method && !peer->unbindable &&
        !pp_stun_is((const uint8_t *)data.p, data.n))
        bind_channel(turn, peer, now_us);
    return 0;
}

int pp_turn_send(pp_turn *turn, const pp_addr *to, const uint8_t *data, size_t size,
                 uint64_t now_us)
{
    pp_turn_peer *peer = find(turn, to);
    int err = 0;

    if (turn->state != PP_TURN_ALLOCATED)
        return pp_error(PIPIT_ERR_STATE, "turn: there is no allocation");
    if (size > PP_LIMIT_TURN_DATA)
        return pp_error(PIPIT_ERR_LIMIT, "turn: a datagram is longer than %u octets",
                        PP_LIMIT_TURN_DATA);
    if (!peer)
        err = add(turn, to, &peer);
    if (err)
        return err;
    pp_turn_enter(turn);
    err = send_to(turn, peer, pp_str_n(data, size), now_us);
    pp_turn_leave(turn);
    return err;
}
