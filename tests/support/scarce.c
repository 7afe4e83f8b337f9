/* scarce.c - an allocator that fails when told to. */
#include "support/scarce.h"

#include <stdlib.h>

scarce scarce_memory;

static void *reallocate(void *arg, void *old, size_t size)
{
    scarce *s = arg;
    void *fresh;

    s->count++;
    if (s->fail_at && (s->count == s->fail_at || (s->and_after && s->count > s->fail_at))) {
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

void scarce_relax(void)
{
    scarce_memory.fail_at = 0;
}

int64_t scarce_end(void)
{
    pipit_set_allocator(NULL);
    return scarce_memory.held;
}
