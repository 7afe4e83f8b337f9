/* certificate.c - tests of certificates: made, saved, loaded, and their fingerprints. */
#include "crypto/certificate.h"

#include "pipit/error.h"
#include "support/files.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW_US 1700000000000000u /* 2023-11-14 22:13:20 UTC */

static char folder[] = "/tmp/pipit-certificate-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(in_folder("a.pem"));
    unlink(in_folder("b.pem"));
    unlink(in_folder("key.pem"));
    unlink(in_folder("other.pem"));
    return rmdir(folder);
}

static pp_certificate *generate(const char *const *names)
{
    pp_rng rng = pp_rng_system();
    pp_certificate *certificate = NULL;

    assert_int_equal(pp_certificate_generate(&rng, NOW_US, 30, names, &certificate), 0);
    return certificate;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_certificate_is_self_signed_with_p256(void **state)
{
    pp_certificate *certificate = generate(NULL);
    X509 *x509 = pp_certificate_x509(certificate);
    EVP_PKEY *key = pp_certificate_key(certificate);

    (void)state;
    assert_int_equal(X509_verify(x509, key), 1);
    assert_int_equal(X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)), 0);
    assert_int_equal(EVP_PKEY_get_bits(key), 256);
    assert_null(X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL));
    assert_null(pp_certificate_unref(certificate));
}

static void a_certificate_without_names_has_a_new_name_each_time(void **state)
{
    pp_certificate *a = generate(NULL), *b = generate(NULL);

    (void)state;
    assert_int_not_equal(X509_NAME_cmp(X509_get_subject_name(pp_certificate_x509(a)),
                                       X509_get_subject_name(pp_certificate_x509(b))),
                         0);
    pp_certificate_unref(a);
    pp_certificate_unref(b);
}

static void a_certificate_is_valid_from_a_day_before(void **state)
{
    pp_certificate *certificate = generate(NULL);
    X509 *x509 = pp_certificate_x509(certificate);
    time_t now = NOW_US / 1000000, day = 86400;

    (void)state;
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509), now - day), 0);
    assert_int_equal(ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509), now + 30 * day), 0);
    pp_certificate_unref(certificate);
}

static void the_names_are_dns_names_and_addresses(void **state)
{
    static const char *const names[] = {"example.org", "192.0.2.7", "2001:db8::1", NULL};
    pp_certificate *certificate = generate(names);
    X509 *x509 = pp_certificate_x509(certificate);

    (void)state;
    assert_int_equal(X509_check_host(x509, "example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, "example.com", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(x509, "192.0.2.7", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "2001:db8::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "192.0.2.8", 0), 0);
    pp_certificate_unref(certificate);
}

static void a_long_name_is_cut_in_the_common_name_only(void **state)
{
    static const char name[] =
        "a-very-long-label-indeed.a-very-long-label-indeed.a-very-long-label-indeed.example";
    const char *const names[] = {name, NULL};
    pp_certificate *certificate = generate(names);

    (void)state;
    assert_int_equal(X509_check_host(pp_certificate_x509(certificate), name, 0,
                                     X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL),
                     1);
    pp_certificate_unref(certificate);
}

