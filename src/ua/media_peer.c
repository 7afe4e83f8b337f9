/* media_peer.c - binds the seam to our own peer connection. */
#include "base/alloc.h"
#include "base/error.h"
#include "peer/peer.h"
#include "ua/media_reports.h"

typedef struct media_peer {
    pp_media_session head;
    unsigned references; /* its owner's, and one while a handler runs */
    pipit_loop *loop;
    pp_media_reports reports;
    pp_peer *peer; /* NULL when closed */
    int (*wanted)(pp_peer *peer,
                  pp_buf *out); /* the description that waits for candidates; NULL: none does */
    size_t told;                /* candidates of it */
    pipit_trickle_ice trickle;
    bool can_trickle; /* as far as the signalling is concerned */
    bool behind;      /* candidates may still be found that the last description does not have */
} media_peer;

static const pp_media_session_ops ops;

static void hold_memory(void *arg)
{
    ((media_peer *)arg)->references++;
}

static void release(void *arg)
{
    media_peer *m = arg;

    if (--m->references)
        return;
    pp_media_reports_free(&m->reports);
    pipit_loop_unref(m->loop);
    pp_free(m);
}

static const pp_media_holder holder = {hold_memory, release};

/* --- what the peer reports -------------------------------------------------------------------- */

static void on_state(void *arg, pp_peer_state state, const char *reason)
{
    static const pp_media_state names[] = {
        [PP_PEER_NEW] = PP_MEDIA_NEW,
        [PP_PEER_CONNECTING] = PP_MEDIA_CHECKING,
        [PP_PEER_CONNECTED] = PP_MEDIA_CONNECTED,
        [PP_PEER_DISCONNECTED] = PP_MEDIA_DISCONNECTED,
        [PP_PEER_FAILED] = PP_MEDIA_FAILED,
        [PP_PEER_CLOSED] = PP_MEDIA_FAILED,
    };
    media_peer *m = arg;

    pp_media_report_state(&m->reports, names[state], reason);
}

static void on_dtmf(void *arg, char digit, unsigned duration_ms)
{
    pp_media_report_dtmf(&((media_peer *)arg)->reports, digit, duration_ms);
}

/* At once, for its messages follow at once. It comes from the loop in any case. */
static void on_data_channel(void *arg, pipit_data_channel *channel)
{
    media_peer *m = arg;

    if (m->reports.closed)
        return;
    hold_memory(m);
    m->reports.handlers->data_channel(m->reports.arg, channel);
    release(m);
}

/* --- descriptions, which wait for ICE servers ------------------------------------------------- */

static void make(media_peer *m)
{
    int (*create)(pp_peer * peer, pp_buf * out) = m->wanted;
    char text[PP_PEER_CANDIDATE];
    pp_buf sdp = {0};
    char *taken = NULL;
    int err;

    m->wanted = NULL;
    err = create(m->peer, &sdp);
    if (!err)
        err = pp_buf_take(&sdp, &taken);
    pp_buf_free(&sdp);
    pp_media_report_description(&m->reports, err, taken);
    m->behind = !err && m->trickle && pp_peer_servers_are_busy(m->peer);
    while (m->behind && pp_peer_candidate(m->peer, m->told, text)) /* it has these */
        m->told++;
}

/* RFC 8840 section 5: both the signalling and the description of the far end say that it understands; before it has spoken,
 * somebody may know that it will. */
static bool may_go_at_once(const media_peer *m)
{
    if (!m->trickle)
        return false;
    if (!pp_peer_has_remote(m->peer))
        return m->can_trickle || m->trickle == PIPIT_TRICKLE_ICE_FULL;
    return m->can_trickle && pp_peer_remote_trickles(m->peer);
}

static void on_gathered(void *arg);

/* `err`: of preparing it. */
static int describe(media_peer *m, int err, int (*create)(pp_peer *peer, pp_buf *out))
{
    m->told = 0;
    m->behind = false;
    m->wanted = err ? NULL : create;
    if (err)
        pp_media_report_description(&m->reports, err, NULL);
    else if (pp_peer_is_gathering(m->peer) && !may_go_at_once(m))
        on_gathered(m);
    else
        make(m);
    return 0;
}

/* Candidates are told while they are waited for; where they are all there at once, the description has them. */
static void on_gathered(void *arg)
{
    media_peer *m = arg;
    char text[PP_PEER_CANDIDATE];

    if (!m->peer || !(m->wanted || m->behind))
        return;
    for (; pp_peer_candidate(m->peer, m->told, text); m->told++)
        if (m->behind)
            pp_media_report_candidate_behind(&m->reports, text);
        else
            pp_media_report_candidate(&m->reports, text);
    if (m->behind && !pp_peer_servers_are_busy(m->peer)) {
        m->behind = false;
        pp_media_report_candidate_behind(&m->reports, NULL);
    } else if (m->wanted && !pp_peer_is_gathering(m->peer)) {
        make(m);
    }
}

static const pp_peer_handlers peer_handlers = {
    .state = on_state, .dtmf = on_dtmf, .data_channel = on_data_channel, .gathered = on_gathered};

/* --- what the call asks for ------------------------------------------------------------------- */

static media_peer *of(pp_media_session *session)
{
    return (media_peer *)(void *)session;
}

static int create_offer(pp_media_session *session)
{
    return describe(of(session), pp_peer_prepare_offer(of(session)->peer), pp_peer_create_offer);
}

static int create_answer(pp_media_session *session)
{
    return describe(of(session), pp_peer_prepare_answer(of(session)->peer), pp_peer_create_answer);
}

static int ready(pp_media_session *session)
{
    if (!of(session)->wanted)
        return pp_error(PIPIT_ERR_STATE, "ice: no description waits for candidates");
    make(of(session));
    return 0;
}

