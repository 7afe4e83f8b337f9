/* rng.c - numbers and tokens from whatever generator was given. */
#include "base/rng.h"

void pp_rng_bytes(const pp_rng *rng, void *out, size_t size)
{
    rng->fill(rng->arg, out, size);
}

uint32_t pp_rng_u32(const pp_rng *rng)
{
    uint32_t value;

    pp_rng_bytes(rng, &value, sizeof(value));
    return value;
}

uint64_t pp_rng_u64(const pp_rng *rng)
{
    uint64_t value;

    pp_rng_bytes(rng, &value, sizeof(value));
    return value;
}

uint32_t pp_rng_below(const pp_rng *rng, uint32_t bound)
{
    /* The high half of a 32 by 32 bit product is even to within bound / 2^32: enough for delays and
     * tokens. */
    return (uint32_t)((uint64_t)pp_rng_u32(rng) * bound >> 32);
}

/* Thirty-two letters, so that five bits of each octet make one, and none is likelier than another. */
void pp_rng_token(const pp_rng *rng, char *out, size_t size)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

    pp_rng_bytes(rng, out, size);
    for (size_t i = 0; i < size; i++)
        out[i] = letters[(unsigned char)out[i] % 32];
    out[size] = '\0';
}
