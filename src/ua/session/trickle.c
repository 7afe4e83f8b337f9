/* trickle.c - candidates of a call that follow its descriptions in INFO requests (RFC 8840). Each INFO has all that were told before:
 * what one of them lost the next one brings. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

#define OPTION       "trickle-ice" /* the option tag, and the Info Package */
#define BODY         "application/trickle-ice-sdpfrag"
#define COLLECT_MS   50u /* candidates come in swarms; RFC 8840 section 10.9 */
#define AGAIN_MS     500u
#define FAILURES_MAX 5u

/* With one far end. */
struct pp_trickle {
    pp_trickle *next;
    unsigned references;    /* the session's, and that of an INFO on its way */
    pipit_session *session; /* NULL: it is over */
    pp_dialog *dialog;      /* with it */
    bool able;              /* it understands */
    bool greets;            /* there is to be an INFO, whether there is news or not */
    bool on_its_way;
    unsigned told; /* of session->media.behind */
    unsigned failures;
    char *early; /* what came before its description; NULL: nothing */
    pp_timer pause;
};

static void look(pp_trickle *t);

/* --- life ------------------------------------------------------------------------------------- */

static void release(pp_trickle *t)
{
    if (--t->references)
        return;
    pp_free(t->early);
    pp_free(t);
}

static pp_trickle *find(const pipit_session *session, const pp_dialog *dialog)
{
    pp_trickle *t = session->media.trickle;

    while (t && t->dialog != dialog)
        t = t->next;
    return t;
}

/* NULL when there is no memory for it: then that far end has what descriptions have. */
static pp_trickle *find_or_make(pipit_session *session, pp_dialog *dialog)
{
    pp_trickle *t = find(session, dialog);

    if (t)
        return t;
    t = PP_NEW(pp_trickle);
    if (!t) {
        pp_log_warn("RTCSession", "no memory to tell candidates with");
        return NULL;
    }
    t->references = 1;
    t->session = session;
    t->dialog = dialog;
    t->next = session->media.trickle;
    session->media.trickle = t;
    return t;
}

void pp_trickle_forget(pipit_session *session, pp_dialog *dialog)
{
    for (pp_trickle **at = &session->media.trickle; *at; at = &(*at)->next) {
        pp_trickle *t = *at;

        if (t->dialog != dialog)
            continue;
        *at = t->next;
        pp_loop_stop_timer(session->ua->loop, &t->pause);
        t->session = NULL;
        release(t);
        return;
    }
}

void pp_trickle_stop(pipit_session *session)
{
    while (session->media.trickle)
        pp_trickle_forget(session, session->media.trickle->dialog);
}

/* --- who can ---------------------------------------------------------------------------------- */

bool pp_session_trickles(const pipit_session *session)
{
    return session->media.trickles;
}

void pp_trickle_announce(const pipit_session *session, pp_outgoing *message)
{
    const char *packages = session->ua->settings.recv_info;

    if (pp_session_trickles(session)) {
        pp_outgoing_add_c(message, PP_HEADER_SUPPORTED, OPTION);
        pp_outgoing_add_c(message, PP_HEADER_RECV_INFO, OPTION);
    }
    if (packages)
        pp_outgoing_add_c(message, PP_HEADER_RECV_INFO, packages);
}

/* Who could once can; it need not be said each time. */
static pp_trickle *hear(pipit_session *session, pp_dialog *dialog, const pp_message *message)
{
    pp_trickle *t = NULL;

    if (dialog && pp_session_trickles(session) &&
        pp_message_lists(message, PP_HEADER_SUPPORTED, OPTION) &&
        pp_message_lists(message, PP_HEADER_RECV_INFO, OPTION))
        t = find_or_make(session, dialog);
    if (t)
        t->able = true;
    return t;
}

