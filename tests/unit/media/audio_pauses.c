/* audio_pauses.c - a receiver whose far end says nothing for a while, describes its silence, or sends a tone instead. */
#include "unit/media/support/call.h"

static void a_far_end_that_goes_quiet_is_not_made_up_for_long(void **state)
{
    struct call call;

    (void)state;
    for (unsigned codec = 0; codec < 2; codec++) {
        begin(&call, codec ? PCMU : OPUS);
        talk(&call, 50);
        stay_silent(&call, 13);
        assert_true(call.ear.now == 0);
        stay_silent(&call, 100000); /* half an hour */
        talk(&call, 50);
        assert_true(call.ear.now > 4500);
        assert_int_equal(stats_of(&call).account.concealed, 0); /* nothing was lost */
        assert_true(stats_of(&call).delay_ms < 60);
        end(&call);
    }
}

static void a_pause_between_words_is_no_loss(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    for (unsigned i = 0; i < 20; i++) {
        talk(&call, 10);
        stay_silent(&call, 1 + i);
    }
    assert_int_equal(stats_of(&call).account.concealed, 0);
    assert_int_equal(stats_of(&call).packets_late, 0);
    end(&call);
}

/* A description of noise of -40 dBFS, and so many steps in which nothing more comes. */
static void rest(struct call *call, unsigned steps)
{
    static const uint8_t described[] = {40};
    pp_rtp packet = call->packet;

    packet.payload_type = COMFORT_NOISE;
    packet.payload = described;
    packet.size = sizeof(described);
    assert_int_equal(pp_audio_receiver_add(call->receiver, &packet, call->now_us), 0);
    call->packet.sequence++;
    stay_silent(call, steps);
}

static void a_silence_is_the_noise_that_is_described(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    talk(&call, 50);
    for (unsigned i = 0; i < 10; i++) {
        rest(&call, 5 + 40 * i); /* up to seven seconds without a word */
        assert_true(fabs(20 * log10(call.ear.now / 32768) + 40) < 2);
        if (i % 2)
            talk(&call, 20);
        if (i % 2)
            assert_true(call.ear.now > 4500);
    }
    talk(&call, 20);
    assert_int_equal(stats_of(&call).account.concealed, 0);
    assert_int_equal(stats_of(&call).packets_late, 0);
    assert_true(stats_of(&call).delay_ms < 60);
    end(&call);
}

static void a_stream_may_begin_with_a_silence(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    rest(&call, 20);
    assert_true(fabs(20 * log10(call.ear.now / 32768) + 40) < 2);
    talk(&call, 20);
    assert_true(call.ear.now > 4500);
    assert_int_equal(stats_of(&call).account.concealed, 0);
    end(&call);
}

/* What is lost in a silence is noise as well; behind it the voice is made up as ever. */
static void a_lost_packet_behind_a_silence_is_made_up(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    rest(&call, 20);
    talk(&call, 20);
    make_packet(&call);
    call.packet.sequence++;
    call.packet.timestamp += 160;
    step(&call);
    assert_true(call.ear.now > 3000); /* not the noise */
    talk(&call, 20);
    assert_int_equal(stats_of(&call).account.concealed, 960);
    end(&call);
}

static void a_tone_in_the_stream_is_no_loss(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    talk(&call, 50);
    for (unsigned tone = 0; tone < 20; tone++) {
        pp_rtp event = {
            .payload_type = TELEPHONE_EVENT, .ssrc = 9, .timestamp = call.packet.timestamp};

        for (unsigned i = 0; i < 1 + 15 * tone; i++) { /* the last ones six seconds long */
            event.sequence = call.packet.sequence++;
            event.payload = call.payload;
            event.size = 4;
            assert_int_equal(pp_audio_receiver_add(call.receiver, &event, call.now_us), 0);
            stay_silent(&call, 1);
        }
        talk(&call, 20);
        assert_true(call.ear.now > 4500);
    }
    assert_int_equal(stats_of(&call).account.concealed, 0);
    assert_int_equal(stats_of(&call).packets_late, 0);
    end(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_far_end_that_goes_quiet_is_not_made_up_for_long),
        cmocka_unit_test(a_pause_between_words_is_no_loss),
        cmocka_unit_test(a_silence_is_the_noise_that_is_described),
        cmocka_unit_test(a_stream_may_begin_with_a_silence),
        cmocka_unit_test(a_lost_packet_behind_a_silence_is_made_up),
        cmocka_unit_test(a_tone_in_the_stream_is_no_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
