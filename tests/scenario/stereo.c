/* stereo.c - calls of two channels: who sends them, who hears them, and what is heard where one is enough. */
#include "support/cast/cast.h"

#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RATE = 48000, LEFT_HZ = 440, RIGHT_HZ = 1000 };

struct tones { /* one on each side */
    size_t at;
};

struct ear { /* how much of each tone is in each channel */
    unsigned channels;
    size_t at;
    double power[2], real[2][2], imaginary[2][2]; /* of a channel, and a tone in it */
};

static size_t say(void *self, int16_t *samples, size_t count)
{
    struct tones *tones = self;

    for (size_t i = 0; i < count; i++, tones->at++) {
        double t = 6.283185307 * (double)tones->at / RATE;

        samples[2 * i] = (int16_t)(8000 * sin(LEFT_HZ * t));
        samples[2 * i + 1] = (int16_t)(8000 * sin(RIGHT_HZ * t));
    }
    return count;
}

static void take_in(struct ear *ear, const int16_t *samples, size_t count)
{
    static const double hz[] = {LEFT_HZ, RIGHT_HZ};

    for (size_t i = 0; i < count; i++, ear->at++)
        for (unsigned c = 0; c < ear->channels; c++) {
            double value = samples[ear->channels * i + c] / 32768.0;

            ear->power[c] += value * value;
            for (unsigned tone = 0; tone < 2; tone++) {
                double phase = 6.283185307 * hz[tone] * (double)ear->at / RATE;

                ear->real[c][tone] += value * cos(phase);
                ear->imaginary[c][tone] += value * sin(phase);
            }
        }
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    take_in(self, samples, count);
}

/* The share of a channel's power that is the tone. */
static double share(const struct ear *ear, unsigned channel, unsigned tone)
{
    double real = ear->real[channel][tone], imaginary = ear->imaginary[channel][tone];

    return 2 * (real * real + imaginary * imaginary) / (double)ear->at / ear->power[channel];
}

static const pipit_source_interface saying = {.read = say};
static const pipit_sink_interface hearing = {.write = hear};

typedef struct call {
    cast *c;
    struct tones tones;
    struct ear ear; /* bob's */
} call;

typedef struct wish {
    const char *codecs;
    bool alices, bobs;        /* two channels */
    unsigned source, sink;    /* channels of alice's, and of bob's; source 0: alice plays that */
    pipit_source *instead;    /* of alice's own */
    pipit_sink *instead_sink; /* of bob's own */
    unsigned ptime_ms;
} wish;

static void begin(call *l, const wish *w)
{
    pipit_answer_options answer = {.pc_config = {.codecs = w->codecs, .opus = {.stereo = w->bobs}}};
    pipit_call_options options;

    *l = (call){.c = cast_on_stage(&(cast_options){.seed = 12}), .ear = {.channels = w->sink}};
    l->c->bob.manual = true;
    options = *cast_call_options(&l->c->alice);
    options.pc_config = (pipit_peer_configuration){
        .codecs = w->codecs, .opus = {.stereo = w->alices}, .ptime_ms = w->ptime_ms};
    if (w->instead)
        options.media_stream.audio_source = pipit_source_ref(w->instead);
    else if (w->source == 2)
        assert_int_equal(
            pipit_source_new_stereo(&saying, &l->tones, RATE, &options.media_stream.audio_source),
            0);
    else
        assert_int_equal(pipit_source_tone(LEFT_HZ, -12, &options.media_stream.audio_source), 0);
    if (w->instead_sink)
        answer.media_stream.audio_sink = pipit_sink_ref(w->instead_sink);
    else if (w->sink == 2)
        assert_int_equal(
            pipit_sink_new_stereo(&hearing, &l->ear, RATE, &answer.media_stream.audio_sink), 0);
    else
        assert_int_equal(pipit_sink_new(&hearing, &l->ear, RATE, &answer.media_stream.audio_sink),
                         0);
    answer.media_stream.audio_source = l->c->bob.source;
    assert_int_equal(pipit_ua_call(l->c->alice.ua, "bob", &options, NULL), 0);
    sim_advance_ms(l->c->s, 1000);
    assert_int_equal(pipit_session_answer(l->c->bob.session, &answer), 0);
    pipit_source_unref(options.media_stream.audio_source);
    pipit_sink_unref(answer.media_stream.audio_sink);
    assert_true(cast_wait(l->c, &l->c->alice.media_up, 5000));
    sim_advance_ms(l->c->s, 1000);
}

/* A second of sound. */
static void hear_on(call *l)
{
    l->ear = (struct ear){.channels = l->ear.channels};
    sim_advance_ms(l->c->s, 1000);
}

static void end(call *l)
{
    assert_int_equal(pipit_session_terminate(l->c->alice.session, NULL), 0);
    sim_advance_ms(l->c->s, 1000);
    cast_free(l->c);
}

static void left_and_right_arrive_as_such(void **state)
{
    static const unsigned times[] = {0, 10, 40, 60};
    call l;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        begin(&l,
              &(wish){.alices = true, .bobs = true, .source = 2, .sink = 2, .ptime_ms = times[i]});
        assert_non_null(strstr(l.c->alice.described, "stereo=1;sprop-stereo=1"));
        hear_on(&l);
        assert_true(share(&l.ear, 0, 0) > 0.95 && share(&l.ear, 0, 1) < 0.01);
        assert_true(share(&l.ear, 1, 1) > 0.95 && share(&l.ear, 1, 0) < 0.01);
        end(&l);
    }
}

