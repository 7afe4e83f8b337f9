/* request.c - requests of ours inside of a call: sent, answered, and what an answer means for the call. */
#include "pipit/request.h"
#include "base/alloc.h"
#include "base/error.h"
#include "sip/status.h"
#include "ua/session/session.h"

#include <utlist.h>

/* --- made ------------------------------------------------------------------------------------- */

pp_dialog *pp_session_dialog(const pipit_session *session)
{
    if (session->dialog)
        return session->dialog;
    if (session->branch)
        return session->branch->dialog;
    return session->forks ? session->forks->dialog : NULL;
}

int pp_session_request(pipit_session *session, pp_method method, pp_outgoing **out)
{
    pp_dialog *dialog = pp_session_dialog(session);

    if (!dialog)
        return pp_error(PIPIT_ERR_STATE, "session: there is no far end yet");
    return pp_dialog_request(dialog, method, 0, out);
}

uint32_t pp_session_next_cseq(pipit_session *session)
{
    pp_dialog *dialog = pp_session_dialog(session);

    return dialog ? pp_dialog_next_cseq(dialog) : 1;
}

/* --- answered --------------------------------------------------------------------------------- */

/* RFC 3261 section 12.2.1.2: 481 and 408, or no answer at all, end a dialog. */
bool pp_session_check_answer(pipit_session *session, const pp_message *response)
{
    pp_ending ending = {.originator = response ? PIPIT_REMOTE : PIPIT_SYSTEM,
                        .cause = PIPIT_CAUSE_DIALOG_ERROR,
                        .message = response};

    if (!pp_session_alive(session))
        return true;
    if (!pp_session_has_dialog(session)) /* its INVITE will tell */
        return false;
    if (response && response->status != 481 && response->status != 408)
        return false;
    if (!response || response->status == 408)
        ending.cause = PIPIT_CAUSE_REQUEST_TIMEOUT;
    if (response && response->status == 481)
        ending.reason = "the far end does not know the call any more";
    if (response && response->status == 481) /* there is nobody a BYE would reach */
        pp_session_end(session, &ending);
    else
        pp_session_give_up(session, 408, NULL, &ending);
    return true;
}

typedef struct pp_errand { /* a request on its way */
    pipit_session *session;
    pp_session_errand how;
    pp_outgoing *request; /* as it went first */
    struct pp_errand *next, *prev;
} errand;

static void over(errand *e, const pp_message *response, pipit_cause cause, bool fatal)
{
    pipit_session *session = e->session;
    pp_session_errand how = e->how;

    DL_DELETE(session->errands, e);
    pp_outgoing_unref(e->request);
    pp_free(e);
    if (how.done)
        how.done(session, response, cause, how.arg);
    if (fatal && !how.aside)
        pp_session_check_answer(session, response);
    pipit_session_unref(session);
}

static void on_response(void *arg, const pp_message *response)
{
    if (response->status < 200)
        return;
    if (response->status < 300)
        over(arg, response, PIPIT_CAUSE_NONE, false);
    else
        over(arg, response, pp_status_cause(response->status), true);
}

static void on_timeout(void *arg)
{
    over(arg, NULL, PIPIT_CAUSE_REQUEST_TIMEOUT, true);
}

/* The call may outlive the connection, as its media does. */
static void on_lost(void *arg)
{
    over(arg, NULL, PIPIT_CAUSE_CONNECTION_ERROR, false);
}

static uint32_t next_cseq(void *arg)
{
    const errand *e = arg;
    pp_str tag = PP_STR_NONE;
    const pp_fork *fork;

    pp_name_addr_tag(pp_outgoing_header(e->request, PP_HEADER_TO, 0), &tag);
    fork = pp_fork_find(e->session, tag); /* each far end counts by itself */
    return fork && fork->dialog ? pp_dialog_next_cseq(fork->dialog)
                                : pp_session_next_cseq(e->session);
}

static const pp_request_sender_handlers errand_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_lost,
    .next_cseq = next_cseq,
    .abandoned = on_lost,
};

