/* notified.c - NOTIFYs that come in a subscription of ours (RFC 6665 section 4.1.3). */
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/subscription/subscriber.h"
#include "ua/trace.h"

#include <utlist.h>

/* --- a NOTIFY that makes the dialog ------------------------------------------------------------ */

static bool waits_for(const pipit_subscriber *s, const pp_message *notify)
{
    return s->running && !s->dialog && s->call_id && pp_str_eq_c(notify->call_id, s->call_id) &&
           pp_str_eq_c(notify->to_tag, s->from_tag) && pp_event_is(&s->event, notify);
}

static int adopt(pipit_subscriber *s, const pp_message *notify)
{
    const pp_dialog_owner owner = {&pp_subscriber_usage, s};
    int err =
        pp_dialog_from_request(s->ua->dialogs, notify, s->from_tag, s->cseq, &owner, &s->dialog);

    if (!err)
        err = pp_dialog_id(s->dialog, &s->id);
    if (err)
        s->dialog = pp_dialog_free(s->dialog);
    return err;
}

/* RFC 6665 section 4.1.2.4. */
pp_dialog *pp_subscribers_adopt(pipit_ua *ua, const pp_message *notify)
{
    pipit_subscriber *s;

    if (notify->method != PP_NOTIFY)
        return NULL;
    DL_FOREACH(ua->subscribers, s)
    if (waits_for(s, notify) && adopt(s, notify) == 0)
        return s->dialog;
    return NULL;
}

/* --- what it says ----------------------------------------------------------------------------- */

static int answer(pipit_subscriber *s, pp_server_transaction *transaction, int status)
{
    bool other_event = status == 489;

    return pp_ua_answer(s->ua, transaction, status, NULL,
                        other_event ? PP_HEADER_ALLOW_EVENTS : PP_HEADER_OTHER,
                        other_event ? s->package : NULL);
}

/* The status a NOTIFY deserves that is none of ours; 0 when all is well. */
static int check(const pipit_subscriber *s, const pp_message *notify, pp_subscription_state *state)
{
    if (!pp_message_count(notify, PP_HEADER_EVENT))
        return 400;
    if (!pp_event_is(&s->event, notify))
        return 489;
    return pp_subscription_state_parse(pp_message_header(notify, PP_HEADER_SUBSCRIPTION_STATE, 0),
                                       state)
               ? 400
               : 0;
}

static bool alive(const pipit_subscriber *s)
{
    return s->ua && s->state != PIPIT_SUBSCRIBER_TERMINATED;
}

/* A state we do not know says nothing. */
static void take_state(pipit_subscriber *s, const pp_subscription_state *said)
{
    bool pending = pp_str_ieq_c(said->state, "pending");
    pipit_subscriber_state before = s->state;

    if (!pending && !pp_str_ieq_c(said->state, "active"))
        return;
    s->state = pending ? PIPIT_SUBSCRIBER_PENDING : PIPIT_SUBSCRIBER_ACTIVE;
    if (said->has_expires)
        pp_subscriber_set_expiry(s, said->expires);
    if (before == s->state || !s->handlers)
        return;
    pp_ua_trace_state(s->ua, "subscription", pending ? "pending" : "active");
    if (pending && s->handlers->pending)
        s->handlers->pending(s, s->user);
    else if (!pending && s->handlers->active)
        s->handlers->active(s, s->user);
}

static void emit_notify(pipit_subscriber *s, const pp_message *notify, bool is_final)
{
    const char *type;
    pipit_notify_event event = {.is_final = is_final};

    if (!alive(s) || !notify->body.n || !s->handlers || !s->handlers->notify)
        return;
    event.request = pp_ua_show(notify);
    if (!event.request)
        return;
    type = pipit_request_header(event.request, "Content-Type", 0);
    event.body = pipit_request_body(event.request, &event.size);
    event.content_type = type ? type : "";
    s->handlers->notify(s, &event, s->user);
    pipit_request_unref(event.request);
}

static void take(pipit_subscriber *s, const pp_message *notify, const pp_subscription_state *said)
{
    bool is_final = pp_str_ieq_c(said->state, "terminated");
    const pp_subscription_end end = {.code = PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED,
                                     .reason = said->reason,
                                     .has_retry_after = said->has_retry_after,
                                     .retry_after = said->retry_after,
                                     .message = notify};

    if (!s->said_bye && !s->fetch)
        pp_loop_stop_timer(s->ua->loop, &s->notify_wait);
    if (!is_final)
        take_state(s, said);
    emit_notify(s, notify, is_final);
    if (is_final && alive(s))
        pp_subscriber_lose(s, &end);
}

static void receive_notify(pipit_subscriber *s, pp_server_transaction *transaction)
{
    pp_message *notify = pp_message_ref(pp_server_request(transaction));
    pp_subscription_state said;
    int status = check(s, notify, &said);

    if (!status && pp_dialog_refresh_target(s->dialog, notify) == PIPIT_ERR_SYNTAX)
        status = 400;
    answer(s, transaction, status ? status : 200);
    if (status)
        pp_subscriber_end(s, &(pp_subscription_end){.code = PIPIT_SUBSCRIBER_WRONG_NOTIFY_RECEIVED,
                                                    .message = notify});
    else
        take(s, notify, &said);
    pp_message_unref(notify);
}

static void receive(void *self, pp_dialog *dialog, pp_server_transaction *transaction)
{
    pipit_subscriber *s = self;

    (void)dialog;
    pipit_subscriber_ref(s);
    switch (pp_server_request(transaction)->method) {
    case PP_NOTIFY:
        receive_notify(s, transaction);
        break;
    case PP_OPTIONS:
        pp_options_receive(s->ua, transaction);
        break;
    default:
        answer(s, transaction, 405);
    }
    pipit_subscriber_unref(s);
}

static bool takes(const void *self, const pp_message *request)
{
    const pipit_subscriber *s = self;

    return request->method == PP_NOTIFY && pp_event_is(&s->event, request);
}

const pp_dialog_usage pp_subscriber_usage = {.request = receive, .takes = takes};
