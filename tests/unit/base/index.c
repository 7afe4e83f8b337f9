/* index.c - items by hash: found while they are there and no longer, also where many have the same hash or the same home. */
#include "base/index.h"
#include "base/map.h"
#include "support/dice.h"
#include "support/files.h"
#include "support/scarce.h"

#include <stdio.h>

#define ITEMS 3000u

typedef struct item {
    char key[16];
    unsigned hash;
    bool in;
} item;

static item items[ITEMS];

static bool is_item(const void *candidate, const void *key)
{
    return strcmp(key, ((const item *)candidate)->key) == 0;
}

/* `spread`: how many different hashes there are. */
static void make_items(unsigned spread)
{
    for (unsigned i = 0; i < ITEMS; i++) {
        snprintf(items[i].key, sizeof(items[i].key), "key-%u", i);
        items[i].hash = pp_map_hash(items[i].key, strlen(items[i].key)) % spread;
        items[i].in = false;
    }
}

static void check_all(const pp_index *index)
{
    size_t count = 0;

    for (unsigned i = 0; i < ITEMS; i++) {
        assert_ptr_equal(pp_index_find(index, items[i].hash, items[i].key, is_item),
                         items[i].in ? &items[i] : NULL);
        count += items[i].in;
    }
    assert_int_equal(index->count, count);
}

/* Comes and goes by chance, looked over now and then. */
static void come_and_go(unsigned spread, unsigned used)
{
    uint64_t seed = spread;
    pp_rng rng = dice_rng(&seed);
    pp_index index = {0};

    make_items(spread);
    for (unsigned step = 0; step < 20000; step++) {
        item *one = &items[pp_rng_below(&rng, used)];

        if (one->in)
            pp_index_remove(&index, one->hash, one);
        else
            assert_int_equal(pp_index_add(&index, one->hash, one), 0);
        one->in = !one->in;
        if (step % 1000 == 0)
            check_all(&index);
    }
    for (unsigned i = 0; i < ITEMS; i++)
        if (items[i].in)
            pp_index_remove(&index, items[i].hash, &items[i]);
    assert_null(index.slots);
}

static void items_that_are_there_are_found(void **state)
{
    (void)state;
    come_and_go(UINT32_MAX, ITEMS);
}

static void items_of_few_hashes_are_told_apart(void **state)
{
    (void)state;
    come_and_go(7, 60);
}

/* Hashes at the end of the table run over into its beginning. */
static void a_run_goes_round_the_end(void **state)
{
    pp_index index = {0};

    (void)state;
    make_items(1);
    for (unsigned i = 0; i < 5; i++) {
        items[i].hash = i < 3 ? 7 : 0;
        items[i].in = true;
        assert_int_equal(pp_index_add(&index, items[i].hash, &items[i]), 0);
    }
    assert_int_equal(index.capacity, 8);
    for (unsigned i = 0; i < 5; i++) {
        check_all(&index);
        pp_index_remove(&index, items[i].hash, &items[i]);
        items[i].in = false;
    }
    assert_null(index.slots);
}

/* One alone, in a run of its hash, and what is found there afterwards. */
static void an_item_takes_the_place_of_another(void **state)
{
    pp_index index = {0};
    item others[4];

    (void)state;
    make_items(1);
    for (unsigned count = 1; count <= 4; count += 3) {
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(pp_index_add(&index, items[i].hash, &items[i]), 0);
        for (unsigned i = 0; i < count; i++) {
            others[i] = items[i];
            pp_index_replace(&index, items[i].hash, &items[i], &others[i]);
        }
        assert_int_equal(index.count, count);
        for (unsigned i = 0; i < count; i++) {
            assert_ptr_equal(pp_index_find(&index, items[i].hash, items[i].key, is_item),
                             &others[i]);
            pp_index_remove(&index, items[i].hash, &others[i]);
        }
        assert_null(index.slots);
    }
}

static int life(void)
{
    pp_index index = {0};
    int err = 0;

    for (unsigned i = 0; i < 20; i++) {
        int failed = pp_index_add(&index, items[i].hash, &items[i]);
        items[i].in = !failed;
        err = err ? err : failed;
    }
    check_all(&index); /* what there was no memory for is out, the others are in */
    for (unsigned i = 0; i < 20; i++)
        if (items[i].in)
            pp_index_remove(&index, items[i].hash, &items[i]);
    return err;
}

static void an_index_survives_want_of_memory(void **state)
{
    (void)state;
    make_items(UINT32_MAX);
    assert_true(scarce_sweep(life, false) >= 3);
    assert_true(scarce_sweep(life, true) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_that_are_there_are_found),
        cmocka_unit_test(items_of_few_hashes_are_told_apart),
        cmocka_unit_test(a_run_goes_round_the_end),
        cmocka_unit_test(an_item_takes_the_place_of_another),
        cmocka_unit_test(an_index_survives_want_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
