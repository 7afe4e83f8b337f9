/* states.c - the states of a call, their names and what may be done in which (jssip-behaviour section 1.3). */
#include "base/log.h"
#include "ua/session/session.h"
#include "ua/trace.h"

enum { STATE_COUNT = PIPIT_SESSION_CONFIRMED + 1 };

static const char *const names[STATE_COUNT] = {
    [PIPIT_SESSION_NULL] = "null",
    [PIPIT_SESSION_INVITE_SENT] = "invite sent",
    [PIPIT_SESSION_1XX_RECEIVED] = "1xx received",
    [PIPIT_SESSION_INVITE_RECEIVED] = "invite received",
    [PIPIT_SESSION_WAITING_FOR_ANSWER] = "waiting for answer",
    [PIPIT_SESSION_ANSWERED] = "answered",
    [PIPIT_SESSION_WAITING_FOR_ACK] = "waiting for ack",
    [PIPIT_SESSION_CANCELED] = "canceled",
    [PIPIT_SESSION_TERMINATED] = "terminated",
    [PIPIT_SESSION_CONFIRMED] = "confirmed",
};

static const bool in_progress[STATE_COUNT] = {
    [PIPIT_SESSION_NULL] = true,
    [PIPIT_SESSION_INVITE_SENT] = true,
    [PIPIT_SESSION_1XX_RECEIVED] = true,
    [PIPIT_SESSION_INVITE_RECEIVED] = true,
    [PIPIT_SESSION_WAITING_FOR_ANSWER] = true,
};

static const bool established[STATE_COUNT] = {
    [PIPIT_SESSION_ANSWERED] = true,
    [PIPIT_SESSION_WAITING_FOR_ACK] = true,
    [PIPIT_SESSION_CONFIRMED] = true,
};

static const bool has_dialog[STATE_COUNT] = {
    [PIPIT_SESSION_WAITING_FOR_ACK] = true,
    [PIPIT_SESSION_CONFIRMED] = true,
};

static const bool ended[STATE_COUNT] = {
    [PIPIT_SESSION_CANCELED] = true,
    [PIPIT_SESSION_TERMINATED] = true,
};

const char *pipit_session_status_name(pipit_session_status status)
{
    return (unsigned)status < STATE_COUNT ? names[status] : "";
}

void pp_session_set_status(pipit_session *session, pipit_session_status status)
{
    bool was_alive = pp_session_alive(session);

    if (session->status == status)
        return;
    session->status = status;
    pp_log_debug("RTCSession", "%s became %s", session->call_id, names[status]);
    if (!session->ua)
        return;
    if (was_alive != pp_session_alive(session))
        session->ua->calls += was_alive ? -1u : 1u;
    pp_ua_trace_state(session->ua, "session", names[status]);
}

bool pp_session_has_dialog(const pipit_session *session)
{
    return has_dialog[session->status];
}

bool pipit_session_is_in_progress(const pipit_session *session)
{
    return in_progress[session->status];
}

bool pipit_session_is_established(const pipit_session *session)
{
    return established[session->status];
}

bool pipit_session_is_ended(const pipit_session *session)
{
    return ended[session->status];
}

pipit_session_status pipit_session_get_status(const pipit_session *session)
{
    return session->status;
}
