/* subscriptions.c - SUBSCRIBE and NOTIFY (RFC 6665) through Kamailio: dialogs with Record-Route and no call. */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"
#include "interop/kamailio/location.h"

#define ROUTE(from, to) ((from)*VIA_COUNT + (to))

/* Alice has a state, bob wants to know it. */
typedef struct watch {
    agent alice, bob;
    const char *state; /* what alice says first */
    pipit_notifier *notifier;
    pipit_subscriber *subscriber;
    unsigned asked, notified, ended; /* SUBSCRIBEs that came to alice, NOTIFYs and the end at bob */
    unsigned notifier_ended;
    pipit_subscriber_code code;
    char seen[64]; /* what bob knows */
} watch;

/* --- alice ------------------------------------------------------------------------------------ */

static void on_subscribe(pipit_notifier *notifier, const pipit_subscribe_event *e, void *user)
{
    watch *w = user;

    w->asked++;
    if (!e->is_unsubscribe)
        pipit_notifier_notify(notifier, w->state);
}

static void on_notifier_terminated(pipit_notifier *notifier, const pipit_notifier_end_event *e,
                                   void *user)
{
    (void)notifier, (void)e;
    ((watch *)user)->notifier_ended++;
}

static const pipit_notifier_handlers notifier_handlers = {.subscribe = on_subscribe,
                                                          .terminated = on_notifier_terminated};

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    watch *w = user;
    const pipit_notifier_options options = {.handlers = &notifier_handlers, .user = w};

    if (pipit_ua_notify(ua, e->request, "text/plain", &options, &w->notifier) == 0)
        pipit_notifier_start(w->notifier);
}

/* --- bob -------------------------------------------------------------------------------------- */

static void on_notify(pipit_subscriber *subscriber, const pipit_notify_event *e, void *user)
{
    watch *w = user;

    (void)subscriber;
    w->notified++;
    snprintf(w->seen, sizeof(w->seen), "%s", e->body);
}

static void on_subscriber_terminated(pipit_subscriber *subscriber,
                                     const pipit_subscription_end_event *e, void *user)
{
    watch *w = user;

    (void)subscriber;
    w->ended++;
    w->code = e->code;
}

static const pipit_subscriber_handlers subscriber_handlers = {
    .notify = on_notify, .terminated = on_subscriber_terminated};

/* --- both ------------------------------------------------------------------------------------- */

typedef struct sight {
    const watch *of;
    unsigned notified; /* at least so many NOTIFYs */
    const char *state;
} sight;

static bool is_seen(void *arg)
{
    const sight *what = arg;

    return what->of->notified >= what->notified && strcmp(what->of->seen, what->state) == 0;
}

static bool sees(const watch *w, unsigned notified, const char *state)
{
    return stage_wait(w->alice.stage, is_seen, &(sight){w, notified, state}, 2000) ||
           stage_fail(w->alice.stage, "bob saw '%s' after %u NOTIFYs, not '%s'", w->seen,
                      w->notified, state);
}

static bool open_watch(watch *w, stage *s, int route)
{
    static const pipit_ua_handlers more = {.new_subscribe = on_new_subscribe};
    const pipit_subscriber_options options = {.handlers = &subscriber_handlers, .user = w};

    w->state = "busy";
    if (!agent_register(&w->alice, s, &s->first, (via)(route / VIA_COUNT),
                        &(agent_options){.user = "alice"}) ||
        !agent_register(&w->bob, s, &s->first, (via)(route % VIA_COUNT),
                        &(agent_options){.user = "bob"}))
        return false;
    if (pipit_ua_add_handlers(w->alice.ua, &more, w) < 0 ||
        pipit_ua_subscribe(w->bob.ua, "alice", "x-state", "text/plain", &options, &w->subscriber) <
            0 ||
        pipit_subscriber_subscribe(w->subscriber, NULL) < 0)
        return stage_fail(s, "no subscription: %s", pipit_error_message());
    return sees(w, 1, "busy");
}

