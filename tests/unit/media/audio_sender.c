/* audio_sender.c - packets every 20 ms: sound, tones, and times when nothing is sent. */
#include "media/audio_sender.h"

#include "pipit/error.h"
#include "rtp/telephone_event.h"
#include "support/files.h"
#include "unit/media/codecs.h"
#include "unit/media/signal.h"

#include <stdlib.h>

static pp_audio_sender *new_sender_of(size_t codec, pipit_source *source, int event_payload_type,
                                      unsigned packet_ms)
{
    const pp_audio_sender_options options = {
        .codec = test_codec(codec),
        .payload_type = (uint8_t)test_codec(codec)->payload_type,
        .packet_ms = packet_ms,
        .remote_fmtp = PP_LIT("useinbandfec=1"),
        .event_payload_type = event_payload_type,
        .ssrc = 77,
        .first_sequence = 65530,
        .first_timestamp = 0xffffff00,
        .source = source,
    };
    pp_audio_sender *sender = NULL;

    assert_int_equal(pp_audio_sender_new(&options, &sender), 0);
    return sender;
}

static pp_audio_sender *new_sender(size_t codec, pipit_source *source, int event_payload_type)
{
    return new_sender_of(codec, source, event_payload_type, 0);
}

struct speech {
    unsigned rate;
    size_t at;
};

static size_t read_speech(void *self, int16_t *samples, size_t count)
{
    struct speech *speech = self;

    test_sine(samples, count, speech->rate, 400, speech->at);
    speech->at += count;
    return count;
}

static const pipit_source_interface speaking = {.read = read_speech};

static void a_step_makes_a_packet(void **state)
{
    pp_audio_sender *sender = new_sender(0, NULL, -1);
    pp_rtp packet;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(pp_audio_sender_timestamp(sender), 0xffffff00 + i * 960);
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
        assert_true(packet.size > 0);
        assert_int_equal(packet.payload_type, 111);
        assert_int_equal(packet.ssrc, 77);
        assert_int_equal(packet.sequence, (uint16_t)(65530 + i));
        assert_int_equal(packet.timestamp, 0xffffff00 + i * 960);
        assert_int_equal(packet.marker, i == 0);
    }
    pp_audio_sender_free(sender);
}

static void a_time_without_sending_moves_the_clock_but_not_the_numbers(void **state)
{
    struct speech speech = {.rate = 8000};
    pipit_source *source = NULL;
    pp_audio_sender *sender;
    pp_rtp packet;

    (void)state;
    assert_int_equal(pipit_source_new(&speaking, &speech, 8000, &source), 0);
    sender = new_sender(1, source, -1);
    pp_audio_sender_step(sender, true, &packet);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(pp_audio_sender_step(sender, false, &packet), 0);
        assert_int_equal(packet.size, 0);
    }
    pp_audio_sender_step(sender, true, &packet);
    assert_int_equal(packet.sequence, 65531);
    assert_int_equal(packet.timestamp, 0xffffff00 + 11 * 160);
    assert_true(packet.marker);
    assert_int_equal(speech.at, 12 * 160); /* the source was read on */
    pp_audio_sender_free(sender);
    pipit_source_unref(source);
}

/* Decodes one second of a sender with a sine of 400 Hz as its source; returns how often it crosses zero upwards. */
static unsigned decoded_rises(unsigned rate, size_t codec_index, double *rms)
{
    static int16_t out[48000];
    struct speech speech = {.rate = rate};
    pipit_source *source = NULL;
    pp_audio_sender *sender;
    pp_codec *codec = NULL;
    size_t frame = test_codec(codec_index)->sample_rate / 50;
    unsigned rises = 0;
    pp_rtp packet;

    assert_int_equal(pipit_source_new(&speaking, &speech, rate, &source), 0);
    sender = new_sender(codec_index, source, -1);
    pipit_source_unref(source);
    assert_int_equal(pp_codec_open(test_codec(codec_index), PP_STR_NONE, &codec), 0);
    for (unsigned i = 0; i < 100; i++) { /* the first second is for settling */
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
        assert_int_equal(
            codec->decode(codec, packet.payload, packet.size, false, out + i % 50 * frame, frame),
            frame);
    }
    for (size_t i = 1; i < 50 * frame; i++)
        rises += out[i - 1] < 0 && out[i] >= 0;
    *rms = test_rms(out, 50 * frame);
    pp_codec_close(codec);
    pp_audio_sender_free(sender);
    return rises;
}

