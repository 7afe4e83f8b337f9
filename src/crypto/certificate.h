/* certificate.h - certificates with their keys: self-signed ones for DTLS and for the switchboard, PEM files. */
#ifndef PP_CRYPTO_CERTIFICATE_H
#define PP_CRYPTO_CERTIFICATE_H

#include "base/buf.h"
#include "crypto/hash.h"

typedef struct pp_certificate pp_certificate; /* reference counted; certificate and private key */

/* A self-signed ECDSA P-256 certificate, valid from a day before `wall_us` for `days`.
 * `names`: DNS names and IP literals for subjectAltName, NULL at the end; the first is the common name. NULL: a random
 * name and no subjectAltName, as browsers make for DTLS. */
int pp_certificate_generate(const pp_rng *rng, uint64_t wall_us, unsigned days,
                            const char *const *names, pp_certificate **out);
/* PEM files. certificate_file: the certificate first, then the authorities between it and the root, which a server sends
 * along. key_file NULL: the key is in certificate_file too. */
int pp_certificate_load(const char *certificate_file, const char *key_file, pp_certificate **out);
int pp_certificate_save(const pp_certificate *certificate, const char *certificate_file,
                        const char *key_file); /* key 0600 */
/* "AB:CD:…", upper case, of the DER form: the value of a=fingerprint (RFC 8122). */
int pp_certificate_fingerprint(const pp_certificate *certificate, pp_hash hash, pp_buf *out);
pp_certificate *pp_certificate_ref(pp_certificate *certificate);
pp_certificate *pp_certificate_unref(pp_certificate *certificate);
/* OpenSSL's objects, for crypto/ and dtls/ only: X509 * and EVP_PKEY *, borrowed. */
void *pp_certificate_x509(const pp_certificate *certificate);
void *pp_certificate_key(const pp_certificate *certificate);
void *pp_certificate_chain(const pp_certificate *certificate); /* STACK_OF(X509) *, may be NULL */
/* The digest of the DER form of an X509 *; out holds PP_HASH_MAX. */
int pp_x509_digest(const void *x509, pp_hash hash, uint8_t *out);

#endif
