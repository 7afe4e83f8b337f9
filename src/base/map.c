/* map.c - SipHash (Aumasson and Bernstein, 2012), so that a peer cannot choose keys that collide. */
#include "base/map.h"

#include <stdatomic.h>
#include <string.h>

static inline void take_word(pp_sum *v, uint64_t word)
{
    v->d ^= word;
    pp_sum_round(v);
    pp_sum_round(v);
    v->a ^= word;
}

/* The lowest octet first; compilers know this for a single load where that is the machine's order. */
static inline uint64_t word_at(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* The octets of the last word, which are less than eight. */
static inline uint64_t last_word(const uint8_t *p, size_t n)
{
    uint64_t word = 0;

    for (size_t i = 0; i < n; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

#define UNKEYED                                                                                    \
    {                                                                                              \
        0x736f6d6570736575u, 0x646f72616e646f6du, 0x6c7967656e657261u, 0x7465646279746573u         \
    }

static pp_sum begin(const uint8_t key[16])
{
    uint64_t k0 = word_at(key), k1 = word_at(key + 8);
    pp_sum sum = UNKEYED;

    return (pp_sum){k0 ^ sum.a, k1 ^ sum.b, k0 ^ sum.c, k1 ^ sum.d};
}

uint64_t pp_siphash(const uint8_t key[16], const void *data, size_t size)
{
    const uint8_t *p = data;
    pp_sum v = begin(key);
    uint64_t length = (uint64_t)size << 56;

    for (; size >= 8; size -= 8, p += 8)
        take_word(&v, word_at(p));
    take_word(&v, length | last_word(p, size));
    v.c ^= 0xFF;
    for (unsigned i = 0; i < 4; i++)
        pp_sum_round(&v);
    return v.a ^ v.b ^ v.c ^ v.d;
}

static pp_sum process_sum = UNKEYED; /* with the key in it, and nothing else */
static atomic_int seeding;           /* 0 not seeded, 1 being seeded, 2 done */

void pp_map_seed(const uint8_t key[16])
{
    int fresh = 0;

    if (atomic_compare_exchange_strong(&seeding, &fresh, 1)) {
        process_sum = begin(key);
        atomic_store(&seeding, 2);
    }
    while (atomic_load(&seeding) != 2)
        ; /* another thread is copying sixteen octets */
}

pp_sum pp_sum_begin(void)
{
    return process_sum;
}

unsigned pp_map_hash(const void *data, size_t size)
{
    const uint8_t *p = data;
    pp_sum sum = process_sum;
    uint64_t length = (uint64_t)size << 56;

    for (; size >= 8; size -= 8, p += 8)
        pp_sum_add(&sum, word_at(p));
    pp_sum_add(&sum, length | last_word(p, size));
    return (unsigned)pp_sum_end(&sum);
}

uint64_t pp_mix(uint64_t sum, const void *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t length = (uint64_t)size << 56;

    for (; size >= 8; size -= 8, p += 8)
        sum = pp_mix_word(sum, word_at(p));
    return pp_mix_word(sum, length | last_word(p, size));
}
