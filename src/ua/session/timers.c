/* timers.c - session timers (RFC 4028): what is asked for and agreed, and the end of a call whose far end has fallen silent. */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/session/session.h"

#define MIN_SE_DEFAULT_S 90u /* section 5: what no Min-SE means */

#define BORNE_MS       10000u
#define LENGTHENED_MAX 5u /* proxies may each want more than the one before */

/* --- asking ----------------------------------------------------------------------------------- */

void pp_session_timer_init(pipit_session *session, unsigned expires_s)
{
    const pp_settings *settings = &session->ua->settings;
    unsigned wanted_s = settings->session_expires_s;

    if (expires_s >= settings->session_min_s && expires_s <= PP_LIMIT_SESSION_EXPIRES_S)
        wanted_s = expires_s;
    session->timer.wanted_s = settings->session_timers ? wanted_s : 0;
}

static void write_min_se(const pp_session_timer *timer, pp_outgoing *request)
{
    if (timer->min_s > MIN_SE_DEFAULT_S)
        pp_outgoing_add_format(request, PP_HEADER_MIN_SE, "%u", timer->min_s);
}

static void add_interval(unsigned interval_s, const char *refresher, pp_outgoing *message)
{
    pp_outgoing_begin(message, PP_HEADER_SESSION_EXPIRES);
    pp_outgoing_put_uint(message, interval_s);
    pp_outgoing_put_c(message, refresher);
    pp_outgoing_end(message);
}

void pp_session_timer_offer(const pipit_session *session, pp_outgoing *invite)
{
    const pp_session_timer *timer = &session->timer;

    if (!timer->wanted_s)
        return;
    add_interval(timer->wanted_s, session->ua->settings.force_refresher ? ";refresher=uac" : "",
                 invite);
    write_min_se(timer, invite);
}

/* Mostly it stands alone and is written like this. */
static void read_refresher(pp_str params, pp_str *out)
{
    if (pp_str_eq_c(params, ";refresher=uac") || pp_str_eq_c(params, ";refresher=uas"))
        *out = pp_str_sub(params, strlen(";refresher="), params.n);
    else
        pp_param(params, "refresher", out);
}

/* Seconds of Session-Expires, 0 when there are none that we can use. */
static uint32_t read_interval(const pp_message *message, pp_str *refresher)
{
    pp_str value = pp_message_header(message, PP_HEADER_SESSION_EXPIRES, 0);
    size_t semicolon = pp_str_find(value, ';');
    uint32_t interval_s = 0;

    *refresher = PP_STR_NONE;
    if (!value.p || !pp_str_to_u32(pp_str_trim(pp_str_sub(value, 0, semicolon)), 1,
                                   PP_LIMIT_SESSION_EXPIRES_S, &interval_s))
        return 0;
    if (semicolon < value.n)
        read_refresher(pp_str_sub(value, semicolon, value.n), refresher);
    return interval_s;
}

/* Section 9: who does not know session timers cannot be asked for a longer one. */
int pp_session_timer_check(const pipit_ua *ua, const pp_message *request)
{
    pp_str refresher;
    uint32_t interval_s = read_interval(request, &refresher);

    return ua->settings.session_timers && interval_s && interval_s < ua->settings.session_min_s &&
                   pp_message_lists(request, PP_HEADER_SUPPORTED, "timer")
               ? 422
               : 0;
}

bool pp_session_timer_lengthen(pipit_session *session, const pp_message *response)
{
    pp_session_timer *timer = &session->timer;
    uint32_t min_s;

    if (timer->lengthened >= LENGTHENED_MAX ||
        !pp_message_number(response, PP_HEADER_MIN_SE, &min_s) ||
        min_s > PP_LIMIT_SESSION_EXPIRES_S || min_s <= timer->min_s)
        return false;
    timer->lengthened++;
    timer->min_s = min_s;
    if (timer->wanted_s && timer->wanted_s < min_s)
        timer->wanted_s = min_s;
    if (timer->interval_s && timer->interval_s < min_s)
        timer->interval_s = min_s;
    return true;
}

/* --- expiring --------------------------------------------------------------------------------- */

static void start_timer(pipit_session *session);

