/* memory.c - counting allocators: the length stands in front of each block. */
#include "memory.h"

#include "pipit/types.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER 16 /* keeps the alignment */

static size_t ours, openssl;

static size_t size_of(const void *memory)
{
    size_t size = 0;

    if (memory)
        memcpy(&size, (const char *)memory - HEADER, sizeof(size));
    return size;
}

static void *reallocate(size_t *held, void *memory, size_t size)
{
    size_t before = size_of(memory);
    char *block = realloc(memory ? (char *)memory - HEADER : NULL, HEADER + size);

    if (!block)
        return NULL;
    memcpy(block, &size, sizeof(size));
    *held += size - before;
    return block + HEADER;
}

static void release(size_t *held, void *memory)
{
    if (!memory)
        return;
    *held -= size_of(memory);
    free((char *)memory - HEADER);
}

static void *our_reallocate(void *arg, void *memory, size_t size)
{
    return reallocate(arg, memory, size);
}

static void our_release(void *arg, void *memory)
{
    release(arg, memory);
}

static void *openssl_allocate(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return size ? reallocate(&openssl, NULL, size) : NULL;
}

static void *openssl_reallocate(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return reallocate(&openssl, memory, size);
}

static void openssl_release(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    release(&openssl, memory);
}

void bench_memory_watch(void)
{
    static const pipit_allocator counting = {our_reallocate, our_release, &ours};

    pipit_set_allocator(&counting);
    if (!CRYPTO_set_mem_functions(openssl_allocate, openssl_reallocate, openssl_release)) {
        fprintf(stderr, "bench ua: OpenSSL does not take a heap any more\n");
        exit(EXIT_FAILURE);
    }
}

size_t bench_memory_ours(void)
{
    return ours;
}

size_t bench_memory_openssl(void)
{
    return openssl;
}

size_t bench_memory_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (!file || fscanf(file, "%*u %lu", &pages) != 1)
        fprintf(stderr, "bench ua: the resident memory cannot be read\n");
    if (file)
        fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}
