/* codec.c - the codecs: found, opened with the far end's wishes, and faithful. */
#include "media/codec.h"

#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/codecs.h"
#include "unit/media/signal.h"

#include <stdlib.h>

static pp_codec *open_codec(const char *name, const char *fmtp)
{
    const pp_codec_type *type = pp_codec_find(pp_str_c(name), strcmp(name, "opus") ? 8000 : 48000,
                                              strcmp(name, "opus") ? 1 : 2);
    pp_codec *codec = NULL;

    assert_non_null(type);
    assert_int_equal(pp_codec_open(type, pp_str_c(fmtp), &codec), 0);
    return codec;
}

/* Encodes frame `index` of the test speech. */
static int encode_speech(pp_codec *codec, size_t index, double loss, uint8_t *out)
{
    int16_t samples[PP_FRAME_SAMPLES_MAX];
    size_t count = codec->type->sample_rate / 50;

    test_speech(samples, count, codec->type->sample_rate, index * count);
    return codec->encode(codec, samples, count, loss, out, PP_FRAME_BYTES_MAX);
}

/* How alike two signals are when the second may be up to `shift` samples late: 1 at best. */
static double correlation(const int16_t *a, const int16_t *b, size_t count, size_t shift)
{
    double best = 0;

    for (size_t late = 0; late < shift; late += 4) {
        double ab = 0, aa = 1, bb = 1;

        for (size_t i = 0; i + shift < count; i++) {
            ab += (double)a[i] * b[i + late];
            aa += (double)a[i] * a[i];
            bb += (double)b[i + late] * b[i + late];
        }
        if (ab / sqrt(aa * bb) > best)
            best = ab / sqrt(aa * bb);
    }
    return best;
}

static void the_table_is_in_order_of_preference(void **state)
{
    const size_t wide = test_codec(3) ? 1 : 0;

    (void)state;
    assert_string_equal(pp_codec_at(0)->name, "opus");
    assert_int_equal(pp_codec_at(0)->payload_type, 111);
    if (wide) {
        assert_string_equal(pp_codec_at(1)->name, "G722");
        assert_int_equal(pp_codec_at(1)->static_payload_type, 9);
    }
    assert_string_equal(pp_codec_at(1 + wide)->name, "PCMU");
    assert_string_equal(pp_codec_at(2 + wide)->name, "PCMA");
    assert_null(pp_codec_at(3 + wide));
    assert_int_equal(pp_codec_at(1 + wide)->static_payload_type, 0);
    assert_int_equal(pp_codec_at(2 + wide)->static_payload_type, 8);
    assert_ptr_equal(pp_codec_find(PP_LIT("OPUS"), 48000, 2), pp_codec_at(0));
    assert_ptr_equal(pp_codec_find(PP_LIT("pcma"), 8000, 1), pp_codec_at(2 + wide));
    assert_null(pp_codec_find(PP_LIT("opus"), 48000, 1));
    assert_null(pp_codec_find(PP_LIT("PCMU"), 16000, 1));
    assert_null(pp_codec_find(PP_LIT("G722"), 16000, 1)); /* RFC 3551 section 4.5.2 */
}

static void a_codec_gives_back_what_it_was_given(void **state)
{
    enum { FRAMES = 100 };
    static int16_t in[FRAMES * PP_FRAME_SAMPLES_MAX], out[FRAMES * PP_FRAME_SAMPLES_MAX];
    static const char *const names[] = {"opus", "PCMU", "PCMA", "G722"};
    static const double least[] = {0.75, 0.99, 0.99, 0.9};

    (void)state;
    for (size_t n = 0; n < 4 && test_codec(n); n++) {
        pp_codec *codec = open_codec(names[n], "useinbandfec=1");
        size_t frame = codec->type->sample_rate / 50;

        for (size_t i = 0; i < FRAMES; i++) {
            uint8_t packet[PP_FRAME_BYTES_MAX];
            int size = encode_speech(codec, i, 0, packet);

            assert_true(size > 0);
            assert_int_equal(codec->duration(codec, packet, (size_t)size),
                             codec->type->clock_rate / 50);
            assert_int_equal(
                codec->decode(codec, packet, (size_t)size, false, out + i * frame, frame), frame);
            test_speech(in + i * frame, frame, codec->type->sample_rate, i * frame);
        }
        print_message("%s: likeness %.3f\n", names[n], correlation(in, out, FRAMES * frame, frame));
        /* Opus filters out what is below a voice, which turns the phase of the lowest tones. */
        assert_true(correlation(in, out, FRAMES * frame, frame) > least[n]);
        pp_codec_close(codec);
    }
}