static void expire(pipit_session *session)
{
    pp_ending ending = {.originator = PIPIT_SYSTEM,
                        .cause = PIPIT_CAUSE_REQUEST_TIMEOUT,
                        .reason = "the session timer expired"};

    if (pp_survival_goes_on(session)) { /* no refresh could come or go */
        session->timer.expire_ms = pp_loop_now_ms(session->ua->loop) + BORNE_MS;
        start_timer(session);
    } else {
        pp_session_give_up(session, 408, "Session Timer Expired", &ending);
    }
}

static void on_timer(void *arg)
{
    pipit_session *session = arg;
    pp_session_timer *timer = &session->timer;

    if (timer->refresh_ms < timer->expire_ms) {
        timer->refresh_ms = PP_NEVER;
        start_timer(session);
        pp_session_refresh(session);
    } else {
        expire(session);
    }
}

static void start_timer(pipit_session *session)
{
    pp_session_timer *timer = &session->timer;
    uint64_t at_ms = timer->refresh_ms < timer->expire_ms ? timer->refresh_ms : timer->expire_ms;

    pp_loop_start_timer_at(session->ua->loop, &timer->timer, at_ms * 1000, on_timer, session);
}

void pp_session_refresh_later(pipit_session *session, uint64_t delay_ms)
{
    session->timer.refresh_ms = pp_loop_now_ms(session->ua->loop) + delay_ms;
    start_timer(session);
}

/* RFC 4028 section 10: refreshed at half of the interval; given up a third of it, or 32 s, before its end. */
static void arm(pipit_session *session)
{
    pp_session_timer *timer = &session->timer;
    uint64_t now_ms = pp_loop_now_ms(session->ua->loop);
    uint64_t interval_ms = (uint64_t)timer->interval_s * 1000;
    uint64_t before_ms = interval_ms / 3 < 32000 ? interval_ms / 3 : 32000;

    timer->expire_ms = now_ms + interval_ms - before_ms;
    timer->refresh_ms = timer->refresher ? now_ms + interval_ms / 2 : PP_NEVER;
    start_timer(session);
}

/* --- agreed ----------------------------------------------------------------------------------- */

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

static void agree(pp_session_timer *timer, const pp_message *message)
{
    pp_str refresher;
    uint32_t interval_s = read_interval(message, &refresher);

    if (interval_s >= PP_SESSION_EXPIRES_MIN_S) {
        timer->interval_s = interval_s;
        timer->refresher = is_refresher(message, refresher);
    } else if (!timer->interval_s) { /* the far end has no wish, so it is ours, and ours to do */
        timer->interval_s = timer->wanted_s;
        timer->refresher = true;
    }
}

void pp_session_timer_read(pipit_session *session, const pp_message *message)
{
    pp_session_timer *timer = &session->timer;
    uint32_t min_s;

    if (pp_message_count(message, PP_HEADER_ALLOW))
        timer->no_update = !pp_message_lists(message, PP_HEADER_ALLOW, "UPDATE");
    if (!timer->wanted_s)
        return;
    if (message->is_request && pp_message_number(message, PP_HEADER_MIN_SE, &min_s) &&
        min_s > timer->min_s && min_s <= PP_LIMIT_SESSION_EXPIRES_S) {
        timer->min_s = min_s; /* section 9: a 2xx of ours must not say less */
        if (timer->wanted_s < min_s)
            timer->wanted_s = min_s;
    }
    timer->lengthened = 0;
    agree(timer, message);
    arm(session);
}

void pp_session_timer_read_inside(pipit_session *session, const pp_message *message)
{
    if (pp_session_has_dialog(session))
        pp_session_timer_read(session, message);
}

void pp_session_timer_write(const pipit_session *session, bool request_is_ours,
                            pp_outgoing *message)
{
    const pp_session_timer *timer = &session->timer;
    bool uac = timer->refresher == request_is_ours;

    if (!timer->interval_s)
        return;
    add_interval(timer->interval_s, uac ? ";refresher=uac" : ";refresher=uas", message);
    if (request_is_ours)
        write_min_se(timer, message);
    else if (uac) /* section 9: it has to do it */
        pp_outgoing_add_c(message, PP_HEADER_REQUIRE, "timer");
}

void pp_session_timer_stop(pipit_session *session)
{
    pp_session_timer *timer = &session->timer;

    pp_loop_stop_timer(session->ua->loop, &timer->timer);
    timer->update = pp_request_sender_forget(timer->update);
    timer->interval_s = 0;
}
