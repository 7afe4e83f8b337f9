/* codecs.h - the codecs that are built in; media/codec.c has the table. */
#ifndef PP_MEDIA_CODECS_CODECS_H
#define PP_MEDIA_CODECS_CODECS_H

#include "media/codec.h"

extern const pp_codec_type pp_codec_opus, pp_codec_g722, pp_codec_pcmu, pp_codec_pcma;

#endif
