/* payload_h264.c - H.264 in RTP (RFC 6184), packetization-mode 1: single units, STAP-A, FU-A. */
#include "video/payload.h"

#include "base/error.h"
#include "base/reader.h"

#include <string.h>

enum {
    STAP_A = 24,
    FU_A = 28,
    FU_START = 0x80,
    FU_END = 0x40,
    TYPE = 0x1f,
    NRI = 0x60, /* how much the unit is needed; F stands before it */
    SINGLE_MAX = 23
};

static const uint8_t start_code[] = {0, 0, 0, 1};

/* --- packing ---------------------------------------------------------------------------------- */

struct packer {
    const pp_video_packing *packing;
    uint8_t payload[PP_LIMIT_RTP_PACKET];
    size_t max;
    pp_h264_unit gathered[8]; /* small ones, for one STAP-A */
    size_t count, size;       /* of the STAP-A */
};

/* Section 5.8: the first octet of the unit becomes two; the rest is cut into pieces of one size. */
static int put_fragments(struct packer *packer, const pp_h264_unit *unit, bool last)
{
    size_t size = unit->size - 1, room = packer->max - 2;
    size_t count = (size + room - 1) / room;
    int err = 0;

    for (size_t i = 0; !err && i < count; i++) {
        size_t from = size * i / count, to = size * (i + 1) / count;

        packer->payload[0] = (uint8_t)((unit->data[0] & ~TYPE) | FU_A);
        packer->payload[1] =
            (uint8_t)((unit->data[0] & TYPE) | (i ? 0 : FU_START) | (i + 1 == count ? FU_END : 0));
        memcpy(packer->payload + 2, unit->data + 1 + from, to - from);
        err = packer->packing->put(packer->packing->arg, packer->payload, 2 + to - from,
                                   last && i + 1 == count);
    }
    return err;
}

/* Section 5.7.1: NRI is the highest of those inside. */
static int put_gathered(struct packer *packer, bool last)
{
    const pp_h264_unit *unit = packer->gathered;
    size_t n = 1;
    size_t count = packer->count;

    packer->count = 0;
    packer->size = 1;
    if (!count)
        return 0;
    if (count == 1)
        return packer->packing->put(packer->packing->arg, unit->data, unit->size, last);
    packer->payload[0] = STAP_A;
    for (size_t i = 0; i < count; i++, unit++) {
        if ((unit->data[0] & NRI) > (packer->payload[0] & NRI))
            packer->payload[0] = (uint8_t)((unit->data[0] & NRI) | STAP_A);
        packer->payload[n++] = (uint8_t)(unit->size >> 8);
        packer->payload[n++] = (uint8_t)unit->size;
        memcpy(packer->payload + n, unit->data, unit->size);
        n += unit->size;
    }
    return packer->packing->put(packer->packing->arg, packer->payload, n, last);
}

/* The unit before is only put when it is known whether it is the last. */
static int put_unit(struct packer *packer, const pp_h264_unit *unit, bool last)
{
    size_t room = sizeof(packer->gathered) / sizeof(packer->gathered[0]);
    int err = 0;

    if (packer->count == room || packer->size + 2 + unit->size > packer->max)
        err = put_gathered(packer, false);
    if (!err && unit->size > packer->max)
        return put_fragments(packer, unit, last);
    if (!err && packer->size + 2 + unit->size > packer->max)
        return packer->packing->put(packer->packing->arg, unit->data, unit->size, last);
    packer->gathered[packer->count++] = *unit;
    packer->size += 2 + unit->size;
    return !err && last ? put_gathered(packer, true) : err;
}

int pp_h264_pack(const uint8_t *frame, size_t size, const pp_video_packing *packing)
{
    struct packer packer = {.packing = packing, .size = 1};
    pp_h264_unit unit, next;
    size_t at = 0;
    int err = 0;

    packer.max = packing->max < sizeof(packer.payload) ? packing->max : sizeof(packer.payload);
    if (!pp_h264_next(frame, size, &at, &unit))
        return pp_error(PIPIT_ERR_ARGUMENT, "h264: a frame without a unit");
    while (!err && pp_h264_next(frame, size, &at, &next)) {
        err = put_unit(&packer, &unit, false);
        unit = next;
    }
    return err ? err : put_unit(&packer, &unit, true);
}

/* --- unpacking -------------------------------------------------------------------------------- */

static void look_at_type(unsigned type, pp_video_payload *out)
{
    out->begins = type == PP_H264_SPS;
    out->key = type == PP_H264_SPS || type == PP_H264_IDR;
}

/* Where a picture begins is certain only for one with parameters in front; else the packet before tells it. */
bool pp_h264_look(const uint8_t *payload, size_t size, pp_video_payload *out)
{
    pp_reader r = pp_reader_of(payload, size);
    unsigned type = pp_reader_u8(&r) & TYPE;
    uint8_t second = type == FU_A || type == STAP_A ? pp_reader_u8(&r) : 0;

    *out = (pp_video_payload){0};
    if (type == FU_A) {
        look_at_type(second & FU_START ? second & TYPE : 0, out);
    } else if (type == STAP_A) {
        pp_reader_bytes(&r, 1); /* of the first unit's length */
        look_at_type(pp_reader_u8(&r) & TYPE, out);
    } else {
        look_at_type(type, out);
    }
    return !r.failed;
}

static void add_unit(pp_buf *out, const uint8_t *data, size_t size)
{
    pp_buf_add(out, start_code, sizeof(start_code));
    pp_buf_add(out, data, size);
}

static bool unpack_gathered(pp_reader *r, pp_buf *out)
{
    while (r->n && !r->failed) {
        pp_reader unit = pp_reader_sub(r, pp_reader_u16(r));

        if (r->failed || unit.failed || !unit.n)
            return false;
        add_unit(out, unit.p, unit.n);
    }
    return true;
}

static bool unpack_fragment(uint8_t indicator, pp_reader *r, pp_buf *out)
{
    uint8_t header = pp_reader_u8(r);
    uint8_t first = (uint8_t)((indicator & ~TYPE) | (header & TYPE));

    if (r->failed || !r->n)
        return false;
    if (header & FU_START)
        add_unit(out, &first, 1);
    pp_buf_add(out, r->p, r->n);
    return true;
}

int pp_h264_unpack(const uint8_t *payload, size_t size, pp_buf *out)
{
    pp_reader r = pp_reader_of(payload, size);
    uint8_t first = pp_reader_u8(&r);
    unsigned type = first & TYPE;
    bool good = !r.failed && r.n;

    if (good && type == FU_A) {
        good = unpack_fragment(first, &r, out);
    } else if (good && type == STAP_A) {
        good = unpack_gathered(&r, out);
    } else if (good && type && type <= SINGLE_MAX) {
        add_unit(out, payload, size);
    } else {
        good = false;
    }
    if (!good)
        return pp_error(PIPIT_ERR_SYNTAX, "h264: payload of type %u and %zu octets", type, size);
    return pp_buf_error(out);
}
