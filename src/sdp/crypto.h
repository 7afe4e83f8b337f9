/* crypto.h - keys in a description (RFC 4568). */
#ifndef PP_SDP_CRYPTO_H
#define PP_SDP_CRYPTO_H

#include "base/str.h"

#define PP_SDP_CRYPTO_KEY_MAX 46 /* octets of key and salt: AES-256 with 14 */

typedef struct pp_sdp_crypto {          /* wiped by whoever holds it */
    uint32_t tag;                       /* 1 to 999999999 */
    pp_str suite;                       /* "AES_CM_128_HMAC_SHA1_80" */
    uint8_t key[PP_SDP_CRYPTO_KEY_MAX]; /* master key, then salt */
    size_t key_size;
} pp_sdp_crypto;

/* The value of a=crypto. False when it is malformed, and when it asks for what cannot be left out: several keys, an MKI, or a
 * session parameter that is not marked as optional by a '-' (sections 6.1, 6.3). */
bool pp_sdp_crypto_parse(pp_str value, pp_sdp_crypto *out);

#endif
