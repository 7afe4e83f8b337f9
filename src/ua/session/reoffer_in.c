/* reoffer_in.c - re-INVITE and UPDATE of the far end: a browser's hold, an ICE restart, a session refresh
 * (RFC 3261 section 14.2, RFC 3311). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

#include <stdio.h>

static bool has_offer(const pp_message *request)
{
    return request->body.n > 0;
}

/* Before the call is answered (RFC 3311 section 5.2): an UPDATE may offer once the INVITE's own offer was answered reliably. */
static int early_conflict(const pipit_session *session, const pp_message *request)
{
    const pp_fork *fork = pp_fork_find(session, request->from_tag);

    if (session->direction == PIPIT_LOCAL)
        return request->method == PP_UPDATE && fork && fork->agreed && fork == session->branch
                   ? 0
                   : 491;
    if (request->method == PP_UPDATE && pp_early_is_agreed(session))
        return 0;
    return session->early && session->early->offered ? 491 : 500;
}

/* RFC 3261 section 14.2: 491 when an offer of ours is open, 500 with a time to come back when one of theirs is. */
static int conflict(const pipit_session *session, const pp_message *request)
{
    bool update = request->method == PP_UPDATE;
    int status = 0;

    if (update && !has_offer(request))
        return 0;
    if (!pp_session_has_dialog(session))
        status = early_conflict(session, request);
    if (status)
        return status;
    if (pp_own_reoffer_is_open(session))
        return 491;
    if (session->reoffer.transaction)
        return 500;
    if (session->ack && (!update || session->ack->offered))
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
    session->reoffer = (pp_reoffer){0};
}

void pp_reoffer_refuse(pipit_session *session, int status)
{
    pp_server_transaction *transaction = session->reoffer.transaction;

    if (transaction)
        pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
    pp_reoffer_drop(session);
}

/* Their offer came to nothing: all is as before it. */
static void undo(pipit_session *session)
{
    pp_media_session *media = session->media.session;

    if (session->media.making == PP_MAKING_REANSWER ||
        session->media.making == PP_MAKING_LATE_REOFFER)
        session->media.making = PP_MAKING_NOTHING;
    if (!media) /* an UPDATE before the call was answered */
        return;
    media->ops->rollback(media);
    pp_hold_look(session);
}

static void fail(pipit_session *session, int status)
{
    pp_log_warn("RTCSession", "a re-offer was refused: %s", pipit_error_message());
    pipit_session_ref(session);
    pp_reoffer_refuse(session, status);
    undo(session);
    if (pp_session_alive(session))
        pp_emit_fault(session);
    if (pp_session_alive(session))
        pp_answer_go_on(session);
    pipit_session_unref(session);
}

static void on_cancelled(void *arg, const pp_message *cancel)
{
    (void)cancel;
    pp_reoffer_refuse(arg, 487);
    undo(arg);
}

static void on_terminated(void *arg)
{
    pipit_session *session = arg;

    session->reoffer.transaction = NULL;
    pp_reoffer_drop(session);
    undo(session);
}

static const pp_server_handlers reoffer_handlers = {
    .cancelled = on_cancelled,
    .terminated = on_terminated,
};

/* --- answering -------------------------------------------------------------------------------- */

/* A PRACK changes neither the target nor the timer. */
static int make_ok(pipit_session *session, const pp_message *request, const char *sdp,
                   pp_outgoing **out)
{
    int err;

    if (request->method != PP_PRACK) {
        pp_session_timer_read_inside(session, request);
        return pp_session_make_ok(session, request, sdp, out);
    }
    err = pp_ua_response(session->ua, request, 200, NULL, session->local_tag, out);
    if (!err)
        pp_outgoing_set_sdp(*out, pp_str_c(sdp));
    return err;
}

static int send_ok(pipit_session *session, const char *sdp)
{
    pp_server_transaction *transaction = session->reoffer.transaction;
    const pp_message *request = session->reoffer.request;
    bool invite = request->method == PP_INVITE;
    pp_outgoing *response = NULL;
    int err = make_ok(session, request, sdp, &response);

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
    pp_emit_reoffered(session, PIPIT_REMOTE);
    if (pp_session_alive(session))
        pp_answer_go_on(session);
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
    sdp = pp_emit_sdp(session, PIPIT_LOCAL,
                      has_offer(session->reoffer.request) ? "answer" : "offer", sdp);
    if (pp_session_alive(session) && session->reoffer.transaction && send_ok(session, sdp) < 0)
        fail(session, 500);
}

static void negotiate(pipit_session *session)
{
    bool offered = has_offer(session->reoffer.request);
    int err = offered ? pp_session_apply(session, true, session->reoffer.request) : 0;

    if (!pp_session_alive(session))
        return;
    if (err) {
        fail(session, 488);
        return;
    }
    pp_hold_look(session);
    if (!pp_session_alive(session) || !session->reoffer.transaction)
        return;
    if (pp_session_make(session, offered ? PP_MAKING_REANSWER : PP_MAKING_LATE_REOFFER) < 0)
        fail(session, 500);
}

