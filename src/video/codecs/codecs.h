/* codecs.h - the video codecs that are built in; video/codec.c has the table. */
#ifndef PP_VIDEO_CODECS_CODECS_H
#define PP_VIDEO_CODECS_CODECS_H

#include "video/codec.h"

extern const pp_video_codec_type pp_video_codec_vp8, pp_video_codec_h264;

#endif
