/* branch.c - which of the far ends of a call of ours is heard: each has got the same offer, and may answer it with a description of
 * its own (RFC 3261 section 13.2.2.4, RFC 3960); or there was none, and each makes one (RFC 3262 section 5). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/session/session.h"

/* --- what those report that are not the call's first media -------------------------------------- */

static void answered(pp_fork *fork, int error, pp_str sdp);

static void on_description(void *arg, int error, pp_str sdp)
{
    pp_fork *fork = arg;

    if (fork->session->branch == fork)
        pp_session_media_handlers.description(fork->session, error, sdp);
    else if (fork->answering)
        answered(fork, error, sdp);
}

static void on_state(void *arg, pp_media_state state, const char *reason)
{
    pp_fork *fork = arg;

    fork->state = state;
    if (fork->session->branch == fork)
        pp_session_media_handlers.state(fork->session, state, reason);
    else if (state == PP_MEDIA_FAILED)
        pp_log_debug("RTCSession", "the media of %s failed: %s", fork->tag, reason);
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    pp_fork *fork = arg;

    if (fork->session->branch == fork)
        pp_session_media_handlers.dtmf(fork->session, tone, duration_ms);
}

static void on_data_channel(void *arg, pipit_data_channel *channel)
{
    pp_fork *fork = arg;

    if (fork->session->branch == fork)
        pp_session_media_handlers.data_channel(fork->session, channel);
}

/* The offer is everybody's, and so are its candidates. */
static void on_candidate_behind(void *arg, pp_str candidate)
{
    pp_session_media_handlers.candidate_behind(((pp_fork *)arg)->session, candidate);
}

static const pp_media_session_handlers handlers = {
    .description = on_description,
    .state = on_state,
    .dtmf = on_dtmf,
    .data_channel = on_data_channel,
    .candidate_behind = on_candidate_behind,
};

/* --- one more --------------------------------------------------------------------------------- */

static size_t count_media(const pipit_session *session)
{
    size_t count = 1;

    for (const pp_fork *fork = session->forks; fork; fork = fork->next)
        count += fork->media != NULL;
    return count;
}

static int open_media(pipit_session *session, pp_fork *fork, pp_media_session **out)
{
    pp_media_session *media = session->media.session;

    if (!media->ops->fork)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "session: these media are for one far end only");
    if (count_media(session) >= PP_LIMIT_BRANCHES)
        return pp_error(PIPIT_ERR_LIMIT, "session: more than %u far ends with media",
                        PP_LIMIT_BRANCHES);
    return media->ops->fork(media, &handlers, fork, out);
}

static void close_media(pp_fork *fork)
{
    pp_media_session *media = fork->media;

    fork->media = NULL;
    fork->answering = false;
    if (media)
        media->ops->close(media);
}

void pp_branches_close(pipit_session *session)
{
    for (pp_fork *fork = session->forks; fork; fork = fork->next)
        close_media(fork);
}

/* Another one describes its media, and is there when it is wanted. */
static int add(pipit_session *session, pp_fork *fork, bool is_offer, const char *sdp)
{
    pp_media_session *media = NULL; /* the fork's when it can be heard */
    int err = open_media(session, fork, &media);
    const char *shown;

    if (err)
        return err;
    shown = pp_emit_sdp(session, PIPIT_REMOTE, is_offer ? "offer" : "answer", sdp);
    if (!pp_session_alive(session))
        err = pp_error(PIPIT_ERR_STATE, "session: it has ended");
    else
        err = media->ops->set_remote(media, is_offer, pp_str_c(shown));
    if (!err && is_offer)
        err = media->ops->create_answer(media);
    if (err) {
        media->ops->close(media);
        return err;
    }
    fork->media = media;
    fork->answering = is_offer;
    pp_trickle_described(session, fork->dialog);
    return 0;
}

/* The call may end, and its forks go, while it is shown. */
static int add_copy(pipit_session *session, pp_fork *fork, bool is_offer, pp_str sdp)
{
    char *copy = pp_str_dup(sdp);
    int err = copy ? add(session, fork, is_offer, copy) : PIPIT_ERR_MEMORY;

    pp_free(copy);
    return err;
}

int pp_branch_offered(pipit_session *session, pp_fork *fork, pp_str sdp)
{
    if (fork->answering)
        return pp_error(PIPIT_ERR_STATE, "session: an offer of this far end is being answered");
    return add_copy(session, fork, true, sdp);
}

