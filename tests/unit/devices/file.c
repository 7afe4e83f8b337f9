/* file.c - sound from files and into files. */
#include "media/source.h"

#include "pipit/error.h"
#include "pipit/sound.h"
#include "support/files.h"
#include "unit/media/signal.h"

#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/pipit-file-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/sound.wav", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

/* Writes `frames` frames; channel c of frame i is i * 10 + c, so that what is read tells where it was. */
static void write_counted(unsigned rate, int channels, size_t frames, int format)
{
    SF_INFO info = {.samplerate = (int)rate, .channels = channels, .format = format};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    float frame[8];

    assert_non_null(file);
    for (size_t i = 0; i < frames; i++) {
        for (int c = 0; c < channels; c++)
            frame[c] = (float)(i * 10 + (size_t)c) / 32768;
        assert_int_equal(sf_writef_float(file, frame, 1), 1);
    }
    sf_close(file);
}

static pipit_source *open_source(bool loop)
{
    pipit_source *source = NULL;

    assert_int_equal(pipit_source_file(path, loop, &source), 0);
    return source;
}

static void a_recording_plays_back_bit_by_bit(void **state)
{
    static int16_t in[3200], out[3360];
    pipit_source *source;
    pipit_sink *sink = NULL;

    (void)state;
    test_speech(in, 3200, 16000, 0);
    in[5] = INT16_MIN;
    in[6] = INT16_MAX;
    assert_int_equal(pipit_sink_file(path, 16000, &sink), 0);
    for (size_t i = 0; i < 10; i++)
        pp_sink_write(sink, in + i * 320, 320);
    pipit_sink_unref(sink);
    source = open_source(false);
    assert_int_equal(source->sample_rate, 16000);
    for (size_t i = 0; i < 10; i++) {
        pp_source_read(source, out + i * 320, 320);
        assert_false(pipit_source_ended(source));
    }
    assert_memory_equal(in, out, sizeof(in));
    pp_source_read(source, out, 320);
    assert_true(pipit_source_ended(source));
    assert_int_equal(out[0], 0);
    pipit_source_unref(source);
}

static void a_file_of_several_channels_is_mixed_to_one(void **state)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_FLOAT,
                                  SF_FORMAT_FLAC | SF_FORMAT_PCM_16};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        pipit_source *source;
        int16_t samples[1000];

        write_counted(8000, 3, 1000, formats[n]);
        source = open_source(false);
        pp_source_read(source, samples, 1000);
        for (size_t i = 0; i < 1000; i++)
            assert_in_range(samples[i], i * 10 + 1, i * 10 + 1); /* the mean of 0, 1 and 2 */
        pipit_source_unref(source);
    }
}

