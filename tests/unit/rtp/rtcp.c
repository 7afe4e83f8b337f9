/* rtcp.c - reports, names and farewells. */
#include "rtp/rtcp.h"

#include "pipit/error.h"
#include "support/files.h"

struct heard {
    unsigned reports, blocks, cnames, byes;
    uint32_t ssrc;
    pp_sender_info info;
    pp_report_block block;
    char cname[256];
};

static void on_sender_report(void *arg, uint32_t ssrc, const pp_sender_info *info)
{
    struct heard *heard = arg;

    heard->reports++;
    heard->ssrc = ssrc;
    heard->info = *info;
}

static void on_report_block(void *arg, uint32_t from_ssrc, const pp_report_block *block)
{
    struct heard *heard = arg;

    heard->blocks++;
    heard->ssrc = from_ssrc;
    heard->block = *block;
}

static void on_cname(void *arg, uint32_t ssrc, pp_str cname)
{
    struct heard *heard = arg;

    heard->cnames++;
    heard->ssrc = ssrc;
    memcpy(heard->cname, cname.p, cname.n);
    heard->cname[cname.n] = '\0';
}

static void on_bye(void *arg, uint32_t ssrc)
{
    struct heard *heard = arg;

    heard->byes++;
    heard->ssrc = ssrc;
}

static bool same_block(const pp_report_block *a, const pp_report_block *b)
{
    return a->ssrc == b->ssrc && a->fraction_lost == b->fraction_lost &&
           a->cumulative_lost == b->cumulative_lost && a->highest_sequence == b->highest_sequence &&
           a->jitter == b->jitter && a->last_sr == b->last_sr &&
           a->delay_since_last_sr == b->delay_since_last_sr;
}

static const pp_rtcp_handlers handlers = {.sender_report = on_sender_report,
                                          .report_block = on_report_block,
                                          .cname = on_cname,
                                          .bye = on_bye};

static int parse(const void *data, size_t size, struct heard *heard)
{
    *heard = (struct heard){0};
    return pp_rtcp_parse(data, size, &handlers, heard);
}

static void a_compound_is_read_back_as_it_was_written(void **state)
{
    static const char *const cnames[] = {"", "a", "ab", "abc", "abcd", "x5kd93jf8s", NULL};
    const pp_sender_info info = {0x0123456789abcdef, 11, 22, 33};
    const pp_report_block block = {7, 200, -5, 0x10005, 42, 0xaabbccdd, 65536};
    pp_buf out = {0};
    struct heard heard;

    (void)state;
    for (size_t i = 0; cnames[i]; i++) {
        pp_buf_clear(&out);
        pp_rtcp_write(&out, 99, &info, &block, cnames[i], true);
        assert_int_equal(out.n % 4, 0);
        assert_int_equal(parse(out.p, out.n, &heard), 0);
        assert_int_equal(heard.reports, 1);
        assert_int_equal(heard.blocks, 1);
        assert_int_equal(heard.cnames, 1);
        assert_int_equal(heard.byes, 1);
        assert_int_equal(heard.ssrc, 99);
        assert_true(heard.info.ntp == info.ntp && heard.info.rtp_timestamp == 11 &&
                    heard.info.packets == 22);
        assert_int_equal(heard.info.octets, 33);
        assert_true(same_block(&heard.block, &block));
        assert_string_equal(heard.cname, cnames[i]);
    }
    pp_buf_free(&out);
}

static void a_receiver_report_has_no_sender_info(void **state)
{
    pp_buf out = {0};
    struct heard heard;

    (void)state;
    pp_rtcp_write(&out, 99, NULL, NULL, NULL, false);
    assert_int_equal(out.n, 8);
    assert_memory_equal(out.p, "\x80\xc9\0\1\0\0\0\x63", 8);
    assert_int_equal(parse(out.p, out.n, &heard), 0);
    assert_int_equal(heard.reports + heard.blocks + heard.cnames + heard.byes, 0);
    pp_buf_free(&out);
}

static void a_lone_transport_feedback_is_stepped_over(void **state)
{
    /* What Chromium sends first: RFC 5506, no report in front. */
    static const uint8_t feedback[] = {0x8f, 205, 0, 5, 0, 0, 0, 1, 0,    0, 0, 2,
                                       0,    1,   0, 1, 0, 0, 1, 0, 0x20, 1, 4, 0};
    struct heard heard;

    (void)state;
    assert_int_equal(parse(feedback, sizeof(feedback), &heard), 0);
    assert_int_equal(heard.reports + heard.blocks + heard.cnames + heard.byes, 0);
}

