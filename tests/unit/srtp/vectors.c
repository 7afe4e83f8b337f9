/* vectors.c - tests of the transforms with the vectors of RFC 3711 appendix B and RFC 7714 sections
 * 16 and 17. */
#include "srtp/cipher.h"
#include "srtp/srtp.h"
#include "support/files.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

static const uint8_t master_key[16] = {0xE1, 0xF9, 0x7A, 0x0D, 0x3E, 0x01, 0x8B, 0xE0,
                                       0xD6, 0x4F, 0xA3, 0x2C, 0x06, 0xDE, 0x41, 0x39};
static const uint8_t master_salt[14] = {0x0E, 0xC6, 0x75, 0xAD, 0x49, 0x8A, 0xFE,
                                        0xEB, 0xB6, 0x96, 0x0B, 0x3A, 0xAB, 0xE6};

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Hexadecimal digits with blanks and single line ends between them, up to an empty line or anything
 * else. */
static size_t read_hex(const char *text, uint8_t *out, size_t max)
{
    size_t n = 0;

    while (strchr(" \r\n", *text) && *text)
        text++;
    for (; *text && n < max; text++) {
        if (text[0] == '\n' && (text[1] == '\n' || text[1] == '\r'))
            break;
        if (strchr(" \r\n", *text))
            continue;
        if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
            break;
        out[n++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
        text++;
    }
    return n;
}

/* RFC 3711 appendix B.2: session key, salt and the first blocks of the key stream. */
static void the_key_stream_of_counter_mode_fits_rfc_3711(void **state)
{
    uint8_t key[16], expected[48], data[48] = {0}, tag[PP_SRTP_TAG_MAX];
    pp_srtp_cipher cipher;
    pp_srtp_packet packet = {.data = data, .size = sizeof(data)};

    (void)state;
    read_hex("2B7E151628AED2A6ABF7158809CF4F3C", key, sizeof(key));
    read_hex("E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB "
             "41E95B3BB0A2E8DD477901E4FCA894C0",
             expected, sizeof(expected));
    assert_int_equal(
        pp_srtp_cipher_init(&cipher, PP_SRTP_AES128_CM_SHA1_80, false, master_key, master_salt), 0);
    assert_int_equal(read_hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD", cipher.salt, 14), 14);
    assert_int_equal(EVP_EncryptInit_ex2(cipher.aes, NULL, key, NULL, NULL), 1);
    assert_true(pp_srtp_cipher_seal(&cipher, &packet, tag));
    assert_memory_equal(data, expected, sizeof(data));
    pp_srtp_cipher_release(&cipher);
}

/* RFC 3711 appendix B.3: the session keys, seen through what they do to a packet. */
static void the_derived_keys_fit_rfc_3711(void **state)
{
    uint8_t key[16], mac_key[20],
        iv[16] = {0}, packet[64] = {0x80, 0, 0x12, 0x34, 0, 0, 0, 0, 0xCA, 0xFE, 0xBA, 0xBE};
    uint8_t expected[64], mac[20], salt[14];
    unsigned mac_size = 0;
    size_t size = 32;
    int n = 0;
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    pp_srtp_cipher cipher;
    pp_srtp *srtp = NULL;

    (void)state;
    read_hex("C61E7A93744F39EE10734AFE3FF7A087", key, sizeof(key));
    read_hex("30CBBC08863D8C85D49DB34A9AE1", salt, sizeof(salt));
    read_hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4", mac_key, sizeof(mac_key));
    assert_int_equal(
        pp_srtp_cipher_init(&cipher, PP_SRTP_AES128_CM_SHA1_80, false, master_key, master_salt), 0);
    assert_memory_equal(cipher.salt, salt, sizeof(salt));
    pp_srtp_cipher_release(&cipher);

    memcpy(expected, packet, sizeof(packet));
    memcpy(iv, salt, sizeof(salt));
    for (int i = 0; i < 4; i++)
        iv[4 + i] ^= packet[8 + i];
    iv[12] ^= 0x12;
    iv[13] ^= 0x34;
    EVP_EncryptInit_ex2(aes, EVP_aes_128_ctr(), key, iv, NULL);
    EVP_EncryptUpdate(aes, expected + 12, &n, expected + 12, 20);
    HMAC(EVP_sha1(), mac_key, sizeof(mac_key), expected, 36, mac,
         &mac_size); /* four zeros: the rollover counter */
    memcpy(expected + 32, mac, 10);

    assert_int_equal(pp_srtp_new(PP_SRTP_AES128_CM_SHA1_80, master_key, master_salt, &srtp), 0);
    assert_int_equal(pp_srtp_protect(srtp, packet, &size, sizeof(packet)), 0);
    assert_int_equal(size, 42);
    assert_memory_equal(packet, expected, 42);
    pp_srtp_free(srtp);
    EVP_CIPHER_CTX_free(aes);
}

/* --- RFC 7714 --------------------------------------------------------------------------------- */

struct vector {
    const char *file, *section, *plain, *sealed;
    pp_srtp_profile profile;
    bool rtcp, clear;
};

static size_t packet_of(const char *text, const struct vector *vector, const char *label,
                        uint8_t out[128])
{
    const char *section = strstr(text, vector->section);
    const char *at = section ? strstr(section, label) : NULL;

    if (!at)
        fail_msg("%s: no '%s' in %s", vector->file, label, vector->section);
    return read_hex(at + strlen(label), out, 128);
}

/* The vectors begin behind key derivation. */
static pp_srtp_cipher vector_cipher(const struct vector *vector)
{
    pp_srtp_cipher cipher;
    uint8_t key[32];

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)i;
    assert_int_equal(pp_srtp_cipher_init(&cipher, vector->profile, vector->rtcp, key, master_salt),
                     0);
    assert_int_equal(EVP_EncryptInit_ex2(cipher.aes, NULL, key, NULL, NULL), 1);
    memcpy(cipher.salt, "Quid pro quo", 12);
    return cipher;
}

static void check_vector(const struct vector *vector)
{
    pp_str text = read_corpus(vector->file);
    pp_srtp_cipher cipher = vector_cipher(vector);
    uint8_t plain[128], sealed[128], data[128], opened[128], tag[PP_SRTP_TAG_MAX];
    size_t size = packet_of(text.p, vector, vector->plain, plain);
    size_t header = vector->rtcp ? 8 : 12,
           sealed_size = packet_of(text.p, vector, vector->sealed, sealed);
    pp_srtp_packet packet = {.data = data, .size = size, .clear = vector->clear ? size : header};

    assert_true(size > 40);
    assert_int_equal(sealed_size, size + 16 + (vector->rtcp ? 4 : 0));
    memcpy(data, plain, size);
    packet.ssrc = vector->rtcp ? 0x4D617273 : 0x5501A0B2;
    packet.index = vector->rtcp ? 0x5D4 : 0xF17B;
    packet.word = vector->rtcp ? 0x5D4 | (vector->clear ? 0 : 0x80000000u) : 0;
    assert_true(pp_srtp_cipher_seal(&cipher, &packet, tag));
    assert_memory_equal(data, sealed, size);
    assert_memory_equal(tag, sealed + size, 16);
    assert_true(pp_srtp_cipher_open(&cipher, &packet, tag, opened));
    assert_memory_equal(opened, plain + packet.clear, size - packet.clear);
    tag[15] ^= 1;
    assert_false(pp_srtp_cipher_open(&cipher, &packet, tag, opened));
    pp_srtp_cipher_release(&cipher);
    free((void *)(uintptr_t)text.p);
}

static void the_packets_of_aes_gcm_fit_rfc_7714(void **state)
{
    static const char rtp[] = "vectors/rfc7714/rtp-vectors.txt",
                      rtcp[] = "vectors/rfc7714/rtcp-vectors.txt";
    static const struct vector vectors[] = {
        {rtp, "16.1.1.", "the following packet:", "Encrypted and tagged packet:",
         PP_SRTP_AEAD_AES_128_GCM, false, false},
        {rtp, "16.1.3.", "the following packet:", "Tagged packet:", PP_SRTP_AEAD_AES_128_GCM, false,
         true},
        {rtp, "16.2.1.", "the following packet:", "Encrypted and tagged packet:",
         PP_SRTP_AEAD_AES_256_GCM, false, false},
        {rtp, "16.2.3.", "the following packet:", "Tagged packet:", PP_SRTP_AEAD_AES_256_GCM, false,
         true},
        {rtcp, "17.1.", "the following packet:", "Encrypted and tagged packet:",
         PP_SRTP_AEAD_AES_128_GCM, true, false},
        {rtcp, "17.2.", "Verified and decrypted packet:", "the following packet:",
         PP_SRTP_AEAD_AES_256_GCM, true, false},
        {rtcp, "17.3.", "the following packet:", "Tagged packet:", PP_SRTP_AEAD_AES_128_GCM, true,
         true},
        {rtcp, "17.4.", "Verified packet:", "the following packet:", PP_SRTP_AEAD_AES_256_GCM, true,
         true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        check_vector(&vectors[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_stream_of_counter_mode_fits_rfc_3711),
        cmocka_unit_test(the_derived_keys_fit_rfc_3711),
        cmocka_unit_test(the_packets_of_aes_gcm_fit_rfc_7714),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
