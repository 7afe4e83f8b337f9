/* codec.c - the table of video codecs. */
#include "video/codec.h"

#include "base/error.h"
#include "video/codecs/codecs.h"

static const pp_video_codec_type *const types[] = {
#ifdef PP_WITH_VP8
    &pp_video_codec_vp8,
#endif
#ifdef PP_WITH_H264
    &pp_video_codec_h264,
#endif
    NULL,
};

const pp_video_codec_type *pp_video_codec_at(size_t index)
{
    return index < sizeof(types) / sizeof(*types) ? types[index] : NULL;
}

const pp_video_codec_type *pp_video_codec_find(pp_str name)
{
    for (size_t i = 0; types[i]; i++)
        if (pp_str_ieq_c(name, types[i]->name))
            return types[i];
    return NULL;
}

const pp_video_codec_type *pp_video_codec_of(pipit_video_codec codec)
{
    for (size_t i = 0; types[i]; i++)
        if (types[i]->codec == codec)
            return types[i];
    return NULL;
}

int pp_video_codec_list_choose(const char *names, pp_video_codec_list *out)
{
    pp_video_codec_list list = {.count = 0};
    pp_str rest = pp_str_c(names);

    for (size_t i = 0; !names && i < PP_VIDEO_CODECS && types[i]; i++)
        list.types[list.count++] = types[i];
    while (rest.p) {
        pp_str name = pp_str_trim(pp_str_split(&rest, ','));
        const pp_video_codec_type *type = pp_video_codec_find(name);

        if (!type)
            return pp_error(PIPIT_ERR_MEDIA, "video: codec '%.*s' is unknown, or not built in",
                            PP_STR(name));
        if (list.count == PP_VIDEO_CODECS)
            return pp_error(PIPIT_ERR_LIMIT, "video: a list names at most %u codecs",
                            PP_VIDEO_CODECS);
        list.types[list.count++] = type;
    }
    *out = list;
    return 0;
}

bool pp_video_codec_list_has(const pp_video_codec_list *list, const pp_video_codec_type *type)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->types[i] == type)
            return true;
    return false;
}

bool pipit_video_has_codec(pipit_video_codec codec)
{
    return pp_video_codec_of(codec) != NULL;
}

pp_video_encoder *pp_video_encoder_close(pp_video_encoder *encoder)
{
    if (encoder)
        encoder->close(encoder);
    return NULL;
}

pp_video_decoder *pp_video_decoder_close(pp_video_decoder *decoder)
{
    if (decoder)
        decoder->close(decoder);
    return NULL;
}
