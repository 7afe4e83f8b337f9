/* connect.c - an outgoing call up to its INVITE (jssip-behaviour section 1.3, connect). */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "sip/request.h"
#include "ua/session/session.h"

#define ANONYMOUS_URI "sip:anonymous@anonymous.invalid"

/* --- the INVITE ------------------------------------------------------------------------------- */

/* RFC 3323 and 3325: the account is told to our own server only. */
static int add_identity(pipit_ua *ua, const pipit_call_options *o, pp_outgoing *invite)
{
    pp_buf identity = {0};
    int err;

    if (o->anonymous)
        pp_outgoing_add_named(invite, PP_LIT("Privacy"), PP_LIT("id"));
    if (!o->anonymous && !o->from_user_name)
        return 0;
    pp_buf_format(&identity, "<%s>", ua->settings.uri);
    err = pp_buf_error(&identity);
    if (!err)
        pp_outgoing_add_named(invite, PP_LIT("P-Preferred-Identity"), pp_buf_text(&identity));
    pp_buf_free(&identity);
    return err;
}

static int make_invite(pipit_ua *ua, const char *target, const pipit_call_options *o,
                       pp_outgoing **out)
{
    const char *anonymous_name = o->from_display_name ? o->from_display_name : "Anonymous";
    pp_contact_form form = {.anonymous = o->anonymous, .outbound = true};
    pp_outgoing *invite = NULL;
    pp_buf uri = {0};
    int err = pp_ua_write_target(ua, target, &uri);

    if (!err)
        err = pp_ua_request(
            ua,
            &(pp_ua_request_options){.method = PP_INVITE,
                                     .target = pp_buf_text(&uri),
                                     .from = o->anonymous ? ANONYMOUS_URI : NULL,
                                     .from_user = o->from_user_name,
                                     .from_display_name =
                                         o->anonymous ? anonymous_name : o->from_display_name,
                                     .extra_headers = o->extra_headers},
            &invite);
    if (!err)
        err = add_identity(ua, o, invite);
    if (!err)
        err = pp_ua_add_contact(ua, form, invite);
    if (!err) {
        pp_ua_finish_request(ua, invite);
        err = pp_outgoing_error(invite);
    }
    pp_buf_free(&uri);
    if (err) {
        pp_outgoing_unref(invite);
        return err;
    }
    *out = invite;
    return 0;
}

static int make_session(pipit_ua *ua, const pp_outgoing *invite, pipit_session **out)
{
    pp_session_parties parties = {.direction = PIPIT_LOCAL};

    if (!pp_name_addr_tag(pp_outgoing_header(invite, PP_HEADER_FROM, 0), &parties.local_tag))
        return pp_error(PIPIT_ERR_SYNTAX, "call: this makes no From");
    parties.call_id = pp_outgoing_header(invite, PP_HEADER_CALL_ID, 0);
    return pp_session_new(ua, &parties, out);
}

/* --- the steps -------------------------------------------------------------------------------- */

static void fail(pipit_session *session, pipit_cause cause)
{
    pp_ending ending = {
        .originator = PIPIT_SYSTEM, .cause = cause, .reason = pipit_error_message()};

    pp_session_end(session, &ending);
}

static void on_no_answer(void *arg)
{
    pp_ending ending = {.originator = PIPIT_LOCAL, .cause = PIPIT_CAUSE_NO_ANSWER};

    pp_session_give_up(arg, 408, "No Answer", &ending);
}

/* RFC 3261 section 13.2.1: a server may have done it before. */
static void on_expires(void *arg)
{
    pp_ending ending = {.originator = PIPIT_SYSTEM, .cause = PIPIT_CAUSE_EXPIRES};

    pp_session_give_up(arg, 487, "Expired", &ending);
}

static void start_timers(pipit_session *session)
{
    pipit_loop *loop = session->ua->loop;

    if (session->setup->no_answer_s)
        pp_loop_start_timer(loop, &session->setup->no_answer,
                            (uint64_t)session->setup->no_answer_s * 1000, on_no_answer, session);
    if (session->setup->expires_s)
        pp_loop_start_timer(loop, &session->setup->expires,
                            (uint64_t)session->setup->expires_s * 1000, on_expires, session);
}

static int send_invite(pipit_session *session, const char *sdp)
{
    int err;

    if (sdp)
        pp_outgoing_set_sdp(session->invite, pp_str_c(sdp));
    err = pp_outgoing_error(session->invite);
    if (!err)
        err = pp_emit_sending(session);
    if (err || !pp_session_alive(session))
        return err;
    pp_session_set_status(session, PIPIT_SESSION_INVITE_SENT);
    start_timers(session);
    return pp_request_sender_start(session->ua, session->invite, &pp_invite_handlers, session,
                                   &session->inviter);
}

