/* presence.c - Kamailio as the server of presence: it takes state and tells those who subscribed (RFC 3903, RFC 6665). */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"

#define PIDF(basic)                                                                                \
    "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "                      \
    "entity=\"sip:alice@" DOMAIN "\"><tuple id=\"t1\"><status><basic>" basic                       \
    "</basic></status></tuple></presence>"

/* Bob knows what the server says of alice. */
typedef struct watch {
    agent bob;
    pipit_subscriber *subscriber;
    unsigned active, notified, ended;
    char seen[1024];
} watch;

static void on_active(pipit_subscriber *subscriber, void *user)
{
    (void)subscriber;
    ((watch *)user)->active++;
}

static void on_notify(pipit_subscriber *subscriber, const pipit_notify_event *e, void *user)
{
    watch *w = user;

    (void)subscriber;
    w->notified++;
    snprintf(w->seen, sizeof(w->seen), "%s", e->body);
}

static void on_terminated(pipit_subscriber *subscriber, const pipit_subscription_end_event *e,
                          void *user)
{
    watch *w = user;

    (void)subscriber;
    w->ended += e->code == PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED;
}

static const pipit_subscriber_handlers handlers = {
    .active = on_active, .notify = on_notify, .terminated = on_terminated};

static bool open_watch(watch *w, stage *s, via how)
{
    const pipit_subscriber_options options = {.handlers = &handlers, .user = w};

    if (!agent_register(&w->bob, s, &s->first, how, &(agent_options){.user = "bob"}))
        return false;
    if (pipit_ua_subscribe(w->bob.ua, "alice", "presence", "application/pidf+xml", &options,
                           &w->subscriber) < 0 ||
        pipit_subscriber_subscribe(w->subscriber, NULL) < 0)
        return stage_fail(s, "no subscription: %s", pipit_error_message());
    return agent_wait(&w->bob, &w->active, 1, 3000) ||
           stage_fail(s, "the subscription did not become active");
}

static void close_watch(watch *w)
{
    agent_stop(&w->bob);
    pipit_subscriber_unref(w->subscriber);
}

/* Somebody else publishes: the remote control does. */
static bool publish(stage *s, const char *state)
{
    char next_hop[64];
    const char *const question[] = {
        "tm.t_uac_wait_block",
        "PUBLISH",
        "sip:alice@" DOMAIN,
        next_hop,
        ".",
        "From: <sip:probe@" DOMAIN ">;tag=probe\r\nTo: <sip:alice@" DOMAIN
        ">\r\nEvent: presence\r\nExpires: 60\r\nContent-Type: application/pidf+xml\r\n",
        state,
        NULL,
    };

    snprintf(next_hop, sizeof(next_hop), "sip:127.0.0.1:%d;transport=udp", s->first.port);
    return (stage_ask(s, &s->first, question) && strstr(s->answer, "code: 200")) ||
           stage_fail(s, "the state was not published: %s", s->answer);
}

static bool watches_presence(stage *s, int how)
{
    watch w = {0};
    unsigned before;
    bool good = open_watch(&w, s, (via)how);

    if (!good)
        goto out;
    before = w.notified;
    NEED(s, publish(s, PIDF("open")), "%s", s->reason);
    NEED(s, agent_wait(&w.bob, &w.notified, before + 1, 3000) && strstr(w.seen, "open"),
         "no NOTIFY with the new state, but '%s'", w.seen);
    NEED(s, pipit_subscriber_terminate(w.subscriber, NULL) == 0, "%s", pipit_error_message());
    NEED(s, agent_wait(&w.bob, &w.ended, 1, 3000), "the subscription did not end");
out:
    close_watch(&w);
    return good;
}

const test_case presence_cases[] = {
    {"presence from the server, over ws", watches_presence, VIA_WS},
    {"presence from the server, over tls", watches_presence, VIA_TLS},
    {"presence from the server, over udp", watches_presence, VIA_UDP},
    {0},
};
