/* subscribed.c - SUBSCRIBEs that come in a subscription to us: the first, refreshes, the last (RFC 6665 section 4.2.1). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/subscription/notifier.h"

#include <stdio.h>

#define TAG_SIZE 12u

/* --- how long --------------------------------------------------------------------------------- */

static uint32_t asked_for(const pipit_notifier *n, const pp_message *subscribe)
{
    uint32_t expires_s = n->default_expires_s;

    pp_message_number(subscribe, PP_HEADER_EXPIRES, &expires_s);
    return expires_s;
}

uint32_t pp_notifier_grant(const pipit_notifier *n, const pp_message *subscribe)
{
    uint32_t expires_s = asked_for(n, subscribe);

    return n->max_expires_s && expires_s > n->max_expires_s ? n->max_expires_s : expires_s;
}

bool pp_notifier_is_brief(const pipit_notifier *n, const pp_message *subscribe)
{
    uint32_t expires_s = asked_for(n, subscribe);

    return expires_s && expires_s < n->min_expires_s;
}

void pp_notifier_refuse_brief(const pipit_notifier *n, pp_server_transaction *transaction)
{
    char min[16];

    snprintf(min, sizeof(min), "%u", n->min_expires_s);
    pp_ua_answer(n->ua, transaction, 423, NULL, PP_HEADER_MIN_EXPIRES, min);
}

static void on_expired(void *arg)
{
    pipit_notifier *n = pipit_notifier_ref(arg);

    if (n->handlers && n->handlers->expired)
        n->handlers->expired(n, n->user);
    if (n->running)
        pp_notifier_finish(n, "timeout",
                           n->undelivered ? PIPIT_NOTIFIER_NOTIFY_TRANSPORT_ERROR
                                          : PIPIT_NOTIFIER_SUBSCRIPTION_EXPIRED);
    pipit_notifier_unref(n);
}

static void set_expiry(pipit_notifier *n, uint32_t granted_s)
{
    uint64_t lasts_ms = (uint64_t)granted_s * 1000;

    n->expires_ms = pp_loop_now_ms(n->ua->loop) + lasts_ms;
    if (granted_s)
        pp_loop_start_timer(n->ua->loop, &n->expire, lasts_ms, on_expired, n);
    else
        pp_loop_stop_timer(n->ua->loop, &n->expire);
}

/* --- taken ------------------------------------------------------------------------------------ */

static int make_ok(const pipit_notifier *n, const pp_message *subscribe, uint32_t granted_s,
                   pp_outgoing **out)
{
    pp_outgoing *response = NULL;
    int err = pp_ua_response(n->ua, subscribe, 200, NULL, n->dialog->local_tag, &response);

    if (err)
        return err;
    pp_outgoing_add_format(response, PP_HEADER_EXPIRES, "%lu", (unsigned long)granted_s);
    if (n->allow_events)
        pp_outgoing_add_c(response, PP_HEADER_ALLOW_EVENTS, n->allow_events);
    err = pp_ua_add_contact(n->ua, (pp_contact_form){.anonymous = n->anonymous}, response);
    if (!err)
        err = pp_outgoing_error(response);
    if (err)
        pp_outgoing_unref(response);
    else
        *out = response;
    return err;
}

static void emit_subscribe(pipit_notifier *n, const pp_message *subscribe, bool last)
{
    pipit_subscribe_event event = {.is_unsubscribe = last};

    if (!n->handlers || !n->handlers->subscribe)
        return;
    event.request = pp_ua_show(subscribe);
    if (!event.request)
        return;
    event.body = pipit_request_body(event.request, &event.size);
    event.content_type = pipit_request_header(event.request, "Content-Type", 0);
    n->handlers->subscribe(n, &event, n->user);
    pipit_request_unref(event.request);
}

/* Section 4.2.1.2: every SUBSCRIBE is followed by a NOTIFY, of the application's making or of ours. */
static void taken(pipit_notifier *n, const pp_message *subscribe, uint32_t granted_s)
{
    uint64_t before = n->notifies;

    set_expiry(n, granted_s);
    emit_subscribe(n, subscribe, granted_s == 0);
    if (!n->running)
        return;
    if (!granted_s)
        pp_notifier_finish(n, "timeout", PIPIT_NOTIFIER_UNSUBSCRIBE_RECEIVED);
    else if (n->notifies == before && pp_notifier_send(n, &(pp_notify){.body = NULL}) < 0)
        pp_log_warn("Notifier", "no NOTIFY: %s", pipit_error_message());
}

/* --- the first -------------------------------------------------------------------------------- */

