/* workers.c - media threads: the loop hands out work and takes it back over rings that have one writer and one reader each. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/work.h"
#include "io/real_loop.h"

#include <signal.h>
#include <stdatomic.h>

enum {
    RING = PP_LIMIT_MEDIA_WORK,
    CACHE_LINE = 64,
    BY_CORES_MAX = 8,
    TELL_US = 500 /* no longer is kept to itself what is done while there is more to do */
};

typedef struct ring {
    _Atomic size_t written;
    char between[CACHE_LINE];
    _Atomic size_t read;
    char behind[CACHE_LINE];
    pp_work *items[RING];
} ring;

typedef struct worker {
    ring in, out;
    uv_thread_t thread;
    uv_sem_t wanted; /* once for each item, and for the end */
    atomic_bool ends;
    pp_real_loop *loop;
    /* the loop's: */
    size_t under_way, long_ones;
} worker;

struct pp_workers {
    worker *all[PP_LIMIT_MEDIA_THREADS];
    pipit_media_threads told;
};

/* --- rings ------------------------------------------------------------------------------------ */

/* There is room: no more is under way than goes into one. */
static void put(ring *r, pp_work *work)
{
    size_t written = atomic_load_explicit(&r->written, memory_order_relaxed);

    r->items[written % RING] = work;
    atomic_store_explicit(&r->written, written + 1, memory_order_release);
}

static bool is_empty(const ring *r)
{
    return atomic_load_explicit(&r->written, memory_order_acquire) ==
           atomic_load_explicit(&r->read, memory_order_relaxed);
}

static pp_work *take(ring *r)
{
    size_t read = atomic_load_explicit(&r->read, memory_order_relaxed);
    pp_work *work;

    if (is_empty(r))
        return NULL;
    work = r->items[read % RING];
    atomic_store_explicit(&r->read, read + 1, memory_order_release);
    return work;
}

/* --- on their threads ------------------------------------------------------------------------- */

static uint64_t now_us(void)
{
    return uv_hrtime() / 1000;
}

/* All there is. The loop is woken for several of them together, unless that takes too long. */
static void work_off(worker *w)
{
    uint64_t told_us = now_us();
    bool untold = false;
    pp_work *work;

    while ((work = take(&w->in))) {
        uint64_t begun_us = now_us(), ended_us;
        bool is_long = work->is_long;

        work->run(work->arg);
        ended_us = now_us();
        work->took_us = ended_us - begun_us;
        put(&w->out, work); /* not ours any more */
        untold = !is_long && ended_us - told_us < TELL_US;
        if (untold)
            continue;
        told_us = ended_us;
        uv_async_send(&w->loop->async);
    }
    if (untold)
        uv_async_send(&w->loop->async);
}

static void run(void *arg)
{
    worker *w = arg;
    bool last = false;

    while (!last) {
        uv_sem_wait(&w->wanted);
        last = atomic_load(&w->ends); /* asked before: nothing is put in behind it */
        work_off(w);
    }
}

/* --- the loop's side -------------------------------------------------------------------------- */

/* Sound is not put behind pictures, pictures where there are fewest of them; NULL: they have enough. */
static worker *choose(const pp_workers *workers, bool is_long)
{
    worker *best = NULL;

    for (unsigned i = 0; i < workers->told.count; i++) {
        worker *w = workers->all[i];

        if (w->under_way == RING || (!is_long && w->long_ones))
            continue;
        if (!best || w->long_ones < best->long_ones ||
            (w->long_ones == best->long_ones && w->under_way < best->under_way))
            best = w;
    }
    return best;
}

bool pp_io_work(pipit_loop *head, pp_work *work)
{
    pp_workers *workers = pp_real(head)->workers;
    worker *w = choose(workers, work->is_long);

    if (!w) {
        workers->told.refused++;
        return false;
    }
    w->under_way++;
    w->long_ones += work->is_long;
    put(&w->in, work);
    uv_sem_post(&w->wanted);
    return true;
}

