/* codec.c - pictures through each codec: the number in the picture comes out again. */
#include "video/codec.h"

#include "support/files.h"
#include "video/source.h"

enum { WIDTH = 320, HEIGHT = 240, RATE = 30 };

struct coding {
    const pp_video_codec_type *type;
    pp_video_encoder *encoder;
    pp_video_decoder *decoder;
    pipit_video_source *source;
    pp_buf frame;
    bool key;
    size_t octets;
};

static struct coding begin(const pp_video_codec_type *type, unsigned bitrate)
{
    const pp_video_settings settings = {WIDTH, HEIGHT, RATE, bitrate};
    struct coding c = {.type = type};

    assert_int_equal(type->open_encoder(&settings, &c.encoder), 0);
    assert_int_equal(type->open_decoder(&c.decoder), 0);
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &c.source), 0);
    return c;
}

static void end(struct coding *c)
{
    pp_video_encoder_close(c->encoder);
    pp_video_decoder_close(c->decoder);
    pipit_video_source_unref(c->source);
    pp_buf_free(&c->frame);
}

static void encode_next(struct coding *c, bool key)
{
    pipit_video_frame frame;

    assert_true(c->source->functions->read(c->source->self, 0, &frame));
    pp_buf_clear(&c->frame);
    assert_int_equal(c->encoder->encode(c->encoder, &frame, key, &c->frame, &c->key), 0);
    c->octets += c->frame.n;
}

static bool decode(struct coding *c, unsigned *number)
{
    pipit_video_frame out;

    if (!c->frame.n)
        return false;
    assert_int_equal(c->decoder->decode(c->decoder, (const uint8_t *)c->frame.p, c->frame.n, &out),
                     0);
    if (!out.width)
        return false;
    assert_int_equal(out.width, WIDTH);
    assert_int_equal(out.height, HEIGHT);
    return pipit_video_pattern_number(&out, number);
}

static void pictures_come_out_as_they_went_in(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct coding c = begin(pp_video_codec_at(i), 500000);
        unsigned seen = 0, number = 0;

        for (unsigned k = 0; k < 60; k++) {
            encode_next(&c, false);
            assert_int_equal(c.key, k == 0);
            if (decode(&c, &number)) {
                assert_int_equal(number, k);
                seen++;
            }
        }
        assert_true(seen >= 50);
        end(&c);
    }
}

static void a_key_frame_comes_when_it_is_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct coding c = begin(pp_video_codec_at(i), 500000);
        unsigned width = 0, height = 0;

        for (unsigned k = 0; k < 12; k++) {
            const uint8_t *data;

            encode_next(&c, k == 10);
            data = (const uint8_t *)c.frame.p;
            if (!c.frame.n)
                continue;
            assert_int_equal(c.key, k == 0 || k == 10);
            assert_int_equal(c.type->is_key(data, c.frame.n), c.key);
            assert_int_equal(c.type->read_size(data, c.frame.n, &width, &height), c.key);
        }
        assert_int_equal(width, WIDTH);
        assert_int_equal(height, HEIGHT);
        end(&c);
    }
}

static size_t octets_of(struct coding *c, unsigned bitrate)
{
    c->encoder->set_bitrate(c->encoder, bitrate);
    for (unsigned k = 0; k < 2 * RATE; k++)
        encode_next(c, false);
    c->octets = 0;
    for (unsigned k = 0; k < 3 * RATE; k++)
        encode_next(c, false);
    return c->octets;
}

static void the_rate_follows_what_is_set(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct coding c = begin(pp_video_codec_at(i), 300000);

        assert_true(octets_of(&c, 40000) < 40000 * 3 / 8 * 2);
        end(&c);
    }
}

static void noise_is_no_picture(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct coding c = begin(pp_video_codec_at(i), 300000);
        uint8_t noise[500];
        pipit_video_frame out;
        unsigned number;

        for (size_t k = 0; k < sizeof(noise); k++)
            noise[k] = (uint8_t)(k * 167 + 13);
        assert_int_not_equal(c.decoder->decode(c.decoder, noise, sizeof(noise), &out), 0);
        encode_next(&c, true);
        assert_true(decode(&c, &number));
        end(&c);
    }
}

static void each_codec_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        const pp_video_codec_type *type = pp_video_codec_at(i);

        assert_ptr_equal(pp_video_codec_find(pp_str_c(type->name)), type);
        assert_ptr_equal(pp_video_codec_of(type->codec), type);
        assert_true(pipit_video_has_codec(type->codec));
    }
    assert_null(pp_video_codec_find(PP_LIT("AV1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_come_out_as_they_went_in),
        cmocka_unit_test(a_key_frame_comes_when_it_is_asked_for),
        cmocka_unit_test(the_rate_follows_what_is_set),
        cmocka_unit_test(noise_is_no_picture),
        cmocka_unit_test(each_codec_is_found_by_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
