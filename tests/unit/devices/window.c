/* window.c - pictures in a window of SDL's "dummy" screen, which puts what it shows into files. */
#include "pipit/window.h"

#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "support/sim.h"
#include "video/picture.h"
#include "video/source.h"

#include <SDL2/SDL.h>
#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 320, HEIGHT = 240 };

static sim *s;
static pipit_video_source *pattern;
static pipit_video_sink *sink;
static unsigned closed;

/* What the library has loaded by now. */
static void *sdl(const char *name)
{
    void *library = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_NOLOAD);
    void *found = library ? dlsym(library, name) : NULL;

    assert_non_null(found);
    dlclose(library);
    return found;
}

#define SDL(type, name, ...) ((type)(uintptr_t)sdl(name))(__VA_ARGS__)

static Uint32 window_id(void)
{
    for (Uint32 id = 1; id < 100; id++)
        if (SDL(SDL_Window * (*)(Uint32), "SDL_GetWindowFromID", id))
            return id;
    return 0;
}

/* --- what is seen ----------------------------------------------------------------------------- */

static uint8_t seen[HEIGHT][WIDTH]; /* the brightness: green's, which is nearest to it */

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The last frame that the screen has put into a file; false when there is none, of that size and whole. */
static bool look(void)
{
    char pattern_of[64];
    glob_t names;
    pp_str file;
    bool whole;

    snprintf(pattern_of, sizeof(pattern_of), "SDL_window%u-*.bmp", window_id());
    if (glob(pattern_of, 0, NULL, &names) != 0)
        return false;
    file = read_file(names.gl_pathv[names.gl_pathc - 1]);
    globfree(&names);
    whole = file.n > 54 && word((const uint8_t *)file.p + 2) == file.n &&
            word((const uint8_t *)file.p + 18) == WIDTH &&
            word((const uint8_t *)file.p + 22) == HEIGHT;
    for (size_t y = 0; whole && y < HEIGHT; y++) {
        const uint8_t *row = (const uint8_t *)file.p + file.n - (y + 1) * WIDTH * 3;

        for (size_t x = 0; x < WIDTH; x++)
            seen[y][x] = row[x * 3 + 1];
    }
    free((void *)(uintptr_t)file.p);
    return whole;
}

/* The number in what is seen; -1: there is none. */
static int seen_number(void)
{
    static uint8_t colour[WIDTH * HEIGHT / 4];
    const pipit_video_frame frame = {.width = WIDTH,
                                     .height = HEIGHT,
                                     .planes = {seen[0], colour, colour},
                                     .strides = {WIDTH, WIDTH / 2, WIDTH / 2}};
    unsigned number;

    return look() && pipit_video_pattern_number(&frame, &number) ? (int)number : -1;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
}

static void check_seen(int number)
{
    for (unsigned i = 0; i < 1000 && seen_number() != number; i++)
        nap();
    assert_int_equal(seen_number(), number);
}

/* --- what comes ------------------------------------------------------------------------------- */

static void write_next(uint64_t wait_us)
{
    pipit_video_frame frame;

    assert_true(pattern->functions->read(pattern->self, 0, &frame));
    frame.wait_us = wait_us;
    sink->functions->write(sink->self, &frame);
}

static void on_closed(void *user)
{
    (void)user;
    closed++;
    sink = pipit_video_sink_unref(sink);
}

static int set_up(void **state)
{
    static const pipit_window_handlers handlers = {.closed = on_closed};
    const pipit_window_options options = {.handlers = &handlers};
    int err;

    (void)state;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    setenv("SDL_VIDEO_DUMMY_SAVE_FRAMES", "1", 1);
    closed = 0;
    assert_int_equal(sim_new(1, &s), 0);
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &pattern), 0);
    err = pipit_video_sink_window(sim_loop(s), "far end", &options, &sink);
    assert_true(err == 0 || err == PIPIT_ERR_NOT_SUPPORTED);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    sink = pipit_video_sink_unref(sink);
    pattern = pipit_video_source_unref(pattern);
    sim_free(s);
    return 0;
}

static void wait_for_end(void)
{
    for (unsigned i = 0; i < 1000 && !closed; i++) {
        nap();
        sim_advance_ms(s, 5);
    }
}

static void need_sdl(void)
{
    if (!sink)
        skip();
}

static void a_picture_is_seen_at_once(void **state)
{
    (void)state;
    need_sdl();
    write_next(0);
    check_seen(0);
    write_next(0);
    check_seen(1);
}

static void a_picture_waits_for_its_sound(void **state)
{
    (void)state;
    need_sdl();
    write_next(0);
    write_next(100000);
    sim_advance_ms(s, 50);
    write_next(80000);
    sim_advance_ms(s, 40);
    for (unsigned i = 0; i < 10; i++)
        nap();
    check_seen(0);
    sim_advance_ms(s, 20);
    check_seen(1);
    sim_advance_ms(s, 25);
    check_seen(2);
}

