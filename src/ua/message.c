/* message.c - instant messages, in and out (RFC 3428, jssip-behaviour section 1.7). */
#include "pipit/message.h"

#include "base/error.h"
#include "ua/exchange.h"

struct pipit_message {
    pp_exchange exchange;
};

/* --- events ----------------------------------------------------------------------------------- */

static void announce(pipit_ua *ua, pp_exchange *exchange)
{
    pipit_new_message_event event = {.originator = exchange->direction,
                                     .message = (pipit_message *)exchange,
                                     .request = exchange->request};

    PP_UA_EMIT(ua, new_message, &event);
}

static void over(pp_exchange *exchange, const void *handlers, const pp_exchange_end *end)
{
    const pipit_message_handlers *h = handlers;
    const pipit_message_event event = {end->originator, end->response, end->cause};

    if (end->cause == PIPIT_CAUSE_NONE && h->succeeded)
        h->succeeded((pipit_message *)exchange, &event, exchange->user);
    else if (end->cause != PIPIT_CAUSE_NONE && h->failed)
        h->failed((pipit_message *)exchange, &event, exchange->user);
}

static const pp_exchange_kind kind = {.name = "message", .announce = announce, .over = over};

/* --- out -------------------------------------------------------------------------------------- */

int pipit_ua_send_message(pipit_ua *ua, const char *target, const char *body,
                          const pipit_message_options *options, pipit_message **out)
{
    static const pipit_message_options defaults = {0};
    const pipit_message_options *o = options ? options : &defaults;
    const pp_exchange model = {
        .kind = &kind, .direction = PIPIT_LOCAL, .handlers = o->handlers, .user = o->user};
    const pp_exchange_draft draft = {.method = PP_MESSAGE,
                                     .target = target,
                                     .from_user = o->from_user_name,
                                     .from_display_name = o->from_display_name,
                                     .extra_headers = o->extra_headers,
                                     .content_type =
                                         o->content_type ? o->content_type : "text/plain",
                                     .body = body};
    pp_outgoing *request = NULL;
    pp_exchange *exchange = NULL;
    int err;

    if (!ua || !target || !body)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: the user agent, target or body is missing");
    err = pp_exchange_make(ua, &draft, &request);
    if (!err)
        err = pp_exchange_send(ua, &model, request, out ? &exchange : NULL);
    pp_outgoing_unref(request);
    if (!err && out)
        *out = (pipit_message *)exchange;
    return err;
}

/* --- in --------------------------------------------------------------------------------------- */

void pp_message_receive(pipit_ua *ua, pp_server_transaction *transaction)
{
    pp_exchange_receive(ua, &kind, transaction);
}

int pipit_message_accept(pipit_message *message, const pipit_reply_options *options)
{
    if (!message)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: it is missing");
    return pp_exchange_accept(&message->exchange, options);
}

int pipit_message_reject(pipit_message *message, const pipit_reply_options *options)
{
    if (!message)
        return pp_error(PIPIT_ERR_ARGUMENT, "message: it is missing");
    return pp_exchange_reject(&message->exchange, options);
}

/* --- references and getters ------------------------------------------------------------------- */

pipit_message *pipit_message_ref(pipit_message *message)
{
    message->exchange.references++;
    return message;
}

pipit_message *pipit_message_unref(pipit_message *message)
{
    if (message)
        pp_exchange_unref(&message->exchange);
    return NULL;
}

pipit_originator pipit_message_direction(const pipit_message *message)
{
    return message->exchange.direction;
}

int pipit_message_local_identity(const pipit_message *message, pipit_name_addr **out)
{
    return pp_exchange_identity(&message->exchange, true, out);
}

int pipit_message_remote_identity(const pipit_message *message, pipit_name_addr **out)
{
    return pp_exchange_identity(&message->exchange, false, out);
}

const char *pipit_message_remote_uri(const pipit_message *message)
{
    return message->exchange.remote_uri;
}

const char *pipit_message_remote_display_name(const pipit_message *message)
{
    return message->exchange.remote_display_name;
}

pipit_request *pipit_message_request(const pipit_message *message)
{
    return message->exchange.request;
}

const char *pipit_message_body(const pipit_message *message, size_t *size)
{
    return pipit_request_body(message->exchange.request, size);
}

const char *pipit_message_content_type(const pipit_message *message)
{
    const char *type = pipit_request_header(message->exchange.request, "Content-Type", 0);

    return type ? type : "";
}
