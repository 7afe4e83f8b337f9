/* session.c - the life of a call as an object: made, kept by its user agent, let go. */
#include "ua/session/session.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/name_addr.h"

/* --- made ------------------------------------------------------------------------------------- */

static char *put(char *at, pp_str text)
{
    if (text.n)
        memcpy(at, text.p, text.n);
    return at + text.n;
}

/* Zeroes are behind each of the names. */
static void put_names(pipit_session *session, const pp_session_parties *p)
{
    char *at = session->text;

    session->id = at;
    at = put(put(at, p->call_id), p->from_tag) + 1;
    session->call_id = at;
    at = put(at, p->call_id) + 1;
    session->local_tag = at;
    put(at, p->local_tag);
}

int pp_session_note_contact(pipit_session *session)
{
    pp_contact_form form = {.anonymous = session->anonymous, .outbound = true};
    pp_buf contact = {0};

    pp_contact_write(&session->ua->contact, form, &contact);
    return pp_buf_take(&contact, &session->contact);
}

static void link_session(pipit_ua *ua, pipit_session *session)
{
    session->ua = ua;
    session->serial = ua->next_serial++;
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
    size_t names = 2 * parties->call_id.n + parties->from_tag.n + parties->local_tag.n + 3;
    pipit_session *session = pp_zalloc(sizeof(*session) + names);

    if (!session)
        return PIPIT_ERR_MEMORY;
    session->setup = PP_NEW(pp_session_setup);
    if (!session->setup) {
        pp_free(session);
        return PIPIT_ERR_MEMORY;
    }
    session->references = 1; /* the user agent's */
    session->direction = parties->direction;
    put_names(session, parties);
    link_session(ua, session);
    *out = session;
    return 0;
}

/* --- it stands -------------------------------------------------------------------------------- */

/* From and To stand in the INVITE, whoever sent it. */
static pp_str party(const pipit_session *session, bool of_caller)
{
    pp_header_id id = of_caller ? PP_HEADER_FROM : PP_HEADER_TO;
    const char *kept = of_caller ? session->from : session->to;

    if (kept)
        return pp_str_c(kept);
    if (session->invite)
        return pp_outgoing_header(session->invite, id, 0);
    return session->request ? pp_message_header(session->request, id, 0) : PP_STR_NONE;
}

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

/* Headers of an INVITE that may be asked for as long as there is the call. */
static bool says_more(const pp_message *invite)
{
    static const pp_header_id ids[] = {PP_HEADER_P_ASSERTED_IDENTITY, PP_HEADER_PRIV_ANSWER_MODE,
                                       PP_HEADER_ANSWER_MODE, PP_HEADER_CALL_INFO,
                                       PP_HEADER_ALERT_INFO};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (pp_message_count(invite, ids[i]))
            return true;
    return false;
}

/* When memory is too short to keep what is asked for of it, it stays. */
static void give_back_invite(pipit_session *session)
{
    if (session->request && says_more(session->request))
        return;
    session->from = pp_str_dup(party(session, true));
    session->to = session->from ? pp_str_dup(party(session, false)) : NULL;
    if (!session->to) {
        pp_free(session->from);
        session->from = NULL;
        return;
    }
    session->invite = pp_outgoing_unref(session->invite);
    session->request = pp_message_unref(session->request);
}

void pp_session_settle(pipit_session *session)
{
    stop_setup(session);
    free_setup(session);
    if (!session->early || !session->early->waiting) /* else its PRACK is on its way */
        give_back_invite(session);
    pp_dialog_rest(session->dialog);
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

void pp_session_detach(pipit_session *session)
{
    pp_session_set_status(session, PIPIT_SESSION_TERMINATED);
    pp_session_stop(session);
    pp_ack_wait_stop(session);
    pp_forks_free(session);
    session->dialog = pp_dialog_free(session->dialog);
    unlink_session(session);
    session->ua = NULL;
    pipit_session_unref(session);
}

void pp_session_let_go(pipit_session *session)
{
    pipit_ua *ua = session->ua;

    if (!ua || pp_session_alive(session) || (session->ack && session->ack->bye))
        return;
    pp_session_detach(session);
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
    pp_free(session->contact);
    pp_free(session->from);
    pp_free(session->to);
    pp_free(session->local_uri);
    pp_free(session->remote_uri);
    pp_free(session->remote_display_name);
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

const char *pipit_session_id(const pipit_session *session)
{
    return session->id;
}

const char *pipit_session_call_id(const pipit_session *session)
{
    return session->call_id;
}

typedef int pp_party_writer(const pp_name_addr *party, char **out);

static int write_uri(const pp_name_addr *party, char **out)
{
    pp_buf uri = {0};

    if (party->uri.scheme == PP_SCHEME_SIP || party->uri.scheme == PP_SCHEME_SIPS)
        pp_uri_write_aor(&party->uri, &uri);
    else
        pp_buf_str(&uri, party->uri.text);
    return pp_buf_take(&uri, out);
}

static int write_display_name(const pp_name_addr *party, char **out)
{
    pp_buf name = {0};

    pp_name_addr_write_display_name(party, &name);
    return pp_buf_take(&name, out);
}

/* Written for the first who asks. */
static const char *said_of(const pipit_session *session, bool local, pp_party_writer *write,
                           char *const *kept)
{
    pp_name_addr address;
    bool of_caller = local == (session->direction == PIPIT_LOCAL);

    if (!*kept && pp_name_addr_parse(party(session, of_caller), &address) == 0)
        write(&address, (char **)kept);
    return *kept ? *kept : "";
}

const char *pipit_session_remote_uri(const pipit_session *session)
{
    return said_of(session, false, write_uri, &session->remote_uri);
}

static int identity(const pipit_session *session, bool of_caller, pipit_name_addr **out)
{
    pp_str value = session ? party(session, of_caller) : PP_STR_NONE;
    char *text;
    int err;

    if (!value.p)
        return pp_error(PIPIT_ERR_STATE, "session: there is no such identity yet");
    text = pp_str_dup(value);
    err = text ? pipit_name_addr_parse(text, out) : PIPIT_ERR_MEMORY;
    pp_free(text);
    return err;
}

int pipit_session_local_identity(const pipit_session *session, pipit_name_addr **out)
{
    return identity(session, session && session->direction == PIPIT_LOCAL, out);
}

int pipit_session_remote_identity(const pipit_session *session, pipit_name_addr **out)
{
    return identity(session, session && session->direction == PIPIT_REMOTE, out);
}

const char *pipit_session_contact(const pipit_session *session)
{
    return session && session->contact ? session->contact : "";
}

const char *pipit_session_remote_display_name(const pipit_session *session)
{
    return said_of(session, false, write_display_name, &session->remote_display_name);
}

const char *pipit_session_local_uri(const pipit_session *session)
{
    return said_of(session, true, write_uri, &session->local_uri);
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
