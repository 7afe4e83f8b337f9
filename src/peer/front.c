/* front.c - the events of a peer connection, told from the loop in the order they came, and whether it wants to negotiate. */
#include "peer/front.h"

#include "base/alloc.h"
#include "base/error.h"
#include "peer/relays.h"

#include <stdio.h>

int pp_front_make(pp_peer *peer)
{
    if (peer->front)
        return 0;
    peer->front = PP_NEW(pp_front);
    if (!peer->front)
        return PIPIT_ERR_MEMORY;
    peer->front->told[PP_FRONT_SIGNALING] = peer->said.signaling;
    peer->front->told[PP_FRONT_GATHERING] = pp_peer_gathering_state(peer);
    peer->front->told[PP_FRONT_ICE] = pp_peer_ice_state(peer);
    peer->front->told[PP_FRONT_CONNECTION] = (unsigned)peer->state;
    return 0;
}

static void drop_events(pp_front *front)
{
    pp_front_event event;

    for (size_t at = 0; at + sizeof(event) <= front->events.n; at += sizeof(event)) {
        memcpy(&event, front->events.p + at, sizeof(event));
        pp_transceiver_unref(event.transceiver);
    }
    pp_buf_free(&front->events);
}

void pp_front_free(pp_peer *peer)
{
    pp_front *front = peer->front;

    if (!front)
        return;
    pp_loop_unpost(peer->loop, &front->post);
    drop_events(front);
    while (front->listeners) {
        pp_front_listener *next = front->listeners->next;

        pp_free(front->listeners);
        front->listeners = next;
    }
    for (size_t i = 0; i < 2; i++)
        pp_free(front->made[i]);
    for (size_t i = 0; i < 4; i++)
        pp_free(front->texts[i]);
    pp_free(front);
    peer->front = NULL;
}

/* --- who listens ------------------------------------------------------------------------------ */

