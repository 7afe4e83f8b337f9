/* media.c - the call's side of the seam to media: descriptions that are asked for, states and tones that come. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/own_media.h"
#include "ua/session/session.h"

#include <stdio.h>

static const bool is_answer[] = {
    [PP_MAKING_ANSWER] = true,     [PP_MAKING_EARLY_ANSWER] = true, [PP_MAKING_PRACK_ANSWER] = true,
    [PP_MAKING_ACK_ANSWER] = true, [PP_MAKING_REANSWER] = true,     [PP_MAKING_REOFFER] = false,
};

/* Without sockets an offer cannot hold: browsers find that out when they apply it. */
static void note_fault(pipit_session *session, pp_fault_step step, int error)
{
    pp_media_fault *fault = &session->media.fault;

    fault->step = step != PP_FAULT_SET_REMOTE && error == PIPIT_ERR_IO ? PP_FAULT_SET_LOCAL : step;
    pp_free(fault->sentence);
    fault->sentence = pp_strdup(pipit_error_message());
}

static void on_description(void *arg, int error, pp_str sdp)
{
    pipit_session *session = arg;
    pp_making making = session->media.making;

    if (error)
        note_fault(session, is_answer[making] ? PP_FAULT_CREATE_ANSWER : PP_FAULT_CREATE_OFFER,
                   error);
    session->media.making = PP_MAKING_NOTHING;
    pp_trickle_begin(session);
    pipit_session_ref(session);
    switch (making) {
    case PP_MAKING_INVITE:
        pp_connect_described(session, error, sdp.p);
        break;
    case PP_MAKING_ANSWER:
    case PP_MAKING_LATE_OFFER:
        pp_answer_described(session, error, sdp.p);
        break;
    case PP_MAKING_EARLY_ANSWER:
    case PP_MAKING_EARLY_OFFER:
        pp_early_described(session, error, sdp.p);
        break;
    case PP_MAKING_PRACK_ANSWER:
        pp_prack_described(session, error, sdp.p);
        break;
    case PP_MAKING_ACK_ANSWER:
        pp_ack_described(session, error, sdp.p);
        break;
    case PP_MAKING_REANSWER:
    case PP_MAKING_LATE_REOFFER:
        pp_reoffer_described(session, error, sdp.p);
        break;
    case PP_MAKING_REOFFER:
        pp_own_reoffer_described(session, error, sdp.p);
        break;
    case PP_MAKING_NOTHING: /* nobody wants it any more */
        break;
    }
    if (pp_session_alive(session))
        pp_trickle_look(session);
    pipit_session_unref(session);
}

static void on_state(void *arg, pp_media_state state, const char *reason)
{
    static const char *const names[] = {
        [PP_MEDIA_NEW] = NULL,
        [PP_MEDIA_CHECKING] = "checking",
        [PP_MEDIA_CONNECTED] = "connected",
        [PP_MEDIA_DISCONNECTED] = "disconnected",
        [PP_MEDIA_FAILED] = "failed",
    };
    pipit_session *session = pipit_session_ref(arg);
    pp_ending ending = {.originator = PIPIT_SYSTEM,
                        .cause = PIPIT_CAUSE_RTP_TIMEOUT,
                        .reason = reason && *reason ? reason : "the media path was lost"};

    session->media.state = state;
    if (names[state])
        pp_emit_media(session, names[state]);
    if (pp_session_alive(session) && !pp_survival_media(session, state))
        pp_session_give_up(session, 408, "RTP Timeout", &ending);
    else if (pp_session_alive(session) && state == PP_MEDIA_CONNECTED)
        pp_dtmf_media_ready(session);
    pipit_session_unref(session);
}

static void on_dtmf(void *arg, char tone, unsigned duration_ms)
{
    pp_dtmf_receive_rtp(arg, tone, duration_ms);
}

static void on_data_channel(void *arg, pipit_data_channel *channel)
{
    pipit_session *session = pipit_session_ref(arg);

    if (pp_session_alive(session))
        pp_emit_data_channel(session, channel);
    pipit_session_unref(session);
}

static void on_candidate(void *arg, pp_str candidate)
{
    pp_emit_candidate(arg, candidate);
}

static void on_candidate_behind(void *arg, pp_str candidate)
{
    pipit_session *session = pipit_session_ref(arg);

    if (candidate.p)
        pp_emit_candidate(session, candidate);
    if (pp_session_alive(session))
        pp_trickle_found(session);
    pipit_session_unref(session);
}

