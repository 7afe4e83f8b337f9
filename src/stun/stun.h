/* stun.h - STUN messages (RFC 8489) as ICE needs them (RFC 8445): read, checked, written. */
#ifndef PP_STUN_STUN_H
#define PP_STUN_STUN_H

#include "base/addr.h"
#include "base/buf.h"

typedef enum pp_stun_class {
    PP_STUN_REQUEST = 0,
    PP_STUN_INDICATION = 1,
    PP_STUN_SUCCESS = 2,
    PP_STUN_ERROR = 3
} pp_stun_class;

#define PP_STUN_BINDING 0x001

typedef struct pp_stun {
    pp_stun_class kind;
    uint16_t method;
    uint8_t transaction[12];
    bool has_username, has_integrity, has_fingerprint, has_priority, use_candidate, has_controlling,
        has_controlled, has_mapped, has_integrity256;
    pp_str username; /* a slice of the packet */
    uint32_t priority;
    uint64_t tie_breaker;
    pp_addr mapped; /* XOR-MAPPED-ADDRESS, MAPPED-ADDRESS where there is only that */
    int error_code;
    pp_str error_reason;
    uint16_t unknown_required; /* a comprehension-required attribute we do not know; 0 when none */
    const uint8_t *packet;
    size_t size, integrity_at; /* where MESSAGE-INTEGRITY stands */
    size_t integrity256_at, integrity256_size;
    pp_str more; /* written behind the others: whole attributes, as pp_stun_put() makes them */
} pp_stun;

/* What a message is made authentic with. A zero key (p == NULL): nothing. */
typedef struct pp_stun_seal {
    pp_str key;
    bool sha256; /* MESSAGE-INTEGRITY-SHA256 and not MESSAGE-INTEGRITY (RFC 8489 section 9.2.4) */
} pp_stun_seal;

/* Looks like STUN: first two bits 0, magic cookie, length (RFC 7983 and 8489 section 5). */
bool pp_stun_is(const uint8_t *data, size_t size);
/* What tells whose a packet is. */
typedef struct pp_stun_tag {
    pp_stun_class kind;
    const uint8_t *transaction; /* 12 octets of the packet */
    pp_str username;            /* a slice of the packet; p NULL: there is none */
} pp_stun_tag;

/* Looks at as little as it can: nothing is checked but that it looks like STUN. */
bool pp_stun_peek(const uint8_t *data, size_t size, pp_stun_tag *out);
/* Attributes behind MESSAGE-INTEGRITY other than FINGERPRINT are not believed. A wrong FINGERPRINT
 * is a failure. `out` borrows. */
int pp_stun_parse(const uint8_t *data, size_t size, pp_stun *out);
/* MESSAGE-INTEGRITY with a short-term key (the password), compared in constant time. False when
 * there is none. */
bool pp_stun_check_integrity(const pp_stun *message, pp_str key);
/* The same with either of the two attributes. */
bool pp_stun_check_seal(const pp_stun *message, const pp_stun_seal *seal);
/* Writes a whole message from the fields of `message` that are set; with `key` (p != NULL)
 * MESSAGE-INTEGRITY, and always FINGERPRINT. */
int pp_stun_write(const pp_stun *message, pp_str key, pp_buf *out);
int pp_stun_write_sealed(const pp_stun *message, const pp_stun_seal *seal, pp_buf *out);

/* The attributes of a message that was parsed, in front of its integrity, one after another from *at == 0 on: for
 * usages that have attributes of their own. */
bool pp_stun_next(const pp_stun *message, size_t *at, unsigned *type, pp_str *value);
/* The value of an address attribute, XORed (XOR-MAPPED-ADDRESS and its like) or plain. */
bool pp_stun_read_address(const pp_stun *message, pp_str value, bool masked, pp_addr *out);
/* One attribute with its padding, for `more`. */
void pp_stun_put(pp_buf *out, unsigned type, pp_str value);
void pp_stun_put_u32(pp_buf *out, unsigned type, uint32_t value);
/* XORed for the message with that transaction. */
void pp_stun_put_address(pp_buf *out, unsigned type, const uint8_t transaction[12],
                         const pp_addr *address);

#endif
