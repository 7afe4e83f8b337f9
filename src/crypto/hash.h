/* hash.h - digests and MACs, by OpenSSL with the algorithms fetched once per process. */
#ifndef PP_CRYPTO_HASH_H
#define PP_CRYPTO_HASH_H

#include "base/rng.h"
#include "base/str.h"

typedef enum pp_hash {
    PP_HASH_MD5,
    PP_HASH_SHA1,
    PP_HASH_SHA256,
    PP_HASH_SHA384,
    PP_HASH_SHA512,
    PP_HASH_SHA512_256,
    PP_HASH_COUNT
} pp_hash;

#define PP_HASH_MAX 64 /* octets of the longest digest */

size_t pp_hash_size(pp_hash hash);
/* The digest of `count` pieces in a row. out holds PP_HASH_MAX. 0 or PIPIT_ERR_*. */
int pp_hash_digest(pp_hash hash, const pp_str *pieces, size_t count, uint8_t *out);
/* RFC 2104 with MD5, SHA-1 or SHA-256; out holds PP_HASH_MAX. 0 or PIPIT_ERR_*. */
int pp_hmac(pp_hash hash, pp_str key, const pp_str *pieces, size_t count, uint8_t *out);
int pp_hmac_sha1(const void *key, size_t key_size, const pp_str *pieces, size_t count,
                 uint8_t out[20]);
bool pp_equal_constant_time(const void *a, const void *b, size_t size);
/* The system's generator (OpenSSL's RAND_bytes): the rng of every real loop. */
pp_rng pp_rng_system(void);

#endif
