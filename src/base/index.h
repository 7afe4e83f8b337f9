/* index.h - items found by the hash of their key, in one flat table: what is looked for lies in one or two lines of the cache,
 * however many there are. */
#ifndef PP_BASE_INDEX_H
#define PP_BASE_INDEX_H

#include "base/str.h"

typedef struct pp_index_slot {
    void *item; /* NULL: free */
    unsigned hash;
} pp_index_slot;

typedef struct
    pp_index { /* {0} is empty and holds no memory, and so does one that became empty or has one item */
    union {
        pp_index_slot *slots;
        void *only; /* item, while there are no slots */
    };
    uint32_t capacity; /* slots: a power of two; 0: none */
    uint32_t count;
    unsigned only_hash;
} pp_index;

typedef bool pp_index_is(const void *item, const void *key);

/* `hash` is pp_map_hash() of the key where peers choose keys. NULL when there is none. */
void *pp_index_find(const pp_index *index, unsigned hash, const void *key, pp_index_is *is);
/* The key must not be there yet. 0 or PIPIT_ERR_MEMORY. */
int pp_index_add(pp_index *index, unsigned hash, void *item);
/* `item` takes the place of `old`, which must be there and has the same key. */
void pp_index_replace(pp_index *index, unsigned hash, const void *old, void *item);
/* `item` must be there. */
void pp_index_remove(pp_index *index, unsigned hash, const void *item);

#endif