/* Its response comes again, and with it its offer. */
static void answer_later(pp_fork *fork)
{
    pp_log_warn("RTCSession", "no PRACK: %s", pipit_error_message());
    close_media(fork);
    fork->rseq--;
}

static void answered(pp_fork *fork, int error, pp_str sdp)
{
    pipit_session *session = pipit_session_ref(fork->session);
    char *copy = error ? NULL : pp_str_dup(sdp);
    const char *shown = copy ? pp_emit_sdp(session, PIPIT_LOCAL, "answer", copy) : NULL;

    if (pp_session_alive(session)) { /* else the fork is gone, too */
        fork->answering = false;
        if (!shown || pp_prack_send(session, fork, shown) < 0) {
            answer_later(fork);
        } else {
            fork->agreed = true;
            pp_emit_early_media(session, fork->tag, false);
        }
    }
    pp_free(copy);
    pipit_session_unref(session);
}

void pp_branch_failed(pp_fork *fork)
{
    fork->agreed = false;
    close_media(fork);
}

/* The first one is heard. */
int pp_branch_early(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    int err;

    if (session->branch) {
        if (add_copy(session, fork, false, pp_str_c(fork->early)) < 0) /* it may still answer */
            pp_log_debug("RTCSession", "no early media: %s", pipit_error_message());
        else
            pp_emit_early_media(session, fork->tag, false);
        return 0;
    }
    session->branch = fork;
    err = pp_session_apply(session, false, response);
    if (!pp_session_alive(session))
        return err;
    if (err)
        session->branch = NULL;
    else
        pp_emit_early_media(session, fork->tag, true);
    return err;
}

/* --- which one is heard ----------------------------------------------------------------------- */

static int hear(pipit_session *session, pp_fork *fork)
{
    pp_media_session *media = session->media.session;
    pp_fork *before = session->branch;
    int err = media->ops->hand_over(media, fork->media);

    if (err)
        return err;
    session->media.session = fork->media;
    fork->media = NULL;
    before->media = media;
    before->state = session->media.state;
    session->branch = fork;
    session->media.state = fork->state;
    if (fork->answering)
        session->media.making = PP_MAKING_PRACK_ANSWER;
    fork->answering = false;
    pp_own_reoffer_moved(session);
    return 0;
}

int pipit_session_hear_branch(pipit_session *session, const char *branch)
{
    pp_fork *fork;
    int err;

    if (!session || !branch)
        return pp_error(PIPIT_ERR_ARGUMENT, "branch: the call or the branch is missing");
    fork = pp_session_alive(session) ? pp_fork_find(session, pp_str_c(branch)) : NULL;
    if (!fork || session->dialog)
        return pp_error(PIPIT_ERR_STATE, "branch: there is no such one, or the call is answered");
    if (fork == session->branch)
        return 0;
    if (!fork->media)
        return pp_error(PIPIT_ERR_STATE, "branch: nothing is to be heard of it");
    if (fork->answering || session->media.making != PP_MAKING_NOTHING ||
        pp_own_offer_of(session) != PP_OFFER_NONE || session->reoffer.transaction)
        return pp_error(PIPIT_ERR_STATE, "branch: an offer is in flight");
    err = hear(session, fork);
    if (err)
        return err;
    pp_own_reoffer_retell(session);
    pp_emit_early_media(session, fork->tag, true);
    return 0;
}

static void close_others(pipit_session *session, const pp_fork *than)
{
    for (pp_fork *fork = session->forks; fork; fork = fork->next)
        if (fork != than)
            close_media(fork);
}

int pp_branch_settle(pipit_session *session, pp_fork *fork)
{
    int err = 0;

    close_others(session, fork);
    if (session->branch && session->branch != fork) {
        pp_reoffer_refuse(session, 487); /* what the others were about to change is void */
        pp_own_reoffer_end(session, PIPIT_CAUSE_DIALOG_ERROR);
        if (!pp_session_alive(session))
            return 0;
        session->media.making = PP_MAKING_NOTHING;
        if (!fork->media)
            err = open_media(session, fork, &fork->media);
        if (!err)
            err = hear(session, fork);
    }
    pp_branches_close(session);
    return err;
}

void pp_branch_over(pipit_session *session, pp_fork *fork)
{
    if (session->branch == fork) /* its sound ends by itself, and nobody else's has to begin */
        return;
    pp_fork_remove(session, fork);
}
