/* notifier.c - the life of a subscription to us (RFC 6665 section 4.2, jssip-behaviour section 1.9). */
#include "ua/subscription/notifier.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/subscription/asked.h"

#include <utlist.h>

#define EXPIRES_S 900u

/* --- made and released ------------------------------------------------------------------------ */

static int copy_options(pipit_notifier *n, const char *content_type,
                        const pipit_notifier_options *o)
{
    pp_media_type type;
    int err = pp_media_type_parse(pp_str_c(content_type), &type);

    n->state = o->pending ? PIPIT_NOTIFIER_PENDING : PIPIT_NOTIFIER_ACTIVE;
    n->default_expires_s = o->default_expires ? o->default_expires : EXPIRES_S;
    n->min_expires_s = o->min_expires;
    n->max_expires_s = o->max_expires;
    n->handlers = o->handlers;
    n->user = o->user;
    if (!err)
        err = pp_line_copy(content_type, &n->content_type);
    if (!err)
        err = pp_line_copy(o->allow_events ? o->allow_events : n->ua->settings.allow_events,
                           &n->allow_events);
    if (!err)
        err = pp_header_lines_copy(o->extra_headers, &n->extra_headers);
    return err;
}

static int copy_event(pipit_notifier *n, const pp_message *subscribe)
{
    int err = pp_event_keep(pp_message_header(subscribe, PP_HEADER_EVENT, 0), &n->event);

    if (err)
        return err;
    n->package = pp_str_dup(n->event.event.package);
    return n->package ? 0 : PIPIT_ERR_MEMORY;
}

static void free_notifier(pipit_notifier *n)
{
    if (n->ua)
        DL_DELETE(n->ua->notifiers, n);
    pp_free(n->content_type);
    pp_free(n->allow_events);
    pp_header_lines_free(n->extra_headers);
    pp_event_drop(&n->event);
    pp_free(n->package);
    pp_free(n->id);
    pp_free(n->body);
    pp_free(n);
}

static void on_gone(void *arg)
{
    ((pipit_notifier *)arg)->transaction = NULL;
}

static const pp_server_handlers server_handlers = {.terminated = on_gone};

static pp_server_transaction *find_asked(const pipit_ua *ua, const pipit_request *subscribe)
{
    pp_asked *asked;

    DL_FOREACH(ua->asked, asked)
    if (asked->shown == subscribe)
        return asked->transaction;
    return NULL;
}

static int make(pipit_ua *ua, const pp_message *subscribe, const char *content_type,
                const pipit_notifier_options *options, pipit_notifier **out)
{
    pipit_notifier *n = PP_NEW(pipit_notifier);
    int err;

    if (!n)
        return PIPIT_ERR_MEMORY;
    n->references = 1;
    n->ua = ua;
    DL_APPEND(ua->notifiers, n);
    err = copy_options(n, content_type, options);
    if (!err)
        err = copy_event(n, subscribe);
    if (err)
        free_notifier(n);
    else
        *out = n;
    return err;
}

int pipit_ua_notify(pipit_ua *ua, pipit_request *subscribe, const char *content_type,
                    const pipit_notifier_options *options, pipit_notifier **out)
{
    static const pipit_notifier_options defaults = {0};
    pp_server_transaction *transaction;
    pipit_notifier *n = NULL;
    int err;

    if (!ua || !subscribe || !content_type || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "notify: the user agent, request or type is missing");
    transaction = find_asked(ua, subscribe);
    if (!transaction)
        return pp_error(PIPIT_ERR_STATE, "notify: this is no SUBSCRIBE that waits");
    err = make(ua, pp_server_request(transaction), content_type, options ? options : &defaults, &n);
    if (err)
        return err;
    pp_asked_take(ua, subscribe);
    pp_server_listen(transaction, &server_handlers, n);
    n->transaction = transaction;
    if (pp_notifier_is_brief(n, pp_server_request(transaction))) {
        pp_notifier_refuse_brief(n, transaction);
        n->transaction = pp_server_forget(transaction);
        pipit_notifier_unref(n);
        return pp_error(PIPIT_ERR_LIMIT, "notify: the subscription is too short");
    }
    *out = n;
    return 0;
}

pipit_notifier *pipit_notifier_ref(pipit_notifier *notifier)
{
    notifier->references++;
    return notifier;
}

