/* no_sdl.c - what devices and windows are when Pipit was built without SDL2. */
#include "devices/sound_card.h"

#include "base/error.h"
#include "pipit/error.h"
#include "pipit/window.h"

static int without(void)
{
    return pp_error(PIPIT_ERR_NOT_SUPPORTED, "devices: Pipit was built without SDL2");
}

int pp_sound_card_open(const pipit_media_options *options, pipit_media_stream *out)
{
    (void)options;
    (void)out;
    return without();
}

int pipit_devices(pipit_device_kind kind, void (*each)(const char *name, void *user), void *user)
{
    (void)kind;
    (void)each;
    (void)user;
    return without();
}

int pipit_video_sink_window(pipit_loop *loop, const char *title,
                            const pipit_window_options *options, pipit_video_sink **out)
{
    (void)loop;
    (void)title;
    (void)options;
    (void)out;
    return without();
}
