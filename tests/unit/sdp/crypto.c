/* crypto.c - tests of keys in a description (RFC 4568). */
#include "sdp/crypto.h"

#include "support/files.h"

#include <stdlib.h>

#define KEY "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj" /* of RFC 4568, 30 octets */

static void a_key_is_read_with_what_may_stand_behind_it(void **state)
{
    static const char *const good[] = {
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY,
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^20",
        "1 AES_CM_128_HMAC_SHA1_80 INLINE:" KEY "|1048576",
        "1 AES_CM_128_HMAC_SHA1_80  inline:" KEY "|2^31 -WSH=128 -X",
    };
    pp_sdp_crypto crypto;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(pp_sdp_crypto_parse(pp_str_c(good[i]), &crypto));
        assert_int_equal(crypto.tag, 1);
        assert_true(pp_str_eq_c(crypto.suite, "AES_CM_128_HMAC_SHA1_80"));
        assert_int_equal(crypto.key_size, 30);
        assert_memory_equal(crypto.key, "wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#", 30);
    }
    assert_true(pp_sdp_crypto_parse(PP_LIT("999999999 X inline:" KEY), &crypto));
    assert_int_equal(crypto.tag, 999999999);
}

static void a_key_that_cannot_be_used_as_it_says_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "1",
        "1 AES_CM_128_HMAC_SHA1_80",
        "1 AES_CM_128_HMAC_SHA1_80 inline:",
        "1 AES_CM_128_HMAC_SHA1_80 " KEY,
        "0 AES_CM_128_HMAC_SHA1_80 inline:" KEY,
        "x AES_CM_128_HMAC_SHA1_80 inline:" KEY,
        "1000000000 AES_CM_128_HMAC_SHA1_80 inline:" KEY,
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|2^20|1:4",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "|1:32",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY ";inline:" KEY,
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " UNENCRYPTED_SRTP",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY " -WSH=128 KDR=1",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY "AA",
        "1 AES_CM_128_HMAC_SHA1_80 inline:d0Rm!!!!",
        "1 AES_CM_128_HMAC_SHA1_80 inline:" KEY KEY,
    };
    pp_sdp_crypto crypto = {.tag = 77};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(pp_sdp_crypto_parse(pp_str_c(bad[i]), &crypto));
    assert_int_equal(crypto.tag, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_read_with_what_may_stand_behind_it),
        cmocka_unit_test(a_key_that_cannot_be_used_as_it_says_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
