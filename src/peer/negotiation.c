/* negotiation.c - descriptions of an application that signals by itself: which may come in which state (RFC 8829 section 3.2, W3C
 * section 4.4.1.5). */
#include "base/alloc.h"
#include "base/error.h"
#include "peer/front.h"
#include "peer/inside.h"

enum { OFFER, ANSWER }; /* of pp_front.made */

int pp_peer_check_own(const pp_peer *peer)
{
    if (!peer)
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: which connection?");
    if (peer->only_own)
        return pp_error(PIPIT_ERR_STATE, "peer: the connection is a call's");
    if (peer->closed)
        return pp_error(PIPIT_ERR_STATE, "peer: the connection is closed");
    return 0;
}

static int check_state(const pp_peer *peer, pipit_signaling_state one, pipit_signaling_state other,
                       const char *what)
{
    unsigned state = peer->said.signaling;

    if (state == (unsigned)one || state == (unsigned)other)
        return 0;
    return pp_error(PIPIT_ERR_STATE, "peer: %s does not fit the state %s", what,
                    pipit_signaling_state_name((pipit_signaling_state)state));
}

/* Who makes the first offer that comes to something controls ICE (RFC 8445 section 6.1.1). */
static void set_offerer(pp_peer *peer, bool offerer)
{
    pp_ice *first = peer->ice[PP_PEER_ICE_USED];

    if (first && pp_ice_get_state(first) != PP_ICE_NEW)
        return;
    peer->offerer = offerer;
    if (first)
        pp_ice_set_controlling(first, offerer);
}

static void forget_made(pp_peer *peer, unsigned which)
{
    pp_free(peer->front->made[which]);
    peer->front->made[which] = NULL;
}

/* --- made ------------------------------------------------------------------------------------- */

static int make(pp_peer *peer, unsigned which)
{
    pp_buf sdp = {0};
    char *text = NULL;
    int err;

    if (which == OFFER)
        set_offerer(peer, true);
    err = which == OFFER ? pp_peer_create_offer(peer, &sdp) : pp_peer_create_answer(peer, &sdp);
    if (!err)
        err = pp_buf_take(&sdp, &text);
    pp_buf_free(&sdp);
    if (err)
        return err;
    forget_made(peer, which);
    peer->front->made[which] = text;
    return 0;
}

static int make_for(pp_peer *peer, unsigned which, char **out)
{
    char *copy;
    int err = make(peer, which);

    if (err)
        return err;
    copy = pp_strdup(peer->front->made[which]);
    if (!copy)
        return PIPIT_ERR_MEMORY;
    *out = copy;
    return 0;
}

static int check_offer(const pp_peer *peer)
{
    return check_state(peer, PIPIT_SIGNALING_STABLE, PIPIT_SIGNALING_HAVE_LOCAL_OFFER, "an offer");
}

static int check_answer(const pp_peer *peer)
{
    return check_state(peer, PIPIT_SIGNALING_HAVE_REMOTE_OFFER, PIPIT_SIGNALING_HAVE_LOCAL_PRANSWER,
                       "an answer");
}

int pipit_peer_create_offer(pipit_peer *peer, char **out)
{
    int err = pp_peer_check_own(peer);

    if (!err && !out)
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: where does the offer go?");
    if (!err)
        err = check_offer(peer);
    return err ? err : make_for(peer, OFFER, out);
}

int pipit_peer_create_answer(pipit_peer *peer, char **out)
{
    int err = pp_peer_check_own(peer);

    if (!err && !out)
        err = pp_error(PIPIT_ERR_ARGUMENT, "peer: where does the answer go?");
    if (!err)
        err = check_answer(peer);
    return err ? err : make_for(peer, ANSWER, out);
}

/* --- ours ------------------------------------------------------------------------------------- */

/* What was made last, and nothing else; made now when there is no text. */
static int choose_text(pp_peer *peer, unsigned which, const char *sdp)
{
    const char *made = peer->front->made[which];

    if (!sdp)
        return make(peer, which);
    if (!made || strcmp(made, sdp) != 0)
        return pp_error(PIPIT_ERR_SYNTAX, "peer: this is not the description that was made last");
    return 0;
}

static void stand(pp_peer *peer, unsigned which, pipit_description_type type)
{
    char *text = peer->front->made[which];

    peer->front->made[which] = NULL;
    pp_peer_say(peer, type, text);
    pp_front_candidates(peer);
}

/* Both sides agree: sections that were given up are nobody's from now on. */
static void settle(pp_peer *peer)
{
    pp_peer_settle(peer);
    for (size_t i = peer->transceiver_count; i-- > 0;) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->now.index != PP_NO_SECTION && !transceiver->now.agreed &&
            !transceiver->offered)
            transceiver->stopped = true;
        if (transceiver->stopped)
            pp_peer_remove(peer, transceiver);
    }
    pp_front_settled(peer);
}

static int set_local_offer(pp_peer *peer, const char *sdp)
{
    int err = check_offer(peer);

    if (!err)
        err = choose_text(peer, OFFER, sdp);
    if (!err)
        stand(peer, OFFER, PIPIT_DESCRIPTION_OFFER);
    return err;
}

