/* survive.c - calls outlive a lost connection and a lost media path. Behind a new connection, and when the far end stopped
 * answering ICE's checks, an established call makes a re-INVITE by itself: its Contact is the one of now, and it restarts ICE
 * with the addresses of now (RFC 3261 section 14, RFC 8445 section 9). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/session/session.h"

#define SPREAD_MS                                                                                  \
    1000u /* behind a new connection; a server that came back is met by all its clients */
#define CLOSING_MS                                                                                 \
    500u /* a far end that hangs up closes its media, and its BYE is a moment behind */
#define CALLEE_MS    2000u /* later than the caller, for both notice it */
#define BUSY_MS      500u
#define NETWORK_MS   200u
#define AGAIN_MS     2000u /* doubled each time, as long as the far end is not back itself */
#define AGAIN_MAX_MS 16000u
#define ATTEMPTS_MAX 8u
#define WAITS_MAX    8u /* limits that pass without a connection to ask over */

static void ask(void *arg);
static void lose_patience(void *arg);

/* Connected, and the registrar has spoken or is not asked. */
static bool is_back(const pipit_ua *ua)
{
    return pp_transport_is_connected(ua->transport) && !ua->returned;
}

static bool is_kept(const pipit_session *session)
{
    return !session->ua->settings.no_call_recovery && pp_session_has_dialog(session) &&
           session->media.session;
}

static void ask_in(pipit_session *session, uint64_t delay_ms)
{
    pp_loop_start_timer(session->ua->loop, &session->survival->again, delay_ms, ask, session);
}

static void start_limit(pipit_session *session)
{
    session->survival->impatient = false;
    pp_loop_start_timer(session->ua->loop, &session->survival->limit,
                        (uint64_t)session->ua->settings.ice_recovery_s * 1000, lose_patience,
                        session);
}

void pp_survival_stop(pipit_session *session)
{
    if (!session->survival)
        return;
    pp_loop_stop_timer(session->ua->loop, &session->survival->again);
    pp_loop_stop_timer(session->ua->loop, &session->survival->limit);
}

/* NULL when there is no memory for it: the call has to do without. */
static pp_survival *survival_of(pipit_session *session)
{
    if (!session->survival)
        session->survival = PP_NEW(pp_survival);
    if (!session->survival)
        pp_log_warn("RTCSession", "no memory to recover a call with");
    return session->survival;
}

/* --- asking ----------------------------------------------------------------------------------- */

static void settle(pp_survival *survival)
{
    survival->moved = survival->lost = false;
    survival->attempts = 0;
}

/* Refused for good: the call goes on as it is, for as long as it can. */
static void refused(pipit_session *session)
{
    pp_survival *survival = session->survival;

    if (!survival->plain && survival->moved) { /* the far end may know the target at least */
        survival->plain = true;
        ask_in(session, 0);
        return;
    }
    survival->plain = true;
    settle(survival);
}

/* An answer that says more about the way, or this moment, than about the offer. */
static bool may_pass(const pipit_outcome *outcome)
{
    int status = outcome->response ? pipit_request_status_code(outcome->response) : 408;

    return status == 404 || status == 408 || status == 430 || status == 480 || status == 491 ||
           (status >= 500 && status < 600 && status != 501);
}

static void on_done(pipit_session *session, const pipit_outcome *outcome, void *user)
{
    pp_survival *survival = session->survival;
    uint64_t delay_ms = (uint64_t)AGAIN_MS << (survival->attempts < 3 ? survival->attempts : 3);

    (void)user;
    if (!pp_session_alive(session))
        return;
    if (survival->anew && outcome->cause != PIPIT_CAUSE_CONNECTION_ERROR) {
        survival->anew = false;
        ask_in(session, NETWORK_MS);
    } else if (outcome->cause == PIPIT_CAUSE_NONE)
        settle(survival);
    else if (outcome->cause == PIPIT_CAUSE_CONNECTION_ERROR)
        return; /* the next connection asks again */
    else if (!may_pass(outcome))
        refused(session);
    else if (++survival->attempts < ATTEMPTS_MAX)
        ask_in(session, delay_ms < AGAIN_MAX_MS ? delay_ms : AGAIN_MAX_MS);
    else
        settle(survival);
}

static void ask(void *arg)
{
    pipit_session *session = arg;
    pp_survival *survival = session->survival;
    pipit_reoffer_options options = {.restart_ice = !survival->plain, .done = on_done};
    int err;

    if (!is_kept(session) || !is_back(session->ua) || !(survival->moved || survival->lost))
        return;
    if (!pipit_session_is_ready_to_reoffer(session)) {
        ask_in(session, BUSY_MS);
        return;
    }
    err = pp_own_reoffer_start(session, PP_OFFER_RECOVERY, &options);
    if (err == PIPIT_ERR_STATE || err == PIPIT_ERR_NOT_SUPPORTED) { /* no restart would help */
        refused(session);
    } else if (err) {
        pp_log_warn("RTCSession", "no re-INVITE: %s", pipit_error_message());
        ask_in(session, AGAIN_MS);
    }
}

