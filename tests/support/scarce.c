/* scarce.c - an allocator that fails when told to. */
#include "support/scarce.h"

#include "pipit/error.h"
#include "support/files.h"

#include <stdlib.h>

scarce scarce_memory;

/* Whether the allocation that is asked for now is to fail. */
static bool fails_now(scarce *s)
{
    if (s->paused)
        return false;
    s->count++;
    return s->fail_at && (s->count == s->fail_at || (s->and_after && s->count > s->fail_at));
}

static void *reallocate(void *arg, void *old, size_t size)
{
    scarce *s = arg;
    void *fresh;

    if (fails_now(s)) {
        s->failed = true;
        return NULL;
    }
    fresh = realloc(old, size);
    s->held += fresh && !old;
    return fresh;
}

static void release(void *arg, void *old)
{
    scarce *s = arg;

    s->held--;
    free(old);
}

void scarce_begin(uint64_t fail_at)
{
    static const pipit_allocator allocator = {reallocate, release, &scarce_memory};

    scarce_memory = (scarce){.fail_at = fail_at};
    pipit_set_allocator(&allocator);
}

void scarce_fail(uint64_t n)
{
    scarce_memory.count = 0;
    scarce_memory.fail_at = n;
    scarce_memory.and_after = scarce_memory.failed = false;
}

void scarce_fail_from(uint64_t n)
{
    scarce_fail(n);
    scarce_memory.and_after = true;
}

void scarce_relax(void)
{
    scarce_memory.fail_at = 0;
}

void scarce_pause(void)
{
    scarce_memory.paused++;
}

void scarce_resume(void)
{
    scarce_memory.paused--;
}

int64_t scarce_end(void)
{
    pipit_set_allocator(NULL);
    return scarce_memory.held;
}

uint64_t scarce_sweep(int (*life)(void), bool and_after)
{
    uint64_t n = 0;

    do {
        int err;
        int64_t left;

        scarce_begin(++n);
        scarce_memory.and_after = and_after;
        err = life();
        left = scarce_end();
        if (err != (scarce_memory.failed ? PIPIT_ERR_MEMORY : 0))
            fail_msg("allocation %llu: %s (%s)", (unsigned long long)n, pipit_error_name(err),
                     pipit_error_message());
        if (left)
            fail_msg("allocation %llu: %lld blocks leaked", (unsigned long long)n, (long long)left);
    } while (scarce_memory.failed);
    return n - 1;
}