static void a_source_of_any_rate_keeps_its_pitch(void **state)
{
    static const unsigned rates[] = {8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000};

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
        for (size_t codec = 0; codec < 4 && test_codec(codec); codec++) {
            double rms;

            assert_in_range(decoded_rises(rates[i], codec, &rms), 397, 403);
            assert_in_range((int)rms, 4500, 6500); /* 8,000 / sqrt 2 */
        }
}

static uint64_t place(void *self)
{
    return ((struct speech *)self)->at;
}

static uint64_t told;

static void tell(void *self, uint64_t at)
{
    (void)self;
    told = at;
}

static const pipit_source_interface speaking_and_told = {read_speech, NULL, place, tell};

static void a_source_that_was_away_is_told_only_of_what_went_since(void **state)
{
    struct speech speech = {.rate = 8000};
    pipit_source *source = NULL;
    pp_audio_sender *sender;
    pp_rtp packet;

    (void)state;
    assert_int_equal(pipit_source_new(&speaking_and_told, &speech, 8000, &source), 0);
    sender = new_sender(1, source, -1);
    pp_audio_sender_step(sender, true, &packet);
    pp_audio_sender_reported(sender, 65530);
    assert_int_equal(told, 160);
    pp_audio_sender_step(sender, true, &packet);
    assert_int_equal(pp_audio_sender_set_source(sender, NULL), 0);
    assert_int_equal(pp_audio_sender_set_source(sender, source), 0);
    pp_audio_sender_reported(sender, 65531);
    assert_int_equal(told, 160);
    pp_audio_sender_step(sender, true, &packet);
    pp_audio_sender_reported(sender, 65532);
    assert_int_equal(told, speech.at);
    pp_audio_sender_free(sender);
    pipit_source_unref(source);
}

static void a_muted_sender_sends_silence(void **state)
{
    pipit_source *source = NULL;
    pp_audio_sender *sender;
    pp_rtp packet;

    (void)state;
    assert_int_equal(pipit_source_tone(500, -18, &source), 0);
    sender = new_sender(1, source, -1);
    for (unsigned i = 0; i < 250; i++)
        pp_audio_sender_step(sender, true, &packet);
    assert_true(fabs(20 * log10(pp_level_get(pp_audio_sender_level(sender))) + 21) <
                0.5); /* a sine's RMS is 3 dB below its peak */
    pp_audio_sender_set_muted(sender, true);
    pp_audio_sender_step(sender, true, &packet);
    for (size_t i = 0; i < packet.size; i++)
        assert_int_equal(packet.payload[i], 0xff);
    for (unsigned i = 0; i < 250; i++)
        pp_audio_sender_step(sender, true, &packet);
    assert_true(pp_level_get(pp_audio_sender_level(sender)) < 0.01);
    pp_audio_sender_set_muted(sender, false);
    pp_audio_sender_step(sender, true, &packet);
    assert_int_not_equal(packet.payload[84], 0xff);
    pp_audio_sender_free(sender);
    pipit_source_unref(source);
}

/* RFC 6464: in -dBov, and whether somebody speaks. */
static void a_packet_says_how_loud_it_is(void **state)
{
    pp_rtp_extensions said = {0};
    pipit_source *source = NULL;
    pp_audio_sender *sender;
    pp_rtp packet;

    (void)state;
    assert_int_equal(pipit_source_tone(500, -17, &source), 0);
    for (unsigned ms = 20; ms <= 60; ms += 20) {
        sender = new_sender_of(1, source, -1, ms);
        for (unsigned i = 0; i < 9; i++)
            pp_audio_sender_step(sender, true, &packet);
        pp_audio_sender_describe(sender, &said);
        assert_true(said.has[PP_EXTENSION_LEVEL]);
        assert_int_equal(said.level, 20);
        assert_true(said.voice);
        pp_audio_sender_set_muted(sender, true);
        for (unsigned i = 0; i < 30; i++)
            pp_audio_sender_step(sender, true, &packet);
        pp_audio_sender_describe(sender, &said);
        assert_int_equal(said.level, 127);
        assert_false(said.voice);
        assert_true(fabs(pp_level_seconds(pp_audio_sender_level(sender)) - 39 * 0.02) < 1e-9);
        assert_true(fabs(pp_audio_sender_level(sender)->energy - 9 * 0.02 * 0.01) < 0.0002);
        pp_audio_sender_free(sender);
    }
    pipit_source_unref(source);
}

