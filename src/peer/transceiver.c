/* transceiver.c - the list of a peer connection's transceivers, and their places in the descriptions. */
#include "peer/inside.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sdp/bundle.h"

#include <stdio.h>

static const pp_kind *const kinds[] = {&pp_audio_kind, &pp_video_kind, &pp_data_kind};

const pp_kind *pp_kind_named(pp_str name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (pp_str_eq_c(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

/* --- what was agreed -------------------------------------------------------------------------- */

void *pp_agreed_new(size_t size)
{
    pp_agreed *agreed = pp_zalloc(size);

    if (agreed)
        agreed->references = 1;
    return agreed;
}

pp_agreed *pp_agreed_ref(pp_agreed *agreed)
{
    if (agreed)
        agreed->references++;
    return agreed;
}

pp_agreed *pp_agreed_unref(pp_agreed *agreed)
{
    if (agreed && --agreed->references == 0)
        pp_free(agreed);
    return NULL;
}

void pp_agreed_allow(pp_agreed *agreed, unsigned payload_type)
{
    agreed->payload_types[payload_type / 64 & 1] |= (uint64_t)1 << payload_type % 64;
}

bool pp_agreed_allows(const pp_agreed *agreed, unsigned payload_type)
{
    return agreed->payload_types[payload_type / 64 & 1] >> payload_type % 64 & 1;
}

/* --- one -------------------------------------------------------------------------------------- */

int pp_transceiver_new(pp_peer *peer, const pp_kind *kind, pp_transceiver **out)
{
    pp_transceiver *transceiver = pp_zalloc(kind->size);
    int err = 0;

    if (!transceiver)
        return PIPIT_ERR_MEMORY;
    transceiver->kind = kind;
    transceiver->peer = peer;
    transceiver->references = 1;
    transceiver->now.index = PP_NO_SECTION;
    transceiver->before.index = PP_NO_SECTION;
    transceiver->ssrc = pp_rng_u32(&peer->loop->rng);
    pp_rng_token(&peer->loop->rng, transceiver->track, sizeof(transceiver->track) - 1);
    transceiver->sent.round_trip_ms = -1;
    transceiver->sent.remote_fraction_lost = -1;
    transceiver->sent.remote_jitter_ms = -1;
    if (kind->begin)
        err = kind->begin(transceiver);
    if (err)
        pp_transceiver_unref(transceiver);
    else
        *out = transceiver;
    return err;
}

pp_transceiver *pp_transceiver_ref(pp_transceiver *transceiver)
{
    transceiver->references++;
    return transceiver;
}

pp_transceiver *pp_transceiver_unref(pp_transceiver *transceiver)
{
    if (!transceiver || --transceiver->references)
        return NULL;
    if (transceiver->kind->free)
        transceiver->kind->free(transceiver);
    pp_agreed_unref(transceiver->now.agreed);
    pp_agreed_unref(transceiver->before.agreed);
    pp_free(transceiver);
    return NULL;
}

pp_direction pp_transceiver_wish(const pp_transceiver *transceiver)
{
    if (!transceiver->peer->held)
        return transceiver->direction;
    return pp_direction_both(transceiver->direction, PP_SENDONLY);
}

bool pp_peer_speaks_of(const pp_transceiver *transceiver, bool offer)
{
    if (!transceiver || transceiver->stopped)
        return false;
    return transceiver->now.agreed || (offer && !transceiver->now.refused);
}

/* --- the list --------------------------------------------------------------------------------- */

int pp_peer_reserve(pp_peer *peer, size_t count)
{
    size_t capacity = peer->transceiver_count + count;
    pp_transceiver **list;

    if (capacity <= peer->transceiver_capacity)
        return 0;
    list = pp_realloc(peer->transceivers, capacity * sizeof(pp_transceiver *));
    if (!list)
        return PIPIT_ERR_MEMORY;
    peer->transceivers = list;
    peer->transceiver_capacity = capacity;
    return 0;
}

void pp_peer_add(pp_peer *peer, pp_transceiver *transceiver)
{
    peer->transceivers[peer->transceiver_count++] = transceiver;
}

void pp_peer_remove(pp_peer *peer, pp_transceiver *transceiver)
{
    size_t at = 0;

    while (at < peer->transceiver_count && peer->transceivers[at] != transceiver)
        at++;
    if (at == peer->transceiver_count)
        return;
    peer->transceiver_count--;
    for (; at < peer->transceiver_count; at++)
        peer->transceivers[at] = peer->transceivers[at + 1];
    pp_peer_forget_source(peer, transceiver);
    transceiver->peer = NULL;
    pp_transceiver_unref(transceiver);
}

pp_transceiver *pp_peer_in_section(const pp_peer *peer, size_t index)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->now.index == index)
            return peer->transceivers[i];
    return NULL;
}

pp_transceiver *pp_peer_first_of(const pp_peer *peer, const pp_kind *kind)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (peer->transceivers[i]->kind == kind)
            return peer->transceivers[i];
    return NULL;
}

