/* world.h - a TURN client and a scripted server in virtual time, octets between them without delay. */
#ifndef PP_TESTS_TURN_WORLD_H
#define PP_TESTS_TURN_WORLD_H

#include "base/timers.h"
#include "support/dice.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/turn/turn_server.h"
#include "turn/turn.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND 1000000u

typedef struct parcel {
    struct parcel *next;
    bool to_server;
    size_t size;
    uint8_t data[];
} parcel;

typedef struct world {
    turn_server server;
    pp_turn *turn;
    uint64_t now_us, seed;
    pp_rng rng;
    bool stream, crumbs; /* the server's stream comes octet by octet */
    unsigned lose;       /* of the client's packets, so many */
    parcel *queue;
    pp_addr client;

    unsigned sent, allocated, failed;
    pp_turn_failure failure;
    char heard[256], relayed[256]; /* "from:data " each */
} world;

static inline pp_addr at(const char *ip, uint16_t port)
{
    pp_addr a = {0};

    assert_true(pp_addr_parse(pp_str_c(ip), port, &a));
    return a;
}

static inline void enqueue(world *w, bool to_server, const uint8_t *data, size_t size)
{
    parcel *p = calloc(1, sizeof(*p) + size), **end = &w->queue;

    assert_non_null(p);
    p->to_server = to_server;
    p->size = size;
    memcpy(p->data, data, size);
    while (*end)
        end = &(*end)->next;
    *end = p;
}

static inline void note(char *log, const pp_addr *from, const uint8_t *data, size_t size)
{
    char text[PP_ADDR_TEXT];
    size_t n = strlen(log);

    snprintf(log + n, 256 - n, "%s %.*s,", pp_addr_text(from, text), (int)size, (const char *)data);
}

static inline void on_send(void *arg, const uint8_t *data, size_t size)
{
    world *w = arg;

    w->sent++;
    if (w->lose)
        w->lose--;
    else
        enqueue(w, true, data, size);
}

static inline void on_allocated(void *arg)
{
    ((world *)arg)->allocated++;
}

static inline void on_received(void *arg, const pp_addr *from, const uint8_t *data, size_t size)
{
    note(((world *)arg)->heard, from, data, size);
}

static inline void on_failed(void *arg, const pp_turn_failure *failure)
{
    world *w = arg;

    w->failed++;
    w->failure = *failure;
    assert_true(failure->reason && *failure->reason);
    assert_null(strstr(failure->reason, TURN_PASSWORD));
}

static inline void server_send(void *arg, const pp_addr *client, const uint8_t *data, size_t size)
{
    world *w = arg;

    if (pp_addr_eq(client, &w->client))
        enqueue(w, false, data, size);
}

static inline void server_relay(void *arg, const pp_addr *relayed, const pp_addr *to,
                                const uint8_t *data, size_t size)
{
    (void)relayed;
    note(((world *)arg)->relayed, to, data, size);
}

/* Whether there is a client. */
static inline int open_client(world *w, const char *password)
{
    static const pp_turn_handlers handlers = {on_send, on_allocated, on_received, on_failed};
    const pp_turn_options options = {
        .username = TURN_USER, .credential = password, .stream = w->stream, .also_ipv6 = true};

    return pp_turn_new(&w->rng, &options, &handlers, w, &w->turn);
}

static inline world *world_new(bool stream)
{
    world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->seed = 7;
    w->rng = dice_rng(&w->seed);
    w->stream = stream;
    w->now_us = 5 * SECOND;
    w->client = at("192.0.2.1", 40000);
    w->server.send = server_send;
    w->server.relay = server_relay;
    w->server.arg = w;
    w->server.relay_ip[0] = at("198.51.100.1", 0);
    return w;
}

static inline void world_free(world *w)
{
    w->turn = pp_turn_free(w->turn);
    while (w->queue) {
        parcel *p = w->queue;

        w->queue = p->next;
        free(p);
    }
    free(w);
}

static inline void deliver(world *w)
{
    parcel *p = w->queue;
    size_t step = w->crumbs && !p->to_server ? 1 : p->size;

    w->queue = p->next;
    w->server.now_us = w->now_us;
    scarce_pause(); /* the server's memory is the test's */
    if (p->to_server)
        turn_server_receive(&w->server, &w->client, w->stream, p->data, p->size);
    scarce_resume();
    for (size_t i = 0; !p->to_server && w->turn && i < p->size; i += step)
        pp_turn_receive(w->turn, p->data + i, step, w->now_us);
    free(p);
}

static inline void run_for(world *w, uint64_t us)
{
    uint64_t end = w->now_us + us;
    unsigned turns = 0;

    for (;;) {
        uint64_t next = w->turn ? pp_turn_deadline_us(w->turn) : PP_NEVER;

        assert_true(++turns < 10000);
        if (w->queue) {
            deliver(w);
            continue;
        }
        if (next > end)
            break;
        w->now_us = next > w->now_us ? next : w->now_us;
        pp_turn_tick(w->turn, w->now_us);
    }
    w->now_us = end;
}

static inline void say(world *w, const char *ip, const char *text)
{
    pp_addr to = at(ip, 7000);

    assert_int_equal(pp_turn_send(w->turn, &to, (const uint8_t *)text, strlen(text), w->now_us), 0);
    run_for(w, 0);
}

static inline void peer_says(world *w, const char *ip, const char *text)
{
    pp_addr from = at(ip, 7000);

    w->server.now_us = w->now_us;
    scarce_pause();
    turn_server_relayed(&w->server, pp_turn_relayed(w->turn, from.family), &from,
                        (const uint8_t *)text, strlen(text));
    scarce_resume();
    run_for(w, 0);
}

#endif
