/* srtp.c - tests of protecting and unprotecting: order, loss, replay, forgery, limits. */
#include "srtp/srtp.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"

#define SSRC 0xCAFEBABEu

static const pp_srtp_profile profiles[] = {PP_SRTP_AES128_CM_SHA1_80, PP_SRTP_AES128_CM_SHA1_32,
                                           PP_SRTP_AEAD_AES_128_GCM, PP_SRTP_AEAD_AES_256_GCM};
static const size_t tags[] = {10, 4, 16, 16}, rtcp_tags[] = {10, 10, 16, 16}; /* their octets */
static const uint8_t key[32] = "0123456789abcdefghijklmnopqrstu", salt[14] = "and a salt...";

struct pair {
    pp_srtp *sender, *receiver;
};

struct packet {
    size_t size;
    uint8_t data[256];
};

static struct pair new_pair(pp_srtp_profile profile)
{
    struct pair pair = {0};

    assert_int_equal(pp_srtp_new(profile, key, salt, &pair.sender), 0);
    assert_int_equal(pp_srtp_new(profile, key, salt, &pair.receiver), 0);
    return pair;
}

static void free_pair(struct pair *pair)
{
    pair->sender = pp_srtp_free(pair->sender);
    pair->receiver = pp_srtp_free(pair->receiver);
}

static struct packet rtp(uint16_t sequence, uint32_t ssrc)
{
    struct packet packet = {172,
                            {0x80, 111, (uint8_t)(sequence >> 8), (uint8_t)sequence, 0, 0, 0, 9}};

    for (unsigned i = 0; i < 4; i++)
        packet.data[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    for (size_t i = 12; i < packet.size; i++)
        packet.data[i] = (uint8_t)(i * sequence);
    return packet;
}

static struct packet rtcp(uint32_t ssrc)
{
    struct packet packet = {28, {0x80, 200, 0, 6}};

