/* trickle.c - candidates that come one by one, ours to the application and the far end's from it (RFC 8838, 8840 section 4.4). */
#include "base/error.h"
#include "peer/front.h"
#include "peer/inside.h"
#include "sdp/bundle.h"

#include <stdio.h>

/* --- ours ------------------------------------------------------------------------------------- */

/* Each is told once; those of a new agent, after a restart, are others. */
void pp_front_candidates(pp_peer *peer)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    pp_front *front = peer->front;
    char text[PP_PEER_CANDIDATE];

    if (!front || !ice || (!peer->said.local && !peer->said.pending))
        return;
    if (strcmp(front->ufrag, pp_ice_ufrag(ice)) != 0) {
        snprintf(front->ufrag, sizeof(front->ufrag), "%s", pp_ice_ufrag(ice));
        front->agent++;
        front->candidates = 0;
        front->candidates_end = false;
    }
    pp_front_state(peer, PP_FRONT_GATHERING);
    while (pp_peer_candidate(peer, front->candidates, text) &&
           pp_front_candidate(peer, front->candidates))
        front->candidates++;
    if (!front->candidates_end && pp_peer_gathering_state(peer) == PIPIT_ICE_GATHERING_COMPLETE)
        front->candidates_end = pp_front_candidate(peer, PP_FRONT_NO_MORE);
}

static const pp_transceiver *leader(const pp_peer *peer)
{
    const pp_transceiver *first = NULL;

    for (size_t i = 0; i < peer->transceiver_count; i++) {
        const pp_transceiver *one = peer->transceivers[i];

        if (one->now.index != PP_NO_SECTION && !one->stopped && !one->now.refused &&
            (!first || one->now.index < first->now.index))
            first = one;
    }
    return first;
}

void pp_front_tell_candidate(pp_peer *peer, const pipit_peer_handlers *handlers, void *user,
                             unsigned number)
{
    const pp_transceiver *section = leader(peer);
    char text[PP_PEER_CANDIDATE], line[PP_PEER_CANDIDATE + 16];
    pipit_ice_candidate candidate = {.candidate = line, .username_fragment = peer->front->ufrag};

    if (!handlers->ice_candidate)
        return;
    if (number == PP_FRONT_NO_MORE) {
        handlers->ice_candidate(peer, NULL, user);
        return;
    }
    if (!section || !pp_peer_candidate(peer, number, text))
        return;
    snprintf(line, sizeof(line), "candidate:%s", text);
    candidate.sdp_mid = section->now.mid;
    candidate.sdp_mline_index = (unsigned)section->now.index;
    handlers->ice_candidate(peer, &candidate, user);
}

/* --- theirs ----------------------------------------------------------------------------------- */

/* The section it names, by its mid or by its place; NULL: there is none. */
static pp_sdp_media *section_of(const pp_peer *peer, const pipit_ice_candidate *candidate)
{
    pp_sdp *remote = peer->terms.remote;
    const pp_sdp_media *named;

    if (!candidate->sdp_mid)
        return candidate->sdp_mline_index < remote->media_count
                   ? &remote->media[candidate->sdp_mline_index]
                   : NULL;
    named = pp_sdp_media_of_mid(remote, pp_str_c(candidate->sdp_mid));
    return named ? &remote->media[named - remote->media] : NULL;
}

/* "candidate:…", as events have it, or with "a=" in front of it as descriptions do. */
static int parse(const char *text, pp_str *value, pp_sdp_candidate *out)
{
    pp_str line = pp_str_c(text);

    if (pp_str_starts(line, "a="))
        line = pp_str_sub(line, 2, line.n);
    if (!pp_str_starts(line, "candidate:") || !pp_str_is_line(line))
        return pp_error(PIPIT_ERR_SYNTAX, "ice: '%s' is no candidate", text);
    *value = pp_str_sub(line, strlen("candidate:"), line.n);
    return pp_sdp_candidate_parse(*value, out);
}

