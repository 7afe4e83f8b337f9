/* emit.c - the events of a call. Each holds the call while its handler runs, for a handler may release it. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/request.h"
#include "sip/status.h"
#include "ua/session/session.h"

#include <stdio.h>

/* Most events of a call nobody hears. */
#define HEARD(session, name)                                                                       \
    pp_listens_to(&(session)->listeners, offsetof(pipit_session_handlers, name),                   \
                  offsetof(pipit_session_handlers, any))

#define EMIT(session, name, event)                                                                 \
    do {                                                                                           \
        if (HEARD(session, name)) {                                                                \
            pipit_session *emitter_ = pipit_session_ref(session);                                  \
            PP_EMIT(pipit_session_handlers, emitter_, name, (event), emitter_, (event));           \
            pipit_session_unref(emitter_);                                                         \
        }                                                                                          \
    } while (0)

/* A message is shown to those who look: to be shown it is copied and taken apart, which costs more than the rest of an event. */
#define SHOW_TO(session, name, message)   (HEARD(session, name) ? pp_ua_show(message) : NULL)
#define SHOW_OUTGOING(session, name, out) (HEARD(session, name) ? show_outgoing(out) : NULL)

/* NULL when there is no memory for it. */
static pipit_request *show_outgoing(const pp_outgoing *message)
{
    pipit_request *shown = NULL;

    if (pp_request_of_outgoing(message, &shown) < 0)
        pp_log_warn("RTCSession", "no memory to show a message");
    return shown;
}

void pp_emit_new_rtc_session(pipit_session *session, pipit_request *request)
{
    pipit_new_rtc_session_event event = {.originator = session->direction,
                                         .session = session,
                                         .request = request,
                                         .replaces = session->replaced};

    pipit_session_ref(session);
    PP_UA_EMIT(session->ua, new_rtc_session, &event);
    pipit_session_unref(session);
}

void pp_emit_connecting(pipit_session *session)
{
    pipit_request_event event = {session->request
                                     ? SHOW_TO(session, connecting, session->request)
                                     : SHOW_OUTGOING(session, connecting, session->invite)};

    EMIT(session, connecting, &event);
    pipit_request_unref(event.request);
}

int pp_emit_sending(pipit_session *session)
{
    pipit_request_event event = {SHOW_OUTGOING(session, sending, session->invite)};
    int err = 0;

    EMIT(session, sending, &event);
    if (event.request && pp_request_was_changed(event.request) && pp_session_alive(session))
        err = pp_session_take_invite(session, event.request);
    pipit_request_unref(event.request);
    return err;
}

void pp_emit_progress(pipit_session *session, const pp_message *response)
{
    pipit_progress_event event = {response ? PIPIT_REMOTE : PIPIT_LOCAL,
                                  SHOW_TO(session, progress, response)};

    if (response)
        pp_refer_tell(session, response->status, NULL);
    EMIT(session, progress, &event);
    pipit_request_unref(event.response);
}

void pp_emit_accepted(pipit_session *session, const pp_message *response)
{
    pipit_progress_event event = {response ? PIPIT_REMOTE : PIPIT_LOCAL,
                                  SHOW_TO(session, accepted, response)};

    if (response)
        pp_refer_tell(session, response->status, NULL);
    EMIT(session, accepted, &event);
    pipit_request_unref(event.response);
}

void pp_emit_confirmed(pipit_session *session, const pp_message *ack)
{
    pipit_confirmed_event event = {ack ? PIPIT_REMOTE : PIPIT_LOCAL,
                                   SHOW_TO(session, confirmed, ack)};

    pp_replaces_done(session);
    EMIT(session, confirmed, &event);
    pipit_request_unref(event.ack);
}

static void emit_candidate(pipit_session *session, pp_str line)
{
    char text[256];
    const pipit_icecandidate_event event = {text};

    if (line.n >= sizeof(text))
        return;
    snprintf(text, sizeof(text), "%.*s", PP_STR(line));
    EMIT(session, icecandidate, &event);
}

void pp_emit_candidate(pipit_session *session, pp_str candidate)
{
    pp_buf line = {0};

    session->media.candidates_told++;
    pp_buf_c(&line, "candidate:");
    pp_buf_str(&line, candidate);
    if (!pp_buf_error(&line) && PP_SESSION_LISTENS(session, icecandidate))
        emit_candidate(session, pp_buf_text(&line));
    pp_buf_free(&line);
}

