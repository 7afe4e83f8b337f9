/* ivf.c - IVF and Y4M headers. IVF is little endian, as nothing else here is. */
#include "video/ivf.h"

#include "base/error.h"
#include "base/limits.h"

static const uint8_t ivf_magic[] = {'D', 'K', 'I', 'F'};
static const char *const codes[] = {[PIPIT_VIDEO_VP8] = "VP80", [PIPIT_VIDEO_H264] = "H264"};

static uint64_t little_endian(const uint8_t *data, unsigned octets)
{
    uint64_t value = 0;

    for (unsigned i = octets; i; i--)
        value = value << 8 | data[i - 1];
    return value;
}

static void put_little_endian(pp_buf *out, uint64_t value, unsigned octets)
{
    for (; octets; octets--, value >>= 8)
        pp_buf_u8(out, (unsigned)value & 255);
}

bool pp_is_ivf(const uint8_t *data, size_t size)
{
    return size >= sizeof(ivf_magic) && memcmp(data, ivf_magic, sizeof(ivf_magic)) == 0;
}

static bool is_side(unsigned side)
{
    return side >= PP_LIMIT_VIDEO_SIDE_MIN && side <= PP_LIMIT_VIDEO_SIDE;
}

int pp_ivf_read_header(const uint8_t data[PP_IVF_HEADER_SIZE], pp_ivf_header *out)
{
    pp_ivf_header header = {.codec = PIPIT_VIDEO_VP8};

    if (!pp_is_ivf(data, PP_IVF_HEADER_SIZE) || little_endian(data + 6, 2) != PP_IVF_HEADER_SIZE)
        return pp_error(PIPIT_ERR_MEDIA, "ivf: no header");
    if (memcmp(data + 8, codes[PIPIT_VIDEO_H264], 4) == 0)
        header.codec = PIPIT_VIDEO_H264;
    else if (memcmp(data + 8, codes[PIPIT_VIDEO_VP8], 4) != 0)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "ivf: neither VP8 nor H.264");
    header.width = (unsigned)little_endian(data + 12, 2);
    header.height = (unsigned)little_endian(data + 14, 2);
    header.rate = (uint32_t)little_endian(data + 16, 4);
    header.scale = (uint32_t)little_endian(data + 20, 4);
    header.frames = (uint32_t)little_endian(data + 24, 4);
    if (!header.rate || !header.scale)
        return pp_error(PIPIT_ERR_MEDIA, "ivf: %u / %u pictures a second", header.rate,
                        header.scale);
    *out = header;
    return 0;
}

void pp_ivf_write_header(const pp_ivf_header *header, pp_buf *out)
{
    pp_buf_add(out, ivf_magic, sizeof(ivf_magic));
    put_little_endian(out, 0, 2);
    put_little_endian(out, PP_IVF_HEADER_SIZE, 2);
    pp_buf_add(out, codes[header->codec], 4);
    put_little_endian(out, header->width, 2);
    put_little_endian(out, header->height, 2);
    put_little_endian(out, header->rate, 4);
    put_little_endian(out, header->scale, 4);
    put_little_endian(out, header->frames, 4);
    put_little_endian(out, 0, 4);
}

void pp_ivf_read_frame(const uint8_t data[PP_IVF_FRAME_SIZE], uint32_t *size, uint64_t *ticks)
{
    *size = (uint32_t)little_endian(data, 4);
    *ticks = little_endian(data + 4, 8);
}

void pp_ivf_write_frame(pp_buf *out, size_t size, uint64_t ticks)
{
    put_little_endian(out, size, 4);
    put_little_endian(out, ticks, 8);
}

bool pp_is_y4m(const uint8_t *data, size_t size)
{
    return pp_str_starts(pp_str_n(data, size), "YUV4MPEG2 ");
}

static bool read_ratio(pp_str value, pp_y4m_header *out)
{
    pp_str rate = pp_str_split(&value, ':');

    return pp_str_to_u32(rate, 1, UINT32_MAX, &out->rate) &&
           pp_str_to_u32(value, 1, UINT32_MAX, &out->scale);
}

/* Interlaced pictures and their like are shown as they are. */
static bool read_parameter(pp_str word, pp_y4m_header *out)
{
    pp_str value = pp_str_sub(word, 1, word.n);

    switch (word.p[0]) {
    case 'W':
        return pp_str_to_u32(value, PP_LIMIT_VIDEO_SIDE_MIN, PP_LIMIT_VIDEO_SIDE, &out->width);
    case 'H':
        return pp_str_to_u32(value, PP_LIMIT_VIDEO_SIDE_MIN, PP_LIMIT_VIDEO_SIDE, &out->height);
    case 'F':
        return read_ratio(value, out);
    default:
        return true;
    }
}

int pp_y4m_read_header(pp_str line, pp_y4m_header *out)
{
    pp_y4m_header header = {.rate = 25, .scale = 1};
    pp_str rest = line, word = pp_str_word(&rest);

    if (!pp_str_eq_c(word, "YUV4MPEG2"))
        return pp_error(PIPIT_ERR_MEDIA, "y4m: no header");
    while ((word = pp_str_word(&rest)).n) {
        if (word.p[0] == 'C' && (!pp_str_starts(word, "C420") || pp_str_starts(word, "C420p")) &&
            !pp_str_eq_c(word, "C420paldv"))
            return pp_error(PIPIT_ERR_NOT_SUPPORTED, "y4m: colours '%.*s' are not 8 bit 4:2:0",
                            PP_STR(word));
        if (!read_parameter(word, &header))
            return pp_error(PIPIT_ERR_MEDIA, "y4m: '%.*s'", PP_STR(word));
    }
    if (!is_side(header.width) || !is_side(header.height))
        return pp_error(PIPIT_ERR_MEDIA, "y4m: no size");
    *out = header;
    return 0;
}
