/* loop.c - the real loop: libuv's, our own or the program's. One uv_timer_t stands for all our timers, posts run and output
 * leaves at the end of a turn, and nothing of ours but connections, timers and posts keeps the loop running. */
#include "base/alloc.h"
#include "base/error.h"
#include "base/map.h"
#include "crypto/hash.h"
#include "io/real_loop.h"

#include <time.h>

struct pp_call {
    void (*function)(void *arg);
    void *arg;
    pp_call *next;
};

/* --- time ------------------------------------------------------------------------------------- */

static uint64_t now_us(const pipit_loop *loop)
{
    uint64_t held_us = pp_real(loop)->held_us;

    return held_us ? held_us : uv_hrtime() / 1000;
}

void pp_io_hold_time(pp_real_loop *loop)
{
    loop->held_us = now_us(&loop->head);
}

void pp_io_let_time_go(pp_real_loop *loop)
{
    loop->held_us = 0;
}

static uint64_t wall_us(const pipit_loop *loop)
{
    struct timespec now;

    (void)loop;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* --- the end of a turn ------------------------------------------------------------------------ */

/* Never runs: an active idle handle alone makes libuv poll without waiting, and prepare and check do the work. */
static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static void on_timer(uv_timer_t *timer)
{
    pp_real_loop *loop = timer->data;

    loop->timer_at_us =
        PP_NEVER; /* fired; the prepare that follows in this turn runs what is due */
}

/* A timer that fires too early costs one empty turn, re-arming costs at every call: so an earlier one is left alone. */
static void arm_timer(pp_real_loop *loop)
{
    uint64_t at_us = pp_timers_next(&loop->head.timers);
    uint64_t at_ms = at_us / 1000 + (at_us % 1000 ? 1 : 0), now_ms = uv_now(loop->uv);

    if (at_us == PP_NEVER) {
        uv_timer_stop(&loop->timer);
        loop->timer_at_us = PP_NEVER;
    } else if (at_us < loop->timer_at_us) {
        uv_timer_start(&loop->timer, on_timer, at_ms > now_ms ? at_ms - now_ms : 0, 0);
        loop->timer_at_us = at_us;
    }
}

static void wake(pipit_loop *head)
{
    pp_real_loop *loop = pp_real(head);

    if (loop->released)
        return;
    arm_timer(loop);
    if (head->posts || loop->flushes || loop->called_here)
        uv_idle_start(&loop->idle, on_idle);
    else
        uv_idle_stop(&loop->idle);
}

void pp_io_want_flush(pp_real_loop *loop, pp_flush *flush)
{
    if (flush->queued)
        return;
    flush->queued = true;
    flush->next = NULL;
    flush->previous = loop->last_flush;
    if (loop->last_flush)
        loop->last_flush->next = flush;
    else
        loop->flushes = flush;
    loop->last_flush = flush;
    wake(&loop->head);
}

void pp_io_unwant_flush(pp_real_loop *loop, pp_flush *flush)
{
    if (!flush->queued)
        return;
    if (flush->previous)
        flush->previous->next = flush->next;
    else
        loop->flushes = flush->next;
    if (flush->next)
        flush->next->previous = flush->previous;
    else
        loop->last_flush = flush->previous;
    flush->queued = false;
}

/* What a flush makes others say waits for the next turn. */
static void flush_all(pp_real_loop *loop)
{
    size_t count = 0;

    for (const pp_flush *f = loop->flushes; f; f = f->next)
        count++;
    while (count-- && loop->flushes) {
        pp_flush *flush = loop->flushes;

        pp_io_unwant_flush(loop, flush);
        flush->flush(flush);
    }
}

static pp_call *take_calls(pp_real_loop *loop)
{
    pp_call *calls;

    uv_mutex_lock(&loop->lock);
    calls = loop->calls;
    loop->calls = loop->last_call = NULL;
    uv_mutex_unlock(&loop->lock);
    return calls;
}

/* Runs what other threads and ours have posted up to now. */
static void run_calls(pp_real_loop *loop)
{
    pp_call *call = take_calls(loop);

    loop->called_here = false;
    while (call) {
        pp_call *next = call->next;

        call->function(call->arg);
        pp_free(call);
        call = next;
    }
}

/* What has been said leaves before the loop waits. While posts wait it does not, and what they say is to leave with the rest. */
static void end_turn(pp_real_loop *loop, bool waits_next)
{
    pipit_loop *head = pipit_loop_ref(&loop->head);

    if (loop->called_here)
        run_calls(loop);
    if (head->posts || (head->timers.first && pp_timers_next(&head->timers) <= now_us(head)))
        pp_loop_run_due(head);
    if (waits_next || !head->posts)
        flush_all(loop);
    wake(head);
    pipit_loop_unref(head);
}

static void on_prepare(uv_prepare_t *prepare)
{
    pp_real_loop *loop = prepare->data;

    pp_io_let_time_go(loop); /* whoever runs the loop inside of a handler wants it to go on */
    end_turn(loop, true);
}

/* Again behind the wait: a foreign loop asks for one turn and then sleeps, and what its input made us say must be out. */
static void on_check(uv_check_t *check)
{
    pp_real_loop *loop = check->data;

    pp_io_rest(loop);
    end_turn(loop, false);
}

static void on_async(uv_async_t *async)
{
    pp_real_loop *loop = async->data;

    pipit_loop_ref(&loop->head);
    run_calls(loop);
    pp_io_take_work(loop);
    pipit_loop_unref(&loop->head);
}

/* --- the end ---------------------------------------------------------------------------------- */

void pp_io_linger(pp_real_loop *loop, pp_lingerer *lingerer)
{
    lingerer->previous = NULL;
    lingerer->next = loop->lingerers;
    if (loop->lingerers)
        loop->lingerers->previous = lingerer;
    loop->lingerers = lingerer;
}

void pp_io_unlinger(pp_real_loop *loop, pp_lingerer *lingerer)
{
    if (lingerer->previous)
        lingerer->previous->next = lingerer->next;
    else if (loop->lingerers == lingerer)
        loop->lingerers = lingerer->next;
    if (lingerer->next)
        lingerer->next->previous = lingerer->previous;
    lingerer->next = lingerer->previous = NULL;
}

static void free_loop(pp_real_loop *loop)
{
    pp_call *call =
        take_calls(loop); /* posted to a loop that runs no more: what they want may be gone */

    while (call) {
        pp_call *next = call->next;

        pp_free(call);
        call = next;
    }
    uv_mutex_destroy(&loop->lock);
    pp_free(loop->name_servers);
    pp_io_free_outputs(loop);
    pp_free(loop->input);
    pp_free(loop);
}

void pp_io_handle_closed(pp_real_loop *loop)
{
    if (--loop->closing == 0 && loop->released && loop->uv != &loop->own)
        free_loop(loop);
}

static void on_handle_closed(uv_handle_t *handle)
{
    pp_io_handle_closed(handle->data);
}

static void close_handle(pp_real_loop *loop, void *handle)
{
    loop->closing++;
    uv_close(handle, on_handle_closed);
}

static void release(pipit_loop *head)
{
    pp_real_loop *loop = pp_real(head);

    pp_io_end_workers(loop);
    pp_io_resolver_free(loop->resolver);
    while (loop->lingerers)
        loop->lingerers->cut(loop->lingerers);
    loop->released = true;
    close_handle(loop, &loop->prepare);
    close_handle(loop, &loop->check);
    close_handle(loop, &loop->idle);
    close_handle(loop, &loop->timer);
    close_handle(loop, &loop->async);
    if (loop->uv != &loop->own)
        return; /* the program runs its loop, and the last close frees ours */
    while (loop->closing)
        uv_run(loop->uv, UV_RUN_NOWAIT);
    /* Busy only when the program forgot a connection: that memory is then left to it. */
    if (uv_loop_close(loop->uv) == 0)
        free_loop(loop);
}

/* --- the beginning ---------------------------------------------------------------------------- */

static const pp_loop_ops real_ops = {
    .now_us = now_us,
    .wall_us = wall_us,
    .wake = wake,
    .tcp_connect = pp_io_tcp_connect,
    .tcp_listen = pp_io_tcp_listen,
    .udp_open = pp_io_udp_open,
    .lookup = pp_io_lookup,
    .records = pp_io_records,
    .route = pp_io_route,
    .local_addresses = pp_io_local_addresses,
    .watch_network = pp_io_watch_network,
    .release = release,
    .work = pp_io_work,
};

/* On these the loop does not wait; a handle that keeps it running is one of a connection, the timer or the idle. */
static void start_handles(pp_real_loop *loop)
{
    uv_unref((uv_handle_t *)&loop->async);
    uv_prepare_init(loop->uv, &loop->prepare);
    uv_prepare_start(&loop->prepare, on_prepare);
    uv_unref((uv_handle_t *)&loop->prepare);
    uv_check_init(loop->uv, &loop->check);
    uv_check_start(&loop->check, on_check);
    uv_unref((uv_handle_t *)&loop->check);
    uv_idle_init(loop->uv, &loop->idle);
    uv_timer_init(loop->uv, &loop->timer);
    loop->prepare.data = loop->check.data = loop->idle.data = loop->timer.data = loop->async.data =
        loop;
}

static void seed_maps(const pp_rng *rng)
{
    uint8_t key[16];

    pp_rng_bytes(rng, key, sizeof(key));
    pp_map_seed(key);
}

static int make(uv_loop_t *program, pipit_loop **out)
{
    pp_real_loop *loop = PP_NEW(pp_real_loop);
    int failure = 0, err = PIPIT_ERR_MEMORY;

    if (!loop)
        return PIPIT_ERR_MEMORY;
    loop->input = pp_alloc(PP_IO_INPUT);
    if (!loop->input)
        goto out;
    loop->uv = program ? program : &loop->own;
    loop->timer_at_us = PP_NEVER;
    loop->thread = uv_thread_self();
    err = PIPIT_ERR_IO;
    failure = program ? 0 : uv_loop_init(&loop->own);
    if (failure)
        goto out;
    failure = uv_mutex_init(&loop->lock);
    if (!failure)
        failure = uv_async_init(loop->uv, &loop->async, on_async);
    if (failure) {
        if (!program)
            uv_loop_close(&loop->own);
        goto out;
    }
    start_handles(loop);
    pp_loop_init(&loop->head, &real_ops, pp_rng_system());
    seed_maps(&loop->head.rng);
    *out = &loop->head;
    return 0;
out:
    if (failure)
        pp_error(err, "loop: could not be made: %s", uv_strerror(failure));
    pp_free(loop->input);
    pp_free(loop);
    return err;
}

int pipit_loop_new(pipit_loop **out)
{
    return make(NULL, out);
}

int pipit_loop_wrap(void *uv_loop, pipit_loop **out)
{
    if (!uv_loop)
        return pp_error(PIPIT_ERR_ARGUMENT, "loop: there is no uv_loop_t to wrap");
    return make(uv_loop, out);
}

/* --- running ---------------------------------------------------------------------------------- */

bool pp_io_is_own_thread(const pp_real_loop *loop)
{
    uv_thread_t here = uv_thread_self();

    return uv_thread_equal(&here, &loop->thread);
}

static int begin_run(pp_real_loop *loop)
{
    if (!pp_io_is_own_thread(loop))
        return pp_error(PIPIT_ERR_THREAD, "loop: it belongs to another thread");
    if (loop->running)
        return pp_error(PIPIT_ERR_STATE, "loop: it is running already");
    pipit_loop_ref(&loop->head);
    loop->running = true;
    return 0;
}

static void end_run(pp_real_loop *loop)
{
    loop->running = false;
    pipit_loop_unref(&loop->head);
}

/* Calls that other threads posted do not keep libuv running, so they are looked at when it has returned. */
static bool has_calls(pp_real_loop *loop)
{
    bool found;

    uv_mutex_lock(&loop->lock);
    found = loop->calls != NULL;
    uv_mutex_unlock(&loop->lock);
    return found;
}

int pipit_loop_run(pipit_loop *head)
{
    pp_real_loop *loop = pp_real(head);
    int err = begin_run(loop);

    if (err)
        return err;
    loop->stopping = false;
    do {
        run_calls(loop);
        uv_run(loop->uv, UV_RUN_DEFAULT); /* when stopped already, this takes the mark off again */
    } while (!loop->stopping && has_calls(loop));
    end_run(loop);
    return 0;
}

void pipit_loop_stop(pipit_loop *head)
{
    pp_real_loop *loop = pp_real(head);

    loop->stopping = true;
    if (loop->running || loop->uv != &loop->own)
        uv_stop(loop->uv);
}

int pipit_loop_fd(const pipit_loop *loop)
{
    return uv_backend_fd(pp_real(loop)->uv);
}

int pipit_loop_timeout_ms(const pipit_loop *head)
{
    pp_real_loop *loop = pp_real(head);

    if (!uv_loop_alive(loop->uv))
        return -1; /* libuv would say 0 */
    uv_update_time(loop->uv);
    return uv_backend_timeout(loop->uv);
}

int pipit_loop_run_once(pipit_loop *head)
{
    pp_real_loop *loop = pp_real(head);
    int err = begin_run(loop);

    if (err)
        return err;
    /* libuv does nothing when nothing holds it; a call from another thread must be taken all the same. */
    uv_ref((uv_handle_t *)&loop->async);
    uv_run(loop->uv, UV_RUN_NOWAIT);
    uv_unref((uv_handle_t *)&loop->async);
    end_run(loop);
    return 0;
}

int pipit_loop_post(pipit_loop *head, void (*function)(void *arg), void *arg)
{
    pp_real_loop *loop = pp_real(head);
    pp_call *call = PP_NEW(pp_call);

    if (!call)
        return PIPIT_ERR_MEMORY;
    call->function = function;
    call->arg = arg;
    uv_mutex_lock(&loop->lock);
    if (loop->last_call)
        loop->last_call->next = call;
    else
        loop->calls = call;
    loop->last_call = call;
    uv_mutex_unlock(&loop->lock);
    if (pp_io_is_own_thread(loop)) {
        loop->called_here = true;
        wake(head);
    } else {
        uv_async_send(&loop->async);
    }
    return 0;
}
