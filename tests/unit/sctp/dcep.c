/* dcep.c - tests of the messages that open channels (RFC 8832), and of far ends that do it otherwise than ours. */
#include "sctp/dcep.h"

#include "support/pair.h"

#define OPEN(type, limit, sizes, text) PP_LIT("\x03" type "\1\0" limit sizes text)

static void an_open_is_written_as_it_is_read(void **state)
{
    static const pp_sctp_policy policies[] = {PP_SCTP_RELIABLE, PP_SCTP_RETRANSMITS,
                                              PP_SCTP_LIFE_TIME};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        const pp_dcep_open open = {.unordered = i % 2,
                                   .policy = policies[i / 2],
                                   .limit = i < 2 ? 0 : 65535,
                                   .priority = 512,
                                   .label = PP_LIT("label"),
                                   .protocol = PP_LIT("p")};
        pp_dcep_open read;
        pp_buf out = {0};

        pp_dcep_write_open(&open, &out);
        assert_int_equal(pp_buf_error(&out), 0);
        assert_int_equal(out.n, 12 + 6);
        assert_int_equal((uint8_t)out.p[1], (i % 2 ? 0x80 : 0) + i / 2);
        assert_int_equal(pp_dcep_parse_open(pp_buf_text(&out), &read), 0);
        assert_int_equal(read.unordered, open.unordered);
        assert_int_equal(read.policy, open.policy);
        assert_int_equal(read.limit, open.limit);
        assert_int_equal(read.priority, 512);
        assert_true(pp_str_eq(read.label, open.label));
        assert_true(pp_str_eq(read.protocol, open.protocol));
        pp_buf_free(&out);
    }
}

static void an_open_that_is_none_is_refused(void **state)
{
    static const pp_str wrong[] = {
        PP_LIT_INIT(""),
        PP_LIT_INIT("\x03"),
        PP_LIT_INIT("\x02"),
        PP_LIT_INIT("\x04\0\1\0\0\0\0\0\0\0\0\0"),
        PP_LIT_INIT("\x03\0\1\0\0\0\0\0\0\0\0"),
        PP_LIT_INIT("\x03\0\1\0\0\0\0\0\0\0\0\0x"),
        PP_LIT_INIT("\x03\0\1\0\0\0\0\0\0\2\0\0x"),
        PP_LIT_INIT("\x03\0\1\0\0\0\0\0\0\1\0\1x"),
        PP_LIT_INIT("\x03\3\1\0\0\0\0\0\0\0\0\0"),
        PP_LIT_INIT("\x03\x40\1\0\0\0\0\0\0\0\0\0"),
        PP_LIT_INIT("\x03\x83\1\0\0\0\0\0\0\0\0\0"),
    };
    pp_dcep_open out;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(pp_dcep_parse_open(wrong[i], &out), PIPIT_ERR_SYNTAX);
    assert_int_equal(pp_dcep_parse_open(OPEN("\x81", "\0\1\0\0", "\0\0\0\0", ""), &out), 0);
    assert_int_equal(out.limit, 65535); /* more than the W3C's number holds */
    assert_true(pp_dcep_is_ack(PP_LIT("\x02")));
    assert_false(pp_dcep_is_ack(PP_LIT("\x02\0")));
}

static void connect_raw(pair *p)
{
    pair_open(p);
    pair_connect_raw(p);
    pair_run_ms(p, 200);
}

static void a_far_end_opens_channels_of_all_kinds(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    connect_raw(&p);
    pair_say(&p, 1, PP_PPID_DCEP, OPEN("\x81", "\0\0\0\5", "\0\3\0\2", "abcde"));
    pair_say(&p, 1, PP_PPID_STRING, PP_LIT("at once"));
    pair_run_ms(&p, 100);
    assert_int_equal(p.a.incoming, 1);
    assert_string_equal(pipit_data_channel_label(p.a.heard->channel), "abc");
    assert_string_equal(pipit_data_channel_protocol(p.a.heard->channel), "de");
    assert_int_equal(pipit_data_channel_max_retransmits(p.a.heard->channel), 5);
    assert_false(pipit_data_channel_ordered(p.a.heard->channel));
    assert_int_equal(p.a.heard->texts, 1);
    assert_int_equal(p.b.ppid, PP_PPID_DCEP);
    assert_memory_equal(p.b.last, "\x02", 1);
    assert_int_equal(p.b.size, 1);
    pair_close(&p);
}

