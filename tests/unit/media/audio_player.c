/* audio_player.c - a receiver whose steps a media thread prepares: it is heard as without, though a little later. */
#include "media/audio_player.h"

#include "base/limits.h"
#include "pipit/error.h"
#include "support/files.h"
#include "support/sim.h"
#include "unit/media/signal.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 100, STEP_MS = 20, RATE = 48000, FRAME = RATE / 50, PACKET_MAX = 200 };

typedef struct ear {
    sim *s;
    pp_audio_player *player;
    pipit_sink *sink;
    int16_t heard[(STEPS + 20) * FRAME];
    size_t count;
    unsigned passed; /* packets as they were */
} ear;

static struct {
    uint8_t data[STEPS][PACKET_MAX];
    size_t sizes[STEPS];
} speech;

static const pp_codec_type *opus(void)
{
    return pp_codec_find(PP_LIT("opus"), RATE, 2);
}

static int make_speech(void **state)
{
    int16_t samples[FRAME];
    pp_codec *codec = NULL;

    (void)state;
    assert_int_equal(pp_codec_open(opus(), PP_STR_NONE, &codec), 0);
    for (unsigned i = 0; i < STEPS; i++) {
        int size;

        test_speech(samples, FRAME, RATE, (size_t)i * FRAME);
        size = codec->encode(codec, samples, FRAME, 0, speech.data[i], PACKET_MAX);
        assert_true(size > 0);
        speech.sizes[i] = (size_t)size;
    }
    pp_codec_close(codec);
    return 0;
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    ear *e = self;

    assert_true(e->count + count <= sizeof(e->heard) / sizeof(e->heard[0]));
    memcpy(e->heard + e->count, samples, count * sizeof(*samples));
    e->count += count;
}

static void pass(void *self, const pipit_audio_encoded *frame)
{
    ear *e = self;

    assert_string_equal(frame->codec, "opus");
    e->passed++;
}

static const pipit_sink_interface hearing = {.write = hear};
static const pipit_encoded_sink_interface passing = {.write = pass};

static void ready(void *arg)
{
    ear *e = arg;

    while (pp_audio_player_go_on(e->player, sim_now_us(e->s)))
        ;
}

static ear *begin(unsigned work_us)
{
    struct pp_receive_codec codec = {111, opus()};
    ear *e = calloc(1, sizeof(*e));

    assert_non_null(e);
    assert_int_equal(sim_new(1, &e->s), 0);
    sim_set_work_delay(e->s, work_us);
    assert_int_equal(pipit_sink_new(&hearing, e, RATE, &e->sink), 0);
    assert_int_equal(pp_audio_player_new(
                         &(pp_audio_player_options){
                             .receiver = {.codecs = &codec, .codec_count = 1, .sink = e->sink},
                             .ready = ready,
                             .arg = e,
                             .loop = sim_loop(e->s)},
                         &e->player),
                     0);
    return e;
}

static void end(ear *e)
{
    pp_audio_player_free(e->player);
    pipit_sink_unref(e->sink);
    sim_free(e->s);
    free(e);
}

static void come(ear *e, unsigned number)
{
    const pp_rtp packet = {.payload_type = 111,
                           .sequence = (uint16_t)number,
                           .timestamp = number * FRAME,
                           .payload = speech.data[number],
                           .size = speech.sizes[number]};

    assert_int_equal(pp_audio_player_add(e->player, &packet, sim_now_us(e->s)), 0);
}

/* A packet that comes a millisecond behind a step, which is under way then; every tenth one is lost. */
static void step(ear *e, unsigned number)
{
    pp_audio_player_step(e->player, sim_now_us(e->s));
    sim_advance_ms(e->s, 1);
    if (number % 10 != 9)
        come(e, number);
    sim_advance_ms(e->s, STEP_MS - 1);
}

static void sound_is_the_same_later(void **state)
{
    static const unsigned times_us[] = {500, 3000, 19000};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        ear *at_once = begin(0), *later = begin(times_us[i]);
        pp_audio_receiver_stats a, b;

        for (unsigned k = 0; k < STEPS; k++) {
            step(at_once, k);
            step(later, k);
        }
        sim_advance_ms(later->s, 100);
        assert_int_equal(at_once->count, STEPS * FRAME);
        assert_int_equal(later->count, STEPS * FRAME);
        assert_memory_equal(at_once->heard, later->heard, sizeof(later->heard));
        assert_true(test_rms(later->heard, later->count) > 500);
        pp_audio_player_get_stats(at_once->player, &a);
        pp_audio_player_get_stats(later->player, &b);
        assert_true(a.account.concealed > 0);
        assert_int_equal(a.account.concealed, b.account.concealed);
        assert_int_equal(a.account.emitted, b.account.emitted);
        assert_int_equal(a.account.played, b.account.played);
        assert_int_equal(a.packets_late, b.packets_late);
        assert_true(a.delay_ms == b.delay_ms && pp_level_get(&a.level) == pp_level_get(&b.level));
        end(at_once);
        end(later);
    }
}

