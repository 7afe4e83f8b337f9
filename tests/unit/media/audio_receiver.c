/* audio_receiver.c - what a receiver plays when packets come as they please. */
#include "base/limits.h"
#include "media/audio_sender.h"
#include "pipit/error.h"
#include "unit/media/support/call.h"

static void a_receiver_plays_silence_before_the_first_packet(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    for (unsigned i = 0; i < 10; i++)
        step(&call);
    assert_int_equal(call.ear.samples, 9600);
    assert_true(call.ear.loudest == 0);
    end(&call);
}

static void a_receiver_starts_after_two_frames(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    talk(&call, 1);
    assert_true(call.ear.loudest == 0);
    talk(&call, 1);
    assert_true(call.ear.now > 1000);
    end(&call);
}

static void a_lone_frame_is_played_when_it_has_waited(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    talk(&call, 1);
    stay_silent(&call, 2);
    assert_true(call.ear.loudest > 1000);
    end(&call);
}

static void the_level_is_that_of_the_sound(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    talk(&call, 300);
    assert_true(fabs(level_of(&call) - 8000 / 32768.0 / sqrt(2)) < 0.01);
    assert_int_equal(stats_of(&call).account.concealed, 0);
    assert_true(stats_of(&call).delay_ms > 10 && stats_of(&call).delay_ms < 50);
    end(&call);
}

static void a_sink_of_any_rate_gets_its_samples(void **state)
{
    static const unsigned rates[] = {8000, 11025, 16000, 22050, 44100, 48000};

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
        for (unsigned codec = 0; codec < 2; codec++) {
            struct call call;

            begin_at_rate(&call, codec ? PCMU : OPUS, rates[i]);
            talk(&call, 100);
            assert_in_range(call.ear.samples, 2 * rates[i] - 8, 2 * rates[i] + 8);
            assert_in_range((int)call.ear.now, 4500, 6500);
            end(&call);
        }
}

static void a_receiver_without_a_sink_decodes_and_drops(void **state)
{
    const struct pp_receive_codec codec = {OPUS, test_codec(0)};
    struct call call;

    (void)state;
    begin(&call, OPUS);
    pp_audio_receiver_free(call.receiver);
    assert_int_equal(
        pp_audio_receiver_new(
            &(pp_audio_receiver_options){.codecs = &codec, .codec_count = 1, .sink = NULL},
            &call.receiver),
        0);
    talk(&call, 100);
    assert_true(level_of(&call) > 0.1);
    end(&call);
}

static void a_lost_packet_is_made_up(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    talk(&call, 50);
    make_packet(&call);
    call.packet.sequence++;
    call.packet.timestamp += 960;
    step(&call);
    talk(&call, 50);
    assert_int_equal(stats_of(&call).account.concealed, 960);
    assert_int_equal(stats_of(&call).account.silent_concealed, 0);
    assert_int_equal(stats_of(&call).account.concealment_events, 1);
    assert_true(call.ear.now > 4500);
    end(&call);
}

/* What is played came out of packets or was made up, and what was put in or left out is the rest. */
static void a_sample_is_accounted_for(void **state)
{
    pp_account account;
    struct call call;

    (void)state;
    begin(&call, OPUS);
    talk(&call, 100);
    account = stats_of(&call).account;
    assert_int_equal(account.emitted, 100 * 960 - 960);
    assert_int_equal(account.played, account.emitted);
    assert_int_equal(account.concealed + account.inserted + account.removed, 0);
    assert_true(account.delay_s / (double)account.emitted > 0.01 &&
                account.delay_s / (double)account.emitted < 0.05);
    assert_true(account.target_s / (double)account.emitted > 0.019);
    for (unsigned i = 0; i < 3; i++) /* three at once when the third is due */
        step(&call);
    for (unsigned i = 0; i < 3; i++) {
        make_packet(&call);
        assert_int_equal(deliver(&call), 0);
        call.packet.timestamp += 960;
    }
    talk(&call, 500);
    account = stats_of(&call).account;
    assert_true(account.inserted >= 960 && account.removed >= 960);
    assert_int_equal(account.concealment_events, 1);
    assert_int_equal(account.played - account.emitted + account.removed, account.concealed);
    end(&call);
}

