/* attribute.h - the STUN attributes we know, by their numbers (RFC 8489 section 18.3, RFC 8445
 * section 16.1). */
#ifndef PP_STUN_ATTRIBUTE_H
#define PP_STUN_ATTRIBUTE_H

#include "stun/stun.h"

#define PP_STUN_COOKIE          0x2112A442u
#define PP_STUN_HEADER          20u
#define PP_STUN_FINGERPRINT_XOR 0x5354554Eu
#define PP_STUN_USERNAME_MAX    513u /* RFC 5389 section 15.3; RFC 8489 says 508 */
#define PP_STUN_REASON_MAX      763u

enum pp_stun_attribute {
    PP_STUN_MAPPED_ADDRESS = 0x0001,
    PP_STUN_USERNAME = 0x0006,
    PP_STUN_MESSAGE_INTEGRITY = 0x0008,
    PP_STUN_ERROR_CODE = 0x0009,
    PP_STUN_UNKNOWN_ATTRIBUTES = 0x000A,
    PP_STUN_REALM = 0x0014,
    PP_STUN_NONCE = 0x0015,
    PP_STUN_MESSAGE_INTEGRITY_SHA256 = 0x001C,
    PP_STUN_PASSWORD_ALGORITHM = 0x001D,
    PP_STUN_USERHASH = 0x001E,
    PP_STUN_XOR_MAPPED_ADDRESS = 0x0020,
    PP_STUN_PRIORITY = 0x0024,
    PP_STUN_USE_CANDIDATE = 0x0025,
    PP_STUN_PASSWORD_ALGORITHMS = 0x8002,
    PP_STUN_ALTERNATE_SERVER = 0x8023,
    PP_STUN_FINGERPRINT = 0x8028,
    PP_STUN_ICE_CONTROLLED = 0x8029,
    PP_STUN_ICE_CONTROLLING = 0x802A
};

#define PP_STUN_MAC_MAX 32u

/* MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 of the `size` octets in front of it, with the length in the header as if
 * it were the last attribute, with `mac_size` octets. `out` holds PP_STUN_MAC_MAX. */
int pp_stun_integrity(const uint8_t *packet, size_t size, const pp_stun_seal *seal, size_t mac_size,
                      uint8_t *out);
/* The value of FINGERPRINT behind `size` octets. */
uint32_t pp_stun_fingerprint(const uint8_t *packet, size_t size);

#endif
