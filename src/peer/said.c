/* said.c - the descriptions that stand, and the state of the signalling that follows from them (RFC 8829 section 3.2, W3C
 * section 4.4.1.5). It takes things as they come: that they come in order is checked where the application is heard (negotiation.c). */
#include "base/alloc.h"
#include "base/error.h"
#include "peer/front.h"
#include "peer/inside.h"
#include "sdp/edit.h"

static void set_signaling(pp_peer *peer, pipit_signaling_state state)
{
    peer->said.signaling = (uint8_t)state;
    pp_front_state(peer, PP_FRONT_SIGNALING);
}

static void replace(char **old, char *new)
{
    pp_free(*old);
    *old = new;
}

void pp_peer_say(pp_peer *peer, pipit_description_type type, char *text)
{
    pp_said *said = &peer->said;

    if (type != PIPIT_DESCRIPTION_ANSWER) {
        replace(&said->pending, text);
        said->pending_type = (uint8_t)type;
        set_signaling(peer, type == PIPIT_DESCRIPTION_OFFER ? PIPIT_SIGNALING_HAVE_LOCAL_OFFER
                                                            : PIPIT_SIGNALING_HAVE_LOCAL_PRANSWER);
        return;
    }
    if (said->signaling != PIPIT_SIGNALING_STABLE) {
        replace(&said->before, said->local);
        said->before_type = said->local_type;
        said->local = NULL;
    }
    replace(&said->local, text);
    replace(&said->pending, NULL);
    said->local_type = (uint8_t)type;
    set_signaling(peer, PIPIT_SIGNALING_STABLE);
}

void pp_peer_hear(pp_peer *peer, pipit_description_type type)
{
    pp_said *said = &peer->said;

    if (type == PIPIT_DESCRIPTION_OFFER) {
        said->remote_type_before = said->remote_type;
        set_signaling(peer, PIPIT_SIGNALING_HAVE_REMOTE_OFFER);
    } else if (type == PIPIT_DESCRIPTION_PRANSWER) {
        set_signaling(peer, PIPIT_SIGNALING_HAVE_REMOTE_PRANSWER);
    } else {
        said->previous = pp_sdp_free(said->previous);
        if (said->pending) {
            replace(&said->local, said->pending);
            said->local_type = said->pending_type;
            said->pending = NULL;
        }
        set_signaling(peer, PIPIT_SIGNALING_STABLE);
    }
    said->remote_type = (uint8_t)type;
}

void pp_peer_unsay(pp_peer *peer)
{
    pp_said *said = &peer->said;

    if (said->signaling != PIPIT_SIGNALING_HAVE_LOCAL_OFFER && peer->offer != PP_PEER_NO_OFFER)
        said->remote_type = said->remote_type_before;
    if (peer->offer == PP_PEER_ANSWERED && said->signaling == PIPIT_SIGNALING_STABLE) {
        replace(&said->local, said->before);
        said->local_type = said->before_type;
        said->before = NULL;
    }
    replace(&said->pending, NULL);
    set_signaling(peer, PIPIT_SIGNALING_STABLE);
}

void pp_peer_settle_said(pp_peer *peer)
{
    replace(&peer->said.before, NULL);
}

void pp_peer_free_said(pp_peer *peer)
{
    pp_free(peer->said.local);
    pp_free(peer->said.pending);
    pp_free(peer->said.before);
    pp_sdp_free(peer->said.previous);
}

/* --- given out -------------------------------------------------------------------------------- */

enum { LOCAL_CURRENT, LOCAL_PENDING, REMOTE_CURRENT, REMOTE_PENDING };

static bool give(pp_peer *peer, unsigned which, pp_buf *text)
{
    char *taken = NULL;

    if (pp_front_make(peer) < 0 || pp_buf_take(text, &taken) < 0) {
        pp_buf_free(text);
        return false;
    }
    replace(&peer->front->texts[which], taken);
    return true;
}

