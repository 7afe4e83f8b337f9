/* answer.c - answers every call and says back what it hears, until it is interrupted or has answered as many as told.
 *
 *     SIP_PASSWORD=… example_answer wss://sip.example.com sip:echo@example.com [CALLS]
 *
 * Exits with 0 when it was registered and all calls ended in order. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct answerer {
    pipit_ua *ua;
    long calls_left; /* below 0: no end */
    bool failed;
} answerer;

static void on_new_dtmf(pipit_session *call, const pipit_dtmf_event *e, void *user)
{
    (void)user;
    if (e->originator == PIPIT_REMOTE)
        printf("%s dialled %c (%u ms)\n", pipit_session_remote_uri(call), e->tone, e->duration_ms);
}

static void on_over(pipit_session *call, const pipit_end_event *e, void *user)
{
    answerer *me = user;

    printf("%s: %s (%s)\n", pipit_session_remote_uri(call), pipit_cause_name(e->cause), e->reason);
    if (me->calls_left > 0 && --me->calls_left == 0)
        pipit_ua_stop(me->ua);
}

static const pipit_session_handlers call_handlers = {
    .new_dtmf = on_new_dtmf, .ended = on_over, .failed = on_over};

/* The call takes references to its source and sink: ours are given back at once. */
static int answer_with_echo(pipit_session *call)
{
    pipit_answer_options options = {0};
    int err = pipit_echo(&options.media_stream.audio_source, &options.media_stream.audio_sink);

    if (!err)
        err = pipit_session_answer(call, &options);
    pipit_source_unref(options.media_stream.audio_source);
    pipit_sink_unref(options.media_stream.audio_sink);
    return err;
}

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *user)
{
    (void)ua;
    printf("%s calls\n", pipit_session_remote_uri(e->session));
    pipit_session_set_handlers(e->session, &call_handlers, user);
    if (answer_with_echo(e->session) < 0) {
        fprintf(stderr, "not answered: %s\n", pipit_error_message());
        pipit_session_terminate(e->session, &(pipit_terminate_options){.status_code = 500});
    }
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *e, void *user)
{
    (void)e;
    (void)user;
    printf("registered as %s\n", pipit_ua_uri(ua));
    fflush(stdout);
}

static void on_registration_failed(pipit_ua *ua, const pipit_unregistered_event *e, void *user)
{
    answerer *me = user;

    fprintf(stderr, "not registered: %s\n", pipit_cause_name(e->cause));
    me->failed = true;
    pipit_ua_stop(ua);
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .new_rtc_session = on_new_rtc_session};
    answerer me = {.calls_left = argc > 3 ? strtol(argv[3], NULL, 10) : -1};
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    pipit_loop *loop = NULL;
    int err;

    if (argc < 3) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT [CALLS]\n", argv[0]);
        return EXIT_FAILURE;
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
    return err || me.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
