/* notify.c - NOTIFYs of ours, what is answered, and the end of a subscription to us (RFC 6665 section 4.2.2). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/subscription/notifier.h"
#include "ua/trace.h"

#define AGAIN_MS 5000u

static const pp_request_sender_handlers sender_handlers;

/* --- the request ------------------------------------------------------------------------------ */

static int add_state(const pipit_notifier *n, const pp_notify *what, pp_outgoing *request)
{
    pp_buf value = {0};

    if (what->is_final) {
        pp_buf_c(&value, "terminated");
        if (what->reason)
            pp_buf_format(&value, ";reason=%s", what->reason);
        if (what->retry_after_s)
            pp_buf_format(&value, ";retry-after=%u", what->retry_after_s);
    } else {
        pp_buf_format(&value, "%s;expires=%u",
                      n->state == PIPIT_NOTIFIER_PENDING ? "pending" : "active",
                      pipit_notifier_expires(n));
    }
    return pp_add_buf(request, PP_HEADER_SUBSCRIPTION_STATE, &value);
}

static int make(pipit_notifier *n, const pp_notify *what, pp_outgoing **out)
{
    pp_outgoing *request = NULL;
    int err = pp_dialog_request(n->dialog, PP_NOTIFY, 0, &request);

    if (err)
        return err;
    pp_outgoing_add_c(request, PP_HEADER_EVENT, n->event.text);
    err = add_state(n, what, request);
    pp_add_lines(request, (const char *const *)n->extra_headers);
    if (n->allow_events)
        pp_outgoing_add_c(request, PP_HEADER_ALLOW_EVENTS, n->allow_events);
    if (!err && !pp_lines_have_contact(n->extra_headers))
        err = pp_ua_add_contact(n->ua, (pp_contact_form){.anonymous = n->anonymous}, request);
    pp_ua_finish_request(n->ua, request);
    if (what->body)
        pp_outgoing_set_body(request, n->content_type, pp_str_c(what->body));
    if (!err)
        err = pp_outgoing_error(request);
    if (err)
        pp_outgoing_unref(request);
    else
        *out = request;
    return err;
}

/* What is under way keeps the notifier; nobody waits for the answer to the last. */
static int start_sender(pipit_notifier *n, const pp_notify *what, pp_outgoing *request)
{
    int err;

    if (what->is_final)
        return pp_request_sender_start(n->ua, request, NULL, NULL, NULL);
    err = pp_request_sender_start(n->ua, request, &sender_handlers, n, NULL);
    if (!err)
        n->references++;
    return err;
}

int pp_notifier_send(pipit_notifier *n, const pp_notify *what)
{
    pp_outgoing *request = NULL;
    int err = make(n, what, &request);

    if (!err && what->body != n->body)
        err = pp_body_keep(what->body, &n->body);
    if (!err)
        err = start_sender(n, what, request);
    pp_outgoing_unref(request);
    if (err)
        return err;
    pp_loop_stop_timer(n->ua->loop, &n->again);
    n->notifies++;
    return 0;
}

void pp_notifier_send_again(void *notifier)
{
    pipit_notifier *n = notifier;

    n->undelivered = pp_notifier_send(n, &(pp_notify){.body = n->body}) < 0;
    if (n->undelivered)
        pp_log_warn("Notifier", "no NOTIFY: %s", pipit_error_message());
}

/* --- the end ---------------------------------------------------------------------------------- */

static void emit_terminated(pipit_notifier *n, pipit_notifier_code code, const pp_message *response)
{
    pipit_notifier_end_event event = {.code = code};

    if (!n->handlers || !n->handlers->terminated)
        return;
    event.response = pp_ua_show(response);
    n->handlers->terminated(n, &event, n->user);
    pipit_request_unref(event.response);
}

void pp_notifier_end(pipit_notifier *n, pipit_notifier_code code, const pp_message *response)
{
    pipit_ua *ua = n->ua;

    if (!n->running)
        return;
    pipit_ua_ref(ua);
    pp_loop_stop_timer(ua->loop, &n->expire);
    pp_loop_stop_timer(ua->loop, &n->again);
    pp_notifier_leave(n);
    n->running = false;
    n->state = PIPIT_NOTIFIER_TERMINATED;
    pp_ua_trace_state(ua, "notifier", "terminated");
    emit_terminated(n, code, response);
    pipit_notifier_unref(n);
    pp_ua_check_stopped(ua);
    pipit_ua_unref(ua);
}

void pp_notifier_finish(pipit_notifier *n, const char *reason, pipit_notifier_code code)
{
    if (pp_notifier_send(n, &(pp_notify){.is_final = true, .reason = reason}) < 0)
        pp_log_warn("Notifier", "no final NOTIFY: %s", pipit_error_message());
    pp_notifier_end(n, code, NULL);
}

/* --- what the sender reports ------------------------------------------------------------------ */

/* Only what says that the subscription is not there any more ends it; a 500 or 503 may pass. */
static void refused(pipit_notifier *n, const pp_message *response)
{
    /* A server that came back a moment ago says so of everyone who has not registered yet. */
    if (response->status == 480 && n->reconnected && n->running)
        pp_loop_start_timer(n->ua->loop, &n->again, AGAIN_MS, pp_notifier_send_again, n);
    else if (response->status == 401 || response->status == 407)
        pp_notifier_end(n, PIPIT_NOTIFIER_NOTIFY_AUTHENTICATION_FAILED, response);
    else if (response->status == 408)
        pp_notifier_end(n, PIPIT_NOTIFIER_NOTIFY_RESPONSE_TIMEOUT, response);
    else if (response->status < 500 || pp_ends_subscription(response->status))
        pp_notifier_end(n, PIPIT_NOTIFIER_NOTIFY_NON_OK_RESPONSE, response);
    else
        pp_log_warn("Notifier", "a NOTIFY was answered %d", response->status);
}

static void delivered(pipit_notifier *n, const pp_message *response)
{
    n->reconnected = n->undelivered = false;
    pp_dialog_refresh_target(n->dialog, response);
}

static void on_response(void *arg, const pp_message *response)
{
    pipit_notifier *n = arg;

    if (response->status < 200)
        return;
    if (response->status >= 300)
        refused(n, response);
    else if (n->running)
        delivered(n, response);
    pipit_notifier_unref(n);
}

static void on_timeout(void *arg)
{
    pp_notifier_end(arg, PIPIT_NOTIFIER_NOTIFY_RESPONSE_TIMEOUT, NULL);
    pipit_notifier_unref(arg);
}

static void on_transport_error(void *arg)
{
    ((pipit_notifier *)arg)->undelivered = true;
    pipit_notifier_unref(arg);
}

static uint32_t next_cseq(void *arg)
{
    pipit_notifier *n = arg;

    return n->dialog ? pp_dialog_next_cseq(n->dialog) : 1;
}

static void on_abandoned(void *arg)
{
    pipit_notifier_unref(arg);
}

static const pp_request_sender_handlers sender_handlers = {
    .response = on_response,
    .timeout = on_timeout,
    .transport_error = on_transport_error,
    .next_cseq = next_cseq,
    .abandoned = on_abandoned,
};
