/* receiver.c - counting what came, what did not, and how evenly. */
#include "rtp/rtcp.h"

#include "support/files.h"

#include <math.h>

static bool add(pp_rtp_receiver *receiver, unsigned sequence, uint32_t timestamp, uint64_t now_us)
{
    const pp_rtp packet = {.sequence = (uint16_t)sequence, .timestamp = timestamp};

    return pp_rtp_receiver_add(receiver, &packet, now_us);
}

static void a_stream_without_gaps_has_no_loss_and_no_jitter(void **state)
{
    pp_rtp_receiver receiver;

    (void)state;
    pp_rtp_receiver_init(&receiver, 1, 48000);
    for (unsigned i = 0; i < 200000; i++) /* wraps three times */
        assert_true(add(&receiver, 65000 + i, 0xfffff000u + i * 960, 7 + i * 20000ull));
    assert_int_equal(pp_rtp_receiver_lost(&receiver), 0);
    assert_int_equal(receiver.received, 200000);
    assert_true(pp_rtp_receiver_jitter_ms(&receiver) < 0.05);
}

static void a_missing_packet_is_lost_and_a_late_one_is_not(void **state)
{
    pp_rtp_receiver receiver;

    (void)state;
    pp_rtp_receiver_init(&receiver, 1, 48000);
    assert_int_equal(pp_rtp_receiver_lost(&receiver), 0);
    add(&receiver, 65534, 0, 0);
    add(&receiver, 2, 3840, 80000);
    assert_int_equal(pp_rtp_receiver_lost(&receiver), 3);
    assert_true(add(&receiver, 65535, 960, 81000));
    assert_int_equal(pp_rtp_receiver_lost(&receiver), 2);
    add(&receiver, 2, 3840, 82000);
    add(&receiver, 2, 3840, 82000);
    add(&receiver, 2, 3840, 82000);
    assert_int_equal(pp_rtp_receiver_lost(&receiver), -1);
}

static void a_jump_is_believed_the_second_time(void **state)
{
    pp_rtp_receiver receiver;

    (void)state;
    pp_rtp_receiver_init(&receiver, 1, 48000);
    add(&receiver, 100, 0, 0);
    assert_false(add(&receiver, 30000, 960, 20000));
    assert_true(add(&receiver, 101, 960, 20000));
    assert_false(add(&receiver, 30001, 960, 20000)); /* not the second in a row */
    assert_true(add(&receiver, 30002, 960, 20000));
    assert_true(add(&receiver, 30003, 1920, 40000));
    assert_int_equal(receiver.received, 2);
    assert_int_equal(pp_rtp_receiver_lost(&receiver), 0);
}

static void the_jitter_is_that_of_the_standard(void **state)
{
    pp_rtp_receiver receiver;

    (void)state;
    pp_rtp_receiver_init(&receiver, 1, 8000);
    /* Every other packet is 10 ms late: |D| is 80 units each time, and J comes to it. */
    for (unsigned i = 0; i < 300; i++)
        add(&receiver, i, i * 160, i * 20000ull + (i % 2) * 10000);
    assert_true(fabs(pp_rtp_receiver_jitter_ms(&receiver) - 10) < 0.1);
}

static void the_jitter_survives_a_new_time_line_and_a_tone(void **state)
{
    pp_rtp_receiver receiver;
    unsigned sequence = 0;

    (void)state;
    pp_rtp_receiver_init(&receiver, 1, 48000);
    for (unsigned i = 0; i < 10; i++)
        add(&receiver, sequence++, i * 960, i * 20000ull);
    for (unsigned i = 10; i < 20; i++) /* telephone-event: ten packets of one timestamp */
        add(&receiver, sequence++, 9600, i * 20000ull);
    for (unsigned i = 20; i < 30; i++)
        add(&receiver, sequence++, i * 960, i * 20000ull);
    assert_true(pp_rtp_receiver_jitter_ms(&receiver) < 0.05);
    for (unsigned i = 30; i < 40; i++)
        add(&receiver, sequence++, 0x7a000000u + i * 960, i * 20000ull);
    assert_true(pp_rtp_receiver_jitter_ms(&receiver) < 0.05);
}

static void a_report_counts_from_the_one_before(void **state)
{
    pp_rtp_receiver receiver;
    pp_report_block block;

    (void)state;
    pp_rtp_receiver_init(&receiver, 0xabcd, 48000);
    for (unsigned i = 0; i < 100; i++)
        if (i % 4 != 3)
            add(&receiver, 65500 + i, i * 960, i * 20000ull);
    add(&receiver, 65500 + 99, 99 * 960, 99 * 20000ull);
    receiver.last_sr = 0x12345678;
    receiver.last_sr_at_us = 1000000;
    pp_rtcp_report(&receiver, 1500000, &block);
    assert_int_equal(block.ssrc, 0xabcd);
    assert_int_equal(block.cumulative_lost, 24);
    assert_int_equal(block.fraction_lost, 24 * 256 / 100);
    assert_int_equal(block.highest_sequence, 65500 + 99);
    assert_int_equal(block.last_sr, 0x12345678);
    assert_int_equal(block.delay_since_last_sr, 32768);
    for (unsigned i = 100; i < 110; i++)
        add(&receiver, 65500 + i, i * 960, i * 20000ull);
    pp_rtcp_report(&receiver, 1700000, &block);
    assert_int_equal(block.fraction_lost, 0);
    assert_int_equal(block.cumulative_lost, 24);
}

static void a_report_before_the_first_packet_says_nothing(void **state)
{
    pp_rtp_receiver receiver;
    pp_report_block block;

    (void)state;
    pp_rtp_receiver_init(&receiver, 1, 48000);
    pp_rtcp_report(&receiver, 5, &block);
    assert_int_equal(block.fraction_lost, 0);
    assert_int_equal(block.cumulative_lost, 0);
    assert_int_equal(block.delay_since_last_sr, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_without_gaps_has_no_loss_and_no_jitter),
        cmocka_unit_test(a_missing_packet_is_lost_and_a_late_one_is_not),
        cmocka_unit_test(a_jump_is_believed_the_second_time),
        cmocka_unit_test(the_jitter_is_that_of_the_standard),
        cmocka_unit_test(the_jitter_survives_a_new_time_line_and_a_tone),
        cmocka_unit_test(a_report_counts_from_the_one_before),
        cmocka_unit_test(a_report_before_the_first_packet_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