/* Two channels are sent to who asks for them, and only by who was asked to. */
static void one_channel_is_what_is_usual(void **state)
{
    static const wish wishes[] = {
        {.source = 2, .sink = 2},
        {.alices = true, .source = 2, .sink = 2},
        {.bobs = true, .source = 2, .sink = 2},
        {.codecs = "PCMU", .alices = true, .bobs = true, .source = 2, .sink = 2},
        {.codecs = "PCMU", .source = 2, .sink = 2},
    };
    call l;

    (void)state;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
        begin(&l, &wishes[i]);
        hear_on(&l);
        for (unsigned channel = 0; channel < 2; channel++)
            for (unsigned tone = 0; tone < 2; tone++)
                assert_true(share(&l.ear, channel, tone) > 0.45 &&
                            share(&l.ear, channel, tone) < 0.55);
        end(&l);
    }
}

static void ends_of_one_channel_do_in_a_call_of_two(void **state)
{
    call l;

    (void)state;
    begin(&l, &(wish){.alices = true, .bobs = true, .source = 2, .sink = 1});
    hear_on(&l);
    assert_true(share(&l.ear, 0, 0) > 0.45 && share(&l.ear, 0, 1) > 0.45);
    end(&l);
    begin(&l, &(wish){.alices = true, .bobs = true, .source = 1, .sink = 2});
    hear_on(&l);
    assert_true(share(&l.ear, 0, 0) > 0.95 && share(&l.ear, 1, 0) > 0.95);
    assert_true(fabs(l.ear.power[0] - l.ear.power[1]) < 0.01 * l.ear.power[0]);
    end(&l);
}

/* A source of another number of channels takes over in the middle. */
static void replace(call *l, pipit_source *source)
{
    pipit_peer *peer = pipit_session_connection(l->c->alice.session);

    assert_int_equal(pipit_transceiver_replace_source(pipit_peer_transceiver(peer, 0), source), 0);
    pipit_source_unref(source);
    sim_advance_ms(l->c->s, 500);
    hear_on(l);
}

static void a_source_may_change_in_a_call(void **state)
{
    pipit_source *source = NULL;
    call l;

    (void)state;
    begin(&l, &(wish){.alices = true, .bobs = true, .source = 2, .sink = 2});
    assert_int_equal(pipit_source_tone(RIGHT_HZ, -12, &source), 0);
    replace(&l, source);
    assert_true(share(&l.ear, 0, 1) > 0.95 && share(&l.ear, 1, 1) > 0.95);
    assert_int_equal(pipit_source_new_stereo(&saying, &l.tones, RATE, &source), 0);
    replace(&l, source);
    assert_true(share(&l.ear, 0, 0) > 0.95 && share(&l.ear, 1, 1) > 0.95);
    end(&l);
}

/* --- files ------------------------------------------------------------------------------------ */

static void write_tones(const char *path, int rate)
{
    SF_INFO info = {.samplerate = rate, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);

    assert_non_null(file);
    for (int i = 0; i < 6 * rate; i++) {
        const double t = 6.283185307 * i / rate;
        const short both[] = {(short)(8000 * sin(LEFT_HZ * t)), (short)(8000 * sin(RIGHT_HZ * t))};

        assert_int_equal(sf_writef_short(file, both, 1), 1);
    }
    sf_close(file);
}

/* Two seconds from the third on, as an ear would have heard it. */
static struct ear read_ear(const char *path)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    static int16_t samples[2 * 2 * RATE];
    struct ear ear = {.channels = 2};

    assert_non_null(file);
    assert_int_equal(info.channels, 2);
    assert_int_equal(info.samplerate, RATE);
    assert_int_equal(sf_seek(file, 2 * RATE, SEEK_SET), 2 * RATE);
    assert_int_equal(sf_readf_short(file, samples, RATE), RATE);
    take_in(&ear, samples, RATE);
    sf_close(file);
    return ear;
}

static void a_file_of_two_channels_is_played_and_recorded_as_such(void **state)
{
    static const int rates[] = {48000, 44100, 96000};
    char played[] = "/tmp/pipit-played-XXXXXX", recorded[] = "/tmp/pipit-recorded-XXXXXX";
    wish w = {.alices = true, .bobs = true, .sink = 2};
    call l;

    (void)state;
    close(mkstemp(played));
    close(mkstemp(recorded));
    for (size_t i = 0; i < 3; i++) {
        struct ear ear;

        write_tones(played, rates[i]);
        assert_int_equal(pipit_source_file(played, false, &w.instead), 0);
        assert_int_equal(pipit_source_channels(w.instead), 2);
        assert_int_equal(pipit_sink_file_channels(recorded, RATE, 2, &w.instead_sink), 0);
        assert_int_equal(pipit_sink_channels(w.instead_sink), 2);
        begin(&l, &w);
        sim_advance_ms(l.c->s, 4000);
        end(&l);
        pipit_source_unref(w.instead);
        pipit_sink_unref(w.instead_sink);
        ear = read_ear(recorded);
        assert_true(share(&ear, 0, 0) > 0.95 && share(&ear, 0, 1) < 0.01);
        assert_true(share(&ear, 1, 1) > 0.95 && share(&ear, 1, 0) < 0.01);
    }
    unlink(played);
    unlink(recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_and_right_arrive_as_such),
        cmocka_unit_test(one_channel_is_what_is_usual),
        cmocka_unit_test(ends_of_one_channel_do_in_a_call_of_two),
        cmocka_unit_test(a_source_may_change_in_a_call),
        cmocka_unit_test(a_file_of_two_channels_is_played_and_recorded_as_such),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