/* One that was never started cannot keep them waiting. */
static void refuse_first(pipit_notifier *n)
{
    if (n->transaction && n->ua)
        pp_ua_answer(n->ua, n->transaction, 480, NULL, PP_HEADER_OTHER, NULL);
    n->transaction = pp_server_forget(n->transaction);
}

pipit_notifier *pipit_notifier_unref(pipit_notifier *notifier)
{
    if (notifier && --notifier->references == 0) {
        refuse_first(notifier);
        free_notifier(notifier);
    }
    return NULL;
}

/* --- what the application asks for ------------------------------------------------------------ */

int pipit_notifier_set_active_state(pipit_notifier *notifier)
{
    if (!notifier)
        return pp_error(PIPIT_ERR_ARGUMENT, "notifier: it is missing");
    if (notifier->state == PIPIT_NOTIFIER_TERMINATED)
        return pp_error(PIPIT_ERR_STATE, "notifier: the subscription is over");
    notifier->state = PIPIT_NOTIFIER_ACTIVE;
    return 0;
}

static int check_running(const pipit_notifier *n)
{
    if (!n)
        return pp_error(PIPIT_ERR_ARGUMENT, "notifier: it is missing");
    if (!n->running)
        return pp_error(PIPIT_ERR_STATE, "notifier: the subscription has not begun, or is over");
    return 0;
}

int pipit_notifier_notify(pipit_notifier *notifier, const char *body)
{
    int err = check_running(notifier);

    return err ? err : pp_notifier_send(notifier, &(pp_notify){.body = body});
}

int pipit_notifier_terminate(pipit_notifier *notifier, const char *body, const char *reason,
                             unsigned retry_after)
{
    pp_word word;
    int err;

    if (notifier && notifier->state == PIPIT_NOTIFIER_TERMINATED)
        return 0;
    err = check_running(notifier);
    if (!err && reason)
        err = pp_token_parse(pp_str_c(reason), &word);
    if (!err)
        err = pp_notifier_send(notifier, &(pp_notify){.body = body,
                                                      .is_final = true,
                                                      .reason = reason,
                                                      .retry_after_s = retry_after});
    if (!err)
        pp_notifier_end(notifier, PIPIT_NOTIFIER_FINAL_NOTIFY_SENT, NULL);
    return err;
}

/* --- with the connection and the user agent --------------------------------------------------- */

void pp_notifiers_connected(pipit_ua *ua)
{
    pipit_notifier *n;

    DL_FOREACH(ua->notifiers, n)
    {
        if (!n->running)
            continue;
        n->reconnected = true;
        if (n->undelivered)
            pp_notifier_send_again(n);
    }
}

/* Handlers may end and release others: the walk starts over after each. */
void pp_notifiers_close(pipit_ua *ua)
{
    bool ended;

    do {
        pipit_notifier *n;

        ended = false;
        DL_FOREACH(ua->notifiers, n)
        {
            if (!n->running)
                continue;
            pp_notifier_finish(n, "noresource", PIPIT_NOTIFIER_FINAL_NOTIFY_SENT);
            ended = true;
            break;
        }
    } while (ended);
}

void pp_notifiers_detach(pipit_ua *ua)
{
    while (ua->notifiers) {
        pipit_notifier *n = pipit_notifier_ref(ua->notifiers);

        n->handlers = NULL;
        pp_notifier_end(n, PIPIT_NOTIFIER_FINAL_NOTIFY_SENT, NULL);
        n->transaction = pp_server_forget(n->transaction);
        DL_DELETE(ua->notifiers, n);
        n->ua = NULL;
        pipit_notifier_unref(n);
    }
}

/* --- getters ---------------------------------------------------------------------------------- */

pipit_notifier_state pipit_notifier_get_state(const pipit_notifier *notifier)
{
    return notifier->state;
}

const char *pipit_notifier_id(const pipit_notifier *notifier)
{
    return notifier->id;
}

unsigned pipit_notifier_expires(const pipit_notifier *notifier)
{
    uint64_t now_ms = notifier->ua ? pp_loop_now_ms(notifier->ua->loop) : UINT64_MAX;

    return notifier->expire.armed && notifier->expires_ms > now_ms
               ? (unsigned)((notifier->expires_ms - now_ms + 999) / 1000)
               : 0;
}

const char *pipit_notifier_event(const pipit_notifier *notifier)
{
    return notifier->package;
}

void *pipit_notifier_data(const pipit_notifier *notifier)
{
    return notifier->data;
}

void pipit_notifier_set_data(pipit_notifier *notifier, void *data)
{
    notifier->data = data;
}
