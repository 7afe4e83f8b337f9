/* opus.c - Opus (RFC 6716) as RFC 7587 carries it: one channel or two at 48,000, in-band FEC when the far end can use it.
 * libopus is named only here. */
#include "media/codecs/codecs.h"

#include "base/alloc.h"
#include "base/error.h"

#include <opus.h>

enum {
    SAMPLE_RATE = 48000,
    BITRATE =
        32000, /* wide-band speech that nobody complains about; RFC 7587 section 3.1.1 says 28 to 40 kbit/s */
    BITRATE_STEREO = 2 * BITRATE,
    BITRATE_MIN = 6000, /* RFC 7587 section 6.1 */
    BITRATE_MAX = 510000,
    COMPLEXITY = 5, /* half the work of libopus's 9; speech at this rate does not tell them apart */
    DTX_SIZE_MAX = 2, /* libopus: a packet of two octets or less need not be sent */
    FRAME = SAMPLE_RATE / 50
};

struct wishes { /* of the far end, from its fmtp */
    uint32_t bitrate_max;
    bool fec, cbr, dtx;
};

struct opus { /* each half is made when it is first used: a sender never decodes */
    pp_codec codec;
    OpusEncoder *encoder;
    OpusDecoder *decoder;
    struct wishes wishes;
    uint32_t bitrate; /* 0: what is usual */
    unsigned channels;
    int loss_percent;
};

static void read_wish(struct wishes *wishes, pp_str name, pp_str value)
{
    uint32_t rate;

    if (pp_str_ieq_c(name, "useinbandfec"))
        wishes->fec = pp_str_eq_c(value, "1");
    else if (pp_str_ieq_c(name, "cbr"))
        wishes->cbr = pp_str_eq_c(value, "1");
    else if (pp_str_ieq_c(name, "usedtx"))
        wishes->dtx = pp_str_eq_c(value, "1");
    else if (pp_str_ieq_c(name, "maxaveragebitrate") &&
             pp_str_to_u32(value, BITRATE_MIN, BITRATE_MAX, &rate))
        wishes->bitrate_max = rate;
}

/* RFC 7587 section 6.1. Whether it takes two channels is looked at elsewhere (set_channels); unknown parameters and values out of range are passed over. */
static struct wishes read_wishes(pp_str fmtp)
{
    struct wishes wishes = {.bitrate_max = BITRATE_MAX};

    while (fmtp.p) {
        pp_str value = pp_str_split(&fmtp, ';');
        pp_str name = pp_str_split(&value, '=');

        read_wish(&wishes, pp_str_trim(name), pp_str_trim(value));
    }
    return wishes;
}

static int failure(const char *what, int error)
{
    return pp_error(PIPIT_ERR_MEDIA, "opus: %s: %s", what, opus_strerror(error));
}

static int set_up_encoder(OpusEncoder *encoder, const struct opus *opus)
{
    const struct wishes *wishes = &opus->wishes;
    bool stereo = opus->channels > 1; /* music rather than a voice */
    uint32_t usual = stereo ? BITRATE_STEREO : BITRATE;
    uint32_t wished = opus->bitrate ? opus->bitrate : usual;
    uint32_t bitrate = wished < wishes->bitrate_max ? wished : wishes->bitrate_max;
    int error = opus_encoder_init(encoder, SAMPLE_RATE, (int)opus->channels,
                                  stereo ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP);

    if (!error)
        error = opus_encoder_ctl(encoder, OPUS_SET_BITRATE((opus_int32)bitrate));
    if (!error)
        error = opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(COMPLEXITY));
    if (!error)
        error = opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(stereo ? OPUS_AUTO : OPUS_SIGNAL_VOICE));
    if (!error)
        error = opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(wishes->fec));
    if (!error)
        error = opus_encoder_ctl(encoder, OPUS_SET_VBR(!wishes->cbr));
    if (!error)
        error = opus_encoder_ctl(encoder, OPUS_SET_DTX(wishes->dtx));
    return error ? failure("no encoder", error) : 0;
}

static int need_encoder(struct opus *opus)
{
    OpusEncoder *encoder;
    int err;

    if (opus->encoder)
        return 0;
    encoder = pp_alloc((size_t)opus_encoder_get_size((int)opus->channels));
    if (!encoder)
        return PIPIT_ERR_MEMORY;
    err = set_up_encoder(encoder, opus);
    if (err) {
        pp_free(encoder);
        return err;
    }
    opus->encoder = encoder;
    return 0;
}

/* libopus mixes packets of two channels down by itself, and gives those of one twice. */
static int need_decoder(struct opus *opus)
{
    OpusDecoder *decoder;
    int error;

    if (opus->decoder)
        return 0;
    decoder = pp_alloc((size_t)opus_decoder_get_size((int)opus->channels));
    if (!decoder)
        return PIPIT_ERR_MEMORY;
    error = opus_decoder_init(decoder, SAMPLE_RATE, (int)opus->channels);
    if (error) {
        pp_free(decoder);
        return failure("no decoder", error);
    }
    opus->decoder = decoder;
    return 0;
}

/* libopus spends bits on redundancy only as far as loss is expected. */
static void expect_loss(struct opus *opus, double fraction)
{
    int percent = fraction > 0 ? (int)(fraction < 1 ? fraction * 100 + 0.5 : 100) : 0;

    if (percent == opus->loss_percent)
        return;
    opus->loss_percent = percent;
    opus_encoder_ctl(opus->encoder, OPUS_SET_PACKET_LOSS_PERC(percent));
}