const pp_media_session_handlers pp_session_media_handlers = {
    .description = on_description,
    .state = on_state,
    .dtmf = on_dtmf,
    .data_channel = on_data_channel,
    .candidate = on_candidate,
    .candidate_behind = on_candidate_behind,
};

/* Those the call began with, which may be another far end's than the one that is heard. */
static bool is_heard(const pipit_session *session)
{
    return session->media.session == session->media.first;
}

static void on_first_state(void *arg, pp_media_state state, const char *reason)
{
    if (is_heard(arg))
        on_state(arg, state, reason);
}

static void on_first_dtmf(void *arg, char tone, unsigned duration_ms)
{
    if (is_heard(arg))
        on_dtmf(arg, tone, duration_ms);
}

static void on_first_data_channel(void *arg, pipit_data_channel *channel)
{
    if (is_heard(arg))
        on_data_channel(arg, channel);
}

static const pp_media_session_handlers first_handlers = {
    .description = on_description,
    .state = on_first_state,
    .dtmf = on_first_dtmf,
    .data_channel = on_first_data_channel,
    .candidate = on_candidate,
    .candidate_behind = on_candidate_behind,
};

static void keep_stream(pipit_session *session, const pipit_media_stream *stream)
{
    pipit_source *old_source = session->media.own_source;
    pipit_sink *old_sink = session->media.own_sink;

    pipit_source_ref(stream->audio_source);
    pipit_sink_ref(stream->audio_sink);
    session->media.own_source = stream->audio_source;
    session->media.own_sink = stream->audio_sink;
    pipit_source_unref(old_source);
    pipit_sink_unref(old_sink);
}

int pp_session_open_media(pipit_session *session, const pp_session_media_options *options)
{
    pipit_ua *ua = session->ua;
    pp_media_session **out = &session->media.session;
    const pp_media_session_options o = {.stream = *options->stream,
                                        .configuration = *options->configuration,
                                        .video = options->video,
                                        .offerer = options->offerer};
    int err = options->own
                  ? pp_own_media_attach(options->own, ua->loop, &first_handlers, session, out)
                  : ua->new_media(ua->loop, &o, &first_handlers, session, out);

    if (err)
        return err;
    session->media.first = *out;
    session->media.trickles = options->configuration->trickle_ice && (*out)->ops->write_candidates;
    keep_stream(session, options->stream);
    if (session->media.muted.audio)
        (*out)->ops->mute(*out, true);
    if (session->media.muted.video && (*out)->ops->mute_video)
        (*out)->ops->mute_video(*out, true);
    return 0;
}

int pp_session_renew_media(pipit_session *session)
{
    pp_media_session *old = session->media.session, *fresh = NULL;
    int err;

    if (!old->ops->fork)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "session: these media are for one far end only");
    err = old->ops->fork(old, &first_handlers, session, &fresh);
    if (err)
        return err;
    err = old->ops->hand_over(old, fresh);
    if (err) {
        fresh->ops->close(fresh);
        return err;
    }
    pp_branches_close(session);
    old->ops->close(old);
    session->media.session = session->media.first = fresh;
    session->media.state = PP_MEDIA_NEW;
    session->media.making = PP_MAKING_NOTHING;
    return 0;
}

static int set_stream(pipit_session *session, const pipit_media_stream *stream)
{
    pp_media_session *media = session->media.session;

    if (!media->ops->set_stream)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "session: its media are the application's own");
    return media->ops->set_stream(media, stream);
}

int pp_session_lend_audio(pipit_session *session, const pipit_media_stream *others)
{
    const pipit_media_stream own = {.audio_source = session->media.own_source,
                                    .audio_sink = session->media.own_sink};

    if (!session->media.session)
        return pp_error(PIPIT_ERR_STATE, "session: it has no media");
    return set_stream(session, others ? others : &own);
}

int pipit_session_create_data_channel(pipit_session *session, const char *label,
                                      const pipit_data_channel_options *options,
                                      pipit_data_channel **out)
{
    pp_media_session *media = session ? session->media.session : NULL;

    if (!session || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "data channel: the call or the place for it is missing");
    if (!media)
        return pp_error(PIPIT_ERR_STATE, "data channel: the call is %s and has no media",
                        pipit_session_status_name(session->status));
    if (!media->ops->create_data_channel)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "data channel: the media are the application's own");
    return media->ops->create_data_channel(media, label, options, out);
}

