/* no_recording.c - what recordings and films are when Pipit was built without libavformat. */
#include "pipit/recording.h"

#include "base/error.h"
#include "devices/film.h"
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

/* None is ever opened. */
int pp_film_open(const char *path, pp_film **out)
{
    (void)out;
    return pp_error(PIPIT_ERR_MEDIA, "video source: '%s' is neither IVF nor Y4M", path);
}

pp_film *pp_film_close(pp_film *film)
{
    (void)film;
    return NULL;
}

const pp_video_codec_type *pp_film_codec(const pp_film *film)
{
    (void)film;
    return NULL;
}

bool pp_film_read(pp_film *film, pp_buf *out, uint64_t *time_us)
{
    (void)film;
    (void)out;
    (void)time_us;
    return false;
}

bool pp_film_begin_again(pp_film *film)
{
    (void)film;
    return false;
}
