/* parse.c - reading a STUN message (RFC 8489 section 5 and 14). Each value is read by a reader that
 * ends where it ends. */
#include "base/error.h"
#include "base/reader.h"
#include "stun/attribute.h"

bool pp_stun_is(const uint8_t *data, size_t size)
{
    pp_reader r = pp_reader_of(data, size);
    unsigned type = pp_reader_u16(&r);
    size_t length = pp_reader_u16(&r);
    uint32_t cookie = pp_reader_u32(&r);

    return size >= PP_STUN_HEADER && type < 0x4000 && cookie == PP_STUN_COOKIE && length % 4 == 0 &&
           length == size - PP_STUN_HEADER;
}

static int malformed(const char *what)
{
    return pp_error(PIPIT_ERR_SYNTAX, "stun: %s", what);
}

static void unmask(uint8_t *ip, size_t size, const pp_stun *message)
{
    const uint8_t mask[4] = {0x21, 0x12, 0xA4, 0x42};

    for (size_t i = 0; i < size; i++)
        ip[i] ^= i < 4 ? mask[i] : message->transaction[i - 4];
}

/* Through a socket address, which makes IPv4 of ::ffff:a.b.c.d as everywhere else. */
static bool read_address(pp_reader *r, const pp_stun *message, bool masked, pp_addr *out)
{
    unsigned family = (pp_reader_u8(r), pp_reader_u8(r)); /* behind an octet to ignore */
    uint16_t port = (uint16_t)(pp_reader_u16(r) ^ (masked ? PP_STUN_COOKIE >> 16 : 0));
    size_t size = family == 1 ? 4 : 16;
    const uint8_t *ip = family == 1 || family == 2 ? pp_reader_bytes(r, size) : NULL;
    pp_addr a = {.family = family == 1 ? 4 : 6, .port = port};
    struct sockaddr_storage s;

    if (!ip || r->n)
        return false;
    memcpy(a.ip, ip, size);
    if (masked)
        unmask(a.ip, size, message);
    pp_addr_to_sockaddr(&a, &s);
    return pp_addr_from_sockaddr((const struct sockaddr *)&s, out);
}

static bool read_error(pp_reader *r, pp_stun *out)
{
    unsigned kind = pp_reader_u32(r);
    unsigned hundreds = kind >> 8 & 7, rest = kind & 255;

    if (r->failed || hundreds < 3 || hundreds > 6 || rest > 99 || r->n > PP_STUN_REASON_MAX)
        return false;
    out->error_code = (int)(hundreds * 100 + rest);
    out->error_reason = pp_str_n(r->p, r->n);
    return true;
}

static bool read_role(pp_reader *r, bool *role, pp_stun *out)
{
    *role = true;
    out->tie_breaker = pp_reader_u64(r);
    return !r->failed && !r->n;
}

/* RFC 8489 section 14: of an attribute that comes again only the first counts. False when the value
 * is malformed. */
static bool read_attribute(unsigned type, pp_reader *r, pp_stun *out, bool *xor_mapped)
{
    switch (type) {
    case PP_STUN_USERNAME:
        if (!out->has_username)
            out->username = pp_str_n(r->p, r->n);
        out->has_username = true;
        return r->n <= PP_STUN_USERNAME_MAX;
    case PP_STUN_PRIORITY:
        if (!out->has_priority)
            out->priority = pp_reader_u32(r);
        else
            pp_reader_u32(r);
        out->has_priority = true;
        return !r->failed && !r->n;
    case PP_STUN_USE_CANDIDATE:
        out->use_candidate = true;
        return r->n == 0;
    case PP_STUN_ICE_CONTROLLING:
        return out->has_controlling || read_role(r, &out->has_controlling, out);
    case PP_STUN_ICE_CONTROLLED:
        return out->has_controlled || read_role(r, &out->has_controlled, out);
    case PP_STUN_XOR_MAPPED_ADDRESS:
        if (*xor_mapped)
            return true;
        *xor_mapped = out->has_mapped = true;
        return read_address(r, out, true, &out->mapped);
    case PP_STUN_MAPPED_ADDRESS:
        if (out->has_mapped)
            return true;
        out->has_mapped = true;
        return read_address(r, out, false, &out->mapped);
    case PP_STUN_ERROR_CODE:
        return out->error_code || read_error(r, out);
    case PP_STUN_UNKNOWN_ATTRIBUTES:
    case PP_STUN_REALM:
    case PP_STUN_NONCE:
        return true;
    default: /* 0x0000 to 0x7FFF must be understood, the rest need not */
        if (type < 0x8000 && !out->unknown_required)
            out->unknown_required = (uint16_t)type;
        return true;
    }
}

