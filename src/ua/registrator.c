/* registrator.c - a binding at the registrar: made, refreshed, removed (RFC 3261 section 10.2, jssip-behaviour section 3.6). */
#include "ua/registrator.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "pipit/request.h"
#include "sip/status.h"
#include "ua/trace.h"
#include "ua/ua.h"

#define EXPIRES_MIN_S 10u
#define REG_ID        "1"

int pp_registrator_init(pipit_ua *ua)
{
    char token[17];
    pp_buf call_id = {0};

    ua->registrator.expires_s = ua->settings.register_expires_s;
    pp_rng_token(&ua->loop->rng, token, sizeof(token) - 1);
    pp_buf_format(&call_id, "%s%s", ua->settings.call_id_prefix, token);
    return pp_buf_take(&call_id, &ua->registrator.call_id);
}

void pp_registrator_free(pipit_ua *ua)
{
    pp_loop_stop_timer(ua->loop, &ua->registrator.refresh);
    pp_free(ua->registrator.call_id);
}

/* --- what the application hears --------------------------------------------------------------- */

static void emit_registered(pipit_ua *ua, const pp_message *response)
{
    pipit_registered_event event = {.response = pp_ua_show(response)};

    pp_ua_trace_state(ua, "registration", "registered");
    PP_UA_EMIT(ua, registered, &event);
    pipit_request_unref(event.response);
}

static void emit_unregistered(pipit_ua *ua, const pp_message *response, pipit_cause cause)
{
    pipit_unregistered_event event = {.response = pp_ua_show(response), .cause = cause};

    pp_ua_trace_state(ua, "registration", "unregistered");
    PP_UA_EMIT(ua, unregistered, &event);
    pipit_request_unref(event.response);
}

static void emit_failed(pipit_ua *ua, const pp_message *response, pipit_cause cause)
{
    pipit_unregistered_event event = {.response = pp_ua_show(response), .cause = cause};

    pp_ua_trace_state(ua, "registration", "failed");
    PP_UA_EMIT(ua, registration_failed, &event);
    pipit_request_unref(event.response);
}

/* A registration did not work: two events when there was one before. */
static void fail(pipit_ua *ua, const pp_message *response, pipit_cause cause)
{
    bool was_registered = ua->registrator.registered;

    pipit_ua_ref(ua);
    ua->registrator.registered = false;
    pp_loop_stop_timer(ua->loop, &ua->registrator.refresh);
    emit_failed(ua, response, cause);
    if (was_registered)
        emit_unregistered(ua, response, cause);
    pipit_ua_unref(ua);
}

static pipit_cause cause_of(const pp_message *response)
{
    /* JsSIP takes a 408 for its own timeout. */
    return response->status == 408 ? PIPIT_CAUSE_REQUEST_TIMEOUT
                                   : pp_status_cause(response->status);
}

/* --- the request ------------------------------------------------------------------------------ */

static int add_own_contact(pipit_ua *ua, unsigned expires_s, pp_outgoing *request)
{
    pp_buf contact = {0};

    pp_buf_format(&contact,
                  "<%s>;+sip.ice;reg-id=" REG_ID ";+sip.instance=\"<urn:uuid:%s>\";expires=%u",
                  ua->contact.uri, ua->settings.instance_id, expires_s);
    return pp_add_buf(request, PP_HEADER_CONTACT, &contact);
}

static int make_register(pipit_ua *ua, unsigned expires_s, bool all, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    int err = pp_ua_request(ua,
                            &(pp_ua_request_options){.method = PP_REGISTER,
                                                     .target = pp_str_c(ua->settings.registrar),
                                                     .to = ua->settings.uri,
                                                     .call_id = ua->registrator.call_id,
                                                     .cseq = ++ua->registrator.cseq},
                            &request);

    if (!err && all)
        pp_outgoing_add_c(request, PP_HEADER_CONTACT, "*");
    else if (!err)
        err = add_own_contact(ua, expires_s, request);
    if (!err) {
        pp_outgoing_add_format(request, PP_HEADER_EXPIRES, "%u", expires_s);
        pp_ua_finish_request(ua, request);
        err = pp_outgoing_error(request);
    }
    if (err) {
        pp_outgoing_unref(request);
        return err;
    }
    *out = request;
    return 0;
}

static uint32_t next_cseq(void *arg)
{
    return ++((pipit_ua *)arg)->registrator.cseq;
}

/* --- registering ------------------------------------------------------------------------------ */

static const pp_request_sender_handlers register_handlers;

