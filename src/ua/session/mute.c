/* mute.c - silence instead of the source and no picture, and back. */
#include "base/error.h"
#include "ua/session/session.h"

static int set_muted(pipit_session *session, const pipit_media_constraints *what, bool muted)
{
    pipit_media_constraints *now, changed;
    pp_media_session *media;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "mute: the call is missing");
    if (!pp_session_alive(session))
        return pp_error(PIPIT_ERR_STATE, "mute: the call has ended");
    now = &session->media.muted;
    changed.audio = what->audio && now->audio != muted;
    changed.video = what->video && now->video != muted;
    if (!changed.audio && !changed.video)
        return 0;
    if (changed.audio)
        now->audio = muted;
    if (changed.video)
        now->video = muted;
    media = session->media.session;
    if (media)
        media->ops->mute(media, now->audio);
    if (media && media->ops->mute_video)
        media->ops->mute_video(media, now->video);
    pp_emit_muted(session, changed, muted);
    return 0;
}

int pipit_session_mute(pipit_session *session, const pipit_media_constraints *what)
{
    static const pipit_media_constraints sound = {.audio = true};

    return set_muted(session, what ? what : &sound, true);
}

int pipit_session_unmute(pipit_session *session, const pipit_media_constraints *what)
{
    static const pipit_media_constraints both = {.audio = true, .video = true};

    return set_muted(session, what ? what : &both, false);
}

pipit_media_constraints pipit_session_is_muted(const pipit_session *session)
{
    return session ? session->media.muted : (pipit_media_constraints){0};
}

int pipit_session_reset_local_media(pipit_session *session)
{
    int err = pipit_session_unmute(session, NULL);

    return !err && session->held.local ? pipit_session_unhold(session, NULL) : err;
}
