/* timers.c - an intrusive pairing heap (Fredman et al. 1986): O(1) to start, O(log n) amortised to
 * fire or stop. */
#include "base/timers.h"

#include <stddef.h>

static bool earlier(const pp_timer *a, const pp_timer *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : (int32_t)(a->order - b->order) < 0;
}

/* Joins two roots: the later becomes the eldest child of the earlier. */
static pp_timer *meld(pp_timer *a, pp_timer *b)
{
    if (!a || !b)
        return a ? a : b;
    if (earlier(b, a)) {
        pp_timer *swap = a;
        a = b;
        b = swap;
    }
    b->sibling = a->child;
    if (a->child)
        a->child->previous = b;
    b->previous = a;
    a->child = b;
    return a;
}

/* Joins a list of siblings in pairs from the left, then the pairs from the right; a loop, for lists
 * may be long. */
static pp_timer *merge_pairs(pp_timer *list)
{
    pp_timer *pairs = NULL, *root = NULL;

    while (list) {
        pp_timer *a = list, *b = a->sibling, *pair;

        list = b ? b->sibling : NULL;
        a->sibling = a->previous = NULL;
        if (b)
            b->sibling = b->previous = NULL;
        pair = meld(a, b);
        pair->sibling = pairs;
        pairs = pair;
    }
    while (pairs) {
        pp_timer *next = pairs->sibling;

        pairs->sibling = NULL;
        root = meld(root, pairs);
        pairs = next;
    }
    if (root)
        root->sibling = root->previous = NULL;
    return root;
}

static void unlink_timer(pp_timers *timers, pp_timer *timer)
{
    pp_timer *children;

    if (timer != timers->first) {
        if (timer->previous->child == timer)
            timer->previous->child = timer->sibling;
        else
            timer->previous->sibling = timer->sibling;
        if (timer->sibling)
            timer->sibling->previous = timer->previous;
    }
    children = merge_pairs(timer->child);
    timers->first = timer == timers->first ? children : meld(timers->first, children);
    timer->child = timer->sibling = timer->previous = NULL;
    timer->armed = false;
}

void pp_timers_start(pp_timers *timers, pp_timer *timer, uint64_t at_us, pp_timer_function *fire,
                     void *arg)
{
    pp_timers_stop(timers, timer);
    timer->at_us = at_us;
    timer->order = timers->started++;
    timer->fire = fire;
    timer->arg = arg;
    timer->armed = true;
    timers->first = meld(timers->first, timer);
}

void pp_timers_stop(pp_timers *timers, pp_timer *timer)
{
    if (timer->armed)
        unlink_timer(timers, timer);
}

uint64_t pp_timers_next(const pp_timers *timers)
{
    return timers->first ? timers->first->at_us : PP_NEVER;
}

void pp_timers_run(pp_timers *timers, uint64_t now_us)
{
    while (timers->first && timers->first->at_us <= now_us) {
        pp_timer *due = timers->first;

        unlink_timer(timers, due);
        due->fire(due->arg);
    }
}
