/* oracle.c - our SRTP beside libsrtp2: each opens what the other sealed, and both seal alike. */
#include "srtp/srtp.h"

#include "support/dice.h"
#include "support/files.h"

#include <srtp2/srtp.h>
#include <stdlib.h>

static const pp_srtp_profile profiles[] = {PP_SRTP_AES128_CM_SHA1_80, PP_SRTP_AES128_CM_SHA1_32,
                                           PP_SRTP_AEAD_AES_128_GCM, PP_SRTP_AEAD_AES_256_GCM};

struct sides {
    pp_srtp *ours_out, *ours_in;
    srtp_t theirs_out, theirs_in;
};

struct packet {
    size_t size;
    uint8_t data[512];
};

static uint64_t seed = 1;

static uint32_t chance(uint32_t bound)
{
    const pp_rng rng = dice_rng(&seed);

    return pp_rng_below(&rng, bound);
}

static void set_policy(srtp_policy_t *policy, pp_srtp_profile profile)
{
    if (profile == PP_SRTP_AES128_CM_SHA1_80) {
        srtp_crypto_policy_set_rtp_default(&policy->rtp);
        srtp_crypto_policy_set_rtcp_default(&policy->rtcp);
    } else if (profile == PP_SRTP_AES128_CM_SHA1_32) {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
        srtp_crypto_policy_set_rtcp_default(&policy->rtcp);
    } else if (profile == PP_SRTP_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
    } else {
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
    }
    policy->window_size = 1024;
}

static struct sides make_sides(pp_srtp_profile profile)
{
    struct sides sides = {0};
    srtp_policy_t policy = {0};
    uint8_t material[46]; /* key, then salt, as libsrtp2 has them */
    size_t key_size = profile == PP_SRTP_AEAD_AES_256_GCM ? 32 : 16;

    for (size_t i = 0; i < sizeof(material); i++)
        material[i] = (uint8_t)chance(256);
    set_policy(&policy, profile);
    policy.key = material;
    policy.ssrc.type = ssrc_any_outbound;
    assert_int_equal(srtp_create(&sides.theirs_out, &policy), srtp_err_status_ok);
    policy.ssrc.type = ssrc_any_inbound;
    assert_int_equal(srtp_create(&sides.theirs_in, &policy), srtp_err_status_ok);
    assert_int_equal(pp_srtp_new(profile, material, material + key_size, &sides.ours_out), 0);
    assert_int_equal(pp_srtp_new(profile, material, material + key_size, &sides.ours_in), 0);
    return sides;
}

static void free_sides(struct sides *sides)
{
    srtp_dealloc(sides->theirs_out);
    srtp_dealloc(sides->theirs_in);
    pp_srtp_free(sides->ours_out);
    pp_srtp_free(sides->ours_in);
}

static struct packet random_rtp(uint16_t sequence, uint32_t ssrc)
{
    struct packet packet = {.size = 120 + chance(200)};
    unsigned sources = chance(4), words = chance(5);

    for (size_t i = 0; i < packet.size; i++)
        packet.data[i] = (uint8_t)chance(256);
    packet.data[0] = (uint8_t)(0x80 | (words ? 0x10 : 0) | sources);
    packet.data[2] = (uint8_t)(sequence >> 8);
    packet.data[3] = (uint8_t)sequence;
    memcpy(packet.data + 8, &ssrc, 4);
    if (words) {
        packet.data[12 + 4 * sources + 2] = 0;
        packet.data[12 + 4 * sources + 3] = (uint8_t)words;
        packet.data[12 + 4 * sources] = 0xBE;
        packet.data[12 + 4 * sources + 1] = 0xDE;
        memset(packet.data + 16 + 4 * sources, 0, 4 * (size_t)words);
    }
    return packet;
}