static void more_pictures_than_can_wait_are_shown_early(void **state)
{
    (void)state;
    need_sdl();
    for (unsigned i = 0; i < 33; i++)
        write_next(400000);
    check_seen(32);
    sim_advance_ms(s, 500);
    check_seen(32);
}

static void a_picture_keeps_its_shape(void **state)
{
    static uint8_t planes[64 * 128 * 2];
    const pipit_video_frame high = {.width = 64,
                                    .height = 128,
                                    .planes = {planes, planes + 64 * 128, planes + 64 * 160},
                                    .strides = {64, 32, 32}};

    (void)state;
    need_sdl();
    write_next(0); /* the window has this one's size */
    check_seen(0);
    memset(planes, 200, 64 * 128);
    memset(planes + 64 * 128, 128, 64 * 128);
    sink->functions->write(sink->self, &high);
    for (unsigned i = 0; i < 1000 && !(look() && seen[2][160] > 100); i++)
        nap();
    assert_true(seen[HEIGHT / 2][WIDTH / 2] > 150 && seen[2][WIDTH / 2] > 150);
    assert_true(seen[HEIGHT / 2][WIDTH / 2 - 50] > 150);
    assert_true(seen[HEIGHT / 2][WIDTH / 2 - 70] == 0 && seen[HEIGHT / 2][WIDTH / 2 + 70] == 0);
}

static void two_windows_are_side_by_side(void **state)
{
    pipit_video_sink *other = NULL;

    (void)state;
    need_sdl();
    assert_int_equal(pipit_video_sink_window(sim_loop(s), "another", NULL, &other), 0);
    write_next(0);
    check_seen(0);
    pipit_video_sink_unref(other);
    write_next(0);
    check_seen(1);
}

static void a_window_that_is_closed_is_told_of(void **state)
{
    SDL_Event event = {.window = {.type = SDL_WINDOWEVENT, .event = SDL_WINDOWEVENT_CLOSE}};

    (void)state;
    need_sdl();
    write_next(0);
    write_next(100000);
    event.window.windowID = window_id();
    assert_int_equal(SDL(int (*)(SDL_Event *), "SDL_PushEvent", &event), 1);
    assert_int_equal(closed, 0);
    wait_for_end();
    assert_int_equal(closed, 1);
    assert_null(sink);
    sim_advance_ms(s, 200);
}

static void what_comes_behind_its_end_is_dropped(void **state)
{
    SDL_Event event = {.window = {.type = SDL_WINDOWEVENT, .event = SDL_WINDOWEVENT_CLOSE}};
    pipit_video_sink *kept;

    (void)state;
    need_sdl();
    kept = pipit_video_sink_ref(sink);
    event.window.windowID = window_id();
    assert_int_equal(SDL(int (*)(SDL_Event *), "SDL_PushEvent", &event), 1);
    wait_for_end();
    assert_int_equal(closed, 1);
    sink = kept;
    write_next(0);
    write_next(1000);
    sim_advance_ms(s, 30);
    assert_int_equal(closed, 1);
}

static void what_cannot_be_opened_is_refused(void **state)
{
    const pipit_window_options huge = {.width = 5000};
    pipit_video_sink *none = NULL;

    (void)state;
    need_sdl();
    sink = pipit_video_sink_unref(sink);
    setenv("SDL_VIDEODRIVER", "nonsense", 1);
    assert_int_equal(pipit_video_sink_window(sim_loop(s), "x", NULL, &none), PIPIT_ERR_IO);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    assert_int_equal(pipit_video_sink_window(sim_loop(s), NULL, NULL, &none), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_video_sink_window(sim_loop(s), "x", &huge, &none), PIPIT_ERR_ARGUMENT);
    assert_null(none);
}

static void a_window_without_memory_leaves_nothing(void **state)
{
    (void)state;
    need_sdl();
    sink = pipit_video_sink_unref(sink);
    for (uint64_t fail = 1; fail <= 2; fail++) {
        pipit_video_sink *none = NULL;

        scarce_begin(fail);
        assert_int_equal(pipit_video_sink_window(sim_loop(s), "x", NULL, &none), PIPIT_ERR_MEMORY);
        assert_int_equal(scarce_end(), 0);
    }
}

/* The screen's files come into the working folder. */
static char folder[64];

static int enter_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/pipit-window-XXXXXX");
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
    char command[96];

    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return chdir("/") == 0 ? system(command) : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_picture_is_seen_at_once),
        TEST(a_picture_waits_for_its_sound),
        TEST(more_pictures_than_can_wait_are_shown_early),
        TEST(a_picture_keeps_its_shape),
        TEST(two_windows_are_side_by_side),
        TEST(a_window_that_is_closed_is_told_of),
        TEST(what_comes_behind_its_end_is_dropped),
        TEST(what_cannot_be_opened_is_refused),
        TEST(a_window_without_memory_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
