/* answer.c - answering a call that came in: with an answer, or with an offer when theirs is missing (RFC 3264). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/options.h"
#include "ua/session/session.h"

static void refuse(pipit_session *session, int status, pipit_cause cause)
{
    pp_ending ending = {
        .originator = PIPIT_SYSTEM, .cause = cause, .reason = pipit_error_message()};

    pp_session_give_up(session, status, NULL, &ending);
}

/* --- the description, then the 200 ------------------------------------------------------------ */

static void negotiate(pipit_session *session)
{
    bool has_offer = session->request->body.n > 0;
    int err = 0;

    pp_emit_peerconnection(session, session->media.foreign);
    if (pp_session_alive(session) && has_offer)
        err = pp_session_apply(session, true, session->request);
    if (err && pp_session_alive(session))
        refuse(session, 488, PIPIT_CAUSE_WEBRTC_ERROR);
    if (pp_session_alive(session))
        pp_emit_connecting(session);
    if (pp_session_alive(session) &&
        pp_session_make(session, has_offer ? PP_MAKING_ANSWER : PP_MAKING_LATE_OFFER) < 0)
        refuse(session, 500, PIPIT_CAUSE_INTERNAL_ERROR);
}

int pp_session_make_ok(pipit_session *session, const pp_message *request, const char *sdp,
                       pp_outgoing **out)
{
    pp_contact_form form = {.anonymous = session->anonymous, .outbound = true};
    bool first = request == session->request;
    pp_outgoing *response = NULL;
    int err = pp_ua_response(session->ua, request, 200, NULL, session->local_tag, &response);

    if (!err)
        err = pp_ua_add_contact(session->ua, form, response);
    if (err) {
        pp_outgoing_unref(response);
        return err;
    }
    if (first)
        pp_outgoing_add_ours(response, PP_HEADER_ALLOW, pp_str_c(pipit_allowed_methods()));
    pp_session_timer_write(session, false, response);
    pp_trickle_announce(session, response);
    if (first)
        pp_add_lines(response, (const char *const *)session->setup->answer_headers);
    if (sdp)
        pp_outgoing_set_sdp(response, pp_str_c(sdp));
    err = pp_outgoing_error(response);
    if (err)
        pp_outgoing_unref(response);
    else
        *out = response;
    return err;
}

static int send_ok(pipit_session *session, const char *sdp)
{
    bool offered = sdp && session->request->body.n == 0;
    pp_server_transaction *transaction = session->transaction;
    pp_outgoing *response = NULL;
    int err;

    if (!transaction)
        return pp_error(PIPIT_ERR_CONNECTION, "session: the connection it came by is lost");
    pp_session_timer_read(session, session->request);
    err = pp_session_make_ok(session, session->request, sdp, &response);
    if (err)
        return err;
    session->transaction = NULL; /* it is the ACK's now */
    err = pp_ack_wait_start(session, transaction, response, offered);
    if (err)
        session->transaction = transaction;
    else
        pp_dialog_confirm(session->dialog, NULL);
    pp_outgoing_unref(response);
    return err;
}

static void take_call(pipit_session *session, const char *sdp)
{
    if (send_ok(session, sdp) < 0) {
        refuse(session, 500, PIPIT_CAUSE_CONNECTION_ERROR);
        return;
    }
    pp_session_set_status(session, PIPIT_SESSION_WAITING_FOR_ACK);
    session->accepted = true;
    session->start_ms = pp_loop_wall_us(session->ua->loop) / 1000;
    pp_reliable_rest(session);
    pp_emit_accepted(session, NULL);
}

void pp_answer_described(pipit_session *session, int error, const char *sdp)
{
    if (error) {
        refuse(session, 500, PIPIT_CAUSE_INTERNAL_ERROR);
        return;
    }
    sdp = pp_emit_sdp(session, PIPIT_LOCAL, session->request->body.n ? "answer" : "offer", sdp);
    if (pp_session_alive(session))
        take_call(session, sdp);
}

/* RFC 3262 section 3: a description that was sent reliably must be acknowledged before the 2xx goes, which has none then. */
static void on_step(void *arg)
{
    pipit_session *session = arg;

    if ((session->early && session->early->wanted) || pp_reliable_blocks(session))
        return;
    pipit_session_ref(session);
    if (session->early && session->early->sdp)
        take_call(session, session->early->agreed ? NULL : session->early->sdp);
    else
        negotiate(session);
    pipit_session_unref(session);
}

void pp_answer_go_on(pipit_session *session)
{
    if (session->status == PIPIT_SESSION_ANSWERED && session->media.making == PP_MAKING_NOTHING &&
        !session->reoffer.transaction)
        pp_loop_post(session->ua->loop, &session->setup->step, on_step, session);
}

/* --- asked to --------------------------------------------------------------------------------- */

int pipit_session_answer(pipit_session *session, const pipit_answer_options *options)
{
    static const pipit_answer_options defaults = {0};
    const pipit_answer_options *o = options ? options : &defaults;
    char **headers = NULL;
    int err;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "answer: the call is missing");
    if (session->status != PIPIT_SESSION_WAITING_FOR_ANSWER)
        return pp_error(PIPIT_ERR_STATE, "answer: the call is %s",
                        pipit_session_status_name(session->status));
    err = pp_header_lines_copy(o->extra_headers, &headers);
    if (!err && !session->media.session)
        err = pp_session_open_media(
            session,
            &(pp_session_media_options){&o->media_stream, &o->pc_config, o->own_media,
                                        o->media_constraints.video, session->request->body.n == 0});
    if (err) {
        pp_header_lines_free(headers);
        return err;
    }
    session->setup->answer_headers = headers;
    session->media.foreign = o->own_media != NULL;
    if (o->data)
        session->data = o->data;
    pp_session_timer_init(session, o->session_timers_expires);
    pp_loop_stop_timer(session->ua->loop, &session->setup->no_answer);
    pp_loop_stop_timer(session->ua->loop, &session->setup->expires);
    pp_session_set_status(session, PIPIT_SESSION_ANSWERED);
    if (!session->early || !session->early->wanted) /* else its description comes first */
        pp_loop_post(session->ua->loop, &session->setup->step, on_step, session);
    return 0;
}
