/* sound_later.c - a sender whose packets a media thread encodes: they are the same as without, though they come later. */
#include "media/audio_sender.h"

#include "support/files.h"
#include "support/sim.h"
#include "unit/media/signal.h"

enum { STEPS = 60, STEP_MS = 20, FIRST = 65500 };

typedef struct stage {
    sim *s;
    pp_audio_sender *sender;
    pipit_source *source;
    size_t said;
    bool sending;
    unsigned packets;
    uint16_t last;
    uint32_t timestamp;
    pp_buf log; /* all that was sent */
} stage;

static size_t speak(void *self, int16_t *samples, size_t count)
{
    stage *st = self;

    test_speech(samples, count, 48000, st->said);
    st->said += count;
    return count;
}

static const pipit_source_interface speaking = {.read = speak};

static void note(stage *st, const pp_rtp *packet)
{
    if (!packet->size)
        return;
    if (st->packets)
        assert_int_equal(packet->sequence, (uint16_t)(st->last + 1));
    st->packets++;
    st->last = packet->sequence;
    st->timestamp = packet->timestamp;
    pp_rtp_write(packet, &st->log);
}

static void ready(void *arg)
{
    stage *st = arg;
    pp_rtp packet;

    while (pp_audio_sender_take(st->sender, st->sending, &packet))
        note(st, &packet);
}

static void begin(stage *st, unsigned work_us, unsigned packet_ms)
{
    *st = (stage){.sending = true};
    assert_int_equal(sim_new(1, &st->s), 0);
    sim_set_work_delay(st->s, work_us);
    assert_int_equal(pipit_source_new(&speaking, st, 48000, &st->source), 0);
    assert_int_equal(pp_audio_sender_new(&(pp_audio_sender_options){.codec = pp_codec_find(
                                                                        PP_LIT("opus"), 48000, 2),
                                                                    .payload_type = 111,
                                                                    .packet_ms = packet_ms,
                                                                    .event_payload_type = 126,
                                                                    .first_sequence = FIRST,
                                                                    .source = st->source,
                                                                    .ready = ready,
                                                                    .pass_arg = st,
                                                                    .loop = sim_loop(st->s)},
                                         &st->sender),
                     0);
}

static void step(stage *st)
{
    pp_rtp packet;

    assert_int_equal(pp_audio_sender_step(st->sender, st->sending, &packet), 0);
    note(st, &packet);
    sim_advance_ms(st->s, STEP_MS / 2);
    if (pp_audio_sender_has_halves(st->sender)) {
        assert_int_equal(pp_audio_sender_half_step(st->sender, st->sending, &packet), 0);
        note(st, &packet);
    }
    sim_advance_ms(st->s, STEP_MS / 2);
}

static void end(stage *st)
{
    pp_audio_sender_free(st->sender);
    pipit_source_unref(st->source);
    sim_free(st->s);
    pp_buf_free(&st->log);
}

/* What two stages have sent, as far as the second came. */
static void check_same(const stage *at_once, const stage *later)
{
    assert_true(later->packets + 2 >= at_once->packets);
    assert_true(later->log.n <= at_once->log.n);
    assert_memory_equal(at_once->log.p, later->log.p, later->log.n);
}

static void packets_are_the_same_later(void **state)
{
    static const struct {
        unsigned packet_ms, work_us;
    } cases[] = {{10, 4000}, {20, 3000}, {20, 15000}, {60, 30000}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage at_once, later;

        begin(&at_once, 0, cases[i].packet_ms);
        begin(&later, cases[i].work_us, cases[i].packet_ms);
        for (unsigned k = 0; k < STEPS; k++) {
            step(&at_once);
            step(&later);
        }
        assert_in_range(at_once.packets, STEPS * STEP_MS / cases[i].packet_ms - 1,
                        STEPS * STEP_MS / cases[i].packet_ms);
        check_same(&at_once, &later);
        end(&at_once);
        end(&later);
    }
}

static void a_thread_that_is_late_once_loses_nothing(void **state)
{
    stage at_once, later;

    (void)state;
    begin(&at_once, 0, 20);
    begin(&later, 2000, 20);
    for (unsigned k = 0; k < STEPS; k++) {
        sim_set_work_delay(later.s, k == 10 ? 70000 : 2000);
        step(&at_once);
        step(&later);
        if (k == 12)
            assert_int_equal(later.packets, 10);
    }
    assert_int_equal(later.packets, STEPS);
    check_same(&at_once, &later);
    end(&at_once);
    end(&later);
}

static void sound_that_would_wait_for_too_long_is_left_out(void **state)
{
    stage later;

    (void)state;
    begin(&later, 2000, 20);
    for (unsigned k = 0; k < STEPS; k++) {
        sim_set_work_delay(later.s, k == 10 ? 300000 : 2000);
        step(&later);
    }
    assert_in_range(later.packets, STEPS - 16, STEPS - 8);
    assert_int_equal(later.timestamp, (STEPS - 1) * 960);
    end(&later);
}

static void what_is_not_wanted_any_more_is_not_sent(void **state)
{
    stage later;

    (void)state;
    begin(&later, 50000, 20);
    step(&later);
    later.sending = false;
    for (unsigned k = 0; k < 5; k++)
        step(&later);
    assert_int_equal(later.packets, 0);
    later.sending = true;
    sim_set_work_delay(later.s, 1000);
    step(&later);
    assert_int_equal(later.packets, 1);
    assert_int_equal(later.last, FIRST);
    end(&later);
}

static void a_tone_takes_the_place_of_what_is_under_way(void **state)
{
    stage later;

    (void)state;
    begin(&later, 30000, 20);
    step(&later);
    assert_int_equal(pp_audio_sender_dtmf(later.sender, '5', 100, 50), 0);
    step(&later);
    step(&later);
    assert_int_equal(later.packets, 2);
    assert_int_equal(later.timestamp, 960); /* of the tone, and the sound before it did not come */
    end(&later);
}

static void a_sender_may_go_meanwhile(void **state)
{
    stage later;

    (void)state;
    begin(&later, 30000, 20);
    step(&later);
    later.sender = pp_audio_sender_free(later.sender);
    sim_advance_ms(later.s, 100);
    assert_int_equal(later.packets, 0);
    end(&later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_the_same_later),
        cmocka_unit_test(a_thread_that_is_late_once_loses_nothing),
        cmocka_unit_test(sound_that_would_wait_for_too_long_is_left_out),
        cmocka_unit_test(what_is_not_wanted_any_more_is_not_sent),
        cmocka_unit_test(a_tone_takes_the_place_of_what_is_under_way),
        cmocka_unit_test(a_sender_may_go_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
