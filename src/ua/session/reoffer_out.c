/* reoffer_out.c - a re-INVITE, UPDATE or PRACK with an offer of ours: refused, it leaves the call as it was; met by an offer of the
 * far end, it is made again (RFC 3261 section 14.1, RFC 3311, RFC 3262 section 5). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "sip/status.h"
#include "ua/session/session.h"

#define REPEATS_MAX     5u
#define RETRY_AFTER_MAX 32u /* seconds; who wants us to wait longer refuses */
#define PATIENCE_MS                                                                                \
    180000u /* from one provisional answer to the next, as proxies have it (RFC 3261 section 16.6) */

/* --- with a restart of ICE -------------------------------------------------------------------- */

static int want_restart(pipit_session *session)
{
    pp_media_session *media = session->media.session;

    if (!media->ops->restart)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "session: its media does not restart ICE");
    return media->ops->restart(media, true);
}

static void forget_restart(pipit_session *session)
{
    pp_media_session *media = session->media.session;

    if (media->ops->restart)
        media->ops->restart(media, false);
}

/* --- over ------------------------------------------------------------------------------------- */

/* As if it had never been: what comes is not for it any more. */
static void forget(pipit_session *session)
{
    pp_own_reoffer *own = session->own;

    if (!own)
        return;
    own->sender = pp_request_sender_forget(own->sender);
    pp_loop_stop_timer(session->ua->loop, &own->again);
    pp_loop_stop_timer(session->ua->loop, &own->patience);
    pp_header_lines_free(own->headers);
    own->headers = NULL;
    own->kind = PP_OFFER_NONE;
    own->prack = false;
    if (session->media.making == PP_MAKING_REOFFER)
        session->media.making = PP_MAKING_NOTHING;
}

static void tell(pipit_session *session, pp_waiting *who, pipit_cause cause,
                 const pp_message *response)
{
    pp_waiting told = *who;
    pipit_outcome result = {.cause = cause};

    *who = (pp_waiting){0};
    if (!told.done)
        return;
    result.response = pp_ua_show(response);
    pipit_session_ref(session);
    told.done(session, &result, told.user);
    pipit_request_unref(result.response);
    pipit_session_unref(session);
}

/* The offer is over, and who waits for it hears so behind the events. In those there may be another offer, and the end of the
 * call. */
static void set_waiting_aside(pipit_session *session)
{
    session->own->over = session->own->waiting;
    session->own->waiting = (pp_waiting){0};
}

static void succeed(pipit_session *session, const pp_message *response)
{
    pipit_session_ref(session);
    forget(session);
    set_waiting_aside(session);
    pp_hold_look(session);
    if (pp_session_alive(session))
        pp_emit_reoffered(session, PIPIT_LOCAL);
    tell(session, &session->own->over, PIPIT_CAUSE_NONE, response);
    pipit_session_unref(session);
}

static void fail(pipit_session *session, pipit_cause cause, const pp_message *response)
{
    pp_own_offer kind = session->own->kind;

    pipit_session_ref(session);
    forget(session);
    set_waiting_aside(session);
    session->media.session->ops->rollback(session->media.session);
    if (session->own->restart) /* no offer to come is to fail by it, too */
        forget_restart(session);
    if (pp_prack_is_owed(session)) /* it goes without the offer */
        pp_prack_pay(session, session->branch);
    pp_hold_undo(session, kind);
    if (cause == PIPIT_CAUSE_WEBRTC_ERROR && pp_session_alive(session))
        pp_emit_fault(session);
    tell(session, &session->own->over, cause, response);
    pipit_session_unref(session);
}

void pp_own_reoffer_stop(pipit_session *session)
{
    forget(session);
    if (session->own)
        session->own->waiting = session->own->over = (pp_waiting){0};
}

void pp_own_reoffer_end(pipit_session *session, pipit_cause cause)
{
    if (!session->own)
        return;
    forget(session);
    tell(session, &session->own->over, cause, NULL);
    tell(session, &session->own->waiting, cause, NULL);
}

