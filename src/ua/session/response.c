/* response.c - what comes back on our INVITE in the end: answers of one or several forks, refusals. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/status.h"
#include "ua/session/session.h"

#define FORKS_MS (64 * PP_T1_MS)

/* --- answered --------------------------------------------------------------------------------- */

/* Another fork answered as well: it is acknowledged and hung up, in its own dialog. */
static void hang_up_surplus(pipit_session *session, const pp_message *response)
{
    pp_fork *fork = NULL;
    int err = pp_fork_of(session, response, &fork);
    char *refusal;

    if (err) {
        pp_ua_hang_up(session->ua, response);
        return;
    }
    refusal = fork->agreed ? NULL : pp_late_offer_refusal(session, response);
    err = pp_fork_acknowledge(session, fork, refusal);
    if (!err)
        err = pp_ua_send_bye(session->ua, fork->dialog);
    pp_free(refusal);
    if (err)
        pp_log_warn("RTCSession", "a fork was not hung up: %s", pipit_error_message());
}

static void wait_for_forks(pipit_session *session);

/* The time for answers of other forks is over. */
static void on_forks_end(void *arg)
{
    pipit_session *session = arg;

    if (session->late) { /* its ACK waits for our answer */
        wait_for_forks(session);
        return;
    }
    session->inviter = pp_request_sender_forget(session->inviter);
    pp_forks_settle(session);
    pp_session_settle(session);
}

static void wait_for_forks(pipit_session *session)
{
    pp_loop_start_timer(session->ua->loop, &session->setup->forks_end, FORKS_MS, on_forks_end,
                        session);
}

/* What was agreed reliably is not looked at again (RFC 3261 section 13.2.1). */
static bool is_early_answer(const pipit_session *session, const pp_message *response)
{
    const pp_fork *fork = session->fork;

    if (session->branch != fork)
        return false;
    return fork->agreed || (fork->early && (!response->body.n ||
                                            pp_str_eq_c(pp_session_sdp(response), fork->early)));
}

static int apply_answer(pipit_session *session, const pp_message *response)
{
    if (is_early_answer(session, response))
        return 0;
    if (!pp_session_sdp(response).n)
        return pp_error(PIPIT_ERR_MEDIA, "session: the answer has no description");
    return pp_session_apply(session, false, response);
}

static void refuse_answer(pipit_session *session, const pp_message *response)
{
    pp_ending ending = {.originator = PIPIT_REMOTE,
                        .cause = PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION,
                        .message = response,
                        .reason = pipit_error_message()};

    if (response->body.n)
        pp_session_give_up(session, 488, "Not Acceptable Here", &ending);
    else
        pp_session_give_up(session, 400, "Missing SDP", &ending);
}

void pp_session_answered_by(pipit_session *session, const pp_message *response)
{
    session->accepted = true;
    session->start_ms = pp_loop_wall_us(session->ua->loop) / 1000;
    pp_session_timer_read(session, response);
    pp_emit_accepted(session, response);
    if (pp_session_alive(session))
        pp_emit_confirmed(session, NULL);
    if (pp_session_alive(session))
        pp_hold_look(session);
    if (pp_session_alive(session))
        pp_own_reoffer_retell(session);
}

static void take_answer(pipit_session *session, const pp_message *response)
{
    int err = apply_answer(session, response);

    if (!pp_session_alive(session))
        return;
    if (err) {
        refuse_answer(session, response);
        return;
    }
    pp_session_answered_by(session, response);
}

/* The far end that has answered gets its place. False when the call is over. */
static bool settle(pipit_session *session, pp_fork *fork, const pp_message *response)
{
    int err = pp_branch_settle(session, fork);

    if (!pp_session_alive(session))
        return false;
    if (err)
        pp_log_warn("RTCSession", "another far end was heard than the one that answered: %s",
                    pipit_error_message());
    if (err && session->offerless) { /* what was agreed with the other one is of no use here */
        session->late = pp_message_ref(response);
        refuse_answer(session, response);
        return false;
    }
    pp_own_reoffer_overtaken(session);
    return true;
}

static void succeed(pipit_session *session, const pp_message *response)
{
    pp_ending ending = {
        .originator = PIPIT_REMOTE, .cause = PIPIT_CAUSE_INTERNAL_ERROR, .message = response};
    pp_fork *fork = pp_fork_find(session, response->to_tag);

    if (fork && fork->ack) { /* again */
        pp_fork_acknowledge(session, fork, NULL);
        return;
    }
    if (fork && fork == session->fork) /* our answer to its offer is being made */
        return;
    if (session->fork) {
        hang_up_surplus(session, response);
        return;
    }
    if (pp_fork_of(session, response, &fork) < 0) {
        ending.reason = pipit_error_message();
        pp_session_end(session, &ending);
        return;
    }
    pp_fork_choose(session, fork);
    pp_trickle_heard(session, fork->dialog, response, true);
    pp_loop_stop_timer(session->ua->loop, &session->setup->no_answer);
    pp_loop_stop_timer(session->ua->loop, &session->setup->expires);
    pp_session_set_status(session, PIPIT_SESSION_CONFIRMED);
    if (!settle(session, fork, response))
        return;
    wait_for_forks(session);
    if (session->offerless && !fork->agreed) {
        session->late = pp_message_ref(response);
        pp_late_offer_in_2xx(session);
        return;
    }
    if (pp_fork_acknowledge(session, fork, NULL) < 0)
        pp_log_warn("RTCSession", "no ACK: %s", pipit_error_message());
    take_answer(session, response);
}

