/* own_media.c - binds the seam to an application's own media. */
#include "ua/own_media.h"

#include "base/alloc.h"
#include "base/error.h"
#include "ua/media_reports.h"

struct pipit_own_media {
    pp_media_session head;
    unsigned references;
    bool attached; /* to a call */
    bool asked;    /* for a description */
    const pipit_own_media_interface *functions;
    void *self;
    pp_media_reports reports;
};

/* --- life ------------------------------------------------------------------------------------- */

int pipit_own_media_new(const pipit_own_media_interface *functions, void *self,
                        pipit_own_media **out)
{
    pipit_own_media *media;

    if (!functions || !functions->create_offer || !functions->create_answer ||
        !functions->set_remote || !out)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "media: create_offer, create_answer and set_remote are needed");
    media = PP_NEW(pipit_own_media);
    if (!media)
        return PIPIT_ERR_MEMORY;
    media->references = 1;
    media->functions = functions;
    media->self = self;
    *out = media;
    return 0;
}

pipit_own_media *pipit_own_media_ref(pipit_own_media *media)
{
    media->references++;
    return media;
}

pipit_own_media *pipit_own_media_unref(pipit_own_media *media)
{
    if (!media || --media->references)
        return NULL;
    if (media->functions->release)
        media->functions->release(media->self);
    pp_free(media);
    return NULL;
}

static void hold_memory(void *media)
{
    pipit_own_media_ref(media);
}

static void release(void *media)
{
    pipit_own_media_unref(media);
}

/* --- what the call asks for ------------------------------------------------------------------- */

static pipit_own_media *of(pp_media_session *session)
{
    return (pipit_own_media *)(void *)session;
}

/* An application may fail without a sentence. */
static int check(int err, const char *what)
{
    return err < 0 ? pp_error(err, "media: the application's own could not %s", what) : 0;
}

static int create(pipit_own_media *media, int (*function)(void *self), const char *what)
{
    int err;

    media->asked = true;
    err = check(function(media->self), what);
    if (err)
        media->asked = false;
    return err;
}

static int create_offer(pp_media_session *session)
{
    return create(of(session), of(session)->functions->create_offer, "make an offer");
}

static int create_answer(pp_media_session *session)
{
    return create(of(session), of(session)->functions->create_answer, "make an answer");
}

static int set_remote(pp_media_session *session, bool is_offer, pp_str sdp)
{
    return check(of(session)->functions->set_remote(of(session)->self, is_offer, sdp.p),
                 "use the description of the far end");
}

/* The call lets go of them by close(). */
static int fork_media(pp_media_session *session, const pp_media_session_handlers *handlers,
                      void *arg, pp_media_session **out)
{
    pipit_own_media *media = of(session), *made = NULL;
    int err;

    if (!media->functions->fork || !media->functions->hand_over)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "media: the application's own are for one far end only");
    err = check(media->functions->fork(media->self, &made), "serve one more far end");
    if (err)
        return err;
    if (!made)
        return pp_error(PIPIT_ERR_MEDIA, "media: the application has made none");
    err = pp_own_media_attach(made, media->reports.loop, handlers, arg, out);
    pipit_own_media_unref(made);
    return err;
}

static int hand_over(pp_media_session *from, pp_media_session *to)
{
    return check(of(from)->functions->hand_over(of(from)->self, of(to)->self), "be handed over");
}

static void rollback(pp_media_session *session)
{
    pipit_own_media *media = of(session);

    media->asked = false;
    if (media->functions->rollback)
        media->functions->rollback(media->self);
}

static int hold(pp_media_session *session, bool held, pipit_source *source)
{
    pipit_own_media *media = of(session);

    (void)source; /* theirs to play, if they want to */
    if (!media->functions->hold)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "media: the application's own cannot be held");
    return check(media->functions->hold(media->self, held), "be held");
}

static bool remote_holds(const pp_media_session *session)
{
    const pipit_own_media *media = (const pipit_own_media *)(const void *)session;

    return media->functions->remote_holds && media->functions->remote_holds(media->self);
}

