/* mos.c - the estimate of listening quality. */
#include "media/mos.h"

#include "support/files.h"

#include <math.h>

static void a_perfect_call_has_the_best_score(void **state)
{
    (void)state;
    assert_true(fabs(pp_mos(0, 0, 1) - 4.41) < 0.01); /* R 93.2, G.107 annex B */
    assert_true(pp_mos(0, 0, 1) == pp_mos(0, 0, 0));
}

static void the_score_falls_with_delay_and_loss(void **state)
{
    (void)state;
    for (int ms = 0; ms < 1000; ms += 10)
        assert_true(pp_mos(ms + 10, 0, 0) <= pp_mos(ms, 0, 0));
    for (int percent = 0; percent < 100; percent++)
        assert_true(pp_mos(100, (percent + 1) / 100.0, 0) <= pp_mos(100, percent / 100.0, 0));
    assert_true(pp_mos(50, 0.05, 1) > pp_mos(50, 0.05, 0) + 0.5);
    assert_true(pp_mos(150, 0.01, 1) > 4);
    assert_true(pp_mos(400, 0, 1) < 3.7);
}

static void the_score_stays_within_its_scale(void **state)
{
    static const double values[] = {-1e9, -1, 0, 1, 1e9};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        for (size_t k = 0; k < 5; k++) {
            assert_true(pp_mos(values[i], values[k], 0) >= 1 &&
                        pp_mos(values[i], values[k], 0) <= 4.5);
            assert_true(pp_mos(values[i], (double)NAN, 1) >= 1 &&
                        pp_mos((double)NAN, values[k], 1) <= 4.5);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_perfect_call_has_the_best_score),
        cmocka_unit_test(the_score_falls_with_delay_and_loss),
        cmocka_unit_test(the_score_stays_within_its_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