    for (unsigned i = 0; i < 4; i++)
        packet.data[4 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
    memset(packet.data + 8, 0x5A, 20);
    return packet;
}

static struct packet sealed(pp_srtp *sender, struct packet packet)
{
    assert_int_equal(pp_srtp_protect(sender, packet.data, &packet.size, sizeof(packet.data)), 0);
    return packet;
}

static struct packet sealed_rtcp(pp_srtp *sender, struct packet packet)
{
    assert_int_equal(pp_srtp_protect_rtcp(sender, packet.data, &packet.size, sizeof(packet.data)),
                     0);
    return packet;
}

/* On success the packet must be `plain` again; on failure it must be untouched. */
static int open_rtp(pp_srtp *receiver, const struct packet *packet, const struct packet *plain)
{
    struct packet copy = *packet;
    int err = pp_srtp_unprotect(receiver, copy.data, &copy.size);
    const struct packet *expected = err ? packet : plain;

    assert_int_equal(copy.size, expected->size);
    assert_memory_equal(copy.data, expected->data, copy.size);
    return err;
}

static int open_rtcp(pp_srtp *receiver, const struct packet *packet, const struct packet *plain)
{
    struct packet copy = *packet;
    int err = pp_srtp_unprotect_rtcp(receiver, copy.data, &copy.size);
    const struct packet *expected = err ? packet : plain;

    assert_int_equal(copy.size, expected->size);
    assert_memory_equal(copy.data, expected->data, copy.size);
    return err;
}

#define EACH_PROFILE(pair)                                                                         \
    for (size_t at_ = 0; at_ < sizeof(profiles) / sizeof(profiles[0]); at_++)                      \
        for (struct pair pair = new_pair(profiles[at_]); pair.sender; free_pair(&pair))

static void a_packet_comes_back(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    for (uint16_t i = 0; i < 100; i++) {
        struct packet plain = rtp(i, SSRC), packet = sealed(pair.sender, plain);
        struct packet report = rtcp(SSRC), sealed_report = sealed_rtcp(pair.sender, report);

        assert_int_equal(packet.size, plain.size + tags[at_]);
        assert_memory_equal(packet.data, plain.data, 12);
        assert_memory_not_equal(packet.data + 12, plain.data + 12, 160);
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
        assert_int_equal(sealed_report.size, report.size + rtcp_tags[at_] + 4);
        assert_memory_not_equal(sealed_report.data + 8, report.data + 8, 20);
        assert_int_equal(open_rtcp(pair.receiver, &sealed_report, &report), 0);
    }
}

static void the_sequence_may_wrap_and_be_out_of_order(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        static struct packet plain[200], packets[200];

        for (unsigned i = 0; i < 200; i++) {
            plain[i] = rtp((uint16_t)(65436 + i), SSRC);
            packets[i] = sealed(pair.sender, plain[i]);
        }
        for (unsigned i = 0; i < 200; i += 2) /* each two the wrong way round, across the wrap */
            for (unsigned k = 2; k-- > 0;)
                assert_int_equal(open_rtp(pair.receiver, &packets[i + k], &plain[i + k]), 0);
        for (unsigned i = 0; i < 200; i++)
            assert_int_equal(open_rtp(pair.receiver, &packets[i], &plain[i]), PIPIT_ERR_STATE);
    }
}

static void the_rollover_counter_goes_on_for_long(void **state)
{
    struct pair pair = new_pair(PP_SRTP_AEAD_AES_128_GCM);

    (void)state;
    for (uint32_t i = 0; i < 5 * 65536; i += 20000) {
        struct packet plain = rtp((uint16_t)i, SSRC), packet = sealed(pair.sender, plain);

        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
    }
    free_pair(&pair);
}

static void a_late_packet_is_taken_within_the_window(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet late = rtp(1000, SSRC), too_late = rtp(999, SSRC),
                      now = rtp(1000 + PP_LIMIT_SRTP_WINDOW - 1, SSRC);
        struct packet sealed_too_late = sealed(pair.sender, too_late),
                      sealed_late = sealed(pair.sender, late);
        struct packet sealed_now = sealed(pair.sender, now);

        assert_int_equal(open_rtp(pair.receiver, &sealed_now, &now), 0);
        assert_int_equal(open_rtp(pair.receiver, &sealed_late, &late), 0);
        assert_int_equal(open_rtp(pair.receiver, &sealed_too_late, &too_late), PIPIT_ERR_STATE);
    }
}

static void a_changed_octet_anywhere_is_a_forgery(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet plain = rtp(7, SSRC), packet = sealed(pair.sender, plain);
        struct packet report = rtcp(SSRC), sealed_report = sealed_rtcp(pair.sender, report);

        for (size_t i = 1; i < packet.size; i++) {
            struct packet forged = packet;

            forged.data[i] ^= 0x40;
            assert_int_equal(open_rtp(pair.receiver, &forged, NULL), PIPIT_ERR_AUTHENTICATION);
        }
        for (size_t i = 1; i < sealed_report.size; i++) {
            struct packet forged = sealed_report;

            forged.data[i] ^= 0x80;
            assert_int_equal(open_rtcp(pair.receiver, &forged, NULL), PIPIT_ERR_AUTHENTICATION);
        }
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
        assert_int_equal(open_rtcp(pair.receiver, &sealed_report, &report), 0);
        packet.data[20] ^= 1; /* forged and known: the forgery is what is told */
        assert_int_equal(open_rtp(pair.receiver, &packet, NULL), PIPIT_ERR_AUTHENTICATION);
        assert_int_equal(open_rtcp(pair.receiver, &sealed_report, NULL), PIPIT_ERR_STATE);
    }
}

