/* incoming.c - a call that comes in, until it is answered or refused (RFC 3261 section 13.3.1). */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "sip/request.h"
#include "ua/session/session.h"

#include <stdio.h>

#define TAG_SIZE 12u

/* --- refusing --------------------------------------------------------------------------------- */

static void refuse_and_end(pipit_session *session, int status, const pp_ending *ending)
{
    if (pp_session_refuse(session, &(pp_leaving){.status = status}) < 0)
        pp_log_warn("RTCSession", "the call was not refused: %s", pipit_error_message());
    pp_session_end(session, ending);
}

static void on_no_answer(void *arg)
{
    pp_ending ending = {.originator = PIPIT_LOCAL, .cause = PIPIT_CAUSE_NO_ANSWER};

    refuse_and_end(arg, 408, &ending);
}

static void on_expires(void *arg)
{
    pp_ending ending = {.originator = PIPIT_SYSTEM, .cause = PIPIT_CAUSE_EXPIRES};

    refuse_and_end(arg, 487, &ending);
}

/* --- what its transaction reports ------------------------------------------------------------- */

static void on_cancelled(void *arg, const pp_message *cancel)
{
    pp_ending ending = {
        .originator = PIPIT_REMOTE, .cause = PIPIT_CAUSE_CANCELED, .message = cancel};

    refuse_and_end(arg, 487, &ending);
}

static void on_terminated(void *arg)
{
    pipit_session *session = arg;
    pp_ending ending = {.originator = PIPIT_SYSTEM, .cause = PIPIT_CAUSE_CONNECTION_ERROR};

    session->transaction = NULL;
    pp_session_end(session, &ending);
}

static const pp_server_handlers server_handlers = {
    .cancelled = on_cancelled,
    .terminated = on_terminated,
};

/* --- taking it -------------------------------------------------------------------------------- */

static int make_session(pipit_ua *ua, const pp_message *request, pipit_session **out)
{
    char tag[TAG_SIZE + 1];
    pp_session_parties parties = {.direction = PIPIT_REMOTE, .call_id = request->call_id};

    pp_rng_token(&ua->loop->rng, tag, TAG_SIZE);
    parties.local_tag = pp_str_c(tag);
    return pp_session_new(ua, &parties, out);
}

static int make_dialog(pipit_session *session, const pp_message *request)
{
    uint32_t cseq = pp_rng_below(&session->ua->loop->rng, 10000);

    return pp_dialog_from_request(session->ua->dialogs, request, session->local_tag, cseq,
                                  &(pp_dialog_owner){&pp_session_usage, session}, &session->dialog);
}

static void start_timers(pipit_session *session)
{
    pipit_loop *loop = session->ua->loop;
    uint32_t expires_s;

    pp_loop_start_timer(loop, &session->setup->no_answer,
                        (uint64_t)session->ua->settings.no_answer_timeout_s * 1000, on_no_answer,
                        session);
    if (pp_message_number(session->request, PP_HEADER_EXPIRES, &expires_s))
        pp_loop_start_timer(loop, &session->setup->expires, (uint64_t)expires_s * 1000, on_expires,
                            session);
}

static int take(pipit_ua *ua, pp_server_transaction *transaction, pipit_request **shown,
                pipit_session **out)
{
    const pp_message *request = pp_server_request(transaction);
    pipit_session *session = NULL;
    int err = make_session(ua, request, &session);

    if (err)
        return err;
    err = pp_session_note_contact(session);
    if (!err)
        err = make_dialog(session, request);
    if (!err)
        err = pp_request_of_message(request, shown);
    if (err) {
        pp_session_detach(session);
        return err;
    }
    pp_session_timer_init(session, 0);
    session->request = pp_message_ref(request);
    session->transaction = transaction;
    pp_server_listen(transaction, &server_handlers, session);
    *out = session;
    return 0;
}

static void ring(pipit_session *session, pipit_request *shown)
{
    pp_session_set_status(session, PIPIT_SESSION_WAITING_FOR_ANSWER);
    pp_emit_new_rtc_session(session, shown);
    if (session->status == PIPIT_SESSION_WAITING_FOR_ANSWER)
        start_timers(session);
    if (!pp_session_alive(session) || !session->transaction)
        return;
    if (pp_session_ring(session) < 0)
        pp_log_warn("RTCSession", "no 180: %s", pipit_error_message());
    pp_emit_progress(session, NULL);
    if (pp_session_alive(session))
        pp_auto_answer_start(session);
}

/* RFC 3262 section 3: whether the caller knows what we require. */
static bool knows_what_we_require(const pipit_ua *ua, const pp_message *invite)
{
    return ua->settings.reliable != PIPIT_RELIABLE_REQUIRED ||
           pp_message_lists(invite, PP_HEADER_SUPPORTED, "100rel") ||
           pp_message_lists(invite, PP_HEADER_REQUIRE, "100rel");
}

/* `replaced` NULL: it takes nobody's place. */
static void receive(pipit_ua *ua, pp_server_transaction *transaction, pipit_session *replaced)
{
    pipit_session *session = NULL;
    pipit_request *shown = NULL;
    int err = take(ua, transaction, &shown, &session);

    if (err) {
        pp_log_warn("RTCSession", "a call was not taken: %s", pipit_error_message());
        if (err == PIPIT_ERR_SYNTAX)
            pp_ua_answer(ua, transaction, 400, "Bad Contact", PP_HEADER_OTHER, NULL);
        else
            pp_ua_answer(ua, transaction, err == PIPIT_ERR_LIMIT ? 486 : 500, NULL, PP_HEADER_OTHER,
                         NULL);
        return;
    }
    if (replaced)
        session->replaced = pipit_session_ref(replaced);
    pipit_session_ref(session);
    ring(session, shown);
    pipit_request_unref(shown);
    pipit_session_unref(session);
}

void pp_session_receive_invite(pipit_ua *ua, pp_server_transaction *transaction)
{
    pipit_session *replaced = NULL;
    int status = pp_replaces_find(ua, pp_server_request(transaction), &replaced);

    if (!status)
        status = pp_session_timer_check(ua, pp_server_request(transaction));
    if (!status && !knows_what_we_require(ua, pp_server_request(transaction)))
        status = 421;
    if (!status && ua->calls >= ua->settings.sessions_max)
        status = 486;
    if (status) {
        pp_ua_answer(ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
        return;
    }
    if (replaced) /* whoever is asked may end it */
        pipit_session_ref(replaced);
    if (!replaced || pp_replaces_ask(replaced, transaction))
        receive(ua, transaction, replaced);
    pipit_session_unref(replaced);
}
