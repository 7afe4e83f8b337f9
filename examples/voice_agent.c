/* voice_agent.c - answers every call, waits until the caller has stopped speaking, and says back what he said. Who speaks up
 * meanwhile interrupts it. A recogniser and a language model would stand where the sentence is kept.
 *
 *     SIP_PASSWORD=… example_voice_agent wss://sip.example.com sip:agent@example.com [CALLS]
 *
 * It exits with 0 when it was registered and all calls ended in order. */
#include <pipit/pipit.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE = 16000, SENTENCE_MAX = 20 * RATE };

typedef struct agent { /* one call at a time */
    pipit_ua *ua;
    pipit_session *call; /* NULL: free */
    pipit_pcm_port *port;
    bool speaking; /* the caller */
    int16_t sentence[SENTENCE_MAX];
    size_t length;
    long calls_left; /* below 0: no end */
    bool failed;
} agent;

static void on_heard(pipit_pcm_port *port, const int16_t *samples, size_t count, uint64_t at,
                     void *user)
{
    agent *me = user;

    (void)port;
    (void)at;
    if (!me->speaking || me->length + count > SENTENCE_MAX)
        return;
    memcpy(me->sentence + me->length, samples, count * sizeof(*samples));
    me->length += count;
}

static void on_voice(bool speaking, void *user)
{
    agent *me = user;

    me->speaking = speaking;
    if (speaking) {
        size_t dropped = pipit_pcm_port_flush(me->port);

        if (dropped)
            printf("interrupted: %.1f s are not said\n", (double)dropped / RATE);
        me->length = 0;
        return;
    }
    printf("the caller said %.1f s\n", (double)me->length / RATE);
    if (pipit_pcm_port_write(me->port, me->sentence, me->length) == 0)
        pipit_pcm_port_mark(me->port, 1);
}

static void on_mark(pipit_pcm_port *port, uint64_t id, bool spoken, void *user)
{
    (void)port;
    (void)id;
    (void)user;
    printf("the answer was %s\n", spoken ? "said" : "cut short");
}

static void on_over(pipit_session *call, const pipit_end_event *e, void *user)
{
    agent *me = user;

    printf("%s: %s\n", pipit_session_remote_uri(call), pipit_cause_name(e->cause));
    me->call = NULL;
    me->port = pipit_pcm_port_unref(me->port);
    if (me->calls_left > 0 && --me->calls_left == 0)
        pipit_ua_stop(me->ua);
}

static const pipit_session_handlers call_handlers = {.ended = on_over, .failed = on_over};

static int answer(agent *me, pipit_session *call)
{
    static const pipit_pcm_port_handlers port_handlers = {.heard = on_heard, .mark = on_mark};
    static const pipit_meter_handlers meter_handlers = {.voice = on_voice};
    const pipit_pcm_port_options port_options = {
        .sample_rate = RATE, .handlers = &port_handlers, .user = me};
    const pipit_meter_options meter_options = {.handlers = &meter_handlers, .user = me};
    pipit_answer_options options = {0};
    pipit_media_stream stream;
    int err = pipit_pcm_port_new(&port_options, &me->port);

    if (err)
        return err;
    stream = pipit_pcm_port_stream(me->port);
    options.media_stream.audio_source = stream.audio_source;
    err = pipit_sink_meter(stream.audio_sink, &meter_options, &options.media_stream.audio_sink);
    if (!err)
        err = pipit_session_answer(call, &options);
    pipit_sink_unref(options.media_stream.audio_sink);
    return err;
}

static void on_new_rtc_session(pipit_ua *ua, const pipit_new_rtc_session_event *e, void *user)
{
    agent *me = user;

    (void)ua;
    if (me->call) {
        pipit_session_terminate(e->session, &(pipit_terminate_options){.status_code = 486});
        return;
    }
    printf("%s calls\n", pipit_session_remote_uri(e->session));
    me->call = e->session;
    me->speaking = false;
    me->length = 0;
    pipit_session_set_handlers(e->session, &call_handlers, user);
    if (answer(me, e->session) < 0) {
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
    agent *me = user;

    fprintf(stderr, "not registered: %s\n", pipit_cause_name(e->cause));
    me->failed = true;
    pipit_ua_stop(ua);
}

int main(int argc, char **argv)
{
    static const pipit_ua_handlers handlers = {.registered = on_registered,
                                               .registration_failed = on_registration_failed,
                                               .new_rtc_session = on_new_rtc_session};
    static agent me;
    pipit_ua_configuration configuration = {
        .password = getenv("SIP_PASSWORD"), .handlers = &handlers, .user = &me};
    pipit_loop *loop = NULL;
    int err;

    if (argc < 3) {
        fprintf(stderr, "usage: %s SERVER-URL ACCOUNT [CALLS]\n", argv[0]);
        return EXIT_FAILURE;
    }
    me.calls_left = argc > 3 ? strtol(argv[3], NULL, 10) : -1;
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