/* --- once more -------------------------------------------------------------------------------- */

static void make_again(void *arg)
{
    pipit_session *session = pipit_session_ref(arg);

    if (session->reoffer.transaction || session->ack) /* theirs first */
        pp_loop_start_timer(session->ua->loop, &session->own->again, PP_T1_MS, make_again, session);
    else if (pp_session_make(session, PP_MAKING_REOFFER) < 0)
        fail(session, PIPIT_CAUSE_WEBRTC_ERROR, NULL);
    pipit_session_unref(session);
}

/* RFC 3261 section 14.1: who made the Call-ID waits 2.1 to 4 s, the other up to 2 s. */
static uint64_t glare_delay_ms(const pipit_session *session)
{
    const pp_rng *rng = &session->ua->loop->rng;

    return session->direction == PIPIT_LOCAL ? 2100 + 10 * (uint64_t)pp_rng_below(rng, 191)
                                             : 10 * (uint64_t)pp_rng_below(rng, 201);
}

/* Whether the far end may take it later, and when. */
static bool worth_repeating(pipit_session *session, const pp_message *response, uint64_t *delay_ms)
{
    uint32_t seconds;

    if (session->own->repeats >= REPEATS_MAX)
        return false;
    if (response->status == 422 && pp_session_timer_lengthen(session, response)) {
        *delay_ms = 0;
        return true;
    }
    if (response->status == 491) {
        *delay_ms = glare_delay_ms(session);
        return true;
    }
    if ((response->status != 500 && response->status != 503) ||
        !pp_message_number(response, PP_HEADER_RETRY_AFTER, &seconds) || seconds > RETRY_AFTER_MAX)
        return false;
    *delay_ms = (uint64_t)seconds * 1000;
    return true;
}

static void repeat_later(pipit_session *session, uint64_t delay_ms)
{
    session->own->repeats++;
    session->media.session->ops->rollback(session->media.session);
    pp_loop_start_timer(session->ua->loop, &session->own->again, delay_ms, make_again, session);
}

/* --- asked there ------------------------------------------------------------------------------ */

/* Its final answer, 487 as a rule, says that nothing came of it. */
static void on_impatient(void *arg)
{
    pipit_session *session = arg;

    if (pp_request_sender_cancel(session->own->sender, NULL) < 0)
        pp_log_warn("RTCSession", "no CANCEL: %s", pipit_error_message());
}

/* Nothing else ends an INVITE that was answered provisionally. */
static void be_patient(pipit_session *session, const pp_message *response)
{
    if (response->method == PP_INVITE)
        pp_loop_start_timer(session->ua->loop, &session->own->patience, PATIENCE_MS, on_impatient,
                            session);
}

/* It is over, whatever came of it. */
static void drop_sender(pipit_session *session)
{
    session->own->sender = NULL;
    pp_loop_stop_timer(session->ua->loop, &session->own->patience);
}

/* --- the answer ------------------------------------------------------------------------------- */

static void acknowledge(pipit_session *session)
{
    pp_own_reoffer *own = session->own;
    const pp_outgoing *invite = pp_request_sender_request(own->sender);
    pp_outgoing *ack = NULL;
    int err = pp_session_make_ack(session, session->dialog, invite, &ack);

    if (!err)
        err = pp_ua_send_plain(session->ua, ack);
    if (err)
        pp_log_warn("RTCSession", "no ACK: %s", pipit_error_message());
    if (!ack)
        return;
    pp_outgoing_unref(own->ack);
    own->ack = ack;
    own->ack_cseq = pp_outgoing_cseq(ack);
}

static int apply(pipit_session *session, const pp_message *response)
{
    if (!pp_session_sdp(response).n)
        return pp_error(PIPIT_ERR_MEDIA, "session: the answer has no description");
    return pp_session_apply(session, false, response);
}

