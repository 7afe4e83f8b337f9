/* unregister.c - a binding is taken back, or all of the account's (RFC 3261 section 10.2.2). */
#include "base/error.h"
#include "base/log.h"
#include "ua/ua.h"

static void removed(pipit_ua *ua, const pp_registration_end *end)
{
    static const pp_str none = {NULL, 0};
    pp_registrator *r = &ua->registrator;

    pipit_ua_ref(ua);
    r->remover = NULL;
    /* RFC 5627 section 3.3: temporary ones are gone with the binding. */
    if (end->cause == PIPIT_CAUSE_NONE && pp_contact_set_gruus(&ua->contact, none, none) < 0)
        pp_log_warn("Registrator", "GRUUs were kept: %s", pipit_error_message());
    pp_registrator_emit_unregistered(ua, end);
    if (r->wanted && !r->sender && !r->remover && !r->registered && !ua->stopping &&
        pp_transport_is_connected(ua->transport))
        pp_registrator_register(ua); /* asked for in the meantime */
    else
        pp_ua_registration_decided(ua);
    pipit_ua_unref(ua);
}

static void on_response(void *arg, const pp_message *response)
{
    bool done = response->status < 300;

    if (response->status >= 200)
        removed(arg, &(pp_registration_end){.response = response,
                                            .cause = done ? PIPIT_CAUSE_NONE
                                                          : pp_registrator_cause(response),
                                            .reason = done ? "" : NULL});
}

static void on_timeout(void *arg)
{
    removed(arg, &(pp_registration_end){.cause = PIPIT_CAUSE_REQUEST_TIMEOUT,
                                        .reason = "the registrar did not answer"});
}

static void on_error(void *arg)
{
    removed(arg, &(pp_registration_end){.cause = PIPIT_CAUSE_CONNECTION_ERROR,
                                        .reason = "the connection was lost"});
}

static const pp_request_sender_handlers handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_error,
    .next_cseq = pp_registrator_next_cseq,
};

static int send_request(pipit_ua *ua, bool all)
{
    pp_registrator *r = &ua->registrator;
    pp_outgoing *request = NULL;
    int err =
        pp_registrator_request(ua, all ? PP_REGISTER_REMOVE_ALL : PP_REGISTER_REMOVE, &request);

    if (!err)
        err = pp_request_sender_start(ua, request, &handlers, ua, &r->remover);
    pp_outgoing_unref(request);
    if (err)
        return err;
    r->sender = pp_request_sender_forget(r->sender); /* a refresh: overtaken */
    pp_registrator_drop(ua);
    return 0;
}

int pipit_ua_unregister(pipit_ua *ua, bool all)
{
    pp_registrator *r;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "unregister: the user agent is missing");
    r = &ua->registrator;
    r->wanted = false;
    if (r->registered && !r->remover)
        return send_request(ua, all);
    pp_loop_stop_timer(ua->loop, &r->timer);
    if (!r->sender)
        return pp_error(PIPIT_ERR_STATE, "unregister: not registered");
    /* RFC 3261 section 10.2: not before the REGISTER on its way has its answer. */
    r->remove_all = r->remove_all || all;
    return 0;
}