static void a_packet_with_several_blocks_chunks_and_sources_is_read(void **state)
{
    uint8_t data[8 + 3 * 24 + 28 + 12] = {0x83, 201, 0, 19};
    static const uint8_t names[] = {0x82, 202, 0, 6, 0,   0, 0, 5,   1, 1, 'x', 0, 0, 0,
                                    0,    6,   2, 1, 'n', 1, 1, 'y', 0, 0, 0,   0, 0, 0};
    static const uint8_t byes[] = {0x82, 203, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6};
    struct heard heard;

    (void)state;
    data[8 + 48 + 4 + 1] = 0xff; /* cumulative loss -1 */
    data[8 + 48 + 4 + 2] = 0xff;
    data[8 + 48 + 4 + 3] = 0xff;
    memcpy(data + 80, names, sizeof(names));
    memcpy(data + 108, byes, sizeof(byes));
    assert_int_equal(parse(data, sizeof(data), &heard), 0);
    assert_int_equal(heard.blocks, 3);
    assert_int_equal(heard.block.cumulative_lost, -1);
    assert_int_equal(heard.cnames, 2);
    assert_string_equal(heard.cname, "y");
    assert_int_equal(heard.byes, 2);
    assert_int_equal(heard.ssrc, 6);
}

static void a_malformed_part_is_refused_and_what_came_before_is_heard(void **state)
{
    static const struct {
        uint8_t data[24];
        size_t size;
    } bad[] = {
        {{0x81, 201, 0, 1, 0, 0, 0, 1}, 8},                    /* one block promised, none there */
        {{0x9f, 203, 0, 1, 0, 0, 0, 1}, 8},                    /* 31 sources promised */
        {{0x80, 200, 0, 1, 0, 0, 0, 1}, 8},                    /* no sender info */
        {{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 200, 'x', 'y'}, 12}, /* text beyond the part */
        {{0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'x', 'y'}, 12},   /* no end of the list */
        {{0x80, 201, 0, 2, 0, 0, 0, 1}, 8},                    /* length beyond the packet */
        {{0xa0, 201, 0, 1, 0, 0, 0, 9}, 8},                    /* padding of nine in four */
        {{0xa0, 201, 0, 1, 0, 0, 0, 0}, 8},                    /* padding of none */
        {{0xa0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0x80, 201, 0, 1, 0, 0, 0, 1},
         20},                               /* padding not in the last */
        {{0x40, 201, 0, 1, 0, 0, 0, 1}, 8}, /* version 1 */
        {{0x80, 201, 0}, 3},
        {{0}, 0},
    };
    uint8_t data[64];
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        static const uint8_t bye[] = {0x81, 203, 0, 1, 0, 0, 0, 5};

        assert_int_equal(parse(bad[i].data, bad[i].size, &heard), PIPIT_ERR_SYNTAX);
        if (!bad[i].size)
            continue;
        memcpy(data, bye, sizeof(bye));
        memcpy(data + sizeof(bye), bad[i].data, bad[i].size);
        assert_int_equal(parse(data, sizeof(bye) + bad[i].size, &heard), PIPIT_ERR_SYNTAX);
        assert_int_equal(heard.byes, 1);
    }
}

static void the_ntp_time_counts_from_1900(void **state)
{
    (void)state;
    assert_true(pp_ntp_from_wall(0) == 2208988800ull << 32);
    assert_true(pp_ntp_from_wall(1500000) == (2208988801ull << 32 | 0x80000000));
}

static void the_round_trip_is_what_is_left_of_the_time(void **state)
{
    const uint64_t sent_us = 1700000000000000;
    pp_report_block block = {.last_sr = (uint32_t)(pp_ntp_from_wall(sent_us) >> 16),
                             .delay_since_last_sr = 65536};
    uint64_t round_trip_us = 77;

    (void)state;
    assert_true(pp_rtcp_round_trip_us(&block, sent_us + 1080000, &round_trip_us));
    assert_in_range(round_trip_us, 79900, 80100);
    assert_true(pp_rtcp_round_trip_us(&block, sent_us + 1000000, &round_trip_us));
    assert_in_range(round_trip_us, 0, 100);
    round_trip_us = 77;
    assert_false(
        pp_rtcp_round_trip_us(&block, sent_us + 900000, &round_trip_us)); /* before it can be */
    assert_false(pp_rtcp_round_trip_us(&block, sent_us + 90000000, &round_trip_us));
    block.last_sr = 0;
    assert_false(pp_rtcp_round_trip_us(&block, sent_us, &round_trip_us));
    assert_int_equal(round_trip_us, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compound_is_read_back_as_it_was_written),
        cmocka_unit_test(a_receiver_report_has_no_sender_info),
        cmocka_unit_test(a_lone_transport_feedback_is_stepped_over),
        cmocka_unit_test(a_packet_with_several_blocks_chunks_and_sources_is_read),
        cmocka_unit_test(a_malformed_part_is_refused_and_what_came_before_is_heard),
        cmocka_unit_test(the_ntp_time_counts_from_1900),
        cmocka_unit_test(the_round_trip_is_what_is_left_of_the_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