static void each_kind_of_message_has_its_identifier(void **state)
{
    pair p = {.seed = 1};
    heard *ours;

    (void)state;
    connect_raw(&p);
    ours = pair_create(&p.a, "", &(pipit_data_channel_options){.negotiated = true});
    pair_run_ms(&p, 10);
    for (int i = 0; i < 4; i++) {
        static const uint32_t ppids[] = {51, 56, 53, 57};

        if (i < 2)
            assert_int_equal(pipit_data_channel_send_text(ours->channel, i ? "" : "x"), 0);
        else
            assert_int_equal(pipit_data_channel_send(ours->channel, "x", i == 2), 0);
        pair_run_ms(&p, 100);
        assert_int_equal(p.b.messages, i + 1);
        assert_int_equal(p.b.ppid, ppids[i]);
        assert_int_equal(p.b.size, 1);
    }
    for (int i = 0; i < 4; i++) {
        static const uint32_t ppids[] = {51, 56, 53, 57};

        pair_say(&p, 0, ppids[i], PP_LIT("x"));
        pair_run_ms(&p, 100);
        assert_int_equal(ours->texts, i < 1 ? 1 : i < 2 ? 2 : 2);
        assert_int_equal(ours->binaries, i < 2 ? 0 : i - 1);
        assert_int_equal(ours->empty, (i + 1) / 2);
    }
    pair_close(&p);
}

static void a_message_may_come_in_the_deprecated_parts(void **state)
{
    pair p = {.seed = 1};
    heard *ours;

    (void)state;
    connect_raw(&p);
    ours = pair_create(&p.a, "", &(pipit_data_channel_options){.negotiated = true});
    pair_run_ms(&p, 10);
    pair_say(&p, 0, PP_PPID_STRING_PART, PP_LIT("one, "));
    pair_say(&p, 0, PP_PPID_STRING_PART, PP_LIT("two, "));
    pair_say(&p, 0, PP_PPID_STRING, PP_LIT("three"));
    pair_run_ms(&p, 100);
    assert_int_equal(ours->texts, 1);
    assert_int_equal(ours->octets, 15);
    pair_say(&p, 0, PP_PPID_BINARY, PP_LIT("x"));
    pair_run_ms(&p, 100);
    assert_int_equal(ours->binaries, 1);
    assert_int_equal(ours->octets, 16);
    pair_close(&p);
}

static void a_message_that_never_ends_closes_the_channel(void **state)
{
    static char large[PP_LIMIT_DATA_MESSAGE];
    pair p = {.seed = 1};
    heard *ours;

    (void)state;
    connect_raw(&p);
    ours = pair_create(&p.a, "", &(pipit_data_channel_options){.negotiated = true});
    pair_run_ms(&p, 10);
    for (int k = 0; k < 3; k++)
        pair_say(&p, 0, PP_PPID_BINARY_PART, pp_str_n(large, 150000));
    pair_say(&p, 0, PP_PPID_BINARY, PP_LIT("x"));
    pair_run_ms(&p, 5000);
    assert_int_equal(ours->binaries, 0);
    assert_int_equal(ours->errors, 1);
    assert_int_equal(ours->error, PIPIT_ERR_LIMIT);
    assert_int_equal(ours->closed, 1);
    assert_int_equal(p.b.resets, 1);
    pair_close(&p);
}