static int send_register(pipit_ua *ua)
{
    pp_registrator *r = &ua->registrator;
    pp_outgoing *request = NULL;
    int err = make_register(ua, r->expires_s, false, &request);

    pp_loop_stop_timer(ua->loop, &r->refresh);
    if (!err)
        err = pp_request_sender_start(ua, request, &register_handlers, ua, &r->sender);
    pp_outgoing_unref(request);
    return err;
}

static void on_refresh(void *arg)
{
    pipit_ua *ua = arg;

    if (send_register(ua) < 0)
        fail(ua, NULL, PIPIT_CAUSE_INTERNAL_ERROR);
}

/* JsSIP's moment: between 50 and 95 % of what was granted, so that many clients do not come at once. */
static uint64_t refresh_after_ms(pipit_ua *ua, uint32_t expires_s)
{
    uint64_t half_ms = (uint64_t)expires_s * 500;

    if (expires_s <= 64)
        return ((uint64_t)expires_s - 5) * 1000;
    return half_ms + pp_rng_u64(&ua->loop->rng) % (half_ms - 32000);
}

/* Whether a Contact of a 2xx is our binding; by instance and reg-id (RFC 5626 section 6), else by user and host. */
static bool is_our_binding(const pipit_ua *ua, const pp_name_addr *contact)
{
    pp_str instance, reg_id;
    pp_uri own;

    if (pp_param(contact->params, "+sip.instance", &instance)) {
        pp_str uuid = pp_str_c(ua->settings.instance_id);
        size_t at = instance.n > uuid.n + 2 ? instance.n - uuid.n - 2 : 0; /* ends in >" */

        return pp_str_istarts(instance, "\"<urn:uuid:") &&
               pp_str_ieq(pp_str_sub(instance, at, at + uuid.n), uuid) &&
               (!pp_param(contact->params, "reg-id", &reg_id) || pp_str_eq_c(reg_id, REG_ID));
    }
    return pp_uri_parse(pp_str_c(ua->contact.uri), &own) == 0 &&
           pp_uri_same_aor(&own, &contact->uri);
}

static bool find_binding(const pipit_ua *ua, const pp_message *response, pp_name_addr *out)
{
    pp_member at = {0};
    pp_str value;
    pp_name_addr contact;

    while (pp_message_next(response, PP_HEADER_CONTACT, &at, &value))
        if (pp_name_addr_parse(value, &contact) == 0 && is_our_binding(ua, &contact)) {
            *out = contact;
            return true;
        }
    return false;
}

static uint32_t granted(const pipit_ua *ua, const pp_message *response, const pp_name_addr *binding)
{
    uint32_t expires_s = ua->registrator.expires_s;
    pp_str value;

    if (!pp_param(binding->params, "expires", &value) ||
        !pp_str_to_u32(value, 0, PP_LIMIT_EXPIRES_S, &expires_s))
        pp_message_number(response, PP_HEADER_EXPIRES, &expires_s);
    return expires_s < EXPIRES_MIN_S ? EXPIRES_MIN_S : expires_s;
}

static void succeed(pipit_ua *ua, const pp_message *response, const pp_name_addr *binding)
{
    pp_registrator *r = &ua->registrator;
    pp_str pub = PP_STR_NONE, temp = PP_STR_NONE;
    bool fresh = !r->registered;

    pp_param(binding->params, "pub-gruu", &pub);
    pp_param(binding->params, "temp-gruu", &temp);
    if (pp_contact_set_gruus(&ua->contact, pub, temp) < 0)
        pp_log_warn("Registrator", "no memory for a GRUU");
    r->registered = true;
    r->granted_s = granted(ua, response, binding);
    if (ua->stopping || !r->wanted) { /* granted too late: nobody wants it any more */
        pipit_ua_unregister(ua, false);
        return;
    }
    pp_loop_start_timer(ua->loop, &r->refresh, refresh_after_ms(ua, r->granted_s), on_refresh, ua);
    if (fresh)
        emit_registered(ua, response);
}

/* RFC 3261 section 10.2.8: longer, once. */
static bool lengthen(pipit_ua *ua, const pp_message *response)
{
    pp_registrator *r = &ua->registrator;
    uint32_t min_s;

    if (r->shortened || !pp_message_number(response, PP_HEADER_MIN_EXPIRES, &min_s) ||
        min_s <= r->expires_s)
        return false;
    r->shortened = true;
    r->expires_s = min_s;
    return send_register(ua) == 0;
}