/* RFC 8489 section 14.6: it may stand behind MESSAGE-INTEGRITY, and be cut to 16 octets. */
static int read_integrity256(pp_stun *out, size_t at, size_t length)
{
    out->has_integrity256 = true;
    out->integrity256_at = at;
    out->integrity256_size = length;
    return length >= 16 && length <= PP_STUN_MAC_MAX && length % 4 == 0
               ? 0
               : malformed("MESSAGE-INTEGRITY-SHA256 is not of 16 to 32 octets");
}

/* The attribute whose header stands at `at`. */
static int read_one(pp_reader *all, size_t at, pp_stun *out, bool *xor_mapped)
{
    unsigned type = pp_reader_u16(all);
    size_t length = pp_reader_u16(all);
    pp_reader value = pp_reader_sub(all, length);

    pp_reader_bytes(all, (4 - length % 4) % 4); /* padding */
    if (all->failed)
        return malformed("an attribute is longer than the message");
    if (out->has_fingerprint)
        return malformed("an attribute stands behind FINGERPRINT");
    if (type == PP_STUN_FINGERPRINT) {
        out->has_fingerprint = true;
        if (pp_reader_u32(&value) != pp_stun_fingerprint(out->packet, at) || value.n)
            return malformed("FINGERPRINT does not match");
        return 0;
    }
    if (type == PP_STUN_MESSAGE_INTEGRITY_SHA256 && !out->has_integrity256)
        return read_integrity256(out, at, length);
    if (out->has_integrity || out->has_integrity256)
        return 0;
    if (type == PP_STUN_MESSAGE_INTEGRITY) {
        out->has_integrity = true;
        out->integrity_at = at;
        return length == 20 ? 0 : malformed("MESSAGE-INTEGRITY is not of 20 octets");
    }
    return read_attribute(type, &value, out, xor_mapped) ? 0
                                                         : malformed("an attribute is malformed");
}

int pp_stun_parse(const uint8_t *data, size_t size, pp_stun *out)
{
    pp_reader r = pp_reader_of(data, size);
    pp_stun message = {.packet = data, .size = size};
    bool xor_mapped = false;
    unsigned type;
    int err = 0;

    if (!pp_stun_is(data, size))
        return malformed("no STUN message");
    /* RFC 8489 section 5: the two bits of the class stand between those of the method. */
    type = pp_reader_u16(&r);
    message.kind = (pp_stun_class)((type >> 4 & 1) | (type >> 7 & 2));
    message.method = (uint16_t)((type & 0x000F) | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2);
    pp_reader_bytes(&r, 6);
    memcpy(message.transaction, data + 8, sizeof(message.transaction));
    pp_reader_bytes(&r, sizeof(message.transaction));
    while (r.n && !err)
        err = read_one(&r, size - r.n, &message, &xor_mapped);
    if (!err)
        *out = message;
    return err;
}

bool pp_stun_next(const pp_stun *message, size_t *at, unsigned *type, pp_str *value)
{
    size_t from = *at ? *at : PP_STUN_HEADER;
    pp_reader r = pp_reader_of(message->packet + from, message->size - from);
    size_t length;

    *type = pp_reader_u16(&r);
    length = pp_reader_u16(&r);
    value->p = (const char *)pp_reader_bytes(&r, length);
    value->n = length;
    if (r.failed || *type == PP_STUN_MESSAGE_INTEGRITY || *type == PP_STUN_FINGERPRINT ||
        *type == PP_STUN_MESSAGE_INTEGRITY_SHA256)
        return false;
    *at = from + 4 + (length + 3) / 4 * 4;
    return true;
}

bool pp_stun_read_address(const pp_stun *message, pp_str value, bool masked, pp_addr *out)
{
    pp_reader r = pp_reader_of(value.p, value.n);

    return read_address(&r, message, masked, out);
}
