/* speech_similarity.c - the ear that judges recordings, tried on sounds whose likeness is known. */
#include "speech_similarity.h"

#include "media/resample.h"
#include "media/source.h"
#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/codecs.h"
#include "unit/media/signal.h"

#include <stdio.h>
#include <stdlib.h>

enum { SECONDS_MAX = 10, ROOM = SECONDS_MAX * SPEECH_RATE };

struct sound {
    int16_t samples[ROOM];
    size_t count;
};

static struct sound alice, bob, recorded;

static void load(const char *name, struct sound *out)
{
    char path[4096];
    pipit_source *source = NULL;
    pp_resampler *resampler = NULL;
    const char *tree = getenv("PIPIT_SOURCE_DIR");

    snprintf(path, sizeof(path), "%s/examples/speech/%s.wav", tree ? tree : ".", name);
    assert_int_equal(pipit_source_file(path, false, &source), 0);
    assert_int_equal(pp_resampler_new(16000, SPEECH_RATE, 1, &resampler), 0);
    out->count = 0;
    while (!pipit_source_ended(source)) {
        int16_t samples[320];

        pp_source_read(source, samples, 320);
        out->count += pp_resampler_run(resampler, samples, 320, out->samples + out->count, 162);
    }
    pp_resampler_free(resampler);
    pipit_source_unref(source);
}

static int load_voices(void **state)
{
    (void)state;
    load("alice", &alice);
    load("bob", &bob);
    return 0;
}

static speech_comparison compare(const char *what, const struct sound *played,
                                 const struct sound *other)
{
    speech_comparison found;

    assert_int_equal(
        compare_speech(played->samples, played->count, other->samples, other->count, &found), 0);
    print_message("%-36s similarity %.3f, delay %5.0f ms, level %+.1f dB\n", what, found.similarity,
                  found.delay_ms, found.level_db);
    return found;
}

/* `sound`, late, and louder or softer. */
static void record(const struct sound *sound, size_t late, double gain)
{
    recorded.count = sound->count + late < ROOM ? sound->count + late : ROOM;
    memset(recorded.samples, 0, sizeof(recorded.samples));
    for (size_t i = late; i < recorded.count; i++)
        recorded.samples[i] = (int16_t)(gain * sound->samples[i - late]);
}

/* Through a codec at its own rate and back, with every `lose`th frame made up; 0: none. */
static void record_through(const struct sound *sound, size_t codec_index, size_t lose)
{
    static int16_t wide[48000 / 50 * 2], narrow[SPEECH_RATE / 50 * 2];
    const pp_codec_type *type = test_codec(codec_index);
    size_t frame = type->sample_rate / 50;
    pp_resampler *up = NULL, *down = NULL;
    pp_codec *codec = NULL;

    assert_int_equal(pp_codec_open(type, PP_STR_NONE, &codec), 0);
    assert_int_equal(pp_resampler_new(SPEECH_RATE, type->sample_rate, 1, &up), 0);
    assert_int_equal(pp_resampler_new(type->sample_rate, SPEECH_RATE, 1, &down), 0);
    recorded.count = 0;
    for (size_t i = 0; (i + 1) * 160 <= sound->count; i++) {
        uint8_t packet[PP_FRAME_BYTES_MAX];
        int size;

        assert_int_equal(pp_resampler_run(up, sound->samples + i * 160, 160, wide, frame + 2),
                         frame);
        size = codec->encode(codec, wide, frame, 0, packet, sizeof(packet));
        assert_true(size > 0);
        if (lose && i % lose == lose - 1)
            codec->conceal(codec, wide, frame);
        else
            codec->decode(codec, packet, (size_t)size, false, wide, frame);
        assert_int_equal(pp_resampler_run(down, wide, frame, narrow, 162), 160);
        memcpy(recorded.samples + recorded.count, narrow, 160 * sizeof(*narrow));
        recorded.count += 160;
    }
    pp_codec_close(codec);
    pp_resampler_free(up);
    pp_resampler_free(down);
}

static void the_same_speech_is_the_same(void **state)
{
    speech_comparison found = compare("the same", &alice, &alice);

    (void)state;
    assert_true(found.similarity > 0.999);
    assert_true(found.delay_ms == 0);
    assert_true(fabs(found.level_db) < 0.01);
}

static void a_delay_and_a_level_are_measured(void **state)
{
    static const int delays_ms[] = {40, 750, 2900};
    speech_comparison found;

    (void)state;
    for (size_t i = 0; i < sizeof(delays_ms) / sizeof(*delays_ms); i++) {
        record(&alice, (size_t)delays_ms[i] * SPEECH_RATE / 1000, 0.5);
        found = compare("late and half as loud", &alice, &recorded);
        assert_true(found.similarity > 0.98);
        assert_true(fabs(found.delay_ms - delays_ms[i]) <= 10);
        assert_true(fabs(found.level_db + 6) < 0.2);
    }
    record(&alice, 4000, 1);
    found = compare("early", &recorded, &alice);
    assert_true(fabs(found.delay_ms + 500) <= 10);
}

