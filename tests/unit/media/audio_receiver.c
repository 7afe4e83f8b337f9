/* audio_receiver.c - what a receiver plays when packets come as they please. */
#include "media/audio_receiver.h"

#include "base/limits.h"
#include "media/audio_sender.h"
#include "pipit/error.h"
#include "support/files.h"
#include "unit/media/codecs.h"
#include "unit/media/signal.h"

enum { STEP_US = 20000, OPUS = 111, PCMU = 0, COMFORT_NOISE = 13, TELEPHONE_EVENT = 110 };

struct ear {
    size_t samples;
    double loudest; /* RMS of a step */
    double now;     /* of the last step */
};

static void hear(void *self, const int16_t *samples, size_t count)
{
    struct ear *ear = self;

    ear->samples += count;
    ear->now = test_rms(samples, count);
    ear->loudest = ear->now > ear->loudest ? ear->now : ear->loudest;
}

struct call { /* a far end that sends a tone of 400 Hz, and our receiver */
    struct ear ear;
    pp_audio_receiver *receiver;
    pp_codec *encoder;
    uint64_t now_us;
    pp_rtp packet; /* the next one */
    size_t sent;   /* samples */
    uint8_t payload[1500];
};

static void new_receiver(struct call *call, unsigned sink_rate)
{
    static const pipit_sink_interface hearing = {.write = hear};
    const struct pp_receive_codec codecs[] = {{OPUS, test_codec(0)}, {PCMU, test_codec(1)}};
    pipit_sink *sink = NULL;

    assert_int_equal(pipit_sink_new(&hearing, &call->ear, sink_rate, &sink), 0);
    assert_int_equal(
        pp_audio_receiver_new(&(pp_audio_receiver_options){.codecs = codecs,
                                                           .codec_count = 2,
                                                           .sink = sink,
                                                           .comfort_payload_type = COMFORT_NOISE},
                              &call->receiver),
        0);
    pipit_sink_unref(sink);
}

static void begin_at_rate(struct call *call, uint8_t payload_type, unsigned sink_rate)
{
    memset(call, 0, sizeof(*call));
    new_receiver(call, sink_rate);
    assert_int_equal(
        pp_codec_open(test_codec(payload_type == OPUS ? 0 : 1), PP_STR_NONE, &call->encoder), 0);
    call->now_us = 5000000;
    call->packet = (pp_rtp){
        .payload_type = payload_type, .ssrc = 9, .sequence = 65500, .timestamp = 0xffffe000};
}

static void begin(struct call *call, uint8_t payload_type)
{
    begin_at_rate(call, payload_type, 48000);
}

static void end(struct call *call)
{
    pp_audio_receiver_free(call->receiver);
    pp_codec_close(call->encoder);
}

/* One frame of the tone is made; the sender's time moves on by it. */
static void make_packet(struct call *call)
{
    int16_t samples[PP_FRAME_SAMPLES_MAX];
    unsigned rate = call->encoder->type->sample_rate;
    int size;

    test_sine(samples, rate / 50, rate, 400, call->sent);
    call->sent += rate / 50;
    size = call->encoder->encode(call->encoder, samples, rate / 50, 0, call->payload,
                                 PP_FRAME_BYTES_MAX);
    assert_true(size > 0);
    call->packet.payload = call->payload;
    call->packet.size = (size_t)size;
}

static int deliver(struct call *call)
{
    int err = pp_audio_receiver_add(call->receiver, &call->packet, call->now_us);

    call->packet.sequence++;
    return err;
}

static void step(struct call *call)
{
    call->now_us += STEP_US;
    pp_audio_receiver_step(call->receiver, call->now_us);
}

/* `count` packets in order, each just before its step. */
static void talk(struct call *call, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        make_packet(call);
        assert_int_equal(deliver(call), 0);
        call->packet.timestamp += call->encoder->type->clock_rate / 50;
        step(call);
    }
}

static void stay_silent(struct call *call, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        call->packet.timestamp += call->encoder->type->clock_rate / 50;
        step(call);
    }
}

static pp_audio_receiver_stats stats_of(const struct call *call)
{
    pp_audio_receiver_stats stats;

    pp_audio_receiver_get_stats(call->receiver, &stats);
    return stats;
}

static double level_of(const struct call *call)
{
    const pp_audio_receiver_stats stats = stats_of(call);

    return pp_level_get(&stats.level);
}

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

/* After the far end did something odd, it must be heard as before within half a second. */
static void check_recovers(struct call *call)
{
    talk(call, 25);
    assert_true(call->ear.now > 4500);
    assert_true(stats_of(call).delay_ms < 100);
}

static void a_jump_of_the_timestamp_is_a_new_beginning(void **state)
{
    static const uint32_t jumps[] = {0x7fffffff, 0x80000000, 0x80000001, 0xffff0000, 0xfffffc40,
                                     480,        48000,      480000,     1u << 30};

    (void)state;
    for (unsigned codec = 0; codec < 2; codec++)
        for (size_t i = 0; i < sizeof(jumps) / sizeof(*jumps); i++) {
            struct call call;

            begin(&call, codec ? PCMU : OPUS);
            talk(&call, 50);
            call.packet.timestamp += jumps[i];
            check_recovers(&call);
            end(&call);
        }
}

