/* timers.c - session timers (RFC 4028) as the far end asks for them. We refresh when told to, and hang up when a far end that
 * refreshes falls silent. */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/session/session.h"

#include <stdio.h>

#define INTERVAL_MIN_S 60u /* RFC 4028 section 4 wants 90; JsSIP offers and takes 60 */
#define RETRY_MS       3000u

/* --- refreshing ------------------------------------------------------------------------------- */

static void on_refresh(void *arg);

static void refresh_again(pipit_session *session)
{
    pp_loop_start_timer(session->ua->loop, &session->timer.refresh, RETRY_MS, on_refresh, session);
}

static void on_response(void *arg, const pp_message *response)
{
    pipit_session *session = arg;
    pp_session_timer *timer = &session->timer;
    uint32_t min_se;

    if (response->status < 200)
        return;
    timer->update = NULL;
    if (response->status < 300) {
        if (session->fork && pp_dialog_refresh_target(session->fork->dialog, response) < 0)
            pp_log_debug("RTCSession", "the target stays: %s", pipit_error_message());
        pp_session_timer_read(session, response);
        return;
    }
    if (response->status == 422 && pp_message_number(response, PP_HEADER_MIN_SE, &min_se) &&
        min_se > timer->interval_s && min_se <= PP_LIMIT_SESSION_EXPIRES_S)
        timer->interval_s = min_se; /* section 7.4 */
    /* Another failure than those that end a dialog: tried again until the interval is over. */
    if (!pp_session_check_answer(session, response))
        refresh_again(session);
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
    refresh_again(session); /* the connection may be back by then */
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

static void on_refresh(void *arg)
{
    pipit_session *session = arg;

    if (session->timer.update)
        return;
    if (!pp_session_has_dialog(session) || send_update(session) < 0)
        refresh_again(session);
}

/* --- expiring --------------------------------------------------------------------------------- */

static void on_expire(void *arg)
{
    pp_ending ending = {.originator = PIPIT_SYSTEM,
                        .cause = PIPIT_CAUSE_REQUEST_TIMEOUT,
                        .reason = "the session timer expired"};

    pp_session_give_up(arg, 408, "Session Timer Expired", &ending);
}

/* RFC 4028 section 10: refreshed at half of the interval; given up a third of it, or 32 s, before its end. */
static void arm(pipit_session *session)
{
    pp_session_timer *timer = &session->timer;
    pipit_loop *loop = session->ua->loop;
    uint64_t interval_ms = (uint64_t)timer->interval_s * 1000;
    uint64_t before_ms = interval_ms / 3 < 32000 ? interval_ms / 3 : 32000;

    pp_loop_start_timer(loop, &timer->expire, interval_ms - before_ms, on_expire, session);
    if (timer->refresher)
        pp_loop_start_timer(loop, &timer->refresh, interval_ms / 2, on_refresh, session);
    else
        pp_loop_stop_timer(loop, &timer->refresh);
}

/* --- read and written ------------------------------------------------------------------------- */

/* Who refreshes. In a request as in its response, "uac" is whoever sent the request. */
static bool is_refresher(const pp_message *message, pp_str refresher)
{
    bool theirs_is_request = message->is_request;

    if (pp_str_ieq_c(refresher, "uas"))
        return theirs_is_request;
    if (pp_str_ieq_c(refresher, "uac"))
        return !theirs_is_request;
    /* Not said. A caller that knows timers does it himself (section 9, table 2); a response must say it, and else it is
     * whoever asked. */
    return theirs_is_request ? !pp_message_lists(message, PP_HEADER_SUPPORTED, "timer") : true;
}

void pp_session_timer_read(pipit_session *session, const pp_message *message)
{
    pp_session_timer *timer = &session->timer;
    pp_str value = pp_message_header(message, PP_HEADER_SESSION_EXPIRES, 0);
    size_t semicolon = pp_str_find(value, ';');
    pp_str refresher = PP_STR_NONE;
    uint32_t interval_s;

    if (pp_str_to_u32(pp_str_trim(pp_str_sub(value, 0, semicolon)), INTERVAL_MIN_S,
                      PP_LIMIT_SESSION_EXPIRES_S, &interval_s)) {
        pp_param(pp_str_sub(value, semicolon, value.n), "refresher", &refresher);
        timer->interval_s = interval_s;
        timer->refresher = is_refresher(message, refresher);
    }
    if (timer->interval_s)
        arm(session);
}

void pp_session_timer_write(const pipit_session *session, bool request_is_ours,
                            pp_outgoing *message)
{
    const pp_session_timer *timer = &session->timer;
    bool uac = timer->refresher == request_is_ours;

    if (timer->interval_s)
        pp_outgoing_add_format(message, PP_HEADER_SESSION_EXPIRES, "%u;refresher=%s",
                               timer->interval_s, uac ? "uac" : "uas");
}

void pp_session_timer_stop(pipit_session *session)
{
    pp_session_timer *timer = &session->timer;

    pp_loop_stop_timer(session->ua->loop, &timer->refresh);
    pp_loop_stop_timer(session->ua->loop, &timer->expire);
    timer->update = pp_request_sender_forget(timer->update);
    timer->interval_s = 0;
}
