/* info.c - INFO inside of a call, both ways (RFC 6086, its legacy form; jssip-behaviour section 1.5). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/session/session.h"

/* --- out -------------------------------------------------------------------------------------- */

int pipit_session_send_info(pipit_session *session, const char *content_type, const char *body,
                            const pipit_send_options *options)
{
    pipit_info_event event = {.originator = PIPIT_LOCAL, .content_type = content_type};
    pipit_send_options o = options ? *options : (pipit_send_options){0};
    int err;

    if (!session || !content_type || !*content_type)
        return pp_error(PIPIT_ERR_ARGUMENT, "info: the call or the content type is missing");
    if (!pp_session_has_dialog(session))
        return pp_error(PIPIT_ERR_STATE, "info: the call is %s",
                        pipit_session_status_name(session->status));
    event.body = o.body = body ? body : "";
    event.size = strlen(event.body);
    o.content_type = content_type;
    err = pipit_session_send_request(session, "INFO", &o);
    if (!err)
        pp_emit_info(session, &event, NULL);
    return err;
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
