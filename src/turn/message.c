/* message.c - reading TURN's attributes. Of one that comes again the first counts (RFC 8489 section 14). */
#include "turn/message.h"

#include "base/error.h"
#include "base/reader.h"

static bool read_text(pp_str value, pp_str *out)
{
    if (!out->p)
        *out = value;
    return value.n <= PP_STUN_REASON_MAX;
}

static bool read_lifetime(pp_str value, pp_turn_message *out)
{
    pp_reader r = pp_reader_of(value.p, value.n);
    uint32_t seconds = pp_reader_u32(&r);

    if (!out->has_lifetime)
        out->lifetime_s = seconds;
    out->has_lifetime = true;
    return !r.failed && !r.n;
}

static bool read_address(const pp_turn_message *m, pp_str value, bool masked, pp_addr *out)
{
    pp_addr address;

    if (!pp_stun_read_address(&m->stun, value, masked, &address))
        return false;
    if (!out->family)
        *out = address;
    return true;
}

static bool read_relayed(pp_turn_message *m, pp_str value)
{
    pp_addr address;

    if (!pp_stun_read_address(&m->stun, value, true, &address))
        return false;
    if (!m->relayed[address.family == 6].family)
        m->relayed[address.family == 6] = address;
    return true;
}

static bool read_attribute(unsigned type, pp_str value, pp_turn_message *out)
{
    switch (type) {
    case PP_STUN_REALM:
        return read_text(value, &out->realm);
    case PP_STUN_NONCE:
        return read_text(value, &out->nonce);
    case PP_STUN_PASSWORD_ALGORITHMS:
        return read_text(value, &out->algorithms);
    case PP_TURN_DATA_ATTRIBUTE:
        if (!out->data.p)
            out->data = value;
        return true;
    case PP_TURN_LIFETIME:
        return read_lifetime(value, out);
    case PP_TURN_XOR_PEER_ADDRESS:
        return read_address(out, value, true, &out->peer);
    case PP_TURN_XOR_RELAYED_ADDRESS:
        return read_relayed(out, value);
    case PP_STUN_ALTERNATE_SERVER:
        return read_address(out, value, false, &out->alternate);
    case PP_STUN_MAPPED_ADDRESS: /* stun/ has looked at these */
    case PP_STUN_XOR_MAPPED_ADDRESS:
    case PP_STUN_ERROR_CODE:
    case PP_STUN_UNKNOWN_ATTRIBUTES:
    case PP_STUN_USERNAME:
    case PP_TURN_CHANNEL_NUMBER:
        return true;
    default:
        if (type < 0x8000 && !out->unknown_required)
            out->unknown_required = (uint16_t)type;
        return true;
    }
}

int pp_turn_message_parse(const uint8_t *data, size_t size, pp_turn_message *out)
{
    pp_turn_message m = {0};
    size_t at = 0;
    unsigned type;
    pp_str value;
    int err = pp_stun_parse(data, size, &m.stun);

    while (!err && pp_stun_next(&m.stun, &at, &type, &value))
        if (!read_attribute(type, value, &m))
            err = pp_error(PIPIT_ERR_SYNTAX, "turn: attribute 0x%04x is malformed", type);
    if (!err)
        *out = m;
    return err;
}
