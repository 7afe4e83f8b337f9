/* subscriber.c - the life of a subscription of ours (RFC 6665 section 4.1, jssip-behaviour section 1.8). */
#include "ua/subscription/subscriber.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/session.h"

#include <utlist.h>

#define EXPIRES_S 900u

/* --- made and released ------------------------------------------------------------------------ */

static int check_uri(const char *text)
{
    pp_uri uri;

    return text ? pp_uri_parse(pp_str_c(text), &uri) : 0;
}

static int copy_parties(pipit_subscriber *s, const pipit_subscriber_options *o)
{
    int err = check_uri(o->from_uri);

    if (!err)
        err = check_uri(o->to_uri);
    if (!err)
        err = pp_line_copy(o->from_uri, &s->from_uri);
    if (!err)
        err = pp_line_copy(o->from_display_name, &s->from_display_name);
    if (!err)
        err = pp_line_copy(o->to_uri, &s->to_uri);
    if (!err)
        err = pp_line_copy(o->to_display_name, &s->to_display_name);
    return err;
}

static int copy_options(pipit_subscriber *s, const pipit_subscriber_options *o)
{
    int err = copy_parties(s, o);

    s->expires_s = o->fetch ? 0 : o->expires ? o->expires : EXPIRES_S;
    s->fetch = o->fetch;
    s->resubscribes = o->resubscribe;
    s->cseq = o->cseq;
    s->handlers = o->handlers;
    s->user = o->user;
    if (!err)
        err = pp_line_copy(o->content_type, &s->content_type);
    if (!err)
        err = pp_line_copy(o->allow_events, &s->allow_events);
    if (!err)
        err = pp_header_lines_copy(o->extra_headers, &s->extra_headers);
    return err;
}

static int copy_event(pipit_subscriber *s, const char *event)
{
    int err = pp_event_keep(pp_str_c(event), &s->event);

    if (err)
        return err;
    s->package = pp_str_dup(s->event.event.package);
    return s->package ? 0 : PIPIT_ERR_MEMORY;
}

static void free_subscriber(pipit_subscriber *s)
{
    if (s->ua)
        DL_DELETE(s->ua->subscribers, s);
    pp_event_drop(&s->event);
    pp_free(s->package);
    pp_free(s->target);
    pp_free(s->accept);
    pp_free(s->content_type);
    pp_free(s->allow_events);
    pp_free(s->from_uri);
    pp_free(s->from_display_name);
    pp_free(s->to_uri);
    pp_free(s->to_display_name);
    pp_header_lines_free(s->extra_headers);
    pp_free(s->call_id);
    pp_free(s->from_tag);
    pp_free(s->id);
    pp_free(s->body);
    pipit_session_unref(s->call);
    pp_free(s);
}

int pp_subscriber_new(pipit_ua *ua, const char *event, const char *accept,
                      const pipit_subscriber_options *options, pipit_subscriber **out)
{
    static const pipit_subscriber_options defaults = {0};
    pipit_subscriber *s = PP_NEW(pipit_subscriber);
    int err;

    if (!s)
        return PIPIT_ERR_MEMORY;
    s->references = 1;
    s->ua = ua;
    s->state = PIPIT_SUBSCRIBER_INIT;
    DL_APPEND(ua->subscribers, s);
    err = copy_event(s, event);
    if (!err)
        err = pp_line_copy(accept, &s->accept);
    if (!err)
        err = copy_options(s, options ? options : &defaults);
    if (err)
        free_subscriber(s);
    else
        *out = s;
    return err;
}

int pipit_ua_subscribe(pipit_ua *ua, const char *target, const char *event, const char *accept,
                       const pipit_subscriber_options *options, pipit_subscriber **out)
{
    pipit_subscriber *s = NULL;
    int err;

    if (!ua || !target || !event || !accept || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "subscribe: the user agent, target, event or types of "
                                            "body are missing");
    err = pp_subscriber_new(ua, event, accept, options, &s);
    if (err)
        return err;
    err = pp_ua_target(ua, target, &s->target);
    if (err)
        free_subscriber(s);
    else
        *out = s;
    return err;
}

pipit_subscriber *pipit_subscriber_ref(pipit_subscriber *subscriber)
{
    subscriber->references++;
    return subscriber;
}

pipit_subscriber *pipit_subscriber_unref(pipit_subscriber *subscriber)
{
    if (subscriber && --subscriber->references == 0)
        free_subscriber(subscriber);
    return NULL;
}

/* --- what the application asks for ------------------------------------------------------------ */

static int check(const pipit_subscriber *s, const char *body)
{
    if (!s)
        return pp_error(PIPIT_ERR_ARGUMENT, "subscription: it is missing");
    if (!s->ua || s->ending || s->state == PIPIT_SUBSCRIBER_TERMINATED)
        return pp_error(PIPIT_ERR_STATE, "subscription: it is over");
    if (body && !s->content_type)
        return pp_error(PIPIT_ERR_ARGUMENT, "subscription: a body without a content type");
    return 0;
}

/* Sends it now, or behind the one that is on its way. */
static int send_next(pipit_subscriber *s, const char *body)
{
    int err = pp_body_keep(body, &s->body);

    if (err)
        return err;
    s->waiting = s->sender != NULL;
    return s->waiting ? 0 : pp_subscriber_send(s);
}