static int send_dtmf(pp_media_session *session, char tone, unsigned duration_ms, unsigned gap_ms)
{
    pipit_own_media *media = of(session);

    if (!media->functions->send_dtmf)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "media: the application's own sends no tones");
    return check(media->functions->send_dtmf(media->self, tone, duration_ms, gap_ms),
                 "send a tone");
}

static void mute(pp_media_session *session, bool muted)
{
    pipit_own_media *media = of(session);

    if (media->functions->mute)
        media->functions->mute(media->self, muted);
}

static void close_media(pp_media_session *session)
{
    pipit_own_media *media = of(session);

    pp_media_reports_free(&media->reports);
    media->attached = media->asked = false;
    if (media->functions->close)
        media->functions->close(media->self);
    pipit_own_media_unref(media);
}

static const pp_media_holder holder = {hold_memory, release};

/* What they do is theirs to count. */
static const pp_media_session_ops ops = {
    .create_offer = create_offer,
    .create_answer = create_answer,
    .set_remote = set_remote,
    .fork = fork_media,
    .hand_over = hand_over,
    .rollback = rollback,
    .hold = hold,
    .remote_holds = remote_holds,
    .send_dtmf = send_dtmf,
    .mute = mute,
    .close = close_media,
};

int pp_own_media_attach(pipit_own_media *media, pipit_loop *loop,
                        const pp_media_session_handlers *handlers, void *arg,
                        pp_media_session **out)
{
    if (media->attached)
        return pp_error(PIPIT_ERR_STATE, "media: these are in another call");
    media->attached = true;
    media->head.ops = &ops;
    media->reports = (pp_media_reports){.loop = loop,
                                        .handlers = handlers,
                                        .arg = arg,
                                        .owner = media,
                                        .holder = &holder,
                                        .handing = media->reports.handing, /* for another call */
                                        .news = media->reports.news};
    *out = &pipit_own_media_ref(media)->head;
    return 0;
}

/* --- what they report ------------------------------------------------------------------------- */

static int check_attached(const pipit_own_media *media)
{
    if (!media)
        return pp_error(PIPIT_ERR_ARGUMENT, "media: they are missing");
    return media->attached ? 0 : pp_error(PIPIT_ERR_STATE, "media: they are in no call");
}

int pipit_own_media_described(pipit_own_media *media, const char *sdp, const char *reason)
{
    int err = check_attached(media);
    char *copy;

    if (err)
        return err;
    if (!media->asked)
        return pp_error(PIPIT_ERR_STATE, "media: no description was asked for");
    media->asked = false;
    copy = pp_strdup(sdp);
    if (!sdp)
        err = pp_error(PIPIT_ERR_MEDIA, "%s", reason ? reason : "there is no description");
    else if (!copy)
        err = PIPIT_ERR_MEMORY;
    pp_media_report_description(&media->reports, err, copy);
    return 0;
}

int pipit_own_media_state(pipit_own_media *media, pipit_media_state state, const char *reason)
{
    static const pp_media_state states[] = {
        [PIPIT_MEDIA_CHECKING] = PP_MEDIA_CHECKING,
        [PIPIT_MEDIA_CONNECTED] = PP_MEDIA_CONNECTED,
        [PIPIT_MEDIA_DISCONNECTED] = PP_MEDIA_DISCONNECTED,
        [PIPIT_MEDIA_FAILED] = PP_MEDIA_FAILED,
    };
    int err = check_attached(media);

    if (!err && (unsigned)state > PIPIT_MEDIA_FAILED)
        err = pp_error(PIPIT_ERR_ARGUMENT, "media: there is no such state");
    if (!err)
        pp_media_report_state(&media->reports, states[state], reason ? reason : "");
    return err;
}

int pipit_own_media_dtmf(pipit_own_media *media, char tone, unsigned duration_ms)
{
    int err = check_attached(media);

    if (!err && (!tone || !strchr("0123456789*#ABCDR", tone)))
        err = pp_error(PIPIT_ERR_ARGUMENT, "media: that is no tone");
    if (!err)
        pp_media_report_dtmf(&media->reports, tone, duration_ms);
    return err;
}
