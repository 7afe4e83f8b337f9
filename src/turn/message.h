/* message.h - the attributes of TURN (RFC 8656 section 18) on top of a STUN message. */
#ifndef PP_TURN_MESSAGE_H
#define PP_TURN_MESSAGE_H

#include "stun/attribute.h"

enum pp_turn_method {
    PP_TURN_ALLOCATE = 0x003,
    PP_TURN_REFRESH = 0x004,
    PP_TURN_SEND = 0x006,
    PP_TURN_DATA = 0x007,
    PP_TURN_CREATE_PERMISSION = 0x008,
    PP_TURN_CHANNEL_BIND = 0x009
};

enum pp_turn_attribute {
    PP_TURN_CHANNEL_NUMBER = 0x000C,
    PP_TURN_LIFETIME = 0x000D,
    PP_TURN_XOR_PEER_ADDRESS = 0x0012,
    PP_TURN_DATA_ATTRIBUTE = 0x0013,
    PP_TURN_XOR_RELAYED_ADDRESS = 0x0016,
    PP_TURN_REQUESTED_TRANSPORT = 0x0019,
    PP_TURN_ADDITIONAL_ADDRESS_FAMILY = 0x8000
};

#define PP_TURN_CHANNEL_FIRST 0x4000u /* section 12 */
#define PP_TURN_CHANNEL_LAST  0x4FFFu

typedef struct pp_turn_message {
    pp_stun stun;
    pp_str realm, nonce, algorithms, data; /* p is NULL where there is none; slices of the packet */
    bool has_lifetime;
    uint32_t lifetime_s;
    pp_addr peer, alternate; /* family 0 where there is none */
    pp_addr relayed[2];      /* of IPv4, of IPv6 */
    uint16_t unknown_required;
} pp_turn_message;

/* PIPIT_ERR_SYNTAX. `out` borrows. */
int pp_turn_message_parse(const uint8_t *data, size_t size, pp_turn_message *out);

#endif
