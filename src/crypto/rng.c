/* rng.c - the system's generator, drawn upon in larger pieces: for a few octets OpenSSL takes as long as for a hundred. */
#include "crypto/hash.h"

#include <limits.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DRAWN 4096u /* octets at a time */

/* A thread has its own, so nothing is locked. What was given out is wiped. */
typedef struct drawn {
    uint8_t octets[DRAWN];
    size_t left; /* at its end */
    unsigned process;
} drawn;

static _Thread_local drawn store;
static atomic_uint
    process; /* counts forks: a child must not give out what its parent gives out too */
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

static void forked(void)
{
    atomic_fetch_add(&process, 1);
}

static void watch_forks(void)
{
    if (pthread_atfork(NULL, NULL, forked))
        abort();
}

/* A generator has no way to fail, and going on with octets that are not random would be worse than to stop. */
static void draw(uint8_t *out, size_t size)
{
    if (size <= INT_MAX && RAND_bytes(out, (int)size) == 1)
        return;
    while (size) {
        size_t part = size < 256 ? size : 256; /* what getrandom() gives in one piece */

        if (getrandom(out, part, 0) != (ssize_t)part)
            abort();
        out += part;
        size -= part;
    }
}

static void fill(void *arg, void *out, size_t size)
{
    uint8_t *from;

    (void)arg;
    if (size > DRAWN / 2) {
        draw(out, size);
        return;
    }
    if (store.left < size || store.process != atomic_load(&process)) {
        draw(store.octets, DRAWN);
        store.left = DRAWN;
        store.process = atomic_load(&process);
    }
    from = store.octets + DRAWN - store.left;
    memcpy(out, from, size);
    explicit_bzero(from, size);
    store.left -= size;
}

pp_rng pp_rng_system(void)
{
    pthread_once(&watch_once, watch_forks);
    return (pp_rng){fill, NULL};
}
