/* rtp.c - the RTP packet, read and written (RFC 3550 section 5.1). */
#include "rtp/rtp.h"

#include "base/error.h"
#include "base/reader.h"

enum { HEADER_SIZE = 12, RTCP_SIZE_MIN = 8 };

static bool is_version_2(const uint8_t *data, size_t size, size_t size_min)
{
    return size >= size_min && data[0] >> 6 == 2;
}

/* RFC 5761 section 4: these are RTCP's packet types; as RTP they were payload types 64 to 95 with
 * the marker. */
static bool has_rtcp_type(const uint8_t *data)
{
    return data[1] >= 192 && data[1] <= 223;
}

bool pp_rtp_is(const uint8_t *data, size_t size)
{
    return is_version_2(data, size, HEADER_SIZE) && !has_rtcp_type(data);
}

bool pp_rtcp_is(const uint8_t *data, size_t size)
{
    return is_version_2(data, size, RTCP_SIZE_MIN) && has_rtcp_type(data);
}

static void read_extension(pp_reader *r, pp_rtp *packet)
{
    pp_reader extension;

    packet->extension_profile = pp_reader_u16(r);
    extension = pp_reader_sub(r, (size_t)pp_reader_u16(r) * 4);
    packet->extension = extension.p;
    packet->extension_size = extension.n;
}

/* The last octet of the padding is its length, itself included. */
static bool take_padding_off(pp_reader *r)
{
    size_t padding = r->failed || !r->n ? 0 : r->p[r->n - 1];

    if (!padding || padding > r->n)
        return false;
    r->n -= padding;
    return true;
}

int pp_rtp_parse(const uint8_t *data, size_t size, pp_rtp *out)
{
    pp_reader r = pp_reader_of(data, size);
    uint8_t first = pp_reader_u8(&r);
    uint8_t second = pp_reader_u8(&r);
    pp_rtp packet = {.marker = second >> 7, .payload_type = second & 127};

    if (r.failed || first >> 6 != 2)
        return pp_error(PIPIT_ERR_SYNTAX, "rtp: not version 2");
    packet.sequence = pp_reader_u16(&r);
    packet.timestamp = pp_reader_u32(&r);
    packet.ssrc = pp_reader_u32(&r);
    pp_reader_bytes(&r, (size_t)(first & 15) * 4);
    if (first & 0x10)
        read_extension(&r, &packet);
    if (r.failed)
        return pp_error(PIPIT_ERR_SYNTAX, "rtp: header longer than the packet of %zu octets", size);
    if (first & 0x20 && !take_padding_off(&r))
        return pp_error(PIPIT_ERR_SYNTAX, "rtp: padding longer than the payload, or of no octet");
    packet.payload = r.p;
    packet.size = r.n;
    packet.overhead = (uint16_t)(size - r.n);
    *out = packet;
    return 0;
}

static void put(uint8_t *at, uint32_t value, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        at[i] = (uint8_t)(value >> 8 * (octets - 1 - i));
}

void pp_rtp_write(const pp_rtp *packet, pp_buf *out)
{
    uint8_t *header =
        pp_buf_room(out, 12); /* at once: this is done fifty times a second for each call */

    if (!header)
        return;
    header[0] = packet->extension_profile ? 0x90 : 0x80;
    header[1] = (uint8_t)((packet->marker ? 0x80u : 0u) | (packet->payload_type & 127u));
    put(header + 2, packet->sequence, 2);
    put(header + 4, packet->timestamp, 4);
    put(header + 8, packet->ssrc, 4);
    if (packet->extension_profile) {
        pp_buf_u16(out, packet->extension_profile);
        pp_buf_u16(out, (unsigned)(packet->extension_size / 4));
        pp_buf_add(out, packet->extension, packet->extension_size);
    }
    pp_buf_add(out, packet->payload, packet->size);
}
