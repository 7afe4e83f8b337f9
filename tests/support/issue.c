/* issue.c - certificates of any kind, made with OpenSSL. */
#include "support/issue.h"

#include "support/files.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    if (!value)
        return;
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

void issue_sign(issued *certificate, const issued *issuer, const char *digest)
{
    assert_true(X509_sign(certificate->x509, (issuer ? issuer : certificate)->key,
                          EVP_get_digestbyname(digest)) > 0);
}

issued issue(const issue_options *options, const issued *issuer)
{
    static long serial = 1;
    bool dated = options->from_days || options->until_days;
    issued made = {.x509 = X509_new(),
                   .key = options->rsa_bits ? EVP_RSA_gen(options->rsa_bits) : EVP_EC_gen("P-256")};
    X509 *x509 = made.x509, *signer = issuer ? issuer->x509 : x509;

    assert_true(x509 && made.key);
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
    X509_time_adj_ex(X509_getm_notBefore(x509), dated ? options->from_days : -1, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(x509), dated ? options->until_days : 10, 0, NULL);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(x509), NID_commonName, MBSTRING_UTF8,
                               (const unsigned char *)options->common_name, -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(signer));
    X509_set_pubkey(x509, made.key);
    add_extension(x509, signer, NID_subject_key_identifier, "hash");
    add_extension(x509, signer, NID_subject_alt_name, options->names);
    add_extension(x509, signer, NID_ext_key_usage, options->usage);
    add_extension(x509, signer, NID_basic_constraints, options->constraints);
    add_extension(x509, signer, NID_name_constraints, options->name_constraints);
    issue_sign(&made, issuer, options->digest ? options->digest : "SHA256");
    return made;
}

void issue_drop(issued *certificate)
{
    X509_free(certificate->x509);
    EVP_PKEY_free(certificate->key);
    *certificate = (issued){0};
}

void issue_save(const issued *certificate, bool with_key, char path[64])
{
    FILE *file;
    int fd;

    snprintf(path, 64, "/tmp/pipit-issued-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    file = fdopen(fd, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate->x509), 1);
    if (with_key)
        assert_int_equal(PEM_write_PrivateKey(file, certificate->key, NULL, NULL, 0, NULL, NULL),
                         1);
    fclose(file);
}