/* 300,000 octets in one message: above what we say we take. */
static void a_message_that_is_too_long_closes_the_channel(void **state)
{
    static char large[300000];
    pair p = {.seed = 1};
    heard *ours;

    (void)state;
    connect_raw(&p);
    ours = pair_create(&p.a, "", &(pipit_data_channel_options){.negotiated = true});
    pair_run_ms(&p, 10);
    pair_say(&p, 0, PP_PPID_BINARY, pp_str_n(large, sizeof(large)));
    pair_run_ms(&p, 5000);
    assert_int_equal(ours->binaries, 0);
    assert_int_equal(ours->error, PIPIT_ERR_LIMIT);
    assert_int_equal(ours->closed, 1);
    assert_int_equal(p.a.closed, 0);
    pair_close(&p);
}

static void a_channel_that_is_opened_wrongly_is_refused(void **state)
{
    static const struct {
        uint16_t stream;
        pp_str message;
    } cases[] = {
        {2, PP_LIT_INIT("\x03\0\1\0\0\0\0\0\0\0\0\0")}, /* an id of ours */
        {3, PP_LIT_INIT("\x03\5\1\0\0\0\0\0\0\0\0\0")},
        {5, PP_LIT_INIT("\x03")},
        {7, PP_LIT_INIT("\x77")},
    };
    pp_channels_stats stats;
    pair p = {.seed = 1};

    (void)state;
    connect_raw(&p);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pair_say(&p, cases[i].stream, PP_PPID_DCEP, cases[i].message);
        pair_run_ms(&p, 300);
        assert_int_equal(p.b.resets, i + 1);
    }
    assert_int_equal(p.a.incoming, 0);
    assert_int_equal(p.b.messages, 0);
    pair_say(&p, 9, PP_PPID_DCEP, PP_LIT("\x02")); /* an answer to nothing */
    pair_say(&p, 9, PP_PPID_STRING, PP_LIT("hello?"));
    pair_say(&p, 9, 4711, PP_LIT("hello?"));
    pair_run_ms(&p, 100);
    pp_channels_get_stats(p.a.channels, &stats);
    assert_int_equal(stats.messages_unexpected, 2);
    pair_close(&p);
}

static void a_channel_that_is_opened_twice_is_closed(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    connect_raw(&p);
    for (int i = 0; i < 2; i++)
        pair_say(&p, 1, PP_PPID_DCEP, OPEN("\0", "\0\0\0\0", "\0\0\0\0", ""));
    pair_run_ms(&p, 500);
    assert_int_equal(p.a.incoming, 1);
    assert_int_equal(p.a.heard->errors, 1);
    assert_int_equal(p.a.heard->closed, 1);
    assert_int_equal(p.b.resets, 1);
    pair_close(&p);
}

static void a_far_end_cannot_open_channels_without_end(void **state)
{
    pair p = {.seed = 1};

    (void)state;
    connect_raw(&p);
    for (unsigned i = 0; i < 300; i++) {
        pair_say(&p, (uint16_t)(2 * i + 1), PP_PPID_DCEP, OPEN("\0", "\0\0\0\0", "\0\0\0\0", ""));
        pair_run_ms(&p, 5);
    }
    pair_run_ms(&p, 10000);
    assert_int_equal(p.a.incoming, PP_LIMIT_DATA_CHANNELS);
    assert_int_equal(p.b.resets, 300 - PP_LIMIT_DATA_CHANNELS);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_is_written_as_it_is_read),
        cmocka_unit_test(an_open_that_is_none_is_refused),
        cmocka_unit_test(a_far_end_opens_channels_of_all_kinds),
        cmocka_unit_test(each_kind_of_message_has_its_identifier),
        cmocka_unit_test(a_message_may_come_in_the_deprecated_parts),
        cmocka_unit_test(a_message_that_never_ends_closes_the_channel),
        cmocka_unit_test(a_message_that_is_too_long_closes_the_channel),
        cmocka_unit_test(a_channel_that_is_opened_wrongly_is_refused),
        cmocka_unit_test(a_channel_that_is_opened_twice_is_closed),
        cmocka_unit_test(a_far_end_cannot_open_channels_without_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
