/* video_file.c - pictures from files and into files. */
#include "video/source.h"

#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "video/codec.h"
#include "video/ivf.h"
#include "video/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 160, HEIGHT = 120, PICTURES = 30 };

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/pipit-video-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/pictures", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static pipit_video_frame next_of(pipit_video_source *pattern)
{
    pipit_video_frame frame;

    assert_true(pattern->functions->read(pattern->self, 0, &frame));
    return frame;
}

/* Thirty pictures of the pattern at 30 a second, as a call would record them; `skip` leaves out the first. */
static void record(const pp_video_codec_type *type, bool skip)
{
    const pp_video_settings settings = {WIDTH, HEIGHT, 30, 500000};
    pipit_video_source *pattern = NULL;
    pipit_video_sink *sink = NULL;
    pp_video_encoder *encoder = NULL;
    pp_buf octets = {0};

    assert_int_equal(type->open_encoder(&settings, &encoder), 0);
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &pattern), 0);
    assert_int_equal(pipit_video_sink_file(path, &sink), 0);
    for (unsigned i = 0; i < PICTURES; i++) {
        const pipit_video_frame frame = next_of(pattern);
        pipit_video_encoded encoded = {
            .codec = type->codec, .width = WIDTH, .height = HEIGHT, .time_us = i * 1000000ull / 30};

        pp_buf_clear(&octets);
        assert_int_equal(encoder->encode(encoder, &frame, skip && i == 5, &octets, &encoded.key),
                         0);
        encoded.data = (const uint8_t *)octets.p;
        encoded.size = octets.n;
        if (octets.n && !(skip && i == 0))
            sink->functions->write_encoded(sink->self, &encoded);
    }
    pp_video_encoder_close(encoder);
    pipit_video_source_unref(pattern);
    pipit_video_sink_unref(sink);
    pp_buf_free(&octets);
}

static void write_y4m(unsigned pictures)
{
    FILE *file = fopen(path, "wb");
    pipit_video_source *pattern = NULL;

    assert_non_null(file);
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &pattern), 0);
    fprintf(file, "YUV4MPEG2 W%d H%d F30:1 C420jpeg\n", WIDTH, HEIGHT);
    for (unsigned i = 0; i < pictures; i++) {
        const pipit_video_frame frame = next_of(pattern);

        fprintf(file, "FRAME\n");
        assert_int_equal(fwrite(frame.planes[0], 1, pp_picture_size(WIDTH, HEIGHT), file),
                         pp_picture_size(WIDTH, HEIGHT));
    }
    fclose(file);
    pipit_video_source_unref(pattern);
}

static pipit_video_source *open_source(bool loop)
{
    pipit_video_source *source = NULL;

    assert_int_equal(pipit_video_source_file(path, loop, &source), 0);
    return source;
}

/* The number of the picture at that time; -1: there is no new one. */
static int number_at(pipit_video_source *source, uint64_t time_us)
{
    pipit_video_frame frame;
    unsigned number = 0;

    if (!source->functions->read(source->self, time_us, &frame))
        return -1;
    assert_int_equal(frame.width, WIDTH);
    assert_int_equal(frame.height, HEIGHT);
    assert_true(pipit_video_pattern_number(&frame, &number));
    return (int)number;
}

static void check_played(bool loop)
{
    pipit_video_source *source = open_source(loop);
    int last = -1;

    for (unsigned i = 0; i < 2 * PICTURES; i++) {
        int number = number_at(source, i * 1000000ull / 30 + 1000);

        if (number < 0)
            continue;
        if (last >= 0 && number < last)
            assert_true(loop && i >= PICTURES - 1);
        last = number;
        if (i < PICTURES)
            assert_in_range(number, i ? i - 1 : 0, i);
    }
    assert_int_equal(number_at(source, 100000000) >= 0, loop);
    assert_true(loop || last >= PICTURES - 2);
    pipit_video_source_unref(source);
}

static void a_recording_is_played_in_its_time(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        record(pp_video_codec_at(i), false);
        check_played(false);
        check_played(true);
    }
}

static void raw_pictures_are_played_in_their_time(void **state)
{
    (void)state;
    write_y4m(PICTURES);
    check_played(false);
    check_played(true);
}