int pipit_peer_add_handlers(pipit_peer *peer, const pipit_peer_handlers *handlers, void *user)
{
    pp_front_listener *made, **at;
    int err;

    if (!peer || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: a connection and handlers are needed");
    err = pp_front_make(peer);
    if (err)
        return err;
    made = PP_NEW(pp_front_listener);
    if (!made)
        return PIPIT_ERR_MEMORY;
    made->handlers = handlers;
    made->user = user;
    for (at = &peer->front->listeners; *at; at = &(*at)->next)
        ;
    *at = made;
    return 0;
}

static void sweep_listeners(pp_front *front)
{
    pp_front_listener **at = &front->listeners;

    while (*at && !front->emitting) {
        pp_front_listener *one = *at;

        if (one->handlers) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        pp_free(one);
    }
}

int pipit_peer_remove_handlers(pipit_peer *peer, const pipit_peer_handlers *handlers, void *user)
{
    if (!peer || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: a connection and handlers are needed");
    for (pp_front_listener *one = peer->front ? peer->front->listeners : NULL; one; one = one->next)
        if (one->handlers == handlers && one->user == user) {
            one->handlers = NULL;
            sweep_listeners(peer->front);
            return 0;
        }
    return pp_error(PIPIT_ERR_NOT_FOUND, "peer: these handlers were not added");
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell_connection(pp_peer *peer, const pp_front_listener *l, unsigned state)
{
    const pipit_connection_state_event event = {
        (pipit_connection_state)state, state == PIPIT_CONNECTION_FAILED ? peer->front->reason : ""};

    if (l->handlers->connection_state_change)
        l->handlers->connection_state_change(peer, &event, l->user);
}

static void tell_tone(pp_peer *peer, const pp_front_listener *l, const pp_front_event *event)
{
    const pipit_tone_event tone = {event->tone, event->value};

    if (l->handlers->tone)
        l->handlers->tone(peer, &tone, l->user);
}

static void tell_track(pp_peer *peer, const pp_front_listener *l, const pp_front_event *event)
{
    const pipit_track_event track = {event->transceiver,
                                     pipit_transceiver_kind(event->transceiver)};

    if (l->handlers->track && event->transceiver->peer) /* else its offer was taken back */
        l->handlers->track(peer, &track, l->user);
}

static void tell_listener(pp_peer *peer, const pp_front_listener *l, const pp_front_event *event)
{
    const pipit_peer_handlers *h = l->handlers;

    switch (event->kind) {
    case PP_FRONT_SIGNALING:
        if (h->signaling_state_change)
            h->signaling_state_change(peer, (pipit_signaling_state)event->value, l->user);
        break;
    case PP_FRONT_GATHERING:
        if (h->ice_gathering_state_change)
            h->ice_gathering_state_change(peer, (pipit_ice_gathering_state)event->value, l->user);
        break;
    case PP_FRONT_ICE:
        if (h->ice_connection_state_change)
            h->ice_connection_state_change(peer, (pipit_ice_connection_state)event->value, l->user);
        break;
    case PP_FRONT_CONNECTION:
        tell_connection(peer, l, event->value);
        break;
    case PP_FRONT_TRACK:
        tell_track(peer, l, event);
        break;
    case PP_FRONT_TONE:
        tell_tone(peer, l, event);
        break;
    case PP_FRONT_CANDIDATE:
        if (event->agent == peer->front->agent) /* else it is gone */
            pp_front_tell_candidate(peer, h, l->user, event->value);
        break;
    case PP_FRONT_DATA_CHANNEL:
        if (h->data_channel)
            h->data_channel(peer, event->channel, l->user);
        break;
    default: /* it wants to negotiate */
        if (h->negotiation_needed)
            h->negotiation_needed(peer, l->user);
        break;
    }
}

/* Those who are added meanwhile do not hear of it. */
static void tell(pp_peer *peer, const pp_front_event *event)
{
    pp_front_listener *last = peer->front->listeners;

    if (event->kind < PP_FRONT_STATES)
        peer->front->told[event->kind] = event->value;
    while (last && last->next)
        last = last->next;
    peer->front->emitting++;
    for (pp_front_listener *l = peer->front->listeners; l && !peer->closed; l = l->next) {
        if (l->handlers)
            tell_listener(peer, l, event);
        if (l == last)
            break;
    }
    peer->front->emitting--;
    sweep_listeners(peer->front);
}

static unsigned state_of(const pp_peer *peer, pp_front_kind kind)
{
    switch (kind) {
    case PP_FRONT_SIGNALING:
        return peer->said.signaling;
    case PP_FRONT_GATHERING:
        return pp_peer_gathering_state(peer);
    case PP_FRONT_ICE:
        return pp_peer_ice_state(peer);
    default:
        return (unsigned)peer->state;
    }
}

static void tell_events(pp_peer *peer)
{
    pp_buf events = peer->front->events;
    pp_front_event event;

    peer->front->events = (pp_buf){0};
    for (size_t at = 0; at + sizeof(event) <= events.n; at += sizeof(event)) {
        memcpy(&event, events.p + at, sizeof(event));
        if (!peer->closed)
            tell(peer, &event);
        pp_transceiver_unref(event.transceiver);
    }
    /* What memory was too short for. */
    for (unsigned kind = 0; kind < PP_FRONT_STATES && !peer->closed && !peer->front->events.n;
         kind++)
        if (peer->front->told[kind] != state_of(peer, (pp_front_kind)kind))
            tell(peer, &(pp_front_event){.kind = (pp_front_kind)kind,
                                         .value = state_of(peer, (pp_front_kind)kind)});
    pp_buf_free(&events);
}

/* W3C section 4.7.3: whether a section is not as the descriptions have it. */
static bool is_unsettled(const pp_transceiver *transceiver)
{
    const pp_place *now = &transceiver->now;
    pp_direction wish = pp_transceiver_wish(transceiver);

    if (transceiver->stopped)
        return now->index != PP_NO_SECTION && now->agreed;
    if (now->index == PP_NO_SECTION || transceiver->offered)
        return true;
    if (!now->agreed || !transceiver->kind->is_rtp)
        return false;
    return now->we_offered ? now->said != wish
                           : now->direction != pp_direction_both(now->theirs, wish);
}

static bool wants_negotiation(const pp_peer *peer)
{
    if (peer->said.signaling != PIPIT_SIGNALING_STABLE)
        return false;
    if (peer->restart_wanted)
        return true;
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (is_unsettled(peer->transceivers[i]))
            return true;
    return false;
}

static void on_post(void *arg)
{
    static const pp_front_event negotiation = {.kind = PP_FRONT_STATES};
    pp_peer *peer = arg;

    pp_peer_hold(peer);
    tell_events(peer);
    if (!peer->closed && !peer->only_own && !peer->front->wants_negotiation &&
        wants_negotiation(peer)) {
        peer->front->wants_negotiation = true;
        tell(peer, &negotiation);
    }
    pp_peer_release(peer);
}

static void post(pp_peer *peer)
{
    if (!peer->closed)
        pp_loop_post(peer->loop, &peer->front->post, on_post, peer);
}

/* --- what is to be told ----------------------------------------------------------------------- */

static bool add(pp_peer *peer, const pp_front_event *event)
{
    pp_front_event octets;
    bool added;

    memset(&octets, 0, sizeof(octets)); /* padding and all: it is copied as octets */
    octets.kind = event->kind;
    octets.value = event->value;
    octets.tone = event->tone;
    octets.transceiver = event->transceiver;
    octets.agent = event->agent;
    pp_buf_add(&peer->front->events, &octets, sizeof(octets));
    added = pp_buf_error(&peer->front->events) == 0;
    peer->front->events.error = 0;
    post(peer);
    return added;
}

void pp_front_state(pp_peer *peer, pp_front_kind kind)
{
    pp_front_event event = {.kind = kind}, last;
    unsigned known;

    if (!peer->front || peer->closed)
        return;
    known = peer->front->told[kind];
    for (size_t at = 0; at + sizeof(last) <= peer->front->events.n; at += sizeof(last)) {
        memcpy(&last, peer->front->events.p + at, sizeof(last));
        if (last.kind == kind)
            known = last.value;
    }
    event.value = state_of(peer, kind);
    if (event.value != known)
        (void)add(peer, &event);
}

void pp_front_failed(pp_peer *peer, const char *reason)
{
    if (peer->front)
        snprintf(peer->front->reason, sizeof(peer->front->reason), "%s", reason);
}

/* W3C section 4.4.1.6: when the far end's direction begins to have sending in it. */
void pp_front_tracks(pp_peer *peer)
{
    for (size_t i = 0; peer->front && i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];
        bool comes = transceiver->kind->is_rtp && pp_transceiver_is_agreed(transceiver) &&
                     pp_direction_receives(transceiver->now.theirs);

        if (!comes)
            transceiver->track_told = false;
        else if (!transceiver->track_told &&
                 add(peer, &(pp_front_event){.kind = PP_FRONT_TRACK, .transceiver = transceiver})) {
            pp_transceiver_ref(transceiver);
            transceiver->track_told = true;
        }
    }
}

bool pp_front_candidate(pp_peer *peer, size_t number)
{
    return add(peer, &(pp_front_event){.kind = PP_FRONT_CANDIDATE,
                                       .value = (unsigned)number,
                                       .agent = peer->front->agent});
}

void pp_front_tone(pp_peer *peer, char tone, unsigned duration_ms)
{
    if (peer->front)
        (void)add(peer,
                  &(pp_front_event){.kind = PP_FRONT_TONE, .tone = tone, .value = duration_ms});
}

void pp_front_data_channel(pp_peer *peer, pipit_data_channel *channel)
{
    if (peer->front && !peer->closed)
        tell(peer, &(pp_front_event){.kind = PP_FRONT_DATA_CHANNEL, .channel = channel});
}

void pp_front_check(pp_peer *peer)
{
    if (peer->front)
        post(peer);
}

void pp_front_settled(pp_peer *peer)
{
    if (!peer->front)
        return;
    peer->front->wants_negotiation = false;
    post(peer);
}

/* --- states that follow from others ----------------------------------------------------------- */

pipit_ice_connection_state pp_peer_ice_state(const pp_peer *peer)
{
    static const pipit_ice_connection_state states[] = {
        [PP_ICE_NEW] = PIPIT_ICE_CONNECTION_NEW,
        [PP_ICE_CHECKING] = PIPIT_ICE_CONNECTION_CHECKING,
        [PP_ICE_CONNECTED] = PIPIT_ICE_CONNECTION_CONNECTED,
        [PP_ICE_DISCONNECTED] = PIPIT_ICE_CONNECTION_DISCONNECTED,
        [PP_ICE_FAILED] = PIPIT_ICE_CONNECTION_FAILED,
        [PP_ICE_CLOSED] = PIPIT_ICE_CONNECTION_CLOSED};

    if (peer->closed)
        return PIPIT_ICE_CONNECTION_CLOSED;
    return peer->ice[PP_PEER_ICE_USED] ? states[pp_ice_get_state(peer->ice[PP_PEER_ICE_USED])]
                                       : PIPIT_ICE_CONNECTION_NEW;
}

pipit_ice_gathering_state pp_peer_gathering_state(const pp_peer *peer)
{
    bool stands = peer->said.local || peer->said.pending;

    if (!peer->ice[PP_PEER_ICE_USED] || !stands)
        return PIPIT_ICE_GATHERING_NEW;
    return pp_peer_servers_are_busy(peer) ? PIPIT_ICE_GATHERING_GATHERING
                                          : PIPIT_ICE_GATHERING_COMPLETE;
}
