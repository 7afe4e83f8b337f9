/* provisional_out.c - what a call that comes in is told before it is answered: that it rings, that it is queued, and what is heard
 * meanwhile (RFC 3261 section 13.3.1.1, RFC 3960). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

/* --- one response ----------------------------------------------------------------------------- */

typedef struct provisional {
    int status;
    const char *phrase;
    const char *const *lines;
    const char *sdp; /* NULL: none */
} provisional;

static int make(pipit_session *session, const provisional *p, pp_outgoing **out)
{
    pp_contact_form form = {.anonymous = session->anonymous, .outbound = true};
    pp_outgoing *response = NULL;
    int err = pp_ua_response(session->ua, session->request, p->status, p->phrase,
                             session->local_tag, &response);

    if (!err)
        err = pp_ua_add_contact(session->ua, form, response);
    if (!err) {
        pp_outgoing_add_ours(response, PP_HEADER_ALLOW, pp_str_c(pipit_allowed_methods()));
        pp_trickle_announce(session, response);
        pp_add_lines(response, p->lines);
        if (p->sdp)
            pp_outgoing_set_sdp(response, pp_str_c(p->sdp));
        err = pp_outgoing_error(response);
    }
    if (err)
        pp_outgoing_unref(response);
    else
        *out = response;
    return err;
}

static int tell(pipit_session *session, const provisional *p, bool *reliable)
{
    pp_outgoing *response = NULL;
    int err = make(session, p, &response);

    if (!err)
        err = pp_provisional_send(session, response, p->sdp != NULL, reliable);
    pp_outgoing_unref(response);
    return err;
}

int pp_session_ring(pipit_session *session)
{
    bool reliable;

    return tell(session, &(provisional){.status = 180}, &reliable);
}

/* --- early media ------------------------------------------------------------------------------ */

pp_early *pp_early_of(pipit_session *session)
{
    if (!session->early)
        session->early = PP_NEW(pp_early);
    return session->early;
}

static void forget(pp_early *early)
{
    pp_free(early->phrase);
    pp_header_lines_free(early->headers);
    early->phrase = NULL;
    early->headers = NULL;
    early->wanted = false;
}

void pp_early_free(pipit_session *session)
{
    if (!session->early)
        return;
    pp_reliable_stop(session);
    forget(session->early);
    pp_free(session->early->sdp);
    session->early->sdp = NULL;
}

static void refuse(pipit_session *session, int status, pipit_cause cause)
{
    pp_ending ending = {
        .originator = PIPIT_SYSTEM, .cause = cause, .reason = pipit_error_message()};

    pp_session_give_up(session, status, NULL, &ending);
}

static void on_step(void *arg)
{
    pipit_session *session = pipit_session_ref(arg);
    bool offered = pp_session_sdp(session->request).n > 0;
    pp_making making = offered ? PP_MAKING_EARLY_ANSWER : PP_MAKING_EARLY_OFFER;
    int err = offered ? pp_session_apply(session, true, session->request) : 0;

    if (err && pp_session_alive(session))
        refuse(session, 488, PIPIT_CAUSE_WEBRTC_ERROR);
    if (pp_session_alive(session))
        pp_emit_connecting(session);
    if (pp_session_alive(session) && pp_session_make(session, making) < 0)
        refuse(session, 500, PIPIT_CAUSE_INTERNAL_ERROR);
    pipit_session_unref(session);
}

static int send_described(pipit_session *session, const char *sdp)
{
    pp_early *early = session->early;
    bool offers = !session->request->body.n, reliable = false;
    char *copy = pp_strdup(sdp);
    int err = copy ? tell(session,
                          &(provisional){.status = early->status,
                                         .phrase = early->phrase,
                                         .lines = (const char *const *)early->headers,
                                         .sdp = sdp},
                          &reliable)
                   : PIPIT_ERR_MEMORY;

    if (err) {
        pp_free(copy);
        return err;
    }
    early->sdp = copy;
    early->offered = offers;
    early->agreed = reliable && !offers;
    return 0;
}