static void on_register_response(void *arg, const pp_message *response)
{
    pipit_ua *ua = arg;
    pp_name_addr binding;

    if (response->status < 200)
        return;
    ua->registrator.sender = NULL;
    if (response->status == 423 && lengthen(ua, response))
        return;
    if (response->status >= 300)
        fail(ua, response, cause_of(response));
    else if (find_binding(ua, response, &binding))
        succeed(ua, response, &binding);
    else /* accepted, and we are not among the bindings: nobody would reach us */
        fail(ua, response, PIPIT_CAUSE_SIP_FAILURE_CODE);
}

static void on_register_timeout(void *arg)
{
    ((pipit_ua *)arg)->registrator.sender = NULL;
    fail(arg, NULL, PIPIT_CAUSE_REQUEST_TIMEOUT);
}

static void on_register_error(void *arg)
{
    ((pipit_ua *)arg)->registrator.sender = NULL;
    fail(arg, NULL, PIPIT_CAUSE_CONNECTION_ERROR);
}

static const pp_request_sender_handlers register_handlers = {
    .response = on_register_response,
    .timeout = on_register_timeout,
    .transport_error = on_register_error,
    .next_cseq = next_cseq,
};

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
        fail(ua, NULL, PIPIT_CAUSE_CONNECTION_ERROR);
        return pp_error(PIPIT_ERR_STATE, "register: not connected");
    }
    r->shortened = false;
    r->expires_s = ua->settings.register_expires_s;
    return send_register(ua);
}

/* --- un-registering --------------------------------------------------------------------------- */

static void removed(pipit_ua *ua, const pp_message *response, pipit_cause cause)
{
    pp_registrator *r = &ua->registrator;

    pipit_ua_ref(ua);
    r->remover = NULL;
    emit_unregistered(ua, response, cause);
    if (r->wanted && !r->sender && !r->registered && pp_transport_is_connected(ua->transport))
        pipit_ua_register(ua); /* asked for in the meantime */
    pipit_ua_unref(ua);
}

static void on_remove_response(void *arg, const pp_message *response)
{
    if (response->status >= 200)
        removed(arg, response, response->status < 300 ? PIPIT_CAUSE_NONE : cause_of(response));
}

static void on_remove_timeout(void *arg)
{
    removed(arg, NULL, PIPIT_CAUSE_REQUEST_TIMEOUT);
}

static void on_remove_error(void *arg)
{
    removed(arg, NULL, PIPIT_CAUSE_CONNECTION_ERROR);
}

static const pp_request_sender_handlers remove_handlers = {
    .response = on_remove_response,
    .timeout = on_remove_timeout,
    .transport_error = on_remove_error,
    .next_cseq = next_cseq,
};

int pipit_ua_unregister(pipit_ua *ua, bool all)
{
    pp_registrator *r;
    pp_outgoing *request = NULL;
    int err;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "unregister: the user agent is missing");
    r = &ua->registrator;
    r->wanted = false;
    if (!r->registered || r->remover)
        return pp_error(PIPIT_ERR_STATE, "unregister: not registered");
    err = make_register(ua, 0, all, &request);
    if (!err)
        err = pp_request_sender_start(ua, request, &remove_handlers, ua, &r->remover);
    pp_outgoing_unref(request);
    if (err)
        return err;
    r->registered = false;
    r->sender = pp_request_sender_forget(r->sender); /* a refresh: overtaken */
    pp_loop_stop_timer(ua->loop, &r->refresh);
    return 0;
}

/* --- with the connection and the user agent --------------------------------------------------- */

void pp_registrator_connected(pipit_ua *ua)
{
    if (ua->registrator.wanted && pipit_ua_register(ua) < 0)
        pp_log_warn("Registrator", "no REGISTER on connection: %s", pipit_error_message());
}

void pp_registrator_disconnected(pipit_ua *ua)
{
    bool was_registered = ua->registrator.registered;

    ua->registrator.registered = false;
    pp_loop_stop_timer(ua->loop, &ua->registrator.refresh);
    if (was_registered)
        emit_unregistered(ua, NULL, PIPIT_CAUSE_CONNECTION_ERROR);
}

void pp_registrator_close(pipit_ua *ua)
{
    bool registered = ua->registrator.registered;

    if (registered && pipit_ua_unregister(ua, false) < 0)
        pp_log_warn("Registrator", "no un-REGISTER: %s", pipit_error_message());
    ua->registrator.wanted = false;
}

bool pipit_ua_is_registered(const pipit_ua *ua)
{
    return ua && ua->registrator.registered;
}

unsigned pipit_ua_registration_expires(const pipit_ua *ua)
{
    return ua && ua->registrator.registered ? ua->registrator.granted_s : 0;
}
