/* rtcp_parse.c - walking a compound or reduced-size RTCP packet (RFC 3550 section 6, RFC 5506). */
#include "rtp/rtcp.h"

#include "base/error.h"
#include "rtp/rtcp_walk.h"

enum {
    SENDER_REPORT = 200,
    RECEIVER_REPORT = 201,
    SOURCE_DESCRIPTION = 202,
    BYE = 203,
    TRANSPORT_FEEDBACK = 205,
    PAYLOAD_FEEDBACK = 206,
    EXTENDED_REPORT = 207
};
enum { REPORT_BLOCK_SIZE = 24, SDES_END = 0, SDES_CNAME = 1 };

static void read_sender_info(const pp_rtcp_walk *walk, uint32_t ssrc, pp_reader *r)
{
    pp_sender_info info = {.ntp = pp_reader_u64(r)};

    info.rtp_timestamp = pp_reader_u32(r);
    info.packets = pp_reader_u32(r);
    info.octets = pp_reader_u32(r);
    if (!r->failed && walk->handlers->sender_report)
        walk->handlers->sender_report(walk->arg, ssrc, &info);
}

/* 24 bits with a sign: duplicates make the loss negative. */
static int32_t cumulative_lost(uint32_t bits)
{
    return bits & 0x800000 ? (int32_t)bits - 0x1000000 : (int32_t)bits;
}

static void read_report_block(const pp_rtcp_walk *walk, uint32_t from_ssrc, pp_reader *r)
{
    pp_report_block block = {.ssrc = pp_reader_u32(r)};

    block.fraction_lost = pp_reader_u8(r);
    block.cumulative_lost = cumulative_lost((uint32_t)pp_reader_big_endian(r, 3));
    block.highest_sequence = pp_reader_u32(r);
    block.jitter = pp_reader_u32(r);
    block.last_sr = pp_reader_u32(r);
    block.delay_since_last_sr = pp_reader_u32(r);
    if (walk->handlers->report_block)
        walk->handlers->report_block(walk->arg, from_ssrc, &block);
}

/* What is behind the blocks is a profile's extension and nothing of ours. */
static bool read_report(const pp_rtcp_walk *walk, uint8_t type, unsigned count, pp_reader *r)
{
    uint32_t ssrc = pp_reader_u32(r);

    if (type == SENDER_REPORT)
        read_sender_info(walk, ssrc, r);
    if (r->failed || r->n < count * REPORT_BLOCK_SIZE)
        return false;
    for (unsigned i = 0; i < count; i++)
        read_report_block(walk, ssrc, r);
    return true;
}

/* Section 6.5: items until an octet of zero, which is repeated to the next word. */
static bool read_chunk(const pp_rtcp_walk *walk, pp_reader *r)
{
    size_t before = r->n;
    uint32_t ssrc = pp_reader_u32(r);
    uint8_t type = pp_reader_u8(r);

    while (!r->failed && type != SDES_END) {
        pp_reader text = pp_reader_sub(r, pp_reader_u8(r));

        if (type == SDES_CNAME && !text.failed && walk->handlers->cname)
            walk->handlers->cname(walk->arg, ssrc, pp_str_n(text.p, text.n));
        type = pp_reader_u8(r);
    }
    pp_reader_bytes(r, (4 - (before - r->n) % 4) % 4);
    return !r->failed;
}

static bool read_source_description(const pp_rtcp_walk *walk, unsigned count, pp_reader *r)
{
    for (unsigned i = 0; i < count; i++)
        if (!read_chunk(walk, r))
            return false;
    return true;
}

static bool read_bye(const pp_rtcp_walk *walk, unsigned count, pp_reader *r)
{
    if (r->n < count * 4)
        return false;
    for (unsigned i = 0; i < count; i++) {
        uint32_t ssrc = pp_reader_u32(r);

        if (walk->handlers->bye)
            walk->handlers->bye(walk->arg, ssrc);
    }
    return true;
}

static bool read_body(const pp_rtcp_walk *walk, uint8_t type, unsigned count, pp_reader *r)
{
    switch (type) {
    case SENDER_REPORT:
    case RECEIVER_REPORT:
        return read_report(walk, type, count, r);
    case SOURCE_DESCRIPTION:
        return read_source_description(walk, count, r);
    case BYE:
        return read_bye(walk, count, r);
    case TRANSPORT_FEEDBACK:
        return pp_rtcp_walk_transport_feedback(walk, count, r);
    case PAYLOAD_FEEDBACK:
        return pp_rtcp_walk_payload_feedback(walk, count, r);
    case EXTENDED_REPORT:
        return pp_rtcp_walk_extended_report(walk, r);
    default:
        return true;
    }
}

/* One packet of the compound: header, body, and padding in the last one only. */
static bool read_packet(const pp_rtcp_walk *walk, pp_reader *r)
{
    uint8_t first = pp_reader_u8(r);
    uint8_t type = pp_reader_u8(r);
    pp_reader body = pp_reader_sub(r, (size_t)pp_reader_u16(r) * 4);
    size_t padding = 0;

    if (r->failed || first >> 6 != 2)
        return false;
    if (first & 0x20) {
        padding = body.n ? body.p[body.n - 1] : 0;
        if (!padding || padding > body.n || r->n)
            return false;
    }
    body.n -= padding;
    return read_body(walk, type, first & 31, &body);
}

int pp_rtcp_parse(const uint8_t *data, size_t size, const pp_rtcp_handlers *handlers, void *arg)
{
    const pp_rtcp_walk walk = {handlers, arg};
    pp_reader r = pp_reader_of(data, size);

    do {
        size_t at = size - r.n;

        if (!read_packet(&walk, &r))
            return pp_error(PIPIT_ERR_SYNTAX, "rtcp: malformed packet at byte %zu", at);
    } while (r.n);
    return 0;
}