/* Each a=candidate line of a description of ours, but for those that were told before it was made. */
static void emit_candidates(pipit_session *session, const char *sdp)
{
    unsigned told = session->media.candidates_told;
    pp_str rest = pp_str_c(sdp);

    session->media.candidates_told = 0;
    while (rest.p && pp_session_alive(session)) {
        pp_str line = pp_str_trim(pp_str_split(&rest, '\n'));

        if (!pp_str_starts(line, "a=candidate:"))
            continue;
        if (told)
            told--;
        else
            emit_candidate(session, pp_str_sub(line, 2, line.n));
    }
}

const char *pp_emit_sdp(pipit_session *session, pipit_originator originator, const char *type,
                        const char *sdp)
{
    pipit_sdp_event event = {originator, type, sdp};
    pp_session_media *media = &session->media;

    pp_free(media->changed);
    media->changed = NULL;
    if (originator == PIPIT_LOCAL && PP_SESSION_LISTENS(session, icecandidate))
        emit_candidates(session, sdp);
    media->showing = true;
    EMIT(session, sdp, &event);
    media->showing = false;
    return media->changed ? media->changed : sdp;
}

int pipit_session_change_sdp(pipit_session *session, const char *sdp)
{
    char *copy;

    if (!session || !sdp)
        return pp_error(PIPIT_ERR_ARGUMENT, "sdp: the call or the description is missing");
    if (!session->media.showing)
        return pp_error(PIPIT_ERR_STATE,
                        "sdp: it can be changed inside of the handler of `sdp` only");
    copy = pp_strdup(sdp);
    if (!copy)
        return PIPIT_ERR_MEMORY;
    pp_free(session->media.changed);
    session->media.changed = copy;
    return 0;
}

void pp_emit_dtmf(pipit_session *session, const pipit_dtmf_event *event, const pp_message *request)
{
    pipit_dtmf_event full = *event;

    full.request = pp_ua_show(request);
    EMIT(session, new_dtmf, &full);
    pipit_request_unref(full.request);
}

void pp_emit_info(pipit_session *session, const pipit_info_event *event, const pp_message *request)
{
    pipit_info_event full = *event;

    full.request = pp_ua_show(request);
    EMIT(session, new_info, &full);
    pipit_request_unref(full.request);
}

void pp_emit_hold(pipit_session *session, pipit_originator originator, bool held)
{
    pipit_hold_event event = {originator};

    if (held)
        EMIT(session, hold, &event);
    else
        EMIT(session, unhold, &event);
}

void pp_emit_reoffer(pipit_session *session, const pp_message *request)
{
    pipit_reoffer_event event = {pp_ua_show(request)};

    if (request->method == PP_INVITE)
        EMIT(session, reinvite, &event);
    else
        EMIT(session, update, &event);
    pipit_request_unref(event.request);
}

void pp_emit_reoffered(pipit_session *session, pipit_originator originator)
{
    pipit_reoffered_event event = {originator};

    EMIT(session, reoffered, &event);
}

void pp_emit_refer(pipit_session *session, pipit_refer_notifier *refer, const pp_message *request)
{
    pipit_refer_event event = {refer, pp_ua_show(request)};

    EMIT(session, refer, &event);
    pipit_request_unref(event.request);
}

void pp_emit_replaces(pipit_session *session, const pp_message *request)
{
    pipit_replaces_event event = {pp_ua_show(request)};

    EMIT(session, replaces, &event);
    pipit_request_unref(event.request);
}

void pp_emit_muted(pipit_session *session, pipit_media_constraints changed, bool muted)
{
    pipit_mute_event event = {.audio = changed.audio, .video = changed.video};

    if (muted)
        EMIT(session, muted, &event);
    else
        EMIT(session, unmuted, &event);
}

void pp_emit_media(pipit_session *session, const char *state)
{
    pipit_media_event event = {state};

    EMIT(session, media, &event);
}

/* Whoever hears of it first may end the call, and the far end is gone with its name. */
void pp_emit_early_media(pipit_session *session, const char *branch, bool heard)
{
    char *name = pp_strdup(branch);
    pipit_early_media_event event = {.branch = name, .heard = heard};

    if (!name) {
        pp_log_warn("RTCSession", "no memory to tell of early media");
        return;
    }
    EMIT(session, early_media, &event);
    pp_free(name);
}