int pipit_session_set_audio(pipit_session *session, pipit_source *source, pipit_sink *sink)
{
    const pipit_media_stream stream = {.audio_source = source, .audio_sink = sink};
    int err = 0;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "audio: the call is missing");
    if (!session->media.session)
        return pp_error(PIPIT_ERR_STATE, "audio: the call is %s and has no media",
                        pipit_session_status_name(session->status));
    if (!session->media.seat)
        err = set_stream(session, &stream);
    if (!err)
        keep_stream(session, &stream);
    return err;
}

int pipit_session_set_video(pipit_session *session, pipit_video_source *source,
                            pipit_video_sink *sink)
{
    pp_media_session *media = session ? session->media.session : NULL;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "video: the call is missing");
    if (!media)
        return pp_error(PIPIT_ERR_STATE, "video: the call is %s and has no media",
                        pipit_session_status_name(session->status));
    if (!media->ops->set_video)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "video: the call's media are the application's own");
    return media->ops->set_video(media, source, sink);
}

int pp_session_make(pipit_session *session, pp_making making)
{
    pp_media_session *media = session->media.session;
    int err;

    pp_trickle_prepare(session);
    err = is_answer[making] ? media->ops->create_answer(media) : media->ops->create_offer(media);
    if (!err)
        session->media.making = making;
    session->media.candidates_told = 0;
    return err;
}

int pipit_session_ready(pipit_session *session)
{
    pp_media_session *media = session ? session->media.session : NULL;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "ready: the call is missing");
    if (!media || !media->ops->ready)
        return pp_error(PIPIT_ERR_STATE, "ice: no description waits for candidates");
    return media->ops->ready(media);
}

static int apply(pipit_session *session, bool is_offer, const char *sdp)
{
    const char *shown = pp_emit_sdp(session, PIPIT_REMOTE, is_offer ? "offer" : "answer", sdp);
    pp_media_session *media = session->media.session;
    int err;

    if (!pp_session_alive(session) || !media)
        err = pp_error(PIPIT_ERR_STATE, "session: it has ended");
    else
        err = media->ops->set_remote(media, is_offer, pp_str_c(shown));
    if (err && pp_session_alive(session))
        note_fault(session, PP_FAULT_SET_REMOTE, err);
    else if (!err)
        pp_trickle_described(session, NULL);
    return err;
}

/* What ends its message has a zero behind it. The call may give the message back while it is shown. */
int pp_session_apply(pipit_session *session, bool is_offer, const pp_message *message)
{
    pp_message *held = pp_message_ref(message);
    pp_str sdp = pp_session_sdp(message);
    bool ends = sdp.p && sdp.p[sdp.n] == '\0';
    char *copy = ends ? NULL : pp_str_dup(sdp);
    int err = PIPIT_ERR_MEMORY;

    if (ends || copy)
        err = apply(session, is_offer, ends ? sdp.p : copy);
    pp_free(copy);
    pp_message_unref(held);
    return err;
}

/* The last ones. Where nothing is counted there is nothing to keep. */
static void keep_stats(pipit_session *session, const pp_media_session *media)
{
    if (media->ops->stats && !session->media.stats)
        session->media.stats = PP_NEW(pipit_stats);
    if (media->ops->stats && session->media.stats)
        media->ops->stats(media, session->media.stats);
    else if (media->ops->stats)
        pp_log_warn("RTCSession", "no memory for the last stats of a call");
}

void pp_session_close_media(pipit_session *session)
{
    pp_media_session *media = session->media.session;

    if (!media)
        return;
    keep_stats(session, media);
    session->media.session = NULL;
    session->media.making = PP_MAKING_NOTHING;
    keep_stream(session, &(pipit_media_stream){0});
    media->ops->close(media);
}

pipit_peer *pipit_session_connection(const pipit_session *session)
{
    const pp_media_session *media = session ? session->media.session : NULL;

    return media && media->ops->connection ? media->ops->connection(media) : NULL;
}

int pipit_session_get_stats(pipit_session *session, pipit_stats *stats)
{
    static const pipit_stats uncounted = {
        .round_trip_time_ms = -1, .remote_fraction_lost = -1, .remote_jitter_ms = -1};
    pp_media_session *media = session ? session->media.session : NULL;

    if (!session || !stats)
        return pp_error(PIPIT_ERR_ARGUMENT, "stats: the call or their place is missing");
    if (!session->media.first)
        return pp_error(PIPIT_ERR_STATE, "stats: the call has had no media");
    if (media && media->ops->stats)
        media->ops->stats(media, stats);
    else
        *stats = !media && session->media.stats ? *session->media.stats : uncounted;
    return 0;
}