/* --- the connection --------------------------------------------------------------------------- */

/* A 2xx whose ACK cannot come any more: the call was confirmed before, and goes on. */
static void forget_ack(pipit_session *session)
{
    bool offered = session->ack && session->ack->offered;

    if (session->status != PIPIT_SESSION_CONFIRMED || !session->ack || session->ack->bye)
        return;
    pp_ack_wait_stop(session);
    if (offered)
        session->media.session->ops->rollback(session->media.session);
}

void pp_survival_disconnected(pipit_ua *ua)
{
    for (pipit_session *session = ua->sessions; session; session = session->next) {
        pp_survival *survival;

        if (!pp_session_alive(session) || !is_kept(session))
            continue;
        forget_ack(session);
        survival = survival_of(session);
        if (!survival)
            continue;
        pp_loop_stop_timer(ua->loop, &survival->again);
        survival->moved = true;
    }
}

void pp_survival_connected(pipit_ua *ua)
{
    for (pipit_session *session = ua->sessions; session; session = session->next) {
        pp_survival *survival = session->survival;

        if (!pp_session_alive(session) || !survival || !(survival->moved || survival->lost))
            continue;
        survival->attempts = 0;
        ask_in(session, pp_rng_below(&ua->loop->rng, SPREAD_MS));
        if (survival->limit.armed) /* from here on it can be asked for */
            start_limit(session);
    }
}

/* Its path is gone for certain, or it is looking for one and has new addresses to look with. */
static bool is_concerned(const pipit_session *session, bool came)
{
    pp_media_session *media = session->media.session;
    bool searches = session->survival && session->survival->had_path &&
                    session->media.state != PP_MEDIA_CONNECTED;

    if (came && (searches || session->ua->settings.network_changes == PIPIT_NETWORK_FOLLOW_ALL))
        return true;
    return media->ops->is_stranded && media->ops->is_stranded(media);
}

void pp_survival_network(pipit_ua *ua, bool came)
{
    for (pipit_session *session = ua->sessions; session; session = session->next) {
        pp_survival *survival;

        if (!pp_session_alive(session) || !is_kept(session) || !is_concerned(session, came))
            continue;
        survival = survival_of(session);
        if (!survival || (survival->plain && !survival->moved))
            continue;
        survival->lost = true;
        survival->attempts = 0;
        if (pp_own_offer_of(session) == PP_OFFER_RECOVERY)
            survival->anew = true;
        else
            ask_in(session, NETWORK_MS);
    }
}

bool pp_survival_goes_on(const pipit_session *session)
{
    bool moved = session->survival && session->survival->moved;

    return is_kept(session) && (moved || !is_back(session->ua));
}

/* --- the media path --------------------------------------------------------------------------- */

static void give_up(pipit_session *session)
{
    pp_ending ending = {.originator = PIPIT_SYSTEM,
                        .cause = PIPIT_CAUSE_RTP_TIMEOUT,
                        .reason = "the media path was lost, and not found again"};

    pp_session_give_up(session, 408, "RTP Timeout", &ending);
}

/* The old path may still come back until ICE itself gives it up. */
static void lose_patience(void *arg)
{
    pipit_session *session = arg;
    pp_survival *survival = session->survival;

    if (!is_back(session->ua) && survival->waits++ < WAITS_MAX) {
        start_limit(session);
        return;
    }
    survival->impatient = true;
    if (session->media.state != PP_MEDIA_DISCONNECTED)
        give_up(session);
}

static void found(pipit_session *session)
{
    pp_survival *survival = survival_of(session);

    if (!survival)
        return;
    survival->had_path = true;
    survival->lost = survival->impatient = false;
    survival->waits = 0;
    pp_loop_stop_timer(session->ua->loop, &survival->limit);
}

static void lost(pipit_session *session)
{
    pp_survival *survival = session->survival;
    uint64_t delay_ms = session->direction == PIPIT_LOCAL ? CLOSING_MS : CALLEE_MS;

    if (survival->plain && !survival->moved)
        return;
    survival->lost = true;
    if (!survival->limit.armed)
        start_limit(session);
    if (!survival->again.armed && pp_own_offer_of(session) != PP_OFFER_RECOVERY)
        ask_in(session, delay_ms);
}

static bool can_restart(const pipit_session *session)
{
    pp_media_session *media = session->media.session;

    return media->ops->restart && media->ops->restart(media, true) == 0;
}

bool pp_survival_media(pipit_session *session, pp_media_state state)
{
    const pp_survival *survival = session->survival;
    bool impatient = survival && survival->impatient;
    bool kept = is_kept(session) && survival && survival->had_path && !impatient;

    switch (state) {
    case PP_MEDIA_CONNECTED:
        found(session);
        return true;
    case PP_MEDIA_CHECKING:
        return !impatient;
    case PP_MEDIA_DISCONNECTED:
        if (kept)
            lost(session);
        return true;
    case PP_MEDIA_FAILED:
        if (!kept || survival->plain || !can_restart(session))
            return false;
        lost(session);
        return true;
    default:
        return true;
    }
}
