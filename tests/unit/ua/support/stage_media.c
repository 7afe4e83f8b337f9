/* stage_media.c - the scripted media session of a stage. */
#include "unit/ua/support/stage.h"

static void media_describe(void *arg)
{
    fake_media *m = arg;
    char sdp[64];

    snprintf(sdp, sizeof(sdp), "v=0 our %s\r\n", m->offering ? "offer" : "answer");
    if (m->at->describe_error)
        m->handlers->description(m->arg, m->at->describe_error, PP_STR_NONE);
    else
        m->handlers->description(m->arg, 0, pp_str_c(sdp));
}

static int media_create(pp_media_session *session, bool offer)
{
    fake_media *m = (fake_media *)(void *)session;

    m->offering = offer;
    pp_loop_post(m->at->loop, &m->post, media_describe, m);
    return 0;
}

static int media_create_offer(pp_media_session *session)
{
    return media_create(session, true);
}

static int media_create_answer(pp_media_session *session)
{
    return media_create(session, false);
}

static int media_set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    fake_media *m = (fake_media *)(void *)session;

    if (!pp_str_starts(sdp, "v=0"))
        return pp_error(PIPIT_ERR_MEDIA, "media: nothing fits");
    scarce_pause();
    pp_buf_format(&m->at->remotes, "%s:%.*s ", is_offer ? "offer" : "answer", PP_STR(sdp));
    scarce_resume();
    m->remote_holds = sdp.n > 5 && memcmp(sdp.p + sdp.n - 5, " held", 5) == 0;
    return 0;
}

static void media_trickle(pp_media_session *session, bool can)
{
    ((fake_media *)(void *)session)->can_trickle = can;
}

static int media_write_candidates(pp_media_session *session, pp_buf *out)
{
    pp_buf_format(out, "%u candidates\r\n", ((fake_media *)(void *)session)->at->candidates);
    return pp_buf_error(out);
}

static int media_take_candidates(pp_media_session *session, pp_str fragment)
{
    stage *at = ((fake_media *)(void *)session)->at;

    if (at->take_error)
        return at->take_error;
    scarce_pause();
    pp_buf_format(&at->remotes, "candidates:%.*s ", PP_STR(fragment));
    scarce_resume();
    return 0;
}

static int media_restart(pp_media_session *session, bool wanted)
{
    fake_media *m = (fake_media *)(void *)session;

    m->at->restarts += wanted;
    m->restart_wanted = wanted;
    return m->at->restart_error;
}

static bool media_is_stranded(pp_media_session *session)
{
    return ((fake_media *)(void *)session)->at->stranded;
}

static void media_rollback(pp_media_session *session)
{
    ((fake_media *)(void *)session)->at->rollbacks++;
}

static int media_hold(pp_media_session *session, bool held, pipit_source *source)
{
    (void)source;
    ((fake_media *)(void *)session)->held = held;
    return 0;
}

/* A description holds when it says so: "v=0 far offer held". */
static bool media_remote_holds(const pp_media_session *session)
{
    return ((const fake_media *)(const void *)session)->remote_holds;
}

static int media_send_dtmf(pp_media_session *session, char tone, unsigned duration_ms,
                           unsigned gap_ms)
{
    fake_media *m = (fake_media *)(void *)session;

    if (m->at->dtmf_error)
        return m->at->dtmf_error;
    pp_buf_format(&m->at->tones, "%c:%u:%u ", tone, duration_ms, gap_ms);
    return 0;
}

static void media_mute(pp_media_session *session, bool muted)
{
    ((fake_media *)(void *)session)->muted = muted;
}

static void media_stats(const pp_media_session *session, pipit_stats *out)
{
    (void)session;
    *out = (pipit_stats){.codec = "fake", .packets_sent = 7};
}

static void media_close(pp_media_session *session)
{
    fake_media *m = (fake_media *)(void *)session;

    pp_loop_unpost(m->at->loop, &m->post);
    m->at->medias--;
    if (m->at->media == m)
        m->at->media = NULL;
    pp_free(m);
}

static int media_fork(pp_media_session *session, const pp_media_session_handlers *handlers,
                      void *arg, pp_media_session **out);

/* The one that is handed over to is the stage's. */
static int media_hand_over(pp_media_session *from, pp_media_session *to)
{
    fake_media *m = (fake_media *)(void *)to;

    (void)from;
    m->at->media = m;
    return 0;
}

static const pp_media_session_ops media_ops = {
    .fork = media_fork,
    .hand_over = media_hand_over,
    .create_offer = media_create_offer,
    .create_answer = media_create_answer,
    .set_remote = media_set_remote,
    .trickle = media_trickle,
    .write_candidates = media_write_candidates,
    .take_candidates = media_take_candidates,
    .restart = media_restart,
    .is_stranded = media_is_stranded,
    .rollback = media_rollback,
    .hold = media_hold,
    .remote_holds = media_remote_holds,
    .send_dtmf = media_send_dtmf,
    .mute = media_mute,
    .stats = media_stats,
    .close = media_close,
};

stage *on_stage; /* whose media is made */

int fake_media_new(pipit_loop *loop, const pp_media_session_options *options,
                   const pp_media_session_handlers *handlers, void *arg, pp_media_session **out)
{
    fake_media *m = PP_NEW(fake_media);

    (void)loop;
    if (!m)
        return PIPIT_ERR_MEMORY;
    m->head.ops = &media_ops;
    m->at = on_stage;
    m->handlers = handlers;
    m->arg = arg;
    m->offerer = options->offerer;
    m->video = options->video;
    on_stage->media = m;
    on_stage->medias++;
    *out = &m->head;
    return 0;
}

static int media_fork(pp_media_session *session, const pp_media_session_handlers *handlers,
                      void *arg, pp_media_session **out)
{
    fake_media *m = PP_NEW(fake_media);

    if (!m)
        return PIPIT_ERR_MEMORY;
    m->head.ops = &media_ops;
    m->at = ((fake_media *)(void *)session)->at;
    m->handlers = handlers;
    m->arg = arg;
    m->offerer = ((fake_media *)(void *)session)->offerer;
    m->at->medias++;
    *out = &m->head;
    return 0;
}
