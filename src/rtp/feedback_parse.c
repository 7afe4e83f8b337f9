/* feedback_parse.c - what a receiver asks of a sender: packets again, key frames, a rate (RFC 4585, 5104, REMB), and the
 * extended reports a receiver measures its round trip by (RFC 3611). */
#include "rtp/rtcp_walk.h"

enum { GENERIC_NACK = 1, TRANSPORT_WIDE = 15 };
enum { PICTURE_LOSS = 1, FULL_INTRA = 4, APPLICATION_LAYER = 15 };
enum { REFERENCE_TIME = 4, REFERENCE_REPLY = 5, REPLY_SIZE = 12 };

/* RFC 4585 section 6.2.1: a packet, and a bit for each of the sixteen behind it. */
static bool read_nack(const pp_rtcp_walk *walk, uint32_t media_ssrc, pp_reader *r)
{
    while (r->n && !r->failed) {
        uint16_t first = pp_reader_u16(r);
        unsigned behind = pp_reader_u16(r);

        if (r->failed)
            break;
        if (!walk->handlers->nack)
            continue;
        walk->handlers->nack(walk->arg, media_ssrc, first);
        for (unsigned i = 0; i < 16; i++)
            if (behind >> i & 1)
                walk->handlers->nack(walk->arg, media_ssrc, (uint16_t)(first + i + 1));
    }
    return !r->failed;
}

bool pp_rtcp_walk_transport_feedback(const pp_rtcp_walk *walk, unsigned format, pp_reader *r)
{
    uint32_t media_ssrc;

    (void)pp_reader_u32(r); /* whose feedback it is */
    media_ssrc = pp_reader_u32(r);
    if (r->failed)
        return false;
    if (format == GENERIC_NACK)
        return read_nack(walk, media_ssrc, r);
    if (format == TRANSPORT_WIDE && walk->handlers->transport)
        walk->handlers->transport(walk->arg, r->p, r->n);
    return true;
}

static bool read_full_intra(const pp_rtcp_walk *walk, pp_reader *r)
{
    while (r->n && !r->failed) {
        uint32_t ssrc = pp_reader_u32(r);
        uint8_t sequence = pp_reader_u8(r);

        pp_reader_bytes(r, 3);
        if (!r->failed && walk->handlers->full_intra)
            walk->handlers->full_intra(walk->arg, ssrc, sequence);
    }
    return !r->failed;
}

/* Receiver Estimated Max Bitrate: "REMB", a count, 6 bits of exponent and 18 of mantissa, then that many SSRCs. Other
 * messages of the application layer are none of ours. */
static bool read_application_layer(const pp_rtcp_walk *walk, pp_reader *r)
{
    static const uint32_t name = 'R' << 24 | 'E' << 16 | 'M' << 8 | 'B';
    uint32_t rate;
    unsigned exponent;
    size_t count;

    if (r->n < 4 || pp_reader_u32(r) != name)
        return true;
    count = pp_reader_u8(r);
    rate = (uint32_t)pp_reader_big_endian(r, 3);
    exponent = rate >> 18;
    if (r->failed || r->n < count * 4)
        return false;
    if (walk->handlers->max_bitrate)
        walk->handlers->max_bitrate(
            walk->arg, exponent > 45 ? UINT64_MAX : (uint64_t)(rate & 0x3ffff) << exponent);
    return true;
}

bool pp_rtcp_walk_payload_feedback(const pp_rtcp_walk *walk, unsigned format, pp_reader *r)
{
    uint32_t media_ssrc;

    (void)pp_reader_u32(r);
    media_ssrc = pp_reader_u32(r);
    if (r->failed)
        return false;
    switch (format) {
    case PICTURE_LOSS:
        if (walk->handlers->picture_loss)
            walk->handlers->picture_loss(walk->arg, media_ssrc);
        return true;
    case FULL_INTRA:
        return read_full_intra(walk, r);
    case APPLICATION_LAYER:
        return read_application_layer(walk, r);
    default:
        return true;
    }
}

static bool read_block(const pp_rtcp_walk *walk, uint32_t from_ssrc, uint8_t type, pp_reader *r)
{
    if (type == REFERENCE_TIME) {
        uint64_t ntp = pp_reader_u64(r);

        if (!r->failed && walk->handlers->reference_time)
            walk->handlers->reference_time(walk->arg, from_ssrc, ntp);
        return !r->failed;
    }
    while (type == REFERENCE_REPLY && r->n >= REPLY_SIZE) {
        uint32_t about = pp_reader_u32(r);
        uint32_t last_rr = pp_reader_u32(r);
        uint32_t delay = pp_reader_u32(r);

        if (walk->handlers->reference_reply)
            walk->handlers->reference_reply(walk->arg, about, last_rr, delay);
    }
    return true;
}

bool pp_rtcp_walk_extended_report(const pp_rtcp_walk *walk, pp_reader *r)
{
    uint32_t from_ssrc = pp_reader_u32(r);

    while (r->n && !r->failed) {
        uint8_t type = pp_reader_u8(r);
        pp_reader block;

        pp_reader_bytes(r, 1);
        block = pp_reader_sub(r, (size_t)pp_reader_u16(r) * 4);
        if (r->failed || !read_block(walk, from_ssrc, type, &block))
            return false;
    }
    return !r->failed;
}
