/* loop.c - the part of a loop that real and simulated ones share: timers, posts and references. */
#include "base/loop.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stddef.h>

void pp_loop_init(pipit_loop *loop, const pp_loop_ops *ops, pp_rng rng)
{
    loop->ops = ops;
    loop->rng = rng;
    loop->references = 1;
}

pipit_loop *pipit_loop_ref(pipit_loop *loop)
{
    loop->references++;
    return loop;
}

uint64_t pipit_loop_now_ms(const pipit_loop *loop)
{
    return pp_loop_now_ms(loop);
}

void pp_loop_start_timer_at(pipit_loop *loop, pp_timer *timer, uint64_t at_us,
                            pp_timer_function *fire, void *arg)
{
    pp_timers_start(&loop->timers, timer, at_us, fire, arg);
    if (loop->timers.first == timer)
        loop->ops->wake(loop);
}

void pp_loop_start_timer_us(pipit_loop *loop, pp_timer *timer, uint64_t delay_us,
                            pp_timer_function *fire, void *arg)
{
    pp_loop_start_timer_at(loop, timer, pp_loop_now_us(loop) + delay_us, fire, arg);
}

void pp_loop_start_timer(pipit_loop *loop, pp_timer *timer, uint64_t delay_ms,
                         pp_timer_function *fire, void *arg)
{
    pp_loop_start_timer_us(loop, timer, delay_ms * 1000, fire, arg);
}

void pp_loop_disarm(pipit_loop *loop, pp_timer *timer)
{
    bool was_first = loop->timers.first == timer;

    pp_timers_stop(&loop->timers, timer);
    if (was_first)
        loop->ops->wake(loop);
}

void pp_loop_post(pipit_loop *loop, pp_post *post, void (*call)(void *arg), void *arg)
{
    bool queued = pp_post_is_queued(post);

    post->call = call;
    post->arg = arg;
    if (queued)
        return;
    post->next = NULL;
    post->previous = loop->last_post;
    if (loop->last_post)
        loop->last_post->next = post;
    else
        loop->posts = post;
    loop->last_post = post;
    loop->ops->wake(loop);
}

void pp_loop_unpost(pipit_loop *loop, pp_post *post)
{
    if (!pp_post_is_queued(post))
        return;
    if (post->previous)
        post->previous->next = post->next;
    else
        loop->posts = post->next;
    if (post->next)
        post->next->previous = post->previous;
    else
        loop->last_post = post->previous;
    post->call = NULL;
}

static void end_of_turn(void *arg)
{
    (void)arg;
}

void pp_loop_run_due(pipit_loop *loop)
{
    pp_post fence = {0};

    pp_timers_run(&loop->timers, pp_loop_now_us(loop));
    /* A post may post again: that one waits for the next turn, or input would starve. The fence
     * marks the end of this turn in the queue, and stays right when posts are taken out of it. */
    if (!loop->posts)
        return;
    pp_loop_post(loop, &fence, end_of_turn, NULL);
    while (loop->posts != &fence) {
        pp_post *post = loop->posts;
        void (*call)(void *arg) = post->call;

        pp_loop_unpost(loop, post);
        call(post->arg);
    }
    pp_loop_unpost(loop, &fence);
}

uint64_t pp_loop_next_us(const pipit_loop *loop)
{
    return loop->posts ? 0 : pp_timers_next(&loop->timers);
}

typedef struct after {
    pp_timer timer;
    void (*function)(void *arg);
    void *arg;
} after;

static void after_due(void *arg)
{
    after due = *(after *)arg;

    pp_free(arg);
    due.function(due.arg);
}

int pipit_loop_after(pipit_loop *loop, uint64_t delay_ms, void (*function)(void *arg), void *arg)
{
    after *call = PP_NEW(after);

    if (!call)
        return PIPIT_ERR_MEMORY;
    call->function = function;
    call->arg = arg;
    pp_loop_start_timer(loop, &call->timer, delay_ms, after_due, call);
    return 0;
}

/* Calls that are put off and will never be due; other timers are their owners'. */
static void drop_afters(pp_timers *timers)
{
    while (timers->first) {
        pp_timer *timer = timers->first;

        pp_timers_stop(timers, timer);
        if (timer->fire == after_due)
            pp_free(timer->arg);
    }
}

pipit_loop *pipit_loop_unref(pipit_loop *loop)
{
    if (loop && --loop->references == 0) {
        drop_afters(&loop->timers);
        loop->ops->release(loop);
    }
    return NULL;
}
