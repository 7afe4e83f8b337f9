/* own_loop.c - the user agent inside of a loop of the program's own: poll(2) on one file descriptor, a timeout, and
 * pipit_loop_run_once(). The same three lines fit into epoll, select, GLib, or a game's frame.
 *
 *     SIP_PASSWORD=… example_own_loop wss://sip.example.com sip:alice@example.com
 *
 * Registers, un-registers and exits with 0. */
#include <pipit/pipit.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct program {
    bool registered, stopped;
} program;

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    program *me = user;

    (void)e;
    printf("registered for %u s\n", pipit_ua_registration_expires(ua));
    me->registered = true;
    pipit_ua_stop(ua);
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", pipit_cause_name(e->cause));
    pipit_ua_stop(ua);
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *e, void *user)
{
    (void)user;
    if (!e->error)
        return;
    fprintf(stderr, "disconnected: %d %s\n", e->code, e->reason);
    pipit_ua_stop(ua); /* without this it would try again */
}

static void on_stopped(pipit_ua *ua, void *user)
{
    program *me = user;

    (void)ua;
    me->stopped = true;
}

/* The program's loop. Other descriptors and other timeouts would go in here. */
static int run(pipit_loop *loop, const program *me)
{
    int err = 0;

    while (!err && !me->stopped) {
        struct pollfd watched = {.fd = pipit_loop_fd(loop), .events = POLLIN};

        if (poll(&watched, 1, pipit_loop_timeout_ms(loop)) < 0) {
            perror("poll");
            return PIPIT_ERR_IO;
        }
        err = pipit_loop_run_once(loop);
    }
    return err;
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .disconnected = on_disconnected,
                                               .stopped = on_stopped};
    program me = {0};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    pipit_loop *loop = NULL;
    pipit_ua *ua = NULL;
    int err;

    if (argc != 3) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT\n", argv[0]);
        return EXIT_FAILURE;
    }
    configuration.uri = argv[2];
    err = pipit_loop_new(&loop);
    if (!err)
        err = pipit_websocket_new(loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, &ua);
    if (!err)
        err = pipit_ua_start(ua);
    if (!err)
        err = run(loop, &me);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_ua_unref(ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(loop);
    return !err && me.registered ? EXIT_SUCCESS : EXIT_FAILURE;
}
