/* terminate.c - ending a call from our side in whatever way its state asks for (jssip-behaviour section 1.3). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/status.h"
#include "sip/typed/typed.h"
#include "ua/session/session.h"

#include <stdio.h>

static void add_body(const pp_leaving *how, pp_outgoing *message)
{
    if (how->body)
        pp_outgoing_set_body(message, how->content_type ? how->content_type : "text/plain",
                             pp_str_c(how->body));
}

static int make_bye(pipit_session *session, const pp_leaving *how, pp_outgoing **out)
{
    pp_outgoing *bye = NULL;
    int err = pp_dialog_request(session->dialog, PP_BYE, 0, &bye);

    if (err)
        return err;
    if (how->reason)
        pp_outgoing_add_c(bye, PP_HEADER_REASON, how->reason);
    pp_add_lines(bye, how->lines);
    pp_ua_finish_request(session->ua, bye);
    add_body(how, bye);
    err = pp_outgoing_error(bye);
    if (err)
        pp_outgoing_unref(bye);
    else
        *out = bye;
    return err;
}

/* RFC 3261 section 15: not before the ACK has come. */
static int say_bye(pipit_session *session, const pp_leaving *how)
{
    pp_outgoing *bye = NULL;
    char *refusal;
    int err = 0;

    if (session->late) { /* the answer to its offer is not made yet */
        refusal = session->fork->agreed ? NULL : pp_late_offer_refusal(session, session->late);
        err = pp_fork_acknowledge(session, session->fork, refusal);
        pp_free(refusal);
    }
    if (!err)
        err = make_bye(session, how, &bye);
    if (err)
        return err;
    if (session->status == PIPIT_SESSION_WAITING_FOR_ACK && session->ack) {
        session->ack->bye = bye;
        return 0;
    }
    err = pp_farewell_bye(session->ua, bye);
    pp_outgoing_unref(bye);
    return err;
}

int pp_session_refuse(pipit_session *session, const pp_leaving *how)
{
    pp_outgoing *response = NULL;
    int err;

    if (!session->transaction)
        return pp_error(PIPIT_ERR_CONNECTION, "session: the connection it came by is lost");
    err = pp_ua_response(session->ua, session->request, how->status, how->phrase,
                         session->local_tag, &response);
    if (err)
        return err;
    pp_add_lines(response, how->lines);
    add_body(how, response);
    err = pp_outgoing_error(response);
    if (!err)
        err = pp_server_respond(session->transaction, response);
    if (!err)
        session->transaction = pp_server_forget(session->transaction);
    pp_outgoing_unref(response);
    return err;
}

static int tell(pipit_session *session, const pp_leaving *how)
{
    switch (session->status) {
    case PIPIT_SESSION_INVITE_SENT:
    case PIPIT_SESSION_1XX_RECEIVED:
        return pp_request_sender_cancel(session->inviter, how->reason);
    case PIPIT_SESSION_WAITING_FOR_ANSWER:
    case PIPIT_SESSION_ANSWERED:
        return pp_session_refuse(session, how);
    case PIPIT_SESSION_WAITING_FOR_ACK:
    case PIPIT_SESSION_CONFIRMED:
        return say_bye(session, how);
    default: /* nothing was sent yet */
        return 0;
    }
}

void pp_session_leave(pipit_session *session, const pp_leaving *how, const pp_ending *ending)
{
    if (tell(session, how) < 0)
        pp_log_warn("RTCSession", "the far end was not told: %s", pipit_error_message());
    pp_session_end(session, ending);
}

/* RFC 3326. The phrase is ours or was checked. */
static void write_reason(int status, const char *phrase, pp_buf *out)
{
    pp_buf_format(out, "SIP ;cause=%d ;text=", status);
    pp_write_quoted(pp_str_c(phrase ? phrase : pp_status_phrase(status)), out);
    pp_buf_char(out, '\0');
}

void pp_session_give_up(pipit_session *session, int status, const char *phrase,
                        const pp_ending *ending)
{
    pp_buf reason = {0};
    pp_leaving how = {.status = status, .phrase = phrase};

    write_reason(status, phrase, &reason);
    how.reason = pp_buf_error(&reason) ? NULL : reason.p;
    pp_session_leave(session, &how, ending);
    pp_buf_free(&reason);
}

static bool is_ringing_here(const pipit_session *session)
{
    return session->status == PIPIT_SESSION_WAITING_FOR_ANSWER ||
           session->status == PIPIT_SESSION_ANSWERED;
}

static int check(const pipit_session *session, const pipit_terminate_options *o)
{
    int min = session && is_ringing_here(session) ? 300 : 200;
    pp_media_type type;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "terminate: the call is missing");
    if (!pp_session_alive(session))
        return pp_error(PIPIT_ERR_STATE, "terminate: the call has ended");
    if (o->status_code && (o->status_code < min || o->status_code > 699))
        return pp_error(PIPIT_ERR_ARGUMENT, "terminate: %d is not between %d and 699",
                        o->status_code, min);
    if (o->reason_phrase && !pp_str_is_line(pp_str_c(o->reason_phrase)))
        return pp_error(PIPIT_ERR_ARGUMENT, "terminate: the reason phrase is more than a line");
    return o->body && o->content_type ? pp_media_type_parse(pp_str_c(o->content_type), &type) : 0;
}

static pp_ending ending_of(const pipit_session *session)
{
    pp_ending ending = {.originator = PIPIT_LOCAL, .cause = PIPIT_CAUSE_CANCELED};

    if (session->accepted || session->status == PIPIT_SESSION_CONFIRMED)
        ending.cause = PIPIT_CAUSE_BYE;
    else if (is_ringing_here(session))
        ending.cause = PIPIT_CAUSE_REJECTED;
    return ending;
}

int pipit_session_terminate(pipit_session *session, const pipit_terminate_options *options)
{
    static const pipit_terminate_options defaults = {0};
    const pipit_terminate_options *o = options ? options : &defaults;
    pp_leaving how = {.status = o->status_code ? o->status_code : 480,
                      .phrase = o->reason_phrase,
                      .lines = o->extra_headers,
                      .content_type = o->content_type,
                      .body = o->body};
    pp_ending ending;
    pp_buf reason = {0};
    char **lines = NULL;
    int err = check(session, o);

    if (!err) /* a line that cannot be sent is told now, not after the call is gone */
        err = pp_header_lines_copy(o->extra_headers, &lines);
    if (err)
        return err;
    if (o->status_code) {
        write_reason(o->status_code, o->reason_phrase, &reason);
        how.reason = pp_buf_error(&reason) ? NULL : reason.p;
    }
    ending = ending_of(session);
    ending.reason = o->cause;
    pp_session_leave(session, &how, &ending);
    pp_header_lines_free(lines);
    pp_buf_free(&reason);
    return 0;
}
