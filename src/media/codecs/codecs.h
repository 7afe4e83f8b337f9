/* codecs.h - the codecs that are built in; media/codec.c has the table. */
#ifndef PP_MEDIA_CODECS_CODECS_H
#define PP_MEDIA_CODECS_CODECS_H

#include "media/codec.h"

/* RFC 3551 section 4.3: of codecs of single samples a packet can hold any time. */
#define PP_PACKET_TIMES_ANY 0x7eu

extern const pp_codec_type pp_codec_opus, pp_codec_g722, pp_codec_pcmu, pp_codec_pcma;

#endif
