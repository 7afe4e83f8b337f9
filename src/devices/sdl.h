/* sdl.h - the door to SDL2, which is loaded at run time: a server without sound and screen needs neither it nor what it brings along. */
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
    void (*leave_thread)(void);
    int (*next_event)(SDL_Event *out);
    SDL_Window *(*new_window)(const char *title, int x, int y, int width, int height, Uint32 flags);
    void (*free_window)(SDL_Window *window);
    Uint32 (*window_id)(SDL_Window *window);
    void (*set_window_size)(SDL_Window *window, int width, int height);
    SDL_Renderer *(*new_renderer)(SDL_Window *window, int driver, Uint32 flags);
    void (*free_renderer)(SDL_Renderer *renderer);
    int (*set_logical_size)(SDL_Renderer *renderer, int width, int height);
    int (*clear)(SDL_Renderer *renderer);
    int (*copy)(SDL_Renderer *renderer, SDL_Texture *texture, const SDL_Rect *from,
                const SDL_Rect *to);
    void (*present)(SDL_Renderer *renderer);
    SDL_Texture *(*new_texture)(SDL_Renderer *renderer, Uint32 format, int access, int width,
                                int height);
    void (*free_texture)(SDL_Texture *texture);
    int (*update_texture)(SDL_Texture *texture, const SDL_Rect *rect, const Uint8 *y, int y_stride,
                          const Uint8 *u, int u_stride, const Uint8 *v, int v_stride);
} pp_sdl;

/* Loads it and starts one of its parts (SDL_INIT_AUDIO, SDL_INIT_VIDEO), once; each needs a pp_sdl_release(). What belongs to
 * the screen is for one thread, which also takes the events while there is one. PIPIT_ERR_NOT_SUPPORTED, PIPIT_ERR_IO. */
int pp_sdl_acquire(Uint32 part, const pp_sdl **out);
void pp_sdl_release(const pp_sdl *sdl, Uint32 part);
void pp_sdl_find_changes(const pp_sdl *sdl); /* of devices of sound */

#endif
