/* window.c - pictures in a window, each when its sound is heard. */
#include "pipit/window.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "base/loop.h"
#include "devices/screen.h"
#include "video/picture.h"

enum {
    WAITING = 32,   /* pictures that are not due yet: half a second of 60 a second */
    LOOK_US = 20000 /* between two looks at whether it was closed */
};

struct waiting {
    pp_picture picture;
    uint64_t due_us;
};

struct window {
    pipit_loop *loop;         /* a reference */
    pp_screen_window *window; /* NULL: it was closed */
    const pipit_window_handlers *handlers;
    void *user;
    struct waiting waiting[WAITING]; /* a ring */
    size_t first, count;
    pp_timer due, look;
};

static void show(struct window *w, const pipit_video_frame *frame)
{
    if (pp_screen_show(w->window, frame) < 0)
        pp_log_error("Media", "a picture was not shown: %s", pipit_error_message());
}

/* --- pictures that wait for their sound ------------------------------------------------------- */

static void on_due(void *arg);

static void schedule(struct window *w)
{
    uint64_t now_us = pp_loop_now_us(w->loop);
    uint64_t due_us = w->waiting[w->first].due_us;

    if (w->count)
        pp_loop_start_timer_us(w->loop, &w->due, due_us > now_us ? due_us - now_us : 0, on_due, w);
}

/* Of several that are due the last is the one to be seen. */
static void on_due(void *arg)
{
    struct window *w = arg;
    uint64_t now_us = pp_loop_now_us(w->loop);
    const pp_picture *picture = NULL;

    while (w->count && w->waiting[w->first].due_us <= now_us) {
        picture = &w->waiting[w->first].picture;
        w->first = (w->first + 1) % WAITING;
        w->count--;
    }
    if (picture) {
        pipit_video_frame frame = pp_picture_frame(picture);

        show(w, &frame);
    }
    schedule(w);
}

/* None is shown before those ahead of it. False: there is no room, or no memory, to wait. */
static bool wait(struct window *w, const pipit_video_frame *frame)
{
    struct waiting *last = &w->waiting[(w->first + w->count) % WAITING];
    uint64_t due_us = pp_loop_now_us(w->loop) + frame->wait_us;

    if (w->count == WAITING || pp_picture_set_size(&last->picture, frame->width, frame->height) < 0)
        return false;
    if (w->count && w->waiting[(w->first + w->count - 1) % WAITING].due_us > due_us)
        due_us = w->waiting[(w->first + w->count - 1) % WAITING].due_us;
    pp_picture_copy(&last->picture, frame);
    last->due_us = due_us;
    w->count++;
    schedule(w);
    return true;
}

static void write_window(void *self, const pipit_video_frame *frame)
{
    struct window *w = self;

    if (!w->window || ((frame->wait_us || w->count) && wait(w, frame)))
        return;
    w->count = 0; /* what waits is older */
    show(w, frame);
}

/* --- its life --------------------------------------------------------------------------------- */

static void close_window(struct window *w)
{
    pp_loop_stop_timer(w->loop, &w->due);
    pp_loop_stop_timer(w->loop, &w->look);
    w->count = 0;
    w->window = pp_screen_close(w->window);
}

static void on_look(void *arg)
{
    struct window *w = arg;

    if (!pp_screen_is_closed(w->window)) {
        pp_loop_start_timer_us(w->loop, &w->look, LOOK_US, on_look, w);
        return;
    }
    close_window(w);
    if (w->handlers->closed)
        w->handlers->closed(w->user);
}

static void release_window(void *self)
{
    struct window *w = self;

    close_window(w);
    for (size_t i = 0; i < WAITING; i++)
        pp_picture_free(&w->waiting[i].picture);
    pipit_loop_unref(w->loop);
    pp_free(w);
}

static int check(const pipit_loop *loop, const char *title, const pipit_window_options *options,
                 pipit_video_sink **out)
{
    if (!loop || !title || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "window: loop, title and out are needed");
    if (!options->width != !options->height || options->width > PP_LIMIT_VIDEO_SIDE ||
        options->height > PP_LIMIT_VIDEO_SIDE)
        return pp_error(PIPIT_ERR_ARGUMENT, "window: %u x %u is no size for it", options->width,
                        options->height);
    return 0;
}

int pipit_video_sink_window(pipit_loop *loop, const char *title,
                            const pipit_window_options *options, pipit_video_sink **out)
{
    static const pipit_video_sink_interface functions = {.write = write_window,
                                                         .release = release_window};
    static const pipit_window_options defaults;
    static const pipit_window_handlers none;
    struct window *w;
    int err;

    options = options ? options : &defaults;
    err = check(loop, title, options, out);
    if (err)
        return err;
    w = PP_NEW(struct window);
    if (!w)
        return PIPIT_ERR_MEMORY;
    w->loop = pipit_loop_ref(loop);
    w->handlers = options->handlers ? options->handlers : &none;
    w->user = options->user;
    err = pp_screen_open(title, options->width, options->height, &w->window);
    if (!err)
        err = pipit_video_sink_new(&functions, w, out);
    if (err)
        release_window(w);
    else
        pp_loop_start_timer_us(loop, &w->look, LOOK_US, on_look, w);
    return err;
}
