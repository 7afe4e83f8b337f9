/* replay.c - tests of the window and the rollover counter, beside a model that simply remembers everything. */
#include "srtp/replay.h"
#include "support/dice.h"
#include "support/files.h"

#include <stdlib.h>

static uint64_t seed;

static uint32_t chance(uint32_t bound)
{
    const pp_rng rng = dice_rng(&seed);

    return pp_rng_below(&rng, bound);
}

static void an_index_is_fresh_once(void **state)
{
    pp_replay replay = {0};

    (void)state;
    assert_true(pp_replay_is_fresh(&replay, 0));
    pp_replay_add(&replay, 0);
    assert_false(pp_replay_is_fresh(&replay, 0));
    assert_true(pp_replay_is_fresh(&replay, 1));
    pp_replay_add(&replay, 1023);
    assert_false(pp_replay_is_fresh(&replay, 0));
    assert_true(pp_replay_is_fresh(&replay, 1));
    pp_replay_add(&replay, 1024);
    assert_false(pp_replay_is_fresh(&replay, 0)); /* too old now */
    assert_true(pp_replay_is_fresh(&replay, 1));
    assert_true(pp_replay_is_fresh(&replay, 1025));
}

static void a_window_agrees_with_the_model(void **state)
{
    enum { INDEXES = 20000 };
    static bool seen[INDEXES];
    pp_replay replay = {0};
    uint32_t top = 0, refused = 0;

    (void)state;
    seed = 42;
    for (int i = 0; i < 60000; i++) {
        uint32_t jump = chance(1000) == 0 ? chance(3000) : chance(4);
        uint32_t index = chance(2) ? top + jump : top - chance(top < 1500 ? top + 1 : 1500);
        bool expected = index > top || (!seen[index] && top - index < PP_LIMIT_SRTP_WINDOW);

        if (index >= INDEXES)
            break;
        if (i == 0)
            expected = true;
        assert_int_equal(pp_replay_is_fresh(&replay, index), expected);
        refused += !expected;
        if (expected) {
            pp_replay_add(&replay, index);
            seen[index] = true;
            top = index > top ? index : top;
        }
    }
    assert_true(refused > 1000);
    assert_true(top > 10000);
}

/* RFC 3711 appendix A, at the edges. */
static void a_sequence_number_gets_the_nearest_rollover(void **state)
{
    static const struct {
        uint64_t top;
        uint16_t sequence;
        bool possible;
        uint64_t index;
    } cases[] = {
        {0x00001, 0x0002, true, 0x00002},
        {0x00001, 0x8001, true, 0x08001},
        {0x00001, 0x8002, false, 0},
        {0x0FFFF, 0x0000, true, 0x10000},
        {0x08000, 0x0000, true, 0x00000},
        {0x08001, 0x0000, true, 0x10000},
        {0x10000, 0xFFFF, true, 0x0FFFF},
        {0x17FFF, 0xFFFF, true, 0x1FFFF},
        {0x17FFE, 0xFFFF, true, 0x0FFFF},
        {0x1FFFF, 0x0000, true, 0x20000},
        {0xFFFFFFFFFFFF, 0xFFFF, true, 0xFFFFFFFFFFFF},
        {0xFFFFFFFFFFFF, 0x0000, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pp_replay replay = {.used = true, .top = cases[i].top};
        uint64_t index = 77;

        assert_int_equal(pp_replay_index(&replay, cases[i].sequence, &index), cases[i].possible);
        assert_int_equal(index, cases[i].possible ? cases[i].index : 77);
    }
}

static void the_first_sequence_number_is_the_first_index(void **state)
{
    const pp_replay replay = {0};
    uint64_t index = 0;

    (void)state;
    assert_true(pp_replay_index(&replay, 65535, &index));
    assert_int_equal(index, 65535);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_is_fresh_once),
        cmocka_unit_test(a_window_agrees_with_the_model),
        cmocka_unit_test(a_sequence_number_gets_the_nearest_rollover),
        cmocka_unit_test(the_first_sequence_number_is_the_first_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
