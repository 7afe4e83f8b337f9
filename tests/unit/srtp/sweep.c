/* sweep.c - every prefix and every turned bit of a sealed packet is refused, and leaves no trace: the
 * packet itself is taken afterwards. */
#include "support/sweep.h"
#include "srtp/srtp.h"
#include "support/files.h"

#include <stdlib.h>

typedef int unprotect_function(pp_srtp *srtp, uint8_t *packet, size_t *size);

typedef struct receiver {
    pp_srtp *srtp;
    unprotect_function *unprotect;
    size_t whole;
    unsigned taken;
} receiver;

static const uint8_t key[32] = "0123456789abcdefghijklmnopqrstu", salt[14] = "and a salt...";

static void handle(const uint8_t *data, size_t size, void *arg)
{
    receiver *r = arg;
    uint8_t *copy = malloc(size ? size : 1);
    size_t n = size;

    assert_non_null(copy);
    if (size)
        memcpy(copy, data, size);
    r->taken += r->unprotect(r->srtp, copy, &n) == 0;
    assert_true(r->taken == (size == r->whole && r->taken));
    free(copy);
}

static void damage(pp_srtp_profile profile, bool rtcp, sweep *s)
{
    uint8_t packet[256 + PP_SRTP_OVERHEAD] = {
        0x80, rtcp ? 200 : 111, 0, rtcp ? 42 : 7, 0xCA, 0xFE, 0xBA, 0xBE, 0xCA, 0xFE, 0xBA, 0xBE};
    receiver r = {.unprotect = rtcp ? pp_srtp_unprotect_rtcp : pp_srtp_unprotect};
    size_t size = 172;
    pp_srtp *sender = NULL;

    assert_int_equal(pp_srtp_new(profile, key, salt, &sender), 0);
    assert_int_equal(pp_srtp_new(profile, key, salt, &r.srtp), 0);
    assert_int_equal(
        (rtcp ? pp_srtp_protect_rtcp : pp_srtp_protect)(sender, packet, &size, sizeof(packet)), 0);
    r.whole = size;
    s->function = handle;
    s->arg = &r;
    sweep_bits(s, pp_str_n(packet, size));
    assert_int_equal(r.taken, 0);
    sweep_prefixes(s, pp_str_n(packet, size));
    assert_int_equal(r.taken, 1); /* the whole */
    pp_srtp_free(sender);
    pp_srtp_free(r.srtp);
}

static void a_sealed_packet_damaged_anywhere_is_refused(void **state)
{
    static const pp_srtp_profile profiles[] = {PP_SRTP_AES128_CM_SHA1_80, PP_SRTP_AES128_CM_SHA1_32,
                                               PP_SRTP_AEAD_AES_128_GCM, PP_SRTP_AEAD_AES_256_GCM};
    sweep s = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        damage(profiles[i], false, &s);
        damage(profiles[i], true, &s);
    }
    sweep_report(&s, "prefixes and turned bits, all refused,",
                 "SRTP and SRTCP packets, each twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sealed_packet_damaged_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