/* The far end has taken the offer and goes by it: without its answer there is no way back. */
static void give_up(pipit_session *session, const pp_message *response)
{
    pp_ending ending = {.originator = PIPIT_REMOTE,
                        .cause = PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION,
                        .message = response,
                        .reason = pipit_error_message()};

    pp_session_give_up(session, 488, NULL, &ending);
}

/* It changes neither the target nor the timer. A far end that sees no offer in it answers nothing, and all is as before. */
static void pracked(pipit_session *session, const pp_message *response)
{
    drop_sender(session);
    if (!pp_session_sdp(response).n) {
        fail(session, PIPIT_CAUSE_MISSING_SDP, response);
        return;
    }
    if (apply(session, response) == 0)
        succeed(session, response);
    else if (pp_session_alive(session))
        give_up(session, response);
}

static void accepted(pipit_session *session, const pp_message *response)
{
    pp_own_reoffer *own = session->own;
    int err;

    if (response->method == PP_INVITE) { /* its sender waits for more of them */
        acknowledge(session);
        pp_request_sender_forget(own->sender);
    }
    drop_sender(session);
    if (pp_dialog_refresh_target(pp_session_dialog(session), response) < 0)
        pp_log_debug("RTCSession", "the target stays: %s", pipit_error_message());
    pp_session_timer_read_inside(session, response);
    err = apply(session, response);
    if (!pp_session_alive(session))
        return;
    if (err)
        give_up(session, response);
    else
        succeed(session, response);
}

/* Silence while the call is being recovered: the far end may have lost its connection, too. */
static bool is_borne(const pipit_session *session, const pp_message *response)
{
    return session->own->kind == PP_OFFER_RECOVERY && (!response || response->status == 408);
}

/* Once more, it does not go in a PRACK. */
static void leave_prack(pipit_session *session)
{
    session->own->prack = false;
    session->own->update = !pp_session_has_dialog(session);
}

/* A PRACK that is refused, or that nobody answers, says nothing of the call. */
static void refused(pipit_session *session, const pp_message *response)
{
    bool in_prack = session->own->prack;
    uint64_t delay_ms;

    drop_sender(session);
    if (in_prack && session->branch)
        session->branch->prack = PP_PRACK_REFUSED;
    if (in_prack)
        leave_prack(session);
    if (worth_repeating(session, response, &delay_ms))
        repeat_later(session, delay_ms);
    else if (in_prack || is_borne(session, response) || !pp_session_check_answer(session, response))
        fail(session, pp_status_cause(response->status), response);
}

static void on_response(void *arg, const pp_message *response)
{
    pipit_session *session = arg;

    if (response->status < 200) {
        be_patient(session, response);
        return;
    }
    pipit_session_ref(session);
    if (response->status >= 300)
        refused(session, response);
    else if (session->own->prack)
        pracked(session, response);
    else
        accepted(session, response);
    pipit_session_unref(session);
}

static void on_timeout(void *arg)
{
    pipit_session *session = arg;

    drop_sender(session);
    if (session->own->prack || is_borne(session, NULL))
        fail(session, PIPIT_CAUSE_REQUEST_TIMEOUT, NULL);
    else
        pp_session_check_answer(session, NULL);
}

static void on_transport_error(void *arg)
{
    pipit_session *session = arg;

    drop_sender(session);
    fail(session, PIPIT_CAUSE_CONNECTION_ERROR, NULL);
}

static uint32_t next_cseq(void *arg)
{
    return pp_session_next_cseq(arg);
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .next_cseq = next_cseq,
};

/* --- the offer -------------------------------------------------------------------------------- */

/* RFC 3262 section 5. */
static int send_in_prack(pipit_session *session, const char *sdp)
{
    pp_own_reoffer *own = session->own;
    pp_outgoing *prack = NULL;
    int err = pp_prack_make(session, session->branch, sdp, &prack);

    if (!err) {
        pp_add_lines(prack, (const char *const *)own->headers);
        err = pp_outgoing_error(prack);
    }
    if (!err)
        err = pp_request_sender_start(session->ua, prack, &sender_handlers, session, &own->sender);
    if (!err)
        session->branch->prack = PP_PRACK_SENT;
    pp_outgoing_unref(prack);
    return err;
}

