/* provisional_in.c - what comes before the answer of a call of ours: ringing, descriptions, and what wants a PRACK (RFC 3262). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

/* --- PRACK ------------------------------------------------------------------------------------ */

/* One that carried an answer of ours was refused: that far end, whose tag this is, has none. Others do, or the call went on elsewhere. */
static void on_pracked(pipit_session *session, const pp_message *response, pipit_cause cause,
                       void *arg)
{
    pp_ending ending = {
        .originator = response ? PIPIT_REMOTE : PIPIT_SYSTEM, .cause = cause, .message = response};
    char *tag = arg;
    pp_fork *fork = pp_fork_find(session, pp_str_c(tag));

    pp_free(tag);
    if (cause == PIPIT_CAUSE_NONE || !fork || !pp_session_alive(session) || session->dialog)
        return;
    if (fork == session->branch)
        pp_session_give_up(session, 500, "PRACK Failed", &ending);
    else
        pp_branch_failed(fork);
}

int pp_prack_make(pipit_session *session, const pp_fork *fork, const char *sdp, pp_outgoing **out)
{
    const pp_outgoing *invite = pp_request_sender_request(session->inviter);
    pp_outgoing *prack = NULL;
    int err = pp_dialog_request(fork->dialog, PP_PRACK, 0, &prack);

    if (err)
        return err;
    pp_outgoing_add_format(prack, PP_HEADER_RACK, "%lu %lu INVITE", (unsigned long)fork->rseq,
                           (unsigned long)pp_outgoing_cseq(invite));
    pp_ua_finish_request(session->ua, prack);
    if (sdp)
        pp_outgoing_set_sdp(prack, pp_str_c(sdp));
    err = pp_outgoing_error(prack);
    if (err)
        pp_outgoing_unref(prack);
    else
        *out = prack;
    return err;
}

int pp_prack_send(pipit_session *session, pp_fork *fork, const char *sdp)
{
    pp_session_errand how = {.aside = true};
    pp_outgoing *prack = NULL;
    int err = pp_prack_make(session, fork, sdp, &prack);

    if (!err && sdp) {
        how.done = on_pracked;
        how.arg = pp_strdup(fork->tag);
        err = how.arg ? 0 : PIPIT_ERR_MEMORY;
    }
    if (!err)
        err = pp_session_send(session, prack, &how);
    if (err)
        pp_free(how.arg);
    else
        fork->prack = PP_PRACK_SENT;
    pp_outgoing_unref(prack);
    return err;
}

/* Where it cannot be sent the response comes again. */
void pp_prack_pay(pipit_session *session, pp_fork *fork)
{
    if (fork->prack != PP_PRACK_SENT && pp_prack_send(session, fork, NULL) < 0)
        pp_log_warn("RTCSession", "no PRACK: %s", pipit_error_message());
}

bool pp_prack_is_owed(const pipit_session *session)
{
    return session->branch && session->branch->prack == PP_PRACK_OWED && !session->dialog;
}

/* The application has made an offer that is to go in it. */
static bool is_put_off(const pipit_session *session, const pp_fork *fork)
{
    const pp_own_reoffer *own = session->own;

    return session->branch == fork && own && own->prack && !own->sender;
}

/* Section 4: who asks for a PRACK, and where we offered to send one. */
static bool is_reliable(const pipit_session *session, const pp_message *response, uint32_t *rseq)
{
    return session->ua->settings.reliable != PIPIT_RELIABLE_NONE &&
           pp_message_lists(response, PP_HEADER_REQUIRE, "100rel") &&
           pp_message_number(response, PP_HEADER_RSEQ, rseq) && *rseq;
}

/* --- descriptions ----------------------------------------------------------------------------- */

/* RFC 3261 section 13.2.1: the first description is the answer, and comes again in the 2xx. */
static void take_answer(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    int err;

    if (fork->early)
        return;
    fork->early = pp_str_dup(pp_session_sdp(response));
    err = fork->early ? pp_branch_early(session, fork, response) : PIPIT_ERR_MEMORY;
    if (err && pp_session_alive(session)) { /* the call goes on: the 2xx may be better */
        pp_log_warn("RTCSession", "early media was not used: %s", pipit_error_message());
        pp_free(fork->early);
        fork->early = NULL;
    }
}

/* 0, or an error: then it is as if it had not come, and comes again. */
static int take_reliable(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    pp_str sdp = pp_session_sdp(response);

    if (session->offerless && sdp.n && !fork->agreed)
        return pp_late_offer_in_prack(session, fork, response);
    if (sdp.n && !fork->agreed)
        take_answer(session, fork, response);
    if (!pp_session_alive(session)) /* and the fork is gone, too */
        return 0;
    fork->agreed = fork->agreed || (sdp.n && fork->early);
    fork->prack = PP_PRACK_OWED;
    return 0;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* False when it is out of order or comes again: nobody is to see it. */
static bool take(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    uint32_t rseq = 0, before = fork->rseq;
    pp_str sdp = pp_session_sdp(response);

    if (!is_reliable(session, response, &rseq) || !fork->dialog) {
        if (sdp.n && !session->offerless)
            take_answer(session, fork, response);
        return true;
    }
    if (rseq == before && !is_put_off(session, fork))
        pp_prack_pay(session, fork);
    if (before && rseq != before + 1)
        return false;
    fork->rseq = rseq;
    if (take_reliable(session, fork, response) == 0)
        return true;
    pp_log_warn("RTCSession", "no PRACK: %s", pipit_error_message());
    if (pp_session_alive(session))
        fork->rseq = before;
    return false;
}

/* RFC 3262 section 5: the PRACK may bring a new offer, of whoever hears of the response. */
static void tell(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    if (fork)
        pp_trickle_heard(session, fork->dialog, response, fork->prack == PP_PRACK_OWED);
    pp_emit_progress(session, response);
    if (fork && pp_session_alive(session) && !is_put_off(session, fork))
        pp_prack_pay(session, fork);
}

/* RFC 6228: that far end has given up. Who had to say so reliably waits for its PRACK. */
static void take_end(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    uint32_t rseq;

    if (is_reliable(session, response, &rseq) && fork->dialog) {
        fork->rseq = rseq;
        fork->prack = PP_PRACK_OWED;
        pp_prack_pay(session, fork);
    }
    pp_branch_over(session, fork);
}

void pp_session_progress(pipit_session *session, const pp_message *response)
{
    pp_fork *fork = NULL;

    if (session->dialog) /* late: the call is answered */
        return;
    if (response->status == 100) {
        pp_session_set_status(session, PIPIT_SESSION_1XX_RECEIVED);
        return;
    }
    if (!response->to_tag.n)
        return;
    if (pp_fork_of(session, response, &fork) < 0)
        pp_log_debug("RTCSession", "no early dialog: %s", pipit_error_message());
    pp_session_set_status(session, PIPIT_SESSION_1XX_RECEIVED);
    if (fork && response->status == 199) {
        take_end(session, fork, response);
        return;
    }
    if ((!fork || take(session, fork, response)) && pp_session_alive(session))
        tell(session, fork, response);
}
