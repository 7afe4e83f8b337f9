/* presence.c - says how one is, or asks how somebody else is (SUBSCRIBE and NOTIFY with PIDF documents).
 *
 *     SIP_PASSWORD=… example_presence wss://sip.example.com sip:bob@example.com
 *     SIP_PASSWORD=… example_presence wss://sip.example.com sip:alice@example.com bob
 *
 * The first tells whoever asks that it is open, and two seconds later that it is on the phone; it ends when nobody is left. The
 * second ends when it has heard of both. Exits with 0 when all went well. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>

#define PIDF "application/pidf+xml"

typedef struct watcher {
    const char *target; /* NULL: be watched */
    pipit_loop *loop;
    pipit_ua *ua;
    pipit_notifier *notifier;
    pipit_subscriber *subscriber;
    unsigned heard;
    bool done;
} watcher;

/* --- being watched ---------------------------------------------------------------------------- */

static void tell(watcher *me, const char *note)
{
    const pipit_presence_tuple tuple = {
        .id = "phone", .basic = PIPIT_PRESENCE_OPEN, .contact = pipit_ua_uri(me->ua), .note = note};
    const pipit_presence presence = {
        .entity = pipit_ua_uri(me->ua), .tuples = &tuple, .tuple_count = 1};
    char *body = NULL;

    if (pipit_presence_write(&presence, &body) < 0 || pipit_notifier_notify(me->notifier, body) < 0)
        fprintf(stderr, "not told: %s\n", pipit_error_message());
    pipit_free(body);
}

static void change(void *arg)
{
    watcher *me = arg;

    if (pipit_notifier_get_state(me->notifier) == PIPIT_NOTIFIER_ACTIVE)
        tell(me, "on the phone");
}

/* Also for every refresh: the state is told again. Of the last one the library takes care. */
static void on_subscribe(pipit_notifier *notifier, const pipit_subscribe_event *e, void *user)
{
    watcher *me = user;

    me->notifier = notifier;
    if (e->is_unsubscribe)
        return;
    tell(me, "at the desk");
    pipit_loop_after(me->loop, 2000, change, me);
}

static void on_watcher_gone(pipit_notifier *notifier, const pipit_notifier_end_event *e, void *user)
{
    watcher *me = user;

    (void)notifier;
    printf("nobody asks any more\n");
    me->done = e->code == PIPIT_NOTIFIER_UNSUBSCRIBE_RECEIVED;
    pipit_ua_stop(me->ua);
}

static const pipit_notifier_handlers notifier_handlers = {.subscribe = on_subscribe,
                                                          .terminated = on_watcher_gone};

static void on_new_subscribe(pipit_ua *ua, const pipit_new_subscribe_event *e, void *user)
{
    const pipit_notifier_options options = {.handlers = &notifier_handlers, .user = user};
    watcher *me = user;

    printf("somebody asks for %s\n", e->event);
    if (me->notifier) /* one at a time is enough here: others are refused by themselves */
        return;
    if (pipit_ua_notify(ua, e->request, PIDF, &options, &me->notifier) < 0 ||
        pipit_notifier_start(me->notifier) < 0)
        fprintf(stderr, "not taken: %s\n", pipit_error_message());
}

/* --- watching --------------------------------------------------------------------------------- */

static void on_notify(pipit_subscriber *subscriber, const pipit_notify_event *e, void *user)
{
    watcher *me = user;
    pipit_presence *presence = NULL;

    if (pipit_presence_parse(e->body, e->size, &presence) < 0) {
        fprintf(stderr, "not understood: %s\n", pipit_error_message());
        return;
    }
    for (size_t i = 0; i < presence->tuple_count; i++)
        printf("%s is %s: %s\n", presence->entity,
               presence->tuples[i].basic == PIPIT_PRESENCE_OPEN ? "open" : "closed",
               presence->tuples[i].note ? presence->tuples[i].note : "");
    pipit_presence_free(presence);
    if (++me->heard == 2)
        pipit_subscriber_terminate(subscriber, NULL);
}

static void on_terminated(pipit_subscriber *subscriber, const pipit_subscription_end_event *e,
                          void *user)
{
    watcher *me = user;

    (void)subscriber;
    printf("over: %s\n", e->reason ? e->reason : "no reason given");
    me->done = me->heard >= 2 && e->code == PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED;
    pipit_ua_stop(me->ua);
}

static const pipit_subscriber_handlers subscriber_handlers = {.notify = on_notify,
                                                              .terminated = on_terminated};

/* --- both ------------------------------------------------------------------------------------- */

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    const pipit_subscriber_options options = {.handlers = &subscriber_handlers, .user = user};
    watcher *me = user;

    (void)e;
    printf("registered\n");
    fflush(stdout);
    if (!me->target || me->subscriber)
        return;
    if (pipit_ua_subscribe(ua, me->target, "presence", PIDF, &options, &me->subscriber) < 0 ||
        pipit_subscriber_subscribe(me->subscriber, NULL) < 0) {
        fprintf(stderr, "%s\n", pipit_error_message());
        pipit_ua_stop(ua);
    }
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", pipit_cause_name(e->cause));
    pipit_ua_stop(ua);
}

static int run(watcher *me, const char *url, const char *account)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .new_subscribe = on_new_subscribe};
    pipit_ua_configuration configuration = {.uri = account,
                                            .password = getenv("SIP_PASSWORD"),
                                            .allow_events = "presence",
                                            .handlers = &handlers,
                                            .user = me};
    int err = pipit_websocket_new(me->loop, url, &configuration.sockets[0].socket);

    if (!err)
        err = pipit_ua_new(me->loop, &configuration, &me->ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_start(me->ua);
    if (!err)
        err = pipit_loop_run(me->loop);
    return err;
}

int main(int argc, char **argv)
{
    watcher me = {.target = argc == 4 ? argv[3] : NULL};
    int err;

    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT [TARGET]\n", argv[0]);
        return EXIT_FAILURE;
    }
    err = pipit_loop_new(&me.loop);
    if (!err)
        err = run(&me, argv[1], argv[2]);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_subscriber_unref(me.subscriber);
    pipit_notifier_unref(me.notifier);
    pipit_ua_unref(me.ua);
    pipit_loop_unref(me.loop);
    return !err && me.done ? EXIT_SUCCESS : EXIT_FAILURE;
}