static pp_work **take_from(pp_workers *workers, worker *w, pp_work **end)
{
    pp_work *work;

    while ((work = take(&w->out))) {
        w->under_way--;
        w->long_ones -= work->is_long;
        workers->told.items++;
        workers->told.busy_us += work->took_us;
        *end = work;
        end = &work->next;
    }
    *end = NULL;
    return end;
}

/* Whoever is told may do anything, also end the threads. */
static void tell(pp_work *work)
{
    while (work) {
        pp_work *next = work->next;

        pp_work_end(work);
        work = next;
    }
}

void pp_io_take_work(pp_real_loop *loop)
{
    pp_work *done = NULL, **end = &done;

    for (unsigned i = 0; loop->workers && i < loop->workers->told.count; i++)
        end = take_from(loop->workers, loop->workers->all[i], end);
    tell(done);
}

/* --- their life ------------------------------------------------------------------------------- */

/* The program's signals are none of theirs. */
static int start_thread(worker *w)
{
    sigset_t all, before;
    int failure;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failure = uv_thread_create(&w->thread, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

static int new_worker(pp_real_loop *loop, worker **out)
{
    worker *w = PP_NEW(worker);
    int failure;

    if (!w)
        return PIPIT_ERR_MEMORY;
    w->loop = loop;
    failure = uv_sem_init(&w->wanted, 0);
    if (failure)
        goto out;
    failure = start_thread(w);
    if (failure) {
        uv_sem_destroy(&w->wanted);
        goto out;
    }
    *out = w;
    return 0;
out:
    pp_free(w);
    return pp_error(PIPIT_ERR_IO, "loop: no thread for media: %s", uv_strerror(failure));
}

static void end_worker(worker *w)
{
    atomic_store(&w->ends, true);
    uv_sem_post(&w->wanted);
    uv_thread_join(&w->thread);
    uv_sem_destroy(&w->wanted);
}

void pp_io_end_workers(pp_real_loop *loop)
{
    pp_workers *workers = loop->workers;
    pp_work *done = NULL, **end = &done;

    if (!workers)
        return;
    loop->head.has_workers = false;
    loop->workers = NULL;
    for (unsigned i = 0; i < workers->told.count; i++) {
        end_worker(workers->all[i]);
        end = take_from(workers, workers->all[i], end);
        pp_free(workers->all[i]);
    }
    pp_free(workers);
    tell(done);
}

static unsigned by_cores(void)
{
    unsigned cores = uv_available_parallelism();

    return cores > BY_CORES_MAX ? BY_CORES_MAX : cores - 1;
}

static int start_workers(pp_real_loop *loop, unsigned count)
{
    pp_workers *workers = loop->workers = PP_NEW(pp_workers);
    int err = workers ? 0 : PIPIT_ERR_MEMORY;

    for (unsigned i = 0; !err && i < count; i++) {
        err = new_worker(loop, &workers->all[i]);
        workers->told.count += !err;
    }
    loop->head.has_workers = !err;
    if (err)
        pp_io_end_workers(loop);
    return err;
}

int pipit_loop_set_media_threads(pipit_loop *head, unsigned count)
{
    pp_real_loop *loop = pp_real(head);

    if (count == PIPIT_MEDIA_THREADS_BY_CORES)
        count = by_cores();
    if (count > PP_LIMIT_MEDIA_THREADS)
        return pp_error(PIPIT_ERR_LIMIT, "loop: %u threads for media, %u are the most", count,
                        PP_LIMIT_MEDIA_THREADS);
    if (!pp_io_is_own_thread(loop))
        return pp_error(PIPIT_ERR_THREAD, "loop: it belongs to another thread");
    pp_io_end_workers(loop);
    return count ? start_workers(loop, count) : 0;
}

void pipit_loop_get_media_threads(const pipit_loop *loop, pipit_media_threads *out)
{
    const pp_workers *workers = pp_real(loop)->workers;

    *out = workers ? workers->told : (pipit_media_threads){0};
}
