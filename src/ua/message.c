/* message.c - instant messages, in and out (RFC 3428, jssip-behaviour section 1.7). */
#include "pipit/message.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/request.h"
#include "sip/status.h"
#include "ua/ua.h"

struct pipit_message {
    unsigned references;
    pipit_ua *ua; /* NULL once the user agent is gone */
    pipit_message *next, *previous;
    pipit_originator direction;
    char *remote_uri, *remote_display_name, *content_type, *body;
    size_t body_size;
    pp_server_transaction *transaction; /* of an incoming one that is not answered */
    const pipit_message_handlers *handlers;
    void *user;
};

/* --- life ------------------------------------------------------------------------------------- */

static void link_message(pipit_ua *ua, pipit_message *message)
{
    message->ua = ua;
    message->next = ua->messages;
    if (ua->messages)
        ua->messages->previous = message;
    ua->messages = message;
}

void pp_message_detach(pipit_message *message)
{
    if (!message->ua)
        return;
    if (message->previous)
        message->previous->next = message->next;
    else
        message->ua->messages = message->next;
    if (message->next)
        message->next->previous = message->previous;
    message->transaction = pp_server_forget(message->transaction);
    message->ua = NULL;
    message->next = message->previous = NULL;
}

static int message_new(pipit_ua *ua, pipit_originator direction, pipit_message **out)
{
    pipit_message *message = PP_NEW(pipit_message);

    if (!message)
        return PIPIT_ERR_MEMORY;
    message->references = 1;
    message->direction = direction;
    link_message(ua, message);
    *out = message;
    return 0;
}

pipit_message *pipit_message_ref(pipit_message *message)
{
    message->references++;
    return message;
}

pipit_message *pipit_message_unref(pipit_message *message)
{
    if (!message || --message->references)
        return NULL;
    if (message->transaction) {
        /* Kept and never answered: taken, as when it had not been kept. */
        message->references = 1;
        pipit_message_accept(message, NULL);
    }
    pp_message_detach(message);
    pp_free(message->remote_uri);
    pp_free(message->remote_display_name);
    pp_free(message->content_type);
    pp_free(message->body);
    pp_free(message);
    return NULL;
}

static int set_content(pipit_message *message, pp_str content_type, pp_str body)
{
    message->content_type = pp_str_dup(content_type);
    message->body = pp_str_dup(body);
    message->body_size = body.n;
    return message->content_type && message->body ? 0 : PIPIT_ERR_MEMORY;
}

static int set_remote(pipit_message *message, const pp_name_addr *remote)
{
    pp_buf uri = {0}, name = {0};
    int err;

    if (remote->uri.scheme == PP_SCHEME_SIP || remote->uri.scheme == PP_SCHEME_SIPS)
        pp_uri_write_aor(&remote->uri, &uri);
    else
        pp_buf_str(&uri, remote->uri.text);
    pp_name_addr_write_display_name(remote, &name);
    err = pp_buf_take(&uri, &message->remote_uri);
    if (!err)
        err = pp_buf_take(&name, &message->remote_display_name);
    pp_buf_free(&name);
    return err;
}

/* --- out -------------------------------------------------------------------------------------- */

static void over(pipit_message *message, const pp_message *response, pipit_cause cause)
{
    const pipit_message_handlers *handlers = message->handlers;
    pipit_message_event event = {.originator = response ? PIPIT_REMOTE : PIPIT_SYSTEM,
                                 .response = pp_ua_show(response),
                                 .cause = cause};

    message->handlers = NULL;
    if (handlers && cause == PIPIT_CAUSE_NONE && handlers->succeeded)
        handlers->succeeded(message, &event, message->user);
    else if (handlers && cause != PIPIT_CAUSE_NONE && handlers->failed)
        handlers->failed(message, &event, message->user);
    pipit_request_unref(event.response);
    pipit_message_unref(message); /* the sender's reference */
}

static void on_response(void *arg, const pp_message *response)
{
    if (response->status >= 200)
        over(arg, response,
             response->status < 300 ? PIPIT_CAUSE_NONE : pp_status_cause(response->status));
}

static void on_timeout(void *arg)
{
    over(arg, NULL, PIPIT_CAUSE_REQUEST_TIMEOUT);
}

static void on_transport_error(void *arg)
{
    over(arg, NULL, PIPIT_CAUSE_CONNECTION_ERROR);
}

static void on_abandoned(void *arg)
{
    pipit_message_unref(arg);
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .abandoned = on_abandoned,
};

static int make_request(pipit_ua *ua, const char *target, const char *body,
                        const pipit_message_options *o, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    char *uri = NULL;
    int err = pp_ua_target(ua, target, &uri);

    if (!err)
        err = pp_ua_request(ua,
                            &(pp_ua_request_options){.method = PP_MESSAGE,
                                                     .target = pp_str_c(uri),
                                                     .from_user = o->from_user_name,
                                                     .from_display_name = o->from_display_name,
                                                     .extra_headers = o->extra_headers},
                            &request);
    if (!err) {
        pp_ua_finish_request(ua, request);
        pp_outgoing_set_body(request, o->content_type ? o->content_type : "text/plain",
                             pp_str_c(body));
        err = pp_outgoing_error(request);
    }
    pp_free(uri);
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}

static void emit_new(pipit_ua *ua, pipit_message *message, pipit_request *request)
{
    pipit_new_message_event event = {
        .originator = message->direction, .message = message, .request = request};

    PP_UA_EMIT(ua, new_message, &event);
}

