/* sum.h - a keyed sum of words that come one after the other: SipHash-1-3, a round for each word and three at the end.
 *
 * One round where SipHash-2-4 has two: enough for tables, whose sums nobody outside gets to see (Python, Ruby and Rust have it in
 * theirs). Who does not know the key has nothing better than chance to find texts that collide: the best differential known
 * succeeds once in 2^167 times (Dobraunig, Mendel, Schlaeffer, "Differential Cryptanalysis of SipHash", 2014). */
#ifndef PP_BASE_SUM_H
#define PP_BASE_SUM_H

#include "base/str.h"

typedef struct pp_sum {
    uint64_t a, b, c, d;
} pp_sum;

static inline uint64_t pp_sum_rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void pp_sum_round(pp_sum *v)
{
    v->a += v->b;
    v->b = pp_sum_rotate(v->b, 13) ^ v->a;
    v->a = pp_sum_rotate(v->a, 32);
    v->c += v->d;
    v->d = pp_sum_rotate(v->d, 16) ^ v->c;
    v->a += v->d;
    v->d = pp_sum_rotate(v->d, 21) ^ v->a;
    v->c += v->b;
    v->b = pp_sum_rotate(v->b, 17) ^ v->c;
    v->c = pp_sum_rotate(v->c, 32);
}

/* Under the key of the process (map.h). */
pp_sum pp_sum_begin(void);

/* How many there are must be told by what came before, or by the last. */
static inline void pp_sum_add(pp_sum *sum, uint64_t word)
{
    sum->d ^= word;
    pp_sum_round(sum);
    sum->a ^= word;
}

static inline uint64_t pp_sum_end(pp_sum *sum)
{
    sum->c ^= 0xFF;
    for (unsigned i = 0; i < 3; i++)
        pp_sum_round(sum);
    return sum->a ^ sum->b ^ sum->c ^ sum->d;
}

#endif