static void a_packet_that_is_no_sound_is_refused_or_ignored(void **state)
{
    static const uint8_t bad[] = {0xff, 0x3f, 0, 0};
    struct call call;
    pp_rtp packet;

    (void)state;
    begin(&call, OPUS);
    talk(&call, 20);
    packet = call.packet;
    packet.payload = bad;
    packet.size = sizeof(bad);
    assert_int_equal(pp_audio_receiver_add(call.receiver, &packet, call.now_us), PIPIT_ERR_MEDIA);
    packet.payload_type = 63;
    packet.ssrc = 1234;
    assert_int_equal(pp_audio_receiver_add(call.receiver, &packet, call.now_us), 0);
    talk(&call, 20);
    assert_int_equal(stats_of(&call).account.concealed, 0);
    assert_true(call.ear.now > 4500);
    end(&call);
}

static void a_flood_is_held_within_the_limit(void **state)
{
    struct call call;

    (void)state;
    begin(&call, PCMU);
    for (unsigned i = 0; i < 1000; i++) {
        make_packet(&call);
        assert_int_equal(deliver(&call), 0);
        call.packet.timestamp += 160;
    }
    assert_int_equal(stats_of(&call).packets_late, 1000 - PP_LIMIT_JITTER_PACKETS);
    step(&call);
    assert_true(stats_of(&call).delay_ms <= PP_LIMIT_JITTER_MS);
    end(&call);
}

static void a_burst_after_a_long_stall_does_not_stay_late(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    talk(&call, 50);
    for (unsigned i = 0; i < 50; i++) /* one second without a packet */
        step(&call);
    for (unsigned i = 0; i < 50; i++) { /* and all at once */
        make_packet(&call);
        assert_int_equal(deliver(&call), 0);
        call.packet.timestamp += 960;
    }
    talk(&call, 2);
    assert_true(stats_of(&call).delay_ms <= 460);
    talk(&call, 500);
    assert_true(stats_of(&call).delay_ms < 80);
    assert_true(call.ear.now > 4500);
    end(&call);
}

/* As of a stack that has collected sound while it connected: half a second of it follows the first packets. */
static void a_burst_at_the_beginning_is_dropped_once(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    for (unsigned i = 0; i < 33; i++) {
        make_packet(&call);
        assert_int_equal(deliver(&call), 0);
        call.packet.timestamp += 960;
        if (i == 3)
            step(&call);
    }
    talk(&call, 50);
    assert_true(stats_of(&call).packets_late <= 12);
    assert_int_equal(stats_of(&call).account.concealed, 0);
    assert_true(call.ear.now > 4500);
    talk(&call, 500);
    assert_true(stats_of(&call).delay_ms < 80);
    end(&call);
}

static void a_sender_is_heard_by_a_receiver(void **state)
{
    for (size_t codec = 0; codec < 2; codec++) {
        const pp_audio_sender_options options = {.codec = test_codec(codec),
                                                 .payload_type = codec ? PCMU : OPUS,
                                                 .remote_fmtp = PP_LIT("useinbandfec=1"),
                                                 .event_payload_type = -1,
                                                 .ssrc = 1};
        pp_audio_sender_options with_source = options;
        pipit_source *source = NULL;
        pp_audio_sender *sender = NULL;
        struct call call;
        pp_rtp packet;

        (void)state;
        assert_int_equal(pipit_source_tone(440, -18, &source), 0);
        with_source.source = source;
        assert_int_equal(pp_audio_sender_new(&with_source, &sender), 0);
        begin(&call, PCMU);
        for (unsigned i = 0; i < 300; i++) {
            assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
            if (packet.size)
                assert_int_equal(pp_audio_receiver_add(call.receiver, &packet, call.now_us), 0);
            step(&call);
        }
        assert_true(
            fabs(20 * log10(level_of(&call) / pp_level_get(pp_audio_sender_level(sender)))) < 1);
        assert_int_equal(stats_of(&call).account.concealed, 0);
        pp_audio_sender_free(sender);
        pipit_source_unref(source);
        end(&call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receiver_plays_silence_before_the_first_packet),
        cmocka_unit_test(a_receiver_starts_after_two_frames),
        cmocka_unit_test(a_lone_frame_is_played_when_it_has_waited),
        cmocka_unit_test(the_level_is_that_of_the_sound),
        cmocka_unit_test(a_sink_of_any_rate_gets_its_samples),
        cmocka_unit_test(a_receiver_without_a_sink_decodes_and_drops),
        cmocka_unit_test(a_lost_packet_is_made_up),
        cmocka_unit_test(a_sample_is_accounted_for),
        cmocka_unit_test(a_packet_that_is_no_sound_is_refused_or_ignored),
        cmocka_unit_test(a_flood_is_held_within_the_limit),
        cmocka_unit_test(a_burst_after_a_long_stall_does_not_stay_late),
        cmocka_unit_test(a_burst_at_the_beginning_is_dropped_once),
        cmocka_unit_test(a_sender_is_heard_by_a_receiver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
