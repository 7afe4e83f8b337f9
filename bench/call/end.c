/* end.c - calls in a row, so many at a time, or all together, and what they cost. */
#include "end.h"

#include "../ua/memory.h"
#include "media.h"
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TAIL_MS    200   /* for the answer to the last BYE */
#define SETTLED_MS 33000 /* 64*T1 and more: the transactions of the INVITE are over */

typedef struct end {
    bench_end_options options;
    const char *name; /* "caller" */
    pipit_loop *loop;
    pipit_ua *ua;
    unsigned begun, established, ended;
    pipit_session **held;
    double user_us, kernel_us;
    size_t heap;
} end;

static void stop(const char *what)
{
    fprintf(stderr, "bench call: %s: %s\n", what, pipit_error_message());
    exit(EXIT_FAILURE);
}

static double us_of(struct timeval t)
{
    return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

/* What warms up is over before anything is measured. */
static bool of_memory(const end *e)
{
    return e->options.hold || e->options.left;
}

static unsigned total(const end *e)
{
    return e->options.warm + e->options.count;
}

/* --- figures ---------------------------------------------------------------------------------- */

static void begin_measuring(void *arg)
{
    struct rusage usage;
    end *e = arg;

    getrusage(RUSAGE_SELF, &usage);
    e->user_us = us_of(usage.ru_utime);
    e->kernel_us = us_of(usage.ru_stime);
    e->heap = bench_memory_ours();
}

static void tell_time(const end *e)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("call.%s.%u.user %.3f\n", e->name, e->options.window,
           (us_of(usage.ru_utime) - e->user_us) / e->options.count);
    printf("call.%s.%u.kernel %.3f\n", e->name, e->options.window,
           (us_of(usage.ru_stime) - e->kernel_us) / e->options.count);
    fflush(stdout);
}

static void tell_heap(const end *e, const char *when)
{
    printf("heap.%s.%s %.1f\n", e->name, when,
           ((double)bench_memory_ours() - (double)e->heap) / e->options.count);
    fflush(stdout);
}

static void on_tail(void *arg)
{
    end *e = arg;

    if (e->options.left)
        tell_heap(e, "left");
    if (strcmp(e->name, "caller") == 0)
        exit(EXIT_SUCCESS); /* the other hears of it */
}

/* --- a call's events -------------------------------------------------------------------------- */

static void call_more(void *arg);

static void hang_up_all(void *arg)
{
    end *e = arg;

    tell_heap(e, "established");
    for (unsigned i = 0; i < e->options.count; i++) {
        pipit_session *session = e->held[i];

        e->held[i] = NULL;
        if (strcmp(e->name, "caller") == 0)
            pipit_session_terminate(session, NULL);
    }
}

static void on_confirmed(pipit_session *session, const pipit_confirmed_event *event, void *user)
{
    end *e = user;

    (void)event;
    e->established++;
    if (e->established > e->options.warm && e->options.hold) {
        e->held[e->established - e->options.warm - 1] = session;
        if (e->established == total(e)) /* the callee first: it has nothing to hang up */
            pipit_loop_after(e->loop, SETTLED_MS + (strcmp(e->name, "caller") ? 0 : TAIL_MS),
                             hang_up_all, e);
    } else if (strcmp(e->name, "caller") == 0) {
        pipit_session_terminate(session, NULL);
    }
}

static void on_ended(pipit_session *session, const pipit_end_event *event, void *user)
{
    end *e = user;

    (void)session;
    (void)event;
    e->ended++;
    if (e->ended == e->options.warm && of_memory(e))
        pipit_loop_after(e->loop, TAIL_MS, begin_measuring, e);
    else if (e->ended == e->options.warm)
        begin_measuring(e);
    if (e->ended == total(e) && !of_memory(e))
        tell_time(e);
    if (e->ended == total(e)) /* the callee first: the caller's end is its own */
        pipit_loop_after(e->loop, strcmp(e->name, "caller") ? TAIL_MS : 2 * TAIL_MS, on_tail, e);
    else if (strcmp(e->name, "caller") == 0 && of_memory(e) && e->ended == e->options.warm)
        pipit_loop_after(e->loop, 2 * TAIL_MS, call_more, e);
    else if (strcmp(e->name, "caller") == 0 && !e->options.hold)
        call_more(e);
}