static void a_jump_of_the_sequence_is_a_new_beginning(void **state)
{
    static const uint16_t jumps[] = {0x7fff, 0x8000, 0x8001, 1000, 64536, 65000, 40000};

    (void)state;
    for (size_t i = 0; i < sizeof(jumps) / sizeof(*jumps); i++)
        for (unsigned both = 0; both < 2; both++) {
            struct call call;

            begin(&call, OPUS);
            talk(&call, 50);
            call.packet.sequence = (uint16_t)(call.packet.sequence + jumps[i]);
            call.packet.timestamp += both * 0x12345678u;
            check_recovers(&call);
            end(&call);
        }
}

static void another_source_or_codec_is_heard(void **state)
{
    struct call call;

    (void)state;
    begin(&call, OPUS);
    talk(&call, 50);
    call.packet.ssrc = 10;
    call.packet.sequence = 7;
    call.packet.timestamp = 5;
    check_recovers(&call);
    pp_codec_close(call.encoder);
    assert_int_equal(pp_codec_open(test_codec(1), PP_STR_NONE, &call.encoder), 0);
    call.packet.payload_type = PCMU;
    check_recovers(&call);
    for (unsigned i = 0; i < 100; i++) { /* two who talk at once: no peace, but no harm */
        call.packet.ssrc = i;
        talk(&call, 1);
    }
    check_recovers(&call);
    end(&call);
}

/* So many steps of packets of `ms` each, which come when they are due. */
static void talk_in_packets_of(struct call *call, unsigned ms, unsigned steps)
{
    unsigned rate = call->encoder->type->sample_rate;
    size_t count = rate / 1000 * ms;
    uint64_t due_us = call->now_us;

    for (unsigned i = 0; i < steps; i++) {
        for (; due_us <= call->now_us; due_us += ms * 1000) {
            static int16_t samples[2880];
            int size;

            test_sine(samples, count, rate, 400, call->sent);
            call->sent += count;
            size = call->encoder->encode(call->encoder, samples, count, 0, call->payload,
                                         sizeof(call->payload));
            assert_true(size > 0);
            call->packet.payload = call->payload;
            call->packet.size = (size_t)size;
            assert_int_equal(deliver(call), 0);
            call->packet.timestamp += (uint32_t)count;
        }
        step(call);
        if (i > 20)
            assert_true(call->ear.now > 4500);
    }
}

static void a_packet_of_any_length_is_played_in_steps(void **state)
{
    static const struct {
        uint8_t payload_type;
        unsigned ms;
    } cases[] = {{OPUS, 10}, {OPUS, 20}, {OPUS, 40}, {OPUS, 60},  {PCMU, 10}, {PCMU, 20},
                 {PCMU, 30}, {PCMU, 40}, {PCMU, 60}, {PCMU, 100}, {PCMU, 180}};

    (void)state;
    for (size_t n = 0; n < sizeof(cases) / sizeof(*cases); n++) {
        struct call call;

        begin(&call, cases[n].payload_type);
        talk_in_packets_of(&call, cases[n].ms, 500);
        assert_int_equal(stats_of(&call).packets_late, 0);
        assert_true(stats_of(&call).account.concealed <= 48 * cases[n].ms); /* while it settles */
        assert_true(stats_of(&call).delay_ms <= 60 + cases[n].ms);
        end(&call);
    }
}

static void a_packet_time_may_change_in_the_middle(void **state)
{
    static const unsigned times[] = {20, 60, 10, 40, 20, 10, 60, 20};

    (void)state;
    for (unsigned codec = 0; codec < 2; codec++) {
        struct call call;

        begin(&call, codec ? PCMU : OPUS);
        for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
            talk_in_packets_of(&call, times[i], 60); /* whole packets of all of them */
        assert_int_equal(stats_of(&call).packets_late, 0);
        assert_true(stats_of(&call).account.concealed <=
                    4800); /* from short to long it settles again */
        assert_true(stats_of(&call).packet_ms == 20);
        assert_true(stats_of(&call).delay_ms < 100);
        end(&call);
    }
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
        cmocka_unit_test(a_far_end_that_goes_quiet_is_not_made_up_for_long),
        cmocka_unit_test(a_pause_between_words_is_no_loss),
        cmocka_unit_test(a_silence_is_the_noise_that_is_described),
        cmocka_unit_test(a_stream_may_begin_with_a_silence),
        cmocka_unit_test(a_lost_packet_behind_a_silence_is_made_up),
        cmocka_unit_test(a_tone_in_the_stream_is_no_loss),
        cmocka_unit_test(a_jump_of_the_timestamp_is_a_new_beginning),
        cmocka_unit_test(a_jump_of_the_sequence_is_a_new_beginning),
        cmocka_unit_test(another_source_or_codec_is_heard),
        cmocka_unit_test(a_packet_of_any_length_is_played_in_steps),
        cmocka_unit_test(a_packet_time_may_change_in_the_middle),
        cmocka_unit_test(a_packet_that_is_no_sound_is_refused_or_ignored),
        cmocka_unit_test(a_flood_is_held_within_the_limit),
        cmocka_unit_test(a_burst_after_a_long_stall_does_not_stay_late),
        cmocka_unit_test(a_sender_is_heard_by_a_receiver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
