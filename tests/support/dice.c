/* dice.c - chance from a seed. */
#include "support/dice.h"

/* splitmix64 (Steele et al. 2014) */
uint64_t dice_u64(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static void fill(void *arg, void *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)dice_u64(arg);
}

pp_rng dice_rng(uint64_t *state)
{
    return (pp_rng){fill, state};
}
