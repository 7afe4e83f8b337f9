/* heap.c - counts heap calls and octets: linked into bench_parse_heap, which is the same program otherwise, so that
 * counting costs nobody anything where time and instructions are measured. */
#include "heap.h"

#include <malloc.h>

/* The C library's own, under the names it keeps for those who replace them. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static bench_heap now;

bench_heap bench_heap_now(void)
{
    return now;
}

static void *came(void *memory)
{
    size_t size = memory ? malloc_usable_size(memory) : 0;

    now.calls++;
    now.bytes += size;
    now.held += size;
    return memory;
}

static void *gone(void *memory)
{
    now.held -= memory ? malloc_usable_size(memory) : 0;
    return memory;
}

#define REPLACES __attribute__((visibility("default"))) /* those of the shared libraries, too */

REPLACES void *malloc(size_t size)
{
    return came(__libc_malloc(size));
}

REPLACES void *calloc(size_t count, size_t size)
{
    return came(__libc_calloc(count, size));
}

REPLACES void *realloc(void *memory, size_t size)
{
    return came(__libc_realloc(gone(memory), size));
}

REPLACES void free(void *memory)
{
    __libc_free(gone(memory));
}
