/* farewell.c - the last words of calls: a BYE or CANCEL that the connection did not take goes over the next one, so that nobody
 * is left in a call with us that is over. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/log.h"
#include "ua/ua.h"

#include <utlist.h>

#define LIFETIME_US (64 * UINT64_C(1000) * PP_T1_MS) /* as long as a transaction would have tried */

typedef struct pp_farewell {
    struct pp_farewell *next, *prev;
    pipit_ua *ua;
    pp_outgoing *request;
    uint64_t end_us;
    bool waiting; /* for a connection */
} pp_farewell;

static void drop(pp_farewell *farewell)
{
    DL_DELETE(farewell->ua->farewells, farewell);
    farewell->ua->farewell_count--;
    pp_outgoing_unref(farewell->request);
    pp_free(farewell);
}

static void drop_expired(pipit_ua *ua)
{
    pp_farewell *next;

    for (pp_farewell *farewell = ua->farewells; farewell; farewell = next) {
        next = farewell->next;
        if (farewell->waiting && farewell->end_us <= pp_loop_now_us(ua->loop))
            drop(farewell);
    }
}

void pp_farewells_free(pipit_ua *ua)
{
    while (ua->farewells)
        drop(ua->farewells);
}

/* --- one -------------------------------------------------------------------------------------- */

static void on_response(void *arg, const pp_message *response)
{
    if (response->status >= 200)
        drop(arg);
}

static void on_over(void *arg)
{
    drop(arg);
}

static bool is_coming_back(const pipit_ua *ua)
{
    return ua->started && !ua->stopping && !pp_transport_is_idle(ua->transport);
}

static void on_lost(void *arg)
{
    pp_farewell *farewell = arg;

    farewell->waiting = is_coming_back(farewell->ua);
    if (!farewell->waiting)
        drop(farewell);
}

static const pp_request_sender_handlers handlers = {
    .response = on_response,
    .timeout = on_over,
    .transport_error = on_lost,
    .abandoned = on_over,
};

static int say(pp_farewell *farewell)
{
    farewell->waiting = false;
    /* A CANCEL is known by the Via of its INVITE, and is no transaction any more. */
    if (pp_outgoing_method(farewell->request) == PP_CANCEL)
        return pp_ua_send_plain(farewell->ua, farewell->request);
    return pp_request_sender_start(farewell->ua, farewell->request, &handlers, farewell, NULL);
}

static int add(pipit_ua *ua, pp_outgoing *request, pp_farewell **out)
{
    pp_farewell *farewell;

    if (ua->farewell_count >= ua->settings.sessions_max)
        drop_expired(ua);
    if (ua->farewell_count >= ua->settings.sessions_max)
        return pp_error(PIPIT_ERR_LIMIT, "user agent: more than %u requests wait for a connection",
                        ua->settings.sessions_max);
    farewell = PP_NEW(pp_farewell);
    if (!farewell)
        return PIPIT_ERR_MEMORY;
    farewell->ua = ua;
    farewell->request = pp_outgoing_ref(request);
    farewell->end_us = pp_loop_now_us(ua->loop) + LIFETIME_US;
    DL_PREPEND(ua->farewells, farewell);
    ua->farewell_count++;
    *out = farewell;
    return 0;
}

int pp_farewell_bye(pipit_ua *ua, pp_outgoing *bye)
{
    pp_farewell *farewell = NULL;
    int err = add(ua, bye, &farewell);

    if (err) /* now or never */
        return pp_request_sender_start(ua, bye, NULL, NULL, NULL);
    err = say(farewell);
    if (err)
        drop(farewell);
    return err;
}

int pp_farewell_cancel(pipit_ua *ua, const pp_outgoing *invite)
{
    pp_farewell *farewell = NULL;
    pp_outgoing *cancel = NULL;
    int err = is_coming_back(ua) ? pp_outgoing_cancel(invite, &cancel) : 0;

    if (!err && cancel)
        err = pp_outgoing_error(cancel);
    if (!err && cancel)
        err = add(ua, cancel, &farewell);
    if (farewell)
        farewell->waiting = true;
    pp_outgoing_unref(cancel);
    return err;
}

/* --- all -------------------------------------------------------------------------------------- */

static pp_farewell *next_waiting(const pipit_ua *ua)
{
    pp_farewell *farewell = ua->farewells;

    while (farewell && !farewell->waiting)
        farewell = farewell->next;
    return farewell;
}

void pp_farewells_connected(pipit_ua *ua)
{
    pp_farewell *farewell;

    drop_expired(ua);
    while ((farewell = next_waiting(ua))) {
        int err = say(farewell);

        if (err)
            pp_log_warn("UA", "a call's end was not told: %s", pipit_error_message());
        if (err || pp_outgoing_method(farewell->request) == PP_CANCEL)
            drop(farewell);
    }
}
