/* map.c - SipHash-2-4 (Aumasson and Bernstein, 2012), so that a peer cannot choose keys that
 * collide. */
#include "base/map.h"

#include <stdatomic.h>
#include <string.h>

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void round_of(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static inline void rounds(uint64_t v[4], unsigned count)
{
    while (count--)
        round_of(v);
}

static uint64_t little_endian(const uint8_t *p, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value |= (uint64_t)p[i] << (8 * i);
    return value;
}

/* Compilers know this for a single load where that is the machine's order. */
static uint64_t little_endian_word(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

uint64_t pp_siphash(const uint8_t key[16], const void *data, size_t size)
{
    const uint8_t *p = data;
    uint64_t k0 = little_endian_word(key), k1 = little_endian_word(key + 8);
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                     k1 ^ 0x7465646279746573u};
    uint64_t last = (uint64_t)size << 56;

    for (; size >= 8; size -= 8, p += 8) {
        uint64_t word = little_endian_word(p);
        v[3] ^= word;
        rounds(v, 2);
        v[0] ^= word;
    }
    last |= little_endian(p, size);
    v[3] ^= last;
    rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xFF;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
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

unsigned pp_map_hash(const void *data, size_t size)
{
    return (unsigned)pp_siphash(process_key, data, size);
}