/* RFC 3389: in a pause one packet in 200 ms; and music is none, however steady. */
static void a_silence_is_described_where_that_is_wished(void **state)
{
    pp_audio_sender_options options = {.codec = test_codec(1),
                                       .comfort_payload_type = 13,
                                       .event_payload_type = -1,
                                       .first_timestamp = 1000};
    pp_audio_sender *sender = NULL;
    pipit_source *tone = NULL;
    unsigned packets = 0;
    pp_rtp packet;

    (void)state;
    assert_int_equal(pp_audio_sender_new(&options, &sender), 0);
    for (unsigned i = 0; i < 19; i++) { /* first it may be a pause between words */
        pp_audio_sender_step(sender, true, &packet);
        assert_int_equal(packet.size, 160);
    }
    for (unsigned i = 0; i < 50; i++) {
        pp_audio_sender_step(sender, true, &packet);
        packets += packet.size > 0;
        if (i == 0) {
            assert_int_equal(packet.payload_type, 13);
            assert_int_equal(packet.size, 9);
            assert_int_equal(packet.payload[0], 127);
            assert_int_equal(packet.timestamp, 1000 + 19 * 160);
            assert_false(packet.marker);
        }
    }
    assert_int_equal(packets, 5);
    assert_int_equal(pipit_source_tone(440, -12, &tone), 0);
    assert_int_equal(pp_audio_sender_set_source(sender, tone), 0);
    while (pp_audio_sender_step(sender, true, &packet) == 0 && packet.payload_type == 13)
        ;
    for (unsigned i = 0; i < 10 && !packet.size; i++)
        pp_audio_sender_step(sender, true, &packet);
    assert_true(packet.marker); /* at once, the first one behind a silence */
    for (unsigned i = 0; i < 1500; i++) {
        pp_audio_sender_step(sender, true, &packet);
        assert_int_equal(packet.size, 160);
    }
    pp_audio_sender_free(sender);
    pipit_source_unref(tone);
}

static void a_tone_takes_the_place_of_sound(void **state)
{
    pp_audio_sender *sender = new_sender(0, NULL, 110);
    uint32_t begin = pp_audio_sender_timestamp(sender);
    pp_telephone_event event;
    pp_rtp packet;

    (void)state;
    assert_false(pp_audio_sender_dtmf_pending(sender));
    assert_int_equal(pp_audio_sender_dtmf(sender, '#', 100, 50), 0);
    assert_true(pp_audio_sender_dtmf_pending(sender));
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
        assert_int_equal(packet.payload_type, 110);
        assert_int_equal(packet.timestamp, begin);
        assert_int_equal(packet.sequence, (uint16_t)(65530 + i));
        assert_int_equal(packet.marker, i == 0);
        assert_int_equal(pp_telephone_event_parse(packet.payload, packet.size, &event), 0);
        assert_int_equal(event.event, 11);
        assert_int_equal(event.duration, i < 4 ? (i + 1) * 960 : 4800);
        assert_int_equal(event.end, i >= 4);
    }
    assert_false(pp_audio_sender_dtmf_pending(sender));
    pp_audio_sender_step(sender, true, &packet);
    assert_int_equal(packet.payload_type, 111);
    assert_int_equal(packet.timestamp, begin + 7 * 960);
    pp_audio_sender_free(sender);
}

/* Steps `count` times; a letter a step: s sound, e event. */
static const char *kinds(pp_audio_sender *sender, unsigned count)
{
    static char text[128];
    pp_rtp packet;

    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
        text[i] = packet.payload_type == 126 ? 'e' : 's';
    }
    text[count] = '\0';
    return text;
}

static void the_gap_between_tones_counts_from_the_end_of_the_first(void **state)
{
    pp_audio_sender *sender = new_sender(1, NULL, 126);

    (void)state;
    assert_int_equal(pp_audio_sender_dtmf(sender, '1', 60, 100), 0);
    assert_int_equal(pp_audio_sender_dtmf(sender, '2', 60, 0), 0);
    assert_string_equal(kinds(sender, 16), "eeeeessseeeeesss");
    pp_audio_sender_free(sender);
}

