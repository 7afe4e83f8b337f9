/* open.c - what is asked for is opened, all or nothing (W3C: getUserMedia). */
#include "base/error.h"
#include "devices/sound_card.h"

#include <string.h>

static int open_camera(const char *camera, pipit_video_source **out)
{
    if (!camera)
        return pp_error(PIPIT_ERR_NOT_FOUND, "devices: there is no camera");
    if (strcmp(camera, "pattern") == 0)
        return pipit_video_source_pattern(0, 0, out);
    return pipit_video_source_file(camera, true, out);
}

int pipit_media_open(const pipit_media_constraints *constraints, const pipit_media_options *options,
                     pipit_media_stream *out)
{
    static const pipit_media_options defaults;
    pipit_media_stream stream = {0};
    int err = 0;

    if (!constraints || !out || (!constraints->audio && !constraints->video))
        return pp_error(PIPIT_ERR_ARGUMENT, "devices: out and audio or video are needed");
    options = options ? options : &defaults;
    if (constraints->video)
        err = open_camera(options->camera, &stream.video_source);
    if (!err && constraints->audio)
        err = pp_sound_card_open(options, &stream);
    if (err)
        pipit_video_source_unref(stream.video_source);
    else
        *out = stream;
    return err;
}