static void a_codec_leaves_it_alike(void **state)
{
    static const char *const names[] = {"through Opus", "through PCMU", "through PCMA"};
    speech_comparison found;

    (void)state;
    for (size_t codec = 0; codec < 3; codec++) {
        record_through(&alice, codec, 0);
        found = compare(names[codec], &alice, &recorded);
        assert_true(found.similarity >= 0.95);
        assert_true(fabs(found.level_db) < 1);
        record_through(&bob, codec, 0);
        assert_true(compare(names[codec], &bob, &recorded).similarity >= 0.95);
    }
}

static void a_little_loss_leaves_it_alike(void **state)
{
    (void)state;
    record_through(&alice, 0, 20);
    assert_true(compare("through Opus, 5 % made up", &alice, &recorded).similarity > 0.85);
    record_through(&alice, 1, 20);
    assert_true(compare("through PCMU, 5 % made up", &alice, &recorded).similarity > 0.8);
}

static void a_jitter_buffer_s_shifts_leave_it_alike(void **state)
{
    size_t at = 0;

    (void)state;
    for (size_t frame = 0; (frame + 1) * 160 <= bob.count; frame++) {
        unsigned copies = frame % 60 == 20   ? 2
                          : frame % 60 == 50 ? 0
                                             : 1; /* one put in, one dropped, in each 1.2 s */

        for (; copies; copies--, at += 160)
            memcpy(recorded.samples + at, bob.samples + frame * 160, 320);
    }
    recorded.count = at;
    assert_true(compare("frames dropped and put in", &bob, &recorded).similarity > 0.85);
}

static void other_speech_is_not_alike(void **state)
{
    (void)state;
    assert_true(compare("another voice and sentence", &alice, &bob).similarity < 0.6);
    assert_true(compare("another voice and sentence", &bob, &alice).similarity < 0.6);
    recorded.count = alice.count;
    for (size_t i = 0; i < alice.count; i++)
        recorded.samples[i] = alice.samples[alice.count - 1 - i];
    assert_true(compare("the same backwards", &alice, &recorded).similarity < 0.6);
}

static void a_sound_that_is_no_speech_is_not_alike(void **state)
{
    test_rng rng = {4};

    (void)state;
    recorded.count = ROOM;
    memset(recorded.samples, 0, sizeof(recorded.samples));
    assert_true(compare("silence", &alice, &recorded).similarity < 0.1);
    assert_true(compare("silence", &alice, &recorded).level_db <= -99);
    test_sine(recorded.samples, ROOM, SPEECH_RATE, 440, 0);
    assert_true(compare("a tone", &alice, &recorded).similarity < 0.5);
    for (size_t i = 0; i < ROOM; i++)
        recorded.samples[i] = (int16_t)(test_rng_next(&rng) % 8000) - 4000;
    assert_true(compare("noise", &alice, &recorded).similarity < 0.5);
    test_speech(recorded.samples, ROOM, SPEECH_RATE, 0);
    assert_true(compare("babble", &alice, &recorded).similarity < 0.6);
    recorded.count = 0;
    assert_true(compare("nothing", &alice, &recorded).similarity < 0.1);
}

static void half_of_it_is_half_alike(void **state)
{
    speech_comparison found;

    (void)state;
    record(&alice, 0, 1);
    memset(recorded.samples + alice.count / 2, 0, alice.count / 2 * sizeof(int16_t));
    found = compare("the second half missing", &alice, &recorded);
    assert_true(found.similarity > 0.3 && found.similarity < 0.75);
}

static void a_played_silence_cannot_be_judged(void **state)
{
    static const int16_t silence[SPEECH_RATE];
    speech_comparison found;

    (void)state;
    assert_int_equal(compare_speech(silence, SPEECH_RATE, alice.samples, alice.count, &found),
                     PIPIT_ERR_MEDIA);
    assert_int_equal(compare_speech(alice.samples, 1000, alice.samples, alice.count, &found),
                     PIPIT_ERR_MEDIA);
    assert_int_equal(compare_speech(NULL, 0, alice.samples, alice.count, &found), PIPIT_ERR_MEDIA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_speech_is_the_same),
        cmocka_unit_test(a_delay_and_a_level_are_measured),
        cmocka_unit_test(a_codec_leaves_it_alike),
        cmocka_unit_test(a_little_loss_leaves_it_alike),
        cmocka_unit_test(a_jitter_buffer_s_shifts_leave_it_alike),
        cmocka_unit_test(other_speech_is_not_alike),
        cmocka_unit_test(a_sound_that_is_no_speech_is_not_alike),
        cmocka_unit_test(half_of_it_is_half_alike),
        cmocka_unit_test(a_played_silence_cannot_be_judged),
    };

    return cmocka_run_group_tests(tests, load_voices, NULL);
}
