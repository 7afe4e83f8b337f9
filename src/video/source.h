/* source.h - inside of pipit_video_source and pipit_video_sink. */
#ifndef PP_VIDEO_SOURCE_H
#define PP_VIDEO_SOURCE_H

#include "pipit/video.h"

struct pipit_video_source {
    unsigned references;
    const pipit_video_source_interface *functions;
    void *self;
};

struct pipit_video_sink {
    unsigned references;
    const pipit_video_sink_interface *functions;
    void *self;
};

#endif
