/* h264.c - what is read of an H.264 stream itself (ITU-T H.264 Annex B and section 7.3.2.1): units, key frames, the size. */
#include "video/payload.h"

enum { BASELINE = 66, MAIN = 77, EXTENDED = 88 };

/* The index of the next 00 00 01 from `at` on, or `size`. */
static size_t find_start_code(const uint8_t *data, size_t size, size_t at)
{
    for (; at + 3 <= size; at++)
        if (!data[at] && !data[at + 1] && data[at + 2] == 1)
            return at;
    return size;
}

bool pp_h264_next(const uint8_t *frame, size_t size, size_t *at, pp_h264_unit *out)
{
    while (*at < size) {
        size_t from = find_start_code(frame, size, *at) + 3;
        size_t to = from < size ? find_start_code(frame, size, from) : size;

        *at = to;
        while (to > from && !frame[to - 1]) /* the fourth octet of a long start code, and padding */
            to--;
        if (to > from) {
            *out = (pp_h264_unit){frame + from, to - from};
            return true;
        }
    }
    return false;
}

bool pp_h264_is_key(const uint8_t *frame, size_t size)
{
    pp_h264_unit unit;
    size_t at = 0;

    for (unsigned i = 0; i < PP_LIMIT_VIDEO_UNITS && pp_h264_next(frame, size, &at, &unit); i++)
        if (pp_h264_type(&unit) == PP_H264_IDR)
            return true;
    return false;
}

/* --- the sequence parameter set --------------------------------------------------------------- */

struct bits { /* of a unit, the octets 03 behind 00 00 left out; zeros and `failed` at the end */
    const uint8_t *data;
    size_t size, at; /* octets */
    unsigned bit, zeros;
    bool failed;
};

static unsigned next_bit(struct bits *b)
{
    unsigned value;

    if (!b->bit && b->zeros >= 2 && b->at < b->size && b->data[b->at] == 3) {
        b->at++;
        b->zeros = 0;
    }
    if (b->at >= b->size) {
        b->failed = true;
        return 0;
    }
    value = b->data[b->at] >> (7 - b->bit) & 1;
    if (++b->bit == 8) {
        b->zeros = b->data[b->at] ? 0 : b->zeros + 1;
        b->bit = 0;
        b->at++;
    }
    return value;
}

static uint32_t next_bits(struct bits *b, unsigned count)
{
    uint32_t value = 0;

    for (; count; count--)
        value = value << 1 | next_bit(b);
    return value;
}

/* Section 9.1: as many zeros as there are bits behind the one. */
static uint32_t next_ue(struct bits *b)
{
    unsigned zeros = 0;

    while (!b->failed && !next_bit(b))
        zeros++;
    if (zeros > 31)
        b->failed = true;
    return b->failed ? 0 : (uint32_t)((1ull << zeros) - 1 + next_bits(b, zeros));
}

/* A picture order count of type 1 has a list. */
static void skip_order_count(struct bits *b)
{
    uint32_t type = next_ue(b);
    uint32_t count;

    if (type == 0)
        next_ue(b);
    if (type != 1)
        return;
    next_bits(b, 1);
    next_ue(b);
    next_ue(b);
    count = next_ue(b);
    for (uint32_t i = 0; i < count && !b->failed; i++)
        next_ue(b);
}

/* Profiles with more behind the level than these three are none of ours. */
static bool read_sps(struct bits *b, unsigned *width, unsigned *height)
{
    uint32_t profile = next_bits(b, 8);
    uint32_t across, down, crop[4] = {0};
    bool frames_only;

    next_bits(b, 16);
    next_ue(b);
    if (profile != BASELINE && profile != MAIN && profile != EXTENDED)
        return false;
    next_ue(b);
    skip_order_count(b);
    next_ue(b);
    next_bits(b, 1);
    across = next_ue(b) + 1;
    down = next_ue(b) + 1;
    frames_only = next_bits(b, 1);
    if (!frames_only)
        next_bits(b, 1);
    next_bits(b, 1);
    if (next_bits(b, 1))
        for (unsigned i = 0; i < 4; i++)
            crop[i] = next_ue(b);
    if (b->failed || across > PP_LIMIT_VIDEO_SIDE / 16 || down > PP_LIMIT_VIDEO_SIDE / 16 ||
        (crop[0] | crop[1] | crop[2] | crop[3]) > 16)
        return false;
    down *= frames_only ? 1 : 2;
    *width = across * 16 - 2 * (crop[0] + crop[1]);
    *height = down * 16 - (frames_only ? 2 : 4) * (crop[2] + crop[3]);
    return *width <= PP_LIMIT_VIDEO_SIDE && *height <= PP_LIMIT_VIDEO_SIDE;
}

bool pp_h264_read_size(const uint8_t *frame, size_t size, unsigned *width, unsigned *height)
{
    pp_h264_unit unit;
    size_t at = 0;

    for (unsigned i = 0; i < PP_LIMIT_VIDEO_UNITS && pp_h264_next(frame, size, &at, &unit); i++) {
        struct bits b = {.data = unit.data + 1, .size = unit.size - 1};
        unsigned w, h;

        if (pp_h264_type(&unit) != PP_H264_SPS)
            continue;
        if (!read_sps(&b, &w, &h) || w > PP_LIMIT_VIDEO_SIDE || !w || !h)
            return false;
        *width = w;
        *height = h;
        return true;
    }
    return false;
}

/* --- what the far end's a=fmtp says ----------------------------------------------------------- */

static bool parameter(pp_str fmtp, const char *name, pp_str *out)
{
    while (fmtp.p) {
        pp_str value = pp_str_split(&fmtp, ';');

        if (pp_str_ieq_c(pp_str_trim(pp_str_split(&value, '=')), name)) {
            *out = pp_str_trim(value);
            return true;
        }
    }
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 6184 table 5: 42 with constraint_set1, and 4d with constraint_set0, are both the constrained baseline profile. A level
 * says how much the far end can take; what we send stays below 3.1, which every browser names at the least. */
static bool is_constrained_baseline(pp_str id)
{
    int digits[4];

    if (id.n != 6)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        digits[i] = hex_digit(id.p[i]);
        if (digits[i] < 0)
            return false;
    }
    return digits[0] == 4 && !digits[3] &&
           ((digits[1] == 2 && digits[2] & 4) || (digits[1] == 13 && digits[2] & 8));
}

bool pp_h264_fits(pp_str fmtp)
{
    pp_str value;

    return parameter(fmtp, "packetization-mode", &value) && pp_str_eq_c(value, "1") &&
           parameter(fmtp, "profile-level-id", &value) && is_constrained_baseline(value);
}