/* Section 4.3.1.2: where no PRACK and no ACK does so, an INFO tells who answers that his response came. */
void pp_trickle_heard(pipit_session *session, pp_dialog *dialog, const pp_message *response,
                      bool acknowledged)
{
    const pp_trickle *before = find(session, dialog);
    bool first = !before || !before->able;
    pp_trickle *t = hear(session, dialog, response);

    if (!t)
        return;
    t->greets = t->greets || (first && !acknowledged);
    look(t);
}

void pp_trickle_reached(pipit_session *session)
{
    if (session->media.reached)
        return;
    session->media.reached = true;
    pp_trickle_look(session);
}

/* NULL: none is. */
static pp_dialog *heard_dialog(const pipit_session *session)
{
    if (session->dialog)
        return session->dialog;
    return session->branch ? session->branch->dialog : NULL;
}

/* What is described next need not wait where the candidates that are missing can follow. */
void pp_trickle_prepare(pipit_session *session)
{
    pp_media_session *media = session->media.session;
    pp_dialog *dialog = heard_dialog(session);
    const pp_trickle *t;

    if (!pp_session_trickles(session))
        return;
    t = dialog ? find(session, dialog) : NULL;
    if (!(t && t->able) && session->direction == PIPIT_REMOTE && session->request)
        t = hear(session, dialog, session->request);
    media->ops->trickle(media, t && t->able);
}

/* --- ours ------------------------------------------------------------------------------------- */

static bool has_news(const pp_trickle *t)
{
    return t->greets || t->told != t->session->media.behind;
}

/* RFC 6086 section 4.2: the body is the package's. */
static int make_info(const pp_trickle *t, pp_outgoing **out)
{
    pipit_session *session = t->session;
    pp_media_session *media = session->media.session;
    pp_outgoing *info = NULL;
    pp_buf body = {0};
    int err = media->ops->write_candidates(media, &body);

    if (!err)
        err = pp_dialog_request(t->dialog, PP_INFO, 0, &info);
    if (!err) {
        pp_outgoing_add_c(info, PP_HEADER_INFO_PACKAGE, OPTION);
        pp_outgoing_add_named(info, PP_LIT("Content-Disposition"), PP_LIT("Info-Package"));
        pp_ua_finish_request(session->ua, info);
        pp_outgoing_set_body(info, BODY, pp_buf_text(&body));
        err = pp_outgoing_error(info);
    }
    pp_buf_free(&body);
    if (err)
        pp_outgoing_unref(info);
    else
        *out = info;
    return err;
}

/* An answer that speaks of this moment, or none: it may be better later. */
static bool may_pass(const pp_message *response, pipit_cause cause)
{
    if (!response)
        return cause == PIPIT_CAUSE_REQUEST_TIMEOUT;
    return response->status == 408 || response->status == 480 || response->status == 491 ||
           response->status >= 500;
}

static void on_answered(pipit_session *session, const pp_message *response, pipit_cause cause,
                        void *arg)
{
    pp_trickle *t = arg;

    (void)session;
    t->on_its_way = false;
    if (cause == PIPIT_CAUSE_NONE) {
        t->failures = 0;
    } else {
        t->able = t->able && may_pass(response, cause) && ++t->failures < FAILURES_MAX;
        t->greets = true; /* all of it once more */
    }
    look(t);
    release(t);
}

/* In a call without an offer another far end than the one that is heard has media of its own, whose description waited for all. */
static bool has_others(const pp_trickle *t)
{
    return t->session->offerless && t->dialog != heard_dialog(t->session);
}

static void send_info(void *arg)
{
    pp_trickle *t = arg;
    pipit_session *session = t->session;
    pp_session_errand how = {.done = on_answered, .arg = t, .aside = true};
    pp_outgoing *info = NULL;
    int err;

    if (session->media.making != PP_MAKING_NOTHING || has_others(t))
        return; /* what is described next has them */
    err = make_info(t, &info);
    if (!err) {
        t->told = session->media.behind;
        t->greets = false;
        t->on_its_way = true;
        t->references++;
        err = pp_session_send(session, info, &how);
        if (err) {
            t->on_its_way = false;
            release(t);
        }
    }
    if (err) /* with the next candidate it is tried again */
        pp_log_debug("RTCSession", "no candidates were told: %s", pipit_error_message());
    pp_outgoing_unref(info);
}

