/* info.c - INFO inside of a call, both ways (RFC 6086, and its legacy form without a package). */
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

/* RFC 6086 section 3: the name of its package; without one it means what its body says. */
static pp_str package_of(const pp_message *request)
{
    pp_str value = pp_message_header(request, PP_HEADER_INFO_PACKAGE, 0);

    return pp_str_trim(pp_str_split(&value, ';'));
}

static bool is_trickle(pp_str package)
{
    return pp_str_ieq_c(package, "trickle-ice");
}

/* Whether the application takes it. */
static bool is_taken(const pipit_ua *ua, pp_str package)
{
    pp_str rest = pp_str_c(ua->settings.recv_info), name;

    while (pp_list_next(&rest, &name))
        if (pp_str_ieq(name, package))
            return true;
    return false;
}

/* Section 4.2.2: with those that we take. */
static void refuse_package(pipit_session *session, pp_server_transaction *transaction)
{
    const char *taken = session->ua->settings.recv_info;
    pp_buf packages = {0};

    pp_buf_format(&packages, "%s%s%s", pp_session_trickles(session) ? "trickle-ice" : "",
                  pp_session_trickles(session) && taken ? ", " : "", taken ? taken : "");
    pp_buf_char(&packages, '\0');
    pp_ua_answer(session->ua, transaction, 469, NULL, PP_HEADER_RECV_INFO,
                 pp_buf_error(&packages) ? "" : (const char *)packages.p);
    pp_buf_free(&packages);
}

static void receive_package(pipit_session *session, pp_server_transaction *transaction,
                            pp_str package)
{
    pp_message *request = pp_message_ref(pp_server_request(transaction));
    int status;

    if (is_trickle(package) && pp_session_trickles(session)) {
        status = pp_trickle_receive(session, request);
        pp_ua_answer(session->ua, transaction, status, NULL, PP_HEADER_OTHER, NULL);
    } else if (is_taken(session->ua, package)) {
        pp_ua_answer(session->ua, transaction, 200, NULL, PP_HEADER_OTHER, NULL);
        emit_received(session, request);
    } else {
        refuse_package(session, transaction);
    }
    pp_message_unref(request);
}

void pp_info_receive(pipit_session *session, pp_server_transaction *transaction)
{
    pp_message *request = pp_message_ref(pp_server_request(transaction));
    pp_str package = package_of(request);

    if (package.n) {
        receive_package(session, transaction, package);
        pp_message_unref(request);
        return;
    }
    pp_ua_answer(session->ua, transaction, 200, NULL, PP_HEADER_OTHER, NULL);
    if (pp_message_content_is(request, "application/dtmf-relay") ||
        pp_message_content_is(request, "application/dtmf"))
        pp_dtmf_receive_info(session, request);
    else if (request->body.n)
        emit_received(session, request);
    pp_message_unref(request);
}
