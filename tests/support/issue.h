/* issue.h - certificates of any kind, good and bad, signed by one another. A test that uses it links crypto. */
#ifndef PP_TESTS_ISSUE_H
#define PP_TESTS_ISSUE_H

#include <openssl/x509.h>
#include <stdbool.h>

typedef struct issued {
    X509 *x509;
    EVP_PKEY *key;
} issued;

/* Texts as openssl.cnf has them; NULL: without that extension. */
typedef struct issue_options {
    const char *common_name;
    const char *names;            /* subjectAltName: "DNS:localhost,IP:127.0.0.1" */
    const char *usage;            /* extendedKeyUsage */
    const char *constraints;      /* basicConstraints */
    const char *name_constraints; /* "permitted;DNS:example.org" */
    int from_days, until_days;    /* from now; 0 and 0: from yesterday until in ten days */
    unsigned rsa_bits;            /* 0: ECDSA P-256 */
    const char *digest;           /* NULL: "SHA256" */
} issue_options;

/* Signed by `issuer`, or by itself when that is NULL. Fails the test when it cannot be made. */
issued issue(const issue_options *options, const issued *issuer);
/* Signs again what was changed. */
void issue_sign(issued *certificate, const issued *issuer, const char *digest);
void issue_drop(issued *certificate);
/* The certificate as a PEM file, whose name is put into `path`: the key goes behind it when `with_key`. */
void issue_save(const issued *certificate, bool with_key, char path[64]);

#endif