/* An UPDATE without a description refreshes the session and the target, nothing else. */
static void refresh(pipit_session *session)
{
    pp_outgoing *response = NULL;
    int err;

    pp_session_timer_read_inside(session, session->reoffer.request);
    err = pp_session_make_ok(session, session->reoffer.request, NULL, &response);
    if (!err)
        err = pp_server_respond(session->reoffer.transaction, response);
    if (err)
        pp_log_warn("RTCSession", "an UPDATE was not answered: %s", pipit_error_message());
    pp_outgoing_unref(response);
    pp_reoffer_drop(session);
}

/* --- asking the application ------------------------------------------------------------------- */

static void refuse_as_asked(pipit_session *session, const pp_refusal *refusal)
{
    pp_reoffer *reoffer = &session->reoffer;
    pp_outgoing *response = NULL;
    int err = pp_ua_response(session->ua, reoffer->request, refusal->status, refusal->phrase,
                             session->local_tag, &response);

    if (!err) {
        pp_add_lines(response, (const char *const *)refusal->headers);
        err = pp_outgoing_error(response);
    }
    if (!err)
        err = pp_server_respond(reoffer->transaction, response);
    if (err)
        pp_log_warn("RTCSession", "a re-offer was not refused: %s", pipit_error_message());
    pp_outgoing_unref(response);
    pp_reoffer_drop(session);
}

/* False when it is over. */
static bool ask(pipit_session *session)
{
    pp_refusal refusal = {0};

    session->reoffer.refusal = &refusal;
    pp_emit_reoffer(session, session->reoffer.request);
    session->reoffer.refusal = NULL;
    if (session->reoffer.transaction && refusal.status)
        refuse_as_asked(session, &refusal);
    pp_free(refusal.phrase);
    pp_header_lines_free(refusal.headers);
    return session->reoffer.transaction != NULL;
}

int pipit_session_reject_reoffer(pipit_session *session, const pipit_reply_options *options)
{
    static const pipit_reply_options defaults = {0};
    const pipit_reply_options *o = options ? options : &defaults;
    pp_refusal *refusal = session ? session->reoffer.refusal : NULL;
    char **headers = NULL, *phrase = NULL;
    int status, err;

    if (!refusal || refusal->status)
        return pp_error(PIPIT_ERR_STATE, "reoffer: there is none to refuse");
    err = pp_ua_refusal("reoffer", o, 403, &status);
    if (err)
        return err;
    if (o->reason_phrase && !pp_str_is_line(pp_str_c(o->reason_phrase)))
        return pp_error(PIPIT_ERR_SYNTAX, "reoffer: the reason phrase is more than a line");
    err = pp_header_lines_copy(o->extra_headers, &headers);
    if (!err && o->reason_phrase) {
        phrase = pp_strdup(o->reason_phrase);
        err = phrase ? 0 : PIPIT_ERR_MEMORY;
    }
    if (err) {
        pp_header_lines_free(headers);
        return err;
    }
    *refusal = (pp_refusal){status, phrase, headers};
    return 0;
}

/* --- taking it -------------------------------------------------------------------------------- */

void pp_session_reoffer(pipit_session *session, pp_server_transaction *transaction)
{
    const pp_message *request = pp_server_request(transaction);
    pp_dialog *dialog = pp_dialogs_find(session->ua->dialogs, request);
    int status = conflict(session, request);

    if (!status)
        status = pp_session_timer_check(session->ua, request);
    if (!status && dialog && pp_dialog_refresh_target(dialog, request) == PIPIT_ERR_SYNTAX)
        status = 400;
    if (status) {
        refuse(session, transaction, status);
        return;
    }
    session->reoffer.transaction = transaction;
    session->reoffer.request = pp_message_ref(request);
    pp_server_listen(transaction, &reoffer_handlers, session);
    if (!ask(session))
        return;
    if (request->method == PP_UPDATE && !has_offer(request))
        refresh(session);
    else
        negotiate(session);
}

static int prack_conflict(const pipit_session *session)
{
    if (!pp_early_is_agreed(session))
        return 500;
    if (pp_own_reoffer_is_open(session))
        return 491;
    return session->reoffer.transaction ? 500 : 0;
}

void pp_reoffer_take(pipit_session *session, pp_server_transaction *transaction)
{
    int status = prack_conflict(session);

    if (status) {
        refuse(session, transaction, status);
        return;
    }
    session->reoffer.transaction = transaction;
    session->reoffer.request = pp_message_ref(pp_server_request(transaction));
    pp_server_listen(transaction, &reoffer_handlers, session);
    negotiate(session);
}
