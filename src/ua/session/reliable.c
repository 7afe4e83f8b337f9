/* reliable.c - provisional responses of ours that are repeated until their PRACK comes (RFC 3262 section 3). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/typed/typed.h"
#include "ua/session/session.h"

#define GIVE_UP_MS (64 * PP_T1_MS)
#define RSEQ_MAX   2147483647u /* section 3: the first is less than 2^31 */

/* --- sending ---------------------------------------------------------------------------------- */

static void on_repeat(void *arg)
{
    pipit_session *session = arg;
    pp_early *early = session->early;

    if (session->transaction &&
        pp_server_respond(session->transaction, early->waiting->response) < 0)
        pp_log_warn("RTCSession", "a response was not repeated: %s", pipit_error_message());
    early->interval_ms *= 2;
    pp_loop_start_timer(session->ua->loop, &early->repeat, early->interval_ms, on_repeat, session);
}

static void on_give_up(void *arg)
{
    pp_ending ending = {.originator = PIPIT_REMOTE,
                        .cause = PIPIT_CAUSE_NO_ACK,
                        .reason = "a provisional response was not acknowledged"};

    pp_session_give_up(arg, 500, "No PRACK", &ending);
}

static void stop_timers(pipit_session *session)
{
    if (!session->early)
        return;
    pp_loop_stop_timer(session->ua->loop, &session->early->repeat);
    pp_loop_stop_timer(session->ua->loop, &session->early->give_up);
}

/* The first of those that wait; an attempt that failed leaves no number behind. */
static int send_first(pipit_session *session)
{
    pipit_loop *loop = session->ua->loop;
    pp_early *early = session->early;
    pp_outgoing *response = early->waiting->response;
    uint32_t rseq = early->rseq ? early->rseq + 1 : 1 + pp_rng_below(&loop->rng, RSEQ_MAX);
    int err;

    if (!session->transaction)
        return pp_error(PIPIT_ERR_CONNECTION, "session: the connection it came by is lost");
    pp_outgoing_remove(response, PP_HEADER_RSEQ);
    pp_outgoing_add_format(response, PP_HEADER_RSEQ, "%lu", (unsigned long)rseq);
    err = pp_outgoing_error(response);
    if (!err)
        err = pp_server_respond(session->transaction, response);
    if (err)
        return err;
    early->waiting->sent = true;
    early->rseq = rseq;
    early->interval_ms = PP_T1_MS;
    pp_loop_start_timer(loop, &early->repeat, PP_T1_MS, on_repeat, session);
    pp_loop_start_timer(loop, &early->give_up, GIVE_UP_MS, on_give_up, session);
    return 0;
}

static void drop_first(pipit_session *session)
{
    pp_unacknowledged *first = session->early->waiting;

    session->early->waiting = first->next;
    pp_outgoing_unref(first->response);
    pp_free(first);
}

static int send_reliably(pipit_session *session, pp_outgoing *response, bool described)
{
    pp_early *early = pp_early_of(session);
    pp_unacknowledged **end, *last = early ? PP_NEW(pp_unacknowledged) : NULL;
    int err = 0;

    if (!last)
        return PIPIT_ERR_MEMORY;
    end = &early->waiting;
    pp_outgoing_add_c(response, PP_HEADER_REQUIRE, "100rel");
    last->response = pp_outgoing_ref(response);
    last->described = described;
    while (*end)
        end = &(*end)->next;
    *end = last;
    if (end == &early->waiting) {
        err = send_first(session);
        if (err)
            drop_first(session);
    }
    return err;
}

/* Section 3: it must be when the caller requires it. When he only knows it, descriptions are worth it, and where the
 * configuration wants it all of them. */
static bool wants(const pipit_session *session, bool described)
{
    pipit_reliable_provisionals policy = session->ua->settings.reliable;

    if (policy == PIPIT_RELIABLE_NONE)
        return false;
    if (pp_message_lists(session->request, PP_HEADER_REQUIRE, "100rel"))
        return true;
    return (described || policy == PIPIT_RELIABLE_REQUIRED) &&
           pp_message_lists(session->request, PP_HEADER_SUPPORTED, "100rel");
}

