/* sdl.c - the door to SDL2. */
#include "devices/sdl.h"

#include "base/error.h"
#include "pipit/error.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
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
    {"SDL_TLSCleanup", offsetof(pp_sdl, leave_thread)},
    {"SDL_PollEvent", offsetof(pp_sdl, next_event)},
    {"SDL_CreateWindow", offsetof(pp_sdl, new_window)},
    {"SDL_DestroyWindow", offsetof(pp_sdl, free_window)},
    {"SDL_GetWindowID", offsetof(pp_sdl, window_id)},
    {"SDL_SetWindowSize", offsetof(pp_sdl, set_window_size)},
    {"SDL_CreateRenderer", offsetof(pp_sdl, new_renderer)},
    {"SDL_DestroyRenderer", offsetof(pp_sdl, free_renderer)},
    {"SDL_RenderSetLogicalSize", offsetof(pp_sdl, set_logical_size)},
    {"SDL_RenderClear", offsetof(pp_sdl, clear)},
    {"SDL_RenderCopy", offsetof(pp_sdl, copy)},
    {"SDL_RenderPresent", offsetof(pp_sdl, present)},
    {"SDL_CreateTexture", offsetof(pp_sdl, new_texture)},
    {"SDL_DestroyTexture", offsetof(pp_sdl, free_texture)},
    {"SDL_UpdateYUVTexture", offsetof(pp_sdl, update_texture)},
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

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned screens; /* that are in use: their thread looks at events */

/* It stays loaded: libraries of sound servers that it brings do not survive being taken out. */
static int acquire(Uint32 part, const pp_sdl **out)
{
    static pp_sdl sdl;
    static bool is_loaded;
    int err = is_loaded ? 0 : load(&sdl);

    if (err)
        return err;
    is_loaded = true;
    sdl.set_hint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* Ctrl-C is the application's */
    if (sdl.init_subsystem(part) < 0) {
        err = pp_error(PIPIT_ERR_IO, "devices: no %s: %s",
                       part == SDL_INIT_AUDIO ? "sound system" : "screen", sdl.error());
        sdl.leave_thread(); /* that sentence is remembered for it */
        return err;
    }
    screens += part == SDL_INIT_VIDEO;
    *out = &sdl;
    return 0;
}

int pp_sdl_acquire(Uint32 part, const pp_sdl **out)
{
    int err;

    pthread_mutex_lock(&lock);
    err = acquire(part, out);
    pthread_mutex_unlock(&lock);
    return err;
}

void pp_sdl_release(const pp_sdl *sdl, Uint32 part)
{
    pthread_mutex_lock(&lock);
    screens -= part == SDL_INIT_VIDEO;
    sdl->quit_subsystem(part);
    pthread_mutex_unlock(&lock);
}

void pp_sdl_find_changes(const pp_sdl *sdl)
{
    pthread_mutex_lock(&lock);
    if (!screens)
        sdl->pump();
    pthread_mutex_unlock(&lock);
}
