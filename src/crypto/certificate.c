/* certificate.c - certificates with their keys: made, loaded, saved, and their fingerprints. */
#include "crypto/certificate.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/error.h"
#include "crypto/openssl.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

struct pp_certificate {
    unsigned references;
    X509 *x509;
    EVP_PKEY *key;
    STACK_OF(X509) *
        chain; /* the authorities between it and the root; NULL or empty when there are none */
};

static int new_certificate(X509 *x509, EVP_PKEY *key, STACK_OF(X509) * chain, pp_certificate **out)
{
    pp_certificate *certificate = PP_NEW(pp_certificate);

    if (!certificate)
        return PIPIT_ERR_MEMORY;
    certificate->references = 1;
    certificate->x509 = x509;
    certificate->key = key;
    certificate->chain = chain;
    *out = certificate;
    return 0;
}

pp_certificate *pp_certificate_ref(pp_certificate *certificate)
{
    certificate->references++;
    return certificate;
}

pp_certificate *pp_certificate_unref(pp_certificate *certificate)
{
    if (!certificate || --certificate->references)
        return NULL;
    X509_free(certificate->x509);
    EVP_PKEY_free(certificate->key);
    sk_X509_pop_free(certificate->chain, X509_free);
    pp_free(certificate);
    return NULL;
}

void *pp_certificate_x509(const pp_certificate *certificate)
{
    return certificate->x509;
}

void *pp_certificate_key(const pp_certificate *certificate)
{
    return certificate->key;
}

void *pp_certificate_chain(const pp_certificate *certificate)
{
    return certificate->chain;
}

/* --- making ----------------------------------------------------------------------------------- */

/* One subjectAltName: an address or a DNS name. */
static GENERAL_NAME *general_name(const char *name)
{
    GENERAL_NAME *general = GENERAL_NAME_new();
    ASN1_STRING *value = NULL;
    pp_addr addr;
    bool is_ip = pp_addr_parse(pp_str_c(name), 0, &addr);
    bool ok;

    value = is_ip ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (is_ip)
        ok = value && ASN1_STRING_set(value, addr.ip, addr.family == 6 ? 16 : 4) == 1;
    else
        ok = value && ASN1_STRING_set(value, name, -1) == 1;
    if (!general || !ok) {
        GENERAL_NAME_free(general);
        ASN1_STRING_free(value);
        return NULL;
    }
    GENERAL_NAME_set0_value(general, is_ip ? GEN_IPADD : GEN_DNS, value);
    return general;
}

static bool add_names(X509 *x509, const char *const *names)
{
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    bool ok = list != NULL;

    for (; ok && *names; names++) {
        GENERAL_NAME *general = general_name(*names);

        ok = general && sk_GENERAL_NAME_push(list, general) > 0;
        if (!ok)
            GENERAL_NAME_free(general);
    }
    ok = ok && X509_add1_ext_i2d(x509, NID_subject_alt_name, list, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(list);
    return ok;
}

/* The subject, which is the issuer too. RFC 5280 appendix A.1: a common name has 64 characters at
 * most. */
static bool set_subject(X509 *x509, const char *name)
{
    size_t size = strlen(name) < 64 ? strlen(name) : 64;
    X509_NAME *subject = X509_get_subject_name(x509);

    return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)name, (int)size, -1, 0) == 1 &&
           X509_set_issuer_name(x509, subject) == 1;
}

static bool set_validity(X509 *x509, uint64_t wall_us, unsigned days)
{
    time_t now = (time_t)(wall_us / 1000000);

    return ASN1_TIME_adj(X509_getm_notBefore(x509), now, -1, 0) &&
           ASN1_TIME_adj(X509_getm_notAfter(x509), now, (int)(days < 36500 ? days : 36500), 0);
}

static bool fill_in(X509 *x509, EVP_PKEY *key, const pp_rng *rng, uint64_t wall_us, unsigned days,
                    const char *const *names)
{
    bool named = names && names[0];
    char random_name[17];

    pp_rng_token(rng, random_name, sizeof(random_name) - 1);
    return X509_set_version(x509, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), pp_rng_u64(rng) >> 1 | 1) == 1 &&
           set_validity(x509, wall_us, days) && set_subject(x509, named ? names[0] : random_name) &&
           (!named || add_names(x509, names)) && X509_set_pubkey(x509, key) == 1 &&
           X509_sign(x509, key, EVP_sha256()) > 0;
}

int pp_certificate_generate(const pp_rng *rng, uint64_t wall_us, unsigned days,
                            const char *const *names, pp_certificate **out)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    int err = 0;

    if (!key || !x509 || !fill_in(x509, key, rng, wall_us, days, names))
        err = pp_error(PIPIT_ERR_TLS, "certificate: it could not be made: %s", pp_openssl_reason());
    if (!err)
        err = new_certificate(x509, key, NULL, out);
    if (err) {
        X509_free(x509);
        EVP_PKEY_free(key);
    }
    return err;
}

/* --- files ------------------------------------------------------------------------------------ */

