/* screen.c - the thread that owns SDL2's screen. It begins with the first window and ends with the last. Memory is taken and given back
 * on the callers' side only: the application's allocator need not know of threads. */
#include "devices/screen.h"

#include "base/alloc.h"
#include "base/error.h"
#include "devices/sdl.h"
#include "pipit/error.h"
#include "video/picture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    LOOK_MS = 20, /* between two looks at events: nobody feels that */
    WIDTH = 640,  /* before there is a picture */
    HEIGHT = 480
};

typedef enum state { OPENING, OPEN, FAILED, CLOSING, GONE } state;

struct pp_screen_window {
    pp_screen_window *next;
    const char *title; /* while it is opened */
    unsigned width, height;
    state state;
    int err; /* it failed */
    char why[160];
    pp_picture mail; /* to be painted */
    bool has_mail, is_closed;

    /* The thread's own, but that their memory is the callers': */
    pp_picture picture;
    SDL_Window *window; /* NULL: it was closed */
    SDL_Renderer *renderer;
    SDL_Texture *texture; /* the picture that is shown; NULL: none yet */
    unsigned texture_width, texture_height;
    bool is_sized; /* by the application, or by the first picture */
    bool is_uncovered;
};

static pthread_mutex_t life = PTHREAD_MUTEX_INITIALIZER; /* held to open and to close */
static struct {
    pthread_t thread;
    const pp_sdl *sdl; /* the thread's own; NULL: there is no screen */
    int err;           /* then */
    pthread_mutex_t
        lock; /* for all that follows, and for what is not the thread's own in windows */
    pthread_cond_t wake, done;
    pp_screen_window *windows;
} screen = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .wake = PTHREAD_COND_INITIALIZER,
            .done = PTHREAD_COND_INITIALIZER};

/* --- painting, on the thread ------------------------------------------------------------------ */

static void paint(pp_screen_window *w)
{
    screen.sdl->clear(w->renderer);
    if (w->texture)
        screen.sdl->copy(w->renderer, w->texture, NULL, NULL);
    screen.sdl->present(w->renderer);
}

/* SDL puts black beside what has another shape than the window. */
static bool need_texture(pp_screen_window *w, unsigned width, unsigned height)
{
    if (w->texture && w->texture_width == width && w->texture_height == height)
        return true;
    if (w->texture)
        screen.sdl->free_texture(w->texture);
    w->texture = screen.sdl->new_texture(w->renderer, SDL_PIXELFORMAT_IYUV,
                                         SDL_TEXTUREACCESS_STREAMING, (int)width, (int)height);
    w->texture_width = width;
    w->texture_height = height;
    if (!w->texture)
        return false;
    if (!w->is_sized)
        screen.sdl->set_window_size(w->window, (int)width, (int)height);
    w->is_sized = true;
    return screen.sdl->set_logical_size(w->renderer, (int)width, (int)height) == 0;
}

static void paint_picture(pp_screen_window *w)
{
    const pipit_video_frame frame = pp_picture_frame(&w->picture);

    if (!need_texture(w, frame.width, frame.height))
        return;
    screen.sdl->update_texture(w->texture, NULL, frame.planes[0], (int)frame.strides[0],
                               frame.planes[1], (int)frame.strides[1], frame.planes[2],
                               (int)frame.strides[2]);
    paint(w);
}

static void open_window(pp_screen_window *w)
{
    if (!screen.sdl) {
        w->err = screen.err;
        snprintf(w->why, sizeof(w->why), "%s", pipit_error_message());
        return;
    }
    w->is_sized = w->width && w->height;
    w->window =
        screen.sdl->new_window(w->title, (int)SDL_WINDOWPOS_UNDEFINED, (int)SDL_WINDOWPOS_UNDEFINED,
                               w->is_sized ? (int)w->width : WIDTH,
                               w->is_sized ? (int)w->height : HEIGHT, SDL_WINDOW_RESIZABLE);
    if (w->window)
        w->renderer = screen.sdl->new_renderer(w->window, -1, 0);
    if (w->renderer) {
        paint(w);
        return;
    }
    w->err = PIPIT_ERR_IO;
    snprintf(w->why, sizeof(w->why), "devices: no window: %s", screen.sdl->error());
}

static void close_window(pp_screen_window *w)
{
    if (w->texture)
        screen.sdl->free_texture(w->texture);
    if (w->renderer)
        screen.sdl->free_renderer(w->renderer);
    if (w->window)
        screen.sdl->free_window(w->window);
    w->texture = NULL;
    w->renderer = NULL;
    w->window = NULL;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* With the lock held but where SDL has to do something, which may take its time. */
static void step(pp_screen_window *w)
{
    state before = w->state;
    bool has_mail = w->has_mail;
    pp_picture picture = w->picture;

    if (has_mail) {
        w->picture = w->mail;
        w->mail = picture;
        w->has_mail = false;
    }
    pthread_mutex_unlock(&screen.lock);
    if (before == OPENING)
        open_window(w);
    if (w->window && has_mail)
        paint_picture(w);
    else if (w->window && w->is_uncovered)
        paint(w);
    w->is_uncovered = false;
    if (before == CLOSING)
        close_window(w);
    pthread_mutex_lock(&screen.lock);
    if (before == OPENING)
        w->state = w->renderer ? OPEN : FAILED;
    if (before == CLOSING)
        w->state = GONE;
    if (w->state != before)
        pthread_cond_broadcast(&screen.done);
}

static pp_screen_window *find(Uint32 id)
{
    for (pp_screen_window *w = screen.windows; w; w = w->next)
        if (w->window && screen.sdl->window_id(w->window) == id)
            return w;
    return NULL;
}

/* Of windows; what else there is nobody wants. */
static void look_at_events(void)
{
    SDL_Event event;

    while (screen.sdl && screen.sdl->next_event(&event)) {
        pp_screen_window *w = event.type == SDL_WINDOWEVENT ? find(event.window.windowID) : NULL;

        if (!w)
            continue;
        if (event.window.event == SDL_WINDOWEVENT_CLOSE) {
            close_window(w);
            w->is_closed = true;
        }
        w->is_uncovered |= event.window.event == SDL_WINDOWEVENT_EXPOSED ||
                           event.window.event == SDL_WINDOWEVENT_SIZE_CHANGED;
    }
}

static bool has_work(void)
{
    for (const pp_screen_window *w = screen.windows; w; w = w->next)
        if (w->state == OPENING || w->state == CLOSING || w->has_mail)
            return true;
    return false;
}

static void rest(void)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (!has_work())
        (void)pthread_cond_timedwait(&screen.wake, &screen.lock, &until);
}