static int send_offer(pipit_session *session, const char *sdp)
{
    pp_own_reoffer *own = session->own;
    pp_contact_form form = {.anonymous = session->anonymous, .outbound = true};
    pp_outgoing *request = NULL;
    int err = pp_session_request(session, own->update ? PP_UPDATE : PP_INVITE, &request);

    if (!err)
        err = pp_ua_add_contact(session->ua, form, request);
    if (!err) {
        pp_session_timer_write(session, true, request);
        pp_trickle_announce(session, request);
        pp_add_lines(request, (const char *const *)own->headers);
        pp_ua_finish_reoffer(session->ua, request);
        pp_outgoing_set_sdp(request, pp_str_c(sdp));
        err = pp_outgoing_error(request);
    }
    if (!err)
        err =
            pp_request_sender_start(session->ua, request, &sender_handlers, session, &own->sender);
    pp_outgoing_unref(request);
    return err;
}

void pp_own_reoffer_described(pipit_session *session, int error, const char *sdp)
{
    if (!error)
        sdp = pp_emit_sdp(session, PIPIT_LOCAL, "offer", sdp);
    if (pp_own_offer_of(session) == PP_OFFER_NONE) /* the handler ended it all */
        return;
    if (!error)
        error = session->own->prack ? send_in_prack(session, sdp) : send_offer(session, sdp);
    if (!error)
        return;
    pp_log_warn("RTCSession", "no re-offer: %s", pipit_error_message());
    fail(session, PIPIT_CAUSE_WEBRTC_ERROR, NULL);
}

void pp_own_reoffer_moved(pipit_session *session)
{
    if (session->own)
        session->own->untold = session->own->early_hold;
}

/* What is on its way says so as well. */
void pp_own_reoffer_retell(pipit_session *session)
{
    static const pipit_reoffer_options plain = {0};

    if (!session->own || !session->own->untold || !pipit_session_is_ready_to_reoffer(session))
        return;
    session->own->untold = false;
    if (pp_own_reoffer_start(session, PP_OFFER_SAME, &plain) < 0)
        pp_log_warn("RTCSession", "no offer: %s", pipit_error_message());
}

void pp_own_reoffer_overtaken(pipit_session *session)
{
    if (session->own && session->own->prack && !session->own->sender)
        leave_prack(session);
    if (session->fork->prack == PP_PRACK_OWED)
        pp_prack_pay(session, session->fork);
}

bool pp_own_reoffer_is_open(const pipit_session *session)
{
    return pp_own_offer_of(session) != PP_OFFER_NONE && !session->own->again.armed;
}

int pp_own_reoffer_start(pipit_session *session, pp_own_offer kind,
                         const pipit_reoffer_options *options)
{
    pp_own_reoffer *own = session->own ? session->own : PP_NEW(pp_own_reoffer);
    char **headers = NULL;
    int err = own ? pp_header_lines_copy(options->extra_headers, &headers) : PIPIT_ERR_MEMORY;

    session->own = own;
    if (!err && options->restart_ice)
        err = want_restart(session);
    if (!err)
        err = pp_session_make(session, PP_MAKING_REOFFER);
    if (err) {
        if (options->restart_ice)
            forget_restart(session);
        pp_header_lines_free(headers);
        return err;
    }
    own->restart = options->restart_ice;
    own->early_hold = own->early_hold || (!pp_session_has_dialog(session) &&
                                          (kind == PP_OFFER_HOLD || kind == PP_OFFER_UNHOLD));
    own->kind = kind;
    own->prack = !options->use_update && pp_prack_is_owed(session);
    own->update = options->use_update || !pp_session_has_dialog(session);
    own->repeats = 0;
    own->headers = headers;
    own->waiting.done = options->done;
    own->waiting.user = options->user;
    return 0;
}