static void a_companded_sample_is_near_the_real_one(void **state)
{
    static const char *const names[] = {"PCMU", "PCMA"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        pp_codec *codec = open_codec(names[n], NULL);
        int16_t previous = INT16_MIN;

        for (int value = INT16_MIN; value <= INT16_MAX; value++) {
            int16_t sample = (int16_t)value, back;
            uint8_t code;

            assert_int_equal(codec->encode(codec, &sample, 1, 0, &code, 1), 1);
            assert_int_equal(codec->decode(codec, &code, 1, false, &back, 1), 1);
            assert_true(abs(back - sample) <=
                        16 + abs(sample) / 30 + (abs(sample) > 32635 ? 512 : 0));
            assert_true(back >= previous); /* order is kept */
            previous = back;
        }
        pp_codec_close(codec);
    }
}

static void a_code_is_its_own_round_trip(void **state)
{
    static const char *const names[] = {"PCMU", "PCMA"};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        pp_codec *codec = open_codec(names[n], NULL);

        for (unsigned value = 0; value < 256; value++) {
            uint8_t code = (uint8_t)value, back;
            int16_t sample;

            codec->decode(codec, &code, 1, false, &sample, 1);
            codec->encode(codec, &sample, 1, 0, &back, 1);
            if (n == 0 && code == 0x7f) /* mu-law has a zero with a minus */
                assert_int_equal(back, 0xff);
            else
                assert_int_equal(back, code);
        }
        pp_codec_close(codec);
    }
}

static void the_companding_has_the_values_of_the_standard(void **state)
{
    static const struct {
        const char *name;
        uint8_t code;
        int16_t sample;
    } known[] = {
        {"PCMU", 0xff, 0},   {"PCMU", 0x80, 32124}, {"PCMU", 0x00, -32124},
        {"PCMU", 0xef, 132}, {"PCMU", 0x6f, -132},  {"PCMA", 0xd5, 8},
        {"PCMA", 0x55, -8},  {"PCMA", 0xaa, 32256}, {"PCMA", 0x2a, -32256},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        pp_codec *codec = open_codec(known[i].name, NULL);
        int16_t sample;

        codec->decode(codec, &known[i].code, 1, false, &sample, 1);
        assert_int_equal(sample, known[i].sample);
        pp_codec_close(codec);
    }
}

/* Octets of 100 frames of speech. */
static size_t speech_size(const char *fmtp, double loss, int *smallest, int *largest)
{
    pp_codec *codec = open_codec("opus", fmtp);
    size_t total = 0;

    *smallest = PP_FRAME_BYTES_MAX;
    *largest = 0;
    for (size_t i = 0; i < 100; i++) {
        uint8_t packet[PP_FRAME_BYTES_MAX];
        int size = encode_speech(codec, i, loss, packet);

        assert_true(size >= 0);
        *smallest = size < *smallest ? size : *smallest;
        *largest = size > *largest ? size : *largest;
        total += (size_t)size;
    }
    pp_codec_close(codec);
    return total;
}

static void opus_heeds_what_the_far_end_wishes(void **state)
{
    int smallest, largest;
    size_t usual = speech_size("useinbandfec=1", 0, &smallest, &largest);
    size_t low;

    (void)state;
    assert_in_range(usual, 3000,
                    12000); /* 2 s at 32 kbit/s are 8,000 octets; the pauses take less */
    low = speech_size(" minptime=10 ; MaxAverageBitrate=8000;stereo=1", 0, &smallest, &largest);
    assert_true(low < usual / 2);
    speech_size("cbr=1", 0, &smallest, &largest);
    assert_int_equal(smallest, largest);
    assert_int_equal(
        speech_size("maxaveragebitrate=99999999999;x;=;;useinbandfec=1", 0, &smallest, &largest),
        usual);
}

