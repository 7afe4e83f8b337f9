/* rtp.c - packets read and written. */
#include "rtp/rtp.h"

#include "pipit/error.h"
#include "support/files.h"

static const uint8_t plain[] = {0x80, 0xef, 0x12, 0x34, 0,   0,   3,  0xc0,
                                0xde, 0xad, 0xbe, 0xef, 'a', 'b', 'c'};

static void a_packet_is_parsed(void **state)
{
    pp_rtp packet;

    (void)state;
    assert_int_equal(pp_rtp_parse(plain, sizeof(plain), &packet), 0);
    assert_true(packet.marker);
    assert_int_equal(packet.payload_type, 111);
    assert_int_equal(packet.sequence, 0x1234);
    assert_int_equal(packet.timestamp, 960);
    assert_int_equal(packet.ssrc, 0xdeadbeef);
    assert_int_equal(packet.size, 3);
    assert_memory_equal(packet.payload, "abc", 3);
    assert_int_equal(packet.extension_profile, 0);
}

static void a_packet_is_written_as_it_was_read(void **state)
{
    pp_rtp packet;
    pp_buf out = {0};

    (void)state;
    assert_int_equal(pp_rtp_parse(plain, sizeof(plain), &packet), 0);
    pp_rtp_write(&packet, &out);
    assert_int_equal(out.n, sizeof(plain));
    assert_memory_equal(out.p, plain, sizeof(plain));
    pp_buf_free(&out);
}

static void the_extension_the_sources_and_the_padding_are_taken_off(void **state)
{
    static const uint8_t full[] = {0xb1, 0x6f, 0,    1, 0, 0,    0,    0, 0, 0,   0,   1, 9, 9, 9,
                                   9,    0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0, 'x', 'y', 0, 0, 3};
    pp_rtp packet;

    (void)state;
    assert_int_equal(pp_rtp_parse(full, sizeof(full), &packet), 0);
    assert_int_equal(packet.extension_profile, 0xbede);
    assert_int_equal(packet.extension_size, 4);
    assert_int_equal(packet.extension[1], 0xff);
    assert_int_equal(packet.size, 2);
    assert_memory_equal(packet.payload, "xy", 2);
}

static void a_packet_of_padding_alone_has_no_payload(void **state)
{
    static const uint8_t probe[] = {0xa0, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 3};
    pp_rtp packet;

    (void)state;
    assert_int_equal(pp_rtp_parse(probe, sizeof(probe), &packet), 0);
    assert_int_equal(packet.size, 0);
}

static void a_packet_that_promises_more_than_it_holds_is_refused(void **state)
{
    static const struct {
        uint8_t data[20];
        size_t size;
    } bad[] = {
        {{0x8f, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, 16}, /* fifteen sources */
        {{0x90, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0xff, 0xff},
         16},                                                   /* extension of 65,535 words */
        {{0x90, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe}, 13}, /* half an extension header */
        {{0xa0, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0}, 13},    /* padding of no octet */
        {{0xa0, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2}, 13},    /* padding beyond the payload */
        {{0xa0, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}, 12},       /* padding without a payload */
        {{0x40, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2}, 13},    /* version 1 */
        {{0x80, 0x6f, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 11},
        {{0}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        pp_rtp packet = {.size = 77};

        assert_int_equal(pp_rtp_parse(bad[i].data, bad[i].size, &packet), PIPIT_ERR_SYNTAX);
        assert_int_equal(packet.size, 77);
    }
}

static void a_datagram_is_rtp_or_rtcp_by_its_second_octet(void **state)
{
    uint8_t data[12] = {0x80};

    (void)state;
    for (unsigned second = 0; second < 256; second++) {
        data[1] = (uint8_t)second;
        assert_int_equal(pp_rtcp_is(data, sizeof(data)), second >= 192 && second <= 223);
        assert_int_equal(pp_rtp_is(data, sizeof(data)), second < 192 || second > 223);
    }
    data[1] = 111;
    assert_false(pp_rtp_is(data, 11));
    data[0] = 22; /* a DTLS handshake record */
    assert_false(pp_rtp_is(data, 12));
    data[1] = 200;
    assert_false(pp_rtcp_is(data, 12));
    assert_false(pp_rtcp_is(data, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_is_parsed),
        cmocka_unit_test(a_packet_is_written_as_it_was_read),
        cmocka_unit_test(the_extension_the_sources_and_the_padding_are_taken_off),
        cmocka_unit_test(a_packet_of_padding_alone_has_no_payload),
        cmocka_unit_test(a_packet_that_promises_more_than_it_holds_is_refused),
        cmocka_unit_test(a_datagram_is_rtp_or_rtcp_by_its_second_octet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
