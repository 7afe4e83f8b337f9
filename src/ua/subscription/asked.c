/* asked.c - SUBSCRIBEs outside of dialogs and in calls, and NOTIFYs outside: shown to the application, which answers the first kind
 * now or later. */
#include "ua/subscription/asked.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "pipit/notifier.h"
#include "pipit/request.h"
#include "sip/request.h"
#include "ua/session/session.h"

#include <utlist.h>

/* --- those that wait -------------------------------------------------------------------------- */

static void drop(pp_asked *asked)
{
    DL_DELETE(asked->ua->asked, asked);
    pp_server_forget(asked->transaction);
    pipit_request_unref(asked->shown);
    pp_free(asked);
}

static void on_gone(void *arg)
{
    pp_asked *asked = arg;

    asked->transaction = NULL;
    drop(asked);
}

static const pp_server_handlers server_handlers = {.terminated = on_gone};

static int keep(pipit_ua *ua, pp_server_transaction *transaction, pp_asked **out)
{
    pp_asked *asked = PP_NEW(pp_asked);
    int err;

    if (!asked)
        return PIPIT_ERR_MEMORY;
    err = pp_request_of_message(pp_server_request(transaction), &asked->shown);
    if (err) {
        pp_free(asked);
        return err;
    }
    asked->ua = ua;
    asked->transaction = transaction;
    pp_server_listen(transaction, &server_handlers, asked);
    DL_APPEND(ua->asked, asked);
    *out = asked;
    return 0;
}

static pp_asked *find(const pipit_ua *ua, const pipit_request *shown)
{
    pp_asked *asked;

    DL_FOREACH(ua->asked, asked)
    if (asked->shown == shown)
        return asked;
    return NULL;
}

pp_server_transaction *pp_asked_take(pipit_ua *ua, const pipit_request *shown)
{
    pp_asked *asked = find(ua, shown);
    pp_server_transaction *transaction = asked ? asked->transaction : NULL;

    if (asked) {
        asked->transaction = NULL;
        drop(asked);
    }
    return transaction;
}

void pp_asked_detach(pipit_ua *ua)
{
    while (ua->asked)
        drop(ua->asked);
}

/* --- a SUBSCRIBE ------------------------------------------------------------------------------ */

static bool may_subscribe(const pipit_ua *ua, pp_str package)
{
    pp_str rest = pp_str_c(ua->settings.allow_events), member;

    if (!ua->settings.allow_events)
        return true;
    while (pp_list_next(&rest, &member))
        if (pp_str_eq(member, package))
            return true;
    return false;
}

/* RFC 6665 section 4.2.1.1; the status, 0 when all is well. */
static int check(const pipit_ua *ua, const pp_message *request, pp_event *event,
                 const char **phrase)
{
    uint32_t expires_s;

    *phrase = pp_message_count(request, PP_HEADER_EVENT) ? "Bad Event" : "Missing Event";
    if (pp_event_parse(pp_message_header(request, PP_HEADER_EVENT, 0), event))
        return 400;
    if (!may_subscribe(ua, event->package))
        return 489;
    *phrase = "Missing Contact";
    if (pp_str_empty(request->contact.uri.text))
        return 400;
    *phrase = "Bad Expires";
    if (pp_message_count(request, PP_HEADER_EXPIRES) &&
        !pp_message_number(request, PP_HEADER_EXPIRES, &expires_s))
        return 400;
    return 0;
}

static int refuse(pipit_ua *ua, pp_server_transaction *transaction, int status, const char *phrase)
{
    bool other = status == 489;

    return pp_ua_answer(ua, transaction, status, other ? NULL : phrase,
                        other ? PP_HEADER_ALLOW_EVENTS : PP_HEADER_OTHER,
                        other ? ua->settings.allow_events : NULL);
}

/* Event is shown in C strings of its own. */
static int event_names(const pp_event *event, char **package, char **id)
{
    *package = event->package.p ? pp_str_dup(event->package) : NULL;
    *id = event->id.p ? pp_str_dup(event->id) : NULL;
    return (event->package.p && !*package) || (event->id.p && !*id) ? PIPIT_ERR_MEMORY : 0;
}

