/* late_offer.c - a call of ours without an offer: the far end makes it, in a reliable provisional response or in its 2xx, and the
 * PRACK or the ACK brings our answer (RFC 3261 section 13.2.1, RFC 3262 section 5). */
#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

static void refuse(pipit_session *session, const pp_message *message)
{
    pp_ending ending = {.originator = PIPIT_REMOTE,
                        .cause = PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION,
                        .message = message,
                        .reason = pipit_error_message()};

    pp_session_give_up(session, 488, NULL, &ending);
}

/* --- in a provisional response ---------------------------------------------------------------- */

/* The first one that offers is heard. Another one whose offer cannot be answered is left alone, and gives up in the end (RFC 3262
 * section 3): those that can go on. */
int pp_late_offer_in_prack(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    int err;

    if (session->branch == fork)
        return pp_error(PIPIT_ERR_STATE, "session: an offer of this far end is being answered");
    if (session->branch)
        return pp_branch_offered(session, fork, pp_session_sdp(response));
    session->branch = fork;
    err = pp_session_apply(session, true, response);
    if (!err)
        err = pp_session_make(session, PP_MAKING_PRACK_ANSWER);
    if (err && pp_session_alive(session)) {
        refuse(session, NULL);
        return 0;
    }
    return err;
}

void pp_prack_described(pipit_session *session, int error, const char *sdp)
{
    pp_fork *fork = session->branch;

    if (!error) {
        sdp = pp_emit_sdp(session, PIPIT_LOCAL, "answer", sdp);
        if (!pp_session_alive(session))
            return;
        error = pp_prack_send(session, fork, sdp);
    }
    if (error) {
        refuse(session, NULL);
        return;
    }
    fork->agreed = true;
    if (session->late) /* its 2xx was faster than we */
        pp_late_offer_in_2xx(session);
    else
        pp_emit_early_media(session, fork->tag, true);
}

/* --- not wanted ------------------------------------------------------------------------------- */

char *pp_late_offer_refusal(const pipit_session *session, const pp_message *response)
{
    pp_str offer = session->offerless ? pp_session_sdp(response) : PP_STR_NONE;
    pp_buf answer = {0};
    char *text = NULL;

    if (!offer.n || pp_media_refuse(session->ua->loop, offer, &answer) < 0 ||
        pp_buf_take(&answer, &text) < 0)
        text = NULL;
    pp_buf_free(&answer);
    return text;
}

/* --- in the 2xx ------------------------------------------------------------------------------- */

void pp_late_offer_in_2xx(pipit_session *session)
{
    pp_message *response = session->late;
    int err = 0;

    if (session->media.making == PP_MAKING_PRACK_ANSWER && session->branch == session->fork)
        return;
    if (session->fork->agreed) { /* it comes again */
        if (pp_fork_acknowledge(session, session->fork, NULL) < 0)
            pp_log_warn("RTCSession", "no ACK: %s", pipit_error_message());
        session->late = NULL;
        pp_session_answered_by(session, response);
        pp_message_unref(response);
        return;
    }
    if (!pp_session_sdp(response).n)
        err = pp_error(PIPIT_ERR_MEDIA, "session: the 2xx has no offer");
    if (!err)
        err = pp_session_apply(session, true, response);
    if (!err)
        err = pp_session_make(session, PP_MAKING_ACK_ANSWER);
    if (err && pp_session_alive(session))
        refuse(session, response);
}

void pp_ack_described(pipit_session *session, int error, const char *sdp)
{
    pp_message *response = session->late;

    if (!error) {
        sdp = pp_emit_sdp(session, PIPIT_LOCAL, "answer", sdp);
        if (!pp_session_alive(session))
            return;
        error = pp_fork_acknowledge(session, session->fork, sdp);
    }
    if (error) {
        refuse(session, response);
        return;
    }
    session->late = NULL;
    pp_session_answered_by(session, response);
    pp_message_unref(response);
}
