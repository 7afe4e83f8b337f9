/* map.h - uthash, with a keyed hash (the keys are chosen by peers) and our allocator. Failure to
 * add is seen, not fatal: look at PP_MAP_ADD's result. */
#ifndef PP_BASE_MAP_H
#define PP_BASE_MAP_H

#include "base/alloc.h"
#include "base/sum.h"

/* SipHash-2-4, for what others get to see. */
uint64_t pp_siphash(const uint8_t key[16], const void *data, size_t size);
/* SipHash-1-3 (sum.h) under a key drawn once per process (pp_map_seed). */
unsigned pp_map_hash(const void *data, size_t size);
/* A sum of what was before and of these octets, much faster and without a key: for what nobody gains by choosing. */
uint64_t pp_mix(uint64_t sum, const void *data, size_t size);
/* Multiplication carries upwards, so the upper half comes down for the next word. */
static inline uint64_t pp_mix_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ sum >> 32;
}
/* Sets the key; the first loop that is made does it from its generator. Later calls do nothing. */
void pp_map_seed(const uint8_t key[16]);

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = pp_map_hash((keyptr), (keylen)))
#define HASH_NONFATAL_OOM                    1
#define uthash_malloc(size)                  pp_alloc(size)
#define uthash_free(memory, size)            pp_free(memory)
#define uthash_nonfatal_oom(element)         ((void)(element))
#include <uthash.h>

/* Adds `element` under a key it holds by pointer and length. `*ok` tells whether there was memory
 * for it: uthash leaves hh.tbl NULL when it had to give up. */
#define PP_MAP_ADD(head, keyptr, keylen, element, ok)                                              \
    do {                                                                                           \
        HASH_ADD_KEYPTR(hh, head, keyptr, keylen, element);                                        \
        (ok) = (element)->hh.tbl != NULL;                                                          \
    } while (0)

#endif