int pp_provisional_send(pipit_session *session, pp_outgoing *response, bool described,
                        bool *reliable)
{
    *reliable = wants(session, described);
    if (*reliable)
        return send_reliably(session, response, described);
    if (!session->transaction)
        return pp_error(PIPIT_ERR_CONNECTION, "session: the connection it came by is lost");
    return pp_server_respond(session->transaction, response);
}

bool pp_reliable_blocks(const pipit_session *session)
{
    for (const pp_unacknowledged *u = session->early ? session->early->waiting : NULL; u;
         u = u->next)
        if (u->described)
            return true;
    return false;
}

/* Its PRACK may still come, and is good then; those behind it have not gone and never will. */
void pp_reliable_rest(pipit_session *session)
{
    pp_unacknowledged *first = session->early ? session->early->waiting : NULL;

    stop_timers(session);
    while (first && first->next) {
        pp_unacknowledged *next = first->next->next;

        pp_outgoing_unref(first->next->response);
        pp_free(first->next);
        first->next = next;
    }
}

void pp_reliable_stop(pipit_session *session)
{
    stop_timers(session);
    while (session->early && session->early->waiting)
        drop_first(session);
}

/* --- PRACK ------------------------------------------------------------------------------------ */

static int check(const pipit_session *session, const pp_message *prack)
{
    pp_rack rack;

    if (pp_rack_parse(pp_message_header(prack, PP_HEADER_RACK, 0), &rack) < 0)
        return 400;
    if (!session->early || !session->early->waiting || rack.rseq != session->early->rseq ||
        rack.cseq != session->request->cseq || !pp_str_eq_c(rack.method, "INVITE"))
        return 481;
    return 0;
}

static void refuse(pipit_session *session, pp_server_transaction *transaction, int status)
{
    pp_ending ending = {
        .originator = PIPIT_REMOTE,
        .cause = status == 400 ? PIPIT_CAUSE_MISSING_SDP : PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION,
        .message = pp_server_request(transaction),
        .reason = status == 400 ? "the PRACK had no description" : pipit_error_message()};

    pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
    pp_session_give_up(session, status, NULL, &ending);
}

/* The answer to our offer. False when the call is over. */
static bool take_answer(pipit_session *session, pp_server_transaction *transaction)
{
    const pp_message *prack = pp_server_request(transaction);
    bool answered = pp_session_sdp(prack).n > 0;
    int err = answered ? pp_session_apply(session, false, prack) : 0;

    if (!pp_session_alive(session))
        return false;
    if (!answered || err) {
        refuse(session, transaction, answered ? 488 : 400);
        return false;
    }
    session->early->offered = false;
    session->early->agreed = true;
    pp_ua_answer(session->ua, transaction, 200, NULL, PP_HEADER_OTHER, NULL);
    return true;
}

static void go_on(pipit_session *session)
{
    pp_unacknowledged *first = session->early->waiting; /* a handler may have sent one meanwhile */

    if (first && !first->sent && send_first(session) < 0)
        pp_log_warn("RTCSession", "a response was not sent: %s", pipit_error_message());
    pp_answer_go_on(session);
}

void pp_prack_receive(pipit_session *session, pp_server_transaction *transaction)
{
    const pp_message *prack = pp_server_request(transaction);
    int status = session->direction == PIPIT_REMOTE ? check(session, prack) : 481;
    bool described;

    if (status) {
        pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
        return;
    }
    described = session->early->waiting->described;
    stop_timers(session);
    drop_first(session);
    if (described && session->early->offered) {
        if (!take_answer(session, transaction))
            return;
    } else if (pp_session_sdp(prack).n) { /* section 5: a new offer */
        pp_reoffer_take(session, transaction);
    } else {
        pp_ua_answer(session->ua, transaction, 200, NULL, PP_HEADER_OTHER, NULL);
    }
    if (pp_session_alive(session))
        go_on(session);
}
