/* options.c - what somebody can do (OPTIONS, RFC 3261 section 11): asked by us, and asked of us. */
#include "pipit/options.h"

#include "base/error.h"
#include "base/log.h"
#include "ua/exchange.h"

struct pipit_options {
    pp_exchange exchange;
};

/* --- events ----------------------------------------------------------------------------------- */

static void announce(pipit_ua *ua, pp_exchange *exchange)
{
    pipit_new_options_event event = {.originator = exchange->direction,
                                     .options = (pipit_options *)exchange,
                                     .request = exchange->request};

    PP_UA_EMIT(ua, new_options, &event);
}

static void over(pp_exchange *exchange, const void *handlers, const pp_exchange_end *end)
{
    const pipit_options_handlers *h = handlers;
    const pipit_options_event event = {end->originator, end->response, end->cause};

    if (end->cause == PIPIT_CAUSE_NONE && h->succeeded)
        h->succeeded((pipit_options *)exchange, &event, exchange->user);
    else if (end->cause != PIPIT_CAUSE_NONE && h->failed)
        h->failed((pipit_options *)exchange, &event, exchange->user);
}

/* RFC 3261 section 11.2. */
static void add_abilities(pipit_ua *ua, pp_outgoing *response)
{
    pp_outgoing_add_c(response, PP_HEADER_ALLOW, pp_ua_allow(ua));
    pp_outgoing_add_c(response, PP_HEADER_ACCEPT, pp_accept);
    if (ua->settings.allow_events)
        pp_outgoing_add_c(response, PP_HEADER_ALLOW_EVENTS, ua->settings.allow_events);
}

static const pp_exchange_kind kind = {
    .name = "query", .announce = announce, .over = over, .accepted = add_abilities};

/* --- out -------------------------------------------------------------------------------------- */

int pipit_ua_send_options(pipit_ua *ua, const char *target, const char *body,
                          const pipit_options_options *options, pipit_options **out)
{
    static const pipit_options_options defaults = {0};
    const pipit_options_options *o = options ? options : &defaults;
    const pp_exchange model = {
        .kind = &kind, .direction = PIPIT_LOCAL, .handlers = o->handlers, .user = o->user};
    const pp_exchange_draft draft = {.method = PP_OPTIONS,
                                     .target = target,
                                     .from_user = o->from_user_name,
                                     .from_display_name = o->from_display_name,
                                     .extra_headers = o->extra_headers,
                                     .content_type =
                                         o->content_type ? o->content_type : "application/sdp",
                                     .body = body};
    pp_outgoing *request = NULL;
    pp_exchange *exchange = NULL;
    int err;

    if (!ua || !target)
        return pp_error(PIPIT_ERR_ARGUMENT, "options: the user agent or target is missing");
    err = pp_exchange_make(ua, &draft, &request);
    if (!err)
        err = pp_exchange_send(ua, &model, request, out ? &exchange : NULL);
    pp_outgoing_unref(request);
    if (!err && out)
        *out = (pipit_options *)exchange;
    return err;
}

/* --- in --------------------------------------------------------------------------------------- */

/* Nobody listens: the plain truth, without an object. */
static void answer_at_once(pipit_ua *ua, pp_server_transaction *transaction)
{
    pp_outgoing *response = NULL;
    int err = pp_ua_response(ua, pp_server_request(transaction), 200, NULL, NULL, &response);

    if (!err) {
        add_abilities(ua, response);
        err = pp_server_respond(transaction, response);
    }
    if (err)
        pp_log_warn("UA", "OPTIONS could not be answered: %s", pipit_error_message());
    pp_outgoing_unref(response);
}

void pp_options_receive(pipit_ua *ua, pp_server_transaction *transaction)
{
    if (PP_UA_LISTENS(ua, new_options))
        pp_exchange_receive(ua, &kind, transaction);
    else
        answer_at_once(ua, transaction);
}

int pipit_options_accept(pipit_options *options, const pipit_reply_options *reply)
{
    if (!options)
        return pp_error(PIPIT_ERR_ARGUMENT, "options: they are missing");
    return pp_exchange_accept(&options->exchange, reply);
}

int pipit_options_reject(pipit_options *options, const pipit_reply_options *reply)
{
    if (!options)
        return pp_error(PIPIT_ERR_ARGUMENT, "options: they are missing");
    return pp_exchange_reject(&options->exchange, reply);
}

/* --- references and getters ------------------------------------------------------------------- */

pipit_options *pipit_options_ref(pipit_options *options)
{
    options->exchange.references++;
    return options;
}

pipit_options *pipit_options_unref(pipit_options *options)
{
    if (options)
        pp_exchange_unref(&options->exchange);
    return NULL;
}

pipit_originator pipit_options_direction(const pipit_options *options)
{
    return options->exchange.direction;
}

int pipit_options_local_identity(const pipit_options *options, pipit_name_addr **out)
{
    return pp_exchange_identity(&options->exchange, true, out);
}

int pipit_options_remote_identity(const pipit_options *options, pipit_name_addr **out)
{
    return pp_exchange_identity(&options->exchange, false, out);
}

const char *pipit_options_remote_uri(const pipit_options *options)
{
    return options->exchange.remote_uri;
}

pipit_request *pipit_options_request(const pipit_options *options)
{
    return options->exchange.request;
}
