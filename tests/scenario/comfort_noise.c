/* comfort_noise.c - calls by PCMU in which nobody speaks: hardly anything is sent, and the far end hears a noise like ours. */
#include "support/cast/cast.h"
#include "unit/media/signal.h"

#include <stdio.h>
#include <string.h>

typedef struct room { /* noise of -55 dBFS, and a voice when there is one */
    test_rng rng;
    size_t at;
    bool speaks;
} room;

typedef struct listener {
    double power; /* of what is heard: its mean square, summed up over so many samples */
    size_t count, silent;
} listener;

static size_t murmur(void *self, int16_t *samples, size_t count)
{
    room *r = self;

    for (size_t i = 0; i < count; i++) {
        double noise = (test_rng_fraction(&r->rng) * 2 - 1) * 1.732 * 32768 * 0.00178;

        samples[i] = (int16_t)lrint(noise);
        if (r->speaks)
            samples[i] = (int16_t)(samples[i] + test_speech_at((double)r->at++ / 8000));
    }
    return count;
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    listener *l = self;

    for (size_t i = 0; i < count; i++) {
        l->power += (double)samples[i] * samples[i];
        l->silent += samples[i] == 0;
    }
    l->count += count;
}

static const pipit_source_interface murmuring = {.read = murmur};
static const pipit_sink_interface hearing = {.write = hear};

/* Alice is in the room; bob listens. */
static cast *call(bool wished, const char *codecs, room *r, listener *l)
{
    cast *c = cast_on_stage(&(cast_options){.seed = 3, .codecs = codecs});
    pipit_call_options options = *cast_call_options(&c->alice);
    pipit_answer_options answer = {.pc_config = {.codecs = codecs},
                                   .media_stream = {.audio_source = c->bob.source}};

    c->bob.manual = true;
    options.pc_config.comfort_noise = wished;
    assert_int_equal(pipit_source_new(&murmuring, r, 8000, &options.media_stream.audio_source), 0);
    assert_int_equal(pipit_sink_new(&hearing, l, 8000, &answer.media_stream.audio_sink), 0);
    assert_int_equal(pipit_ua_call(c->alice.ua, "bob", &options, NULL), 0);
    sim_advance_ms(c->s, 1000);
    assert_int_equal(pipit_session_answer(c->bob.session, &answer), 0);
    pipit_source_unref(options.media_stream.audio_source);
    pipit_sink_unref(answer.media_stream.audio_sink);
    assert_true(cast_wait(c, &c->alice.media_up, 5000));
    sim_advance_ms(c->s, 2000);
    return c;
}

static void end(cast *c)
{
    assert_int_equal(pipit_session_terminate(c->alice.session, NULL), 0);
    sim_advance_ms(c->s, 1000);
    cast_free(c);
}

/* Packets of alice in the ten seconds to come, and how loud bob heard them, in dBFS. */
static unsigned listen_on(cast *c, listener *l, double *level)
{
    pipit_stats before, after;

    l->power = 0;
    l->count = l->silent = 0;
    assert_int_equal(pipit_session_get_stats(c->alice.session, &before), 0);
    sim_advance_ms(c->s, 10000);
    assert_int_equal(pipit_session_get_stats(c->alice.session, &after), 0);
    *level = 10 * log10(l->power / (double)l->count / 32768 / 32768);
    return (unsigned)(after.packets_sent - before.packets_sent);
}

static void check_nothing_is_lost(cast *c)
{
    pipit_stats stats;

    assert_int_equal(pipit_session_get_stats(c->bob.session, &stats), 0);
    assert_int_equal(stats.packets_lost, 0);
    assert_int_equal(stats.packets_discarded, 0);
    assert_int_equal(stats.concealed_samples, 0);
    assert_true(stats.jitter_ms < 1 && stats.jitter_buffer_delay_ms < 100);
    assert_true(stats.mos > 4);
}

static void a_silence_is_described_and_heard(void **state)
{
    static const char *const codecs[] = {"PCMU", "PCMA"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        room r = {.rng = {7}};
        listener l = {0};
        double level;
        cast *c;
        unsigned sent;

        c = call(true, codecs[i], &r, &l);
        assert_non_null(strstr(c->alice.described, "a=rtpmap:13 CN/8000\r\n"));
        sent = listen_on(c, &l, &level);
        assert_in_range(sent, 49, 51); /* five a second, not fifty */
        assert_true(fabs(level + 55) < 2);
        assert_true(l.silent < l.count / 10);
        check_nothing_is_lost(c);
        r.speaks = true;
        sent = listen_on(c, &l, &level);
        assert_in_range(sent, 490, 501);
        assert_true(level > -25);
        check_nothing_is_lost(c);
        r.speaks = false;
        sim_advance_ms(c->s, 500);
        sent = listen_on(c, &l, &level);
        assert_in_range(sent, 49, 51);
        assert_true(fabs(level + 55) < 2);
        check_nothing_is_lost(c);
        end(c);
    }
}

static void a_silence_is_sent_as_it_is_without_the_wish(void **state)
{
    static const char *const codecs[] = {"PCMU", "opus"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        room r = {.rng = {7}};
        listener l = {0};
        double level;
        cast *c;

        c = call(i == 1, codecs[i], &r, &l); /* Opus has nothing to do with it */
        assert_true(!strstr(c->alice.described, "CN/8000") == (i == 1));
        assert_in_range(listen_on(c, &l, &level), 499, 501);
        end(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silence_is_described_and_heard),
        cmocka_unit_test(a_silence_is_sent_as_it_is_without_the_wish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