static void begin(pipit_session *session, const char *sdp)
{
    if (send_invite(session, sdp) < 0) {
        pp_session_set_status(session, PIPIT_SESSION_NULL); /* nothing went out */
        fail(session, PIPIT_CAUSE_INTERNAL_ERROR);
    }
}

void pp_connect_described(pipit_session *session, int error, const char *sdp)
{
    if (error) {
        fail(session, PIPIT_CAUSE_WEBRTC_ERROR);
        return;
    }
    sdp = pp_emit_sdp(session, PIPIT_LOCAL, "offer", sdp);
    if (pp_session_alive(session))
        begin(session, sdp);
}

static void on_step(void *arg)
{
    pipit_session *session = pipit_session_ref(arg);

    pp_emit_connecting(session);
    if (pp_session_alive(session) && session->offerless)
        begin(session, NULL);
    else if (pp_session_alive(session) && pp_session_make(session, PP_MAKING_INVITE) < 0)
        fail(session, PIPIT_CAUSE_WEBRTC_ERROR);
    pipit_session_unref(session);
}

/* --- the call --------------------------------------------------------------------------------- */

static int check(const pipit_ua *ua, const char *target)
{
    if (!ua || !target)
        return pp_error(PIPIT_ERR_ARGUMENT, "call: the user agent or target is missing");
    if (ua->status == PIPIT_UA_USER_CLOSED)
        return pp_error(PIPIT_ERR_STATE, "call: the user agent was stopped");
    if (ua->calls >= ua->settings.sessions_max)
        return pp_error(PIPIT_ERR_LIMIT, "call: %u calls are going on", ua->settings.sessions_max);
    return 0;
}

/* To those who look, if there is anyone. */
static int show(const pipit_ua *ua, const pp_outgoing *invite, pipit_request **out)
{
    if (!PP_UA_LISTENS(ua, new_rtc_session) && !PP_UA_LISTENS(ua, any))
        return 0;
    return pp_request_of_outgoing(invite, out);
}

static int prepare(pipit_ua *ua, const char *target, const pipit_call_options *o,
                   pipit_request **shown, pipit_session **out)
{
    pp_outgoing *invite = NULL;
    pipit_session *session = NULL;
    int err = make_invite(ua, target, o, &invite);

    if (!err)
        err = make_session(ua, invite, &session);
    if (err) {
        pp_outgoing_unref(invite);
        return err;
    }
    session->invite = invite;
    pipit_session_set_handlers(session, o->handlers, o->user);
    session->anonymous = o->anonymous;
    session->data = o->data;
    session->offerless = o->offerless;
    session->setup->redirect.hops_left =
        o->follow_redirects ? o->follow_redirects : ua->settings.follow_redirects;
    session->setup->no_answer_s = o->no_answer_timeout;
    session->setup->expires_s = o->expires;
    if (ua->settings.reliable == PIPIT_RELIABLE_REQUIRED)
        pp_outgoing_add_c(invite, PP_HEADER_REQUIRE, "100rel");
    if (o->expires)
        pp_outgoing_add_format(invite, PP_HEADER_EXPIRES, "%u", o->expires);
    pp_session_timer_init(session, o->session_timers_expires);
    pp_session_timer_offer(session, invite);
    err = pp_session_note_contact(session);
    if (!err)
        err = pp_session_open_media(
            session, &(pp_session_media_options){&o->media_stream, &o->pc_config, o->own_media,
                                                 o->media_constraints.video, !o->offerless});
    if (!err) {
        pp_trickle_announce(session, invite);
        err = pp_outgoing_error(invite);
    }
    if (!err)
        err = show(ua, invite, shown);
    if (err)
        pp_session_detach(session);
    else
        *out = session;
    return err;
}

int pp_ua_call_for(pipit_ua *ua, const char *target, const pipit_call_options *o,
                   pipit_refer_notifier *referrer, pipit_session **out)
{
    pipit_request *shown = NULL;
    pipit_session *session = NULL;
    int err = check(ua, target);

    if (!err)
        err = prepare(ua, target, o, &shown, &session);
    if (err)
        return err;
    if (referrer)
        session->referrer = pipit_refer_notifier_ref(referrer);
    pipit_session_ref(session);
    /* Everything else happens behind the return, as in JsSIP; a handler may still end the call before. */
    pp_loop_post(ua->loop, &session->setup->step, on_step, session);
    pp_emit_peerconnection(session, o->own_media != NULL);
    if (pp_session_alive(session))
        pp_emit_new_rtc_session(session, shown);
    pipit_request_unref(shown);
    if (out)
        *out = session;
    else
        pipit_session_unref(session);
    return 0;
}

int pipit_ua_call(pipit_ua *ua, const char *target, const pipit_call_options *options,
                  pipit_session **out)
{
    static const pipit_call_options defaults = {0};

    return pp_ua_call_for(ua, target, options ? options : &defaults, NULL, out);
}
