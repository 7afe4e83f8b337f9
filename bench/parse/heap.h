/* heap.h - what the heap was asked for so far. */
#ifndef BENCH_PARSE_HEAP_H
#define BENCH_PARSE_HEAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct bench_heap {
    uint64_t calls, bytes; /* for memory; what is given back is not counted */
    uint64_t held;
} bench_heap;

/* NULL in the program that does not count. */
bench_heap bench_heap_now(void) __attribute__((weak));

#endif
