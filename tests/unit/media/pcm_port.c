/* pcm_port.c - a program's samples in and out of a call. */
#include "pipit/pcm_port.h"

#include "media/source.h"
#include "pipit/error.h"
#include "support/files.h"

#include <stdlib.h>
#include <string.h>

struct seen {
    pipit_pcm_port *port;
    size_t frames, drained, marks, spoken;
    uint64_t at, last_mark;
    int16_t first;
    bool release_when_heard;
};

static void heard(pipit_pcm_port *port, const int16_t *samples, size_t count, uint64_t at,
                  void *user)
{
    struct seen *seen = user;

    assert_ptr_equal(port, seen->port);
    assert_int_equal(count, 160);
    seen->frames++;
    seen->at = at;
    seen->first = samples[0];
    if (seen->release_when_heard)
        seen->port = pipit_pcm_port_unref(port);
}

static void mark(pipit_pcm_port *port, uint64_t id, bool spoken, void *user)
{
    struct seen *seen = user;

    (void)port;
    seen->marks++;
    seen->spoken += spoken;
    seen->last_mark = id;
}

static void drained(pipit_pcm_port *port, void *user)
{
    (void)port;
    ((struct seen *)user)->drained++;
}

static const pipit_pcm_port_handlers handlers = {heard, mark, drained};

static pipit_pcm_port *open_port(struct seen *seen)
{
    const pipit_pcm_port_options options = {.sample_rate = 16000,
                                            .frame_ms = 10,
                                            .buffer_ms = 100,
                                            .handlers = &handlers,
                                            .user = seen};

    *seen = (struct seen){0};
    assert_int_equal(pipit_pcm_port_new(&options, &seen->port), 0);
    return seen->port;
}

static const int16_t *ramp(size_t count)
{
    static int16_t samples[2000];

    for (size_t i = 0; i < count; i++)
        samples[i] = (int16_t)(i + 1);
    return samples;
}

static void read_port(pipit_pcm_port *port, int16_t *samples, size_t count)
{
    pp_source_read(pipit_pcm_port_stream(port).audio_source, samples, count);
}

static void what_is_written_is_said_in_order_and_then_silence(void **state)
{
    struct seen seen;
    pipit_pcm_port *port = open_port(&seen);
    pipit_pcm_position position;
    int16_t samples[320];

    (void)state;
    assert_int_equal(pipit_pcm_port_write(port, ramp(400), 400), 0);
    read_port(port, samples, 320);
    assert_int_equal(samples[0], 1);
    assert_int_equal(samples[319], 320);
    assert_int_equal(seen.drained, 0);
    read_port(port, samples, 320);
    assert_int_equal(samples[0], 321);
    assert_int_equal(samples[79], 400);
    assert_int_equal(samples[80], 0);
    assert_int_equal(seen.drained, 1);
    read_port(port, samples, 320);
    assert_int_equal(samples[0], 0);
    assert_int_equal(seen.drained, 1);
    assert_false(pipit_source_ended(pipit_pcm_port_stream(port).audio_source));
    pipit_pcm_port_position(port, &position);
    assert_int_equal(position.written, 400);
    assert_int_equal(position.sent, 400);
    assert_int_equal(position.dropped, 0);
    pipit_pcm_port_unref(port);
}

static void more_than_the_buffer_is_refused_whole(void **state)
{
    struct seen seen;
    pipit_pcm_port *port = open_port(&seen);
    int16_t samples[320];

    (void)state;
    assert_int_equal(pipit_pcm_port_room(port), 1600);
    assert_int_equal(pipit_pcm_port_write(port, ramp(1601), 1601), PIPIT_ERR_LIMIT);
    for (unsigned turn = 0; turn < 50; turn++) {
        assert_int_equal(pipit_pcm_port_write(port, ramp(1600), pipit_pcm_port_room(port)), 0);
        assert_int_equal(pipit_pcm_port_room(port), 0);
        assert_int_equal(pipit_pcm_port_write(port, ramp(1), 1), PIPIT_ERR_LIMIT);
        read_port(port, samples, 320);
    }
    pipit_pcm_port_unref(port);
}

static void a_flush_silences_the_next_frame_without_a_crack(void **state)
{
    struct seen seen;
    pipit_pcm_port *port = open_port(&seen);
    int16_t loud[1600], samples[320];
    pipit_pcm_position position;

    (void)state;
    for (size_t i = 0; i < 1600; i++)
        loud[i] = 16000;
    assert_int_equal(pipit_pcm_port_write(port, loud, 1600), 0);
    assert_int_equal(pipit_pcm_port_mark(port, 7), 0);
    read_port(port, samples, 320);
    assert_int_equal(pipit_pcm_port_flush(port), 1280);
    assert_int_equal(seen.marks, 1);
    assert_int_equal(seen.spoken, 0);
    read_port(port, samples, 320);
    assert_int_equal(samples[0], 16000);
    for (size_t i = 1; i < 320; i++)
        assert_in_range(samples[i - 1] - samples[i], 0, 250);
    assert_int_equal(samples[80], 0);
    assert_int_equal(seen.drained, 0);
    pipit_pcm_port_position(port, &position);
    assert_int_equal(position.sent, 320);
    assert_int_equal(position.dropped, 1280);
    assert_int_equal(pipit_pcm_port_flush(port), 0);
    pipit_pcm_port_unref(port);
}

