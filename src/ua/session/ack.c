/* ack.c - a 2xx of ours to an INVITE or re-INVITE: repeated, always the same, until its ACK comes
 * (RFC 3261 section 13.3.1.4; the repeats are needed on reliable transports too, for hops behind them). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

#define GIVE_UP_MS (64 * PP_T1_MS)

static void on_repeat(void *arg)
{
    pipit_session *session = arg;
    pp_ack_wait *ack = session->ack;

    if (ack->transaction && pp_server_respond(ack->transaction, ack->response) < 0)
        pp_log_warn("RTCSession", "a 2xx was not repeated: %s", pipit_error_message());
    ack->interval_ms = 2 * ack->interval_ms < PP_T2_MS ? 2 * ack->interval_ms : PP_T2_MS;
    pp_loop_start_timer(session->ua->loop, &ack->repeat, ack->interval_ms, on_repeat, session);
}

static void on_give_up(void *arg)
{
    pipit_session *session = pipit_session_ref(arg);
    pp_ending ending = {.originator = PIPIT_REMOTE, .cause = PIPIT_CAUSE_NO_ACK};

    if (session->ack->bye) {
        pp_session_say_last_word(session);
        pp_session_let_go(session);
    } else {
        pp_ack_wait_stop(session);
        pp_session_give_up(session, 408, "No ACK", &ending);
    }
    pipit_session_unref(session);
}

static void on_terminated(void *arg)
{
    ((pipit_session *)arg)->ack->transaction = NULL;
}

static const pp_server_handlers ack_handlers = {.terminated = on_terminated};

int pp_ack_wait_start(pipit_session *session, pp_server_transaction *transaction,
                      pp_outgoing *response, bool offered)
{
    pipit_loop *loop = session->ua->loop;
    pp_ack_wait *ack = PP_NEW(pp_ack_wait);
    int err = ack ? pp_server_respond(transaction, response) : PIPIT_ERR_MEMORY;

    if (err) {
        pp_free(ack);
        return err;
    }
    pp_ack_wait_stop(session);
    session->ack = ack;
    ack->transaction = transaction;
    ack->response = pp_outgoing_ref(response);
    ack->cseq = pp_server_request(transaction)->cseq;
    ack->interval_ms = PP_T1_MS;
    ack->offered = offered;
    pp_server_listen(transaction, &ack_handlers, session);
    pp_loop_start_timer(loop, &ack->repeat, PP_T1_MS, on_repeat, session);
    pp_loop_start_timer(loop, &ack->give_up, GIVE_UP_MS, on_give_up, session);
    return 0;
}

void pp_ack_wait_stop(pipit_session *session)
{
    pp_ack_wait *ack = session->ack;

    if (!ack)
        return;
    session->ack = NULL;
    pp_loop_stop_timer(session->ua->loop, &ack->repeat);
    pp_loop_stop_timer(session->ua->loop, &ack->give_up);
    pp_server_forget(ack->transaction);
    pp_outgoing_unref(ack->response);
    pp_outgoing_unref(ack->bye);
    pp_free(ack);
}

/* The answer to the offer our 2xx carried. False when the call has ended over it. */
static bool take_answer(pipit_session *session, const pp_message *ack)
{
    pp_ending ending = {
        .originator = PIPIT_LOCAL, .cause = PIPIT_CAUSE_MISSING_SDP, .message = ack};
    pp_str sdp = pp_session_sdp(ack);

    if (!sdp.n) {
        ending.reason = "the ACK had no description";
        pp_session_give_up(session, 400, "Missing SDP", &ending);
        return false;
    }
    if (pp_session_apply(session, false, sdp) < 0 && pp_session_alive(session)) {
        ending.cause = PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION;
        ending.reason = pipit_error_message();
        pp_session_give_up(session, 488, NULL, &ending);
    }
    return pp_session_alive(session);
}

static void acknowledged(pipit_session *session, const pp_message *ack)
{
    bool first = session->status == PIPIT_SESSION_WAITING_FOR_ACK;
    bool offered = session->ack->offered;

    pp_ack_wait_stop(session);
    pp_trickle_reached(session);
    if (first) {
        pp_session_set_status(session, PIPIT_SESSION_CONFIRMED);
        pp_session_settle(session);
    }
    if (offered && !take_answer(session, ack))
        return;
    if (!first)
        return;
    pp_emit_confirmed(session, ack);
    if (pp_session_alive(session))
        pp_hold_look(session);
}

void pp_session_receive_ack(void *self, const pp_message *ack)
{
    pipit_session *session = self;

    if (!session->ack || ack->cseq != session->ack->cseq)
        return; /* one more for a 2xx that was repeated */
    pipit_session_ref(session);
    if (pp_session_alive(session)) {
        acknowledged(session, ack);
    } else {
        pp_session_say_last_word(session);
        pp_session_let_go(session);
    }
    pipit_session_unref(session);
}
