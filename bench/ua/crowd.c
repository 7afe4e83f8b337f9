/* crowd.c - user agents that register, in small groups first so that the server's backlog holds them, then all at once. */
#include "crowd.h"

#include "transport/socket.h"
#include "ua/ua.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define GROUP   100 /* on their way to the server at a time */
#define LOOK_MS 1   /* how often it is looked whether all have come */
#define GIVE_UP 60000

struct bench_crowd {
    bench_crowd_options options;
    pipit_loop *loop;
    pipit_socket **sockets;
    pipit_ua **agents;
    unsigned started, arrived, losses;
    unsigned next;   /* to be looked at: those before it have registered again */
    unsigned rounds; /* to go */
    bool forget_nonce;
    uint64_t give_up_ms;
};

static void stop(const char *what)
{
    fprintf(stderr, "bench ua: %s: %s\n", what, pipit_error_message());
    exit(EXIT_FAILURE);
}

/* --- made ------------------------------------------------------------------------------------------------------- */

static void start_one(bench_crowd *crowd)
{
    unsigned i = crowd->started++;

    if (crowd->options.bare)
        pp_socket_connect(crowd->sockets[i]);
    else if (pipit_ua_start(crowd->agents[i]))
        stop("a user agent does not start");
}

static void arrived(bench_crowd *crowd)
{
    crowd->arrived++;
    if (crowd->started < crowd->options.count)
        start_one(crowd);
    else if (crowd->arrived == crowd->options.count)
        pipit_loop_stop(crowd->loop);
}

static void on_registered(pipit_ua *ua, const pipit_registered_event *event, void *user)
{
    (void)ua;
    (void)event;
    arrived(user);
}

static void on_lost(pipit_ua *ua, const pipit_unregistered_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((bench_crowd *)user)->losses++;
}

static void on_disconnected(pipit_ua *ua, const pipit_disconnected_event *event, void *user)
{
    (void)ua;
    (void)event;
    ((bench_crowd *)user)->losses++;
}

static const pipit_ua_handlers handlers = {.registered = on_registered,
                                           .unregistered = on_lost,
                                           .registration_failed = on_lost,
                                           .disconnected = on_disconnected};

static void on_bare_connected(void *arg)
{
    arrived(arg);
}

static void on_bare_disconnected(void *arg, bool error, int code, const char *reason)
{
    (void)error;
    (void)code;
    (void)reason;
    ((bench_crowd *)arg)->losses++;
}

static void on_bare_data(void *arg, const pp_wire *wire)
{
    (void)arg;
    (void)wire;
}

static const pp_socket_handlers bare_handlers = {on_bare_connected, on_bare_disconnected,
                                                 on_bare_data};

static void make_socket(bench_crowd *crowd, unsigned i)
{
    const pipit_websocket_options options = {.ca_file = crowd->options.ca_file,
                                             .ping_interval_ms = 600000};

    if (pipit_websocket_new_with(crowd->loop, crowd->options.url, &options, &crowd->sockets[i]))
        stop("a socket was not made");
    if (crowd->options.bare && pp_socket_attach(crowd->sockets[i], &bare_handlers, crowd))
        stop("a socket is not ours");
}

static void make_agent(bench_crowd *crowd, unsigned i)
{
    static unsigned serial;
    char uri[64];
    const pipit_ua_configuration configuration = {.uri = uri,
                                                  .sockets = {{crowd->sockets[i], 0}},
                                                  .password = "secret",
                                                  .register_expires = crowd->options.expires_s,
                                                  .handlers = &handlers,
                                                  .user = crowd};

    /* Nobody else's, of this run or one before: the registrar would tell of their bindings too. */
    snprintf(uri, sizeof(uri), "sip:user%ld-%u@bench.invalid", (long)getpid(), serial++);
    if (pipit_ua_new(crowd->loop, &configuration, &crowd->agents[i]))
        stop("a user agent was not made");
}

static void on_give_up(void *arg)
{
    bench_crowd *crowd = arg;

    if (crowd->arrived == crowd->options.count)
        return;
    fprintf(stderr, "bench ua: %u of %u did not come within %d s, %u lost\n",
            crowd->options.count - crowd->arrived, crowd->options.count, GIVE_UP / 1000,
            crowd->losses);
    exit(EXIT_FAILURE);
}

