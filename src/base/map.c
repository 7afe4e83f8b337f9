/* map.c - SipHash-2-4 (Aumasson and Bernstein, 2012), so that a peer cannot choose keys that
 * collide. */
#include "base/map.h"

#include <stdatomic.h>
#include <string.h>

typedef struct state {
    uint64_t a, b, c, d;
} state;

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void round_of(state *v)
{
    v->a += v->b;
    v->b = rotate(v->b, 13) ^ v->a;
    v->a = rotate(v->a, 32);
    v->c += v->d;
    v->d = rotate(v->d, 16) ^ v->c;
    v->a += v->d;
    v->d = rotate(v->d, 21) ^ v->a;
    v->c += v->b;
    v->b = rotate(v->b, 17) ^ v->c;
    v->c = rotate(v->c, 32);
}

static inline void take_word(state *v, uint64_t word)
{
    v->d ^= word;
    round_of(v);
    round_of(v);
    v->a ^= word;
}

/* The lowest octet first; compilers know this for a single load where that is the machine's order. */
static inline uint64_t word_at(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

uint64_t pp_siphash(const uint8_t key[16], const void *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t k0 = word_at(key), k1 = word_at(key + 8), last = (uint64_t)size << 56;
    state v = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
               k1 ^ 0x7465646279746573u};

    for (; size >= 8; size -= 8, p += 8)
        take_word(&v, word_at(p));
    for (size_t i = 0; i < size; i++)
        last |= (uint64_t)p[i] << (8 * i);
    take_word(&v, last);
    v.c ^= 0xFF;
    for (unsigned i = 0; i < 4; i++)
        round_of(&v);
    return v.a ^ v.b ^ v.c ^ v.d;
}

static uint8_t process_key[16];
static atomic_int seeding; /* 0 not seeded, 1 being seeded, 2 done */

void pp_map_seed(const uint8_t key[16])
{
    int fresh = 0;

    if (atomic_compare_exchange_strong(&seeding, &fresh, 1)) {
        memcpy(process_key, key, sizeof(process_key));
        atomic_store(&seeding, 2);
    }
    while (atomic_load(&seeding) != 2)
        ; /* another thread is copying sixteen octets */
}

uint64_t pp_map_hash_wide(const void *data, size_t size)
{
    return pp_siphash(process_key, data, size);
}

unsigned pp_map_hash(const void *data, size_t size)
{
    return (unsigned)pp_map_hash_wide(data, size);
}

/* Multiplication carries upwards, so the upper half comes down for the next word. */
static uint64_t mix_word(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ sum >> 32;
}

uint64_t pp_mix(uint64_t sum, const void *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t last = (uint64_t)size << 56;

    for (; size >= 8; size -= 8, p += 8)
        sum = mix_word(sum, word_at(p));
    for (size_t i = 0; i < size; i++)
        last |= (uint64_t)p[i] << (8 * i);
    return mix_word(sum, last);
}