static void on_failed(pipit_session *session, const pipit_end_event *event, void *user)
{
    (void)session;
    (void)user;
    fprintf(stderr, "bench call: a call failed: %s: %d\n", pipit_cause_name(event->cause),
            event->message ? pipit_request_status_code(event->message) : 0);
    exit(EXIT_FAILURE);
}

static const pipit_session_handlers call_handlers = {
    .confirmed = on_confirmed, .ended = on_ended, .failed = on_failed};

/* --- the caller ------------------------------------------------------------------------------- */

static void call(end *e)
{
    pipit_own_media *media = bench_media_new();
    const pipit_call_options options = {.handlers = &call_handlers, .user = e, .own_media = media};

    e->begun++;
    if (pipit_ua_call(e->ua, "sip:bob@bench.invalid", &options, NULL))
        stop("a call was not made");
    pipit_own_media_unref(media);
}

/* As many at a time as is wanted; what warms up before memory is measured comes first, alone. */
static void call_more(void *arg)
{
    end *e = arg;
    unsigned last = of_memory(e) && e->ended < e->options.warm ? e->options.warm : total(e);

    while (e->begun < last && e->begun - e->ended < e->options.window)
        call(e);
}

static void on_caller_connected(pipit_ua *ua, const pipit_connected_event *event, void *user)
{
    end *e = user;

    (void)ua;
    (void)event;
    call_more(e);
}

/* --- the callee ------------------------------------------------------------------------------- */

static void on_call(pipit_ua *ua, const pipit_new_rtc_session_event *event, void *user)
{
    pipit_own_media *media;
    pipit_answer_options options = {0};

    (void)ua;
    if (event->originator == PIPIT_LOCAL)
        return;
    media = bench_media_new();
    options.own_media = media;
    if (pipit_session_add_handlers(event->session, &call_handlers, user) ||
        pipit_session_answer(event->session, &options))
        stop("a call was not answered");
    pipit_own_media_unref(media);
}

static void on_caller_gone(void *arg)
{
    (void)arg;
    exit(EXIT_SUCCESS);
}

/* --- both ------------------------------------------------------------------------------------- */

static void run(end *e, pipit_socket *socket, const pipit_ua_handlers *handlers, const char *uri)
{
    const pipit_ua_configuration configuration = {
        .uri = uri, .sockets = {{socket, 0}}, .no_register = true, .handlers = handlers, .user = e};

    e->held = calloc(e->options.count, sizeof(*e->held));
    if (!e->held || pipit_ua_new(e->loop, &configuration, &e->ua) || pipit_ua_start(e->ua))
        stop("no user agent");
    pipit_loop_run(e->loop);
}

void bench_answer(const bench_end_options *options)
{
    static const pipit_ua_handlers handlers = {.new_rtc_session = on_call};
    end e = {.options = *options, .name = "callee"};

    if (pipit_loop_new(&e.loop))
        stop("no loop");
    run(&e, bench_wire_new(e.loop, options->port, on_caller_gone, &e), &handlers,
        "sip:bob@bench.invalid");
}

void bench_call(const bench_end_options *options)
{
    static const pipit_ua_handlers handlers = {.connected = on_caller_connected};
    end e = {.options = *options, .name = "caller"};
    pipit_socket *socket = NULL;
    char uri[64];

    snprintf(uri, sizeof(uri), "sip:127.0.0.1:%u;transport=tcp", (unsigned)options->port);
    if (pipit_loop_new(&e.loop) || pipit_sip_socket_new(e.loop, uri, &socket))
        stop("no socket");
    run(&e, socket, &handlers, "sip:alice@bench.invalid");
}
