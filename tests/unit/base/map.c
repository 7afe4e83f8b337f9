/* map.c - the keyed hash: its vectors, and 100,000 keys made to collide under the hash that uthash
 * would use without it. */
#include "base/map.h"
#include "support/dice.h"
#include "support/files.h"

#include <stdio.h>
#include <stdlib.h>

/* Appendix A of the SipHash paper: the key is 00 01 … 0f, the text of length n is 00 01 … */
static void the_hash_is_siphash_2_4(void **state)
{
    static const uint64_t expected[] = {0x726fdb47dd0e0e31u, 0x74f839c593dc67fdu,
                                        0x0d6c8009d9a94f5au, 0x85676696d7fb7e2du};
    uint8_t key[16], text[15];

    (void)state;
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 15; i++)
        text[i] = i;
    for (size_t n = 0; n < 4; n++)
        assert_true(pp_siphash(key, text, n) == expected[n]);
    assert_true(pp_siphash(key, text, 15) == 0xa129ca6149be45e5u);
}

/* The same key and texts: the vectors of the designers' other half, as those have them who use it. */
static void the_hash_of_tables_is_siphash_1_3(void **state)
{
    static const uint64_t expected[] = {0xabac0158050fc4dcu, 0xc9f49bf37d57ca93u,
                                        0x82cb9b024dc7d44du, 0x8bf80ab8e7ddf7fbu};
    uint8_t key[16], text[15];
    pp_sum sum;

    (void)state;
    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 15; i++)
        text[i] = i;
    pp_map_seed(key);
    for (size_t n = 0; n < 4; n++)
        assert_int_equal(pp_map_hash(text, n), (unsigned)expected[n]);
    sum = pp_sum_begin();
    pp_sum_add(&sum, UINT64_C(3) << 56 | 0x020100);
    assert_true(pp_sum_end(&sum) == expected[3]);
}

/* ------------------------------------------------------------------------------- a flood of keys */

#define PAIRS    17 /* of colliding blocks: 2^17 keys */
#define PIECE    24 /* octets of a block */
#define KEY_SIZE (PAIRS * PIECE)
#define KEYS     100000u

typedef struct jenkins { /* the state of uthash's default hash between pieces of 12 octets */
    uint32_t a, b, c;
} jenkins;

static uint32_t word_at(const char *p)
{
    uint32_t word = 0;

    for (unsigned i = 0; i < 4; i++)
        word |= (uint32_t)(unsigned char)p[i] << (8 * i);
    return word;
}

static void feed(jenkins *s, const char *twelve)
{
    s->a += word_at(twelve);
    s->b += word_at(twelve + 4);
    s->c += word_at(twelve + 8);
    HASH_JEN_MIX(s->a, s->b, s->c);
}

static uint64_t seed = 1;

static char any_letter(void)
{
    return (char)('!' + dice_u64(&seed) % ('~' - '!' + 1));
}

/* Octets that, added to those of `from` as numbers, make it `to`: both printable. */
static bool bridge(uint32_t from, uint32_t to, char *low, char *high)
{
    uint32_t difference = from - to; /* high = low + difference */
    unsigned carry = 0;

    for (unsigned i = 0; i < 4; i++) {
        unsigned add = ((difference >> (8 * i)) & 255) + carry, first = '!';

        while (first <= '~' && (((first + add) & 255) < '!' || ((first + add) & 255) > '~'))
            first++;
        if (first > '~')
            return false;
        low[i] = (char)first;
        high[i] = (char)((first + add) & 255);
        carry = (first + add) >> 8;
    }
    return true;
}

/* Two different pieces that lead from one state to one other. */
static void make_pair(jenkins *state, char one[PIECE], char other[PIECE])
{
    for (;;) {
        jenkins x = *state, y = *state;

        for (unsigned i = 0; i < 12; i++) {
            one[i] = any_letter();
            other[i] = any_letter();
        }
        feed(&x, one);
        feed(&y, other);
        if (!bridge(x.a, y.a, one + 12, other + 12) || !bridge(x.b, y.b, one + 16, other + 16) ||
            !bridge(x.c, y.c, one + 20, other + 20))
            continue;
        feed(&x, one + 12);
        feed(&y, other + 12);
        assert_memory_equal(&x, &y, sizeof(x));
        *state = x;
        return;
    }
}

typedef struct entry {
    UT_hash_handle hh;
    char key[KEY_SIZE];
} entry;

/* How many entries a look-up of every key would look at, for each that chance alone would give in as
 * many buckets. */
static double work_of(entry *entries, size_t count)
{
    entry *map = NULL;
    double work = 0, by_chance;

    for (size_t i = 0; i < count; i++) {
        bool ok;

        PP_MAP_ADD(map, entries[i].key, KEY_SIZE, &entries[i], ok);
        assert_true(ok);
    }
    for (unsigned i = 0; i < map->hh.tbl->num_buckets; i++) {
        double n = map->hh.tbl->buckets[i].count;

        work += n * (n + 1) / 2;
    }
    by_chance = (double)count * (1 + (double)count / map->hh.tbl->num_buckets / 2);
    HASH_CLEAR(hh, map);
    return work / by_chance;
}

static void keys_that_collide_elsewhere_cost_no_more_than_others(void **state)
{
    static char pieces[PAIRS][2][PIECE];
    entry *entries = calloc(KEYS, sizeof(*entries));
    jenkins between = {0x9e3779b9u, 0x9e3779b9u, 0xfeedbeefu};
    double flood, others;
    unsigned first = 0, hash;

    (void)state;
    assert_non_null(entries);
    for (unsigned i = 0; i < PAIRS; i++)
        make_pair(&between, pieces[i][0], pieces[i][1]);
    for (unsigned k = 0; k < KEYS; k++) {
        for (unsigned i = 0; i < PAIRS; i++)
            memcpy(entries[k].key + i * PIECE, pieces[i][k >> i & 1], PIECE);
        HASH_JEN(entries[k].key, KEY_SIZE, hash);
        first = k ? first : hash;
        assert_int_equal(hash, first);
    }
    flood = work_of(entries, KEYS);
    for (unsigned k = 0; k < KEYS; k++)
        for (unsigned i = 0; i < KEY_SIZE; i++)
            entries[k].key[i] = any_letter();
    others = work_of(entries, KEYS);
    printf("figure: %u keys that collide under Jenkins' hash: %.2f of the work that chance gives, "
           "others %.2f; without the keyed hash over %u\n",
           KEYS, flood, others, KEYS / 10);
    assert_true(flood <= 1.5 * others);
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_siphash_2_4),
        cmocka_unit_test(the_hash_of_tables_is_siphash_1_3), /* seeds for the one below, too */
        cmocka_unit_test(keys_that_collide_elsewhere_cost_no_more_than_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
