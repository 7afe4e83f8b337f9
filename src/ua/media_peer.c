/* media_peer.c - binds the seam to our own peer connection. What the peer reports is queued and handed on from a post, so that a
 * call never hears of its media from inside of a function of it. */
#include "base/alloc.h"
#include "base/error.h"
#include "peer/peer.h"
#include "ua/media_session.h"

#include <stdio.h>

typedef struct tone {
    char tone;
    unsigned duration_ms;
} tone;

typedef struct media_peer {
    pp_media_session head;
    unsigned references; /* its owner's, and one while a handler runs */
    pipit_loop *loop;
    const pp_media_session_handlers *handlers;
    void *arg;
    pp_peer *peer; /* NULL when closed */
    pp_post post;
    bool described; /* a description waits to be handed on */
    int error;
    char sentence[256]; /* of the error, or of a failure of the path */
    pp_buf sdp;
    pp_buf states;        /* an octet each */
    pp_media_state state; /* the last of them; seen even when memory is short for the queue */
    pp_media_state state_told;
    pp_buf tones;
} media_peer;

static const pp_media_session_ops ops;

static void release(media_peer *m)
{
    if (--m->references)
        return;
    pp_buf_free(&m->sdp);
    pp_buf_free(&m->states);
    pp_buf_free(&m->tones);
    pipit_loop_unref(m->loop);
    pp_free(m);
}

/* --- handing on ------------------------------------------------------------------------------- */

static void tell_state(media_peer *m, pp_media_state state)
{
    m->state_told = state;
    m->handlers->state(m->arg, state, state == PP_MEDIA_FAILED ? m->sentence : "");
}

static void tell_states(media_peer *m)
{
    pp_buf states = m->states;

    m->states = (pp_buf){0};
    for (size_t i = 0; i < states.n && m->peer; i++)
        tell_state(m, (pp_media_state)states.p[i]);
    if (m->peer && m->state_told != m->state)
        tell_state(m, m->state);
    pp_buf_free(&states);
}

static void tell_tones(media_peer *m)
{
    pp_buf tones = m->tones;
    tone next;

    m->tones = (pp_buf){0};
    for (size_t at = 0; at + sizeof(next) <= tones.n && m->peer; at += sizeof(next)) {
        memcpy(&next, tones.p + at, sizeof(next));
        m->handlers->dtmf(m->arg, next.tone, next.duration_ms);
    }
    pp_buf_free(&tones);
}

static void tell_description(media_peer *m)
{
    pp_buf sdp = m->sdp;
    int error = m->error;

    if (!m->described)
        return;
    m->described = false;
    m->sdp = (pp_buf){0};
    m->error = 0;
    if (error)
        pp_error(error, "%s", m->sentence);
    m->handlers->description(m->arg, error, error ? PP_STR_NONE : pp_buf_text(&sdp));
    pp_buf_free(&sdp);
}

static void on_post(void *arg)
{
    media_peer *m = arg;

    m->references++;
    tell_description(m);
    if (m->peer)
        tell_states(m);
    if (m->peer)
        tell_tones(m);
    release(m);
}

static void post(media_peer *m)
{
    pp_loop_post(m->loop, &m->post, on_post, m);
}

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

    m->state = names[state];
    if (m->state == PP_MEDIA_FAILED)
        snprintf(m->sentence, sizeof(m->sentence), "%s", reason);
    pp_buf_u8(&m->states, m->state);
    post(m);
}

static void on_dtmf(void *arg, char digit, unsigned duration_ms)
{
    media_peer *m = arg;
    tone next = {0};

    next.tone = digit;
    next.duration_ms = duration_ms;
    pp_buf_add(&m->tones, &next, sizeof(next));
    post(m);
}

static const pp_peer_handlers peer_handlers = {.state = on_state, .dtmf = on_dtmf};

/* --- what the call asks for ------------------------------------------------------------------- */

static media_peer *of(pp_media_session *session)
{
    return (media_peer *)(void *)session;
}

static int describe(pp_media_session *session, int (*create)(pp_peer *peer, pp_buf *out))
{
    media_peer *m = of(session);

    pp_buf_clear(&m->sdp);
    m->error = create(m->peer, &m->sdp);
    if (!m->error)
        m->error = pp_buf_error(&m->sdp);
    if (m->error)
        snprintf(m->sentence, sizeof(m->sentence), "%s", pipit_error_message());
    m->described = true;
    post(m);
    return 0;
}

static int create_offer(pp_media_session *session)
{
    return describe(session, pp_peer_create_offer);
}

static int create_answer(pp_media_session *session)
{
    return describe(session, pp_peer_create_answer);
}

static int set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    return pp_peer_set_remote(of(session)->peer, is_offer, sdp);
}

static int restart(pp_media_session *session, bool wanted)
{
    return pp_peer_restart_ice(of(session)->peer, wanted);
}

static void rollback(pp_media_session *session)
{
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

static void stats(const pp_media_session *session, pipit_stats *out)
{
    const media_peer *m = (const media_peer *)(const void *)session;

    pp_peer_stats(m->peer, out);
}

static void close_peer(pp_media_session *session)
{
    media_peer *m = of(session);

    pp_loop_unpost(m->loop, &m->post);
    m->peer = pp_peer_free(m->peer);
    release(m);
}

static const pp_media_session_ops ops = {
    .create_offer = create_offer,
    .create_answer = create_answer,
    .set_remote = set_remote,
    .restart = restart,
    .rollback = rollback,
    .hold = hold,
    .remote_holds = remote_holds,
    .send_dtmf = send_dtmf,
    .mute = mute,
    .stats = stats,
    .close = close_peer,
};

int pp_media_peer_new(pipit_loop *loop, const pp_media_session_options *options,
                      const pp_media_session_handlers *handlers, void *arg, pp_media_session **out)
{
    media_peer *m = PP_NEW(media_peer);
    int err;

    if (!m)
        return PIPIT_ERR_MEMORY;
    m->head.ops = &ops;
    m->references = 1;
    m->loop = pipit_loop_ref(loop);
    m->handlers = handlers;
    m->arg = arg;
    err = pp_peer_new(loop, &options->configuration, &options->stream, options->offerer,
                      &peer_handlers, m, &m->peer);
    if (err)
        release(m);
    else
        *out = &m->head;
    return err;
}
