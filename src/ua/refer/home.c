/* home.c - requests of ours where a REFER is at home: in its call, or in the dialog it made. */
#include "sip/status.h"
#include "ua/refer/refer.h"

int pp_refer_request(pp_refer_home *home, pp_method method, pp_outgoing **out)
{
    return home->session ? pp_session_request(home->session, method, out)
                         : pp_dialog_request(home->dialog, method, 0, out);
}

int pp_refer_add_contact(const pp_refer_home *home, pp_outgoing *message)
{
    pp_contact_form form = {.anonymous = home->session && home->session->anonymous};

    return pp_ua_add_contact(home->ua, form, message);
}

/* --- in a call -------------------------------------------------------------------------------- */

static void on_done(pipit_session *session, const pp_message *response, pipit_cause cause,
                    void *arg)
{
    pp_refer_home *home = arg;

    (void)session;
    home->answered(home, response, cause);
}

/* --- outside of calls ------------------------------------------------------------------------- */

static void on_response(void *arg, const pp_message *response)
{
    if (response->status >= 200)
        on_done(NULL, response,
                response->status < 300 ? PIPIT_CAUSE_NONE : pp_status_cause(response->status), arg);
}

static void on_timeout(void *arg)
{
    on_done(NULL, NULL, PIPIT_CAUSE_REQUEST_TIMEOUT, arg);
}

static void on_lost(void *arg)
{
    on_done(NULL, NULL, PIPIT_CAUSE_CONNECTION_ERROR, arg);
}

static uint32_t next_cseq(void *arg)
{
    pp_refer_home *home = arg;

    return home->dialog ? pp_dialog_next_cseq(home->dialog) : ++home->cseq;
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_lost,
    .next_cseq = next_cseq,
    .abandoned = on_lost,
};

int pp_refer_send(pp_refer_home *home, pp_outgoing *request, pp_session_errand how)
{
    how.done = on_done;
    how.arg = home;
    return home->session ? pp_session_send(home->session, request, &how)
                         : pp_request_sender_start(home->ua, request, &sender_handlers, home, NULL);
}