static void check_rtp(struct sides *sides, const struct packet *plain)
{
    struct packet ours = *plain, theirs = *plain;
    int size = (int)theirs.size;

    assert_int_equal(pp_srtp_protect(sides->ours_out, ours.data, &ours.size, sizeof(ours.data)), 0);
    assert_int_equal(srtp_protect(sides->theirs_out, theirs.data, &size), srtp_err_status_ok);
    theirs.size = (size_t)size;
    assert_int_equal(ours.size, theirs.size);
    assert_memory_equal(ours.data, theirs.data, ours.size);
    assert_int_equal(srtp_unprotect(sides->theirs_in, ours.data, &size), srtp_err_status_ok);
    assert_int_equal(pp_srtp_unprotect(sides->ours_in, theirs.data, &theirs.size), 0);
    assert_int_equal(theirs.size, plain->size);
    assert_int_equal(size, plain->size);
    assert_memory_equal(ours.data, plain->data, plain->size);
    assert_memory_equal(theirs.data, plain->data, plain->size);
}

/* Their index begins with 1 and ours with 0 (RFC 3711 section 3.4), so the octets differ. */
static void check_rtcp(struct sides *sides, uint32_t ssrc)
{
    struct packet plain = {.size = 8 + 4 * (size_t)chance(30)}, ours, theirs;
    int size = (int)plain.size;

    for (size_t i = 0; i < plain.size; i++)
        plain.data[i] = (uint8_t)chance(256);
    plain.data[0] = 0x80;
    plain.data[1] = 200;
    memcpy(plain.data + 4, &ssrc, 4);
    ours = theirs = plain;
    assert_int_equal(
        pp_srtp_protect_rtcp(sides->ours_out, ours.data, &ours.size, sizeof(ours.data)), 0);
    assert_int_equal(srtp_protect_rtcp(sides->theirs_out, theirs.data, &size), srtp_err_status_ok);
    theirs.size = (size_t)size;
    assert_int_equal(ours.size, theirs.size);
    assert_int_equal(srtp_unprotect_rtcp(sides->theirs_in, ours.data, &size), srtp_err_status_ok);
    assert_int_equal(pp_srtp_unprotect_rtcp(sides->ours_in, theirs.data, &theirs.size), 0);
    assert_int_equal(theirs.size, plain.size);
    assert_int_equal(size, plain.size);
    assert_memory_equal(ours.data, plain.data, plain.size);
    assert_memory_equal(theirs.data, plain.data, plain.size);
}

static void the_packets_of_both_are_the_same(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++) {
        struct sides sides = make_sides(profiles[p]);

        for (uint32_t i = 0; i < 400; i++) { /* over two wraps, with gaps */
            struct packet plain = random_rtp((uint16_t)(65000 + i * 331), 0x11223344 + i % 3);

            check_rtp(&sides, &plain);
            check_rtcp(&sides, 0x11223344 + i % 3);
        }
        free_sides(&sides);
    }
}

static void the_verdicts_of_both_are_the_same(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++) {
        struct sides sides = make_sides(profiles[p]);
        static struct packet sent[600];
        unsigned accepted = 0, refused = 0;

        for (uint32_t i = 0; i < 600; i++) {
            sent[i] = random_rtp((uint16_t)(65300 + i), 7);
            assert_int_equal(pp_srtp_protect(sides.ours_out, sent[i].data, &sent[i].size, 512), 0);
        }
        for (int i = 0; i < 3000; i++) { /* out of order, often twice, sometimes broken */
            uint32_t near = (uint32_t)i / 5,
                     at = near + chance(40) < 600 ? near + chance(40) : near;
            struct packet a = sent[at < 600 ? at : 599], b;
            int size = (int)a.size, theirs, ours;

            if (chance(10) == 0)
                a.data[12 + chance((uint32_t)a.size - 12)] ^= 1;
            b = a;
            theirs = srtp_unprotect(sides.theirs_in, a.data, &size);
            ours = pp_srtp_unprotect(sides.ours_in, b.data, &b.size);
            assert_int_equal(theirs == srtp_err_status_ok, ours == 0);
            if (ours == 0) {
                assert_int_equal(b.size, size);
                assert_memory_equal(a.data, b.data, b.size);
            }
            *(ours == 0 ? &accepted : &refused) += 1;
        }
        assert_true(accepted > 300 && refused > 300);
        free_sides(&sides);
    }
}

static int start(void **state)
{
    (void)state;
    return srtp_init() == srtp_err_status_ok ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    return srtp_shutdown() == srtp_err_status_ok ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_packets_of_both_are_the_same),
        cmocka_unit_test(the_verdicts_of_both_are_the_same),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