static bool end_watch(watch *w, stage *s)
{
    bool good = true;

    NEED(s, pipit_subscriber_terminate(w->subscriber, NULL) == 0, "%s", pipit_error_message());
    NEED(s, agent_wait(&w->bob, &w->ended, 1, 2000), "the subscription did not end");
    NEED(s, w->code == PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED, "it ended with code %d",
         (int)w->code);
    NEED(s, agent_wait(&w->alice, &w->notifier_ended, 1, 2000), "alice's side did not end");
out:
    return good;
}

static void close_watch(watch *w)
{
    agent_stop(&w->alice);
    agent_stop(&w->bob);
    pipit_notifier_unref(w->notifier);
    pipit_subscriber_unref(w->subscriber);
}

static bool subscribes(stage *s, int route)
{
    watch w = {0};
    bool good = open_watch(&w, s, route);

    if (!good)
        goto out;
    NEED(s, pipit_notifier_notify(w.notifier, "free") == 0, "%s", pipit_error_message());
    good = sees(&w, 2, "free");
    if (!good)
        goto out;
    NEED(s, pipit_subscriber_subscribe(w.subscriber, NULL) == 0, "%s", pipit_error_message());
    NEED(s, agent_wait(&w.alice, &w.asked, 2, 2000) && sees(&w, 3, "busy"),
         "a refresh inside the dialog did not arrive");
    good = end_watch(&w, s);
out:
    close_watch(&w);
    return good;
}

static bool close_connection(stage *s, const char *user)
{
    char id[LOCATION_VALUE_MAX] = "";
    const char *const question[] = {"ws.close", id, NULL};

    return location_bindings(s, &s->first, user) == 1 && location_field(s, "Tcpconn-Id", id) &&
           stage_ask(s, &s->first, question);
}

/* It is refreshed when the connection is back, and goes on. */
static bool outlives_its_connection(stage *s, int route)
{
    watch w = {0};
    bool good = open_watch(&w, s, route);

    if (!good)
        goto out;
    NEED(s, close_connection(s, "bob"), "the server did not close: %s", s->answer);
    NEED(s, agent_wait(&w.bob, &w.bob.disconnected, 1, 2000), "the loss was not noticed");
    NEED(s, agent_wait(&w.bob, &w.bob.registered, 2, 3000), "not registered again");
    NEED(s, agent_wait(&w.alice, &w.asked, 2, 2000), "the subscription was not refreshed");
    good = sees(&w, 2, "busy");
    if (!good)
        goto out;
    NEED(s, pipit_notifier_notify(w.notifier, "away") == 0, "%s", pipit_error_message());
    good = sees(&w, 3, "away");
    if (!good)
        goto out;
    good = end_watch(&w, s);
out:
    close_watch(&w);
    return good;
}

/* Both must come back first: who is not registered yet is asked again after 5 s. */
static bool outlives_the_server(stage *s, int route)
{
    watch w = {0};
    bool good = open_watch(&w, s, route);
    unsigned notified;

    if (!good)
        goto out;
    server_kill(&s->first);
    NEED(s, agent_wait(&w.bob, &w.bob.disconnected, 1, 1000), "the loss was not noticed");
    NEED(s, server_start(s, &s->first), "the server did not start");
    NEED(s, agent_wait(&w.alice, &w.asked, 2, 8000), "the subscription was not refreshed");
    NEED(s, agent_wait(&w.bob, &w.notified, 2, 8000), "no NOTIFY followed");
    notified = w.notified;
    NEED(s, pipit_notifier_notify(w.notifier, "away") == 0, "%s", pipit_error_message());
    good = sees(&w, notified + 1, "away");
    if (!good)
        goto out;
    good = end_watch(&w, s);
out:
    if (!s->first.pid)
        server_start(s, &s->first);
    close_watch(&w);
    return good;
}

const test_case subscription_cases[] = {
    {"a subscription: NOTIFY, refresh, end, ws to wss", subscribes, ROUTE(VIA_WS, VIA_WSS)},
    {"a subscription outlives a connection that the server closes", outlives_its_connection,
     ROUTE(VIA_WS, VIA_WS)},
    {"a subscription outlives the server", outlives_the_server, ROUTE(VIA_WS, VIA_WS)},
    {0},
};
