/* subscription_end.c - how a subscription of ours ends, and when it is asked for anew (RFC 6665 section 4.1.3). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/request.h"
#include "ua/subscription/subscriber.h"
#include "ua/trace.h"

#include <utlist.h>

#define STEADY_MS   60000u /* a subscription that lived so long was a good one */
#define BACK_OFF_MS 1000u  /* from the second attempt on, doubled each time */
#define BACK_OFFS   6u     /* times */

static void drop_dialog(pipit_subscriber *s)
{
    pipit_loop *loop = s->ua->loop;

    pp_loop_stop_timer(loop, &s->refresh);
    pp_loop_stop_timer(loop, &s->expire);
    pp_loop_stop_timer(loop, &s->notify_wait);
    pp_loop_stop_timer(loop, &s->retry);
    s->sender = pp_request_sender_forget(s->sender);
    s->request = pp_outgoing_unref(s->request);
    pp_subscriber_leave(s);
    s->waiting = s->stale = false;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void emit_terminated(pipit_subscriber *s, const pp_subscription_end *end, char *reason)
{
    pipit_subscription_end_event event = {.code = end->code,
                                          .reason = reason,
                                          .retry_after = end->retry_after,
                                          .has_retry_after = end->has_retry_after};

    if (!s->handlers || !s->handlers->terminated)
        return;
    event.message = pp_ua_show(end->message);
    s->handlers->terminated(s, &event, s->user);
    pipit_request_unref(event.message);
}

void pp_subscriber_end(pipit_subscriber *s, const pp_subscription_end *end)
{
    pipit_ua *ua = s->ua;
    bool was_running = s->running;
    char *reason = end->reason.p ? pp_str_dup(end->reason) : NULL;

    if (s->state == PIPIT_SUBSCRIBER_TERMINATED) {
        pp_free(reason);
        return;
    }
    drop_dialog(s);
    s->state = PIPIT_SUBSCRIBER_TERMINATED;
    s->running = false;
    if (was_running) {
        pipit_ua_ref(ua);
        pp_ua_trace_state(ua, "subscription", "terminated");
        emit_terminated(s, end, reason);
        pipit_subscriber_unref(s);
        pp_ua_check_stopped(ua);
        pipit_ua_unref(ua);
    }
    pp_free(reason);
}

/* --- once more -------------------------------------------------------------------------------- */

/* Section 4.1.3: these will say the same the next time. Any other reason, or none, lets us ask again. */
static bool is_for_good(pp_str reason)
{
    return pp_str_ieq_c(reason, "rejected") || pp_str_ieq_c(reason, "noresource") ||
           pp_str_ieq_c(reason, "invariant");
}

static void on_retry(void *arg)
{
    pipit_subscriber *s = arg;

    if (!pp_transport_is_connected(s->ua->transport)) {
        s->stale = true;
    } else if (pp_subscriber_begin(s) < 0) {
        pp_log_warn("Subscriber", "not subscribed again: %s", pipit_error_message());
        pp_loop_start_timer(s->ua->loop, &s->retry, STEADY_MS, on_retry, s);
    }
}

/* At once the first time, or when the far end said; then less and less often. */
static uint64_t wait_ms(pipit_subscriber *s, const pp_subscription_end *end)
{
    bool steady = pp_loop_now_ms(s->ua->loop) - s->begun_ms >= STEADY_MS;
    uint64_t asked_ms = end->has_retry_after ? (uint64_t)end->retry_after * 1000 : 0, own_ms = 0;

    if (steady)
        s->losses = 0;
    if (s->losses)
        own_ms = BACK_OFF_MS << (s->losses < BACK_OFFS ? s->losses - 1 : BACK_OFFS);
    /* "probation" and "giveup" without a time: not at once. */
    else if (!asked_ms &&
             (pp_str_ieq_c(end->reason, "probation") || pp_str_ieq_c(end->reason, "giveup")))
        own_ms = STEADY_MS;
    s->losses++;
    return asked_ms > own_ms ? asked_ms : own_ms;
}

static void begin_again(pipit_subscriber *s, const pp_subscription_end *end)
{
    uint64_t after_ms = wait_ms(s, end);
    char *reason = end->reason.p ? pp_str_dup(end->reason) : NULL;
    const pipit_resubscribing_event event = {.reason = reason,
                                             .after = (unsigned)((after_ms + 999) / 1000)};

    drop_dialog(s);
    s->was_accepted = s->lengthened = false;
    s->state = PIPIT_SUBSCRIBER_WAITING_NOTIFY;
    pp_loop_start_timer(s->ua->loop, &s->retry, after_ms, on_retry, s);
    pp_ua_trace_state(s->ua, "subscription", "lost");
    if (s->handlers && s->handlers->resubscribing)
        s->handlers->resubscribing(s, &event, s->user);
    pp_free(reason);
}

void pp_subscriber_lose(pipit_subscriber *s, const pp_subscription_end *end)
{
    if (s->resubscribes && !s->fetch && !s->ending && !s->ua->stopping && !is_for_good(end->reason))
        begin_again(s, end);
    else
        pp_subscriber_end(s, end);
}