/* Section 4.3.1: who called knows of the dialog by the response that made it; who is called has to hear that this came. */
static bool is_reached(const pipit_session *session)
{
    return session->direction == PIPIT_LOCAL || session->media.reached;
}

/* One INFO at a time, and a moment for others to come. */
static void look(pp_trickle *t)
{
    const pipit_session *session = t->session;
    uint64_t delay_ms = t->failures ? (uint64_t)AGAIN_MS << t->failures : COLLECT_MS;

    if (!session || !pp_session_alive(session) || !session->media.session || !t->able ||
        !is_reached(session) || has_others(t) || t->on_its_way || t->pause.armed || !has_news(t))
        return;
    pp_loop_start_timer(session->ua->loop, &t->pause, delay_ms, send_info, t);
}

void pp_trickle_look(pipit_session *session)
{
    for (pp_trickle *t = session->media.trickle; t; t = t->next)
        look(t);
}

void pp_trickle_found(pipit_session *session)
{
    session->media.behind++;
    pp_trickle_look(session);
}

void pp_trickle_begin(pipit_session *session)
{
    session->media.behind = 0;
    for (pp_trickle *t = session->media.trickle; t; t = t->next)
        t->told = 0;
}

/* --- theirs ----------------------------------------------------------------------------------- */

/* The media that have the far end's description; NULL: it has given none yet. */
static pp_media_session *media_of(const pipit_session *session, const pp_dialog *dialog)
{
    if (dialog == heard_dialog(session))
        return session->media.session;
    for (const pp_fork *fork = session->forks; fork; fork = fork->next)
        if (fork->dialog == dialog)
            return fork->media;
    return NULL;
}

/* Candidates may overtake their description; only the last of what came so is kept, for it has all of them. */
static int keep(pipit_session *session, pp_dialog *dialog, pp_str fragment)
{
    pp_trickle *t = find_or_make(session, dialog);
    char *copy = t ? pp_str_dup(fragment) : NULL;

    if (!copy)
        return PIPIT_ERR_MEMORY;
    pp_free(t->early);
    t->early = copy;
    return 0;
}

static int take(pipit_session *session, pp_dialog *dialog, pp_str fragment)
{
    pp_media_session *media = media_of(session, dialog);
    int err = media ? media->ops->take_candidates(media, fragment) : PIPIT_ERR_STATE;

    return err == PIPIT_ERR_STATE ? keep(session, dialog, fragment) : err;
}

void pp_trickle_described(pipit_session *session, pp_dialog *dialog)
{
    pp_dialog *whose = dialog ? dialog : heard_dialog(session);
    pp_trickle *t = whose ? find(session, whose) : NULL;
    pp_media_session *media = whose ? media_of(session, whose) : NULL;
    char *early = t ? t->early : NULL;

    if (!early || !media)
        return;
    t->early = NULL;
    if (media->ops->take_candidates(media, pp_str_c(early)) < 0)
        pp_log_debug("RTCSession", "candidates were not taken: %s", pipit_error_message());
    pp_free(early);
}

static pp_dialog *dialog_of(const pipit_session *session, const pp_message *request)
{
    const pp_fork *fork = session->dialog ? NULL : pp_fork_find(session, request->from_tag);

    return fork ? fork->dialog : session->dialog;
}

int pp_trickle_receive(pipit_session *session, const pp_message *info)
{
    pp_dialog *dialog = dialog_of(session, info);
    int err;

    if (info->body.n && !pp_message_content_is(info, BODY))
        return 415;
    if (!dialog || !info->body.n)
        return 200;
    err = take(session, dialog, info->body);
    if (err)
        pp_log_debug("RTCSession", "candidates were not taken: %s", pipit_error_message());
    if (err == PIPIT_ERR_MEMORY)
        return 500;
    return err == PIPIT_ERR_SYNTAX ? 400 : 200;
}