static void a_certificate_comes_back_from_its_files(void **state)
{
    pp_certificate *saved = generate(NULL), *loaded = NULL;
    struct stat status;

    (void)state;
    write_file(in_folder("key.pem"), "old and open to all");
    assert_int_equal(chmod(in_folder("key.pem"), 0666), 0);
    assert_int_equal(pp_certificate_save(saved, in_folder("a.pem"), in_folder("key.pem")), 0);
    assert_int_equal(stat(in_folder("key.pem"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(pp_certificate_load(in_folder("a.pem"), in_folder("key.pem"), &loaded), 0);
    assert_int_equal(X509_cmp(pp_certificate_x509(saved), pp_certificate_x509(loaded)), 0);
    assert_int_equal(EVP_PKEY_eq(pp_certificate_key(saved), pp_certificate_key(loaded)), 1);
    assert_int_equal(sk_X509_num(pp_certificate_chain(loaded)), 0);
    pp_certificate_unref(saved);
    pp_certificate_unref(loaded);
}

static void a_file_may_hold_key_and_chain(void **state)
{
    pp_certificate *leaf = generate(NULL), *authority = generate(NULL), *loaded = NULL;
    BIO *file = BIO_new_file(in_folder("b.pem"), "w");

    (void)state;
    assert_non_null(file);
    PEM_write_bio_X509(file, pp_certificate_x509(leaf));
    PEM_write_bio_PrivateKey(file, pp_certificate_key(leaf), NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_X509(file, pp_certificate_x509(authority));
    BIO_free(file);
    assert_int_equal(pp_certificate_load(in_folder("b.pem"), NULL, &loaded), 0);
    assert_int_equal(X509_cmp(pp_certificate_x509(leaf), pp_certificate_x509(loaded)), 0);
    assert_int_equal(sk_X509_num(pp_certificate_chain(loaded)), 1);
    pp_certificate_unref(leaf);
    pp_certificate_unref(authority);
    pp_certificate_unref(loaded);
}

static void a_file_that_does_not_do_is_refused_by_name(void **state)
{
    pp_certificate *a = generate(NULL), *b = generate(NULL), *loaded = NULL;

    (void)state;
    assert_int_equal(pp_certificate_load(in_folder("none.pem"), NULL, &loaded),
                     PIPIT_ERR_NOT_FOUND);
    assert_non_null(strstr(pipit_error_message(), "none.pem"));
    write_file(in_folder("other.pem"), "not PEM");
    assert_int_equal(pp_certificate_load(in_folder("other.pem"), NULL, &loaded), PIPIT_ERR_TLS);
    assert_non_null(strstr(pipit_error_message(), "holds no certificate"));
    assert_int_equal(pp_certificate_save(a, in_folder("a.pem"), in_folder("key.pem")), 0);
    assert_int_equal(pp_certificate_save(b, in_folder("b.pem"), in_folder("other.pem")), 0);
    assert_int_equal(pp_certificate_load(in_folder("a.pem"), in_folder("other.pem"), &loaded),
                     PIPIT_ERR_TLS);
    assert_non_null(strstr(pipit_error_message(), "is not that of"));
    assert_int_equal(pp_certificate_load(in_folder("a.pem"), NULL, &loaded), PIPIT_ERR_TLS);
    assert_non_null(strstr(pipit_error_message(), "no private key"));
    assert_int_equal(pp_certificate_save(a, "/nowhere/at/all", in_folder("key.pem")), PIPIT_ERR_IO);
    assert_null(loaded);
    pp_certificate_unref(a);
    pp_certificate_unref(b);
}

static void a_key_with_a_pass_phrase_is_refused_without_asking(void **state)
{
    pp_certificate *certificate = generate(NULL), *loaded = NULL;
    BIO *file = BIO_new_file(in_folder("key.pem"), "w");

    (void)state;
    assert_int_equal(PEM_write_bio_PrivateKey(file, pp_certificate_key(certificate),
                                              EVP_aes_128_cbc(), (const unsigned char *)"secret", 6,
                                              NULL, NULL),
                     1);
    BIO_free(file);
    file = BIO_new_file(in_folder("a.pem"), "w");
    PEM_write_bio_X509(file, pp_certificate_x509(certificate));
    BIO_free(file);
    assert_int_equal(pp_certificate_load(in_folder("a.pem"), in_folder("key.pem"), &loaded),
                     PIPIT_ERR_TLS);
    assert_non_null(strstr(pipit_error_message(), "without a pass phrase"));
    pp_certificate_unref(certificate);
}

static void a_fingerprint_is_upper_case_with_colons(void **state)
{
    pp_certificate *certificate = generate(NULL);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    pp_buf text = {0};

    (void)state;
    assert_int_equal(pp_certificate_fingerprint(certificate, PP_HASH_SHA256, &text), 0);
    assert_int_equal(text.n, 95);
    X509_digest(pp_certificate_x509(certificate), EVP_sha256(), digest, &size);
    for (unsigned i = 0; i < size; i++) {
        char expected[4];

        snprintf(expected, sizeof(expected), "%02X:", digest[i]);
        assert_memory_equal(text.p + (size_t)3 * i, expected, i + 1 < size ? 3 : 2);
    }
    pp_buf_clear(&text);
    assert_int_equal(pp_certificate_fingerprint(certificate, PP_HASH_SHA512, &text), 0);
    assert_int_equal(text.n, 191);
    pp_buf_free(&text);
    pp_certificate_unref(certificate);
}

static void a_certificate_lives_as_long_as_its_references(void **state)
{
    pp_certificate *certificate = generate(NULL);

    (void)state;
    assert_ptr_equal(pp_certificate_ref(certificate), certificate);
    assert_null(pp_certificate_unref(certificate));
    assert_int_equal(X509_get_version(pp_certificate_x509(certificate)), X509_VERSION_3);
    assert_null(pp_certificate_unref(certificate));
    assert_null(pp_certificate_unref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_is_self_signed_with_p256),
        cmocka_unit_test(a_certificate_without_names_has_a_new_name_each_time),
        cmocka_unit_test(a_certificate_is_valid_from_a_day_before),
        cmocka_unit_test(the_names_are_dns_names_and_addresses),
        cmocka_unit_test(a_long_name_is_cut_in_the_common_name_only),
        cmocka_unit_test(a_certificate_comes_back_from_its_files),
        cmocka_unit_test(a_file_may_hold_key_and_chain),
        cmocka_unit_test(a_file_that_does_not_do_is_refused_by_name),
        cmocka_unit_test(a_key_with_a_pass_phrase_is_refused_without_asking),
        cmocka_unit_test(a_fingerprint_is_upper_case_with_colons),
        cmocka_unit_test(a_certificate_lives_as_long_as_its_references),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
