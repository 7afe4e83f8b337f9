/* rng.h - chance, given and never fetched: the system's generator in a program, a seeded one in a
 * simulation. */
#ifndef PP_BASE_RNG_H
#define PP_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct pp_rng {
    void (*fill)(void *arg, void *out, size_t size);
    void *arg;
} pp_rng;

void pp_rng_bytes(const pp_rng *rng, void *out, size_t size);
uint32_t pp_rng_u32(const pp_rng *rng);
uint64_t pp_rng_u64(const pp_rng *rng);
uint32_t pp_rng_below(const pp_rng *rng, uint32_t bound); /* 0 .. bound-1, even; bound 0 gives 0 */
/* `size` characters of [a-z2-9] and a NUL: a SIP tag, branch or Call-ID. out holds size + 1. Five bits a character. */
void pp_rng_token(const pp_rng *rng, char *out, size_t size);

#endif
