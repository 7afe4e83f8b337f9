/* transport_feedback.c - arrivals told and read back; malformed tellings. */
#include "rtp/transport_feedback.h"

#include "pipit/error.h"
#include "support/files.h"

struct told {
    unsigned count, arrived;
    uint16_t sequences[2048];
    bool came[2048];
    int64_t at_us[2048];
};

static void note(void *arg, uint16_t sequence, bool arrived, int64_t at_us)
{
    struct told *told = arg;

    told->sequences[told->count] = sequence;
    told->came[told->count] = arrived;
    told->at_us[told->count++] = at_us;
    told->arrived += arrived;
}

static void take_body(void *arg, const uint8_t *body, size_t size)
{
    assert_int_equal(pp_transport_feedback_parse(body, size, note, arg), 0);
}

static const struct told *tell(pp_arrivals *arrivals)
{
    static const pp_rtcp_handlers handlers = {.transport = take_body};
    static struct told told;
    pp_buf out = {0};

    told = (struct told){0};
    assert_true(pp_arrivals_write(arrivals, (pp_feedback_ends){1, 2}, &out));
    assert_int_equal(out.n % 4, 0);
    assert_int_equal(pp_rtcp_parse((const uint8_t *)out.p, out.n, &handlers, &told), 0);
    pp_buf_free(&out);
    return &told;
}

static void arrivals_are_read_back_to_a_quarter_of_a_millisecond(void **state)
{
    static pp_arrivals arrivals;
    const struct told *told;

    (void)state;
    for (unsigned i = 0; i < 300; i++)
        if (i % 7 != 3 && (i < 100 || i > 140))
            pp_arrivals_add(&arrivals, (uint16_t)(65500 + i), 5000000 + i * 1300 + i % 5 * 70000);
    told = tell(&arrivals);
    assert_int_equal(told->count, 300);
    for (unsigned i = 0; i < 300; i++) {
        int64_t sent = 5000000 + (int64_t)i * 1300 + i % 5 * 70000;

        assert_int_equal(told->sequences[i], (uint16_t)(65500 + i));
        assert_int_equal(told->came[i], i % 7 != 3 && (i < 100 || i > 140));
        if (told->came[i])
            assert_in_range(told->at_us[i] - sent + 250, 0, 500);
    }
}

static void each_arrival_is_told_once(void **state)
{
    static pp_arrivals arrivals;
    pp_buf out = {0};

    (void)state;
    pp_arrivals_add(&arrivals, 9, 1000);
    pp_arrivals_add(&arrivals, 9, 2000);
    assert_int_equal(tell(&arrivals)->count, 1);
    assert_false(pp_arrivals_write(&arrivals, (pp_feedback_ends){1, 2}, &out));
    pp_arrivals_add(&arrivals, 8, 3000); /* too late */
    assert_false(pp_arrivals_write(&arrivals, (pp_feedback_ends){1, 2}, &out));
    pp_arrivals_add(&arrivals, 12, 3000);
    assert_int_equal(tell(&arrivals)->count, 3);
    assert_int_equal(out.n, 0);
}

static void a_pause_longer_than_a_delta_is_told_in_two_packets(void **state)
{
    static pp_arrivals arrivals;
    const struct told *told;

    (void)state;
    pp_arrivals_add(&arrivals, 1, 1000000);
    pp_arrivals_add(&arrivals, 2, 60000000);
    told = tell(&arrivals);
    assert_int_equal(told->count, 1);
    told = tell(&arrivals);
    assert_int_equal(told->count, 1);
    assert_int_equal(told->sequences[0], 2);
}

static void a_jump_begins_anew(void **state)
{
    static pp_arrivals arrivals;
    const struct told *told;

    (void)state;
    pp_arrivals_add(&arrivals, 1, 1000000);
    pp_arrivals_add(&arrivals, 20000, 1001000);
    told = tell(&arrivals);
    assert_int_equal(told->count, 1);
    assert_int_equal(told->sequences[0], 20000);
}

/* Base 1, count 4, reference 0; then runs, vectors and deltas. */
static int parse(const char *rest, size_t size, struct told *told)
{
    uint8_t body[64] = {0, 1, 0, 4};

    memcpy(body + 8, rest, size);
    *told = (struct told){0};
    return pp_transport_feedback_parse(body, 8 + size, note, told);
}

static void chunks_of_all_three_kinds_are_read(void **state)
{
    static struct told told;

    (void)state;
    assert_int_equal(parse("\x20\x04\x04\x04\x04\x04", 6, &told), 0);
    assert_int_equal(told.arrived, 4);
    assert_int_equal(told.at_us[3], 4000);
    assert_int_equal(parse("\xac\x00\x04\x04\x04", 5, &told), 0); /* 1 0 1 1 */
    assert_int_equal(told.arrived, 3);
    assert_false(told.came[1]);
    assert_int_equal(parse("\xe1\x80\xff\xfc\x08\xff\xfc", 7, &told), 0); /* 2 0 1 2 */
    assert_int_equal(told.at_us[0], -1000);
}

static void a_malformed_telling_tells_nothing(void **state)
{
    static struct told told;

    (void)state;
    assert_int_equal(parse("\x20\x04\x04\x04\x04", 5, &told), PIPIT_ERR_SYNTAX); /* delta missing */
    assert_int_equal(parse("\x20\x02", 2, &told), PIPIT_ERR_SYNTAX);             /* chunk missing */
    assert_int_equal(parse("\x20\x00\x20\x04", 4, &told), PIPIT_ERR_SYNTAX);     /* run of none */
    assert_int_equal(parse("\x60\x04", 2, &told), PIPIT_ERR_SYNTAX); /* symbol without meaning */
    assert_int_equal(told.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_are_read_back_to_a_quarter_of_a_millisecond),
        cmocka_unit_test(each_arrival_is_told_once),
        cmocka_unit_test(a_pause_longer_than_a_delta_is_told_in_two_packets),
        cmocka_unit_test(a_jump_begins_anew),
        cmocka_unit_test(chunks_of_all_three_kinds_are_read),
        cmocka_unit_test(a_malformed_telling_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