/* With the candidates that were found since it was made. */
static int add_candidates(pp_peer *peer, pp_sdp *sdp)
{
    pp_sdp_section *leader = NULL;
    char text[PP_PEER_CANDIDATE];
    int err = 0;

    for (size_t i = 0; !leader && i < sdp->media_count; i++)
        if (sdp->media[i].port)
            leader = &sdp->media[i].section;
    if (!leader)
        return 0;
    pp_sdp_remove_attribute(leader, "candidate");
    pp_sdp_remove_attribute(leader, "end-of-candidates");
    for (size_t i = 0; !err && pp_peer_candidate(peer, i, text); i++)
        err = pp_sdp_add_attribute(sdp, leader, "candidate", "%s", text);
    if (!err && pp_peer_gathering_state(peer) == PIPIT_ICE_GATHERING_COMPLETE)
        err = pp_sdp_add_attribute(sdp, leader, "end-of-candidates", NULL);
    return err;
}

static bool local(pp_peer *peer, unsigned which, pipit_description *out)
{
    const pp_said *said = &peer->said;
    const char *text = which == LOCAL_PENDING ? said->pending : said->local;
    pp_sdp *sdp = NULL;
    pp_buf buf = {0};
    int err;

    if (!text)
        return false;
    err = pp_sdp_parse(pp_str_c(text), &sdp);
    if (!err && !peer->closed && (which == LOCAL_PENDING || !said->pending))
        err = add_candidates(peer, sdp);
    if (!err)
        pp_sdp_write(sdp, &buf);
    pp_sdp_free(sdp);
    if (err || !give(peer, which, &buf)) {
        pp_buf_free(&buf);
        return false;
    }
    out->type =
        (pipit_description_type)(which == LOCAL_PENDING ? said->pending_type : said->local_type);
    out->sdp = peer->front->texts[which];
    return true;
}

static bool is_theirs_open(const pp_peer *peer)
{
    return peer->said.signaling == PIPIT_SIGNALING_HAVE_REMOTE_OFFER ||
           peer->said.signaling == PIPIT_SIGNALING_HAVE_LOCAL_PRANSWER;
}

static const pp_sdp *remote_sdp(const pp_peer *peer, unsigned which, pipit_description_type *type)
{
    bool provisional = peer->said.signaling == PIPIT_SIGNALING_HAVE_REMOTE_PRANSWER;

    *type = (pipit_description_type)peer->said.remote_type;
    if (which == REMOTE_PENDING)
        return is_theirs_open(peer) || provisional ? peer->terms.remote : NULL;
    if (provisional) {
        *type = PIPIT_DESCRIPTION_ANSWER; /* whatever stood was negotiated */
        return peer->said.previous;
    }
    if (!is_theirs_open(peer))
        return peer->terms.remote;
    *type = (pipit_description_type)peer->said.remote_type_before;
    return peer->before.remote;
}

static bool remote(pp_peer *peer, unsigned which, pipit_description *out)
{
    pipit_description_type type;
    const pp_sdp *sdp = remote_sdp(peer, which, &type);
    pp_buf buf = {0};

    if (!sdp)
        return false;
    pp_sdp_write(sdp, &buf);
    if (!give(peer, which, &buf))
        return false;
    out->type = type;
    out->sdp = peer->front->texts[which];
    return true;
}

bool pipit_peer_pending_local_description(pipit_peer *peer, pipit_description *out)
{
    return peer && out && local(peer, LOCAL_PENDING, out);
}

bool pipit_peer_current_local_description(pipit_peer *peer, pipit_description *out)
{
    return peer && out && local(peer, LOCAL_CURRENT, out);
}

bool pipit_peer_local_description(pipit_peer *peer, pipit_description *out)
{
    return pipit_peer_pending_local_description(peer, out) ||
           pipit_peer_current_local_description(peer, out);
}

bool pipit_peer_pending_remote_description(pipit_peer *peer, pipit_description *out)
{
    return peer && out && remote(peer, REMOTE_PENDING, out);
}

bool pipit_peer_current_remote_description(pipit_peer *peer, pipit_description *out)
{
    return peer && out && remote(peer, REMOTE_CURRENT, out);
}

bool pipit_peer_remote_description(pipit_peer *peer, pipit_description *out)
{
    return pipit_peer_pending_remote_description(peer, out) ||
           pipit_peer_current_remote_description(peer, out);
}
