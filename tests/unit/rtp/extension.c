/* extension.c - RTP header extensions, written and read back, and as others write them. */
#include "rtp/extension.h"

#include "support/files.h"

static const pp_rtp_extension_ids all = {{4, 1, 2, 3}};

static void what_is_written_is_read_back(void **state)
{
    const pp_rtp_extensions sent = {.has = {true, true, true, true},
                                    .mid = PP_LIT("video-1"),
                                    .voice = true,
                                    .level = 93,
                                    .send_time = 0xabcdef,
                                    .transport_sequence = 65535};
    uint8_t space[PP_EXTENSION_SIZE_MAX];
    pp_rtp packet = {.payload_type = 96, .payload = (const uint8_t *)"xyz", .size = 3}, back;
    pp_rtp_extensions read;
    pp_buf out = {0};

    (void)state;
    pp_rtp_extensions_write(&sent, &all, space, &packet);
    pp_rtp_write(&packet, &out);
    assert_int_equal(pp_rtp_parse((const uint8_t *)out.p, out.n, &back), 0);
    assert_int_equal(back.size, 3);
    pp_rtp_extensions_read(&back, &all, &read);
    assert_true(pp_str_eq_c(read.mid, "video-1"));
    assert_true(read.voice && read.level == 93);
    assert_int_equal(read.send_time, 0xabcdef);
    assert_int_equal(read.transport_sequence, 65535);
    pp_buf_free(&out);
}

static void a_packet_without_agreed_extensions_has_none(void **state)
{
    const pp_rtp_extensions sent = {.has = {true, true, true, true}, .mid = PP_LIT("0")};
    static const pp_rtp_extension_ids none = {{0}};
    uint8_t space[PP_EXTENSION_SIZE_MAX];
    pp_rtp packet = {0};

    (void)state;
    pp_rtp_extensions_write(&sent, &none, space, &packet);
    assert_int_equal(packet.extension_profile, 0);
    assert_int_equal(packet.extension_size, 0);
}

static void headers_of_two_octets_are_read(void **state)
{
    static const uint8_t extension[] = {1, 1, 0x85, 0, 3, 2, 0x12, 0x34, 4, 2, 'a', 'b'};
    const pp_rtp packet = {
        .extension_profile = 0x1005, .extension = extension, .extension_size = sizeof(extension)};
    pp_rtp_extensions read;

    (void)state;
    pp_rtp_extensions_read(&packet, &all, &read);
    assert_true(read.has[PP_EXTENSION_LEVEL] && read.voice && read.level == 5);
    assert_int_equal(read.transport_sequence, 0x1234);
    assert_true(pp_str_eq_c(read.mid, "ab"));
}

static void what_stands_behind_the_stop_is_not_read(void **state)
{
    static const uint8_t extension[] = {0x10, 0x85, 0xf0, 0, 0x31, 0x12, 0x34, 0};
    const pp_rtp packet = {
        .extension_profile = 0xBEDE, .extension = extension, .extension_size = sizeof(extension)};
    pp_rtp_extensions read;

    (void)state;
    pp_rtp_extensions_read(&packet, &all, &read);
    assert_true(read.has[PP_EXTENSION_LEVEL]);
    assert_false(read.has[PP_EXTENSION_TRANSPORT]);
}

static void an_element_of_a_wrong_length_is_passed_over(void **state)
{
    static const uint8_t extension[] = {0x30, 0x85, 0x22, 1, 2, 3, 0x4f, 'a'};
    const pp_rtp packet = {
        .extension_profile = 0xBEDE, .extension = extension, .extension_size = sizeof(extension)};
    pp_rtp_extensions read;

    (void)state;
    pp_rtp_extensions_read(&packet, &all, &read);
    assert_false(read.has[PP_EXTENSION_TRANSPORT]);
    assert_true(read.has[PP_EXTENSION_SEND_TIME] && read.send_time == 0x010203);
    assert_false(read.has[PP_EXTENSION_MID]);
}

static void a_send_time_wraps_after_64_seconds(void **state)
{
    (void)state;
    assert_int_equal(pp_rtp_send_time(0), 0);
    assert_int_equal(pp_rtp_send_time(1000000), 1 << 18);
    assert_int_equal(pp_rtp_send_time(65500000), 3 << 17);
}

static void each_extension_is_known_by_its_name(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < PP_EXTENSION_COUNT; kind++)
        assert_int_equal(
            pp_rtp_extension_of(pp_str_c(pp_rtp_extension_uri((pp_rtp_extension_kind)kind))), kind);
    assert_int_equal(pp_rtp_extension_of(PP_LIT("urn:3gpp:video-orientation")), PP_EXTENSION_COUNT);
}

static void a_number_is_for_one_extension_and_an_extension_has_one_number(void **state)
{
    pp_rtp_extension_ids ids = {0};

    (void)state;
    assert_false(pp_rtp_extension_agree(&ids, PP_EXTENSION_MID, 0));
    assert_false(pp_rtp_extension_agree(&ids, PP_EXTENSION_MID, 15));
    assert_true(pp_rtp_extension_agree(&ids, PP_EXTENSION_MID, 5));
    assert_true(pp_rtp_extension_agree(&ids, PP_EXTENSION_MID, 5));
    assert_false(pp_rtp_extension_agree(&ids, PP_EXTENSION_MID, 6));
    assert_false(pp_rtp_extension_agree(&ids, PP_EXTENSION_LEVEL, 5));
    assert_true(pp_rtp_extension_agree(&ids, PP_EXTENSION_LEVEL, 14));
    assert_int_equal(ids.of[PP_EXTENSION_MID], 5);
}

static void what_is_not_agreed_gets_a_number_that_is_free(void **state)
{
    pp_rtp_extension_ids none = {0};
    pp_rtp_extension_ids some = {{[PP_EXTENSION_MID] = 1, [PP_EXTENSION_TRANSPORT] = 2}};

    (void)state;
    pp_rtp_extension_number(&none);
    assert_memory_equal(&none, &all, sizeof(all)); /* as browsers number them */
    pp_rtp_extension_number(&some);
    assert_int_equal(some.of[PP_EXTENSION_MID], 1);
    assert_int_equal(some.of[PP_EXTENSION_LEVEL], 3);
    assert_int_equal(some.of[PP_EXTENSION_SEND_TIME], 4);
    assert_int_equal(some.of[PP_EXTENSION_TRANSPORT], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_packet_without_agreed_extensions_has_none),
        cmocka_unit_test(headers_of_two_octets_are_read),
        cmocka_unit_test(what_stands_behind_the_stop_is_not_read),
        cmocka_unit_test(an_element_of_a_wrong_length_is_passed_over),
        cmocka_unit_test(a_send_time_wraps_after_64_seconds),
        cmocka_unit_test(each_extension_is_known_by_its_name),
        cmocka_unit_test(a_number_is_for_one_extension_and_an_extension_has_one_number),
        cmocka_unit_test(what_is_not_agreed_gets_a_number_that_is_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