static void a_packet_under_another_key_is_a_forgery(void **state)
{
    uint8_t other_key[32] = {1}, other_salt[14] = {2};

    (void)state;
    EACH_PROFILE(pair)
    {
        pp_srtp *stranger = NULL;
        struct packet plain = rtp(7, SSRC), packet;

        assert_int_equal(pp_srtp_new(profiles[at_], other_key, salt, &stranger), 0);
        packet = sealed(stranger, plain);
        assert_int_equal(open_rtp(pair.receiver, &packet, NULL), PIPIT_ERR_AUTHENTICATION);
        pp_srtp_free(stranger);
        assert_int_equal(pp_srtp_new(profiles[at_], key, other_salt, &stranger), 0);
        packet = sealed(stranger, plain);
        assert_int_equal(open_rtp(pair.receiver, &packet, NULL), PIPIT_ERR_AUTHENTICATION);
        pp_srtp_free(stranger);
    }
}

/* A stranger's packets must neither fill the table of sources nor move the rollover counter. */
static void a_flood_of_forgeries_changes_nothing(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet plain = rtp(100, SSRC), packet = sealed(pair.sender, plain);

        for (uint32_t i = 0; i < 300; i++) {
            struct packet forged = rtp((uint16_t)(i * 999), i % 2 ? SSRC : i);

            assert_int_equal(open_rtp(pair.receiver, &forged, NULL), PIPIT_ERR_AUTHENTICATION);
        }
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
        for (uint32_t i = 0; i < 300; i++) {
            struct packet forged = rtp((uint16_t)(i * 99), SSRC);
            int err = open_rtp(pair.receiver, &forged, NULL);

            /* Before the beginning of the counter there is nothing to check a packet against. */
            assert_true(err == PIPIT_ERR_AUTHENTICATION ||
                        (err == PIPIT_ERR_STATE && i * 99 % 65536 > 100 + 0x8000));
        }
        plain = rtp(101, SSRC);
        packet = sealed(pair.sender, plain);
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
    }
}

static void a_sender_never_uses_an_index_twice(void **state)
{
    struct pair pair = new_pair(PP_SRTP_AEAD_AES_128_GCM);
    struct packet packet = rtp(7, SSRC), again = rtp(7, SSRC), old = rtp(8, SSRC);

    (void)state;
    sealed(pair.sender, packet);
    again.data[100] ^= 1;
    assert_int_equal(pp_srtp_protect(pair.sender, again.data, &again.size, sizeof(again.data)),
                     PIPIT_ERR_STATE);
    assert_int_equal(again.size, 172);
    sealed(pair.sender, rtp(5000, SSRC));
    assert_int_equal(pp_srtp_protect(pair.sender, old.data, &old.size, sizeof(old.data)),
                     PIPIT_ERR_STATE);
    free_pair(&pair);
}

static void a_sender_has_few_sources(void **state)
{
    struct pair pair = new_pair(PP_SRTP_AES128_CM_SHA1_80);
    struct packet packet = rtp(1, 0), report = rtcp(99);

    (void)state;
    for (uint32_t ssrc = 1; ssrc <= PP_LIMIT_SRTP_SSRCS; ssrc++)
        sealed(pair.sender, rtp(1, ssrc));
    assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &packet.size, sizeof(packet.data)),
                     PIPIT_ERR_LIMIT);
    assert_int_equal(
        pp_srtp_protect_rtcp(pair.sender, report.data, &report.size, sizeof(report.data)),
        PIPIT_ERR_LIMIT);
    sealed(pair.sender, rtp(2, 1));
    free_pair(&pair);
}

/* A gateway takes a new source with each hold and transfer: the latest are heard, the oldest are closed for good. */
static void a_receiver_follows_the_newest_sources(void **state)
{
    static struct packet plain[40], packets[40];
    pp_srtp *receiver = NULL;

    (void)state;
    assert_int_equal(pp_srtp_new(PP_SRTP_AEAD_AES_256_GCM, key, salt, &receiver), 0);
    for (uint32_t i = 0; i < 40; i++) {
        pp_srtp *sender = NULL;

        assert_int_equal(pp_srtp_new(PP_SRTP_AEAD_AES_256_GCM, key, salt, &sender), 0);
        plain[i] = rtp(7, i);
        packets[i] = sealed(sender, plain[i]);
        pp_srtp_free(sender);
        assert_int_equal(open_rtp(receiver, &packets[i], &plain[i]), 0);
    }
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(open_rtp(receiver, &packets[i], &plain[i]), PIPIT_ERR_STATE);
    pp_srtp_free(receiver);
}

