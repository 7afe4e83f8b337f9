/* sdl.c - the door to SDL2. */
#include "devices/sdl.h"

#include "base/error.h"
#include "pipit/error.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    size_t at;
} functions[] = {
    {"SDL_InitSubSystem", offsetof(pp_sdl, init_subsystem)},
    {"SDL_QuitSubSystem", offsetof(pp_sdl, quit_subsystem)},
    {"SDL_SetHint", offsetof(pp_sdl, set_hint)},
    {"SDL_GetError", offsetof(pp_sdl, error)},
    {"SDL_GetNumAudioDevices", offsetof(pp_sdl, device_count)},
    {"SDL_GetAudioDeviceName", offsetof(pp_sdl, device_name)},
    {"SDL_OpenAudioDevice", offsetof(pp_sdl, open)},
    {"SDL_PauseAudioDevice", offsetof(pp_sdl, pause)},
    {"SDL_CloseAudioDevice", offsetof(pp_sdl, close)},
    {"SDL_GetAudioDeviceStatus", offsetof(pp_sdl, status)},
    {"SDL_PumpEvents", offsetof(pp_sdl, pump)},
};

static int load(pp_sdl *out)
{
    void *library = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_LOCAL);

    if (!library)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "devices: SDL2 is not installed");
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
        void *found = dlsym(library, functions[i].name);

        if (!found) {
            dlclose(library);
            return pp_error(PIPIT_ERR_NOT_SUPPORTED, "devices: this SDL2 has no %s",
                            functions[i].name);
        }
        memcpy((char *)out + functions[i].at, &found, sizeof(found));
    }
    return 0;
}

/* It stays loaded: libraries of sound servers that it brings do not survive being taken out. */
int pp_sdl_acquire(const pp_sdl **out)
{
    static pp_sdl sdl;
    int err = sdl.pump ? 0 : load(&sdl);

    if (err)
        return err;
    sdl.set_hint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* Ctrl-C is the application's */
    if (sdl.init_subsystem(SDL_INIT_AUDIO) < 0)
        return pp_error(PIPIT_ERR_IO, "devices: no sound system: %s", sdl.error());
    *out = &sdl;
    return 0;
}

void pp_sdl_release(const pp_sdl *sdl)
{
    sdl->quit_subsystem(SDL_INIT_AUDIO);
}
