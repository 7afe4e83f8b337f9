/* farewell.c - the last words of calls: a BYE or CANCEL that the connection did not take goes over the next one, so that nobody
 * is left in a call with us that is over. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/ua.h"

#include <utlist.h>

#define LIFETIME_US (64 * UINT64_C(1000) * PP_T1_MS) /* as long as a transaction would have tried */

typedef struct pp_farewell { /* waits for a connection */
    struct pp_farewell *next, *prev;
    pp_outgoing *request;
    uint64_t end_us;
} pp_farewell;

static void drop(pipit_ua *ua, pp_farewell *farewell)
{
    DL_DELETE(ua->farewells, farewell);
    ua->farewell_count--;
    pp_outgoing_unref(farewell->request);
    pp_free(farewell);
}

/* All wait equally long. */
static void drop_expired(pipit_ua *ua)
{
    while (ua->farewells && ua->farewells->end_us <= pp_loop_now_us(ua->loop))
        drop(ua, ua->farewells);
}

void pp_farewells_free(pipit_ua *ua)
{
    while (ua->farewells)
        drop(ua, ua->farewells);
}

/* --- one -------------------------------------------------------------------------------------- */

static bool is_coming_back(const pipit_ua *ua)
{
    return ua->started && !ua->stopping && !pp_transport_is_idle(ua->transport);
}

static int keep(pipit_ua *ua, pp_outgoing *request)
{
    pp_farewell *farewell;

    drop_expired(ua);
    if (ua->farewell_count >= ua->settings.sessions_max)
        return pp_error(PIPIT_ERR_LIMIT, "user agent: more than %u requests wait for a connection",
                        ua->settings.sessions_max);
    farewell = PP_NEW(pp_farewell);
    if (!farewell)
        return PIPIT_ERR_MEMORY;
    farewell->request = pp_outgoing_ref(request);
    farewell->end_us = pp_loop_now_us(ua->loop) + LIFETIME_US;
    DL_APPEND(ua->farewells, farewell);
    ua->farewell_count++;
    return 0;
}

static void on_unsent(pipit_ua *ua, pp_outgoing *bye)
{
    if (is_coming_back(ua) && keep(ua, bye) < 0)
        pp_log_warn("UA", "a call's end was not told: %s", pipit_error_message());
}

static const pp_request_sender_handlers handlers = {.unsent = on_unsent};

int pp_farewell_bye(pipit_ua *ua, pp_outgoing *bye)
{
    return pp_request_sender_start(ua, bye, &handlers, NULL, NULL);
}

int pp_farewell_cancel(pipit_ua *ua, const pp_outgoing *invite)
{
    pp_outgoing *cancel = NULL;
    int err = is_coming_back(ua) ? pp_outgoing_cancel(invite, &cancel) : 0;

    if (!err && cancel)
        err = pp_outgoing_error(cancel);
    if (!err && cancel)
        err = keep(ua, cancel);
    pp_outgoing_unref(cancel);
    return err;
}

/* --- all -------------------------------------------------------------------------------------- */

static int say(pipit_ua *ua, pp_outgoing *request)
{
    /* A CANCEL is known by the Via of its INVITE, and is no transaction any more. */
    if (pp_outgoing_method(request) == PP_CANCEL)
        return pp_ua_send_plain(ua, request);
    return pp_farewell_bye(ua, request);
}

void pp_farewells_connected(pipit_ua *ua)
{
    size_t count;

    drop_expired(ua);
    /* What cannot go this time either waits behind them. */
    for (count = ua->farewell_count; count && ua->farewells; count--) {
        pp_outgoing *request = pp_outgoing_ref(ua->farewells->request);

        drop(ua, ua->farewells);
        if (say(ua, request) < 0)
            pp_log_warn("UA", "a call's end was not told: %s", pipit_error_message());
        pp_outgoing_unref(request);
    }
}
