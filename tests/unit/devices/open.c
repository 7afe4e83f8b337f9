/* open.c - what is asked for is opened, all or nothing. */
#include "pipit/devices.h"

#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "video/source.h"

#include <stdlib.h>
#include <string.h>

static const pipit_media_constraints pictures = {.video = true};

static void pictures_come_from_what_is_named(void **state)
{
    const pipit_media_options options = {.camera = "pattern"};
    pipit_media_stream stream = {0};
    pipit_video_frame frame;
    unsigned number = 7;

    (void)state;
    assert_int_equal(pipit_media_open(&pictures, &options, &stream), 0);
    assert_true(stream.video_source->functions->read(stream.video_source->self, 0, &frame));
    assert_true(pipit_video_pattern_number(&frame, &number));
    assert_int_equal(number, 0);
    assert_true(!stream.audio_source && !stream.audio_sink && !stream.video_sink);
    pipit_video_source_unref(stream.video_source);
}

static void what_is_not_there_is_told(void **state)
{
    const pipit_media_constraints both = {.audio = true, .video = true}, nothing = {0};
    const pipit_media_options none = {.camera = "/nowhere/at/all"};
    pipit_media_stream stream = {0};

    (void)state;
    assert_int_equal(pipit_media_open(&pictures, NULL, &stream), PIPIT_ERR_NOT_FOUND);
    assert_string_equal(pipit_error_message(), "devices: there is no camera");
    assert_int_equal(pipit_media_open(&pictures, &none, &stream), PIPIT_ERR_NOT_FOUND);
    assert_non_null(strstr(pipit_error_message(), "/nowhere/at/all"));
    assert_int_equal(pipit_media_open(&both, &none, &stream), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_media_open(&nothing, &none, &stream), PIPIT_ERR_ARGUMENT);
    assert_true(!stream.video_source && !stream.audio_source);
}

/* Pictures are there, and no speaker of that name: then there are no pictures either. */
static void it_is_all_or_nothing(void **state)
{
    const pipit_media_constraints both = {.audio = true, .video = true};
    const pipit_media_options options = {.camera = "pattern", .speaker = "no such speaker"};
    pipit_media_stream stream = {0};

    (void)state;
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    scarce_begin(0);
    assert_true(pipit_media_open(&both, &options, &stream) < 0);
    assert_true(!stream.video_source && !stream.audio_sink);
    assert_int_equal(scarce_end(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_from_what_is_named),
        cmocka_unit_test(what_is_not_there_is_told),
        cmocka_unit_test(it_is_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