/* In the dialog of its call, or in one of its own. */
static int begin(pipit_subscriber *s)
{
    int err;

    if (!s->call)
        return pp_subscriber_begin(s);
    err = pp_subscriber_join(s);
    if (!err)
        err = pp_subscriber_send(s);
    if (err)
        pp_subscriber_leave(s);
    else
        s->call = pipit_session_unref(s->call);
    return err;
}

static int start(pipit_subscriber *s, const char *body)
{
    int err;

    if (s->ua->status == PIPIT_UA_USER_CLOSED) /* nothing would ever come of it */
        return pp_error(PIPIT_ERR_STATE, "subscription: the user agent was stopped");
    err = pp_body_keep(body, &s->body);
    if (!err)
        err = begin(s);
    if (err)
        return err;
    s->state = PIPIT_SUBSCRIBER_WAITING_NOTIFY;
    s->running = true;
    s->references++;
    return 0;
}

int pipit_subscriber_subscribe(pipit_subscriber *subscriber, const char *body)
{
    int err = check(subscriber, body);

    if (err)
        return err;
    if (subscriber->state == PIPIT_SUBSCRIBER_INIT)
        return start(subscriber, body);
    if (!subscriber->dialog && !subscriber->sender) /* lost, and begun again soon */
        return pp_body_keep(body, &subscriber->body);
    return send_next(subscriber, body);
}

int pipit_subscriber_terminate(pipit_subscriber *subscriber, const char *body)
{
    int err = check(subscriber, body);

    if (err)
        return err;
    if (subscriber->state == PIPIT_SUBSCRIBER_INIT)
        return pp_error(PIPIT_ERR_STATE, "subscription: nothing was asked for yet");
    if (!subscriber->dialog && !subscriber->sender) { /* there is nothing to be ended */
        subscriber->ending = true;
        pp_subscriber_end(subscriber, &(pp_subscription_end){.code = PIPIT_SUBSCRIBER_EXPIRED});
        return 0;
    }
    subscriber->ending = true;
    err = send_next(subscriber, body);
    if (err)
        subscriber->ending = false;
    return err;
}

/* --- with the connection and the user agent --------------------------------------------------- */

void pp_subscribers_connected(pipit_ua *ua)
{
    pipit_subscriber *s;
    int err = 0;

    DL_FOREACH(ua->subscribers, s)
    {
        if (!s->running || s->sender || s->ending || s->retry.armed || !(s->dialog || s->stale))
            continue;
        s->stale = false;
        s->reconnected = s->dialog != NULL;
        err = s->dialog ? pp_subscriber_send(s) : pp_subscriber_begin(s);
        if (err) {
            s->stale = true;
            pp_log_warn("Subscriber", "no refresh: %s", pipit_error_message());
        }
    }
}

static pipit_subscriber *first_running(const pipit_ua *ua, bool also_ending)
{
    pipit_subscriber *s;

    DL_FOREACH(ua->subscribers, s)
    if (s->running && (also_ending || !s->ending))
        return s;
    return NULL;
}

/* Handlers may end and release others: the walk starts over after each. */
void pp_subscribers_close(pipit_ua *ua)
{
    pipit_subscriber *s;

    while ((s = first_running(ua, false)))
        if (pipit_subscriber_terminate(s, NULL) < 0) {
            pp_log_warn("Subscriber", "no un-SUBSCRIBE: %s", pipit_error_message());
            pp_subscriber_end(s,
                              &(pp_subscription_end){.code = PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT});
        }
}

void pp_subscribers_give_up(pipit_ua *ua)
{
    pipit_subscriber *s;

    while ((s = first_running(ua, true)))
        pp_subscriber_end(s, &(pp_subscription_end){.code = PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT});
}

bool pp_subscribers_wait(const pipit_ua *ua)
{
    return first_running(ua, true) != NULL;
}

void pp_subscribers_detach(pipit_ua *ua)
{
    while (ua->subscribers) {
        pipit_subscriber *s = ua->subscribers;

        s->handlers = NULL;
        pipit_subscriber_ref(s);
        pp_subscriber_end(s, &(pp_subscription_end){.code = PIPIT_SUBSCRIBER_INTERNAL_ERROR});
        DL_DELETE(ua->subscribers, s);
        s->ua = NULL;
        pipit_subscriber_unref(s);
    }
}

/* --- getters ---------------------------------------------------------------------------------- */

pipit_subscriber_state pipit_subscriber_get_state(const pipit_subscriber *subscriber)
{
    return subscriber->state;
}

const char *pipit_subscriber_id(const pipit_subscriber *subscriber)
{
    return subscriber->id;
}

unsigned pipit_subscriber_expires(const pipit_subscriber *subscriber)
{
    uint64_t now_ms = subscriber->ua ? pp_loop_now_ms(subscriber->ua->loop) : UINT64_MAX;

    return subscriber->expire.armed && subscriber->expires_ms > now_ms
               ? (unsigned)((subscriber->expires_ms - now_ms + 999) / 1000)
               : 0;
}

void *pipit_subscriber_data(const pipit_subscriber *subscriber)
{
    return subscriber->data;
}

void pipit_subscriber_set_data(pipit_subscriber *subscriber, void *data)
{
    subscriber->data = data;
}
