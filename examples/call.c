/* call.c - calls somebody, plays a tone or a file, dials digits, and hangs up.
 *
 *     SIP_PASSWORD=… example_call wss://sip.example.com sip:alice@example.com bob [file.wav]
 *
 * Exits with 0 when the call was answered. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>

#define TALK_MS 5000

typedef struct caller {
    pipit_loop *loop;
    pipit_ua *ua;
    const char *target;
    pipit_media_stream media;
    pipit_session *call;
    bool answered;
} caller;

static void hang_up(void *arg)
{
    caller *me = arg;

    if (!pipit_session_is_ended(me->call))
        pipit_session_terminate(me->call, NULL);
}

static void on_progress(pipit_session *call, const pipit_progress_event *e, void *user)
{
    (void)user;
    printf("%s: %d %s\n", pipit_session_remote_uri(call), pipit_request_status_code(e->response),
           pipit_request_reason_phrase(e->response));
}

static void on_confirmed(pipit_session *call, const pipit_confirmed_event *e, void *user)
{
    caller *me = user;

    (void)e;
    printf("answered\n");
    me->answered = true;
    pipit_session_send_dtmf(call, "1234", NULL);
    if (pipit_loop_after(me->loop, TALK_MS, hang_up, me) < 0)
        pipit_session_terminate(call, NULL);
}

static void on_over(pipit_session *call, const pipit_end_event *e, void *user)
{
    caller *me = user;

    (void)call;
    printf("over: %s (%s)\n", pipit_cause_name(e->cause), e->reason);
    pipit_ua_stop(me->ua); /* hangs up, unregisters, disconnects; then the loop has nothing left */
}

static const pipit_session_handlers call_handlers = {
    .progress = on_progress, .confirmed = on_confirmed, .ended = on_over, .failed = on_over};

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    caller *me = user;
    const pipit_call_options options = {.handlers = &call_handlers,
                                        .user = me,
                                        .media_constraints = {.audio = true},
                                        .media_stream = me->media};

    (void)e;
    printf("registered\n");
    if (me->call) /* again, after the connection was lost */
        return;
    if (pipit_ua_call(ua, me->target, &options, &me->call) < 0) {
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

static int open_source(const char *path, pipit_source **out)
{
    return path ? pipit_source_file(path, false, out) : pipit_source_tone(440, -18, out);
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed};
    caller me = {.target = argc > 3 ? argv[3] : NULL};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    int err;

    if (argc < 4) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT TARGET [SOUND-FILE]\n", argv[0]);
        return EXIT_FAILURE;
    }
    configuration.uri = argv[2];
    err = pipit_loop_new(&me.loop);
    if (!err)
        err = open_source(argc > 4 ? argv[4] : NULL, &me.media.audio_source);
    if (!err)
        err = pipit_websocket_new(me.loop, argv[1], &configuration.sockets[0].socket);
    if (!err)
        err = pipit_ua_new(me.loop, &configuration, &me.ua);
    if (!err)
        err = pipit_ua_start(me.ua);
    if (!err)
        err = pipit_loop_run(me.loop);
    if (err)
        fprintf(stderr, "%s: %s\n", argv[0], pipit_error_message());
    pipit_session_unref(me.call);
    pipit_ua_unref(me.ua);
    pipit_source_unref(me.media.audio_source);
    pipit_socket_unref(configuration.sockets[0].socket);
    pipit_loop_unref(me.loop);
    return !err && me.answered ? EXIT_SUCCESS : EXIT_FAILURE;
}