static void marks_are_told_when_the_sound_before_them_has_gone(void **state)
{
    struct seen seen;
    pipit_pcm_port *port = open_port(&seen);
    int16_t samples[320];

    (void)state;
    assert_int_equal(pipit_pcm_port_mark(port, 1), 0); /* nothing waits */
    assert_int_equal(seen.spoken, 1);
    assert_int_equal(pipit_pcm_port_write(port, ramp(320), 320), 0);
    assert_int_equal(pipit_pcm_port_mark(port, 2), 0);
    assert_int_equal(pipit_pcm_port_write(port, ramp(10), 10), 0);
    assert_int_equal(pipit_pcm_port_mark(port, 3), 0);
    read_port(port, samples, 319);
    assert_int_equal(seen.spoken, 1);
    read_port(port, samples, 1);
    assert_int_equal(seen.last_mark, 2);
    read_port(port, samples, 320);
    assert_int_equal(seen.last_mark, 3);
    assert_int_equal(seen.spoken, 3);
    assert_int_equal(pipit_pcm_port_write(port, ramp(10), 10), 0);
    for (uint64_t id = 0; id < 256; id++)
        assert_int_equal(pipit_pcm_port_mark(port, id), 0);
    assert_int_equal(pipit_pcm_port_mark(port, 256), PIPIT_ERR_LIMIT);
    pipit_pcm_port_unref(port);
}

static void the_far_end_is_heard_in_frames_of_one_length(void **state)
{
    struct seen seen;
    pipit_pcm_port *port = open_port(&seen);
    pipit_sink *sink = pipit_pcm_port_stream(port).audio_sink;

    (void)state;
    pp_sink_write(sink, ramp(159), 159);
    assert_int_equal(seen.frames, 0);
    pp_sink_write(sink, ramp(2), 2);
    assert_int_equal(seen.frames, 1);
    assert_int_equal(seen.at, 0);
    pp_sink_write(sink, ramp(500), 500);
    assert_int_equal(seen.frames, 4);
    assert_int_equal(seen.at, 480);
    assert_int_equal(seen.first, 320); /* one of before, and 159 and 160 of these */
    pipit_pcm_port_unref(port);
}

static void a_port_released_while_it_hears_is_silent_in_the_call(void **state)
{
    struct seen seen;
    pipit_pcm_port *port = open_port(&seen);
    pipit_media_stream stream = pipit_pcm_port_stream(port);
    int16_t samples[160];

    (void)state;
    pipit_source_ref(stream.audio_source);
    pipit_sink_ref(stream.audio_sink);
    assert_int_equal(pipit_pcm_port_write(port, ramp(160), 160), 0);
    assert_int_equal(pipit_pcm_port_mark(port, 5), 0);
    seen.release_when_heard = true;
    pp_sink_write(stream.audio_sink, ramp(480), 480);
    assert_int_equal(seen.frames, 1);
    assert_null(seen.port);
    pp_source_read(stream.audio_source, samples, 160);
    assert_int_equal(samples[0], 0);
    assert_int_equal(seen.marks, 0);
    pipit_source_unref(stream.audio_source);
    pipit_sink_unref(stream.audio_sink);
}

static void options_that_do_not_fit_are_named(void **state)
{
    static const struct {
        pipit_pcm_port_options options;
        const char *word;
    } cases[] = {
        {{.sample_rate = 11025}, "sample_rate 11025"},
        {{.frame_ms = 15}, "frame_ms 15"},
        {{.buffer_ms = 600001}, "buffer_ms 600001"},
    };
    pipit_pcm_port *port = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(pipit_pcm_port_new(&cases[i].options, &port), PIPIT_ERR_ARGUMENT);
        assert_non_null(strstr(pipit_error_message(), cases[i].word));
        assert_null(port);
    }
    assert_int_equal(pipit_pcm_port_new(NULL, &port), 0);
    assert_int_equal(pipit_pcm_port_room(port), 60 * 16000);
    pipit_pcm_port_unref(port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_said_in_order_and_then_silence),
        cmocka_unit_test(more_than_the_buffer_is_refused_whole),
        cmocka_unit_test(a_flush_silences_the_next_frame_without_a_crack),
        cmocka_unit_test(marks_are_told_when_the_sound_before_them_has_gone),
        cmocka_unit_test(the_far_end_is_heard_in_frames_of_one_length),
        cmocka_unit_test(a_port_released_while_it_hears_is_silent_in_the_call),
        cmocka_unit_test(options_that_do_not_fit_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
