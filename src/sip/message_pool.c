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
#define SHARED_SPARE 64u /* messages of a loop: those of a few dozen calls that begin together */
#define SPARE_SIZE   (256u << 10) /* octets of all that are kept */
#define STEP         2048u /* sizes are multiples of it: what nearly every message has room in */

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
    size_t spare_size; /* octets of all of them */
    size_t used;       /* blocks that have a message in them */
    unsigned owners;   /* none: only its messages have it */
    pipit_loop *loop;  /* whose it is, when it is shared */
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

static void free_spare(pp_message_pool *pool)
{
    while (pool->spare) {
        block *b = pool->spare;
        pool->spare = b->next;
        pp_free(b);
    }
    pool->spare_count = pool->spare_size = 0;
}

static void rest(pipit_loop *loop)
{
    free_spare(loop->messages);
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
        loop->rest = rest;
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
    if (pool->loop) {
        pool->loop->messages = NULL;
        pool->loop->rest = NULL;
    }
    free_spare(pool);
    free_when_over(pool);
    return NULL;
}

static void take_spare(pp_message_pool *pool, size_t size, block *next)
{
    pool->spare = next;
    pool->spare_count--;
    pool->spare_size -= size;
}

/* The one that came back last, which is still in the cache; made larger when it is too small. */
static block *take_block(pp_message_pool *pool, size_t size)
{
    block *b = pool ? pool->spare : NULL, *grown;
    size_t spare = b ? b->size : 0;

    if (b && spare >= size) {
        take_spare(pool, spare, b->next);
        return b;
    }
    size = (size + STEP - 1) / STEP * STEP;
    if (b)
        ASAN_UNPOISON_MEMORY_REGION(b + 1, spare);
    grown = pp_realloc(b, sizeof(*b) + size);
    if (!grown)
        return NULL;
    if (b)
        take_spare(pool, spare, grown->next);
    grown->size = size;
    return grown;
}

void *pp_message_pool_take(pp_message_pool *pool, size_t size)
{
    block *b = take_block(pool, size);

    if (!b)
        return NULL;
    b->pool = pool;
    if (pool)
        pool->used++;
    ASAN_UNPOISON_MEMORY_REGION(b + 1, b->size);
    return b + 1;
}

pp_message_pool *pp_message_pool_of(const void *memory)
{
    return ((const block *)memory - 1)->pool;
}

static bool is_kept(const pp_message_pool *pool, const block *b)
{
    return pool && pool->owners && pool->spare_count < pool->spare_max && b->size <= LARGEST &&
           pool->spare_size + b->size <= SPARE_SIZE;
}

void pp_message_pool_give(void *memory)
{
    block *b = (block *)memory - 1;
    pp_message_pool *pool = b->pool;

    if (pool)
        pool->used--;
    if (!is_kept(pool, b)) {
        pp_free(b);
        if (pool)
            free_when_over(pool);
        return;
    }
    ASAN_POISON_MEMORY_REGION(b + 1, b->size);
    b->next = pool->spare;
    pool->spare = b;
    pool->spare_count++;
    pool->spare_size += b->size;
}
