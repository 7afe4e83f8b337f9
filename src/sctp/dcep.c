/* dcep.c - DATA_CHANNEL_OPEN and DATA_CHANNEL_ACK, read and written. */
#include "sctp/dcep.h"

#include "base/error.h"
#include "base/reader.h"

enum { TYPE_ACK = 0x02, TYPE_OPEN = 0x03 };

#define UNORDERED                                                                                  \
    0x80 /* in the channel type; the rest of it is the policy, in the order of pp_sctp_policy */

bool pp_dcep_is_ack(pp_str message)
{
    return message.n == 1 && message.p[0] == TYPE_ACK;
}

int pp_dcep_parse_open(pp_str message, pp_dcep_open *out)
{
    pp_reader r = pp_reader_of(message.p, message.n);
    unsigned kind = pp_reader_u8(&r), type = pp_reader_u8(&r);
    uint16_t priority = pp_reader_u16(&r);
    uint32_t limit = pp_reader_u32(&r);
    size_t label_size = pp_reader_u16(&r), protocol_size = pp_reader_u16(&r);
    const uint8_t *label = pp_reader_bytes(&r, label_size);
    const uint8_t *protocol = pp_reader_bytes(&r, protocol_size);

    if (r.failed || r.n || kind != TYPE_OPEN)
        return pp_error(PIPIT_ERR_SYNTAX, "data channel: %zu octets are no DATA_CHANNEL_OPEN",
                        message.n);
    if ((type & ~(unsigned)UNORDERED) > PP_SCTP_LIFE_TIME)
        return pp_error(PIPIT_ERR_SYNTAX, "data channel: 0x%02x is no channel type", type);
    *out = (pp_dcep_open){.unordered = (type & UNORDERED) != 0,
                          .policy = (pp_sctp_policy)(type & ~(unsigned)UNORDERED),
                          .limit = limit < UINT16_MAX ? (uint16_t)limit : UINT16_MAX,
                          .priority = priority,
                          .label = pp_str_n(label, label_size),
                          .protocol = pp_str_n(protocol, protocol_size)};
    return 0;
}

void pp_dcep_write_open(const pp_dcep_open *open, pp_buf *out)
{
    pp_buf_u8(out, TYPE_OPEN);
    pp_buf_u8(out, (open->unordered ? UNORDERED : 0) | (unsigned)open->policy);
    pp_buf_u16(out, open->priority);
    pp_buf_u32(out, open->policy == PP_SCTP_RELIABLE ? 0 : open->limit);
    pp_buf_u16(out, (unsigned)open->label.n);
    pp_buf_u16(out, (unsigned)open->protocol.n);
    pp_buf_str(out, open->label);
    pp_buf_str(out, open->protocol);
}

void pp_dcep_write_ack(pp_buf *out)
{
    pp_buf_u8(out, TYPE_ACK);
}
