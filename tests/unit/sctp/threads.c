/* threads.c - tests of several loops in several threads, which all share the one usrsctp of the process. */
#include "sctp/channels.h"

#include "base/alloc.h"
#include "base/timers.h"
#include "support/files.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS = 4, ROUNDS = 6, MESSAGES = 200 };

typedef struct packet {
    struct packet *next;
    size_t size;
    uint8_t data[];
} packet;

typedef struct end {
    struct end *other;
    pipit_loop loop;
    pp_channels *channels;
    pipit_data_channel *channel;
    packet *first, *last; /* for this end */
    unsigned messages;
    bool closed;
} end;

/* The clock of every real loop is the same one. */
static uint64_t now_us(const pipit_loop *loop)
{
    struct timespec now;

    (void)loop;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void nothing(pipit_loop *loop)
{
    (void)loop;
}

static const pp_loop_ops ops = {
    .now_us = now_us, .wall_us = now_us, .wake = nothing, .release = nothing};

static void on_send(void *arg, const uint8_t *data, size_t size)
{
    end *to = ((end *)arg)->other;
    packet *p = malloc(sizeof(*p) + size);

    if (!p)
        abort();
    p->next = NULL;
    p->size = size;
    memcpy(p->data, data, size);
    if (to->last)
        to->last->next = p;
    else
        to->first = p;
    to->last = p;
}

static void on_message(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                       void *user)
{
    (void)channel;
    ((end *)user)->messages += event->size == 3000;
}

static void on_close(pipit_data_channel *channel, void *user)
{
    (void)channel;
    ((end *)user)->closed = true;
}

static const pipit_data_channel_handlers channel_handlers = {.message = on_message,
                                                             .close = on_close};

static void on_channel(void *arg, pipit_data_channel *channel)
{
    pipit_data_channel_set_handlers(channel, &channel_handlers, arg);
}

static const pp_channels_handlers handlers = {on_send, on_channel, NULL};

static void turn(end *e)
{
    packet *p;

    pp_loop_run_due(&e->loop);
    while ((p = e->first)) {
        e->first = p->next;
        if (!e->first)
            e->last = NULL;
        if (e->channels)
            pp_channels_receive(e->channels, p->data, p->size);
        free(p);
    }
}

static bool start(end *e, bool client)
{
    const pp_channels_terms terms = {.client = client, .local_port = 5000, .remote_port = 5000};

    pp_loop_init(&e->loop, &ops, (pp_rng){0});
    return pp_channels_new(&e->loop, &handlers, e, &e->channels) == 0 &&
           pp_channels_connect(e->channels, &terms) == 0;
}

static bool talk(void)
{
    static const uint8_t data[3000];
    const uint64_t until_us = now_us(NULL) + 20000000;
    end a = {0}, b = {0};
    const pipit_data_channel_options options = {.handlers = &channel_handlers, .user = &a};
    bool ok;

    a.other = &b;
    b.other = &a;
    ok = start(&a, true) && start(&b, false) &&
         pp_channels_create(a.channels, "", &options, &a.channel) == 0;
    for (unsigned i = 0; ok && i < MESSAGES; i++)
        ok = pipit_data_channel_send(a.channel, data, sizeof(data)) == 0;
    while (ok && b.messages < MESSAGES && now_us(NULL) < until_us) {
        turn(&a);
        turn(&b);
    }
    ok = ok && b.messages == MESSAGES;
    a.channels = pp_channels_free(a.channels);
    turn(&b);
    ok = ok && b.closed;
    b.channels = pp_channels_free(b.channels);
    turn(&a);
    turn(&b);
    pipit_data_channel_unref(a.channel);
    return ok;
}

static void *run(void *arg)
{
    bool *ok = arg;

    *ok = true;
    for (unsigned i = 0; *ok && i < ROUNDS; i++)
        *ok = talk();
    return NULL;
}

static void loops_in_several_threads_do_not_disturb_each_other(void **state)
{
    pthread_t threads[THREADS];
    bool ok[THREADS] = {false};

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, &ok[i]), 0);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_in_several_threads_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
