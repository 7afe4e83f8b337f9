/* session.c - the life of a call as an object: made, kept by its user agent, let go. */
#include "ua/session/session.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"

/* --- made ------------------------------------------------------------------------------------- */

static const char *put(char *at, pp_str text)
{
    if (text.n)
        memcpy(at, text.p, text.n);
    return at; /* a zero is behind it */
}

int pp_session_note_contact(pipit_session *session)
{
    pp_contact_form form = {.anonymous = session->anonymous, .outbound = true};

    return pp_contact_tell(&session->ua->contact, form, &session->contact);
}

static void link_session(pipit_ua *ua, pipit_session *session)
{
    session->ua = ua;
    session->serial = ua->next_serial++;
    ua->calls++;
    session->next = ua->sessions;
    if (ua->sessions)
        ua->sessions->previous = session;
    ua->sessions = session;
}

static void unlink_session(pipit_session *session)
{
    if (session->previous)
        session->previous->next = session->next;
    else
        session->ua->sessions = session->next;
    if (session->next)
        session->next->previous = session->previous;
    session->next = session->previous = NULL;
}

int pp_session_new(pipit_ua *ua, const pp_session_parties *parties, pipit_session **out)
{
    pp_str call_id = parties->call_id, local_tag = parties->local_tag;
    pipit_session *session = pp_zalloc(sizeof(*session) + call_id.n + 1 + local_tag.n + 1);

    if (!session)
        return PIPIT_ERR_MEMORY;
    session->setup = PP_NEW(pp_session_setup);
    if (!session->setup) {
        pp_free(session);
        return PIPIT_ERR_MEMORY;
    }
    session->references = 1; /* the user agent's */
    session->direction = parties->direction;
    session->call_id = put(session->text, call_id);
    session->local_tag = put(session->text + call_id.n + 1, local_tag);
    link_session(ua, session);
    *out = session;
    return 0;
}

/* --- it stands -------------------------------------------------------------------------------- */

static void free_setup(pipit_session *session)
{
    pp_redirect_free(session);
    if (session->setup)
        pp_header_lines_free(session->setup->answer_headers);
    pp_free(session->setup);
    session->setup = NULL;
}

static void stop_setup(pipit_session *session)
{
    pipit_loop *loop = session->ua->loop;
    pp_session_setup *setup = session->setup;

    if (!setup)
        return;
    pp_loop_stop_timer(loop, &setup->no_answer);
    pp_loop_stop_timer(loop, &setup->expires);
    pp_loop_stop_timer(loop, &setup->auto_answer);
    pp_loop_stop_timer(loop, &setup->forks_end);
    pp_loop_unpost(loop, &setup->step);
}

void pp_session_settle(pipit_session *session)
{
    stop_setup(session);
    free_setup(session);
    if (!session->early || !session->early->waiting) /* else its PRACK is on its way */
        pp_session_give_back_invite(session);
}

/* --- let go ----------------------------------------------------------------------------------- */

void pp_session_stop(pipit_session *session)
{
    stop_setup(session);
    session->inviter = pp_request_sender_forget(session->inviter);
    session->transaction = pp_server_forget(session->transaction);
    pp_early_free(session);
    pp_session_timer_stop(session);
    pp_dtmf_stop(session);
    pp_trickle_stop(session);
    pp_reoffer_drop(session);
    pp_own_reoffer_stop(session);
    pp_survival_stop(session);
    pp_refers_out_stop(session);
    pp_refers_in_stop(session);
    pipit_refer_notifier_unref(session->referrer);
    session->referrer = NULL;
    session->replaced = pipit_session_unref(session->replaced);
    pp_branches_close(session);
    pp_session_close_media(session);
}

/* It was stopped. */
static void leave(pipit_session *session)
{
    pp_ack_wait_stop(session);
    pp_forks_free(session);
    if (session->dialog) /* it still knows who was in the call */
        pp_dialog_leave(session->dialog);
    unlink_session(session);
    session->ua = NULL;
    pipit_session_unref(session);
}

void pp_session_detach(pipit_session *session)
{
    pp_session_set_status(session, PIPIT_SESSION_TERMINATED);
    pp_session_stop(session);
    leave(session);
}

void pp_session_let_go(pipit_session *session)
{
    pipit_ua *ua = session->ua;

    if (!ua || pp_session_alive(session) || (session->ack && session->ack->bye))
        return;
    leave(session);
    pp_ua_check_stopped(ua);
}

void pp_session_say_last_word(pipit_session *session)
{
    pp_outgoing *bye = session->ack ? session->ack->bye : NULL;

    if (!bye)
        return;
    session->ack->bye = NULL;
    if (pp_farewell_bye(session->ua, bye) < 0)
        pp_log_warn("RTCSession", "a BYE could not be sent: %s", pipit_error_message());
    pp_outgoing_unref(bye);
}

pipit_session *pipit_session_ref(pipit_session *session)
{
    session->references++;
    return session;
}

pipit_session *pipit_session_unref(pipit_session *session)
{
    if (!session || --session->references)
        return NULL;
    pp_hearers_free(&session->listeners);
    pp_outgoing_unref(session->invite);
    if (session->own)
        pp_outgoing_unref(session->own->ack);
    pipit_source_unref(session->hold_source);
    pp_message_unref(session->request);
    pp_free(session->media.changed);
    pp_free(session->media.fault.sentence);
    pp_free(session->media.stats);
    pp_message_unref(session->late);
    free_setup(session);
    pp_free(session->early);
    pp_free(session->own);
    pp_free(session->survival);
    pp_free(session->dtmf);
    pp_told_unref(session->contact);
    pp_session_names_free(session);
    pp_dialog_free(session->dialog);
    pp_free(session);
    return NULL;
}

pipit_session *pp_session_first_alive(const pipit_ua *ua, uint64_t before)
{
    for (pipit_session *session = ua->sessions; session; session = session->next)
        if (pp_session_alive(session) && session->serial < before)
            return session;
    return NULL;
}

/* --- getters ---------------------------------------------------------------------------------- */

void pipit_session_set_handlers(pipit_session *session, const pipit_session_handlers *handlers,
                                void *user)
{
    session->listeners.first.handlers = handlers;
    session->listeners.first.user = user;
}

int pipit_session_add_handlers(pipit_session *session, const pipit_session_handlers *handlers,
                               void *user)
{
    if (!session || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "handlers: the call or the handlers are missing");
    return pp_hearers_add(&session->listeners, handlers, user);
}

int pipit_session_remove_handlers(pipit_session *session, const pipit_session_handlers *handlers,
                                  void *user)
{
    if (!session || !handlers)
        return pp_error(PIPIT_ERR_ARGUMENT, "handlers: the call or the handlers are missing");
    return pp_hearers_remove(&session->listeners, handlers, user);
}

pipit_originator pipit_session_direction(const pipit_session *session)
{
    return session->direction;
}

const char *pipit_session_contact(const pipit_session *session)
{
    return session && session->contact ? session->contact->text : "";
}

uint64_t pipit_session_start_time_ms(const pipit_session *session)
{
    return session->start_ms;
}

uint64_t pipit_session_end_time_ms(const pipit_session *session)
{
    return session->end_ms;
}

void *pipit_session_data(const pipit_session *session)
{
    return session->data;
}

void pipit_session_set_data(pipit_session *session, void *data)
{
    session->data = data;
}
