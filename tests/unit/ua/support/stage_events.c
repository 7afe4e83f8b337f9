/* stage_events.c - what the application hears on a stage, written into its log. */
#include "unit/ua/support/stage.h"

static void note(stage *at, const char *name, const char *detail)
{
    scarce_pause();
    pp_buf_format(&at->log, "%s%s%s ", name, detail ? ":" : "", detail ? detail : "");
    scarce_resume();
    if (at->on_event)
        at->on_event(at, name);
}

static const char *who(pipit_originator originator)
{
    return originator == PIPIT_LOCAL ? "local" : originator == PIPIT_REMOTE ? "remote" : "system";
}

void check_events(stage *at, const char *expected)
{
    pp_buf_char(&at->log, '\0');
    assert_string_equal(at->log.p, expected);
    pp_buf_clear(&at->log);
}

static void on_connecting(pipit_session *s, const pipit_request_event *e, void *user)
{
    (void)s;
    assert_true(e->request || scarce_memory.failed);
    note(user, "connecting", NULL);
}

static void on_sending(pipit_session *s, const pipit_request_event *e, void *user)
{
    (void)s;
    assert_true(e->request || scarce_memory.failed);
    if (e->request)
        assert_string_equal(pipit_request_method(e->request), "INVITE");
    note(user, "sending", NULL);
}

static void on_progress(pipit_session *s, const pipit_progress_event *e, void *user)
{
    (void)s;
    assert_true((e->originator == PIPIT_REMOTE) == (e->response != NULL) || scarce_memory.failed);
    note(user, "progress", who(e->originator));
}

static void on_accepted(pipit_session *s, const pipit_progress_event *e, void *user)
{
    (void)s;
    note(user, "accepted", who(e->originator));
}

static void on_confirmed(pipit_session *s, const pipit_confirmed_event *e, void *user)
{
    (void)s;
    assert_true((e->originator == PIPIT_REMOTE) == (e->ack != NULL) || scarce_memory.failed);
    note(user, "confirmed", who(e->originator));
}

static void on_end(stage *at, const char *name, const pipit_end_event *e)
{
    char detail[64];

    at->cause = e->cause;
    snprintf(at->reason, sizeof(at->reason), "%s", e->reason);
    snprintf(detail, sizeof(detail), "%s:%s", who(e->originator), pipit_cause_name(e->cause));
    note(at, name, detail);
}

static void on_ended(pipit_session *s, const pipit_end_event *e, void *user)
{
    assert_true(pipit_session_is_ended(s));
    on_end(user, "ended", e);
}

static void on_failed(pipit_session *s, const pipit_end_event *e, void *user)
{
    assert_true(pipit_session_is_ended(s));
    on_end(user, "failed", e);
}

static void on_new_dtmf(pipit_session *s, const pipit_dtmf_event *e, void *user)
{
    char detail[64];

    (void)s;
    snprintf(detail, sizeof(detail), "%s:%c:%u:%s", who(e->originator), e->tone, e->duration_ms,
             e->rtp ? "rtp" : "info");
    note(user, "dtmf", detail);
}

static void on_new_info(pipit_session *s, const pipit_info_event *e, void *user)
{
    char detail[128];

    (void)s;
    assert_int_equal(strlen(e->body), e->size);
    snprintf(detail, sizeof(detail), "%s:%s:%s", who(e->originator), e->content_type, e->body);
    note(user, "info", detail);
}

static void on_hold(pipit_session *s, const pipit_hold_event *e, void *user)
{
    (void)s;
    note(user, "hold", who(e->originator));
}

static void on_unhold(pipit_session *s, const pipit_hold_event *e, void *user)
{
    (void)s;
    note(user, "unhold", who(e->originator));
}

static void on_reinvite(pipit_session *s, const pipit_reoffer_event *e, void *user)
{
    (void)s;
    assert_true(e->request || scarce_memory.failed);
    note(user, "reinvite", NULL);
}

static void on_update(pipit_session *s, const pipit_reoffer_event *e, void *user)
{
    (void)s;
    assert_true(e->request || scarce_memory.failed);
    note(user, "update", NULL);
}

static void on_reoffered(pipit_session *s, const pipit_reoffered_event *e, void *user)
{
    (void)s;
    note(user, "reoffered", who(e->originator));
}

static void on_replaces(pipit_session *s, const pipit_replaces_event *e, void *user)
{
    (void)s;
    assert_true(e->request || scarce_memory.failed);
    note(user, "replaces", NULL);
}

static void on_muted(pipit_session *s, const pipit_mute_event *e, void *user)
{
    (void)s;
    assert_true(e->audio && !e->video);
    note(user, "muted", NULL);
}

static void on_unmuted(pipit_session *s, const pipit_mute_event *e, void *user)
{
    (void)s;
    assert_true(e->audio && !e->video);
    note(user, "unmuted", NULL);
}

static void on_sdp(pipit_session *s, const pipit_sdp_event *e, void *user)
{
    stage *at = user;
    char detail[64];

    (void)s;
    snprintf(detail, sizeof(detail), "%s:%s", who(e->originator), e->type);
    if (at->log_sdp)
        note(at, "sdp", detail);
}

static void on_media(pipit_session *s, const pipit_media_event *e, void *user)
{
    (void)s;
    note(user, "media", e->state);
}

static void on_early_media(pipit_session *s, const pipit_early_media_event *e, void *user)
{
    stage *at = user;
    char detail[64];

    (void)s;
    snprintf(detail, sizeof(detail), "%s:%s", e->branch, e->heard ? "heard" : "there");
    if (at->log_branches)
        note(at, "early_media", detail);
}

