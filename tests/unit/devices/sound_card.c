/* sound_card.c - a microphone and a speaker that are files: SDL's "disk" driver, at the speed of real ones. */
#include "pipit/devices.h"

#include "devices/ring.h"
#include "media/source.h"
#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/signal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RATE = 48000, FRAME = RATE / 50, FRAMES = 40 };

static char folder[64], spoken[128], played[128];

static int set_up(void **state)
{
    static int16_t samples[RATE];
    FILE *file;

    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/pipit-card-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(spoken, sizeof(spoken), "%s/spoken.raw", folder);
    snprintf(played, sizeof(played), "%s/played.raw", folder);
    test_sine(samples, RATE, RATE, 1000, 0);
    file = fopen(spoken, "wb");
    for (unsigned seconds = 0; file && seconds < 3; seconds++)
        fwrite(samples, sizeof(*samples), RATE, file);
    return file ? fclose(file) : -1;
}

static int clean_up(void **state)
{
    (void)state;
    unlink(spoken);
    unlink(played);
    return rmdir(folder);
}

static void use_files(void)
{
    setenv("SDL_AUDIODRIVER", "disk", 1);
    setenv("SDL_DISKAUDIOFILE", played, 1);
    setenv("SDL_DISKAUDIOFILEIN", spoken, 1);
}

static void wait_a_frame(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}

static double loudness_of_file(const char *path)
{
    static int16_t samples[4 * RATE];
    FILE *file = fopen(path, "rb");
    size_t count;

    assert_non_null(file);
    count = fread(samples, sizeof(*samples), 4 * RATE, file);
    fclose(file);
    assert_true(count >= RATE / 4);
    return test_rms(samples, count);
}

/* What the microphone heard and the speaker played in nearly a second. */
static double use(pipit_media_stream *stream, unsigned rate)
{
    static int16_t heard[FRAMES * FRAME];
    int16_t said[FRAME];
    size_t frame = rate / 50;

    for (size_t i = 0; i < FRAMES; i++) {
        test_sine(said, frame, rate, 300, i * frame);
        pp_sink_write(stream->audio_sink, said, frame);
        pp_source_read(stream->audio_source, heard + i * frame, frame);
        wait_a_frame();
    }
    return test_rms(heard + FRAMES / 2 * frame, FRAMES / 2 * frame);
}

static void close_stream(pipit_media_stream *stream)
{
    pipit_source_unref(stream->audio_source);
    pipit_sink_unref(stream->audio_sink);
}

static bool open_stream(const pipit_media_options *options, pipit_media_stream *out)
{
    const pipit_media_constraints audio = {.audio = true};
    int err;

    use_files();
    err = pipit_media_open(&audio, options, out);
    if (err == PIPIT_ERR_NOT_SUPPORTED)
        return false;
    assert_int_equal(err, 0);
    return true;
}

static void what_is_spoken_is_heard_and_what_is_said_is_played(void **state)
{
    const pipit_media_options plain = {
        .no_echo_cancellation = true, .no_noise_suppression = true, .no_gain_control = true};
    pipit_media_stream stream = {0};

    (void)state;
    if (!open_stream(&plain, &stream))
        skip();
    assert_int_equal(stream.audio_source->sample_rate, RATE);
    assert_true(use(&stream, RATE) >
                3000); /* of a sine of 8000: gaps cost, silence would be none */
    close_stream(&stream);
    assert_true(loudness_of_file(played) > 2000);
}

static void a_cleaned_stream_has_a_rate_for_speech(void **state)
{
    pipit_media_stream stream = {0};

    (void)state;
    if (!open_stream(NULL, &stream))
        skip();
    assert_int_equal(stream.audio_source->sample_rate, 16000);
    (void)use(&stream, 16000); /* a tone is noise, and goes */
    close_stream(&stream);
    assert_true(loudness_of_file(played) > 2000);
}

static void what_cannot_be_opened_is_told(void **state)
{
    const pipit_media_constraints nothing = {0}, video = {.video = true}, audio = {.audio = true};
    const pipit_media_options other = {.microphone = "the one in the cellar"};
    pipit_media_stream stream = {0};

    (void)state;
    use_files();
    if (pipit_media_open(&audio, &other, &stream) == PIPIT_ERR_NOT_SUPPORTED)
        skip();
    assert_non_null(strstr(pipit_error_message(), "the one in the cellar"));
    assert_int_equal(pipit_media_open(&audio, &other, &stream), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_media_open(&nothing, NULL, &stream), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_media_open(&video, NULL, &stream), PIPIT_ERR_NOT_FOUND);
    setenv("SDL_AUDIODRIVER", "no such driver", 1);
    assert_int_equal(pipit_media_open(&audio, NULL, &stream), PIPIT_ERR_IO);
    assert_null(stream.audio_source);
}

static void count_device(const char *name, void *user)
{
    assert_non_null(name);
    ++*(size_t *)user;
}

static void devices_are_listed(void **state)
{
    size_t count = 0;

    (void)state;
    use_files();
    if (pipit_devices(PIPIT_AUDIO_INPUT, count_device, &count) == PIPIT_ERR_NOT_SUPPORTED)
        skip();
    assert_true(count >= 1);
    assert_int_equal(pipit_devices(PIPIT_AUDIO_OUTPUT, NULL, NULL), PIPIT_ERR_ARGUMENT);
}

/* --- the ring between the threads ------------------------------------------------------------- */

enum { THROUGH = 2000000 };

static void *write_through(void *arg)
{
    pp_ring *ring = arg;
    int16_t samples[100];

    for (unsigned at = 0; at < THROUGH;) {
        for (unsigned i = 0; i < 100; i++)
            samples[i] = (int16_t)(at + i);
        if (pp_ring_write(ring, samples, 100))
            at += 100;
        else
            sched_yield();
    }
    return NULL;
}

static void a_ring_gives_what_another_thread_put_in(void **state)
{
    static pp_ring ring;
    int16_t samples[77];
    pthread_t writer;

    (void)state;
    assert_int_equal(pthread_create(&writer, NULL, write_through, &ring), 0);
    for (unsigned at = 0; at < THROUGH;) {
        size_t count = pp_ring_read(&ring, samples, 77);

        for (size_t i = 0; i < count; i++)
            if (samples[i] != (int16_t)(at + i))
                fail_msg("%d in the place of %d", samples[i], (int16_t)(at + i));
        at += (unsigned)count;
        if (!count)
            sched_yield();
    }
    pthread_join(writer, NULL);
    assert_int_equal(pp_ring_waiting(&ring), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_spoken_is_heard_and_what_is_said_is_played),
        cmocka_unit_test(a_cleaned_stream_has_a_rate_for_speech),
        cmocka_unit_test(what_cannot_be_opened_is_told),
        cmocka_unit_test(devices_are_listed),
        cmocka_unit_test(a_ring_gives_what_another_thread_put_in),
    };

    return cmocka_run_group_tests(tests, set_up, clean_up);
}
