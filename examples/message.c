/* message.c - sends an instant message and waits for what becomes of it; without a text it waits for one that comes.
 *
 *     SIP_PASSWORD=… example_message wss://sip.example.com sip:alice@example.com bob "hello"
 *     SIP_PASSWORD=… example_message wss://sip.example.com sip:bob@example.com
 *
 * Exits with 0 when the message was delivered, or one came. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct messenger {
    const char *target, *text; /* NULL: wait */
    pipit_ua *ua;
    bool sent, done;
} messenger;

static void on_succeeded(pipit_message *message, const pipit_message_event *e, void *user)
{
    messenger *me = user;

    printf("%s took it: %d\n", pipit_message_remote_uri(message),
           pipit_request_status_code(e->response));
    me->done = true;
    pipit_ua_stop(me->ua);
}

static void on_failed(pipit_message *message, const pipit_message_event *e, void *user)
{
    messenger *me = user;

    fprintf(stderr, "%s did not take it: %s\n", pipit_message_remote_uri(message),
            pipit_cause_name(e->cause));
    pipit_ua_stop(me->ua);
}

static const pipit_message_handlers message_handlers = {on_succeeded, on_failed};

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    messenger *me = user;
    const pipit_message_options options = {.handlers = &message_handlers, .user = me};

    (void)e;
    printf("registered\n");
    fflush(stdout);
    if (!me->text || me->sent)
        return;
    me->sent = true;
    if (pipit_ua_send_message(ua, me->target, me->text, &options, NULL) < 0) {
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

/* Accepted by itself when this returns; pipit_message_reject() would refuse it. */
static void on_new_message(pipit_ua *ua, const pipit_new_message_event *e, void *user)
{
    messenger *me = user;

    if (e->originator != PIPIT_REMOTE)
        return;
    printf("%s: %s\n", pipit_message_remote_uri(e->message), pipit_message_body(e->message, NULL));
    if (me->text)
        return;
    me->done = true;
    pipit_message_accept(e->message, NULL); /* now: the connection goes down next */
    pipit_ua_stop(ua);
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .new_message = on_new_message};
    messenger me = {0};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    pipit_loop *loop = NULL;
    int err;

    if (argc != 3 && argc != 5) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT [TARGET TEXT]\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (argc == 5) {
        me.target = argv[3];
        me.text = argv[4];
    }
    configuration.uri = argv[2];
    err = pipit_loop_new(&loop);
    if (!err)
        err = pipit_websocket_new(loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, &me.ua);
    if (!err)
        err = pipit_ua_start(me.ua);
    if (!err)
        err = pipit_loop_run(loop);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_ua_unref(me.ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(loop);
    return !err && me.done ? EXIT_SUCCESS : EXIT_FAILURE;
}
