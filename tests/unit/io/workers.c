/* workers.c - media threads: what is handed to them, in which order it is done and told. Meant for ThreadSanitizer too. */
#include "support/files.h"

#include "base/limits.h"
#include "base/work.h"
#include "pipit/error.h"

#include <pthread.h>
#include <semaphore.h>

enum { STREAMS = 40, ITEMS = 500 };

static pipit_loop *new_loop(unsigned threads)
{
    pipit_loop *loop = NULL;

    assert_int_equal(pipit_loop_new(&loop), 0);
    assert_int_equal(pipit_loop_set_media_threads(loop, threads), 0);
    return loop;
}

static pipit_media_threads told(const pipit_loop *loop)
{
    pipit_media_threads out;

    pipit_loop_get_media_threads(loop, &out);
    return out;
}

static void give_up(void *arg)
{
    pipit_loop_stop(arg);
}

/* Runs until somebody stops it. */
static void run(pipit_loop *loop)
{
    pp_timer keep = {0};

    pp_loop_start_timer(loop, &keep, 20000, give_up, loop);
    assert_int_equal(pipit_loop_run(loop), 0);
    pp_loop_stop_timer(loop, &keep);
}

/* --- streams ---------------------------------------------------------------------------------- */

struct hall {
    pipit_loop *loop;
    pthread_t thread;
    unsigned streams_left, elsewhere;
};

struct stream { /* without locks: ThreadSanitizer looks whether that is right */
    pp_work work;
    struct hall *hall;
    unsigned wanted, done, told;
    bool is_inside;
};

static void add(void *arg)
{
    struct stream *s = arg;

    assert_false(s->is_inside);
    s->is_inside = true;
    s->done++;
    s->is_inside = false;
}

static void go_on(struct stream *s)
{
    while (s->wanted < ITEMS) {
        s->wanted++;
        if (!pp_work_start(s->hall->loop, &s->work))
            return;
        s->told++;
    }
    if (--s->hall->streams_left == 0)
        pipit_loop_stop(s->hall->loop);
}

static void added(void *arg)
{
    struct stream *s = arg;

    assert_true(pthread_equal(pthread_self(), s->hall->thread));
    s->told++;
    s->hall->elsewhere++;
    assert_int_equal(s->done, s->told);
    go_on(s);
}

static void streams_are_each_done_in_order(void **state)
{
    struct hall hall = {.loop = new_loop(3), .thread = pthread_self(), .streams_left = STREAMS};
    struct stream streams[STREAMS];
    pipit_media_threads threads;

    (void)state;
    for (unsigned i = 0; i < STREAMS; i++) {
        streams[i] = (struct stream){.hall = &hall};
        streams[i].work =
            (pp_work){.run = add, .done = added, .arg = &streams[i], .is_long = i % 4 == 0};
        go_on(&streams[i]);
    }
    run(hall.loop);
    for (unsigned i = 0; i < STREAMS; i++) {
        assert_int_equal(streams[i].done, ITEMS);
        assert_int_equal(streams[i].told, ITEMS);
    }
    threads = told(hall.loop);
    assert_int_equal(threads.count, 3);
    assert_int_equal(threads.items, hall.elsewhere);
    assert_int_equal(threads.items + threads.refused, STREAMS * ITEMS);
    assert_true(threads.items > 0);
    pipit_loop_unref(hall.loop);
}

/* --- gates ------------------------------------------------------------------------------------ */

struct gate { /* work that goes on when it is let through */
    pp_work work;
    sem_t begun, open;
    unsigned told, released;
    pipit_loop *ends; /* whose threads are ended when it is told; NULL */
};

static void pass(void *arg)
{
    struct gate *g = arg;

    sem_post(&g->begun);
    sem_wait(&g->open);
}

static void passed(void *arg)
{
    struct gate *g = arg;

    g->told++;
    if (g->ends)
        assert_int_equal(pipit_loop_set_media_threads(g->ends, 0), 0);
}

static void make_gate(struct gate *g, bool is_long)
{
    *g = (struct gate){.work = {.run = pass, .done = passed, .arg = g, .is_long = is_long}};
    sem_init(&g->begun, 0, 0);
    sem_init(&g->open, 0, 0);
}

static void free_gate(struct gate *g)
{
    sem_destroy(&g->begun);
    sem_destroy(&g->open);
}

static void count(void *arg)
{
    ++*(unsigned *)arg;
}

static void sound_does_not_wait_behind_a_picture(void **state)
{
    pipit_loop *loop = new_loop(1);
    unsigned sounds = 0;
    pp_work sound = {.run = count, .done = count, .arg = &sounds};
    struct gate picture;

    (void)state;
    make_gate(&picture, true);
    assert_false(pp_work_start(loop, &picture.work));
    sem_wait(&picture.begun);
    assert_true(pp_work_start(loop, &sound));
    assert_int_equal(sounds, 1);
    assert_int_equal(told(loop).refused, 1);
    sem_post(&picture.open);
    pipit_loop_unref(loop);
    assert_int_equal(picture.told, 1);
    free_gate(&picture);
}