void pp_early_described(pipit_session *session, int error, const char *sdp)
{
    if (!error) {
        sdp = pp_emit_sdp(session, PIPIT_LOCAL, session->request->body.n ? "answer" : "offer", sdp);
        if (!pp_session_alive(session))
            return;
        error = send_described(session, sdp);
    }
    if (error) {
        refuse(session, 500, PIPIT_CAUSE_INTERNAL_ERROR);
        return;
    }
    forget(session->early);
    pp_emit_progress(session, NULL);
    if (pp_session_alive(session))
        pp_answer_go_on(session);
}

/* --- asked to --------------------------------------------------------------------------------- */

static bool was_described(const pipit_session *session)
{
    return session->early && session->early->sdp;
}

static int check(const pipit_session *session, const pipit_progress_options *o)
{
    bool offerless = session && session->request && !session->request->body.n;

    if (!session)
        return pp_error(PIPIT_ERR_ARGUMENT, "progress: the call is missing");
    if (session->status != PIPIT_SESSION_WAITING_FOR_ANSWER)
        return pp_error(PIPIT_ERR_STATE, "progress: the call is %s",
                        pipit_session_status_name(session->status));
    if (session->early && session->early->wanted)
        return pp_error(PIPIT_ERR_STATE, "progress: another one is on its way");
    if (o->status_code && (o->status_code < 101 || o->status_code > 199))
        return pp_error(PIPIT_ERR_ARGUMENT, "progress: %d is not between 101 and 199",
                        o->status_code);
    if (o->reason_phrase && !pp_str_is_line(pp_str_c(o->reason_phrase)))
        return pp_error(PIPIT_ERR_SYNTAX, "progress: the reason phrase is more than a line");
    if (o->early_media && offerless && !was_described(session) &&
        (session->ua->settings.reliable == PIPIT_RELIABLE_NONE ||
         (!pp_message_lists(session->request, PP_HEADER_SUPPORTED, "100rel") &&
          !pp_message_lists(session->request, PP_HEADER_REQUIRE, "100rel"))))
        return pp_error(PIPIT_ERR_NOT_SUPPORTED,
                        "progress: the caller has not offered, and cannot be offered anything yet");
    return 0;
}

static int start_media(pipit_session *session, const pipit_progress_options *o)
{
    pp_early *early = pp_early_of(session);
    int err = early ? pp_header_lines_copy(o->extra_headers, &early->headers) : PIPIT_ERR_MEMORY;

    if (!err && o->reason_phrase) {
        early->phrase = pp_strdup(o->reason_phrase);
        err = early->phrase ? 0 : PIPIT_ERR_MEMORY;
    }
    if (!err)
        err = pp_session_open_media(
            session,
            &(pp_session_media_options){&o->media_stream, &o->pc_config, o->own_media,
                                        o->media_constraints.video, session->request->body.n == 0});
    if (err && early)
        forget(early);
    if (err)
        return err;
    early->wanted = true;
    early->status = o->status_code ? o->status_code : 183;
    pp_loop_post(session->ua->loop, &session->setup->step, on_step, session);
    return 0;
}

int pipit_session_progress(pipit_session *session, const pipit_progress_options *options)
{
    static const pipit_progress_options defaults = {0};
    const pipit_progress_options *o = options ? options : &defaults;
    provisional p = {.status = o->status_code ? o->status_code : 183,
                     .phrase = o->reason_phrase,
                     .lines = o->extra_headers};
    bool reliable;
    int err = check(session, o);

    if (err)
        return err;
    if (o->early_media && !was_described(session))
        return start_media(session, o);
    /* Where it may have been lost it is said again; never another one (RFC 6337 section 3.1.1). */
    if (was_described(session) && !session->early->agreed && !session->early->offered)
        p.sdp = session->early->sdp;
    err = tell(session, &p, &reliable);
    if (!err)
        pp_emit_progress(session, NULL);
    return err;
}