/* The far end should have stopped long ago: an ACK that names the call will do. */
static int acknowledge_late(pipit_session *session, uint32_t cseq)
{
    pp_outgoing *ack = NULL;
    int err = pp_dialog_request(session->dialog, PP_ACK, cseq, &ack);

    if (err)
        return err;
    err = pp_ua_set_via(session->ua, ack);
    if (!err)
        err = pp_ua_send_plain(session->ua, ack);
    pp_outgoing_unref(ack);
    return err;
}

void pp_session_acknowledge_again(void *self, const pp_message *response)
{
    pipit_session *session = self;
    pp_fork *fork = pp_fork_find(session, response->to_tag);
    int err = 0;

    if (session->own && session->own->ack && session->own->ack_cseq == response->cseq)
        err = pp_ua_send_plain(session->ua, session->own->ack);
    else if (fork && fork->ack && pp_outgoing_cseq(fork->ack) == response->cseq)
        err = pp_ua_send_plain(session->ua, fork->ack);
    else if (session->acked == response->cseq &&
             pp_str_eq_c(response->to_tag, session->dialog->remote_tag))
        err = acknowledge_late(session, response->cseq);
    if (err)
        pp_log_warn("RTCSession", "no ACK: %s", pipit_error_message());
}

/* --- refused, or nobody there ----------------------------------------------------------------- */

/* Somebody was heard early, and will not answer: others get the offer or make theirs, and media of their own. */
static int leave_branch(pipit_session *session)
{
    int err;

    if (!session->branch)
        return 0;
    err = pp_session_renew_media(session);
    if (!err)
        session->branch = NULL;
    return err;
}

int pp_invite_again(pipit_session *session, pp_outgoing *again, const pp_message *refusal)
{
    int err = leave_branch(session);

    pp_outgoing_set_cseq(again, refusal->cseq + 1);
    if (!err)
        err = pp_outgoing_error(again);
    if (!err)
        err = pp_request_sender_start(session->ua, again, &pp_invite_handlers, session,
                                      &session->inviter);
    if (err) {
        pp_outgoing_unref(again);
        return err;
    }
    pp_forks_free(session);
    pp_outgoing_unref(session->invite);
    session->invite = again;
    session->timer.no_update = false; /* who knows what the next one takes */
    pp_session_set_status(session, PIPIT_SESSION_INVITE_SENT);
    pp_hold_look(session); /* who held was the other one */
    return 0;
}

/* RFC 4028 section 7.3: the same call once more, with the interval that was asked for. */
static int ask_longer(pipit_session *session, const pp_message *refusal)
{
    pp_outgoing *again = NULL;
    int err = pp_outgoing_clone(session->invite, &again);

    if (err)
        return err;
    pp_outgoing_remove(again, PP_HEADER_SESSION_EXPIRES);
    pp_outgoing_remove(again, PP_HEADER_MIN_SE);
    pp_session_timer_offer(session, again);
    return pp_invite_again(session, again, refusal);
}

static void refused(pipit_session *session, const pp_message *response)
{
    pp_ending ending = {.originator = PIPIT_REMOTE, .message = response};

    session->inviter = NULL;
    pp_reoffer_refuse(session, 487); /* with the early dialogs ends what was to be changed there */
    pp_own_reoffer_end(session, PIPIT_CAUSE_DIALOG_ERROR);
    if (!pp_session_alive(session))
        return;
    if (response->status == 422 && pp_session_timer_lengthen(session, response) &&
        ask_longer(session, response) == 0)
        return;
    if (pp_redirect_follow(session, response))
        return;
    ending.cause = pp_status_cause(response->status);
    pp_session_end(session, &ending);
}

static void on_response(void *arg, const pp_message *response)
{
    pipit_session *session = pipit_session_ref(arg);

    if (response->status < 200)
        pp_session_progress(session, response);
    else if (response->status < 300)
        succeed(session, response);
    else
        refused(session, response);
    pipit_session_unref(session);
}

static void on_timeout(void *arg)
{
    pipit_session *session = arg;
    pp_ending ending = {.originator = PIPIT_SYSTEM, .cause = PIPIT_CAUSE_REQUEST_TIMEOUT};

    session->inviter = NULL;
    pp_session_end(session, &ending);
}

static void on_transport_error(void *arg)
{
    pipit_session *session = arg;
    pp_ending ending = {.originator = PIPIT_SYSTEM, .cause = PIPIT_CAUSE_CONNECTION_ERROR};

    session->inviter = NULL;
    if (session->status == PIPIT_SESSION_1XX_RECEIVED && /* it may ring there */
        pp_farewell_cancel(session->ua, session->invite) < 0)
        pp_log_warn("RTCSession", "no CANCEL: %s", pipit_error_message());
    pp_session_end(session, &ending);
}

const pp_request_sender_handlers pp_invite_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
};
