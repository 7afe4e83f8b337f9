/* feedback.c - packets, key frames and rates asked for; extended reports; written and read back. */
#include "rtp/feedback.h"

#include "pipit/error.h"
#include "support/files.h"

struct heard {
    uint16_t nacks[64];
    size_t nack_count;
    unsigned losses, intras, replies;
    uint32_t media_ssrc, last_rr, delay;
    uint8_t intra_sequence;
    uint64_t rate, ntp;
};

static void on_nack(void *arg, uint32_t media_ssrc, uint16_t sequence)
{
    struct heard *heard = arg;

    heard->media_ssrc = media_ssrc;
    heard->nacks[heard->nack_count++] = sequence;
}

static void on_picture_loss(void *arg, uint32_t media_ssrc)
{
    struct heard *heard = arg;

    heard->losses++;
    heard->media_ssrc = media_ssrc;
}

static void on_full_intra(void *arg, uint32_t media_ssrc, uint8_t sequence)
{
    struct heard *heard = arg;

    heard->intras++;
    heard->media_ssrc = media_ssrc;
    heard->intra_sequence = sequence;
}

static void on_max_bitrate(void *arg, uint64_t bits_a_second)
{
    ((struct heard *)arg)->rate = bits_a_second;
}

static void on_reference_time(void *arg, uint32_t from_ssrc, uint64_t ntp)
{
    struct heard *heard = arg;

    heard->media_ssrc = from_ssrc;
    heard->ntp = ntp;
}

static void on_reference_reply(void *arg, uint32_t about_ssrc, uint32_t last_rr, uint32_t delay)
{
    struct heard *heard = arg;

    heard->replies++;
    heard->media_ssrc = about_ssrc;
    heard->last_rr = last_rr;
    heard->delay = delay;
}

static const pp_rtcp_handlers handlers = {.nack = on_nack,
                                          .picture_loss = on_picture_loss,
                                          .full_intra = on_full_intra,
                                          .max_bitrate = on_max_bitrate,
                                          .reference_time = on_reference_time,
                                          .reference_reply = on_reference_reply};

static const pp_feedback_ends ends = {0x11111111, 0x22222222};

static struct heard hear(pp_buf *out)
{
    struct heard heard = {0};

    assert_int_equal(pp_buf_error(out), 0);
    assert_int_equal(out->n % 4, 0);
    assert_int_equal(pp_rtcp_parse((const uint8_t *)out->p, out->n, &handlers, &heard), 0);
    pp_buf_free(out);
    return heard;
}

static void packets_asked_for_come_back_in_their_order(void **state)
{
    static const uint16_t asked[] = {65530, 65531, 65535, 0, 10, 11, 28, 500};
    pp_buf out = {0};
    struct heard heard;

    (void)state;
    pp_feedback_nack(&out, ends, asked, 8);
    assert_int_equal(out.n, 12 + 4 * 4);
    heard = hear(&out);
    assert_int_equal(heard.nack_count, 8);
    assert_memory_equal(heard.nacks, asked, sizeof(asked));
    assert_int_equal(heard.media_ssrc, 0x22222222);
}

static void nothing_is_written_when_nothing_is_missing(void **state)
{
    pp_buf out = {0};

    (void)state;
    pp_feedback_nack(&out, ends, NULL, 0);
    assert_int_equal(out.n, 0);
}

static void a_key_frame_is_asked_for_in_both_ways(void **state)
{
    pp_buf out = {0};
    struct heard heard;

    (void)state;
    pp_feedback_picture_loss(&out, ends);
    pp_feedback_full_intra(&out, ends, 200);
    heard = hear(&out);
    assert_int_equal(heard.losses, 1);
    assert_int_equal(heard.intras, 1);
    assert_int_equal(heard.intra_sequence, 200);
    assert_int_equal(heard.media_ssrc, 0x22222222);
}

static void a_rate_is_read_back_as_far_as_eighteen_bits_tell_it(void **state)
{
    static const uint64_t rates[] = {0, 1, 0x3ffff, 0x40000, 300000, 2500000, 123456789012};

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
        pp_buf out = {0};
        struct heard heard;

        pp_feedback_max_bitrate(&out, ends, rates[i]);
        heard = hear(&out);
        assert_true(heard.rate <= rates[i]);
        assert_true(rates[i] - heard.rate <= rates[i] >> 17);
    }
}

static void a_rate_beyond_all_numbers_is_no_bound(void **state)
{
    static const uint8_t packet[] = {0x8f, 206, 0,   5,   0, 0,    0,    1,    0, 0, 0, 0,
                                     'R',  'E', 'M', 'B', 1, 0xff, 0xff, 0xff, 0, 0, 0, 2};
    struct heard heard = {0};

    (void)state;
    assert_int_equal(pp_rtcp_parse(packet, sizeof(packet), &handlers, &heard), 0);
    assert_true(heard.rate == UINT64_MAX);
}

static void a_receivers_clock_is_answered(void **state)
{
    pp_buf out = {0};
    struct heard heard;

    (void)state;
    pp_feedback_reference_time(&out, 7, 0x0123456789abcdef);
    pp_feedback_reference_reply(&out, ends, 0x456789ab, 65536);
    heard = hear(&out);
    assert_true(heard.ntp == 0x0123456789abcdef);
    assert_int_equal(heard.replies, 1);
    assert_int_equal(heard.last_rr, 0x456789ab);
    assert_int_equal(heard.delay, 65536);
    assert_int_equal(heard.media_ssrc, 0x22222222);
}

static void feedback_that_is_cut_short_is_refused(void **state)
{
    static const uint8_t half_nack[] = {0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
    static const uint8_t no_media[] = {0x81, 206, 0, 1, 0, 0, 0, 1};
    static const uint8_t half_intra[] = {0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2};
    static const uint8_t long_block[] = {0x80, 207, 0, 2, 0, 0, 0, 1, 4, 0, 0, 2};
    struct heard heard = {0};

    (void)state;
    assert_int_equal(pp_rtcp_parse(half_nack, sizeof(half_nack), &handlers, &heard), 0);
    assert_int_equal(heard.nack_count, 0);
    assert_int_equal(pp_rtcp_parse(no_media, sizeof(no_media), &handlers, &heard),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pp_rtcp_parse(half_intra, sizeof(half_intra), &handlers, &heard),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(pp_rtcp_parse(long_block, sizeof(long_block), &handlers, &heard),
                     PIPIT_ERR_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_asked_for_come_back_in_their_order),
        cmocka_unit_test(nothing_is_written_when_nothing_is_missing),
        cmocka_unit_test(a_key_frame_is_asked_for_in_both_ways),
        cmocka_unit_test(a_rate_is_read_back_as_far_as_eighteen_bits_tell_it),
        cmocka_unit_test(a_rate_beyond_all_numbers_is_no_bound),
        cmocka_unit_test(a_receivers_clock_is_answered),
        cmocka_unit_test(feedback_that_is_cut_short_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
