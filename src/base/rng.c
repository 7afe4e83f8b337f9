/* rng.c - numbers and tokens from whatever generator was given. */
#include "base/rng.h"

#include <string.h>

#define EACH UINT64_C(0x0101010101010101) /* of eight octets */

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

/* Of eight octets below 128: 1 for each that is `least` or more. */
static uint64_t reaches(uint64_t octets, unsigned least)
{
    return (octets + EACH * (128 - least)) >> 7 & EACH;
}

/* abcdefghijk mn pqrstuvwxyz 23456789: thirty-two letters, so that five bits of each octet make one, and none is likelier
 * than another. */
static uint64_t eight_letters(uint64_t octets)
{
    uint64_t n = octets & EACH * 31;

    return n + EACH * 'a' + reaches(n, 11) + reaches(n, 13) - reaches(n, 24) * ('a' + 26 - '2');
}

void pp_rng_token(const pp_rng *rng, char *out, size_t size)
{
    uint64_t octets = 0;
    size_t at = 0;

    pp_rng_bytes(rng, out, size);
    for (; at + sizeof(octets) <= size; at += sizeof(octets)) {
        memcpy(&octets, out + at, sizeof(octets));
        octets = eight_letters(octets);
        memcpy(out + at, &octets, sizeof(octets));
    }
    memcpy(&octets, out + at, size - at);
    octets = eight_letters(octets);
    memcpy(out + at, &octets, size - at);
    out[size] = '\0';
}