static void opus_sends_nothing_in_silence_when_dtx_is_wished(void **state)
{
    static const int16_t silence[960];
    pp_codec *codec = open_codec("opus", "usedtx=1");
    unsigned unsent = 0;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        uint8_t packet[PP_FRAME_BYTES_MAX];
        int size = codec->encode(codec, silence, 960, 0, packet, sizeof(packet));

        assert_true(size >= 0);
        unsent += size == 0;
    }
    assert_true(unsent > 50);
    pp_codec_close(codec);
}

/* Octets of two seconds of speech, at our own wishes and those of the far end. */
static int sent(const pipit_opus_options *options, const char *fmtp)
{
    pp_codec *codec = open_codec("opus", fmtp);
    int total = 0;

    codec->configure(codec, options);
    for (size_t i = 0; i < 100; i++) {
        uint8_t packet[PP_FRAME_BYTES_MAX];
        int size = encode_speech(codec, i, 0.2, packet);

        assert_true(size >= 0);
        total += size;
    }
    pp_codec_close(codec);
    return total;
}

static void opus_heeds_what_we_wish_ourselves(void **state)
{
    const pipit_opus_options usual = {0}, low = {.bitrate = 8000}, high = {.bitrate = 128000},
                             plain = {.no_fec = true};
    int octets = sent(&usual, "useinbandfec=1");

    (void)state;
    assert_true(sent(&low, "useinbandfec=1") < octets / 2);
    assert_true(sent(&high, "useinbandfec=1") > octets * 2);
    assert_true(sent(&high, "useinbandfec=1;maxaveragebitrate=8000") < octets / 2);
    assert_int_equal(sent(&plain, "useinbandfec=1"), sent(&plain, "useinbandfec=0"));
    assert_int_not_equal(octets, sent(&plain, "useinbandfec=1"));
}

static void opus_carries_the_frame_before_only_when_it_is_wanted(void **state)
{
    static const struct {
        const char *fmtp;
        double loss;
        bool expected;
    } cases[] = {{"useinbandfec=1", 0.1, true},
                 {"useinbandfec=1", 0, false},
                 {"useinbandfec=0", 0.1, false},
                 {NULL, 0.1, false}};
    int16_t out[960];

    (void)state;
    for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
        pp_codec *codec = open_codec("opus", cases[n].fmtp);
        unsigned carried = 0;

        for (size_t i = 0; i < 100; i++) {
            uint8_t packet[PP_FRAME_BYTES_MAX];
            int size = encode_speech(codec, i, cases[n].loss, packet);
            int given = codec->decode(codec, packet, (size_t)size, true, out, 960);

            assert_int_equal(given, codec->redundancy(codec, packet, (size_t)size));
            assert_true(given == 0 || given == 960);
            carried += given > 0;
        }
        assert_int_equal(carried > 20, cases[n].expected);
        if (!cases[n].expected)
            assert_int_equal(carried, 0);
        pp_codec_close(codec);
    }
}

static void opus_brings_a_lost_frame_back_from_the_next(void **state)
{
    enum { FRAMES = 100 };
    static int16_t in[FRAMES * 960], with_fec[FRAMES * 960], without[FRAMES * 960];
    pp_codec *sender = open_codec("opus", "useinbandfec=1");
    pp_codec *receiver = open_codec("opus", NULL), *other = open_codec("opus", NULL);

    (void)state;
    for (size_t i = 0; i < FRAMES; i++) {
        uint8_t packet[PP_FRAME_BYTES_MAX];
        int size = encode_speech(sender, i, 0.2, packet);

        test_speech(in + i * 960, 960, 48000, i * 960);
        if (i % 5 == 3)
            continue; /* lost */
        if (i % 5 == 4) {
            if (receiver->decode(receiver, packet, (size_t)size, true, with_fec + (i - 1) * 960,
                                 960) == 0)
                receiver->conceal(receiver, with_fec + (i - 1) * 960, 960);
            assert_int_equal(other->conceal(other, without + (i - 1) * 960, 960), 960);
        }
        receiver->decode(receiver, packet, (size_t)size, false, with_fec + i * 960, 960);
        other->decode(other, packet, (size_t)size, false, without + i * 960, 960);
    }
    print_message("likeness with FEC %.3f, without %.3f\n",
                  correlation(in, with_fec, FRAMES * 960, 960),
                  correlation(in, without, FRAMES * 960, 960));
    assert_true(correlation(in, with_fec, FRAMES * 960, 960) >
                correlation(in, without, FRAMES * 960, 960) + 0.01);
    pp_codec_close(sender);
    pp_codec_close(receiver);
    pp_codec_close(other);
}