static void a_tone_waits_while_nothing_is_sent(void **state)
{
    pp_audio_sender *sender = new_sender(1, NULL, 126);
    pp_rtp packet;

    (void)state;
    assert_int_equal(pp_audio_sender_dtmf(sender, '1', 60, 100), 0);
    for (unsigned i = 0; i < 10; i++)
        pp_audio_sender_step(sender, false, &packet);
    assert_true(pp_audio_sender_dtmf_pending(sender));
    assert_string_equal(kinds(sender, 6), "eeeees");
    pp_audio_sender_free(sender);
}

static void a_tone_that_cannot_be_sent_is_refused(void **state)
{
    pp_audio_sender *sender = new_sender(0, NULL, -1);

    (void)state;
    assert_int_equal(pp_audio_sender_dtmf(sender, '1', 100, 50), PIPIT_ERR_NOT_SUPPORTED);
    pp_audio_sender_free(sender);
    sender = new_sender(0, NULL, 110);
    assert_int_equal(pp_audio_sender_dtmf(sender, 'x', 100, 50), PIPIT_ERR_ARGUMENT);
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(pp_audio_sender_dtmf(sender, '1', 100, 50), 0);
    assert_int_equal(pp_audio_sender_dtmf(sender, '1', 100, 50), PIPIT_ERR_LIMIT);
    pp_audio_sender_free(sender);
}

struct packets { /* what a sender has sent, and what was to be heard of it */
    pp_codec *decoder;
    unsigned count, ms, at_ms, last_ms; /* of the last one, and when it went */
    uint32_t timestamp;                 /* of the next */
    unsigned uneven; /* that did not come as long after the one before as it is */
    size_t samples;
    int16_t heard[48000];
};

static void take_packet(struct packets *p, const pp_rtp *packet)
{
    uint32_t units = p->decoder->duration(p->decoder, packet->payload, packet->size);
    int given;

    if (p->count) {
        assert_int_equal(packet->timestamp, p->timestamp);
        assert_false(packet->marker);
        p->uneven += p->at_ms - p->last_ms != units / (p->decoder->type->clock_rate / 1000);
    }
    assert_int_equal(packet->sequence, (uint16_t)(65530 + p->count));
    p->count++;
    p->timestamp = packet->timestamp + units;
    p->ms = units / (p->decoder->type->clock_rate / 1000);
    p->last_ms = p->at_ms;
    given = p->decoder->decode(p->decoder, packet->payload, packet->size, false,
                               p->heard + p->samples, 48000 - p->samples);
    assert_int_equal(given, p->decoder->type->sample_rate / 1000 * p->ms);
    p->samples += (size_t)given;
}

static void send_for(pp_audio_sender *sender, struct packets *p, unsigned steps)
{
    pp_rtp packet;

    for (unsigned i = 0; i < steps; i++, p->at_ms += 10) {
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
        if (packet.size)
            take_packet(p, &packet);
        p->at_ms += 10;
        if (!pp_audio_sender_has_halves(sender))
            continue;
        assert_int_equal(pp_audio_sender_half_step(sender, true, &packet), 0);
        if (packet.size)
            take_packet(p, &packet);
    }
}

/* Behind the first 100 ms, in which a decoder settles, the sine is whole. */
static void check_sine(const struct packets *p)
{
    unsigned rate = p->decoder->type->sample_rate, rises = 0;
    size_t from = rate / 10;

    for (size_t i = from + 1; i < p->samples; i++) {
        rises += p->heard[i - 1] < 0 && p->heard[i] >= 0;
        assert_true(abs(p->heard[i] - p->heard[i - 1]) < 8000 * 2 * 3.15 * 400 / rate + 900);
    }
    assert_in_range(rises, 400 * (p->samples - from) / rate - 1,
                    400 * (p->samples - from) / rate + 1);
}