void pp_emit_data_channel(pipit_session *session, pipit_data_channel *channel)
{
    pipit_data_channel_event event = {channel};

    EMIT(session, data_channel, &event);
}

void pp_emit_peerconnection(pipit_session *session, bool own_media)
{
    pipit_peerconnection_event event = {own_media, pipit_session_connection(session)};

    EMIT(session, peerconnection, &event);
}

void pp_emit_fault(pipit_session *session)
{
    pp_media_fault fault = session->media.fault;
    pipit_media_failure_event event = {fault.sentence ? fault.sentence : ""};

    session->media.fault = (pp_media_fault){PP_FAULT_NONE, NULL};
    switch (fault.step) {
    case PP_FAULT_CREATE_OFFER:
        EMIT(session, peerconnection_createofferfailed, &event);
        break;
    case PP_FAULT_CREATE_ANSWER:
        EMIT(session, peerconnection_createanswerfailed, &event);
        break;
    case PP_FAULT_SET_LOCAL:
        EMIT(session, peerconnection_setlocaldescriptionfailed, &event);
        break;
    case PP_FAULT_SET_REMOTE:
        EMIT(session, peerconnection_setremotedescriptionfailed, &event);
        break;
    case PP_FAULT_NONE:
        break;
    }
    pp_free(fault.sentence);
}

/* Whether the media may be why a call ends so. */
static bool is_of_media(pipit_cause cause)
{
    return cause == PIPIT_CAUSE_WEBRTC_ERROR || cause == PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION ||
           cause == PIPIT_CAUSE_INTERNAL_ERROR;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* "486 Busy Here (Q.850 17: User busy)", "SIP 200: Call completed elsewhere" */
static const char *describe(const pp_ending *ending, char *text, size_t size)
{
    const pp_message *message = ending->message;
    bool refused = message && !message->is_request;
    const char *said = text;
    pp_buf reason = {0};
    bool given = message && pp_reason_write(message, &reason);

    if (ending->reason && *ending->reason) /* copied, for it may be that of the last error */
        snprintf(text, size, "%s", ending->reason);
    else if (!refused && !given)
        said = pipit_cause_name(ending->cause);
    else if (refused && given)
        snprintf(text, size, "%d %.*s (%.*s)", message->status, PP_STR(message->reason),
                 PP_STR(pp_buf_text(&reason)));
    else if (refused)
        snprintf(text, size, "%d %.*s", message->status, PP_STR(message->reason));
    else
        snprintf(text, size, "%.*s", PP_STR(pp_buf_text(&reason)));
    pp_buf_free(&reason);
    return said;
}

void pp_session_end(pipit_session *session, const pp_ending *ending)
{
    pipit_end_event event = {.originator = ending->originator, .cause = ending->cause};
    bool accepted = session->accepted;
    pipit_ua *ua = session->ua;
    char text[256];

    if (!pp_session_alive(session))
        return;
    event.reason = describe(ending, text, sizeof(text));
    event.message = accepted ? SHOW_TO(session, ended, ending->message)
                             : SHOW_TO(session, failed, ending->message);
    pipit_ua_ref(ua);
    pipit_session_ref(session);
    if (accepted)
        session->end_ms = pp_loop_wall_us(ua->loop) / 1000;
    pp_reoffer_refuse(session, 487);
    pp_session_set_status(session, PIPIT_SESSION_TERMINATED);
    pp_own_reoffer_end(session, ending->cause);
    pp_session_errands_end(session, ending->cause);
    if (ending->message && !ending->message->is_request)
        pp_refer_tell(session, ending->message->status, NULL);
    else /* as JsSIP: whatever it was, it is told as a call that was not made */
        pp_refer_tell(session, 487, pipit_cause_name(ending->cause));
    pp_session_stop(session);
    pp_session_let_go(session);
    if (accepted)
        EMIT(session, ended, &event);
    else
        EMIT(session, failed, &event);
    if (is_of_media(ending->cause))
        pp_emit_fault(session);
    pipit_request_unref(event.message);
    pipit_session_unref(session);
    pipit_ua_unref(ua);
}