static void a_malformed_opus_packet_is_refused(void **state)
{
    static const uint8_t many[] = {0xff, 0x3f, 0, 0}; /* 63 frames of 20 ms */
    static const uint8_t short_count[] = {0x03};
    pp_codec *codec = open_codec("opus", NULL);
    static int16_t out[5760];

    (void)state;
    assert_int_equal(codec->duration(codec, many, sizeof(many)), 0);
    assert_int_equal(codec->decode(codec, many, sizeof(many), false, out, 5760), PIPIT_ERR_MEDIA);
    assert_int_equal(codec->duration(codec, short_count, 1), 0);
    assert_int_equal(codec->decode(codec, short_count, 1, false, out, 5760), PIPIT_ERR_MEDIA);
    assert_int_equal(codec->decode(codec, short_count, 1, true, out, 5760), PIPIT_ERR_MEDIA);
    assert_int_equal(codec->duration(codec, NULL, 0), 0);
    assert_int_equal(codec->redundancy(codec, NULL, 0), 0);
    assert_int_equal(codec->decode(codec, NULL, 0, false, out, 5760), PIPIT_ERR_MEDIA);
    pp_codec_close(codec);
}

static void a_packet_longer_than_the_room_is_refused(void **state)
{
    static const uint8_t payload[320];
    static const uint8_t forty_ms[] = {
        0x0b, 0x41, 0x00}; /* SILK, one frame of 20 ms by count: see the duration */
    pp_codec *pcmu = open_codec("PCMU", NULL), *opus = open_codec("opus", NULL);
    int16_t out[960];

    (void)state;
    assert_int_equal(pcmu->decode(pcmu, payload, 320, false, out, 319), PIPIT_ERR_MEDIA);
    assert_int_equal(pcmu->decode(pcmu, payload, 0, false, out, 319), PIPIT_ERR_MEDIA);
    assert_int_equal(pcmu->decode(pcmu, payload, 320, true, out, 960), 0);
    assert_true(opus->duration(opus, forty_ms, sizeof(forty_ms)) > 480);
    assert_int_equal(opus->decode(opus, forty_ms, sizeof(forty_ms), false, out, 480),
                     PIPIT_ERR_MEDIA);
    pp_codec_close(pcmu);
    pp_codec_close(opus);
}

/* Above what a telephone's 8,000 samples a second can carry. */
static void g722_carries_wide_band_sound(void **state)
{
    static int16_t in[50 * 320], out[50 * 320];
    unsigned rises = 0;
    pp_codec *codec;

    (void)state;
    if (!test_codec(3))
        skip();
    codec = open_codec("G722", NULL);
    for (size_t i = 0; i < 50; i++) {
        uint8_t packet[160];

        test_sine(in + i * 320, 320, 16000, 5500, i * 320);
        assert_int_equal(codec->encode(codec, in + i * 320, 320, 0, packet, 160), 160);
        assert_int_equal(codec->duration(codec, packet, 160), 160);
        assert_int_equal(codec->decode(codec, packet, 160, false, out + i * 320, 320), 320);
    }
    for (size_t i = 3200; i < 50 * 320; i++)
        rises += out[i - 1] < 0 && out[i] >= 0;
    assert_in_range(rises, 5500 * 8 / 10 - 20, 5500 * 8 / 10 + 20); /* in 0.8 s */
    assert_true(fabs(test_rms(out + 3200, 40 * 320) / test_rms(in, 50 * 320) - 1) < 0.1);
    pp_codec_close(codec);
}