bench_crowd *bench_crowd_gather(const bench_crowd_options *options)
{
    bench_crowd *crowd = calloc(1, sizeof(*crowd));

    if (!crowd || pipit_loop_new(&crowd->loop))
        stop("no loop");
    crowd->options = *options;
    crowd->sockets = calloc(options->count, sizeof(*crowd->sockets));
    crowd->agents = calloc(options->count, sizeof(*crowd->agents));
    if (!crowd->sockets || !crowd->agents)
        stop("no memory");
    for (unsigned i = 0; i < options->count; i++) {
        make_socket(crowd, i);
        if (!options->bare)
            make_agent(crowd, i);
    }
    while (crowd->started < options->count && crowd->started < GROUP)
        start_one(crowd);
    pipit_loop_after(crowd->loop, GIVE_UP, on_give_up, crowd);
    pipit_loop_run(crowd->loop);
    return crowd;
}

pipit_loop *bench_crowd_loop(bench_crowd *crowd)
{
    return crowd->loop;
}

/* --- used ------------------------------------------------------------------------------------------------------- */

/* No answer goes ahead of the challenge, as if the nonce had become too old. */
static void forget_nonces(pipit_ua *ua)
{
    for (pp_met *met = ua->authentication.met.first; met; met = met->next)
        met->proven = false;
}

static void begin_round(bench_crowd *crowd)
{
    crowd->next = 0;
    crowd->give_up_ms = pipit_loop_now_ms(crowd->loop) + GIVE_UP;
    for (unsigned i = 0; i < crowd->options.count; i++) {
        if (crowd->forget_nonce)
            forget_nonces(crowd->agents[i]);
        if (pipit_ua_register(crowd->agents[i]))
            stop("a user agent does not register again");
    }
}

static void look(void *arg)
{
    bench_crowd *crowd = arg;

    while (crowd->next < crowd->options.count && !crowd->agents[crowd->next]->registrator.sender)
        crowd->next++;
    if (crowd->next < crowd->options.count && pipit_loop_now_ms(crowd->loop) > crowd->give_up_ms)
        stop("a user agent has no answer");
    if (crowd->next == crowd->options.count && --crowd->rounds == 0) {
        pipit_loop_stop(crowd->loop);
        return;
    }
    if (crowd->next == crowd->options.count)
        begin_round(crowd);
    pipit_loop_after(crowd->loop, LOOK_MS, look, crowd);
}

void bench_crowd_register(bench_crowd *crowd, unsigned rounds, bool forget_nonce)
{
    crowd->rounds = rounds;
    crowd->forget_nonce = forget_nonce;
    begin_round(crowd);
    pipit_loop_after(crowd->loop, LOOK_MS, look, crowd);
    pipit_loop_run(crowd->loop);
    if (crowd->losses || bench_crowd_registered(crowd) < crowd->options.count)
        stop("a registration was lost");
}

static void on_time(void *arg)
{
    pipit_loop_stop(arg);
}

void bench_crowd_wait(bench_crowd *crowd, unsigned ms)
{
    pipit_loop_after(crowd->loop, ms, on_time, crowd->loop);
    pipit_loop_run(crowd->loop);
}

unsigned bench_crowd_registered(const bench_crowd *crowd)
{
    unsigned count = 0;

    for (unsigned i = 0; i < crowd->options.count; i++)
        count += pipit_ua_is_registered(crowd->agents[i]);
    return count;
}

unsigned bench_crowd_losses(const bench_crowd *crowd)
{
    return crowd->losses;
}

unsigned long bench_crowd_requests(const bench_crowd *crowd)
{
    unsigned long count = 0;

    for (unsigned i = 0; i < crowd->options.count; i++)
        count += crowd->agents[i]->registrator.cseq;
    return count;
}

/* --- gone ------------------------------------------------------------------------------------------------------- */

void bench_crowd_dismiss(bench_crowd *crowd)
{
    for (unsigned i = 0; i < crowd->options.count; i++) {
        pipit_ua_unref(crowd->agents[i]);
        if (crowd->options.bare)
            pp_socket_detach(crowd->sockets[i]);
        pipit_socket_unref(crowd->sockets[i]);
    }
    pipit_loop_unref(crowd->loop);
    free(crowd->agents);
    free(crowd->sockets);
    free(crowd);
}
