/* cipher.h - the transforms of SRTP: AES counter mode with HMAC-SHA1 (RFC 3711), AES-GCM (RFC
 * 7714). */
#ifndef PP_SRTP_CIPHER_H
#define PP_SRTP_CIPHER_H

#include "dtls/dtls.h"
#include "srtp/mac.h"

#include <openssl/evp.h>

#define PP_SRTP_TAG_MAX 16

/* The session keys of RTP or of RTCP, in contexts that are kept from packet to packet. */
typedef struct pp_srtp_cipher {
    bool gcm, rtcp;
    size_t tag_size;
    EVP_CIPHER_CTX *aes;
    pp_srtp_mac mac; /* not with GCM */
    uint8_t salt[14];
} pp_srtp_cipher;

/* One packet at the transform. */
typedef struct pp_srtp_packet {
    uint8_t *data;
    size_t clear; /* octets at the front that are authenticated but not encrypted */
    size_t size;  /* without tag and SRTCP index */
    uint32_t ssrc;
    uint64_t index; /* 48 bits of RTP, 31 of RTCP */
    uint32_t word;  /* RTP: the rollover counter. RTCP: E and the index, as sent */
} pp_srtp_packet;

/* Derives the session keys from the master key (RFC 3711 section 4.3). PIPIT_ERR_ARGUMENT for no
 * profile. */
int pp_srtp_cipher_init(pp_srtp_cipher *cipher, pp_srtp_profile profile, bool rtcp,
                        const uint8_t *key, const uint8_t *salt);
void pp_srtp_cipher_release(pp_srtp_cipher *cipher); /* a zeroed one is fine */
/* Encrypts in place and gives the tag. */
bool pp_srtp_cipher_seal(pp_srtp_cipher *cipher, const pp_srtp_packet *packet,
                         uint8_t tag[PP_SRTP_TAG_MAX]);
/* Checks the tag and decrypts what is behind the clear part into `out`. The packet stays as it is.
 */
bool pp_srtp_cipher_open(pp_srtp_cipher *cipher, const pp_srtp_packet *packet, const uint8_t *tag,
                         uint8_t *out);

static inline void pp_srtp_put_u32(uint8_t out[4], uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

#endif
