/* register.c - a binding is made and refreshed (RFC 3261 section 10.2, jssip-behaviour section 3.6). */
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "sip/status.h"
#include "ua/ua.h"

#include <stdio.h>

pipit_cause pp_registrator_cause(const pp_message *response)
{
    return response->status == 408 ? PIPIT_CAUSE_REQUEST_TIMEOUT
                                   : pp_status_cause(response->status);
}

uint32_t pp_registrator_next_cseq(void *arg)
{
    return ++((pipit_ua *)arg)->registrator.cseq;
}

/* --- failure ---------------------------------------------------------------------------------- */

/* Two events when there was a registration before. */
static void fail(pipit_ua *ua, pp_registration_end end)
{
    bool was_registered = ua->registrator.registered;

    pipit_ua_ref(ua);
    pp_registrator_drop(ua);
    end.retry_in_s = pp_registrator_schedule_retry(ua, end.response);
    pp_registrator_emit_failed(ua, &end);
    if (was_registered)
        pp_registrator_emit_unregistered(ua, &end);
    if (!ua->registrator.reconnected) /* else it is asked again at once */
        pp_ua_registration_decided(ua);
    pipit_ua_unref(ua);
}

static void fail_unsent(pipit_ua *ua)
{
    char reason[256];

    snprintf(reason, sizeof(reason), "%s", pipit_error_message());
    fail(ua, (pp_registration_end){.cause = PIPIT_CAUSE_INTERNAL_ERROR, .reason = reason});
}

/* --- answers ---------------------------------------------------------------------------------- */

static void succeed(pipit_ua *ua, const pp_message *response, const pp_name_addr *binding)
{
    pp_registrator *r = &ua->registrator;
    bool fresh = !r->registered;

    pp_registrator_take(ua, response, binding);
    if (ua->stopping || !r->wanted) { /* granted too late: nobody wants it any more */
        if (pipit_ua_unregister(ua, r->remove_all) < 0) {
            pp_log_warn("Registrator", "no un-REGISTER: %s", pipit_error_message());
            pp_registrator_drop(ua);
        }
        return;
    }
    pp_registrator_schedule_refresh(ua);
    pipit_ua_ref(ua);
    if (fresh)
        pp_registrator_emit_registered(ua, response);
    pp_ua_registration_decided(ua);
    pipit_ua_unref(ua);
}

/* RFC 3261 section 10.2.8: longer, once. */
static bool lengthen(pipit_ua *ua, const pp_message *response)
{
    pp_registrator *r = &ua->registrator;
    uint32_t min_s;

    if (r->lengthened || !pp_message_number(response, PP_HEADER_MIN_EXPIRES, &min_s) ||
        min_s <= r->expires_s || min_s > PP_LIMIT_MIN_EXPIRES_S)
        return false;
    r->lengthened = true;
    r->expires_s = min_s;
    return true;
}

/* RFC 5626 section 4.2.1: the first hop does not do it, so the binding is one as before that RFC. */
static bool give_up_outbound(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;

    if (r->plain)
        return false;
    r->plain = true;
    return true;
}

/* Whether the same, said otherwise, may be taken. */
static bool can_adapt(pipit_ua *ua, const pp_message *response)
{
    if (!ua->registrator.wanted || ua->stopping)
        return false;
    if (response->status == 423)
        return lengthen(ua, response);
    return response->status == 439 && give_up_outbound(ua);
}

static void on_response(void *arg, const pp_message *response)
{
    pipit_ua *ua = arg;
    pp_name_addr binding;

    if (response->status < 200)
        return;
    ua->registrator.sender = NULL;
    if (response->status >= 300 && can_adapt(ua, response))
        pp_registrator_register(ua);
    else if (response->status >= 300)
        fail(ua,
             (pp_registration_end){.response = response, .cause = pp_registrator_cause(response)});
    else if (pp_registrator_knows(ua, response))
        succeed(ua, response, NULL);
    else if (pp_registrator_find_binding(ua, response, &binding))
        succeed(ua, response, &binding);
    else /* accepted, and we are not among the bindings: nobody would reach us */
        fail(ua, (pp_registration_end){.response = response,
                                       .cause = PIPIT_CAUSE_SIP_FAILURE_CODE,
                                       .reason = "the registrar's answer has no Contact of ours"});
}

static void on_timeout(void *arg)
{
    ((pipit_ua *)arg)->registrator.sender = NULL;
    fail(arg, (pp_registration_end){.cause = PIPIT_CAUSE_REQUEST_TIMEOUT,
                                    .reason = "the registrar did not answer"});
}

static void on_error(void *arg)
{
    pipit_ua *ua = pipit_ua_ref(arg);
    pp_registrator *r = &ua->registrator;

    r->sender = NULL;
    fail(ua, (pp_registration_end){.cause = PIPIT_CAUSE_CONNECTION_ERROR,
                                   .reason = "the connection was lost"});
    /* It was the connection before this one. */
    if (r->reconnected && r->wanted && !r->sender && !r->remover && !r->registered)
        pp_registrator_register(ua);
    pipit_ua_unref(ua);
}

static const pp_request_sender_handlers handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_error,
    .next_cseq = pp_registrator_next_cseq,
};

/* --- the request ------------------------------------------------------------------------------ */

static int send_request(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;
    pp_outgoing *request = NULL;
    int err = pp_registrator_request(ua, PP_REGISTER_OURS, &request);

    pp_loop_stop_timer(ua->loop, &r->timer);
    r->reconnected = false;
    r->remove_all = false;
    if (!err)
        err = pp_request_sender_start(ua, request, &handlers, ua, &r->sender);
    pp_outgoing_unref(request);
    return err;
}

void pp_registrator_register(pipit_ua *ua)
{
    if (send_request(ua) < 0)
        fail_unsent(ua);
}

int pipit_ua_register(pipit_ua *ua)
{
    pp_registrator *r;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "register: the user agent is missing");
    r = &ua->registrator;
    if (ua->stopping || ua->status == PIPIT_UA_USER_CLOSED)
        return pp_error(PIPIT_ERR_STATE, "register: the user agent was stopped");
    r->wanted = true;
    if (r->sender || r->remover) /* after an un-REGISTER it goes on by itself */
        return 0;
    if (!pp_transport_is_connected(ua->transport)) {
        fail(ua, (pp_registration_end){.cause = PIPIT_CAUSE_CONNECTION_ERROR,
                                       .reason = "there is no connection"});
        return pp_error(PIPIT_ERR_STATE, "register: not connected");
    }
    r->lengthened = false;
    return send_request(ua);
}