static void a_source_that_is_heard_is_not_given_up(void **state)
{
    struct pair pair = new_pair(PP_SRTP_AEAD_AES_128_GCM);
    uint16_t sequence = 1;

    (void)state;
    for (uint32_t i = 0; i < 30; i++) {
        struct packet plain = rtp(sequence++, SSRC), packet = sealed(pair.sender, plain);
        struct packet other = rtp(1, i), sealed_other;
        pp_srtp *sender = NULL;

        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
        assert_int_equal(pp_srtp_new(PP_SRTP_AEAD_AES_128_GCM, key, salt, &sender), 0);
        sealed_other = sealed(sender, other);
        pp_srtp_free(sender);
        assert_int_equal(open_rtp(pair.receiver, &sealed_other, &other), 0);
    }
    free_pair(&pair);
}

static void a_header_with_sources_and_extension_stays_in_clear(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet plain = rtp(9, SSRC), packet;

        plain.data[0] = 0x93; /* extension, three sources */
        plain.data[12 + 12 + 2] = 0;
        plain.data[12 + 12 + 3] = 2; /* two words */
        packet = sealed(pair.sender, plain);
        assert_memory_equal(packet.data, plain.data, 12 + 12 + 4 + 8);
        assert_memory_not_equal(packet.data + 36, plain.data + 36, plain.size - 36);
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
    }
}

static void a_packet_without_payload_is_authenticated(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet plain = rtp(9, SSRC), packet, report = rtcp(SSRC);

        plain.size = 12;
        packet = sealed(pair.sender, plain);
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
        packet.data[1] ^= 1;
        assert_int_equal(open_rtp(pair.receiver, &packet, NULL), PIPIT_ERR_AUTHENTICATION);
        report.size = 8;
        packet = sealed_rtcp(pair.sender, report);
        assert_int_equal(open_rtcp(pair.receiver, &packet, &report), 0);
    }
}

static void what_is_no_rtp_is_refused(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet packet = rtp(1, SSRC), report = rtcp(SSRC);

        for (size_t size = 0; size < 12; size++)
            assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &(size_t){size}, 256),
                             PIPIT_ERR_SYNTAX);
        for (size_t size = 0; size < 8; size++)
            assert_int_equal(pp_srtp_protect_rtcp(pair.sender, report.data, &(size_t){size}, 256),
                             PIPIT_ERR_SYNTAX);
        for (size_t size = 0; size < 12 + tags[at_]; size++)
            assert_int_equal(pp_srtp_unprotect(pair.receiver, packet.data, &(size_t){size}),
                             PIPIT_ERR_SYNTAX);
        for (size_t size = 0; size < 12 + rtcp_tags[at_]; size++)
            assert_int_equal(pp_srtp_unprotect_rtcp(pair.receiver, report.data, &(size_t){size}),
                             PIPIT_ERR_SYNTAX);
        packet.data[0] = 0x40; /* version 1 */
        assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &packet.size, 256),
                         PIPIT_ERR_SYNTAX);
        packet.data[0] = 0x8F; /* fifteen sources in 60 octets */
        assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &(size_t){60}, 256),
                         PIPIT_ERR_SYNTAX);
        packet.data[0] = 0x90; /* an extension of 65,535 words */
        packet.data[14] = packet.data[15] = 0xFF;
        assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &packet.size, 256),
                         PIPIT_ERR_SYNTAX);
        assert_int_equal(pp_srtp_unprotect(pair.receiver, packet.data, &packet.size),
                         PIPIT_ERR_SYNTAX);
        assert_int_equal(pp_srtp_unprotect(pair.receiver, packet.data, &(size_t){14}),
                         PIPIT_ERR_SYNTAX);
    }
}