int pp_peer_apply(pp_peer *peer)
{
    int err = 0;

    for (size_t i = 0; !err && pp_peer_has_keys(peer) && i < peer->transceiver_count; i++)
        if (pp_transceiver_is_agreed(peer->transceivers[i]))
            err = peer->transceivers[i]->kind->apply(peer->transceivers[i]);
    pp_peer_wake(peer);
    return err;
}

/* --- places ----------------------------------------------------------------------------------- */

static bool is_taken(const pp_peer *peer, const pp_place *asking)
{
    const pp_sdp *remote = peer->terms.remote;

    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (&peer->transceivers[i]->now != asking &&
            strcmp(peer->transceivers[i]->now.mid, asking->mid) == 0)
            return true;
    return remote && pp_sdp_media_of_mid(remote, pp_str_c(asking->mid));
}

void pp_peer_choose_mid(const pp_peer *peer, pp_place *place)
{
    unsigned number = 0;

    do
        snprintf(place->mid, sizeof(place->mid), "%u", number++);
    while (is_taken(peer, place));
}

/* RFC 8829 section 5.2.2: the place of a section that both have given up is used again, under another mid. */
static size_t free_place(const pp_peer *peer, size_t count)
{
    const pp_sdp *remote = peer->terms.remote;

    for (size_t i = 0; i < count; i++)
        if (remote && i < remote->media_count && remote->media[i].port == 0 &&
            !pp_peer_in_section(peer, i))
            return i;
    return count;
}

size_t pp_peer_give_places(pp_peer *peer, size_t count)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->now.index == PP_NO_SECTION && !transceiver->stopped) {
            pp_peer_choose_mid(peer, &transceiver->now);
            transceiver->now.index = free_place(peer, count);
            transceiver->offered = true;
        }
        transceiver->offering = pp_transceiver_wish(transceiver);
        if (transceiver->now.index != PP_NO_SECTION && transceiver->now.index >= count)
            count = transceiver->now.index + 1;
    }
    return count;
}

void pp_peer_take_places_back(pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (!transceiver->offered)
            continue;
        transceiver->now.index = PP_NO_SECTION;
        transceiver->now.mid[0] = '\0';
        transceiver->offered = false;
    }
}

void pp_peer_remember_places(pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        peer->transceivers[i]->before = peer->transceivers[i]->now;
        pp_agreed_ref(peer->transceivers[i]->before.agreed);
    }
}

void pp_peer_restore_places(pp_peer *peer)
{
    for (size_t i = peer->transceiver_count; i-- > 0;) {
        pp_transceiver *transceiver = peer->transceivers[i];

        pp_agreed_unref(transceiver->now.agreed);
        transceiver->now = transceiver->before;
        transceiver->before = (pp_place){.index = PP_NO_SECTION};
        if (transceiver->made_by_offer)
            pp_peer_remove(peer, transceiver);
    }
}

void pp_peer_forget_places(pp_peer *peer)
{
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        pp_agreed_unref(transceiver->before.agreed);
        transceiver->before = (pp_place){.index = PP_NO_SECTION};
        transceiver->made_by_offer = false;
    }
}
