/* threads.c - several loops in one program, and posts from other threads. Meant for ThreadSanitizer too. */
#include "unit/io/pair.h"

#include "pipit/error.h"

#include <pthread.h>
#include <stdlib.h>

#define POSTS   2000u
#define POSTERS 3u
#define LOOPS   3u

struct target {
    pipit_loop *loop;
    unsigned count; /* touched on the loop's thread only */
    unsigned last[POSTERS];
    bool in_order;
    pp_timer keep;
};

struct parcel {
    struct target *target;
    unsigned poster, number;
};

static void deliver(void *arg)
{
    struct parcel *p = arg;
    struct target *t = p->target;

    if (p->number != t->last[p->poster] + 1)
        t->in_order = false;
    t->last[p->poster] = p->number;
    if (++t->count == POSTS * POSTERS)
        pp_loop_stop_timer(t->loop, &t->keep);
    free(p);
}

struct poster {
    struct target *target;
    unsigned number;
    pthread_t thread;
};

static void *post_many(void *arg)
{
    const struct poster *poster = arg;

    for (unsigned i = 1; i <= POSTS; i++) {
        struct parcel *p = malloc(sizeof(*p));

        *p = (struct parcel){poster->target, poster->number, i};
        if (pipit_loop_post(poster->target->loop, deliver, p))
            abort();
    }
    return NULL;
}

static void give_up(void *arg)
{
    pipit_loop_stop(arg);
}

static void posts_from_threads_arrive_in_order(void **state)
{
    struct target target = {.in_order = true};
    struct poster posters[POSTERS];

    (void)state;
    assert_int_equal(pipit_loop_new(&target.loop), 0);
    pp_loop_start_timer(target.loop, &target.keep, 20000, give_up, target.loop);
    for (unsigned i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.target = &target, .number = i};
        assert_int_equal(pthread_create(&posters[i].thread, NULL, post_many, &posters[i]), 0);
    }
    assert_int_equal(pipit_loop_run(target.loop), 0);
    for (unsigned i = 0; i < POSTERS; i++)
        pthread_join(posters[i].thread, NULL);
    assert_int_equal(target.count, POSTS * POSTERS);
    assert_true(target.in_order);
    pipit_loop_unref(target.loop);
}

static void *run_elsewhere(void *arg)
{
    return (void *)(intptr_t)(pipit_loop_run(arg) == PIPIT_ERR_THREAD &&
                              pipit_loop_run_once(arg) == PIPIT_ERR_THREAD);
}

static void a_loop_refuses_to_run_on_another_thread(void **state)
{
    pipit_loop *loop = NULL;
    pthread_t thread;
    void *refused = NULL;

    (void)state;
    assert_int_equal(pipit_loop_new(&loop), 0);
    assert_int_equal(pthread_create(&thread, NULL, run_elsewhere, loop), 0);
    pthread_join(thread, &refused);
    assert_non_null(refused);
    pipit_loop_unref(loop);
}

static void count_one(void *arg)
{
    ++*(unsigned *)arg;
}

struct early {
    pipit_loop *loop;
    unsigned count;
};

static void *post_early(void *arg)
{
    struct early *e = arg;

    return (void *)(intptr_t)pipit_loop_post(e->loop, count_one, &e->count);
}

static void a_post_of_a_thread_runs_although_nothing_else_does(void **state)
{
    for (unsigned once = 0; once < 2; once++) {
        struct early e = {0};
        pthread_t thread;

        assert_int_equal(pipit_loop_new(&e.loop), 0);
        assert_int_equal(pthread_create(&thread, NULL, post_early, &e), 0);
        pthread_join(thread, NULL);
        assert_int_equal(once ? pipit_loop_run_once(e.loop) : pipit_loop_run(e.loop), 0);
        assert_int_equal(e.count, 1);
        pipit_loop_unref(e.loop);
    }
    (void)state;
}

static void a_post_to_a_loop_that_ends_is_dropped(void **state)
{
    struct early e = {0};
    pthread_t thread;

    (void)state;
    assert_int_equal(pipit_loop_new(&e.loop), 0);
    assert_int_equal(pthread_create(&thread, NULL, post_early, &e), 0);
    pthread_join(thread, NULL);
    pipit_loop_unref(e.loop);
    assert_int_equal(e.count, 0);
}

/* One loop with a connection to itself, ten thousand octets to and fro. */
struct echo {
    pipit_loop *loop;
    pp_listener *listener;
    side client, server;
    pthread_t thread;
    bool good;
};

static void echo_accepted(void *arg, pp_stream *stream)
{
    struct echo *echo = arg;

    echo->listener = pp_listener_close(echo->listener);
    echo->server.stream = stream;
    stream->handlers = &side_handlers;
    stream->arg = &echo->server;
}

static bool echo_once(struct echo *echo)
{
    static const char data[10000];
    pp_addr at = {.family = 4, .ip = {127, 0, 0, 1}};

    if (pipit_loop_new(&echo->loop))
        return false;
    echo->client.loop = echo->server.loop = echo->loop;
    echo->server.stop_at = echo->client.stop_at = sizeof(data);
    if (echo->loop->ops->tcp_listen(echo->loop, &at, echo_accepted, echo, &echo->listener))
        return false;
    at = echo->listener->local;
    if (echo->loop->ops->tcp_connect(echo->loop, &at, &side_handlers, &echo->client,
                                     &echo->client.stream) ||
        pp_stream_send(echo->client.stream, data, sizeof(data)) || pipit_loop_run(echo->loop))
        return false;
    if (pp_stream_send(echo->server.stream, echo->server.in.p, echo->server.in.n) ||
        pipit_loop_run(echo->loop))
        return false;
    return echo->client.in.n == sizeof(data);
}

static pthread_barrier_t all_made;

static void *echo_thread(void *arg)
{
    struct echo *echo = arg;

    echo->good = echo_once(echo);
    /* libuv closes its descriptors by a bare system call that ThreadSanitizer does not see, and it would take a number that
     * another thread is given then for a race: no loop ends before all have been made. */
    pthread_barrier_wait(&all_made);
    side_free(&echo->client);
    side_free(&echo->server);
    pipit_loop_run(echo->loop);
    pipit_loop_unref(echo->loop);
    return NULL;
}

static void loops_on_several_threads_are_independent(void **state)
{
    struct echo echoes[LOOPS];

    (void)state;
    memset(echoes, 0, sizeof(echoes));
    pthread_barrier_init(&all_made, NULL, LOOPS);
    for (unsigned i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_create(&echoes[i].thread, NULL, echo_thread, &echoes[i]), 0);
    for (unsigned i = 0; i < LOOPS; i++) {
        pthread_join(echoes[i].thread, NULL);
        assert_true(echoes[i].good);
    }
    pthread_barrier_destroy(&all_made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_from_threads_arrive_in_order),
        cmocka_unit_test(a_loop_refuses_to_run_on_another_thread),
        cmocka_unit_test(a_post_of_a_thread_runs_although_nothing_else_does),
        cmocka_unit_test(a_post_to_a_loop_that_ends_is_dropped),
        cmocka_unit_test(loops_on_several_threads_are_independent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
