/* exchange.c - a request outside of dialogs and its answer, in and out (jssip-behaviour section 1.7). */
#include "ua/exchange.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "sip/request.h"
#include "sip/status.h"

/* --- life ------------------------------------------------------------------------------------- */

static void link_exchange(pipit_ua *ua, pp_exchange *exchange)
{
    exchange->ua = ua;
    exchange->next = ua->exchanges;
    if (ua->exchanges)
        ua->exchanges->previous = exchange;
    ua->exchanges = exchange;
}

void pp_exchange_detach(pp_exchange *exchange)
{
    if (!exchange->ua)
        return;
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        exchange->ua->exchanges = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    exchange->transaction = pp_server_forget(exchange->transaction);
    exchange->ua = NULL;
    exchange->next = exchange->previous = NULL;
}

static int exchange_new(pipit_ua *ua, const pp_exchange *model, pp_exchange **out)
{
    pp_exchange *exchange = PP_NEW(pp_exchange);

    if (!exchange)
        return PIPIT_ERR_MEMORY;
    exchange->references = 1;
    exchange->kind = model->kind;
    exchange->direction = model->direction;
    exchange->handlers = model->handlers;
    exchange->user = model->user;
    link_exchange(ua, exchange);
    *out = exchange;
    return 0;
}

void pp_exchange_unref(pp_exchange *exchange)
{
    if (!exchange || --exchange->references)
        return;
    if (exchange->transaction) {
        /* Kept and never answered: taken, as when it had not been kept. */
        exchange->references = 1;
        pp_exchange_accept(exchange, NULL);
    }
    pp_exchange_detach(exchange);
    pipit_request_unref(exchange->request);
    pp_free(exchange->remote_uri);
    pp_free(exchange->remote_display_name);
    pp_free(exchange);
}

static int set_remote(pp_exchange *exchange, const pp_name_addr *remote)
{
    pp_buf uri = {0}, name = {0};
    int err;

    if (remote->uri.scheme == PP_SCHEME_SIP || remote->uri.scheme == PP_SCHEME_SIPS)
        pp_uri_write_aor(&remote->uri, &uri);
    else
        pp_buf_str(&uri, remote->uri.text);
    pp_name_addr_write_display_name(remote, &name);
    err = pp_buf_take(&uri, &exchange->remote_uri);
    if (!err)
        err = pp_buf_take(&name, &exchange->remote_display_name);
    pp_buf_free(&name);
    return err;
}

/* --- out -------------------------------------------------------------------------------------- */

static void over(pp_exchange *exchange, const pp_message *response, pipit_cause cause)
{
    const void *handlers = exchange->handlers;
    pp_exchange_end end = {.originator = response ? PIPIT_REMOTE : PIPIT_SYSTEM,
                           .response = pp_ua_show(response),
                           .cause = cause};

    exchange->handlers = NULL;
    if (handlers)
        exchange->kind->over(exchange, handlers, &end);
    pipit_request_unref(end.response);
    pp_exchange_unref(exchange); /* the sender's reference */
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
    pp_exchange_unref(arg);
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .abandoned = on_abandoned,
};

static int set_up(pp_exchange *exchange, const pp_outgoing *request)
{
    pp_name_addr to;
    int err = pp_name_addr_parse(pp_outgoing_header(request, PP_HEADER_TO, 0), &to);

    if (!err)
        err = set_remote(exchange, &to);
    if (!err)
        err = pp_request_of_outgoing(request, &exchange->request);
    return err;
}

/* Announces it, then sends it: the answer cannot come before the announcement. */
static int announce_and_send(pipit_ua *ua, pp_exchange *exchange, pp_outgoing *request)
{
    int err;

    exchange->kind->announce(ua, exchange);
    if (!exchange->ua) /* the handler released the user agent */
        return 0;
    err = pp_request_sender_start(ua, request, &sender_handlers, exchange, NULL);
    if (!err)
        exchange->references++; /* the sender's */
    return err;
}