/* In place of OpenSSL's own, which would ask on the terminal. */
static int no_pass_phrase(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static int open_file(const char *path, BIO **out)
{
    BIO *file = BIO_new_file(path, "r");

    if (!file) {
        int code = errno == ENOENT ? PIPIT_ERR_NOT_FOUND : PIPIT_ERR_IO;

        ERR_clear_error();
        return pp_error(code, "certificate: '%s' could not be opened: %s", path, strerror(errno));
    }
    *out = file;
    return 0;
}

static int load_x509s(const char *path, X509 **x509, STACK_OF(X509) * *chain)
{
    BIO *file = NULL;
    STACK_OF(X509) *rest = NULL;
    X509 *first = NULL, *next;
    bool ok;
    int err = open_file(path, &file);

    if (err)
        return err;
    first = PEM_read_bio_X509(file, NULL, no_pass_phrase, NULL);
    rest = sk_X509_new_null();
    ok = first && rest;
    while (ok && (next = PEM_read_bio_X509(file, NULL, no_pass_phrase, NULL))) {
        ok = sk_X509_push(rest, next) > 0;
        if (!ok)
            X509_free(next);
    }
    BIO_free(file);
    if (!ok) {
        X509_free(first);
        sk_X509_pop_free(rest, X509_free);
        return pp_error(PIPIT_ERR_TLS, "certificate: '%s' holds no certificate in PEM form: %s",
                        path, pp_openssl_reason());
    }
    ERR_clear_error(); /* "no start line" at the end of the file */
    *x509 = first;
    *chain = rest;
    return 0;
}

static int load_key(const char *path, EVP_PKEY **out)
{
    BIO *file = NULL;
    EVP_PKEY *key;
    int err = open_file(path, &file);

    if (err)
        return err;
    key = PEM_read_bio_PrivateKey(file, NULL, no_pass_phrase, NULL);
    BIO_free(file);
    if (!key)
        return pp_error(
            PIPIT_ERR_TLS,
            "certificate: '%s' holds no private key in PEM form without a pass phrase: %s", path,
            pp_openssl_reason());
    *out = key;
    return 0;
}

int pp_certificate_load(const char *certificate_file, const char *key_file, pp_certificate **out)
{
    X509 *x509 = NULL;
    EVP_PKEY *key = NULL;
    STACK_OF(X509) *chain = NULL;
    int err = load_x509s(certificate_file, &x509, &chain);

    ERR_clear_error();
    if (!err)
        err = load_key(key_file ? key_file : certificate_file, &key);
    if (!err && X509_check_private_key(x509, key) != 1) {
        ERR_clear_error();
        err = pp_error(PIPIT_ERR_TLS, "certificate: the key of '%s' is not that of '%s'",
                       key_file ? key_file : certificate_file, certificate_file);
    }
    if (!err)
        err = new_certificate(x509, key, chain, out);
    if (err) {
        X509_free(x509);
        EVP_PKEY_free(key);
        sk_X509_pop_free(chain, X509_free);
    }
    return err;
}

/* Opened by ourselves, so that the key is never readable for others, not even for an instant. */
static int create_file(const char *path, mode_t mode, BIO **out)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    FILE *file = fd >= 0 && fchmod(fd, mode) == 0 ? fdopen(fd, "w") : NULL;
    BIO *bio = file ? BIO_new_fp(file, BIO_CLOSE) : NULL;

    if (!bio) {
        int err = pp_error(PIPIT_ERR_IO, "certificate: '%s' could not be written: %s", path,
                           strerror(errno));

        if (file)
            fclose(file);
        else if (fd >= 0)
            close(fd);
        return err;
    }
    *out = bio;
    return 0;
}

static int save_key(EVP_PKEY *key, const char *path)
{
    BIO *file = NULL;
    bool ok;
    int err = create_file(path, 0600, &file);

    if (err)
        return err;
    ok =
        PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && BIO_flush(file) == 1;
    BIO_free(file);
    return ok ? 0
              : pp_error(PIPIT_ERR_IO, "certificate: '%s' could not be written: %s", path,
                         pp_openssl_reason());
}

static int save_x509s(const pp_certificate *certificate, const char *path)
{
    BIO *file = NULL;
    bool ok;
    int err = create_file(path, 0644, &file);

    if (err)
        return err;
    ok = PEM_write_bio_X509(file, certificate->x509) == 1;
    for (int i = 0; ok && i < sk_X509_num(certificate->chain); i++)
        ok = PEM_write_bio_X509(file, sk_X509_value(certificate->chain, i)) == 1;
    ok = ok && BIO_flush(file) == 1;
    BIO_free(file);
    return ok ? 0
              : pp_error(PIPIT_ERR_IO, "certificate: '%s' could not be written: %s", path,
                         pp_openssl_reason());
}

int pp_certificate_save(const pp_certificate *certificate, const char *certificate_file,
                        const char *key_file)
{
    int err = save_key(certificate->key, key_file);

    if (!err)
        err = save_x509s(certificate, certificate_file);
    return err;
}

/* --- fingerprints ----------------------------------------------------------------------------- */

int pp_x509_digest(const void *x509, pp_hash hash, uint8_t *out)
{
    unsigned char *der = NULL;
    int size = i2d_X509(x509, &der);
    int err;

    if (size < 0)
        return pp_error(PIPIT_ERR_TLS, "certificate: it has no DER form: %s", pp_openssl_reason());
    err = pp_hash_digest(hash, (pp_str[]){pp_str_n(der, (size_t)size)}, 1, out);
    OPENSSL_free(der);
    return err;
}

int pp_certificate_fingerprint(const pp_certificate *certificate, pp_hash hash, pp_buf *out)
{
    uint8_t digest[PP_HASH_MAX];
    int err = pp_x509_digest(certificate->x509, hash, digest);

    if (err)
        return err;
    for (size_t i = 0; i < pp_hash_size(hash); i++)
        pp_buf_format(out, i ? ":%02X" : "%02X", digest[i]);
    return pp_buf_error(out);
}
