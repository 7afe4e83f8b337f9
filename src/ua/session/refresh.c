/* refresh.c - a session timer kept alive: by UPDATE without an offer, or by re-INVITE where that is asked for or nothing else is
 * understood. Refused, it is tried again until the time is up (RFC 4028 section 10). */
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

#define RETRY_MS 3000u

/* --- UPDATE ----------------------------------------------------------------------------------- */

static void refused(pipit_session *session, const pp_message *response)
{
    bool lengthened = response->status == 422 && pp_session_timer_lengthen(session, response);

    if (response->status == 405 || response->status == 501)
        session->timer.no_update = true;
    if (!pp_session_check_answer(session, response))
        pp_session_refresh_later(session, lengthened || session->timer.no_update ? 0 : RETRY_MS);
}

static void on_response(void *arg, const pp_message *response)
{
    pipit_session *session = arg;

    if (response->status < 200)
        return;
    session->timer.update = NULL;
    if (response->status >= 300) {
        refused(session, response);
        return;
    }
    if (session->dialog && pp_dialog_refresh_target(session->dialog, response) < 0)
        pp_log_debug("RTCSession", "the target stays: %s", pipit_error_message());
    pp_session_timer_read(session, response);
}

static void on_timeout(void *arg)
{
    pipit_session *session = arg;

    session->timer.update = NULL;
    pp_session_check_answer(session, NULL);
}

static void on_transport_error(void *arg)
{
    pipit_session *session = arg;

    session->timer.update = NULL;
    pp_session_refresh_later(session, RETRY_MS); /* the connection may be back by then */
}

static uint32_t next_cseq(void *arg)
{
    return pp_session_next_cseq(arg);
}

static const pp_request_sender_handlers update_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .next_cseq = next_cseq,
};

static int send_update(pipit_session *session)
{
    pp_contact_form form = {.anonymous = session->anonymous, .outbound = true};
    pp_outgoing *update = NULL;
    int err = pp_session_request(session, PP_UPDATE, &update);

    if (!err)
        err = pp_ua_add_contact(session->ua, form, update);
    if (!err) {
        pp_session_timer_write(session, true, update);
        pp_ua_finish_request(session->ua, update);
        err = pp_outgoing_error(update);
    }
    if (!err)
        err = pp_request_sender_start(session->ua, update, &update_handlers, session,
                                      &session->timer.update);
    pp_outgoing_unref(update);
    return err;
}

/* --- re-INVITE -------------------------------------------------------------------------------- */

static void on_reoffered(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    (void)user;
    if (outcome->cause != PIPIT_CAUSE_NONE && pp_session_alive(session))
        pp_session_refresh_later(session, RETRY_MS);
}

static int send_invite(pipit_session *session)
{
    const pipit_reoffer_options options = {.done = on_reoffered};

    if (!pipit_session_is_ready_to_reoffer(session))
        return pp_error(PIPIT_ERR_STATE, "session timer: another offer is in flight");
    return pp_own_reoffer_start(session, PP_OFFER_SAME, &options);
}

void pp_session_refresh(pipit_session *session)
{
    bool invite = session->ua->settings.refresh_by_invite || session->timer.no_update;

    if (session->timer.update)
        return;
    if (!pp_session_has_dialog(session) ||
        (invite ? send_invite(session) : send_update(session)) < 0)
        pp_session_refresh_later(session, RETRY_MS);
}