/* Nobody will answer it. */
static void leave(pp_asked *asked)
{
    if (pp_server_request(asked->transaction)->to_tag.n)
        pp_refer_answer_other(asked->ua, asked->transaction);
    else
        refuse(asked->ua, asked->transaction, 480, NULL);
    drop(asked);
}

static int show_subscribe(pipit_ua *ua, pipit_session *call, pp_server_transaction *transaction,
                          const pp_event *event)
{
    pp_asked *asked = NULL;
    pipit_request *shown;
    char *package, *id;
    int err = event_names(event, &package, &id);

    if (!err)
        err = keep(ua, transaction, &asked);
    if (!err) {
        const pipit_new_subscribe_event e = {
            .event = package, .id = id, .request = asked->shown, .session = call};

        shown = pipit_request_ref(asked->shown);
        PP_UA_EMIT(ua, new_subscribe, &e);
        asked = find(ua, shown);
        pipit_request_unref(shown);
        if (asked && !pp_request_is_shared(asked->shown))
            leave(asked);
    }
    pp_free(package);
    pp_free(id);
    return err;
}

void pp_subscribe_receive(pipit_ua *ua, pipit_session *call, pp_server_transaction *transaction)
{
    const char *phrase = NULL;
    pp_event event;
    int status = check(ua, pp_server_request(transaction), &event, &phrase);

    if (status) {
        refuse(ua, transaction, status, phrase);
    } else if (show_subscribe(ua, call, transaction, &event) < 0) {
        pp_log_warn("UA", "a SUBSCRIBE was not taken: %s", pipit_error_message());
        refuse(ua, transaction, 500, NULL);
    }
}

void pp_asked_close(pipit_ua *ua)
{
    while (ua->asked) {
        refuse(ua, ua->asked->transaction, 480, NULL);
        drop(ua->asked);
    }
}

int pipit_ua_reject_subscribe(pipit_ua *ua, pipit_request *subscribe,
                              const pipit_reply_options *options)
{
    static const pipit_reply_options defaults = {0};
    const pipit_reply_options *o = options ? options : &defaults;
    pp_outgoing *response = NULL;
    pp_asked *asked;
    int status, err;

    if (!ua || !subscribe)
        return pp_error(PIPIT_ERR_ARGUMENT, "subscribe: the user agent or request is missing");
    err = pp_ua_refusal("subscribe", o, 480, &status);
    if (err)
        return err;
    asked = find(ua, subscribe);
    if (!asked)
        return pp_error(PIPIT_ERR_STATE, "subscribe: this is no request that waits");
    err = pp_ua_reply(ua, asked->transaction, status, o, &response);
    if (err)
        return err;
    if (status == 489 && ua->settings.allow_events)
        pp_outgoing_add_c(response, PP_HEADER_ALLOW_EVENTS, ua->settings.allow_events);
    err = pp_server_respond(asked->transaction, response);
    pp_outgoing_unref(response);
    if (!err)
        drop(asked);
    return err;
}

/* --- a NOTIFY --------------------------------------------------------------------------------- */

void pp_notify_receive(pipit_ua *ua, pp_server_transaction *transaction)
{
    pp_message *notify = pp_message_ref(pp_server_request(transaction));
    pipit_request *shown = pp_ua_show(notify);
    char *package = NULL, *id = NULL;
    pp_event event = {.package = PP_STR_NONE, .id = PP_STR_NONE};

    if (pp_event_parse(pp_message_header(notify, PP_HEADER_EVENT, 0), &event))
        event = (pp_event){.package = PP_STR_NONE, .id = PP_STR_NONE};
    if (!shown || event_names(&event, &package, &id)) {
        pp_ua_answer(ua, transaction, 500, NULL, PP_HEADER_OTHER, NULL);
    } else {
        const pipit_sip_event_event e = {.event = package, .id = id, .request = shown};

        pp_ua_answer(ua, transaction, 200, NULL, PP_HEADER_OTHER, NULL);
        PP_UA_EMIT(ua, sip_event, &e);
    }
    pipit_request_unref(shown);
    pp_free(package);
    pp_free(id);
    pp_message_unref(notify);
}