/* That of the call it came in, or one of its own. */
static int make_dialog(pipit_notifier *n, const pp_message *subscribe)
{
    const pp_dialog_owner owner = {&pp_notifier_usage, n};
    char tag[TAG_SIZE + 1];
    int err;

    if (subscribe->to_tag.n)
        return pp_notifier_join(n, subscribe);
    pp_rng_token(&n->ua->loop->rng, tag, TAG_SIZE);
    err = pp_dialog_from_request(n->ua->dialogs, subscribe, tag,
                                 pp_rng_below(&n->ua->loop->rng, 10000), &owner, &n->dialog);
    if (!err)
        err = pp_dialog_confirm(n->dialog, NULL);
    if (!err)
        err = pp_dialog_id(n->dialog, &n->id);
    return err;
}

static int answer_first(pipit_notifier *n, const pp_message *subscribe, uint32_t granted_s)
{
    pp_outgoing *response = NULL;
    int err = make_dialog(n, subscribe);

    if (!err)
        err = make_ok(n, subscribe, granted_s, &response);
    if (!err)
        err = pp_server_respond(n->transaction, response);
    pp_outgoing_unref(response);
    if (err) {
        pp_notifier_leave(n);
        pp_free(n->id);
        n->id = NULL;
    }
    return err;
}

int pipit_notifier_start(pipit_notifier *notifier)
{
    pipit_notifier *n = notifier;
    pp_message *subscribe;
    uint32_t granted_s;
    int err;

    if (!n)
        return pp_error(PIPIT_ERR_ARGUMENT, "notifier: it is missing");
    if (!n->ua || !n->transaction || n->ua->stopping)
        return pp_error(PIPIT_ERR_STATE, "notifier: its SUBSCRIBE does not wait");
    subscribe = pp_message_ref(pp_server_request(n->transaction));
    granted_s = pp_notifier_grant(n, subscribe);
    err = answer_first(n, subscribe, granted_s);
    if (!err) {
        n->transaction = pp_server_forget(n->transaction);
        n->running = true;
        n->references += 2; /* its own, and one for this moment */
        taken(n, subscribe, granted_s);
        pipit_notifier_unref(n);
    }
    pp_message_unref(subscribe);
    return err;
}

/* --- those that follow ------------------------------------------------------------------------ */

static void receive_subscribe(pipit_notifier *n, pp_server_transaction *transaction)
{
    pp_message *subscribe = pp_message_ref(pp_server_request(transaction));
    uint32_t granted_s = pp_notifier_grant(n, subscribe), number;
    pp_outgoing *response = NULL;
    int err = 0;

    if (!pp_event_is(&n->event, subscribe)) { /* another subscription in this dialog */
        pp_ua_answer(n->ua, transaction, 489, NULL, PP_HEADER_ALLOW_EVENTS,
                     n->allow_events ? n->allow_events : n->package);
    } else if (pp_message_count(subscribe, PP_HEADER_EXPIRES) &&
               !pp_message_number(subscribe, PP_HEADER_EXPIRES, &number)) {
        pp_ua_answer(n->ua, transaction, 400, "Bad Expires", PP_HEADER_OTHER, NULL);
    } else if (pp_notifier_is_brief(n, subscribe)) {
        pp_notifier_refuse_brief(n, transaction);
    } else {
        err = pp_dialog_refresh_target(n->dialog, subscribe);
        if (!err)
            err = make_ok(n, subscribe, granted_s, &response);
        if (!err)
            err = pp_server_respond(transaction, response);
        if (!err)
            taken(n, subscribe, granted_s);
        else
            pp_ua_answer(n->ua, transaction, err == PIPIT_ERR_SYNTAX ? 400 : 500, NULL,
                         PP_HEADER_OTHER, NULL);
    }
    pp_outgoing_unref(response);
    pp_message_unref(subscribe);
}

static void receive(void *self, pp_dialog *dialog, pp_server_transaction *transaction)
{
    pipit_notifier *n = pipit_notifier_ref(self);

    (void)dialog;
    switch (pp_server_request(transaction)->method) {
    case PP_SUBSCRIBE:
        receive_subscribe(n, transaction);
        break;
    case PP_OPTIONS:
        pp_options_receive(n->ua, transaction);
        break;
    default:
        pp_ua_answer(n->ua, transaction, 405, NULL, PP_HEADER_OTHER, NULL);
    }
    pipit_notifier_unref(n);
}

static bool takes(const void *self, const pp_message *request)
{
    const pipit_notifier *n = self;

    return request->method == PP_SUBSCRIBE && pp_event_is(&n->event, request);
}

const pp_dialog_usage pp_notifier_usage = {.request = receive, .takes = takes};