static void on_fault(stage *at, const char *name, const pipit_media_failure_event *e)
{
    assert_true(e->reason[0] != '\0' || scarce_memory.failed);
    note(at, name, NULL);
}

#define FAULT(name)                                                                                \
    static void on_##name(pipit_session *s, const pipit_media_failure_event *e, void *user)        \
    {                                                                                              \
        (void)s;                                                                                   \
        on_fault(user, #name, e);                                                                  \
    }
FAULT(createofferfailed)
FAULT(createanswerfailed)
FAULT(setlocaldescriptionfailed)
FAULT(setremotedescriptionfailed)

const pipit_session_handlers session_handlers = {
    .early_media = on_early_media,
    .connecting = on_connecting,
    .sending = on_sending,
    .progress = on_progress,
    .accepted = on_accepted,
    .confirmed = on_confirmed,
    .ended = on_ended,
    .failed = on_failed,
    .new_dtmf = on_new_dtmf,
    .new_info = on_new_info,
    .hold = on_hold,
    .unhold = on_unhold,
    .reinvite = on_reinvite,
    .update = on_update,
    .reoffered = on_reoffered,
    .replaces = on_replaces,
    .muted = on_muted,
    .unmuted = on_unmuted,
    .sdp = on_sdp,
    .media = on_media,
    .peerconnection_createofferfailed = on_createofferfailed,
    .peerconnection_createanswerfailed = on_createanswerfailed,
    .peerconnection_setlocaldescriptionfailed = on_setlocaldescriptionfailed,
    .peerconnection_setremotedescriptionfailed = on_setremotedescriptionfailed,
};

static void on_ua_connected(pipit_ua *ua, const pipit_connected_event *e, void *user)
{
    assert_ptr_equal(e->socket, ((stage *)user)->socket);
    assert_true(pipit_ua_is_connected(ua));
    note(user, "connected", NULL);
}

static void on_ua_disconnected(pipit_ua *ua, const pipit_disconnected_event *e, void *user)
{
    (void)ua;
    assert_non_null(e->reason);
    note(user, "disconnected", e->error ? "error" : NULL);
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    (void)ua;
    assert_true(e->response || scarce_memory.failed);
    note(user, "registered", NULL);
}

static void on_unregistered(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)ua;
    assert_true((e->reason[0] == '\0') == (e->cause == PIPIT_CAUSE_NONE));
    note(user, "unregistered", pipit_cause_name(e->cause));
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    stage *at = user;

    (void)ua;
    assert_true(e->reason[0]);
    snprintf(at->reason, sizeof(at->reason), "%s", e->reason);
    at->retry_in = e->retry_in;
    note(user, "registration_failed", pipit_cause_name(e->cause));
}

static void on_registration_expiring(pipit_ua *ua, void *user)
{
    assert_true(pipit_ua_is_registered(ua));
    note(user, "registration_expiring", NULL);
}

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *user)
{
    stage *at = user;

    (void)ua;
    assert_non_null(e->request);
    assert_int_equal(pipit_session_direction(e->session), e->originator);
    pipit_session_unref(at->session);
    at->session = pipit_session_ref(e->session);
    if (e->originator == PIPIT_REMOTE)
        pipit_session_set_handlers(e->session, &session_handlers, at);
    note(at, "new_rtc_session", who(e->originator));
    if (at->on_new_session)
        at->on_new_session(at, e->session);
}

static void on_new_message(pipit_ua *ua, const pipit_new_message_event *e, void *user)
{
    stage *at = user;

    (void)ua;
    note(at, "new_message", pipit_message_body(e->message, NULL));
    if (e->originator != PIPIT_REMOTE)
        return;
    if (at->message_reply >= 300)
        assert_int_equal(pipit_message_reject(
                             e->message, &(pipit_reply_options){.status_code = at->message_reply}),
                         0);
    else if (at->message_reply)
        assert_int_equal(pipit_message_accept(e->message, NULL), 0);
    if (at->keep_message)
        at->message = pipit_message_ref(e->message);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    (void)ua;
    note(user, "stopped", NULL);
}

const pipit_ua_handlers ua_handlers = {
    .connected = on_ua_connected,
    .disconnected = on_ua_disconnected,
    .registered = on_registered,
    .unregistered = on_unregistered,
    .registration_failed = on_registration_failed,
    .new_rtc_session = on_new_rtc_session,
    .new_message = on_new_message,
    .stopped = on_stopped,
};

/* Who refreshes himself. */
const pipit_ua_handlers expiring_handlers = {
    .connected = on_ua_connected,
    .disconnected = on_ua_disconnected,
    .registered = on_registered,
    .unregistered = on_unregistered,
    .registration_failed = on_registration_failed,
    .registration_expiring = on_registration_expiring,
    .new_rtc_session = on_new_rtc_session,
    .new_message = on_new_message,
    .stopped = on_stopped,
};

static void on_message_succeeded(pipit_message *m, const pipit_message_event *e, void *user)
{
    (void)m;
    assert_true(e->response || scarce_memory.failed);
    note(user, "message_succeeded", NULL);
}

static void on_message_failed(pipit_message *m, const pipit_message_event *e, void *user)
{
    (void)m;
    note(user, "message_failed", pipit_cause_name(e->cause));
}

const pipit_message_handlers message_handlers = {on_message_succeeded, on_message_failed};
