/* presence.c - Kamailio as the server of presence: it takes state and tells those who subscribed (RFC 3903, RFC 6665). */
#include <string.h>

#include "interop/kamailio/agent.h"
#include "interop/kamailio/cases.h"

#define PIDF(basic)                                                                                \
    "<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" "                      \
    "entity=\"sip:alice@" DOMAIN "\"><tuple id=\"t1\"><status><basic>" basic                       \
    "</basic></status></tuple></presence>"

/* Alice tells the server what bob wants to know. */
typedef struct watch {
    agent alice, bob;
    pipit_publisher *publisher;
    pipit_subscriber *subscriber;
    unsigned published, unpublished;  /* at alice */
    unsigned active, notified, ended; /* at bob */
    char seen[1024];
} watch;

/* --- alice ------------------------------------------------------------------------------------ */

static void on_published(pipit_publisher *publisher, const pipit_publisher_event *e, void *user)
{
    (void)publisher, (void)e;
    ((watch *)user)->published++;
}

static void on_unpublished(pipit_publisher *publisher, const pipit_publisher_event *e, void *user)
{
    (void)publisher;
    ((watch *)user)->unpublished += e->cause == PIPIT_CAUSE_NONE;
}

static const pipit_publisher_handlers publisher_handlers = {.published = on_published,
                                                            .unpublished = on_unpublished};

/* --- bob -------------------------------------------------------------------------------------- */

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

static const pipit_subscriber_handlers subscriber_handlers = {
    .active = on_active, .notify = on_notify, .terminated = on_terminated};

/* --- both ------------------------------------------------------------------------------------- */

static bool open_watch(watch *w, stage *s, via how)
{
    const pipit_publisher_options publishes = {.handlers = &publisher_handlers, .user = w};
    const pipit_subscriber_options watches = {.handlers = &subscriber_handlers, .user = w};

    if (!agent_register(&w->alice, s, &s->first, how, &(agent_options){.user = "alice"}) ||
        !agent_register(&w->bob, s, &s->first, how, &(agent_options){.user = "bob"}))
        return false;
    if (pipit_ua_publish(w->alice.ua, NULL, "presence", "application/pidf+xml", &publishes,
                         &w->publisher) < 0 ||
        pipit_ua_subscribe(w->bob.ua, "alice", "presence", "application/pidf+xml", &watches,
                           &w->subscriber) < 0 ||
        pipit_subscriber_subscribe(w->subscriber, NULL) < 0)
        return stage_fail(s, "no subscription: %s", pipit_error_message());
    return agent_wait(&w->bob, &w->active, 1, 3000) ||
           stage_fail(s, "the subscription did not become active");
}

static void close_watch(watch *w)
{
    agent_stop(&w->alice);
    agent_stop(&w->bob);
    pipit_publisher_unref(w->publisher);
    pipit_subscriber_unref(w->subscriber);
}

/* Alice publishes, and bob is told. */
static bool tells(watch *w, const char *state, const char *word)
{
    unsigned published = w->published, notified = w->notified;
    stage *s = w->alice.stage;

    if (pipit_publisher_publish(w->publisher, state) < 0 ||
        !agent_wait(&w->alice, &w->published, published + 1, 3000))
        return stage_fail(s, "'%s' was not published", word);
    return (agent_wait(&w->bob, &w->notified, notified + 1, 3000) && strstr(w->seen, word)) ||
           stage_fail(s, "no NOTIFY with '%s', but '%s'", word, w->seen);
}

static bool watches_presence(stage *s, int how)
{
    watch w = {0};
    bool good = open_watch(&w, s, (via)how) && tells(&w, PIDF("open"), "open") &&
                tells(&w, PIDF("closed"), "closed");

    if (!good)
        goto out;
    NEED(s, pipit_publisher_etag(w.publisher), "there is no SIP-ETag");
    NEED(s, pipit_publisher_unpublish(w.publisher) == 0, "%s", pipit_error_message());
    NEED(s, agent_wait(&w.alice, &w.unpublished, 1, 3000), "it was not taken back");
    NEED(s, pipit_subscriber_terminate(w.subscriber, NULL) == 0, "%s", pipit_error_message());
    NEED(s, agent_wait(&w.bob, &w.ended, 1, 3000), "the subscription did not end");
out:
    close_watch(&w);
    return good;
}

const test_case presence_cases[] = {
    {"presence: published, changed and told, over ws", watches_presence, VIA_WS},
    {"presence: published, changed and told, over tls", watches_presence, VIA_TLS},
    {"presence: published, changed and told, over udp", watches_presence, VIA_UDP},
    {0},
};
