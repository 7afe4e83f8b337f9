/* no_recording.c - what recordings are when Pipit was built without libavformat. */
#include "pipit/recording.h"

#include "base/error.h"
#include "pipit/error.h"

int pipit_recording_open(const char *path, const pipit_recording_options *options,
                         pipit_sink **sound, pipit_video_sink **pictures)
{
    (void)path;
    (void)options;
    (void)sound;
    (void)pictures;
    return pp_error(PIPIT_ERR_NOT_SUPPORTED, "recording: Pipit was built without libavformat");
}
