/* sdl.h - the door to SDL2, which is loaded at run time: a server that plays no sound needs neither it nor what it brings along. */
#ifndef PP_DEVICES_SDL_H
#define PP_DEVICES_SDL_H

#include <SDL2/SDL.h>

typedef struct pp_sdl {
    int (*init_subsystem)(Uint32 flags);
    void (*quit_subsystem)(Uint32 flags);
    SDL_bool (*set_hint)(const char *name, const char *value);
    const char *(*error)(void);
    int (*device_count)(int capture);
    const char *(*device_name)(int index, int capture);
    SDL_AudioDeviceID (*open)(const char *name, int capture, const SDL_AudioSpec *wanted,
                              SDL_AudioSpec *got, int changes);
    void (*pause)(SDL_AudioDeviceID device, int paused);
    void (*close)(SDL_AudioDeviceID device);
    SDL_AudioStatus (*status)(SDL_AudioDeviceID device);
    void (*pump)(void);
} pp_sdl;

/* Loads it and starts its sound, once; each needs a pp_sdl_release(); from one thread at a time. PIPIT_ERR_NOT_SUPPORTED, PIPIT_ERR_IO. */
int pp_sdl_acquire(const pp_sdl **out);
void pp_sdl_release(const pp_sdl *sdl);

#endif