static void a_tag_without_room_is_refused(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet packet = rtp(1, SSRC), report = rtcp(SSRC), untouched = packet;
        size_t tag = tags[at_], rtcp_tag = rtcp_tags[at_];

        for (size_t room = 0; room < tag; room++)
            assert_int_equal(
                pp_srtp_protect(pair.sender, packet.data, &packet.size, packet.size + room),
                PIPIT_ERR_LIMIT);
        assert_memory_equal(packet.data, untouched.data, packet.size);
        for (size_t room = 0; room < rtcp_tag + 4; room++)
            assert_int_equal(
                pp_srtp_protect_rtcp(pair.sender, report.data, &report.size, report.size + room),
                PIPIT_ERR_LIMIT);
        assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &packet.size, packet.size + tag),
                         0);
        assert_int_equal(pp_srtp_protect_rtcp(pair.sender, report.data, &report.size,
                                              report.size + rtcp_tag + 4),
                         0);
    }
}

static void a_packet_larger_than_any_is_refused(void **state)
{
    static uint8_t data[70000] = {0x80, 0, 0, 1};
    size_t size = 65507;

    (void)state;
    EACH_PROFILE(pair)
    {
        assert_int_equal(pp_srtp_unprotect(pair.receiver, data, &size), PIPIT_ERR_LIMIT);
        assert_int_equal(pp_srtp_unprotect_rtcp(pair.receiver, data, &size), PIPIT_ERR_LIMIT);
    }
}

static void a_profile_that_is_none_is_refused(void **state)
{
    pp_srtp *srtp = NULL;

    (void)state;
    assert_int_equal(pp_srtp_new(PP_SRTP_NONE, key, salt, &srtp), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pp_srtp_new((pp_srtp_profile)5, key, salt, &srtp), PIPIT_ERR_ARGUMENT);
    assert_null(srtp);
    assert_null(pp_srtp_free(NULL));
}

/* --- memory that runs out --------------------------------------------------------------------- */

static void a_source_without_memory_is_refused_and_works_later(void **state)
{
    (void)state;
    EACH_PROFILE(pair)
    {
        struct packet plain = rtp(1, SSRC), packet = plain;

        scarce_begin(0);
        scarce_fail_from(1);
        assert_int_equal(pp_srtp_new(profiles[at_], key, salt, &(pp_srtp *){NULL}),
                         PIPIT_ERR_MEMORY);
        assert_int_equal(pp_srtp_protect(pair.sender, packet.data, &packet.size, 256),
                         PIPIT_ERR_MEMORY);
        scarce_fail_from(2);
        packet = sealed(pair.sender, plain);
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), PIPIT_ERR_MEMORY);
        scarce_end();
        assert_int_equal(open_rtp(pair.receiver, &packet, &plain), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_comes_back),
        cmocka_unit_test(the_sequence_may_wrap_and_be_out_of_order),
        cmocka_unit_test(the_rollover_counter_goes_on_for_long),
        cmocka_unit_test(a_late_packet_is_taken_within_the_window),
        cmocka_unit_test(a_changed_octet_anywhere_is_a_forgery),
        cmocka_unit_test(a_packet_under_another_key_is_a_forgery),
        cmocka_unit_test(a_flood_of_forgeries_changes_nothing),
        cmocka_unit_test(a_sender_never_uses_an_index_twice),
        cmocka_unit_test(a_sender_has_few_sources),
        cmocka_unit_test(a_receiver_follows_the_newest_sources),
        cmocka_unit_test(a_source_that_is_heard_is_not_given_up),
        cmocka_unit_test(a_header_with_sources_and_extension_stays_in_clear),
        cmocka_unit_test(a_packet_without_payload_is_authenticated),
        cmocka_unit_test(what_is_no_rtp_is_refused),
        cmocka_unit_test(a_tag_without_room_is_refused),
        cmocka_unit_test(a_packet_larger_than_any_is_refused),
        cmocka_unit_test(a_profile_that_is_none_is_refused),
        cmocka_unit_test(a_source_without_memory_is_refused_and_works_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
