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

/* Eight letters take 41 bits of a draw of 58, so that none is likelier than another by more than 2^-16. */
#define LETTERS_A_DRAW 8
#define FRACTION_BITS  58
#define DRAWS          4 /* at once */

static void draw(const pp_rng *rng, size_t letters, uint64_t draws[DRAWS])
{
    size_t count = (letters + LETTERS_A_DRAW - 1) / LETTERS_A_DRAW;

    pp_rng_bytes(rng, draws, (count < DRAWS ? count : DRAWS) * sizeof(*draws));
}

static void put_letters(uint64_t drawn, char *out, size_t count)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    const uint64_t mask = (UINT64_C(1) << FRACTION_BITS) - 1;
    uint64_t fraction = drawn & mask;

    for (size_t i = 0; i < count; i++) {
        fraction *= sizeof(letters) - 1;
        out[i] = letters[fraction >> FRACTION_BITS];
        fraction &= mask;
    }
}

void pp_rng_token(const pp_rng *rng, char *out, size_t size)
{
    uint64_t draws[DRAWS];

    for (size_t i = 0; i < size; i += LETTERS_A_DRAW) {
        size_t left = size - i, turn = i / LETTERS_A_DRAW % DRAWS;

        if (turn == 0)
            draw(rng, left, draws);
        put_letters(draws[turn], out + i, left < LETTERS_A_DRAW ? left : LETTERS_A_DRAW);
    }
    out[size] = '\0';
}
