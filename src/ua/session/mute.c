/* mute.c - silence instead of the source, and back. */
#include "base/error.h"
#include "ua/session/session.h"

static int set_muted(pipit_session *session, bool muted)
{
    pp_media_session *media;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "mute: the call is missing");
    if (!pp_session_alive(session))
        return pp_error(PIPIT_ERR_STATE, "mute: the call has ended");
    if (session->media.muted == muted)
        return 0;
    media = session->media.session;
    session->media.muted = muted;
    if (media)
        media->ops->mute(media, muted);
    pp_emit_muted(session, muted);
    return 0;
}

int pipit_session_mute(pipit_session *session)
{
    return set_muted(session, true);
}

int pipit_session_unmute(pipit_session *session)
{
    return set_muted(session, false);
}

bool pipit_session_is_muted(const pipit_session *session)
{
    return session->media.muted;
}
