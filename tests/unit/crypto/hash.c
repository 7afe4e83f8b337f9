/* hash.c - tests of digests, HMAC and the system's generator. */
#include "crypto/hash.h"

#include "base/buf.h"
#include "pipit/error.h"
#include "support/files.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_hex(const uint8_t *data, size_t size, const char *expected)
{
    pp_buf text = {0};

    pp_buf_hex(&text, data, size);
    pp_buf_char(&text, '\0');
    assert_int_equal(pp_buf_error(&text), 0);
    assert_string_equal(text.p, expected);
    pp_buf_free(&text);
}

static void the_digests_of_abc_are_those_of_the_standards(void **state)
{
    static const char *const expected[PP_HASH_COUNT] = {
        [PP_HASH_MD5] = "900150983cd24fb0d6963f7d28e17f72",
        [PP_HASH_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
        [PP_HASH_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        [PP_HASH_SHA384] = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                           "8086072ba1e7cc2358baeca134c825a7",
        [PP_HASH_SHA512] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        [PP_HASH_SHA512_256] = "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    };

    (void)state;
    for (pp_hash hash = PP_HASH_MD5; hash < PP_HASH_COUNT; hash++) {
        uint8_t out[PP_HASH_MAX];

        assert_int_equal(
            pp_hash_digest(hash, (pp_str[]){PP_LIT("a"), PP_STR_NONE, PP_LIT("bc")}, 3, out), 0);
        check_hex(out, pp_hash_size(hash), expected[hash]);
    }
}

static void the_digest_of_nothing_is_known(void **state)
{
    uint8_t out[PP_HASH_MAX];

    (void)state;
    assert_int_equal(pp_hash_digest(PP_HASH_SHA1, NULL, 0, out), 0);
    check_hex(out, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

/* RFC 2202 section 3, cases 1, 2 and 6. */
static void an_hmac_fits_rfc_2202(void **state)
{
    uint8_t key[80], out[20];

    (void)state;
    memset(key, 0x0B, 20);
    assert_int_equal(pp_hmac_sha1(key, 20, (pp_str[]){PP_LIT("Hi "), PP_LIT("There")}, 2, out), 0);
    check_hex(out, 20, "b617318655057264e28bc0b6fb378c8ef146be00");
    assert_int_equal(
        pp_hmac_sha1("Jefe", 4, (pp_str[]){PP_LIT("what do ya want for nothing?")}, 1, out), 0);
    check_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    memset(key, 0xAA, 80);
    assert_int_equal(
        pp_hmac_sha1(key, 80,
                     (pp_str[]){PP_LIT("Test Using Larger Than Block-Size Key - Hash Key First")},
                     1, out),
        0);
    check_hex(out, 20, "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

/* RFC 4231 sections 4.2 and 4.7. */
static void an_hmac_fits_rfc_4231(void **state)
{
    uint8_t key[131], out[PP_HASH_MAX];

    (void)state;
    memset(key, 0x0B, 20);
    assert_int_equal(
        pp_hmac(PP_HASH_SHA256, pp_str_n(key, 20), (pp_str[]){PP_LIT("Hi There")}, 1, out), 0);
    check_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    memset(key, 0xAA, sizeof(key));
    assert_int_equal(
        pp_hmac(PP_HASH_SHA256, pp_str_n(key, sizeof(key)),
                (pp_str[]){PP_LIT("Test Using Larger Than Block-Size Key - Hash Key First")}, 1,
                out),
        0);
    check_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_int_equal(pp_hmac(PP_HASH_SHA512, pp_str_n(key, 20), NULL, 0, out),
                     PIPIT_ERR_NOT_SUPPORTED);
}

static void a_comparison_sees_each_octet(void **state)
{
    (void)state;
    assert_true(pp_equal_constant_time("abcd", "abcd", 4));
    assert_false(pp_equal_constant_time("abcd", "abce", 4));
    assert_false(pp_equal_constant_time("abcd", "bbcd", 4));
    assert_true(pp_equal_constant_time("a", "b", 0));
}

static void the_generator_fills_all_and_does_not_repeat(void **state)
{
    pp_rng rng = pp_rng_system();
    uint8_t a[1000] = {0}, b[1000] = {0};
    unsigned seen[256] = {0}, different = 0;

    (void)state;
    pp_rng_bytes(&rng, a, sizeof(a));
    pp_rng_bytes(&rng, b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
    for (size_t i = 900; i < sizeof(a); i++)
        different += seen[a[i]]++ == 0;
    assert_true(different > 40);
}

static void a_forked_child_gets_other_octets(void **state)
{
    pp_rng rng = pp_rng_system();
    uint8_t ours[16], theirs[16], spent[16];
    int ends[2], status;
    pid_t child;

    (void)state;
    pp_rng_bytes(&rng, spent, sizeof(spent)); /* so that some are drawn and left */
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        pp_rng_bytes(&rng, theirs, sizeof(theirs));
        _exit(write(ends[1], theirs, sizeof(theirs)) == sizeof(theirs) ? 0 : 1);
    }
    pp_rng_bytes(&rng, ours, sizeof(ours));
    assert_int_equal(read(ends[0], theirs, sizeof(theirs)), sizeof(theirs));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_memory_not_equal(ours, theirs, sizeof(ours));
    close(ends[0]);
    close(ends[1]);
}

static void *digest_often(void *arg)
{
    uint8_t out[PP_HASH_MAX];

    (void)arg;
    for (int i = 0; i < 500; i++)
        if (pp_hash_digest(PP_HASH_SHA256, (pp_str[]){PP_LIT("abc")}, 1, out) || out[0] != 0xBA)
            return "wrong";
    return NULL;
}

static void the_digests_may_be_made_on_several_threads(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, digest_often, NULL), 0);
    for (size_t i = 0; i < 4; i++) {
        void *verdict = NULL;

        pthread_join(threads[i], &verdict);
        assert_null(verdict);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_digests_may_be_made_on_several_threads),
        cmocka_unit_test(the_digests_of_abc_are_those_of_the_standards),
        cmocka_unit_test(the_digest_of_nothing_is_known),
        cmocka_unit_test(an_hmac_fits_rfc_2202),
        cmocka_unit_test(an_hmac_fits_rfc_4231),
        cmocka_unit_test(a_comparison_sees_each_octet),
        cmocka_unit_test(the_generator_fills_all_and_does_not_repeat),
        cmocka_unit_test(a_forked_child_gets_other_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
