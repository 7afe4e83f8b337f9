/* retransmission.c - packets kept and sent again; packets that are missing and asked for. */
#include "rtp/retransmission.h"

#include "rtp/missing.h"
#include "support/files.h"
#include "support/scarce.h"

static bool keep(pp_retransmission *r, uint16_t sequence, uint64_t now_us)
{
    const pp_rtp packet = {.payload_type = 96,
                           .marker = true,
                           .sequence = sequence,
                           .timestamp = 3000,
                           .ssrc = 7,
                           .payload = (const uint8_t *)"picture",
                           .size = 7,
                           .extension_profile = 0xBEDE};

    return pp_retransmission_keep(r, &packet, now_us);
}

static void a_packet_goes_again_and_is_put_back(void **state)
{
    static pp_retransmission r = {.ssrc = 8, .payload_type = 97, .sequence = 65535};
    pp_buf payload = {0};
    pp_rtp again, back;

    (void)state;
    keep(&r, 500, 0);
    assert_true(pp_retransmission_again(&r, 500, 50000, 20000, &again, &payload));
    assert_int_equal(again.ssrc, 8);
    assert_int_equal(again.payload_type, 97);
    assert_int_equal(again.sequence, 65535);
    assert_int_equal(again.extension_profile, 0);
    assert_true(pp_retransmission_unwrap(&again, 7, 96, &back));
    assert_int_equal(back.sequence, 500);
    assert_true(back.marker && back.timestamp == 3000 && back.ssrc == 7);
    assert_memory_equal(back.payload, "picture", 7);
    pp_retransmission_clear(&r);
    pp_buf_free(&payload);
}

static void a_packet_does_not_go_again_at_once(void **state)
{
    static pp_retransmission r;
    pp_buf payload = {0};
    pp_rtp again;

    (void)state;
    keep(&r, 500, 0);
    assert_false(pp_retransmission_again(&r, 500, 19999, 20000, &again, &payload));
    assert_true(pp_retransmission_again(&r, 500, 20000, 20000, &again, &payload));
    assert_false(pp_retransmission_again(&r, 500, 30000, 20000, &again, &payload));
    pp_retransmission_clear(&r);
    pp_buf_free(&payload);
}

static void an_old_packet_is_gone(void **state)
{
    static pp_retransmission r;
    pp_buf payload = {0};
    pp_rtp again;

    (void)state;
    keep(&r, 500, 0);
    keep(&r, 500 + PP_LIMIT_RTX_PACKETS, 0);
    assert_false(pp_retransmission_again(&r, 500, 50000, 20000, &again, &payload));
    assert_false(pp_retransmission_again(&r, 501, 50000, 20000, &again, &payload));
    pp_retransmission_clear(&r);
    pp_buf_free(&payload);
}

static void a_packet_without_memory_is_not_kept(void **state)
{
    static pp_retransmission r;
    pp_buf payload = {0};
    pp_rtp again;

    (void)state;
    scarce_begin(1);
    assert_false(keep(&r, 500, 0));
    assert_false(pp_retransmission_again(&r, 500, 50000, 20000, &again, &payload));
    pp_retransmission_clear(&r);
    assert_int_equal(scarce_end(), 0);
}

static void padding_alone_is_no_packet(void **state)
{
    const pp_rtp packet = {.size = 1, .payload = (const uint8_t *)"x"};
    pp_rtp back;

    (void)state;
    assert_false(pp_retransmission_unwrap(&packet, 7, 96, &back));
}

static void a_lost_packet_is_asked_for_until_it_comes(void **state)
{
    static pp_missing missing;
    uint16_t due[PP_LIMIT_NACK];

    (void)state;
    assert_true(pp_missing_add(&missing, 65534, 0));
    assert_true(pp_missing_add(&missing, 1, 0));
    assert_int_equal(pp_missing_due(&missing, 1000, 50000, due), 0); /* may be on its way */
    assert_int_equal(pp_missing_due(&missing, 6000, 50000, due), 2);
    assert_int_equal(due[0], 65535);
    assert_int_equal(due[1], 0);
    assert_int_equal(pp_missing_due(&missing, 50000, 50000, due), 0);
    assert_true(pp_missing_add(&missing, 65535, 55000));
    assert_int_equal(pp_missing_due(&missing, 60000, 50000, due), 1);
    assert_true(pp_missing_any(&missing));
    assert_true(pp_missing_add(&missing, 0, 65000));
    assert_false(pp_missing_any(&missing));
}

static void a_packet_is_given_up_after_a_second(void **state)
{
    static pp_missing missing;
    uint16_t due[PP_LIMIT_NACK];

    (void)state;
    pp_missing_add(&missing, 1, 0);
    pp_missing_add(&missing, 3, 0);
    assert_int_equal(pp_missing_due(&missing, 1000001, 50000, due), 0);
    assert_false(pp_missing_any(&missing));
}

static void what_is_before_a_key_frame_is_forgotten(void **state)
{
    static pp_missing missing;

    (void)state;
    pp_missing_add(&missing, 1, 0);
    pp_missing_add(&missing, 10, 0);
    pp_missing_forget(&missing, 8);
    assert_int_equal(missing.count, 2);
    assert_int_equal(missing.packets[0].sequence, 8);
}

static void too_many_at_once_are_given_up(void **state)
{
    static pp_missing missing;

    (void)state;
    pp_missing_add(&missing, 0, 0);
    assert_true(pp_missing_add(&missing, PP_LIMIT_NACK + 1, 0));
    assert_int_equal(missing.count, PP_LIMIT_NACK);
    assert_false(pp_missing_add(&missing, PP_LIMIT_NACK + 3, 0));
    assert_false(pp_missing_any(&missing));
    assert_true(pp_missing_add(&missing, PP_LIMIT_NACK + 4, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_goes_again_and_is_put_back),
        cmocka_unit_test(a_packet_does_not_go_again_at_once),
        cmocka_unit_test(an_old_packet_is_gone),
        cmocka_unit_test(a_packet_without_memory_is_not_kept),
        cmocka_unit_test(padding_alone_is_no_packet),
        cmocka_unit_test(a_lost_packet_is_asked_for_until_it_comes),
        cmocka_unit_test(a_packet_is_given_up_after_a_second),
        cmocka_unit_test(what_is_before_a_key_frame_is_forgotten),
        cmocka_unit_test(too_many_at_once_are_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
