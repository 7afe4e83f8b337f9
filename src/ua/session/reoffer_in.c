/* reoffer_in.c - re-INVITE and UPDATE of the far end: a browser's hold, an ICE restart, a session refresh
 * (RFC 3261 section 14.2, RFC 3311). */
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

#include <stdio.h>

static bool has_offer(const pp_message *request)
{
    return request->body.n > 0;
}

/* RFC 3261 section 14.2: 491 when an offer of ours is open, 500 with a time to come back when one of theirs is. */
static int conflict(const pipit_session *session, const pp_message *request)
{
    bool update = request->method == PP_UPDATE;

    if (update && !has_offer(request))
        return 0;
    switch (session->status) {
    case PIPIT_SESSION_INVITE_SENT:
    case PIPIT_SESSION_1XX_RECEIVED:
        return 491;
    case PIPIT_SESSION_WAITING_FOR_ANSWER:
    case PIPIT_SESSION_ANSWERED:
        return 500;
    default:
        break;
    }
    if (session->reoffer.transaction)
        return 500;
    if (session->ack.response && (!update || session->ack.offered))
        return 491;
    return 0;
}

static void refuse(pipit_session *session, pp_server_transaction *transaction, int status)
{
    char seconds[16];

    snprintf(seconds, sizeof(seconds), "%u", pp_rng_below(&session->ua->loop->rng, 11));
    pp_ua_answer(session->ua, transaction, status, NULL,
                 status == 500 ? PP_HEADER_RETRY_AFTER : PP_HEADER_OTHER, seconds);
}

/* --- the one that is being answered ----------------------------------------------------------- */

void pp_reoffer_drop(pipit_session *session)
{
    session->reoffer.request = pp_message_unref(session->reoffer.request);
    session->reoffer.transaction = pp_server_forget(session->reoffer.transaction);
}

void pp_reoffer_refuse(pipit_session *session, int status)
{
    pp_server_transaction *transaction = session->reoffer.transaction;

    if (transaction)
        pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
    pp_reoffer_drop(session);
}

static void fail(pipit_session *session, int status)
{
    pp_log_warn("RTCSession", "a re-offer was refused: %s", pipit_error_message());
    pp_reoffer_refuse(session, status);
}

static void on_cancelled(void *arg, const pp_message *cancel)
{
    (void)cancel;
    pp_reoffer_refuse(arg, 487);
}

static void on_terminated(void *arg)
{
    pipit_session *session = arg;

    session->reoffer.transaction = NULL;
    pp_reoffer_drop(session);
}

static const pp_server_handlers reoffer_handlers = {
    .cancelled = on_cancelled,
    .terminated = on_terminated,
};

/* --- answering -------------------------------------------------------------------------------- */

static int send_ok(pipit_session *session, const char *sdp)
{
    pp_server_transaction *transaction = session->reoffer.transaction;
    const pp_message *request = session->reoffer.request;
    bool invite = request->method == PP_INVITE;
    pp_outgoing *response = NULL;
    int err;

    pp_session_timer_read(session, request);
    err = pp_session_make_ok(session, request, sdp, &response);
    if (err)
        return err;
    if (invite)
        err = pp_ack_wait_start(session, transaction, response, !has_offer(request));
    else
        err = pp_server_respond(transaction, response);
    pp_outgoing_unref(response);
    if (err)
        return err;
    if (invite)
        session->reoffer.transaction = NULL; /* it is the ACK's now */
    pp_reoffer_drop(session);
    return 0;
}

void pp_reoffer_described(pipit_session *session, int error, const char *sdp)
{
    if (!session->reoffer.transaction) /* cancelled */
        return;
    if (error) {
        fail(session, 500);
        return;
    }
    pp_emit_sdp(session, PIPIT_LOCAL, has_offer(session->reoffer.request) ? "answer" : "offer",
                sdp);
    if (pp_session_alive(session) && session->reoffer.transaction && send_ok(session, sdp) < 0)
        fail(session, 500);
}

static void negotiate(pipit_session *session, pp_server_transaction *transaction)
{
    bool offered = has_offer(pp_server_request(transaction));
    int err;

    session->reoffer.transaction = transaction;
    session->reoffer.request = pp_message_ref(pp_server_request(transaction));
    pp_server_listen(transaction, &reoffer_handlers, session);
    err = offered ? pp_session_apply(session, true, session->reoffer.request->body) : 0;
    if (!pp_session_alive(session))
        return;
    if (err)
        fail(session, 488);
    else if (pp_session_make(session, offered ? PP_MAKING_REANSWER : PP_MAKING_LATE_REOFFER) < 0)
        fail(session, 500);
}

/* An UPDATE without a description refreshes the session and the target, nothing else. */
static void refresh(pipit_session *session, pp_server_transaction *transaction)
{
    pp_outgoing *response = NULL;
    int err;

    pp_session_timer_read(session, pp_server_request(transaction));
    err = pp_session_make_ok(session, pp_server_request(transaction), NULL, &response);
    if (!err)
        err = pp_server_respond(transaction, response);
    if (err)
        pp_log_warn("RTCSession", "an UPDATE was not answered: %s", pipit_error_message());
    pp_outgoing_unref(response);
}

void pp_session_reoffer(pipit_session *session, pp_server_transaction *transaction)
{
    const pp_message *request = pp_server_request(transaction);
    pp_dialog *dialog = pp_dialogs_find(session->ua->dialogs, request);
    int status = conflict(session, request);

    if (!status && dialog && pp_dialog_refresh_target(dialog, request) == PIPIT_ERR_SYNTAX)
        status = 400;
    if (status)
        refuse(session, transaction, status);
    else if (request->method == PP_UPDATE && !has_offer(request))
        refresh(session, transaction);
    else
        negotiate(session, transaction);
}