static void a_thread_that_is_late_once_is_made_up_for(void **state)
{
    ear *e = begin(2000);

    (void)state;
    for (unsigned k = 0; k < STEPS; k++) {
        sim_set_work_delay(e->s, k == 30 ? 90000 : 2000);
        step(e, k);
        if (k == 33)
            assert_int_equal(e->count, 30 * FRAME);
    }
    assert_int_equal(e->count, STEPS * FRAME);
    end(e);
}

static void a_thread_that_is_stuck_leaves_steps_out(void **state)
{
    ear *e = begin(2000);

    (void)state;
    for (unsigned k = 0; k < STEPS; k++) {
        sim_set_work_delay(e->s, k == 30 ? 800000 : 2000);
        step(e, k);
    }
    assert_in_range(e->count, (STEPS - 31) * FRAME, (STEPS - 28) * FRAME);
    end(e);
}

static void no_more_is_kept_than_a_buffer_would(void **state)
{
    ear *e = begin(5000000);
    const pp_rtp packet = {.payload_type = 111, .payload = speech.data[0], .size = speech.sizes[0]};
    unsigned taken = 0;

    (void)state;
    come(e, 0);
    pp_audio_player_step(e->player, sim_now_us(e->s));
    while (pp_audio_player_add(e->player, &packet, sim_now_us(e->s)) == 0 && taken < 1000)
        taken++;
    assert_int_equal(taken, PP_LIMIT_JITTER_PACKETS);
    end(e);
}

static void another_sink_is_set_meanwhile(void **state)
{
    ear *e = begin(5000);
    pipit_sink *encoded = NULL;

    (void)state;
    assert_int_equal(pipit_sink_encoded(&passing, e, &encoded), 0);
    for (unsigned k = 0; k < 10; k++)
        step(e, k);
    pp_audio_player_step(e->player, sim_now_us(e->s));
    assert_int_equal(pp_audio_player_set_sink(e->player, encoded), 0);
    come(e, 10);
    assert_int_equal(e->passed, 0);
    sim_advance_ms(e->s, STEP_MS);
    assert_int_equal(e->count, 10 * FRAME);
    assert_int_equal(e->passed, 1);
    assert_true(pp_audio_player_rests(e->player));
    come(e, 11);
    assert_int_equal(e->passed, 2);
    assert_int_equal(pp_audio_player_set_sink(e->player, e->sink), 0);
    for (unsigned k = 12; k < 20; k++)
        step(e, k);
    assert_int_equal(e->count, 18 * FRAME);
    pp_audio_player_step(e->player, sim_now_us(e->s));
    assert_int_equal(pp_audio_player_set_sink(e->player, encoded), 0);
    assert_int_equal(pp_audio_player_set_sink(e->player, NULL),
                     0); /* the one that waits is not set */
    sim_advance_ms(e->s, STEP_MS);
    assert_false(pp_audio_player_rests(e->player));
    assert_int_equal(e->count, 18 * FRAME);
    pipit_sink_unref(encoded);
    end(e);
}

static void a_player_may_go_meanwhile(void **state)
{
    ear *e = begin(30000);

    (void)state;
    come(e, 0);
    pp_audio_player_step(e->player, sim_now_us(e->s));
    come(e, 1);
    assert_int_equal(pp_audio_player_set_sink(e->player, NULL), 0);
    e->player = pp_audio_player_free(e->player);
    sim_advance_ms(e->s, 100);
    assert_int_equal(e->count, 0);
    end(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_is_the_same_later),
        cmocka_unit_test(a_thread_that_is_late_once_is_made_up_for),
        cmocka_unit_test(a_thread_that_is_stuck_leaves_steps_out),
        cmocka_unit_test(no_more_is_kept_than_a_buffer_would),
        cmocka_unit_test(another_sink_is_set_meanwhile),
        cmocka_unit_test(a_player_may_go_meanwhile),
    };

    return cmocka_run_group_tests(tests, make_speech, NULL);
}
