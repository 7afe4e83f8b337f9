/* rhythm.c - tests of how many pictures come a second, and of those that stood for too long. */
#include "video/rhythm.h"

#include "support/files.h"

enum { STEP_US = 33333 };

static uint64_t add_some(pp_rhythm *rhythm, uint64_t now_us, unsigned count)
{
    for (unsigned i = 0; i < count; i++, now_us += STEP_US)
        pp_rhythm_add(rhythm, now_us);
    return now_us;
}

static void the_pictures_of_a_second_are_counted(void **state)
{
    pp_rhythm rhythm = {0};
    uint64_t now_us = add_some(&rhythm, 5000000, 100);

    (void)state;
    assert_in_range(pp_rhythm_a_second(&rhythm, now_us), 29, 31);
    assert_int_equal(pp_rhythm_a_second(&rhythm, now_us + 10000000), 1);
    assert_int_equal(rhythm.count, 100);
    assert_true(rhythm.total_s > 3.29 && rhythm.total_s < 3.31);
    assert_true(rhythm.total_squared > 0.109 && rhythm.total_squared < 0.111);
}

static void a_picture_that_stood_is_a_freeze(void **state)
{
    pp_rhythm rhythm = {0};
    uint64_t now_us = add_some(&rhythm, 1, 40);

    (void)state;
    now_us = add_some(&rhythm, now_us + 100000, 40); /* late, and not by enough */
    assert_int_equal(rhythm.freezes, 0);
    add_some(&rhythm, now_us + 500000, 40);
    assert_int_equal(rhythm.freezes, 1);
    assert_true(rhythm.frozen_s > 0.53 && rhythm.frozen_s < 0.54);
}

static void nothing_freezes_that_has_hardly_begun(void **state)
{
    pp_rhythm rhythm = {0};

    (void)state;
    assert_int_equal(pp_rhythm_a_second(&rhythm, 1000000), 0);
    add_some(&rhythm, add_some(&rhythm, 1, 10) + 900000, 10);
    assert_int_equal(rhythm.freezes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pictures_of_a_second_are_counted),
        cmocka_unit_test(a_picture_that_stood_is_a_freeze),
        cmocka_unit_test(nothing_freezes_that_has_hardly_begun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
