/* epoll_loop.c - a call inside of a bare epoll loop: our descriptor and the program's own stand side by side in one epoll_wait(2),
 * and pipit_loop_timeout_ms() says how long it may wait.
 *
 *     SIP_PASSWORD=… example_epoll_loop wss://sip.example.com sip:alice@example.com bob
 *
 * Registers, calls, hangs up after a second of talking (by a timer of the program's), and exits with 0 when all that went well. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef struct program {
    int epoll_fd, timer_fd; /* the timer is the program's own descriptor */
    pipit_loop *loop;
    pipit_ua *ua;
    const char *target;
    bool talked, stopped;
} program;

static void on_confirmed(pipit_session *call, const pipit_confirmed_event *e, void *user)
{
    const struct itimerspec second = {.it_value = {.tv_sec = 1}};
    program *me = user;

    (void)e;
    printf("answered by %s\n", pipit_session_remote_uri(call));
    if (timerfd_settime(me->timer_fd, 0, &second, NULL) < 0)
        pipit_ua_stop(me->ua);
}

static void on_over(pipit_session *call, const pipit_end_event *e, void *user)
{
    program *me = user;

    (void)call;
    printf("%s\n", e->reason);
    me->talked = e->cause == PIPIT_CAUSE_BYE;
    pipit_ua_stop(me->ua);
}

static const pipit_session_handlers call_handlers = {
    .confirmed = on_confirmed, .ended = on_over, .failed = on_over};

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    program *me = user;
    pipit_call_options options = {.handlers = &call_handlers, .user = me};

    (void)e;
    if (pipit_ua_call(ua, me->target, &options, NULL) == 0)
        return;
    fprintf(stderr, "not called: %s\n", pipit_error_message());
    pipit_ua_stop(ua);
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    (void)user;
    fprintf(stderr, "not registered: %s\n", e->reason);
    pipit_ua_stop(ua);
}

static void on_stopped(pipit_ua *ua, void *user)
{
    program *me = user;

    (void)ua;
    me->stopped = true;
}

static int watch(program *me, int fd)
{
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = fd};

    return fd >= 0 && epoll_ctl(me->epoll_fd, EPOLL_CTL_ADD, fd, &wanted) == 0 ? 0 : PIPIT_ERR_IO;
}

static int watch_both(program *me)
{
    me->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    me->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (me->epoll_fd < 0 || watch(me, me->timer_fd) || watch(me, pipit_loop_fd(me->loop))) {
        perror("epoll");
        return PIPIT_ERR_IO;
    }
    return 0;
}

static void hang_up(program *me)
{
    uint64_t times;

    if (read(me->timer_fd, &times, sizeof(times)) == sizeof(times))
        pipit_ua_terminate_sessions(me->ua, NULL);
}

/* Our timers have no descriptor, so pipit_loop_run_once() is called after each wait, whatever ended it. */
static int run(program *me)
{
    int err = 0;

    while (!err && !me->stopped) {
        struct epoll_event ready[2];
        int count = epoll_wait(me->epoll_fd, ready, 2, pipit_loop_timeout_ms(me->loop));

        if (count < 0) {
            perror("epoll_wait");
            return PIPIT_ERR_IO;
        }
        for (int i = 0; i < count; i++)
            if (ready[i].data.fd == me->timer_fd)
                hang_up(me);
        err = pipit_loop_run_once(me->loop);
    }
    return err;
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .stopped = on_stopped};
    program me = {.epoll_fd = -1, .timer_fd = -1};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    int err;

    if (argc != 4) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT TARGET\n", argv[0]);
        return EXIT_FAILURE;
    }
    configuration.uri = argv[2];
    me.target = argv[3];
    err = pipit_loop_new(&me.loop);
    if (!err)
        err = pipit_websocket_new(me.loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(me.loop, &configuration, &me.ua);
    if (!err)
        err = watch_both(&me);
    if (!err)
        err = pipit_ua_start(me.ua);
    if (!err)
        err = run(&me);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_ua_unref(me.ua);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(me.loop);
    close(me.timer_fd);
    close(me.epoll_fd);
    return !err && me.talked ? EXIT_SUCCESS : EXIT_FAILURE;
}
