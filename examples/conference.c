/* conference.c - a room: answers every call, and all who called hear each other. Runs until it is interrupted.
 *
 *     SIP_PASSWORD=… example_conference wss://sip.example.com sip:room@example.com */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>

static void come_in(pipit_session *call, pipit_conference *room)
{
    if (pipit_conference_add(room, call) < 0)
        fprintf(stderr, "%s: %s\n", pipit_session_remote_uri(call), pipit_error_message());
    else
        printf("%s came, %zu in the room\n", pipit_session_remote_uri(call),
               pipit_conference_count(room));
}

static void on_confirmed(pipit_session *call, const pipit_confirmed_event *e, void *room)
{
    (void)e;
    come_in(call, room);
}

static void on_unhold(pipit_session *call, const pipit_hold_event *e, void *room)
{
    (void)e;
    come_in(call, room);
}

static const pipit_session_handlers call_handlers = {.confirmed = on_confirmed,
                                                     .unhold = on_unhold};

/* Held, or over. */
static void on_left(pipit_conference *room, pipit_session *call, void *user)
{
    (void)user;
    printf("%s left, %zu in the room\n", pipit_session_remote_uri(call),
           pipit_conference_count(room));
}

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *room)
{
    (void)ua;
    pipit_session_set_handlers(e->session, &call_handlers, room);
    if (pipit_session_answer(e->session, NULL) < 0)
        fprintf(stderr, "not answered: %s\n", pipit_error_message());
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *room)
{
    (void)e;
    (void)room;
    printf("registered as %s\n", pipit_ua_uri(ua));
}

int main(int argc, char **argv)
{
    static const pipit_conference_handlers room_handlers = {.left = on_left};
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .new_rtc_session = on_new_rtc_session};
    pipit_ua_configuration configuration = {.password = getenv("SIP_PASSWORD"),
                                            .handlers = &handlers};
    pipit_conference *room = NULL;
    pipit_loop *loop = NULL;
    pipit_ua *ua = NULL;
    int err;

    if (argc < 3) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT\n", argv[0]);
        return EXIT_FAILURE;
    }
    setvbuf(stdout, NULL, _IOLBF, 0); /* who looks on sees it as it happens */
    configuration.uri = argv[2];
    err = pipit_loop_new(&loop);
    if (!err)
        err = pipit_conference_new(&(pipit_conference_options){.handlers = &room_handlers}, &room);
    configuration.user = room;
    if (!err)
        err = pipit_websocket_new(loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(loop, &configuration, &ua);
    if (!err)
        err = pipit_ua_start(ua);
    if (!err)
        err = pipit_loop_run(loop);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_ua_unref(ua);
    pipit_conference_unref(room);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(loop);
    return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