static int encode(pp_codec *codec, const int16_t *samples, size_t count, double expected_loss,
                  uint8_t *out, size_t size)
{
    struct opus *opus = (struct opus *)codec;
    int err = need_encoder(opus);
    int written;

    if (err)
        return err;
    expect_loss(opus, expected_loss);
    written = opus_encode(opus->encoder, samples, (int)count, out, (opus_int32)size);
    if (written < 0)
        return failure("not encoded", written);
    return opus->wishes.dtx && written <= DTX_SIZE_MAX ? 0 : written;
}

/* RFC 6716 sections 4.2.3 and 4.2.4: a SILK frame begins with a voice flag for each 20 ms of a channel and then a flag for
 * redundancy; being even bits, the range coder leaves them as they are at the top of the first octet. */
static bool has_redundancy(const uint8_t *data, size_t size)
{
    const unsigned char *frames[48];
    opus_int16 sizes[48];
    int per_frame = opus_packet_get_samples_per_frame(data, SAMPLE_RATE);
    int voice_flags = per_frame > FRAME ? per_frame / FRAME : 1;
    bool is_celt = data[0] & 0x80;

    if (is_celt || opus_packet_parse(data, (opus_int32)size, NULL, frames, sizes, NULL) < 1 ||
        sizes[0] < 1)
        return false;
    if (frames[0][0] >> (7 - voice_flags) & 1)
        return true;
    return opus_packet_get_nb_channels(data) == 2 && frames[0][0] >> (6 - 2 * voice_flags) & 1;
}

static uint32_t redundancy(pp_codec *codec, const uint8_t *data, size_t size)
{
    (void)codec;
    if (!size || !has_redundancy(data, size))
        return 0;
    return (uint32_t)opus_packet_get_samples_per_frame(data, SAMPLE_RATE);
}

static uint32_t duration(pp_codec *codec, const uint8_t *data, size_t size)
{
    const unsigned char *frames[48];
    opus_int16 sizes[48];
    int samples;

    (void)codec;
    if (!size || opus_packet_parse(data, (opus_int32)size, NULL, frames, sizes, NULL) < 1)
        return 0;
    samples = opus_packet_get_nb_samples(data, (opus_int32)size, SAMPLE_RATE);
    return samples > 0 ? (uint32_t)samples : 0;
}

static int decode(pp_codec *codec, const uint8_t *data, size_t size, bool fec, int16_t *out,
                  size_t capacity)
{
    struct opus *opus = (struct opus *)codec;
    int room = (int)(capacity < 6 * FRAME ? capacity : 6 * FRAME);
    int err = need_decoder(opus);
    int given;

    if (err)
        return err;
    if (!duration(codec, data, size))
        return pp_error(PIPIT_ERR_MEDIA, "opus: malformed packet of %zu octets", size);
    if (fec) {
        int frame = (int)redundancy(codec, data, size);

        if (!frame || frame > room)
            return 0;
        room = frame; /* libopus looks at the redundancy only when this is its length */
    }
    given = opus_decode(opus->decoder, data, (opus_int32)size, out, room, fec);
    return given < 0 ? failure("not decoded", given) : given;
}

static int conceal(pp_codec *codec, int16_t *out, size_t capacity)
{
    struct opus *opus = (struct opus *)codec;
    int err = need_decoder(opus);
    int given;

    if (err)
        return err;
    given = opus_decode(opus->decoder, NULL, 0, out, (int)(capacity < FRAME ? capacity : FRAME), 0);
    return given < 0 ? failure("not concealed", given) : given;
}

static void configure(pp_codec *codec, const pipit_opus_options *options)
{
    struct opus *opus = (struct opus *)codec;

    if (options->bitrate)
        opus->bitrate = options->bitrate;
    opus->wishes.fec = opus->wishes.fec && !options->no_fec;
    opus->wishes.dtx = opus->wishes.dtx || options->dtx;
}

static void set_channels(pp_codec *codec, unsigned channels)
{
    ((struct opus *)codec)->channels = channels;
}

static void close_opus(pp_codec *codec)
{
    struct opus *opus = (struct opus *)codec;

    pp_free(opus->encoder);
    pp_free(opus->decoder);
    pp_free(opus);
}

static int open_opus(const pp_codec_type *type, pp_str remote_fmtp, pp_codec **out)
{
    struct opus *opus = PP_NEW(struct opus);

    if (!opus)
        return PIPIT_ERR_MEMORY;
    opus->codec = (pp_codec){type,       encode,     decode,    conceal,     duration,
                             redundancy, close_opus, configure, set_channels};
    opus->channels = 1;
    opus->wishes = read_wishes(remote_fmtp);
    *out = &opus->codec;
    return 0;
}

const pp_codec_type pp_codec_opus = {
    .name = "opus",
    .clock_rate = SAMPLE_RATE,
    .channels = 2, /* RFC 7587 section 4.1: always written so */
    .sample_rate = SAMPLE_RATE,
    .static_payload_type = -1,
    .payload_type = 111,
    .packet_times =
        1u << 1 | 1u << 2 | 1u << 4 | 1u << 6, /* a frame each, RFC 6716 section 2.1.4 */
    .is_costly = true,
    .open = open_opus,
};