static int set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    return pp_peer_set_remote(of(session)->peer, is_offer, sdp);
}

static void trickle(pp_media_session *session, bool can)
{
    of(session)->can_trickle = can;
}

static int write_candidates(pp_media_session *session, pp_buf *out)
{
    return pp_peer_write_fragment(of(session)->peer, out);
}

static int take_candidates(pp_media_session *session, pp_str fragment)
{
    return pp_peer_take_fragment(of(session)->peer, fragment);
}

static int restart(pp_media_session *session, bool wanted)
{
    return pp_peer_restart_ice(of(session)->peer, wanted);
}

static bool is_stranded(pp_media_session *session)
{
    return pp_peer_is_stranded(of(session)->peer);
}

static void rollback(pp_media_session *session)
{
    of(session)->wanted = NULL;
    of(session)->behind = false;
    pp_peer_rollback(of(session)->peer);
}

static int hold(pp_media_session *session, bool held, pipit_source *source)
{
    return pp_peer_hold_media(of(session)->peer, held, source);
}

static bool remote_holds(const pp_media_session *session)
{
    return pp_peer_remote_holds(((const media_peer *)(const void *)session)->peer);
}

static int send_dtmf(pp_media_session *session, char digit, unsigned duration_ms, unsigned gap_ms)
{
    return pp_peer_send_dtmf(of(session)->peer, digit, duration_ms, gap_ms);
}

static void mute(pp_media_session *session, bool muted)
{
    pp_peer_mute(of(session)->peer, muted);
}

static int set_stream(pp_media_session *session, const pipit_media_stream *stream)
{
    return pp_peer_set_stream(of(session)->peer, stream);
}

static int create_data_channel(pp_media_session *session, const char *label,
                               const pipit_data_channel_options *options, pipit_data_channel **out)
{
    return pp_peer_create_data_channel(of(session)->peer, label, options, out);
}

static int set_video(pp_media_session *session, pipit_video_source *source, pipit_video_sink *sink)
{
    return pp_peer_set_video(of(session)->peer, source, sink);
}

static void mute_video(pp_media_session *session, bool muted)
{
    pp_peer_mute_video(of(session)->peer, muted);
}

static void stats(const pp_media_session *session, pipit_stats *out)
{
    const media_peer *m = (const media_peer *)(const void *)session;

    pp_peer_stats(m->peer, out);
}

static pipit_peer *connection(const pp_media_session *session)
{
    return ((const media_peer *)(const void *)session)->peer;
}

static int new_media(pipit_loop *loop, const pp_media_session_handlers *handlers, void *arg,
                     media_peer **out)
{
    media_peer *m = PP_NEW(media_peer);

    if (!m)
        return PIPIT_ERR_MEMORY;
    m->head.ops = &ops;
    m->references = 1;
    m->loop = pipit_loop_ref(loop);
    m->reports = (pp_media_reports){
        .loop = loop, .handlers = handlers, .arg = arg, .owner = m, .holder = &holder};
    *out = m;
    return 0;
}

static int fork_peer(pp_media_session *session, const pp_media_session_handlers *handlers,
                     void *arg, pp_media_session **out)
{
    media_peer *m = NULL;
    int err = new_media(of(session)->loop, handlers, arg, &m);

    if (!err)
        err = pp_peer_fork(of(session)->peer, &peer_handlers, m, &m->peer);
    if (err) {
        if (m)
            release(m);
        return err;
    }
    m->trickle = of(session)->trickle;
    m->told = of(session)->told;
    m->behind = of(session)->behind;
    *out = &m->head;
    return 0;
}

static int hand_over(pp_media_session *from, pp_media_session *to)
{
    return pp_peer_hand_over(of(from)->peer, of(to)->peer);
}

static void close_peer(pp_media_session *session)
{
    media_peer *m = of(session);

    pp_media_reports_close(&m->reports);
    m->peer = pp_peer_free(m->peer);
    release(m);
}

static const pp_media_session_ops ops = {
    .create_offer = create_offer,
    .create_answer = create_answer,
    .ready = ready,
    .set_remote = set_remote,
    .trickle = trickle,
    .write_candidates = write_candidates,
    .take_candidates = take_candidates,
    .restart = restart,
    .is_stranded = is_stranded,
    .fork = fork_peer,
    .hand_over = hand_over,
    .rollback = rollback,
    .hold = hold,
    .remote_holds = remote_holds,
    .send_dtmf = send_dtmf,
    .mute = mute,
    .set_stream = set_stream,
    .create_data_channel = create_data_channel,
    .connection = connection,
    .set_video = set_video,
    .mute_video = mute_video,
    .stats = stats,
    .close = close_peer,
};

/* Nobody has heard of it yet. */
static void abandon(media_peer *m)
{
    m->peer = pp_peer_free(m->peer);
    release(m);
}

int pp_media_peer_new(pipit_loop *loop, const pp_media_session_options *options,
                      const pp_media_session_handlers *handlers, void *arg, pp_media_session **out)
{
    media_peer *m = NULL;
    int err = new_media(loop, handlers, arg, &m);

    if (err)
        return err;
    m->trickle = options->configuration.trickle_ice;
    err = pp_peer_new(loop, &options->configuration, &options->stream, options->offerer,
                      &peer_handlers, m, &m->peer);
    if (!err && options->video)
        err = pp_peer_add_video(m->peer, &options->stream);
    if (err)
        abandon(m);
    else
        *out = &m->head;
    return err;
}

int pp_media_refuse(pipit_loop *loop, pp_str offer, pp_buf *out)
{
    return pp_peer_refuse(&loop->rng, offer, out);
}
