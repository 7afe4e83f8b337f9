/* index.c - open addressing with linear probing; a gap is closed by moving back what was pushed behind it (Knuth, volume 3,
 * section 6.4, algorithm R). */
#include "base/index.h"

#include "base/alloc.h"
#include "base/error.h"

#define LEAST 8u /* slots */

static size_t next_to(const pp_index *index, size_t at)
{
    return (at + 1) & (index->capacity - 1);
}

static size_t home_of(const pp_index *index, unsigned hash)
{
    return hash & (index->capacity - 1);
}

void *pp_index_find(const pp_index *index, unsigned hash, const void *key, pp_index_is *is)
{
    if (!index->capacity)
        return index->count && index->only_hash == hash && is(index->only, key) ? index->only
                                                                                : NULL;
    for (size_t at = home_of(index, hash); index->slots[at].item; at = next_to(index, at))
        if (index->slots[at].hash == hash && is(index->slots[at].item, key))
            return index->slots[at].item;
    return NULL;
}

static void put(pp_index *index, pp_index_slot slot)
{
    size_t at = home_of(index, slot.hash);

    while (index->slots[at].item)
        at = next_to(index, at);
    index->slots[at] = slot;
    index->count++;
}

static int grow(pp_index *index)
{
    pp_index larger = {.capacity = index->capacity ? 2 * index->capacity : LEAST};

    larger.slots = pp_array(larger.capacity, sizeof(*larger.slots));
    if (!larger.slots)
        return PIPIT_ERR_MEMORY;
    if (!index->capacity)
        put(&larger, (pp_index_slot){index->only, index->only_hash});
    for (size_t at = 0; at < index->capacity; at++)
        if (index->slots[at].item)
            put(&larger, index->slots[at]);
    if (index->capacity)
        pp_free(index->slots);
    *index = larger;
    return 0;
}

int pp_index_add(pp_index *index, unsigned hash, void *item)
{
    int err = 0;

    if (!index->count) {
        *index = (pp_index){.only = item, .only_hash = hash, .count = 1};
        return 0;
    }
    /* Up to two thirds full: a search ends after two slots or so. */
    if (3 * ((size_t)index->count + 1) > 2 * (size_t)index->capacity)
        err = grow(index);
    if (!err)
        put(index, (pp_index_slot){item, hash});
    return err;
}

/* Whether what lies at `at` may move to the gap: its home is not behind that. */
static bool may_move(const pp_index *index, size_t at, size_t gap)
{
    size_t home = home_of(index, index->slots[at].hash), mask = index->capacity - 1;

    return ((at - home) & mask) >= ((at - gap) & mask);
}

static size_t place_of(const pp_index *index, unsigned hash, const void *item)
{
    size_t at = home_of(index, hash);

    while (index->slots[at].item != item)
        at = next_to(index, at);
    return at;
}

void pp_index_replace(pp_index *index, unsigned hash, const void *old, void *item)
{
    if (index->capacity)
        index->slots[place_of(index, hash, old)].item = item;
    else
        index->only = item;
}

void pp_index_remove(pp_index *index, unsigned hash, const void *item)
{
    size_t gap;

    if (!index->capacity) {
        *index = (pp_index){0};
        return;
    }
    gap = place_of(index, hash, item);
    for (size_t at = next_to(index, gap); index->slots[at].item; at = next_to(index, at))
        if (may_move(index, at, gap)) {
            index->slots[gap] = index->slots[at];
            gap = at;
        }
    index->slots[gap] = (pp_index_slot){0};
    if (--index->count)
        return;
    pp_free(index->slots);
    *index = (pp_index){0};
}
