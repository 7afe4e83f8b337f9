/* g711.c - PCMU and PCMA: ITU-T G.711. */
#include "media/codecs/codecs.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/codecs/repeat.h"

enum { SAMPLE_RATE = 8000 };

struct g711 {
    pp_codec codec;
    uint8_t (*compress)(int16_t sample);
    int16_t (*expand)(uint8_t code);
    pp_repeat repeat;
};

/* The number of the highest bit that is set, of a value that has one at or above `lowest`; else `lowest`. */
static unsigned highest_bit(unsigned value, unsigned lowest)
{
    unsigned bit = lowest;

    while (value >> (bit + 1))
        bit++;
    return bit;
}

/* 14 bits of magnitude with a bias of 33, here all scaled by 4; segments double from 0x84 on; sent inverted. */
static uint8_t mu_compress(int16_t sample)
{
    unsigned sign = sample < 0 ? 0x80 : 0;
    unsigned magnitude = (unsigned)(sample < 0 ? -(int)sample : sample);
    unsigned segment;

    magnitude = (magnitude < 32635 ? magnitude : 32635) + 0x84;
    segment = highest_bit(magnitude, 7) - 7;
    return (uint8_t) ~(sign | segment << 4 | (magnitude >> (segment + 3) & 15));
}

static int16_t mu_expand(uint8_t code)
{
    unsigned bits = (uint8_t)~code;
    int magnitude = (int)((((bits & 15) << 3) + 0x84) << (bits >> 4 & 7)) - 0x84;

    return (int16_t)(bits & 0x80 ? -magnitude : magnitude);
}

/* 13 bits, the two lowest segments alike; every other bit is sent inverted. */
static uint8_t a_compress(int16_t sample)
{
    unsigned sign = sample < 0 ? 0 : 0x80;
    unsigned magnitude = (unsigned)(sample < 0 ? -(int)sample - 1 : sample);
    unsigned segment = highest_bit(magnitude, 7) - 7;

    if (magnitude >> 8 == 0)
        return (uint8_t)((sign | magnitude >> 4) ^ 0x55);
    return (uint8_t)((sign | segment << 4 | (magnitude >> (segment + 3) & 15)) ^ 0x55);
}

static int16_t a_expand(uint8_t code)
{
    unsigned bits = code ^ 0x55u;
    unsigned segment = bits >> 4 & 7;
    unsigned magnitude = ((bits & 15) << 4) + 8;

    if (segment)
        magnitude = (magnitude + 0x100) << (segment - 1);
    return (int16_t)(bits & 0x80 ? (int)magnitude : -(int)magnitude);
}

static int encode(pp_codec *codec, const int16_t *samples, size_t count, double expected_loss,
                  uint8_t *out, size_t size)
{
    const struct g711 *g711 = (const struct g711 *)codec;

    (void)expected_loss;
    if (count > size)
        return pp_error(PIPIT_ERR_MEDIA, "g711: %zu samples for %zu octets", count, size);
    for (size_t i = 0; i < count; i++)
        out[i] = g711->compress(samples[i]);
    return (int)count;
}

static int decode(pp_codec *codec, const uint8_t *data, size_t size, bool fec, int16_t *out,
                  size_t capacity)
{
    struct g711 *g711 = (struct g711 *)codec;

    if (fec)
        return 0;
    if (!size || size > capacity)
        return pp_error(PIPIT_ERR_MEDIA, "g711: packet of %zu octets", size);
    for (size_t i = 0; i < size; i++)
        out[i] = g711->expand(data[i]);
    pp_repeat_remember(&g711->repeat, out, size);
    return (int)size;
}

static int conceal(pp_codec *codec, int16_t *out, size_t capacity)
{
    return pp_repeat_conceal(&((struct g711 *)codec)->repeat, out, capacity);
}

static uint32_t duration(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    (void)data;
    return (uint32_t)size;
}

static uint32_t redundancy(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    (void)data;
    (void)size;
    return 0;
}

static void close_g711(pp_codec *codec)
{
    pp_free(codec);
}

static int open_g711(const pp_codec_type *type, pp_str remote_fmtp, pp_codec **out)
{
    struct g711 *g711 = PP_NEW(struct g711);

    (void)remote_fmtp;
    if (!g711)
        return PIPIT_ERR_MEMORY;
    g711->codec =
        (pp_codec){type, encode, decode, conceal, duration, redundancy, close_g711, NULL, NULL};
    g711->repeat.rate = SAMPLE_RATE;
    g711->compress = type == &pp_codec_pcmu ? mu_compress : a_compress;
    g711->expand = type == &pp_codec_pcmu ? mu_expand : a_expand;
    *out = &g711->codec;
    return 0;
}

/* RFC 3551 section 6: static payload types. */
const pp_codec_type pp_codec_pcmu = {
    .name = "PCMU",
    .clock_rate = SAMPLE_RATE,
    .channels = 1,
    .sample_rate = SAMPLE_RATE,
    .static_payload_type = 0,
    .payload_type = 0,
    .packet_times = PP_PACKET_TIMES_ANY,
    .open = open_g711,
};
const pp_codec_type pp_codec_pcma = {
    .name = "PCMA",
    .clock_rate = SAMPLE_RATE,
    .channels = 1,
    .sample_rate = SAMPLE_RATE,
    .static_payload_type = 8,
    .payload_type = 8,
    .packet_times = PP_PACKET_TIMES_ANY,
    .open = open_g711,
};
