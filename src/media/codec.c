/* codec.c - the table of codecs. */
#include "media/codec.h"

#include "media/codecs/codecs.h"

static const pp_codec_type *const types[] = {
    &pp_codec_opus,
#ifdef PP_WITH_G722
    &pp_codec_g722,
#endif
    &pp_codec_pcmu,
    &pp_codec_pcma,
};

const pp_codec_type *pp_codec_at(size_t index)
{
    return index < sizeof(types) / sizeof(*types) ? types[index] : NULL;
}

const pp_codec_type *pp_codec_find(pp_str name, uint32_t clock_rate, uint32_t channels)
{
    const pp_codec_type *type;

    for (size_t i = 0; (type = pp_codec_at(i)); i++)
        if (pp_str_ieq_c(name, type->name) && type->clock_rate == clock_rate &&
            type->channels == channels)
            return type;
    return NULL;
}

unsigned pp_codec_packet_ms(const pp_codec_type *type, unsigned wished_ms)
{
    unsigned tens = (wished_ms < PP_PACKET_MS_MAX ? wished_ms : PP_PACKET_MS_MAX) / 10;

    while (tens > 1 && !(type->packet_times >> tens & 1))
        tens--;
    return tens > 1 ? tens * 10 : PP_PACKET_MS_MIN;
}

int pp_codec_open(const pp_codec_type *type, pp_str remote_fmtp, pp_codec **out)
{
    return type->open(type, remote_fmtp, out);
}

unsigned pp_codec_set_channels(pp_codec *codec, unsigned channels)
{
    if (!codec->set_channels)
        return 1;
    codec->set_channels(codec, channels);
    return channels;
}

pp_codec *pp_codec_close(pp_codec *codec)
{
    if (codec)
        codec->close(codec);
    return NULL;
}
