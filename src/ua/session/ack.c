/* ack.c - a 2xx of ours to an INVITE or re-INVITE: repeated, always the same, until its ACK comes
 * (RFC 3261 section 13.3.1.4; the repeats are needed on reliable transports too, for hops behind them). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

#define GIVE_UP_MS (64 * PP_T1_MS)

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void on_time(void *arg);

static void wait(pipit_session *session, unsigned interval_ms)
{
    pp_ack_wait *ack = session->ack;

    ack->interval_ms = least(interval_ms, GIVE_UP_MS - ack->waited_ms);
    pp_loop_start_timer(session->ua->loop, &ack->timer, ack->interval_ms, on_time, session);
}

static void repeat(pipit_session *session)
{
    pp_ack_wait *ack = session->ack;

    if (ack->transaction && pp_server_respond(ack->transaction, ack->response) < 0)
        pp_log_warn("RTCSession", "a 2xx was not repeated: %s", pipit_error_message());
    wait(session, least(2 * ack->interval_ms, PP_T2_MS));
}

static void give_up(pipit_session *session)
{
    pp_ending ending = {.originator = PIPIT_REMOTE, .cause = PIPIT_CAUSE_NO_ACK};

    if (session->ack->bye) {
        pp_session_say_last_word(session);
        pp_session_let_go(session);
    } else {
        pp_ack_wait_stop(session);
        pp_session_give_up(session, 408, "No ACK", &ending);
    }
}

static void on_time(void *arg)
{
    pipit_session *session = pipit_session_ref(arg);

    session->ack->waited_ms += session->ack->interval_ms;
    if (session->ack->waited_ms < GIVE_UP_MS)
        repeat(session);
    else
        give_up(session);
    pipit_session_unref(session);
}

static void on_terminated(void *arg)
{
    ((pipit_session *)arg)->ack->transaction = NULL;
}

static const pp_server_handlers ack_handlers = {.terminated = on_terminated};

static bool is_first(const pipit_session *session, const pp_ack_wait *ack)
{
    return session->setup && ack == &session->setup->ack;
}

/* A call that comes in has its own while it begins; NULL: no memory. */
static pp_ack_wait *place_for(pipit_session *session)
{
    if (session->direction == PIPIT_REMOTE && session->setup && !session->ack)
        return &session->setup->ack;
    return PP_NEW(pp_ack_wait);
}

static void give_back(pipit_session *session, pp_ack_wait *ack)
{
    if (!is_first(session, ack))
        pp_free(ack);
}

int pp_ack_wait_start(pipit_session *session, pp_server_transaction *transaction,
                      pp_outgoing *response, bool offered)
{
    pp_ack_wait *ack = place_for(session);
    int err = ack ? pp_server_respond(transaction, response) : PIPIT_ERR_MEMORY;

    if (err) {
        give_back(session, ack);
        return err;
    }
    pp_ack_wait_stop(session);
    session->ack = ack;
    *ack = (pp_ack_wait){.transaction = transaction,
                         .response = pp_outgoing_ref(response),
                         .cseq = pp_server_request(transaction)->cseq,
                         .offered = offered};
    pp_server_listen(transaction, &ack_handlers, session);
    wait(session, PP_T1_MS);
    return 0;
}

void pp_ack_wait_stop(pipit_session *session)
{
    pp_ack_wait *ack = session->ack;

    if (!ack)
        return;
    session->ack = NULL;
    pp_loop_stop_timer(session->ua->loop, &ack->timer);
    pp_server_forget(ack->transaction);
    pp_outgoing_unref(ack->response);
    pp_outgoing_unref(ack->bye);
    give_back(session, ack);
}

/* The answer to the offer our 2xx carried. False when the call has ended over it. */
static bool take_answer(pipit_session *session, const pp_message *ack)
{
    pp_ending ending = {
        .originator = PIPIT_LOCAL, .cause = PIPIT_CAUSE_MISSING_SDP, .message = ack};

    if (!pp_session_sdp(ack).n) {
        ending.reason = "the ACK had no description";
        pp_session_give_up(session, 400, "Missing SDP", &ending);
        return false;
    }
    if (pp_session_apply(session, false, ack) < 0 && pp_session_alive(session)) {
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