static void a_packet_is_as_long_as_is_wished(void **state)
{
    (void)state;
    for (size_t codec = 0; codec < 4 && test_codec(codec); codec++)
        for (unsigned ms = 10; ms <= 60; ms += 10) {
            struct speech speech = {.rate = 48000};
            static struct packets p;
            unsigned right = pp_codec_packet_ms(test_codec(codec), ms);
            pipit_source *source = NULL;
            pp_audio_sender *sender;

            p = (struct packets){0};
            assert_int_equal(right, codec == 0 && ms == 30 ? 20 : codec == 0 && ms == 50 ? 40 : ms);
            assert_int_equal(pipit_source_new(&speaking, &speech, 48000, &source), 0);
            assert_int_equal(pp_codec_open(test_codec(codec), PP_STR_NONE, &p.decoder), 0);
            sender = new_sender_of(codec, source, -1, right);
            send_for(sender, &p, 45);
            assert_int_equal(p.ms, right);
            assert_in_range(p.count, 900 / right - 1, 900 / right);
            assert_int_equal(p.uneven, 0);
            check_sine(&p);
            pp_codec_close(p.decoder);
            pp_audio_sender_free(sender);
            pipit_source_unref(source);
        }
}

static void another_packet_time_begins_without_a_gap(void **state)
{
    static const unsigned times[] = {20, 60, 10, 40, 30, 50, 20};

    (void)state;
    for (size_t codec = 0; codec < 4 && test_codec(codec); codec++) {
        struct speech speech = {.rate = 48000};
        static struct packets p;
        pipit_source *source = NULL;
        pp_audio_sender *sender;

        p = (struct packets){0};
        assert_int_equal(pipit_source_new(&speaking, &speech, 48000, &source), 0);
        assert_int_equal(pp_codec_open(test_codec(codec), PP_STR_NONE, &p.decoder), 0);
        sender = new_sender(codec, source, -1);
        for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
            unsigned ms = pp_codec_packet_ms(test_codec(codec), times[i]);

            pp_audio_sender_set_packet_ms(sender, ms);
            send_for(sender, &p, 6);
            assert_int_equal(p.ms, ms);
        }
        check_sine(&p);
        assert_in_range(p.samples, p.decoder->type->sample_rate * 83 / 100,
                        p.decoder->type->sample_rate * 84 / 100);
        pp_codec_close(p.decoder);
        pp_audio_sender_free(sender);
        pipit_source_unref(source);
    }
}

/* RFC 4733 section 2.5.1.2: events are told of as often as ever, and sound goes on behind them on the same clock. */
static void a_tone_keeps_its_pace_among_long_packets(void **state)
{
    pp_audio_sender *sender = new_sender_of(1, NULL, 126, 60);
    uint32_t begin = pp_audio_sender_timestamp(sender);
    pp_rtp packet;

    (void)state;
    pp_audio_sender_step(sender, true,
                         &packet); /* a third of a packet, which the tone takes the place of */
    assert_int_equal(packet.size, 0);
    assert_int_equal(pp_audio_sender_dtmf(sender, '5', 60, 40), 0);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
        assert_int_equal(packet.payload_type, 126);
        assert_int_equal(packet.timestamp, begin + 160);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pp_audio_sender_step(sender, true, &packet), 0);
    assert_int_equal(packet.payload_type, 0);
    assert_int_equal(packet.size, 480);
    assert_int_equal(packet.timestamp, begin + 6 * 160);
    pp_audio_sender_free(sender);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_makes_a_packet),
        cmocka_unit_test(a_time_without_sending_moves_the_clock_but_not_the_numbers),
        cmocka_unit_test(a_source_of_any_rate_keeps_its_pitch),
        cmocka_unit_test(a_source_that_was_away_is_told_only_of_what_went_since),
        cmocka_unit_test(a_muted_sender_sends_silence),
        cmocka_unit_test(a_packet_says_how_loud_it_is),
        cmocka_unit_test(a_silence_is_described_where_that_is_wished),
        cmocka_unit_test(a_tone_takes_the_place_of_sound),
        cmocka_unit_test(the_gap_between_tones_counts_from_the_end_of_the_first),
        cmocka_unit_test(a_tone_waits_while_nothing_is_sent),
        cmocka_unit_test(a_tone_that_cannot_be_sent_is_refused),
        cmocka_unit_test(a_packet_is_as_long_as_is_wished),
        cmocka_unit_test(another_packet_time_begins_without_a_gap),
        cmocka_unit_test(a_tone_keeps_its_pace_among_long_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