static void a_thread_that_has_enough_is_given_no_more(void **state)
{
    static pp_work works[PP_LIMIT_MEDIA_WORK + 3];
    unsigned counted[sizeof(works) / sizeof(works[0])] = {0};
    pipit_loop *loop = new_loop(1);
    struct gate gate;

    (void)state;
    make_gate(&gate, false);
    assert_false(pp_work_start(loop, &gate.work));
    sem_wait(&gate.begun);
    for (unsigned i = 0; i < PP_LIMIT_MEDIA_WORK + 3; i++) {
        works[i] = (pp_work){.run = count, .done = count, .arg = &counted[i]};
        assert_int_equal(pp_work_start(loop, &works[i]), i >= PP_LIMIT_MEDIA_WORK - 1);
    }
    assert_int_equal(told(loop).refused, 4);
    sem_post(&gate.open);
    assert_int_equal(pipit_loop_set_media_threads(loop, 0), 0);
    for (unsigned i = 0; i < PP_LIMIT_MEDIA_WORK - 1; i++)
        assert_int_equal(counted[i], 2);
    assert_int_equal(counted[PP_LIMIT_MEDIA_WORK], 1);
    pipit_loop_unref(loop);
    free_gate(&gate);
}

static void a_loop_that_goes_gives_back_what_is_under_way(void **state)
{
    pipit_loop *loop = new_loop(2);
    struct gate gates[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        make_gate(&gates[i], true);
        sem_post(&gates[i].open);
        assert_false(pp_work_start(loop, &gates[i].work));
    }
    pipit_loop_unref(loop);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(gates[i].told, 1);
        assert_false(gates[i].work.under_way);
        free_gate(&gates[i]);
    }
}

static void released(void *arg)
{
    struct gate *g = arg;

    g->released++;
}

static void work_that_is_left_is_released_when_it_is_back(void **state)
{
    pipit_loop *loop = new_loop(1);
    struct gate gate;

    (void)state;
    make_gate(&gate, true);
    assert_false(pp_work_start(loop, &gate.work));
    sem_wait(&gate.begun);
    pp_work_leave(&gate.work, released);
    assert_int_equal(gate.released, 0);
    sem_post(&gate.open);
    pipit_loop_unref(loop);
    assert_int_equal(gate.released, 1);
    assert_int_equal(gate.told, 0);
    free_gate(&gate);
}

static void work_that_is_not_under_way_is_released_at_once(void **state)
{
    struct gate gate;

    (void)state;
    make_gate(&gate, true);
    pp_work_leave(&gate.work, released);
    assert_int_equal(gate.released, 1);
    assert_int_equal(gate.told, 0);
    free_gate(&gate);
}

static void threads_can_be_ended_by_who_is_told(void **state)
{
    pipit_loop *loop = new_loop(2);
    unsigned at_once = 0;
    pp_work sound = {.run = count, .done = count, .arg = &at_once};
    struct gate gates[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        make_gate(&gates[i], true);
        sem_post(&gates[i].open);
        gates[i].ends = loop;
        assert_false(pp_work_start(loop, &gates[i].work));
    }
    pp_loop_start_timer(loop, &(pp_timer){0}, 100, give_up, loop);
    assert_int_equal(pipit_loop_run(loop), 0);
    assert_int_equal(gates[0].told + gates[1].told, 2);
    assert_int_equal(told(loop).count, 0);
    assert_true(pp_work_start(loop, &sound));
    assert_int_equal(at_once, 1);
    pipit_loop_unref(loop);
    free_gate(&gates[0]);
    free_gate(&gates[1]);
}

static void without_threads_all_is_done_at_once(void **state)
{
    pipit_loop *loop = new_loop(0);
    unsigned counted = 0;
    pp_work work = {.run = count, .done = count, .arg = &counted};

    (void)state;
    assert_true(pp_work_start(loop, &work));
    assert_true(pp_work_start(NULL, &work));
    assert_int_equal(counted, 2);
    assert_false(pp_work_goes_away(loop));
    assert_int_equal(told(loop).items, 0);
    pipit_loop_unref(loop);
}

static void *set_threads(void *arg)
{
    return pipit_loop_set_media_threads(arg, 1) == PIPIT_ERR_THREAD ? arg : NULL;
}

static void a_number_of_threads_is_checked(void **state)
{
    pipit_loop *loop = new_loop(PIPIT_MEDIA_THREADS_BY_CORES);
    void *result = NULL;
    pthread_t other;

    (void)state;
    assert_true(told(loop).count <= 8);
    assert_int_equal(pipit_loop_set_media_threads(loop, PP_LIMIT_MEDIA_THREADS + 1),
                     PIPIT_ERR_LIMIT);
    assert_int_equal(pthread_create(&other, NULL, set_threads, loop), 0);
    assert_int_equal(pthread_join(other, &result), 0);
    assert_ptr_equal(result, loop);
    pipit_loop_unref(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_each_done_in_order),
        cmocka_unit_test(sound_does_not_wait_behind_a_picture),
        cmocka_unit_test(a_thread_that_has_enough_is_given_no_more),
        cmocka_unit_test(a_loop_that_goes_gives_back_what_is_under_way),
        cmocka_unit_test(work_that_is_left_is_released_when_it_is_back),
        cmocka_unit_test(work_that_is_not_under_way_is_released_at_once),
        cmocka_unit_test(threads_can_be_ended_by_who_is_told),
        cmocka_unit_test(without_threads_all_is_done_at_once),
        cmocka_unit_test(a_number_of_threads_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
