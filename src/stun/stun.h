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
        has_controlled, has_mapped;
    pp_str username; /* a slice of the packet */
    uint32_t priority;
    uint64_t tie_breaker;
    pp_addr mapped; /* XOR-MAPPED-ADDRESS, MAPPED-ADDRESS where there is only that */
    int error_code;
    pp_str error_reason;
    uint16_t unknown_required; /* a comprehension-required attribute we do not know; 0 when none */
    const uint8_t *packet;
    size_t size, integrity_at; /* where MESSAGE-INTEGRITY stands */
} pp_stun;

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
/* Writes a whole message from the fields of `message` that are set; with `key` (p != NULL)
 * MESSAGE-INTEGRITY, and always FINGERPRINT. */
int pp_stun_write(const pp_stun *message, pp_str key, pp_buf *out);

#endif