static void g722_refuses_what_does_not_fit(void **state)
{
    static const uint8_t payload[161];
    static const int16_t samples[320];
    uint8_t packet[159];
    int16_t out[320];
    pp_codec *codec;

    (void)state;
    if (!test_codec(3))
        skip();
    codec = open_codec("G722", NULL);
    assert_int_equal(codec->encode(codec, samples, 320, 0, packet, 159), PIPIT_ERR_MEDIA);
    assert_int_equal(codec->decode(codec, payload, 161, false, out, 320), PIPIT_ERR_MEDIA);
    assert_int_equal(codec->decode(codec, payload, 0, false, out, 320), PIPIT_ERR_MEDIA);
    assert_int_equal(codec->decode(codec, payload, 160, true, out, 320), 0);
    assert_int_equal(codec->redundancy(codec, payload, 160), 0);
    pp_codec_close(codec);
}

static void a_made_up_frame_goes_on_with_the_sound_and_fades(void **state)
{
    static const char *const names[] = {"opus", "PCMU", "PCMA", "G722"};

    (void)state;
    for (size_t n = 0; n < 4 && test_codec(n); n++) {
        pp_codec *codec = open_codec(names[n], NULL);
        size_t frame = codec->type->sample_rate / 50;
        int16_t samples[PP_FRAME_SAMPLES_MAX], made_up[PP_FRAME_SAMPLES_MAX];
        uint8_t packet[PP_FRAME_BYTES_MAX];
        double before = 0;

        for (size_t i = 0; i < 20; i++) {
            int size;

            test_sine(samples, frame, codec->type->sample_rate, 220, i * frame);
            size = codec->encode(codec, samples, frame, 0, packet, sizeof(packet));
            assert_int_equal(codec->decode(codec, packet, (size_t)size, false, samples, frame),
                             frame);
            before = test_rms(samples, frame);
        }
        assert_int_equal(codec->conceal(codec, made_up, frame), frame);
        assert_true(test_rms(made_up, frame) > before / 3);
        for (unsigned i = 0; i < 50; i++)
            codec->conceal(codec, made_up, frame);
        assert_true(test_rms(made_up, frame) < before / 10);
        pp_codec_close(codec);
    }
}

static void a_codec_that_heard_nothing_makes_up_silence(void **state)
{
    static const char *const names[] = {"opus", "PCMU", "PCMA"};
    int16_t made_up[960];

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        pp_codec *codec = open_codec(names[n], NULL);
        int given = codec->conceal(codec, made_up, 960);

        assert_true(given > 0);
        assert_true(test_rms(made_up, (size_t)given) < 2);
        pp_codec_close(codec);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_in_order_of_preference),
        cmocka_unit_test(a_codec_gives_back_what_it_was_given),
        cmocka_unit_test(a_companded_sample_is_near_the_real_one),
        cmocka_unit_test(a_code_is_its_own_round_trip),
        cmocka_unit_test(the_companding_has_the_values_of_the_standard),
        cmocka_unit_test(opus_heeds_what_the_far_end_wishes),
        cmocka_unit_test(opus_sends_nothing_in_silence_when_dtx_is_wished),
        cmocka_unit_test(opus_heeds_what_we_wish_ourselves),
        cmocka_unit_test(opus_carries_the_frame_before_only_when_it_is_wanted),
        cmocka_unit_test(opus_brings_a_lost_frame_back_from_the_next),
        cmocka_unit_test(a_malformed_opus_packet_is_refused),
        cmocka_unit_test(a_packet_longer_than_the_room_is_refused),
        cmocka_unit_test(g722_carries_wide_band_sound),
        cmocka_unit_test(g722_refuses_what_does_not_fit),
        cmocka_unit_test(a_made_up_frame_goes_on_with_the_sound_and_fades),
        cmocka_unit_test(a_codec_that_heard_nothing_makes_up_silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
