/* message_pool.c - a short list of blocks that had a message in them. */
#include "sip/message_pool.h"

#include "base/alloc.h"
#include "base/error.h"

/* AddressSanitizer is told that a spare block is nobody's, as it would know of freed memory. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define LARGEST      (16u << 10) /* octets of a block that is kept: a message of this size is rare */
#define SHARED_SPARE 2u /* messages of a loop: one that is answered while the next one comes */
#define STEP                                                                                       \
    512u /* sizes are multiples of it, so that the next message fits into the last one's block */

/* In front of each message. */
typedef struct block {
    pp_message_pool *pool;
    struct block *next; /* while it is spare */
    size_t size;        /* octets behind this struct */
    size_t padding;     /* so that what is behind is aligned as a heap block is */
} block;

struct pp_message_pool {
    block *spare;
    size_t spare_count, spare_max;
    size_t used;      /* blocks that have a message in them */
    unsigned owners;  /* none: only its messages have it */
    pipit_loop *loop; /* whose it is, when it is shared */
};

int pp_message_pool_new(size_t spare, pp_message_pool **out)
{
    pp_message_pool *pool = PP_NEW(pp_message_pool);

    if (!pool)
        return PIPIT_ERR_MEMORY;
    pool->spare_max = spare;
    pool->owners = 1;
    *out = pool;
    return 0;
}

int pp_message_pool_share(pipit_loop *loop, pp_message_pool **out)
{
    int err;

    if (loop->messages) {
        loop->messages->owners++;
    } else {
        err = pp_message_pool_new(SHARED_SPARE, &loop->messages);
        if (err)
            return err;
        loop->messages->loop = loop;
    }
    *out = loop->messages;
    return 0;
}

static void free_when_over(pp_message_pool *pool)
{
    if (!pool->owners && !pool->used)
        pp_free(pool);
}

pp_message_pool *pp_message_pool_free(pp_message_pool *pool)
{
    if (!pool || --pool->owners)
        return NULL;
    if (pool->loop)
        pool->loop->messages = NULL;
    while (pool->spare) {
        block *b = pool->spare;
        pool->spare = b->next;
        pp_free(b);
    }
    pool->spare_count = 0;
    free_when_over(pool);
    return NULL;
}

/* The one that came back last, which is still in the cache; made larger when it is too small. */
static block *take_block(pp_message_pool *pool, size_t size)
{
    block *b = pool ? pool->spare : NULL, *grown;

    if (b && b->size >= size) {
        pool->spare = b->next;
        pool->spare_count--;
        return b;
    }
    size = (size + STEP - 1) / STEP * STEP;
    if (b)
        ASAN_UNPOISON_MEMORY_REGION(b + 1, b->size);
    grown = pp_realloc(b, sizeof(*b) + size);
    if (!grown)
        return NULL;
    if (b) {
        pool->spare = grown->next;
        pool->spare_count--;
    }
    grown->size = size;
    return grown;
}

pp_message *pp_message_pool_take(pp_message_pool *pool, size_t size)
{
    block *b = take_block(pool, sizeof(pp_message) + size);

    if (!b)
        return NULL;
    b->pool = pool;
    if (pool)
        pool->used++;
    ASAN_UNPOISON_MEMORY_REGION(b + 1, b->size);
    return (pp_message *)(void *)(b + 1);
}

void pp_message_pool_give(pp_message *message)
{
    block *b = (block *)(void *)message - 1;
    pp_message_pool *pool = b->pool;

    if (pool)
        pool->used--;
    if (!pool || !pool->owners || pool->spare_count == pool->spare_max || b->size > LARGEST) {
        pp_free(b);
        if (pool)
            free_when_over(pool);
        return;
    }
    ASAN_POISON_MEMORY_REGION(b + 1, b->size);
    b->next = pool->spare;
    pool->spare = b;
    pool->spare_count++;
}
