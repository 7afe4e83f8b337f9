/* alloc.c - the memory hook and the helpers above it. */
#include "base/alloc.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static void *libc_reallocate(void *arg, void *memory, size_t size)
{
    (void)arg;
    return realloc(memory, size);
}

static void libc_release(void *arg, void *memory)
{
    (void)arg;
    free(memory);
}

static const pipit_allocator libc_allocator = {libc_reallocate, libc_release, NULL};
static pipit_allocator allocator = {libc_reallocate, libc_release, NULL};

void pipit_set_allocator(const pipit_allocator *replacement)
{
    allocator = replacement ? *replacement : libc_allocator;
}

void *pp_realloc(void *memory, size_t size)
{
    void *grown = allocator.reallocate(allocator.arg, memory, size ? size : 1);

    if (!grown)
        pp_error(PIPIT_ERR_MEMORY, "memory: %zu octets could not be allocated", size);
    return grown;
}

void *pp_alloc(size_t size)
{
    return pp_realloc(NULL, size);
}

void *pp_zalloc(size_t size)
{
    void *memory = pp_alloc(size);

    return memory ? memset(memory, 0, size) : NULL;
}

void *pp_array(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        pp_error(PIPIT_ERR_MEMORY, "memory: %zu times %zu octets overflow", count, size);
        return NULL;
    }
    return pp_zalloc(count * size);
}

char *pp_memdup(const void *data, size_t size)
{
    char *copy = pp_alloc(size + 1);

    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *pp_strdup(const char *text)
{
    return text ? pp_memdup(text, strlen(text)) : NULL;
}

void pp_free(void *memory)
{
    if (memory)
        allocator.release(allocator.arg, memory);
}

void pp_free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    pp_free(text);
}

void pp_free_foreign(void *memory)
{
    free(memory);
}

void pipit_free(void *memory)
{
    pp_free(memory);
}
