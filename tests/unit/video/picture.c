/* picture.c - the test pattern's number after scaling, sizes, files of pictures as octets, sources and sinks. */
#include "video/picture.h"

#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "video/ivf.h"
#include "video/source.h"

static void the_number_outlives_scaling(void **state)
{
    static const unsigned sizes[][2] = {{640, 480}, {320, 240}, {160, 120}, {480, 360}, {200, 150}};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        pipit_video_source *source;
        pp_picture small = {0};

        assert_int_equal(pipit_video_source_pattern(0, 0, &source), 0);
        assert_int_equal(pp_picture_set_size(&small, sizes[i][0], sizes[i][1]), 0);
        for (unsigned expected = 0; expected < 300; expected++) {
            pipit_video_frame frame, scaled;
            unsigned number = 0;

            assert_true(source->functions->read(source->self, 0, &frame));
            pp_picture_scale(&small, &frame);
            scaled = pp_picture_frame(&small);
            assert_true(pipit_video_pattern_number(&scaled, &number));
            assert_int_equal(number, expected);
        }
        pp_picture_free(&small);
        pipit_video_source_unref(source);
    }
}

static void a_picture_of_something_else_has_no_number(void **state)
{
    pp_picture grey = {0};
    pipit_video_frame frame;
    unsigned number = 7;

    (void)state;
    assert_int_equal(pp_picture_set_size(&grey, 320, 240), 0);
    for (unsigned value = 0; value < 256; value++) {
        memset(grey.memory, (int)value, grey.capacity);
        frame = pp_picture_frame(&grey);
        assert_false(pipit_video_pattern_number(&frame, &number));
    }
    frame.planes[1] = NULL;
    assert_false(pipit_video_pattern_number(&frame, &number));
    assert_false(pipit_video_pattern_number(NULL, &number));
    assert_int_equal(number, 7);
    pp_picture_free(&grey);
}

static void a_picture_fits_with_its_shape(void **state)
{
    static const unsigned rows[][6] = {/* from, into, gives */
                                       {640, 480, 1280, 720, 640, 480},
                                       {641, 481, 1280, 720, 640, 480},
                                       {1920, 1080, 1280, 720, 1280, 720},
                                       {480, 640, 320, 320, 240, 320},
                                       {4096, 16, 100, 100, 100, 16}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const pipit_video_frame frame = {.width = rows[i][0], .height = rows[i][1]};
        unsigned width = rows[i][2], height = rows[i][3];

        pp_picture_fit(&frame, &width, &height);
        assert_int_equal(width, rows[i][4]);
        assert_int_equal(height, rows[i][5]);
    }
}

static void a_picture_out_of_bounds_is_refused(void **state)
{
    pp_picture picture = {0};

    (void)state;
    assert_int_equal(pp_picture_set_size(&picture, 15, 100), PIPIT_ERR_LIMIT);
    assert_int_equal(pp_picture_set_size(&picture, 100, 4097), PIPIT_ERR_LIMIT);
    scarce_begin(1);
    assert_int_equal(pp_picture_set_size(&picture, 100, 100), PIPIT_ERR_MEMORY);
    assert_int_equal(scarce_end(), 0);
    assert_int_equal(picture.width, 0);
}

static void sources_and_sinks_say_what_they_lack(void **state)
{
    static const pipit_video_source_interface empty_source = {0};
    static const pipit_video_sink_interface empty_sink = {0};
    pipit_video_source *source = NULL;
    pipit_video_sink *sink = NULL;

    (void)state;
    assert_int_equal(pipit_video_source_new(&empty_source, NULL, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_video_source_new(NULL, NULL, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_video_sink_new(&empty_sink, NULL, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_video_source_pattern(63, 480, &source), PIPIT_ERR_ARGUMENT);
    assert_null(source);
    assert_null(sink);
    assert_null(pipit_video_source_unref(NULL));
    assert_null(pipit_video_sink_unref(NULL));
}

static void a_pattern_without_memory_leaves_nothing(void **state)
{
    pipit_video_source *source = NULL;

    (void)state;
    for (uint64_t fail = 1; fail <= 3; fail++) {
        scarce_begin(fail);
        assert_int_equal(pipit_video_source_pattern(0, 0, &source), PIPIT_ERR_MEMORY);
        assert_null(source);
        assert_int_equal(scarce_end(), 0);
    }
}

static void an_ivf_header_is_read_back(void **state)
{
    const pp_ivf_header header = {PIPIT_VIDEO_H264, 640, 480, 1000, 1, 77};
    pp_ivf_header back;
    pp_buf out = {0};
    uint32_t size;
    uint64_t ticks;

    (void)state;
    pp_ivf_write_header(&header, &out);
    assert_int_equal(out.n, PP_IVF_HEADER_SIZE);
    assert_int_equal(pp_ivf_read_header((const uint8_t *)out.p, &back), 0);
    assert_int_equal(back.codec, PIPIT_VIDEO_H264);
    assert_true(back.width == 640 && back.height == 480 && back.frames == 77);
    assert_true(back.rate == 1000 && back.scale == 1);
    pp_buf_clear(&out);
    pp_ivf_write_frame(&out, 0x12345678, 0x123456789a);
    pp_ivf_read_frame((const uint8_t *)out.p, &size, &ticks);
    assert_true(size == 0x12345678 && ticks == 0x123456789a);
    pp_buf_free(&out);
}

static void a_y4m_header_is_read(void **state)
{
    pp_y4m_header header;

    (void)state;
    assert_int_equal(
        pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352 H288 F30000:1001 Ip A128:117 C420jpeg"), &header),
        0);
    assert_true(header.width == 352 && header.height == 288 && header.rate == 30000 &&
                header.scale == 1001);
    assert_int_equal(pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352 H288"), &header), 0);
    assert_int_equal(pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352 H288 C444"), &header),
                     PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352 H288 C420p10"), &header),
                     PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352"), &header), PIPIT_ERR_MEDIA);
    assert_int_equal(pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352 H9999"), &header), PIPIT_ERR_MEDIA);
    assert_int_equal(pp_y4m_read_header(PP_LIT("YUV4MPEG2 W352 H288 F0:1"), &header),
                     PIPIT_ERR_MEDIA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_outlives_scaling),
        cmocka_unit_test(a_picture_of_something_else_has_no_number),
        cmocka_unit_test(a_picture_fits_with_its_shape),
        cmocka_unit_test(a_picture_out_of_bounds_is_refused),
        cmocka_unit_test(sources_and_sinks_say_what_they_lack),
        cmocka_unit_test(a_pattern_without_memory_leaves_nothing),
        cmocka_unit_test(an_ivf_header_is_read_back),
        cmocka_unit_test(a_y4m_header_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