static int set_local_answer(pp_peer *peer, const pipit_description *description)
{
    int err = check_answer(peer);

    if (!err)
        err = choose_text(peer, ANSWER, description->sdp);
    if (!err)
        err = pp_peer_start_answer(peer);
    if (err)
        return err;
    stand(peer, ANSWER, description->type);
    if (description->type == PIPIT_DESCRIPTION_ANSWER)
        settle(peer);
    return 0;
}

/* W3C section 4.4.1.5: neither a stable state nor a provisional answer can be taken back. */
static int roll_back(pp_peer *peer, pipit_signaling_state wanted)
{
    int err = check_state(peer, wanted, wanted, "a rollback");

    if (err)
        return err;
    pp_peer_rollback(peer);
    forget_made(peer, OFFER);
    forget_made(peer, ANSWER);
    pp_front_settled(peer);
    return 0;
}

int pipit_peer_set_local_description(pipit_peer *peer, const pipit_description *description)
{
    pipit_description implicit = {0};
    int err = pp_peer_check_own(peer);

    if (err)
        return err;
    if (!description) {
        implicit.type = check_answer(peer) ? PIPIT_DESCRIPTION_OFFER : PIPIT_DESCRIPTION_ANSWER;
        description = &implicit;
    }
    switch (description->type) {
    case PIPIT_DESCRIPTION_OFFER:
        return set_local_offer(peer, description->sdp);
    case PIPIT_DESCRIPTION_PRANSWER:
    case PIPIT_DESCRIPTION_ANSWER:
        return set_local_answer(peer, description);
    case PIPIT_DESCRIPTION_ROLLBACK:
        return roll_back(peer, PIPIT_SIGNALING_HAVE_LOCAL_OFFER);
    default:
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: there is no such type of description");
    }
}

/* --- theirs ----------------------------------------------------------------------------------- */

static int check_syntax(const char *sdp)
{
    pp_sdp *parsed;
    int err = pp_sdp_parse(pp_str_c(sdp), &parsed);

    if (!err)
        pp_sdp_free(parsed);
    return err;
}

/* RFC 8829 section 4.1.10.2: what was gathered for an offer that came to nothing goes. New sockets know to keep away from the far
 * end's addresses. */
static void drop_unused_ice(pp_peer *peer)
{
    pp_ice *first = peer->ice[PP_PEER_ICE_USED];

    if (!first || pp_ice_get_state(first) != PP_ICE_NEW)
        return;
    peer->ice[PP_PEER_ICE_USED] = pp_ice_free(first);
    pp_peer_close_idle_bases(peer);
}

static int set_remote_offer(pp_peer *peer, const char *sdp)
{
    int err = 0;

    if (peer->said.signaling != PIPIT_SIGNALING_HAVE_LOCAL_OFFER)
        err = check_state(peer, PIPIT_SIGNALING_STABLE, PIPIT_SIGNALING_HAVE_REMOTE_OFFER,
                          "an offer of theirs");
    if (!err)
        err = check_syntax(sdp);
    if (err)
        return err;
    if (peer->said.signaling != PIPIT_SIGNALING_STABLE)
        pp_peer_rollback(peer);
    forget_made(peer, OFFER);
    forget_made(peer, ANSWER);
    drop_unused_ice(peer);
    set_offerer(peer, false);
    err = pp_peer_set_remote(peer, true, pp_str_c(sdp));
    if (err)
        pp_front_settled(peer);
    return err;
}

static int set_remote_answer(pp_peer *peer, const pipit_description *description)
{
    int err = check_state(peer, PIPIT_SIGNALING_HAVE_LOCAL_OFFER,
                          PIPIT_SIGNALING_HAVE_REMOTE_PRANSWER, "an answer of theirs");

    if (!err && description->type == PIPIT_DESCRIPTION_PRANSWER)
        return pp_peer_set_remote_provisional(peer, pp_str_c(description->sdp));
    if (!err)
        err = pp_peer_set_remote(peer, false, pp_str_c(description->sdp));
    if (!err)
        settle(peer);
    return err;
}

int pipit_peer_set_remote_description(pipit_peer *peer, const pipit_description *description)
{
    int err = pp_peer_check_own(peer);

    if (err)
        return err;
    if (!description || (description->type != PIPIT_DESCRIPTION_ROLLBACK && !description->sdp))
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: which description?");
    switch (description->type) {
    case PIPIT_DESCRIPTION_OFFER:
        err = set_remote_offer(peer, description->sdp);
        break;
    case PIPIT_DESCRIPTION_PRANSWER:
    case PIPIT_DESCRIPTION_ANSWER:
        err = set_remote_answer(peer, description);
        break;
    case PIPIT_DESCRIPTION_ROLLBACK:
        return roll_back(peer, PIPIT_SIGNALING_HAVE_REMOTE_OFFER);
    default:
        return pp_error(PIPIT_ERR_ARGUMENT, "peer: there is no such type of description");
    }
    if (!err)
        pp_front_tracks(peer);
    return err;
}

int pipit_peer_restart_ice(pipit_peer *peer)
{
    int err = pp_peer_check_own(peer);

    if (!err)
        err = pp_peer_restart_ice(peer, true);
    if (!err)
        pp_front_check(peer);
    return err;
}
