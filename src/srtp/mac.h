/* mac.h - HMAC-SHA1 (RFC 2104) under one key, many times: what the key alone does is done once. */
#ifndef PP_SRTP_MAC_H
#define PP_SRTP_MAC_H

#ifndef OPENSSL_SUPPRESS_DEPRECATED
#define OPENSSL_SUPPRESS_DEPRECATED /* the states of SHA-1 can be copied; those behind EVP take memory for each copy */
#endif
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_srtp_mac {
    SHA_CTX inner, outer;
} pp_srtp_mac;

void pp_srtp_mac_init(pp_srtp_mac *mac, const uint8_t key[20]);
/* Of two pieces, one behind the other. */
void pp_srtp_mac_make(const pp_srtp_mac *mac, const uint8_t *data, size_t size,
                      const uint8_t word[4], uint8_t out[20]);

#endif