/* Of which exchange it is: a candidate of an earlier one, or of one that was taken back, is nobody's any more. */
static bool is_of_now(const pp_peer *peer, const pipit_ice_candidate *candidate,
                      const pp_sdp_candidate *parsed)
{
    pp_str ufrag, pwd, named = pp_str_c(candidate->username_fragment);

    if (!named.n && !pp_sdp_candidate_extension(parsed, "ufrag", &named))
        return true;
    return peer->terms.transport != PP_NO_SECTION &&
           pp_sdp_ice(peer->terms.remote, &peer->terms.remote->media[peer->terms.transport], &ufrag,
                      &pwd) &&
           pp_str_eq(ufrag, named);
}

/* RFC 8840 section 4.4: by address, port, transport and component. */
static bool is_same(pp_str known, const pp_sdp_candidate *candidate)
{
    pp_sdp_candidate k;

    return pp_sdp_candidate_parse(known, &k) == 0 && pp_str_ieq(k.address, candidate->address) &&
           k.port == candidate->port && pp_str_ieq(k.transport, candidate->transport) &&
           k.component == candidate->component;
}

/* How many the description has; SIZE_MAX: this one is among them. */
static size_t count_others(const pp_sdp_section *section, const pp_sdp_candidate *candidate)
{
    size_t count = 0, at = 0;
    pp_str known;

    while (pp_sdp_next(section, "candidate", &at, &known)) {
        if (is_same(known, candidate))
            return SIZE_MAX;
        count++;
    }
    return count;
}

/* Whether the newest agent checks what the last description of theirs is about. */
static bool is_under_way(const pp_peer *peer)
{
    const pp_ice *ice = pp_peer_newest_ice(peer);
    pp_str ufrag, pwd;

    return ice &&
           pp_sdp_ice(peer->terms.remote, &peer->terms.remote->media[peer->terms.transport], &ufrag,
                      &pwd) &&
           pp_ice_remote_is(ice, ufrag, pwd);
}

/* The description has it from now on, for an answer that is not made yet, and the agent when there is one. */
int pp_peer_take_candidate(pp_peer *peer, pp_str value)
{
    pp_sdp *remote = peer->terms.remote;
    pp_sdp_section *section;
    pp_sdp_candidate parsed;
    size_t count;
    int err = pp_sdp_candidate_parse(value, &parsed);

    if (err || peer->terms.transport == PP_NO_SECTION)
        return err;
    section = &remote->media[peer->terms.transport].section;
    count = count_others(section, &parsed);
    if (count == SIZE_MAX)
        return 0;
    if (count >= PP_LIMIT_ICE_REMOTE_CANDIDATES)
        return pp_error(PIPIT_ERR_LIMIT, "ice: more than %u candidates",
                        PP_LIMIT_ICE_REMOTE_CANDIDATES);
    if (is_under_way(peer)) /* first: what the description has is not looked at again */
        err = pp_peer_add_candidate(peer, pp_peer_newest_ice(peer), value);
    if (!err)
        err = pp_sdp_add_attribute(remote, section, "candidate", "%.*s", PP_STR(value));
    if (!err)
        pp_peer_schedule(peer);
    return err;
}

int pipit_peer_add_ice_candidate(pipit_peer *peer, const pipit_ice_candidate *candidate)
{
    pp_sdp_candidate parsed;
    pp_str value;
    int err = pp_peer_check_own(peer);

    if (!err && !peer->terms.remote)
        err = pp_error(PIPIT_ERR_STATE, "ice: there is no description of theirs yet");
    if (err || !candidate || !candidate->candidate || !candidate->candidate[0])
        return err;
    err = parse(candidate->candidate, &value, &parsed);
    if (!err && !section_of(peer, candidate))
        err = pp_error(PIPIT_ERR_ARGUMENT, "ice: the description has no such section");
    if (!err && !is_of_now(peer, candidate, &parsed))
        err = pp_error(PIPIT_ERR_STATE, "ice: a candidate of another description");
    return err ? err : pp_peer_take_candidate(peer, value);
}