static int set_up(pipit_message *message, const pp_outgoing *request, const char *body,
                  const pipit_message_options *o, pipit_request **shown)
{
    pp_name_addr to;
    int err = pp_name_addr_parse(pp_outgoing_header(request, PP_HEADER_TO, 0), &to);

    message->handlers = o->handlers;
    message->user = o->user;
    if (!err)
        err = set_remote(message, &to);
    if (!err)
        err = set_content(message, pp_str_c(o->content_type ? o->content_type : "text/plain"),
                          pp_str_c(body));
    if (!err)
        err = pp_request_of_outgoing(request, shown);
    return err;
}

/* Announces the message, then sends it: the answer cannot come before the announcement. */
static int announce_and_send(pipit_ua *ua, pipit_message *message, pp_outgoing *request,
                             pipit_request *shown)
{
    int err;

    emit_new(ua, message, shown);
    if (!message->ua) /* the handler released the user agent */
        return 0;
    err = pp_request_sender_start(ua, request, &sender_handlers, message, NULL);
    if (!err)
        pipit_message_ref(message); /* the sender's */
    return err;
}

int pipit_ua_send_message(pipit_ua *ua, const char *target, const char *body,
                          const pipit_message_options *options, pipit_message **out)
{
    static const pipit_message_options defaults = {0};
    const pipit_message_options *o = options ? options : &defaults;
    pp_outgoing *request = NULL;
    pipit_message *message = NULL;
    pipit_request *shown = NULL;
    int err;

    if (!ua || !target || !body)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: the user agent, target or body is missing");
    pipit_ua_ref(ua);
    err = make_request(ua, target, body, o, &request);
    if (!err)
        err = message_new(ua, PIPIT_LOCAL, &message);
    if (!err)
        err = set_up(message, request, body, o, &shown);
    if (!err)
        err = announce_and_send(ua, message, request, shown);
    pp_outgoing_unref(request);
    pipit_request_unref(shown);
    if (!err && out)
        *out = message;
    else
        pipit_message_unref(message);
    pipit_ua_unref(ua);
    return err;
}

/* --- in --------------------------------------------------------------------------------------- */

static void on_gone(void *arg)
{
    ((pipit_message *)arg)->transaction = NULL;
}

static const pp_server_handlers server_handlers = {.terminated = on_gone};

static int receive(pipit_ua *ua, pp_server_transaction *transaction, pipit_message **out,
                   pipit_request **shown)
{
    const pp_message *request = pp_server_request(transaction);
    pipit_message *message = NULL;
    int err = message_new(ua, PIPIT_REMOTE, &message);

    if (!err)
        err = set_remote(message, &request->from);
    if (!err)
        err = set_content(message, request->content_type, request->body);
    if (!err)
        err = pp_request_of_message(request, shown);
    if (err) {
        pipit_message_unref(message);
        return err;
    }
    message->transaction = transaction;
    pp_server_listen(transaction, &server_handlers, message);
    *out = message;
    return 0;
}

void pp_message_receive(pipit_ua *ua, pp_server_transaction *transaction)
{
    pipit_message *message = NULL;
    pipit_request *shown = NULL;

    if (receive(ua, transaction, &message, &shown) < 0) {
        pp_log_warn("Message", "a message was not taken: %s", pipit_error_message());
        pp_ua_answer(ua, transaction, 500, NULL, PP_HEADER_OTHER, NULL);
        return;
    }
    emit_new(ua, message, shown);
    pipit_request_unref(shown);
    pipit_message_unref(message);
}

static int reply(pipit_message *message, int status, const pipit_reply_options *o)
{
    pp_outgoing *response = NULL;
    int err;

    if (message->direction != PIPIT_REMOTE || !message->transaction || !message->ua)
        return pp_error(PIPIT_ERR_STATE, "message: only an incoming one that waits is answered");
    err = pp_ua_response(message->ua, pp_server_request(message->transaction), status,
                         o->reason_phrase, NULL, &response);
    if (err)
        return err;
    pp_add_lines(response, o->extra_headers);
    if (o->body)
        pp_outgoing_set_body(response, o->content_type ? o->content_type : "text/plain",
                             pp_str_c(o->body));
    err = pp_outgoing_error(response);
    if (!err)
        err = pp_server_respond(message->transaction, response);
    if (!err)
        message->transaction = pp_server_forget(message->transaction);
    pp_outgoing_unref(response);
    return err;
}

int pipit_message_accept(pipit_message *message, const pipit_reply_options *options)
{
    static const pipit_reply_options defaults = {0};

    if (!message)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: it is missing");
    return reply(message, 200, options ? options : &defaults);
}

int pipit_message_reject(pipit_message *message, const pipit_reply_options *options)
{
    static const pipit_reply_options defaults = {0};
    const pipit_reply_options *o = options ? options : &defaults;
    int status = o->status_code ? o->status_code : 480;

    if (!message)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: it is missing");
    if (status < 300 || status > 699)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: %d is no status of a refusal", status);
    return reply(message, status, o);
}

/* --- getters ---------------------------------------------------------------------------------- */

pipit_originator pipit_message_direction(const pipit_message *message)
{
    return message->direction;
}

const char *pipit_message_remote_uri(const pipit_message *message)
{
    return message->remote_uri;
}

const char *pipit_message_remote_display_name(const pipit_message *message)
{
    return message->remote_display_name;
}

const char *pipit_message_body(const pipit_message *message, size_t *size)
{
    if (size)
        *size = message->body_size;
    return message->body;
}

const char *pipit_message_content_type(const pipit_message *message)
{
    return message->content_type;
}