int pp_exchange_make(pipit_ua *ua, const pp_exchange_draft *draft, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    char *uri = NULL;
    int err = pp_ua_target(ua, draft->target, &uri);

    if (!err)
        err = pp_ua_request(ua,
                            &(pp_ua_request_options){.method = draft->method,
                                                     .target = pp_str_c(uri),
                                                     .from_user = draft->from_user,
                                                     .from_display_name = draft->from_display_name,
                                                     .extra_headers = draft->extra_headers},
                            &request);
    if (!err) {
        if (draft->method == PP_OPTIONS)
            pp_outgoing_add_c(request, PP_HEADER_ACCEPT, pp_accept);
        pp_ua_finish_request(ua, request);
        if (draft->body)
            pp_outgoing_set_body(request, draft->content_type, pp_str_c(draft->body));
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

int pp_exchange_send(pipit_ua *ua, const pp_exchange *model, pp_outgoing *request,
                     pp_exchange **out)
{
    pp_exchange *exchange = NULL;
    int err;

    pipit_ua_ref(ua);
    err = exchange_new(ua, model, &exchange);
    if (!err)
        err = set_up(exchange, request);
    if (!err)
        err = announce_and_send(ua, exchange, request);
    if (!err && out)
        *out = exchange;
    else
        pp_exchange_unref(exchange);
    pipit_ua_unref(ua);
    return err;
}

/* --- in --------------------------------------------------------------------------------------- */

static void on_gone(void *arg)
{
    ((pp_exchange *)arg)->transaction = NULL;
}

static const pp_server_handlers server_handlers = {.terminated = on_gone};

static int receive(pipit_ua *ua, const pp_exchange_kind *kind, pp_server_transaction *transaction,
                   pp_exchange **out)
{
    const pp_exchange model = {.kind = kind, .direction = PIPIT_REMOTE};
    const pp_message *request = pp_server_request(transaction);
    pp_exchange *exchange = NULL;
    int err = exchange_new(ua, &model, &exchange);

    if (!err)
        err = set_remote(exchange, &request->from);
    if (!err)
        err = pp_request_of_message(request, &exchange->request);
    if (err) {
        pp_exchange_unref(exchange);
        return err;
    }
    exchange->transaction = transaction;
    pp_server_listen(transaction, &server_handlers, exchange);
    *out = exchange;
    return 0;
}

void pp_exchange_receive(pipit_ua *ua, const pp_exchange_kind *kind,
                         pp_server_transaction *transaction)
{
    pp_exchange *exchange = NULL;

    if (receive(ua, kind, transaction, &exchange) < 0) {
        pp_log_warn("UA", "a %s was not taken: %s", kind->name, pipit_error_message());
        pp_ua_answer(ua, transaction, 500, NULL, PP_HEADER_OTHER, NULL);
        return;
    }
    kind->announce(ua, exchange);
    pp_exchange_unref(exchange);
}

static int reply(pp_exchange *exchange, int status, const pipit_reply_options *o)
{
    pp_outgoing *response = NULL;
    int err;

    if (exchange->direction != PIPIT_REMOTE || !exchange->transaction || !exchange->ua)
        return pp_error(PIPIT_ERR_STATE, "%s: only an incoming one that waits is answered",
                        exchange->kind->name);
    err = pp_ua_reply(exchange->ua, exchange->transaction, status, o, &response);
    if (err)
        return err;
    if (status < 300 && exchange->kind->accepted)
        exchange->kind->accepted(exchange->ua, response);
    err = pp_server_respond(exchange->transaction, response);
    if (!err)
        exchange->transaction = pp_server_forget(exchange->transaction);
    pp_outgoing_unref(response);
    return err;
}

int pp_exchange_accept(pp_exchange *exchange, const pipit_reply_options *options)
{
    static const pipit_reply_options defaults = {0};

    return reply(exchange, 200, options ? options : &defaults);
}

int pp_exchange_reject(pp_exchange *exchange, const pipit_reply_options *options)
{
    static const pipit_reply_options defaults = {0};
    int status, err = pp_ua_refusal(exchange->kind->name, options, 480, &status);

    return err ? err : reply(exchange, status, options ? options : &defaults);
}

/* --- getters ---------------------------------------------------------------------------------- */

int pp_exchange_identity(const pp_exchange *exchange, bool local, pipit_name_addr **out)
{
    return local == (exchange->direction == PIPIT_LOCAL)
               ? pipit_request_from(exchange->request, out)
               : pipit_request_to(exchange->request, out);
}