int pp_session_send(pipit_session *session, pp_outgoing *request, const pp_session_errand *how)
{
    errand *e = PP_NEW(errand);
    int err;

    if (!e)
        return PIPIT_ERR_MEMORY;
    *e = (errand){
        .session = pipit_session_ref(session), .how = *how, .request = pp_outgoing_ref(request)};
    DL_APPEND(session->errands, e);
    err = pp_request_sender_start(session->ua, request, &errand_handlers, e, NULL);
    if (err) {
        DL_DELETE(session->errands, e);
        pipit_session_unref(session);
        pp_outgoing_unref(request);
        pp_free(e);
    }
    return err;
}

/* One that is told may end others, but a call that has ended sends no more. */
void pp_session_errands_end(pipit_session *session, pipit_cause cause)
{
    errand *e = session->errands;

    while (e) {
        pp_session_errand how = e->how;

        if (!how.waited_for || !how.done) {
            e = e->next;
            continue;
        }
        e->how.done = NULL;
        how.done(session, NULL, cause, how.arg);
        e = session->errands;
    }
}

/* --- an application that waits ---------------------------------------------------------------- */

int pp_waiting_new(pipit_outcome_function *done, void *user, pp_waiting **out)
{
    pp_waiting *waiting;

    *out = NULL;
    if (!done)
        return 0;
    waiting = PP_NEW(pp_waiting);
    if (!waiting)
        return PIPIT_ERR_MEMORY;
    *waiting = (pp_waiting){done, user};
    *out = waiting;
    return 0;
}

void pp_waiting_over(pipit_session *session, const pp_message *response, pipit_cause cause,
                     void *waiting)
{
    pp_waiting *w = waiting;
    pipit_outcome outcome = {.cause = cause};

    if (!w)
        return;
    outcome.response = pp_ua_show(response);
    w->done(session, &outcome, w->user);
    pipit_request_unref(outcome.response);
    pp_free(w);
}

/* --- any request ------------------------------------------------------------------------------ */

/* What neither begins, ends nor changes a call. */
static pp_method plain_method(const char *name)
{
    static const pp_method methods[] = {PP_INFO,  PP_MESSAGE,   PP_OPTIONS, PP_NOTIFY,
                                        PP_REFER, PP_SUBSCRIBE, PP_PUBLISH};

    for (size_t i = 0; name && i < sizeof(methods) / sizeof(methods[0]); i++)
        if (strcmp(name, pp_method_name(methods[i])) == 0)
            return methods[i];
    return PP_METHOD_OTHER;
}

int pp_session_plain_request(pipit_session *session, pp_method method, const pipit_send_options *o,
                             pp_outgoing **out)
{
    pp_contact_form form = {.anonymous = session->anonymous};
    pp_outgoing *request = NULL;
    int err = pp_session_request(session, method, &request);

    if (!err && method != PP_INFO && method != PP_MESSAGE)
        err = pp_ua_add_contact(session->ua, form, request);
    if (!err) {
        pp_add_lines(request, o->extra_headers);
        pp_ua_finish_request(session->ua, request);
        if (o->body)
            pp_outgoing_set_body(request, o->content_type, pp_str_c(o->body));
        err = pp_outgoing_error(request);
    }
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}

int pipit_session_send_request(pipit_session *session, const char *method,
                               const pipit_send_options *options)
{
    static const pipit_send_options defaults = {0};
    const pipit_send_options *o = options ? options : &defaults;
    pp_session_errand how = {.done = pp_waiting_over, .waited_for = true};
    pp_method known = plain_method(method);
    pp_outgoing *request = NULL;
    pp_waiting *waiting = NULL;
    int err;

    if (!session || known == PP_METHOD_OTHER)
        return pp_error(PIPIT_ERR_ARGUMENT,
                        "request: the call is missing, or the method is not one for it");
    if (o->body && (!o->content_type || !*o->content_type))
        return pp_error(PIPIT_ERR_ARGUMENT, "request: the body has no content type");
    if (!pp_session_alive(session))
        return pp_error(PIPIT_ERR_STATE, "request: the call has ended");
    err = pp_session_plain_request(session, known, o, &request);
    if (!err)
        err = pp_waiting_new(o->done, o->user, &waiting);
    how.arg = waiting;
    if (!err)
        err = pp_session_send(session, request, &how);
    if (err)
        pp_free(waiting);
    pp_outgoing_unref(request);
    return err;
}
