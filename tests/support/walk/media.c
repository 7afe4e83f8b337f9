/* media.c - scripted media for both ends of a call: a description says who holds, a path takes a moment. */
#include "support/walk/inside.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

walk *walk_now;

struct walk_media {
    pp_media_session head;
    walk *w;
    walk_media *next;
    pipit_loop *loop;
    const pp_media_session_handlers *handlers;
    void *arg;
    pp_timer making, path;
    bool held, remote_holds, remote_held_before, taken;
    bool up;
};

static walk_media *of(const pp_media_session *session)
{
    return (walk_media *)(uintptr_t)session;
}

static void path_up(void *arg)
{
    walk_media *m = arg;

    m->up = true;
    m->handlers->state(m->arg, PP_MEDIA_CONNECTED, "");
}

static void begin_path(walk_media *m)
{
    if (!m->up && !m->path.armed)
        pp_loop_start_timer(m->loop, &m->path, 5 + walk_roll(m->w, 200), path_up, m);
}

static void describe(void *arg)
{
    walk_media *m = arg;
    char sdp[200];

    snprintf(sdp, sizeof(sdp),
             "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
             "m=audio 4000 RTP/AVP 0\r\na=%s\r\n",
             m->held ? "sendonly" : "sendrecv");
    if (walk_chance(m->w, 100))
        m->handlers->description(m->arg, pp_error(PIPIT_ERR_MEDIA, "walk: no description"),
                                 PP_STR_NONE);
    else
        m->handlers->description(m->arg, 0, pp_str_c(sdp));
}

static int create(pp_media_session *session)
{
    walk_media *m = of(session);

    if (walk_chance(m->w, 200))
        return pp_error(PIPIT_ERR_MEDIA, "walk: no description at all");
    pp_loop_start_timer(m->loop, &m->making, walk_roll(m->w, 20), describe, m);
    return 0;
}

static int create_offer(pp_media_session *session)
{
    of(session)->taken = false;
    return create(session);
}

static int create_answer(pp_media_session *session)
{
    begin_path(of(session));
    return create(session);
}

static int set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    walk_media *m = of(session);

    m->taken = false; /* what was answered before stands, whatever comes of this one */
    if (!pp_str_starts(sdp, "v=0"))
        return pp_error(PIPIT_ERR_MEDIA, "walk: that is no description");
    m->remote_held_before = m->remote_holds;
    m->taken = is_offer;
    m->remote_holds = memmem(sdp.p, sdp.n, "a=sendonly", 10) != NULL;
    if (!is_offer)
        begin_path(m);
    return 0;
}

/* Another far end answers the same offer. */
static int fork_media(pp_media_session *session, const pp_media_session_handlers *handlers,
                      void *arg, pp_media_session **out)
{
    walk_media *m = of(session), *made;

    if (walk_chance(m->w, 50))
        return pp_error(PIPIT_ERR_MEDIA, "walk: no more media");
    made = PP_NEW(walk_media);
    if (!made)
        return PIPIT_ERR_MEMORY;
    *made = (walk_media){.head = m->head,
                         .w = m->w,
                         .next = m->w->medias,
                         .loop = m->loop,
                         .handlers = handlers,
                         .arg = arg,
                         .held = m->held};
    m->w->medias = made;
    *out = &made->head;
    return 0;
}

static int hand_over(pp_media_session *from, pp_media_session *to)
{
    of(to)->held = of(from)->held;
    return walk_chance(of(from)->w, 50) ? pp_error(PIPIT_ERR_MEDIA, "walk: not handed over") : 0;
}

static int restart_path(pp_media_session *session, bool wanted)
{
    walk_media *m = of(session);

    (void)wanted;
    return m->up ? 0 : pp_error(PIPIT_ERR_STATE, "walk: there is no path yet");
}

static void roll_back(pp_media_session *session)
{
    walk_media *m = of(session);

    pp_loop_stop_timer(m->loop, &m->making);
    if (m->taken)
        m->remote_holds = m->remote_held_before;
    m->taken = false;
}

static int hold(pp_media_session *session, bool held, pipit_source *source)
{
    (void)source;
    of(session)->held = held;
    return 0;
}

static bool remote_holds(const pp_media_session *session)
{
    return of(session)->remote_holds;
}

static int send_dtmf(pp_media_session *session, char tone, unsigned duration_ms, unsigned gap_ms)
{
    (void)tone;
    (void)duration_ms;
    (void)gap_ms;
    return walk_chance(of(session)->w, 4)
               ? pp_error(PIPIT_ERR_NOT_SUPPORTED, "walk: no tones over RTP")
               : 0;
}

static void mute(pp_media_session *session, bool muted)
{
    (void)session;
    (void)muted;
}

static void stats(const pp_media_session *session, pipit_stats *out)
{
    (void)session;
    *out = (pipit_stats){.codec = "walk"};
}

static void close_media(pp_media_session *session)
{
    walk_media *m = of(session), **at = &m->w->medias;

    while (*at != m)
        at = &(*at)->next;
    *at = m->next;
    pp_loop_stop_timer(m->loop, &m->making);
    pp_loop_stop_timer(m->loop, &m->path);
    pp_free(m);
}

static const pp_media_session_ops ops = {
    .create_offer = create_offer,
    .create_answer = create_answer,
    .set_remote = set_remote,
    .restart = restart_path,
    .fork = fork_media,
    .hand_over = hand_over,
    .rollback = roll_back,
    .hold = hold,
    .remote_holds = remote_holds,
    .send_dtmf = send_dtmf,
    .mute = mute,
    .stats = stats,
    .close = close_media,
};

int walk_media_new(pipit_loop *loop, const pp_media_session_options *options,
                   const pp_media_session_handlers *handlers, void *arg, pp_media_session **out)
{
    walk_media *m;

    (void)options;
    if (walk_chance(walk_now, 200))
        return pp_error(PIPIT_ERR_MEDIA, "walk: no media");
    m = PP_NEW(walk_media);
    if (!m)
        return PIPIT_ERR_MEMORY;
    *m = (walk_media){.head = {&ops},
                      .w = walk_now,
                      .next = walk_now->medias,
                      .loop = loop,
                      .handlers = handlers,
                      .arg = arg};
    walk_now->medias = m;
    *out = &m->head;
    return 0;
}

void walk_media_event(walk *w)
{
    walk_media *m = w->medias;

    for (unsigned skip = walk_roll(w, 8); m && skip; skip--)
        m = m->next;
    if (!m || !m->up)
        return;
    switch (walk_roll(w, 8)) {
    case 0:
        m->handlers->state(m->arg, PP_MEDIA_FAILED, "walk: the path is gone");
        break;
    case 1:
    case 2:
        m->handlers->state(m->arg, PP_MEDIA_DISCONNECTED, "");
        break;
    case 3:
        m->handlers->state(m->arg, PP_MEDIA_CONNECTED, "");
        break;
    default:
        m->handlers->dtmf(m->arg, "0123456789*#ABCDR"[walk_roll(w, 17)], 100);
        break;
    }
}
