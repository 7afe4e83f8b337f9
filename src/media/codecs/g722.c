/* g722.c - ITU-T G.722 at 64 kbit/s: wide-band sound on phones that know no Opus. spandsp is named only here, and this file is
 * left out where there is none. */
#include "media/codecs/codecs.h"

#include "base/alloc.h"
#include "base/error.h"
#include "media/codecs/repeat.h"

#include <spandsp/telephony.h>

#include <spandsp/g722.h>

enum {
    RATE = 16000,
    RTP_RATE = 8000, /* RFC 3551 section 4.5.2: a mistake that stays */
    BITRATE = 64000,
    SAMPLES_PER_OCTET = 2
};

struct g722 { /* each half is made when it is first used: a sender never decodes */
    pp_codec codec;
    g722_encode_state_t *encoder;
    g722_decode_state_t *decoder;
    pp_repeat repeat;
};

static int encode(pp_codec *codec, const int16_t *samples, size_t count, double expected_loss,
                  uint8_t *out, size_t size)
{
    struct g722 *g722 = (struct g722 *)codec;

    (void)expected_loss;
    if (count > size * SAMPLES_PER_OCTET)
        return pp_error(PIPIT_ERR_MEDIA, "g722: %zu samples for %zu octets", count, size);
    if (!g722->encoder)
        g722->encoder = g722_encode_init(NULL, BITRATE, 0);
    if (!g722->encoder)
        return pp_error(PIPIT_ERR_MEMORY, "g722: no memory for the encoder");
    return g722_encode(g722->encoder, out, samples, (int)count);
}

static int decode(pp_codec *codec, const uint8_t *data, size_t size, bool fec, int16_t *out,
                  size_t capacity)
{
    struct g722 *g722 = (struct g722 *)codec;
    int given;

    if (fec)
        return 0;
    if (!size || size > capacity / SAMPLES_PER_OCTET)
        return pp_error(PIPIT_ERR_MEDIA, "g722: packet of %zu octets", size);
    if (!g722->decoder)
        g722->decoder = g722_decode_init(NULL, BITRATE, 0);
    if (!g722->decoder)
        return pp_error(PIPIT_ERR_MEMORY, "g722: no memory for the decoder");
    given = g722_decode(g722->decoder, out, data, (int)size);
    if (given > 0)
        pp_repeat_remember(&g722->repeat, out, (size_t)given);
    return given;
}

static int conceal(pp_codec *codec, int16_t *out, size_t capacity)
{
    return pp_repeat_conceal(&((struct g722 *)codec)->repeat, out, capacity);
}

static uint32_t duration(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    (void)data;
    return (uint32_t)size; /* an octet is 1/8,000 s */
}

static uint32_t redundancy(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    (void)data;
    (void)size;
    return 0;
}

static void close_g722(pp_codec *codec)
{
    struct g722 *g722 = (struct g722 *)codec;

    if (g722->encoder)
        g722_encode_free(g722->encoder);
    if (g722->decoder)
        g722_decode_free(g722->decoder);
    pp_free(g722);
}

static int open_g722(const pp_codec_type *type, pp_str remote_fmtp, pp_codec **out)
{
    struct g722 *g722 = PP_NEW(struct g722);

    (void)remote_fmtp;
    if (!g722)
        return PIPIT_ERR_MEMORY;
    g722->codec =
        (pp_codec){type, encode, decode, conceal, duration, redundancy, close_g722, NULL, NULL};
    g722->repeat.rate = RATE;
    *out = &g722->codec;
    return 0;
}

const pp_codec_type pp_codec_g722 = {
    .name = "G722",
    .clock_rate = RTP_RATE,
    .channels = 1,
    .sample_rate = RATE,
    .static_payload_type = 9,
    .payload_type = 9,
    .packet_times = PP_PACKET_TIMES_ANY,
    .open = open_g722,
};
