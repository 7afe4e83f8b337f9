/* chance.h - chance that is the same in every run, for fuzz targets. */
#ifndef PP_FUZZ_CHANCE_H
#define PP_FUZZ_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* Of a pp_rng; `arg` is its state, a uint64_t. */
static void draw(void *arg, void *out, size_t size)
{
    uint64_t *state = arg;

    for (size_t i = 0; i < size; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        ((uint8_t *)out)[i] = (uint8_t)(*state >> 56);
    }
}

#endif
