/* check.c - MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489 sections 14.5 and 14.7). */
#include "crypto/hash.h"
#include "stun/attribute.h"

int pp_stun_integrity(const uint8_t *packet, size_t size, const pp_stun_seal *seal, size_t mac_size,
                      uint8_t *out)
{
    size_t length = size + 4 + mac_size - PP_STUN_HEADER;
    const char length_octets[2] = {(char)(length >> 8), (char)length};
    const pp_str pieces[] = {
        pp_str_n(packet, 2), {length_octets, 2}, pp_str_n(packet + 4, size - 4)};

    return pp_hmac(seal->sha256 ? PP_HASH_SHA256 : PP_HASH_SHA1, seal->key, pieces, 3, out);
}

bool pp_stun_check_seal(const pp_stun *message, const pp_stun_seal *seal)
{
    size_t at = seal->sha256 ? message->integrity256_at : message->integrity_at;
    size_t size = seal->sha256 ? message->integrity256_size : 20;
    uint8_t expected[PP_STUN_MAC_MAX];

    if (!(seal->sha256 ? message->has_integrity256 : message->has_integrity) ||
        pp_stun_integrity(message->packet, at, seal, size, expected))
        return false;
    return pp_equal_constant_time(expected, message->packet + at + 4, size);
}

bool pp_stun_check_integrity(const pp_stun *message, pp_str key)
{
    return pp_stun_check_seal(message, &(pp_stun_seal){.key = key});
}

/* CRC-32 of ITU V.42, four bits at a step: packets are short and sixteen numbers can be checked by
 * eye. */
static uint32_t crc32(const uint8_t *data, size_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

uint32_t pp_stun_fingerprint(const uint8_t *packet, size_t size)
{
    return crc32(packet, size) ^ PP_STUN_FINGERPRINT_XOR;
}
