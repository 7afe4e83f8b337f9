/* info.c - INFO inside of a call, both ways (RFC 6086, its legacy form; jssip-behaviour section 1.5). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

/* --- out -------------------------------------------------------------------------------------- */

/* The sender holds a reference to the call, for several INFOs may be on their way. */
static void over(pipit_session *session, const pp_message *response, bool dtmf)
{
    bool refused = !response || response->status >= 300;

    if (dtmf && refused && pp_session_alive(session))
        pp_dtmf_stop(session); /* nobody wants the rest */
    if (refused)
        pp_session_check_answer(session, response);
    pipit_session_unref(session);
}

static void on_info_response(void *arg, const pp_message *response)
{
    if (response->status >= 200)
        over(arg, response, false);
}

static void on_tone_response(void *arg, const pp_message *response)
{
    if (response->status >= 200)
        over(arg, response, true);
}

static void on_timeout(void *arg)
{
    over(arg, NULL, true);
}

/* The call may outlive the connection, as its media does. */
static void on_lost(void *arg)
{
    pipit_session_unref(arg);
}

static uint32_t next_cseq(void *arg)
{
    return pp_session_next_cseq(arg);
}

static const pp_request_sender_handlers info_handlers = {
    .response = on_info_response,
    .timeout = on_timeout,
    .transport_error = on_lost,
    .next_cseq = next_cseq,
    .abandoned = on_lost,
};

static const pp_request_sender_handlers tone_handlers = {
    .response = on_tone_response,
    .timeout = on_timeout,
    .transport_error = on_lost,
    .next_cseq = next_cseq,
    .abandoned = on_lost,
};

int pp_info_send(pipit_session *session, const char *content_type, pp_str body, bool dtmf)
{
    pp_outgoing *info = NULL;
    int err = pp_session_request(session, PP_INFO, &info);

    if (err)
        return err;
    pp_ua_finish_request(session->ua, info);
    pp_outgoing_set_body(info, content_type, body);
    err = pp_outgoing_error(info);
    if (!err)
        err = pp_request_sender_start(session->ua, info, dtmf ? &tone_handlers : &info_handlers,
                                      session, NULL);
    if (!err)
        pipit_session_ref(session);
    pp_outgoing_unref(info);
    return err;
}

int pipit_session_send_info(pipit_session *session, const char *content_type, const char *body)
{
    pipit_info_event event = {.originator = PIPIT_LOCAL, .content_type = content_type};
    int err;

    if (!session || !content_type || !*content_type)
        return pp_error(PIPIT_ERR_ARGUMENT, "info: the call or the content type is missing");
    if (!pp_session_has_dialog(session))
        return pp_error(PIPIT_ERR_STATE, "info: the call is %s",
                        pipit_session_status_name(session->status));
    err = pp_info_send(session, content_type, pp_str_c(body), false);
    if (err)
        return err;
    event.body = body ? body : "";
    event.size = strlen(event.body);
    pp_emit_info(session, &event, NULL);
    return 0;
}

/* --- in --------------------------------------------------------------------------------------- */

static void emit_received(pipit_session *session, const pp_message *request)
{
    pipit_info_event event = {.originator = PIPIT_REMOTE, .size = request->body.n};
    char *content_type = pp_str_dup(request->content_type), *body = pp_str_dup(request->body);

    event.content_type = content_type;
    event.body = body;
    if (content_type && body)
        pp_emit_info(session, &event, request);
    else
        pp_log_warn("RTCSession", "no memory to show an INFO");
    pp_free(content_type);
    pp_free(body);
}

void pp_info_receive(pipit_session *session, pp_server_transaction *transaction)
{
    pp_message *request = pp_message_ref(pp_server_request(transaction));

    pp_ua_answer(session->ua, transaction, 200, NULL, PP_HEADER_OTHER, NULL);
    if (pp_message_content_is(request, "application/dtmf-relay") ||
        pp_message_content_is(request, "application/dtmf"))
        pp_dtmf_receive_info(session, request);
    else if (request->body.n)
        emit_received(session, request);
    pp_message_unref(request);
}
