/* fingerprint.h - the certificates a description announces (RFC 8122 section 5). */
#ifndef PP_DTLS_FINGERPRINT_H
#define PP_DTLS_FINGERPRINT_H

#include "crypto/hash.h"

typedef struct pp_fingerprint {
    pp_hash hash;
    uint8_t value[PP_HASH_MAX]; /* zeros behind the hash's size */
} pp_fingerprint;

/* "sha-256" and "AB:CD:…", any letter case. PIPIT_ERR_NOT_SUPPORTED for md5, sha-1 and unknown names. */
int pp_fingerprint_parse(pp_str hash, pp_str value, pp_fingerprint *out);
bool pp_fingerprint_fits(const pp_fingerprint *fingerprint, const void *x509);

#endif
