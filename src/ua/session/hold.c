/* hold.c - holding a call, and being held (RFC 3264 section 8.4, RFC 6337 section 5.3). */
#include "base/error.h"
#include "ua/session/session.h"

/* --- ours ------------------------------------------------------------------------------------- */

static int set_held(pipit_session *session, bool held)
{
    pp_media_session *media = session->media.session;
    int err = media->ops->hold(media, held, held ? session->hold_source : NULL);

    if (!err)
        session->held.local = held;
    return err;
}

void pp_hold_undo(pipit_session *session, pp_own_offer kind)
{
    bool held = kind == PP_OFFER_UNHOLD;

    if ((kind == PP_OFFER_HOLD || kind == PP_OFFER_UNHOLD) && set_held(session, held) == 0)
        pp_emit_hold(session, PIPIT_LOCAL, held);
}

/* Also before it is answered, by UPDATE, when the first offer has its answer (RFC 3311 section 5.1). */
static bool may_offer(const pipit_session *session)
{
    if (!pp_session_alive(session))
        return false;
    return pp_session_has_dialog(session) ||
           (session->direction == PIPIT_LOCAL ? session->branch && session->branch->agreed
                                              : pp_early_is_agreed(session));
}

static int check(const pipit_session *session, const char *what)
{
    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "%s: the call is missing", what);
    if (!may_offer(session))
        return pp_error(PIPIT_ERR_STATE, "%s: the call is %s", what,
                        pipit_session_status_name(session->status));
    if (!pipit_session_is_ready_to_reoffer(session))
        return pp_error(PIPIT_ERR_STATE, "%s: another offer is in flight", what);
    return 0;
}

static const pipit_reoffer_options defaults = {0};

static int change_hold(pipit_session *session, bool held, const pipit_reoffer_options *options)
{
    int err = set_held(session, held);

    if (err)
        return err;
    err = pp_own_reoffer_start(session, held ? PP_OFFER_HOLD : PP_OFFER_UNHOLD, options);
    if (err) {
        set_held(session, !held);
        return err;
    }
    pp_emit_hold(session, PIPIT_LOCAL, held);
    return 0;
}

int pipit_session_hold(pipit_session *session, const pipit_reoffer_options *options)
{
    const pipit_reoffer_options *o = options ? options : &defaults;
    int err = check(session, "hold");

    if (err)
        return err;
    if (session->held.local)
        return pp_error(PIPIT_ERR_STATE, "hold: the call is held already");
    pipit_source_ref(o->hold_source);
    pipit_source_unref(session->hold_source);
    session->hold_source = o->hold_source;
    return change_hold(session, true, o);
}

int pipit_session_unhold(pipit_session *session, const pipit_reoffer_options *options)
{
    int err = check(session, "unhold");

    if (err)
        return err;
    if (!session->held.local)
        return pp_error(PIPIT_ERR_STATE, "unhold: the call is not held");
    return change_hold(session, false, options ? options : &defaults);
}

int pipit_session_renegotiate(pipit_session *session, const pipit_reoffer_options *options)
{
    int err = check(session, "renegotiate");

    return err ? err : pp_own_reoffer_start(session, PP_OFFER_SAME, options ? options : &defaults);
}

/* --- theirs ----------------------------------------------------------------------------------- */

void pp_hold_look(pipit_session *session)
{
    pp_media_session *media = session->media.session;
    bool held = media->ops->remote_holds(media);

    if (held == session->held.remote)
        return;
    session->held.remote = held;
    pp_emit_hold(session, PIPIT_REMOTE, held);
}

/* --- getters ---------------------------------------------------------------------------------- */

pipit_on_hold pipit_session_is_on_hold(const pipit_session *session)
{
    return session ? session->held : (pipit_on_hold){0};
}

bool pipit_session_is_ready_to_reoffer(const pipit_session *session)
{
    /* Not while the offer of a 2xx waits for its answer, or a handler is shown a description. */
    return session && may_offer(session) && session->media.session && !session->late &&
           !session->media.showing && session->media.making == PP_MAKING_NOTHING &&
           pp_own_offer_of(session) == PP_OFFER_NONE && !session->reoffer.transaction &&
           !session->ack;
}