static void a_picture_outlives_the_reading_of_the_next(void **state)
{
    pipit_video_source *source;
    pipit_video_frame frame;
    unsigned number = 99;

    (void)state;
    write_y4m(3);
    source = open_source(false);
    assert_true(source->functions->read(source->self, 0, &frame));
    assert_true(pipit_video_pattern_number(&frame, &number));
    assert_int_equal(number, 0);
    pipit_video_source_unref(source);
}

static void a_recording_begins_with_a_key_frame(void **state)
{
    pp_str content;
    pp_ivf_header header;

    (void)state;
    if (!pp_video_codec_at(0))
        skip();
    record(pp_video_codec_at(0), true);
    content = read_file(path);
    assert_int_equal(pp_ivf_read_header((const uint8_t *)content.p, &header), 0);
    assert_int_equal(header.width, WIDTH);
    assert_int_equal(header.height, HEIGHT);
    assert_int_equal(header.frames, PICTURES - 5);
    assert_true(pp_video_codec_at(0)->is_key(
        (const uint8_t *)content.p + PP_IVF_HEADER_SIZE + PP_IVF_FRAME_SIZE, 10));
    free((void *)(uintptr_t)content.p);
}

static void check_refused(const char *content, size_t size, int expected)
{
    FILE *file = fopen(path, "wb");
    pipit_video_source *source = NULL;

    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    fclose(file);
    assert_int_equal(pipit_video_source_file(path, false, &source), expected);
    assert_null(source);
}

static void what_is_no_such_file_is_refused(void **state)
{
    pipit_video_source *source = NULL;
    pipit_video_sink *sink = NULL;

    (void)state;
    check_refused("RIFFxxxx", 8, PIPIT_ERR_MEDIA);
    check_refused("", 0, PIPIT_ERR_MEDIA);
    check_refused("DKIF", 4, PIPIT_ERR_MEDIA);
    check_refused("DKIF\0\0\x20\0AV01\x40\1\xf0\0\x1e\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 32,
                  PIPIT_ERR_NOT_SUPPORTED);
    check_refused("YUV4MPEG2 W160 H120 C444\n", 25, PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_video_source_file("/nowhere/at/all", false, &source),
                     PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_video_source_file(NULL, false, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_video_sink_file("/nowhere/at/all", &sink), PIPIT_ERR_IO);
    assert_int_equal(pipit_video_sink_file(NULL, &sink), PIPIT_ERR_ARGUMENT);
    assert_null(sink);
}

/* Its end is in the middle of a picture; looped it would be played for ever without one. */
static void a_file_without_a_whole_picture_ends(void **state)
{
    pipit_video_source *source;
    pipit_video_frame frame;

    (void)state;
    write_y4m(1);
    assert_int_equal(truncate(path, 1000), 0);
    source = open_source(true);
    assert_false(source->functions->read(source->self, 0, &frame));
    assert_false(source->functions->read(source->self, 1000000, &frame));
    pipit_video_source_unref(source);
}

static void files_without_memory_leave_nothing(void **state)
{
    (void)state;
    write_y4m(1);
    for (uint64_t fail = 1; fail <= 4; fail++) {
        pipit_video_source *source = NULL;

        scarce_begin(fail);
        assert_int_equal(pipit_video_source_file(path, false, &source), PIPIT_ERR_MEMORY);
        assert_int_equal(scarce_end(), 0);
    }
    for (uint64_t fail = 1; fail <= 2; fail++) {
        pipit_video_sink *sink = NULL;

        scarce_begin(fail);
        assert_int_equal(pipit_video_sink_file(path, &sink), PIPIT_ERR_MEMORY);
        assert_int_equal(scarce_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_is_played_in_its_time),
        cmocka_unit_test(raw_pictures_are_played_in_their_time),
        cmocka_unit_test(a_picture_outlives_the_reading_of_the_next),
        cmocka_unit_test(a_recording_begins_with_a_key_frame),
        cmocka_unit_test(what_is_no_such_file_is_refused),
        cmocka_unit_test(a_file_without_a_whole_picture_ends),
        cmocka_unit_test(files_without_memory_leave_nothing),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
