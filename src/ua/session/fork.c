/* fork.c - the far ends of one INVITE: each To tag is a dialog of its own (RFC 3261 sections 12.1.2 and 13.2.2.4). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/session/session.h"

static void free_fork(pp_fork *fork)
{
    pp_media_session *media = fork->media;

    if (media)
        media->ops->close(media);
    if (fork->dialog != fork->session->dialog) {
        pp_trickle_forget(fork->session, fork->dialog);
        pp_dialog_free(fork->dialog);
    }
    pp_outgoing_unref(fork->ack);
    pp_free(fork->early);
    pp_free(fork);
}

void pp_forks_free(pipit_session *session)
{
    while (session->forks) {
        pp_fork *next = session->forks->next;

        free_fork(session->forks);
        session->forks = next;
    }
    session->fork = session->branch = NULL;
}

/* What its media report goes to it, if they are not those the call began with. */
static bool has_ear(const pipit_session *session, const pp_fork *fork)
{
    return fork == session->fork && session->media.session != session->media.first;
}

void pp_forks_settle(pipit_session *session)
{
    pp_fork **at = &session->forks;

    while (*at) {
        pp_fork *fork = *at;

        if (has_ear(session, fork)) {
            fork->ack = pp_outgoing_unref(fork->ack);
            at = &fork->next;
        } else {
            *at = fork->next;
            if (session->branch == fork)
                session->branch = NULL;
            if (session->fork == fork)
                session->fork = NULL;
            free_fork(fork);
        }
    }
}

void pp_fork_choose(pipit_session *session, pp_fork *fork)
{
    session->fork = fork;
    session->dialog = fork->dialog;
}

pp_fork *pp_fork_find(const pipit_session *session, pp_str tag)
{
    for (pp_fork *fork = session->forks; fork; fork = fork->next)
        if (pp_str_eq_c(tag, fork->tag))
            return fork;
    return NULL;
}

static size_t count_forks(const pipit_session *session)
{
    size_t count = 0;

    for (const pp_fork *fork = session->forks; fork; fork = fork->next)
        count++;
    return count;
}

static int add(pipit_session *session, pp_str tag, pp_fork **out)
{
    pp_fork *fork;

    if (count_forks(session) >= PP_LIMIT_FORKS)
        return pp_error(PIPIT_ERR_LIMIT, "session: more than %u forks", PP_LIMIT_FORKS);
    fork = pp_zalloc(sizeof(*fork) + tag.n + 1);
    if (!fork)
        return PIPIT_ERR_MEMORY;
    if (tag.n)
        memcpy(fork->tag, tag.p, tag.n);
    fork->session = session;
    fork->next = session->forks;
    session->forks = fork;
    *out = fork;
    return 0;
}

void pp_fork_remove(pipit_session *session, pp_fork *fork)
{
    for (pp_fork **at = &session->forks; *at; at = &(*at)->next)
        if (*at == fork) {
            *at = fork->next;
            if (session->branch == fork)
                session->branch = NULL;
            free_fork(fork);
            return;
        }
}

static int make_dialog(pipit_session *session, const pp_message *response, pp_fork *fork)
{
    return pp_dialog_from_response(session->ua->dialogs,
                                   pp_request_sender_request(session->inviter), response,
                                   &(pp_dialog_owner){&pp_session_usage, session}, &fork->dialog);
}

/* Who rings without a Contact may give it with his answer. */
int pp_fork_of(pipit_session *session, const pp_message *response, pp_fork **out)
{
    pp_fork *fork = pp_fork_find(session, response->to_tag);
    bool is_new = !fork;
    int err = is_new ? add(session, response->to_tag, &fork) : 0;

    if (err)
        return err;
    if (!fork->dialog)
        err = make_dialog(session, response, fork);
    else if (response->status >= 200)
        err = pp_dialog_confirm(fork->dialog, response);
    if (err && response->status < 200 && err != PIPIT_ERR_MEMORY) {
        pp_log_debug("RTCSession", "no early dialog: %s", pipit_error_message());
        err = 0;
    }
    if (!err)
        *out = fork;
    else if (is_new)
        pp_fork_remove(session, fork);
    return err;
}

/* RFC 3261 section 22.1: the ACK of a 2xx carries the credentials its INVITE had. */
static void copy_credentials(const pp_outgoing *invite, pp_header_id id, pp_outgoing *ack)
{
    pp_str value;

    for (size_t i = 0; value = pp_outgoing_header(invite, id, i), value.p; i++)
        pp_outgoing_add(ack, id, value);
}

int pp_session_make_ack(pipit_session *session, pp_dialog *dialog, const pp_outgoing *invite,
                        pp_outgoing **out)
{
    pp_outgoing *ack = NULL;
    int err = pp_dialog_request(dialog, PP_ACK, pp_outgoing_cseq(invite), &ack);

    if (err)
        return err;
    copy_credentials(invite, PP_HEADER_AUTHORIZATION, ack);
    copy_credentials(invite, PP_HEADER_PROXY_AUTHORIZATION, ack);
    pp_ua_finish_request(session->ua, ack);
    err = pp_ua_set_via(session->ua, ack);
    if (!err)
        err = pp_outgoing_error(ack);
    if (err)
        pp_outgoing_unref(ack);
    else
        *out = ack;
    return err;
}

static int make_ack(pipit_session *session, pp_fork *fork, const char *sdp)
{
    pp_outgoing *ack = NULL;
    int err = pp_session_make_ack(session, fork->dialog,
                                  pp_request_sender_request(session->inviter), &ack);

    if (!err && sdp) {
        pp_outgoing_set_sdp(ack, pp_str_c(sdp));
        err = pp_outgoing_error(ack);
    }
    if (err) {
        pp_outgoing_unref(ack);
        return err;
    }
    fork->ack = ack;
    session->acked = pp_outgoing_cseq(ack);
    return 0;
}

int pp_fork_acknowledge(pipit_session *session, pp_fork *fork, const char *sdp)
{
    int err = fork->ack ? 0 : make_ack(session, fork, sdp);

    return err ? err : pp_ua_send_plain(session->ua, fork->ack);
}
