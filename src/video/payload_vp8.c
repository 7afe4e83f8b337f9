/* payload_vp8.c - VP8 in RTP (RFC 7741), and what the first octets of a frame tell (RFC 6386 section 9.1). */
#include "video/payload.h"

#include "base/error.h"
#include "base/reader.h"

#include <string.h>

enum {
    EXTENDED = 0x80,  /* X: more octets of the descriptor follow */
    START = 0x10,     /* S: a partition begins */
    PARTITION = 0x07, /* PID */
    HAS_PICTURE_ID = 0x80,
    HAS_LAYER_ZERO = 0x40,
    HAS_LAYER = 0x20, /* T and K share an octet */
    HAS_KEY = 0x10,
    LONG_PICTURE_ID = 0x80,
    DESCRIPTOR_SIZE = 4, /* ours: X, I, a picture number of 15 bits */
    NOT_KEY = 0x01,      /* P, of the frame's first octet */
    KEY_HEADER_SIZE = 10
};

int pp_vp8_pack(const uint8_t *frame, size_t size, const pp_video_packing *packing)
{
    uint8_t payload[PP_LIMIT_RTP_PACKET];
    size_t max = packing->max < sizeof(payload) ? packing->max : sizeof(payload);
    size_t room = max - DESCRIPTOR_SIZE;
    size_t count = (size + room - 1) / room;
    int err = 0;

    if (!size)
        return pp_error(PIPIT_ERR_ARGUMENT, "vp8: an empty frame");
    for (size_t i = 0; !err && i < count; i++) {
        size_t from = size * i / count, to = size * (i + 1) / count; /* all of about one size */

        payload[0] = (uint8_t)(EXTENDED | (i ? 0 : START));
        payload[1] = HAS_PICTURE_ID;
        payload[2] = (uint8_t)(LONG_PICTURE_ID | (packing->picture_id >> 8 & 127));
        payload[3] = (uint8_t)packing->picture_id;
        memcpy(payload + DESCRIPTOR_SIZE, frame + from, to - from);
        err = packing->put(packing->arg, payload, DESCRIPTOR_SIZE + to - from, i + 1 == count);
    }
    return err;
}

/* Section 4.2: over the descriptor; *first is its first octet. */
static bool skip_descriptor(pp_reader *r, uint8_t *first)
{
    uint8_t extension = 0;

    *first = pp_reader_u8(r);
    if (*first & EXTENDED)
        extension = pp_reader_u8(r);
    if (extension & HAS_PICTURE_ID && pp_reader_u8(r) & LONG_PICTURE_ID)
        pp_reader_bytes(r, 1);
    if (extension & HAS_LAYER_ZERO)
        pp_reader_bytes(r, 1);
    if (extension & (HAS_LAYER | HAS_KEY))
        pp_reader_bytes(r, 1);
    return !r->failed && r->n;
}

bool pp_vp8_look(const uint8_t *payload, size_t size, pp_video_payload *out)
{
    pp_reader r = pp_reader_of(payload, size);
    uint8_t first;

    if (!skip_descriptor(&r, &first))
        return false;
    out->begins = first & START && !(first & PARTITION);
    out->key = out->begins && !(r.p[0] & NOT_KEY);
    return true;
}

int pp_vp8_unpack(const uint8_t *payload, size_t size, pp_buf *out)
{
    pp_reader r = pp_reader_of(payload, size);
    uint8_t first;

    if (!skip_descriptor(&r, &first))
        return pp_error(PIPIT_ERR_SYNTAX, "vp8: malformed payload of %zu octets", size);
    pp_buf_add(out, r.p, r.n);
    return pp_buf_error(out);
}

bool pp_vp8_is_key(const uint8_t *frame, size_t size)
{
    return size && !(frame[0] & NOT_KEY);
}

bool pp_vp8_read_size(const uint8_t *frame, size_t size, unsigned *width, unsigned *height)
{
    static const uint8_t start_code[] = {0x9d, 0x01, 0x2a};
    unsigned w, h;

    if (size < KEY_HEADER_SIZE || !pp_vp8_is_key(frame, size) ||
        memcmp(frame + 3, start_code, sizeof(start_code)) != 0)
        return false;
    w = (unsigned)(frame[6] | frame[7] << 8) & 0x3fff;
    h = (unsigned)(frame[8] | frame[9] << 8) & 0x3fff;
    if (!w || !h || w > PP_LIMIT_VIDEO_SIDE || h > PP_LIMIT_VIDEO_SIDE)
        return false;
    *width = w;
    *height = h;
    return true;
}
