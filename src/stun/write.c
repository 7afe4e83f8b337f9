/* write.c - a STUN message from its fields. */
#include "base/error.h"
#include "stun/attribute.h"

static void add_head(pp_buf *out, unsigned type, size_t length)
{
    pp_buf_u16(out, type);
    pp_buf_u16(out, (unsigned)length);
}

void pp_stun_put(pp_buf *out, unsigned type, pp_str value)
{
    add_head(out, type, value.n);
    pp_buf_str(out, value);
    for (size_t n = value.n; n % 4; n++)
        pp_buf_u8(out, 0);
}

void pp_stun_put_u32(pp_buf *out, unsigned type, uint32_t value)
{
    add_head(out, type, 4);
    pp_buf_u32(out, value);
}

void pp_stun_put_address(pp_buf *out, unsigned type, const uint8_t transaction[12],
                         const pp_addr *address)
{
    const uint8_t mask[4] = {0x21, 0x12, 0xA4, 0x42};
    size_t size = address->family == 6 ? 16 : 4;

    add_head(out, type, 4 + size);
    pp_buf_u8(out, 0);
    pp_buf_u8(out, address->family == 6 ? 2 : 1);
    pp_buf_u16(out, address->port ^ (PP_STUN_COOKIE >> 16));
    for (size_t i = 0; i < size; i++)
        pp_buf_u8(out, address->ip[i] ^ (i < 4 ? mask[i] : transaction[i - 4]));
}

static void add_role(pp_buf *out, unsigned type, uint64_t tie_breaker)
{
    add_head(out, type, 8);
    pp_buf_u64(out, tie_breaker);
}

static void add_error(pp_buf *out, const pp_stun *message)
{
    unsigned code = (unsigned)message->error_code;
    pp_str reason = message->error_reason;

    add_head(out, PP_STUN_ERROR_CODE, 4 + reason.n);
    pp_buf_u16(out, 0);
    pp_buf_u8(out, code / 100);
    pp_buf_u8(out, code % 100);
    pp_buf_str(out, reason);
    for (size_t n = reason.n; n % 4; n++)
        pp_buf_u8(out, 0);
}

static void add_attributes(pp_buf *out, const pp_stun *message)
{
    if (message->error_code)
        add_error(out, message);
    if (message->unknown_required)
        pp_stun_put(out, PP_STUN_UNKNOWN_ATTRIBUTES,
                    (pp_str){(const char[]){(char)(message->unknown_required >> 8),
                                            (char)message->unknown_required},
                             2});
    if (message->has_username)
        pp_stun_put(out, PP_STUN_USERNAME, message->username);
    if (message->has_priority)
        pp_stun_put_u32(out, PP_STUN_PRIORITY, message->priority);
    if (message->has_controlling)
        add_role(out, PP_STUN_ICE_CONTROLLING, message->tie_breaker);
    if (message->has_controlled)
        add_role(out, PP_STUN_ICE_CONTROLLED, message->tie_breaker);
    if (message->use_candidate)
        add_head(out, PP_STUN_USE_CANDIDATE, 0);
    if (message->has_mapped)
        pp_stun_put_address(out, PP_STUN_XOR_MAPPED_ADDRESS, message->transaction,
                            &message->mapped);
    pp_buf_str(out, message->more);
}

static int add_integrity(pp_buf *out, size_t start, const pp_stun_seal *seal)
{
    size_t size = seal->sha256 ? PP_STUN_MAC_MAX : 20;
    uint8_t mac[PP_STUN_MAC_MAX];
    int err = pp_buf_error(out);

    if (!err)
        err = pp_stun_integrity((const uint8_t *)out->p + start, out->n - start, seal, size, mac);
    if (err)
        return err;
    add_head(out, seal->sha256 ? PP_STUN_MESSAGE_INTEGRITY_SHA256 : PP_STUN_MESSAGE_INTEGRITY,
             size);
    pp_buf_add(out, mac, size);
    return 0;
}

static int add_fingerprint(pp_buf *out, size_t start)
{
    if (pp_buf_error(out))
        return pp_buf_error(out);
    pp_buf_set_u16(out, start + 2, (unsigned)(out->n + 8 - start - PP_STUN_HEADER));
    uint32_t value = pp_stun_fingerprint((const uint8_t *)out->p + start, out->n - start);
    add_head(out, PP_STUN_FINGERPRINT, 4);
    pp_buf_u32(out, value);
    return pp_buf_error(out);
}

int pp_stun_write(const pp_stun *message, pp_str key, pp_buf *out)
{
    return pp_stun_write_sealed(message, &(pp_stun_seal){.key = key}, out);
}

int pp_stun_write_sealed(const pp_stun *message, const pp_stun_seal *seal, pp_buf *out)
{
    unsigned kind = message->kind, method = message->method;
    size_t start = out->n;
    int err = 0;

    if (method > 0xFFF || message->username.n > PP_STUN_USERNAME_MAX ||
        message->error_reason.n > PP_STUN_REASON_MAX)
        return pp_error(PIPIT_ERR_ARGUMENT, "stun: a field is out of range");
    pp_buf_u16(out, (method & 0x00F) | (method & 0x070) << 1 | (method & 0xF80) << 2 |
                        (kind & 1) << 4 | (kind & 2) << 7);
    pp_buf_u16(out, 0); /* the length, set with FINGERPRINT */
    pp_buf_u32(out, PP_STUN_COOKIE);
    pp_buf_add(out, message->transaction, sizeof(message->transaction));
    add_attributes(out, message);
    if (seal->key.p)
        err = add_integrity(out, start, seal);
    if (!err)
        err = add_fingerprint(out, start);
    if (err)
        out->n = start;
    return err;
}
