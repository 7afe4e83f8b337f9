/* life.c - a peer connection as its application has it: made, held, closed, asked for its states. */
#include "base/alloc.h"
#include "base/error.h"
#include "peer/front.h"
#include "peer/inside.h"

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    (void)arg; /* the front is told in any case */
    (void)state;
    (void)reason;
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    (void)arg;
    (void)tone;
    (void)duration_ms;
}

/* What a call hears of its own connection is nothing to one that stands alone. */
static const pp_peer_handlers no_call = {.state = on_state, .dtmf = on_dtmf};

int pipit_peer_new(pipit_loop *loop, const pipit_peer_configuration *configuration,
                   const pipit_peer_handlers *handlers, void *user, pipit_peer **out)
{
    const pipit_peer_configuration none = {0};
    pp_peer *peer = NULL;
    int err;

    if (!loop || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: a loop and out are needed");
    err = pp_peer_new_empty(loop, configuration ? configuration : &none, &no_call, NULL, &peer);
    if (err)
        return err;
    peer->arg = peer;
    peer->owners = 1;
    err = pp_front_make(peer);
    if (!err && handlers)
        err = pipit_peer_add_handlers(peer, handlers, user);
    if (err)
        pp_peer_free(peer);
    else
        *out = peer;
    return err;
}

int pipit_peer_close(pipit_peer *peer)
{
    int err = peer && peer->closed && !peer->only_own ? 0 : pp_peer_check_own(peer);

    if (!err)
        pp_peer_shut(peer);
    return err;
}

pipit_peer *pipit_peer_ref(pipit_peer *peer)
{
    peer->owners++;
    pp_peer_hold(peer);
    return peer;
}

/* A call closes its connection itself. */
pipit_peer *pipit_peer_unref(pipit_peer *peer)
{
    if (!peer)
        return NULL;
    if (--peer->owners == 0 && !peer->only_own)
        pp_peer_shut(peer);
    pp_peer_release(peer);
    return NULL;
}

pipit_signaling_state pipit_peer_signaling_state(const pipit_peer *peer)
{
    return !peer || peer->closed ? PIPIT_SIGNALING_CLOSED
                                 : (pipit_signaling_state)peer->said.signaling;
}

pipit_ice_gathering_state pipit_peer_ice_gathering_state(const pipit_peer *peer)
{
    return peer ? pp_peer_gathering_state(peer) : PIPIT_ICE_GATHERING_NEW;
}

pipit_ice_connection_state pipit_peer_ice_connection_state(const pipit_peer *peer)
{
    return peer ? pp_peer_ice_state(peer) : PIPIT_ICE_CONNECTION_CLOSED;
}

pipit_connection_state pipit_peer_connection_state(const pipit_peer *peer)
{
    static const pipit_connection_state states[] = {
        [PP_PEER_NEW] = PIPIT_CONNECTION_NEW,
        [PP_PEER_CONNECTING] = PIPIT_CONNECTION_CONNECTING,
        [PP_PEER_CONNECTED] = PIPIT_CONNECTION_CONNECTED,
        [PP_PEER_DISCONNECTED] = PIPIT_CONNECTION_DISCONNECTED,
        [PP_PEER_FAILED] = PIPIT_CONNECTION_FAILED,
        [PP_PEER_CLOSED] = PIPIT_CONNECTION_CLOSED};

    return peer ? states[peer->state] : PIPIT_CONNECTION_CLOSED;
}