static void *run(void *arg)
{
    (void)arg;
    screen.sdl = NULL;
    screen.err = pp_sdl_acquire(SDL_INIT_VIDEO, &screen.sdl);
    if (screen.sdl)
        screen.sdl->set_hint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    pthread_mutex_lock(&screen.lock);
    while (screen.windows) {
        look_at_events();
        for (pp_screen_window *w = screen.windows; w; w = w->next)
            step(w);
        rest();
    }
    pthread_mutex_unlock(&screen.lock);
    if (screen.sdl) {
        pp_sdl_release(screen.sdl, SDL_INIT_VIDEO);
        screen.sdl->leave_thread(); /* what SDL remembers for each that it has met */
    }
    return NULL;
}

/* --- the callers' side ------------------------------------------------------------------------ */

/* The lock is held. */
static void leave(pp_screen_window *window)
{
    pp_screen_window **at = &screen.windows;

    while (*at != window)
        at = &(*at)->next;
    *at = window->next;
    pthread_cond_signal(&screen.wake);
}

/* Until the thread has brought it out of that state, which may have happened already. The lock is held. */
static state wait_out(pp_screen_window *window, state before)
{
    pthread_cond_signal(&screen.wake);
    while (window->state == before)
        pthread_cond_wait(&screen.done, &screen.lock);
    return window->state;
}

/* The last one takes the thread along. `life` is held. */
static void take_away(pp_screen_window *window)
{
    bool is_last;

    pthread_mutex_lock(&screen.lock);
    window->state = CLOSING;
    (void)wait_out(window, CLOSING);
    leave(window);
    is_last = !screen.windows;
    pthread_mutex_unlock(&screen.lock);
    if (is_last)
        pthread_join(screen.thread, NULL);
    pp_picture_free(&window->mail);
    pp_picture_free(&window->picture);
    pp_free(window);
}

static int join_screen(pp_screen_window *window)
{
    bool is_first;

    pthread_mutex_lock(&screen.lock);
    is_first = !screen.windows;
    window->next = screen.windows;
    screen.windows = window;
    pthread_mutex_unlock(&screen.lock);
    if (!is_first || pthread_create(&screen.thread, NULL, run, NULL) == 0)
        return 0;
    screen.windows = NULL;
    return pp_error(PIPIT_ERR_IO, "devices: no thread for windows");
}

static int open_it(const char *title, unsigned width, unsigned height, pp_screen_window **out)
{
    pp_screen_window *window = PP_NEW(pp_screen_window);
    bool is_open;
    int err;

    if (!window)
        return PIPIT_ERR_MEMORY;
    window->title = title;
    window->width = width;
    window->height = height;
    err = join_screen(window);
    if (err) {
        pp_free(window);
        return err;
    }
    pthread_mutex_lock(&screen.lock);
    is_open = wait_out(window, OPENING) == OPEN;
    pthread_mutex_unlock(&screen.lock);
    if (is_open) {
        *out = window;
        return 0;
    }
    err = pp_error(window->err, "%s", window->why);
    take_away(window);
    return err;
}

int pp_screen_open(const char *title, unsigned width, unsigned height, pp_screen_window **out)
{
    int err;

    pthread_mutex_lock(&life);
    err = open_it(title, width, height, out);
    pthread_mutex_unlock(&life);
    return err;
}

pp_screen_window *pp_screen_close(pp_screen_window *window)
{
    if (!window)
        return NULL;
    pthread_mutex_lock(&life);
    take_away(window);
    pthread_mutex_unlock(&life);
    return NULL;
}

int pp_screen_show(pp_screen_window *window, const pipit_video_frame *frame)
{
    int err;

    pthread_mutex_lock(&screen.lock);
    err = pp_picture_set_size(&window->mail, frame->width, frame->height);
    if (!err) {
        pp_picture_copy(&window->mail, frame);
        window->has_mail = true;
        pthread_cond_signal(&screen.wake);
    }
    pthread_mutex_unlock(&screen.lock);
    return err;
}

bool pp_screen_is_closed(pp_screen_window *window)
{
    bool closed;

    pthread_mutex_lock(&screen.lock);
    closed = window->is_closed;
    pthread_mutex_unlock(&screen.lock);
    return closed;
}
