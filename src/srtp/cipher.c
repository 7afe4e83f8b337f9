/* cipher.c - key derivation and the transforms, on OpenSSL's contexts. */
#include "srtp/cipher.h"

#include "base/error.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

/* RFC 3711 section 4.3.2; RTCP adds 3. */
enum { LABEL_ENCRYPTION, LABEL_AUTHENTICATION, LABEL_SALT, LABEL_RTCP };

/* The master key as a generator of session keys: AES in counter mode. */
struct derivation {
    EVP_CIPHER_CTX *aes;
    uint8_t salt[14];
};

static bool derive(struct derivation *d, unsigned label, uint8_t *out, size_t size)
{
    uint8_t iv[16] = {0};
    int n = 0;

    /* Section 4.3.1 with a derivation rate of 0: the label, shifted by 48 bits, is added to the
     * salt. */
    memcpy(iv, d->salt, sizeof(d->salt));
    iv[7] ^= (uint8_t)label;
    memset(out, 0, size);
    return EVP_EncryptInit_ex2(d->aes, NULL, NULL, iv, NULL) == 1 &&
           EVP_EncryptUpdate(d->aes, out, &n, out, (int)size) == 1;
}

/* Counter mode is made of single blocks here: to OpenSSL 3.0 a new IV is as much work as the rest of a packet of sound. */
static const EVP_CIPHER *algorithm(pp_srtp_profile profile)
{
    if (!pp_srtp_profile_is_gcm(profile))
        return EVP_aes_128_ecb();
    return profile == PP_SRTP_AEAD_AES_128_GCM ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

static bool set_keys(pp_srtp_cipher *cipher, struct derivation *d, pp_srtp_profile profile)
{
    unsigned labels = cipher->rtcp ? LABEL_RTCP : 0;
    size_t key_size = profile == PP_SRTP_AEAD_AES_256_GCM ? 32 : 16;
    uint8_t key[32], mac_key[20];
    bool ok = derive(d, labels + LABEL_ENCRYPTION, key, key_size) &&
              derive(d, labels + LABEL_SALT, cipher->salt, cipher->gcm ? 12 : 14);

    cipher->aes = ok ? EVP_CIPHER_CTX_new() : NULL;
    ok = cipher->aes &&
         EVP_EncryptInit_ex2(cipher->aes, algorithm(profile), key, NULL, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding(cipher->aes, 0) == 1;
    if (ok && !cipher->gcm) {
        ok = derive(d, labels + LABEL_AUTHENTICATION, mac_key, sizeof(mac_key));
        if (ok)
            pp_srtp_mac_init(&cipher->mac, mac_key);
    }
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(mac_key, sizeof(mac_key));
    return ok;
}

int pp_srtp_cipher_init(pp_srtp_cipher *cipher, pp_srtp_profile profile, bool rtcp,
                        const uint8_t *key, const uint8_t *salt)
{
    struct derivation d = {.salt = {0}};
    pp_srtp_cipher made = {.rtcp = rtcp, .gcm = pp_srtp_profile_is_gcm(profile)};
    bool ok;

    if (profile <= PP_SRTP_NONE || profile > PP_SRTP_AEAD_AES_256_GCM)
        return pp_error(PIPIT_ERR_ARGUMENT, "srtp: %d is no profile", (int)profile);
    made.tag_size = made.gcm ? 16 : 10;
    if (profile == PP_SRTP_AES128_CM_SHA1_32 && !rtcp)
        made.tag_size = 4;
    /* RFC 7714 section 11: GCM's salt has 12 octets and is padded with zeros on the right. */
    memcpy(d.salt, salt, made.gcm ? 12 : 14);
    d.aes = EVP_CIPHER_CTX_new();
    ok = d.aes &&
         EVP_EncryptInit_ex2(
             d.aes, profile == PP_SRTP_AEAD_AES_256_GCM ? EVP_aes_256_ctr() : EVP_aes_128_ctr(),
             key, NULL, NULL) == 1 &&
         set_keys(&made, &d, profile);
    EVP_CIPHER_CTX_free(d.aes);
    OPENSSL_cleanse(&d, sizeof(d));
    if (!ok) {
        ERR_clear_error();
        pp_srtp_cipher_release(&made);
        return pp_error(PIPIT_ERR_MEMORY, "srtp: no memory for a cipher");
    }
    *cipher = made;
    OPENSSL_cleanse(&made, sizeof(made));
    return 0;
}

void pp_srtp_cipher_release(pp_srtp_cipher *cipher)
{
    EVP_CIPHER_CTX_free(cipher->aes);
    OPENSSL_cleanse(cipher, sizeof(*cipher));
}

/* --- one packet ------------------------------------------------------------------------------- */

/* RFC 7714 sections 8.1 and 9.1: two zeros, SSRC, 48 bits of index, all over the salt. RFC 3711
 * section 4.1.1 has the same two octets later, and a block counter of 16 bits behind. */
static void make_iv(const pp_srtp_cipher *cipher, const pp_srtp_packet *packet, uint8_t iv[16])
{
    uint8_t *at = iv + (cipher->gcm ? 2 : 4);
    uint8_t ssrc[4];

    memcpy(iv, cipher->salt, 14);
    iv[14] = iv[15] = 0;
    pp_srtp_put_u32(ssrc, packet->ssrc);
    for (unsigned i = 0; i < 4; i++)
        at[i] ^= ssrc[i];
    for (unsigned i = 0; i < 6; i++)
        at[4 + i] ^= (uint8_t)(packet->index >> (40 - 8 * i));
}

/* RFC 3711 section 4.2: the packet, then the rollover counter; the SRTCP index lies at the same
 * place. */
static void make_mac(pp_srtp_cipher *cipher, const pp_srtp_packet *packet, uint8_t out[20])
{
    uint8_t word[4];

    pp_srtp_put_u32(word, packet->word);
    pp_srtp_mac_make(&cipher->mac, packet->data, packet->size, word, out);
}

/* Associated data of GCM: what is in clear, and of RTCP the word with E and the index (RFC 7714
 * section 17). */
static bool add_clear(pp_srtp_cipher *cipher, const pp_srtp_packet *packet)
{
    uint8_t word[4];
    int n = 0;

    pp_srtp_put_u32(word, packet->word);
    return EVP_CipherUpdate(cipher->aes, NULL, &n, packet->data, (int)packet->clear) == 1 &&
           (!cipher->rtcp || EVP_CipherUpdate(cipher->aes, NULL, &n, word, sizeof(word)) == 1);
}

/* The octets behind the clear part, from the packet to `out`. An update with none would be taken
 * for an end. */
static bool run_gcm(pp_srtp_cipher *cipher, const pp_srtp_packet *packet, uint8_t *out)
{
    size_t size = packet->size - packet->clear;
    int n = 0;

    return size == 0 ||
           EVP_CipherUpdate(cipher->aes, out, &n, packet->data + packet->clear, (int)size) == 1;
}

/* --- AES in counter mode (RFC 3711 section 4.1.1) ---------------------------------------------- */

enum { BLOCK = 16, BLOCKS = 16 }; /* so many at a time: a packet of sound */

static void put_counters(const uint8_t iv[BLOCK], size_t first, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++, out += BLOCK) {
        memcpy(out, iv, BLOCK);
        out[14] = (uint8_t)((first + i) >> 8);
        out[15] = (uint8_t)(first + i);
    }
}

static void add_stream(const uint8_t *in, const uint8_t *stream, size_t size, uint8_t *out)
{
    size_t i = 0;

    for (; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
        uint64_t a, b;

        memcpy(&a, in + i, sizeof(a));
        memcpy(&b, stream + i, sizeof(b));
        a ^= b;
        memcpy(out + i, &a, sizeof(a));
    }
    for (; i < size; i++)
        out[i] = in[i] ^ stream[i];
}

/* The octets behind the clear part, there or back. */
static bool run_counter(pp_srtp_cipher *cipher, const pp_srtp_packet *packet, uint8_t *out)
{
    const uint8_t *in = packet->data + packet->clear;
    size_t size = packet->size - packet->clear;
    uint8_t iv[BLOCK], stream[BLOCKS * BLOCK];

    make_iv(cipher, packet, iv);
    for (size_t at = 0; at < size; at += sizeof(stream)) {
        size_t n = size - at < sizeof(stream) ? size - at : sizeof(stream);
        size_t blocks = (n + BLOCK - 1) / BLOCK;
        int made = 0;

        put_counters(iv, at / BLOCK, blocks, stream);
        if (EVP_EncryptUpdate(cipher->aes, stream, &made, stream, (int)(blocks * BLOCK)) != 1)
            return false;
        add_stream(in + at, stream, n, out + at);
    }
    return true;
}

/* --- there and back ---------------------------------------------------------------------------- */

static bool seal_gcm(pp_srtp_cipher *cipher, const pp_srtp_packet *packet,
                     uint8_t tag[PP_SRTP_TAG_MAX])
{
    uint8_t iv[16], none[16];
    int n = 0;

    make_iv(cipher, packet, iv);
    return EVP_EncryptInit_ex2(cipher->aes, NULL, NULL, iv, NULL) == 1 &&
           add_clear(cipher, packet) && run_gcm(cipher, packet, packet->data + packet->clear) &&
           EVP_EncryptFinal_ex(cipher->aes, none, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher->aes, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1;
}

bool pp_srtp_cipher_seal(pp_srtp_cipher *cipher, const pp_srtp_packet *packet,
                         uint8_t tag[PP_SRTP_TAG_MAX])
{
    uint8_t mac[20];

    if (cipher->gcm)
        return seal_gcm(cipher, packet, tag);
    if (!run_counter(cipher, packet, packet->data + packet->clear))
        return false;
    make_mac(cipher, packet, mac);
    memcpy(tag, mac, cipher->tag_size);
    return true;
}

static bool open_gcm(pp_srtp_cipher *cipher, const pp_srtp_packet *packet, const uint8_t *tag,
                     uint8_t *out)
{
    uint8_t iv[16], none[16], expected[16];
    int n = 0;

    make_iv(cipher, packet, iv);
    memcpy(expected, tag, sizeof(expected));
    return EVP_DecryptInit_ex2(cipher->aes, NULL, NULL, iv, NULL) == 1 &&
           add_clear(cipher, packet) && run_gcm(cipher, packet, out) &&
           EVP_CIPHER_CTX_ctrl(cipher->aes, EVP_CTRL_AEAD_SET_TAG, 16, expected) == 1 &&
           EVP_DecryptFinal_ex(cipher->aes, none, &n) == 1;
}

bool pp_srtp_cipher_open(pp_srtp_cipher *cipher, const pp_srtp_packet *packet, const uint8_t *tag,
                         uint8_t *out)
{
    uint8_t mac[20];

    if (cipher->gcm)
        return open_gcm(cipher, packet, tag, out);
    make_mac(cipher, packet, mac);
    return CRYPTO_memcmp(mac, tag, cipher->tag_size) == 0 && run_counter(cipher, packet, out);
}