static void a_looping_file_begins_again(void **state)
{
    int16_t samples[250];
    pipit_source *source;

    (void)state;
    write_counted(8000, 1, 100, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    source = open_source(true);
    pp_source_read(source, samples, 250);
    assert_int_equal(samples[99], 990);
    assert_int_equal(samples[100], 0);
    assert_int_equal(samples[249], 490);
    assert_false(pipit_source_ended(source));
    pipit_source_unref(source);
}

static void an_empty_file_ends_even_when_it_loops(void **state)
{
    int16_t samples[160];
    pipit_source *source;

    (void)state;
    write_counted(8000, 1, 0, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    source = open_source(true);
    pp_source_read(source, samples, 160);
    assert_true(pipit_source_ended(source));
    pipit_source_unref(source);
}

static void a_file_of_a_rate_no_call_takes_is_brought_to_one(void **state)
{
    static const struct {
        unsigned file, given;
    } rates[] = {{4000, 8000},   {8000, 8000},   {11025, 11025}, {44100, 44100},
                 {48000, 48000}, {96000, 48000}, {192000, 48000}};

    (void)state;
    for (size_t n = 0; n < sizeof(rates) / sizeof(*rates); n++) {
        pipit_source *source;
        int16_t samples[480];
        size_t count = 0;

        write_counted(rates[n].file, 1, rates[n].file, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
        source = open_source(false);
        assert_int_equal(source->sample_rate, rates[n].given);
        for (; !pipit_source_ended(source); count += 480)
            pp_source_read(source, samples, 480);
        assert_in_range(count, rates[n].given, rates[n].given + 480); /* a second */
        pipit_source_unref(source);
    }
}

static void a_file_that_is_not_there_or_no_sound_is_refused(void **state)
{
    pipit_source *source = NULL;
    FILE *file;

    (void)state;
    assert_int_equal(pipit_source_file("/no/such.wav", false, &source), PIPIT_ERR_NOT_FOUND);
    assert_non_null(strstr(pipit_error_message(), "cannot open '/no/such.wav': No such file"));
    assert_int_equal(pipit_source_file(folder, false, &source), PIPIT_ERR_MEDIA);
    file = fopen(path, "wb");
    assert_non_null(file);
    fputs("this is a text", file);
    fclose(file);
    assert_int_equal(pipit_source_file(path, false, &source), PIPIT_ERR_MEDIA);
    assert_non_null(strstr(pipit_error_message(), "sound.wav"));
    assert_int_equal(pipit_source_file(NULL, false, &source), PIPIT_ERR_ARGUMENT);
    assert_null(source);
}

static void a_recording_that_cannot_be_made_is_refused(void **state)
{
    pipit_sink *sink = NULL;

    (void)state;
    assert_int_equal(pipit_sink_file("/no/such/folder/x.wav", 8000, &sink), PIPIT_ERR_IO);
    assert_non_null(strstr(pipit_error_message(), "/no/such/folder/x.wav"));
    unlink(path);
    assert_int_equal(pipit_sink_file(path, 7000, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_not_equal(access(path, F_OK), 0); /* nothing was made */
    assert_int_equal(pipit_sink_file(NULL, 8000, &sink), PIPIT_ERR_ARGUMENT);
    assert_null(sink);
}

static void a_file_is_read_on_from_another_place(void **state)
{
    pipit_source *source, *tone = NULL;
    int16_t samples[160];
    uint64_t at = 99;

    (void)state;
    write_counted(8000, 1, 3200, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
    source = open_source(false);
    pp_source_read(source, samples, 160);
    assert_int_equal(pipit_source_tell(source, &at), 0);
    assert_int_equal(at, 20);
    assert_int_equal(pipit_source_seek(source, 300), 0);
    assert_int_equal(pipit_source_tell(source, &at), 0);
    assert_int_equal(at, 300);
    pp_source_read(source, samples, 160);
    assert_in_range(samples[0], 2400 * 10 - 1, 2400 * 10); /* read as floating point */
    assert_int_equal(pipit_source_seek(source, UINT64_MAX), 0);
    pp_source_read(source, samples, 160);
    assert_true(pipit_source_ended(source));
    assert_int_equal(pipit_source_seek(source, 0), 0);
    assert_false(pipit_source_ended(source));
    pp_source_read(source, samples, 160);
    assert_int_equal(samples[1], 10);
    pipit_source_unref(source);
    assert_int_equal(pipit_source_tone(440, -18, &tone), 0);
    assert_int_equal(pipit_source_seek(tone, 0), PIPIT_ERR_NOT_SUPPORTED);
    assert_int_equal(pipit_source_tell(tone, &at), PIPIT_ERR_NOT_SUPPORTED);
    pipit_source_unref(tone);
}

/* `count` samples of that value. */
static void say(pipit_sink *sink, int16_t value, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pp_sink_write(sink, &value, 1);
}

static size_t read_frames(int16_t *frames, size_t room)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    sf_count_t count;

    assert_non_null(file);
    assert_int_equal(info.channels, 2);
    assert_int_equal(info.samplerate, 8000);
    count = sf_readf_short(file, frames, (sf_count_t)room);
    sf_close(file);
    return (size_t)count;
}

static void both_sides_of_a_call_are_recorded_in_step(void **state)
{
    static int16_t frames[2 * 8000];
    pipit_sink *left = NULL, *right = NULL;

    (void)state;
    assert_int_equal(pipit_sink_stereo_file(path, 8000, &left, &right), 0);
    for (int16_t i = 0; i < 10; i++) {
        say(left, (int16_t)(100 + i), 160);
        say(right, (int16_t)(200 + i), 160);
    }
    say(left, 300, 1600 + 800); /* the other one is missing for longer than 200 ms */
    right = pipit_sink_unref(right);
    say(left, 400, 160);
    left = pipit_sink_unref(left);
    assert_int_equal(read_frames(frames, 8000), 1600 + 2400 + 160);
    for (size_t i = 0; i < 1600; i++) {
        assert_int_equal(frames[2 * i], 100 + i / 160);
        assert_int_equal(frames[2 * i + 1], 200 + i / 160);
    }
    for (size_t i = 1600; i < 4160; i++) {
        assert_int_equal(frames[2 * i], i < 4000 ? 300 : 400);
        assert_int_equal(frames[2 * i + 1], 0);
    }
}

static void one_that_comes_back_is_heard_where_it_came_back(void **state)
{
    static int16_t frames[2 * 8000];
    pipit_sink *left = NULL, *right = NULL;

    (void)state;
    assert_int_equal(pipit_sink_stereo_file(path, 8000, &left, &right), 0);
    say(left, 1, 4000);
    say(right, 2, 1600);
    pipit_sink_unref(left);
    pipit_sink_unref(right);
    assert_int_equal(read_frames(frames, 8000), 4000);
    assert_int_equal(frames[2 * 2399 + 1], 0); /* 200 ms before, at the most */
    assert_int_equal(frames[2 * 2400 + 1], 2);
    assert_int_equal(frames[2 * 3999], 1);
    assert_int_equal(frames[2 * 3999 + 1], 2);
}

static void a_recording_of_two_that_cannot_be_made_is_refused(void **state)
{
    pipit_sink *left = NULL, *right = NULL;

    (void)state;
    unlink(path);
    assert_int_equal(pipit_sink_stereo_file("/no/such/folder/x.wav", 8000, &left, &right),
                     PIPIT_ERR_IO);
    assert_int_equal(pipit_sink_stereo_file(path, 7000, &left, &right), PIPIT_ERR_ARGUMENT);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_null(left);
    assert_null(right);
}

static void the_voices_of_the_examples_are_speech(void **state)
{
    static const char *const names[] = {"alice", "bob"};
    const char *tree = getenv("PIPIT_SOURCE_DIR");

    (void)state;
    if (!tree)
        skip();
    for (size_t n = 0; n < 2; n++) {
        char voice[4096];
        pipit_source *source = NULL;
        int16_t samples[320];
        size_t steps = 0, loud = 0;

        snprintf(voice, sizeof(voice), "%s/examples/speech/%s.wav", tree, names[n]);
        assert_int_equal(pipit_source_file(voice, false, &source), 0);
        assert_int_equal(source->sample_rate, 16000);
        for (; !pipit_source_ended(source); steps++) {
            pp_source_read(source, samples, 320);
            loud += test_rms(samples, 320) > 500;
        }
        assert_in_range(steps, 250, 350); /* 5 to 7 s */
        assert_true(loud * 2 > steps);
        pipit_source_unref(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_plays_back_bit_by_bit),
        cmocka_unit_test(a_file_of_several_channels_is_mixed_to_one),
        cmocka_unit_test(a_looping_file_begins_again),
        cmocka_unit_test(an_empty_file_ends_even_when_it_loops),
        cmocka_unit_test(a_file_of_a_rate_no_call_takes_is_brought_to_one),
        cmocka_unit_test(a_file_that_is_not_there_or_no_sound_is_refused),
        cmocka_unit_test(a_recording_that_cannot_be_made_is_refused),
        cmocka_unit_test(a_file_is_read_on_from_another_place),
        cmocka_unit_test(both_sides_of_a_call_are_recorded_in_step),
        cmocka_unit_test(one_that_comes_back_is_heard_where_it_came_back),
        cmocka_unit_test(a_recording_of_two_that_cannot_be_made_is_refused),
        cmocka_unit_test(the_voices_of_the_examples_are_speech),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
