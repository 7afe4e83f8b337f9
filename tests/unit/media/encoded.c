/* encoded.c - sound that passes through: what goes in comes out as it was, under numbers and times of the stream it is in. */
#include "media/encoded.h"

#include "media/audio_receiver.h"
#include "media/audio_sender.h"
#include "pipit/error.h"
#include "support/files.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_SEQUENCE = 1000, FIRST_TIMESTAMP = 5000, FRAME = 160, MAX = 64 };

typedef struct out { /* what a sender passed on */
    pp_audio_sender *sender;
    bool closed;
    size_t count;
    pp_rtp packets[MAX];
    uint8_t first_octets[MAX];
} out;

static bool keep(void *arg, const pp_rtp *packet)
{
    out *o = arg;

    if (o->closed)
        return false;
    assert_true(o->count < MAX);
    o->packets[o->count] = *packet;
    o->first_octets[o->count++] = packet->payload[0];
    return true;
}

static void open_out(out *o, const char *codec, pipit_source *source)
{
    pp_audio_sender_options options = {.codec = pp_codec_find(pp_str_c(codec), 8000, 1),
                                       .payload_type = 8,
                                       .event_payload_type = 101,
                                       .ssrc = 7,
                                       .first_sequence = FIRST_SEQUENCE,
                                       .first_timestamp = FIRST_TIMESTAMP,
                                       .source = source,
                                       .pass = keep,
                                       .pass_arg = o};

    *o = (out){0};
    assert_int_equal(pp_audio_sender_new(&options, &o->sender), 0);
}

static void give(pipit_source *source, uint16_t sequence, uint32_t timestamp, uint8_t octet)
{
    const uint8_t data[FRAME] = {octet};
    const pipit_audio_encoded frame = {
        .data = data, .size = sizeof(data), .timestamp = timestamp, .sequence = sequence};

    assert_int_equal(pipit_source_write(source, &frame), 0);
}

/* The next one, without a loss. */
static void give_next(pipit_source *source, uint16_t *number)
{
    ++*number;
    give(source, *number, *number * (uint32_t)FRAME, 'x');
}

static pipit_source *new_source(const char *codec)
{
    pipit_source *source = NULL;

    assert_int_equal(pipit_source_encoded(codec, &source), 0);
    return source;
}

static void expect(const out *o, size_t index, uint16_t sequence, uint32_t timestamp)
{
    assert_true(index < o->count);
    assert_int_equal(o->packets[index].sequence, sequence);
    assert_int_equal(o->packets[index].timestamp, timestamp);
}

static void frames_keep_their_distances(void **state)
{
    pipit_source *source = new_source("pcma");
    out o;

    (void)state;
    open_out(&o, "PCMA", source);
    give(source, 65535, 4294967200u, 'a');
    give(source, 0, 64, 'b');
    give(source, 3, 544, 'd');      /* two were lost on the way to us */
    give(source, 2, 384, 'c');      /* one of them only late */
    give(source, 5000, 90000, 'e'); /* another stream: nothing is missing between them */
    assert_int_equal(o.count, 5);
    expect(&o, 0, FIRST_SEQUENCE, FIRST_TIMESTAMP);
    expect(&o, 1, FIRST_SEQUENCE + 1, FIRST_TIMESTAMP + FRAME);
    expect(&o, 2, FIRST_SEQUENCE + 4, FIRST_TIMESTAMP + 4 * FRAME);
    expect(&o, 3, FIRST_SEQUENCE + 3, FIRST_TIMESTAMP + 3 * FRAME);
    assert_int_equal(o.packets[4].sequence, FIRST_SEQUENCE + 5);
    assert_memory_equal(o.first_octets, "abdce", 5);
    assert_true(o.packets[0].marker && !o.packets[1].marker);
    assert_true(o.packets[1].payload_type == 8 && o.packets[1].ssrc == 7);
    assert_int_equal(o.packets[1].size, FRAME);
    pp_audio_sender_free(o.sender);
    pipit_source_unref(source);
}

static void frames_without_numbers_are_numbered(void **state)
{
    pipit_source *source = new_source("PCMA");
    out first, second;

    (void)state;
    open_out(&first, "PCMA", source);
    open_out(&second, "PCMA", source);
    for (unsigned i = 0; i < 5; i++)
        give(source, 0, i * FRAME, 'x');
    pp_audio_sender_free(first.sender);
    give(source, 0, 5 * FRAME, 'x');
    assert_true(first.count == 5 && second.count == 6);
    for (unsigned i = 0; i < 6; i++)
        expect(&second, i, (uint16_t)(FIRST_SEQUENCE + i), FIRST_TIMESTAMP + i * FRAME);
    pp_audio_sender_free(second.sender);
    give(source, 0, 6 * FRAME, 'x'); /* to nobody */
    pipit_source_unref(source);
}

/* What is muted, held, or gives way to a tone is not missing at the far end. */
static void what_is_left_out_is_not_missed(void **state)
{
    pipit_source *source = new_source("PCMA");
    uint16_t number = 0, tones = 0;
    pp_rtp packet;
    out o;

    (void)state;
    open_out(&o, "PCMA", source);
    give_next(source, &number);
    pp_audio_sender_set_muted(o.sender, true);
    give_next(source, &number);
    pp_audio_sender_set_muted(o.sender, false);
    o.closed = true;
    give_next(source, &number);
    o.closed = false;
    give_next(source, &number);
    assert_int_equal(o.count, 2);
    expect(&o, 1, FIRST_SEQUENCE + 1, FIRST_TIMESTAMP + 3 * FRAME);
    assert_true(o.packets[1].marker);
    assert_int_equal(pp_audio_sender_step(o.sender, true, &packet), 0);
    assert_int_equal(packet.size, 0); /* no clock of ours */
    assert_int_equal(pp_audio_sender_dtmf(o.sender, '5', 100, 40), 0);
    for (unsigned i = 0; i < 20; i++) {
        give_next(source, &number);
        assert_int_equal(pp_audio_sender_step(o.sender, true, &packet), 0);
        if (packet.size)
            assert_int_equal(packet.sequence, FIRST_SEQUENCE + 2 + tones++);
    }
    assert_in_range(tones, 6, 10);
    assert_int_equal(o.packets[2].sequence, FIRST_SEQUENCE + 2 + tones);
    assert_int_equal(o.packets[o.count - 1].timestamp, FIRST_TIMESTAMP + (number - 1u) * FRAME);
    pp_audio_sender_free(o.sender);
    pipit_source_unref(source);
}

static void another_codec_sends_nothing(void **state)
{
    pipit_source *source = new_source("PCMU");
    out o;

    (void)state;
    open_out(&o, "PCMA", source);
    give(source, 1, 0, 'x');
    assert_int_equal(o.count, 0);
    pp_audio_sender_free(o.sender);
    pipit_source_unref(source);
}

static void samples_may_follow_and_go_before(void **state)
{
    pipit_source *source = new_source("PCMA"), *tone = NULL;
    pp_rtp packet;
    out o;

    (void)state;
    assert_int_equal(pipit_source_tone(440, -12, &tone), 0);
    open_out(&o, "PCMA", tone);
    assert_int_equal(pp_audio_sender_step(o.sender, true, &packet), 0);
    assert_int_equal(packet.sequence, FIRST_SEQUENCE);
    assert_int_equal(pp_audio_sender_set_source(o.sender, source), 0);
    assert_int_equal(pp_audio_sender_step(o.sender, true, &packet), 0);
    assert_int_equal(packet.size, 0);
    give(source, 77, 123456, 'x');
    expect(&o, 0, FIRST_SEQUENCE + 1, FIRST_TIMESTAMP + FRAME);
    assert_int_equal(pp_audio_sender_set_source(o.sender, tone), 0);
    give(source, 78, 123456 + FRAME, 'x'); /* not its any more */
    assert_int_equal(o.count, 1);
    assert_int_equal(pp_audio_sender_step(o.sender, true, &packet), 0);
    assert_int_equal(packet.sequence, FIRST_SEQUENCE + 2);
    assert_int_equal(packet.timestamp, FIRST_TIMESTAMP + 2 * FRAME);
    assert_int_equal(packet.size, FRAME);
    pp_audio_sender_free(o.sender);
    pipit_source_unref(source);
    pipit_source_unref(tone);
}

/* --- sinks ------------------------------------------------------------------------------------ */

typedef struct ear {
    unsigned frames, released;
    uint16_t sequences[MAX];
    char codec[16];
    uint64_t samples; /* not silent */
    uint64_t captured_us;
} ear;

static void hear_encoded(void *self, const pipit_audio_encoded *frame)
{
    ear *e = self;

    assert_true(e->frames < MAX);
    assert_int_equal(frame->size, FRAME);
    snprintf(e->codec, sizeof(e->codec), "%s", frame->codec);
    e->sequences[e->frames++] = frame->sequence;
    e->captured_us = frame->captured_us;
}

static void hear(void *self, const int16_t *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((ear *)self)->samples += samples[i] > 1000 || samples[i] < -1000;
}

static void note_release(void *self)
{
    ((ear *)self)->released++;
}

static const pipit_encoded_sink_interface encoded_ear = {.write = hear_encoded,
                                                         .release = note_release};
static const pipit_sink_interface plain_ear = {.write = hear};

static void come(pp_audio_receiver *receiver, uint8_t payload_type, uint16_t sequence)
{
    uint8_t data[FRAME];
    const pp_rtp packet = {.payload_type = payload_type,
                           .sequence = sequence,
                           .timestamp = sequence * (uint32_t)FRAME,
                           .ssrc = 9,
                           .payload = data,
                           .size = payload_type == 101 ? 4 : sizeof(data)};

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = i % 2 ? 0x2A : 0xAA; /* loud, in A-law */
    assert_int_equal(pp_audio_receiver_add(receiver, &packet, sequence * 20000u), 0);
    pp_audio_receiver_step(receiver, sequence * 20000u);
}

static void packets_come_as_they_are_and_at_once(void **state)
{
    const struct pp_receive_codec codecs[] = {{8, pp_codec_find(PP_LIT("PCMA"), 8000, 1)}};
    pp_audio_receiver_options options = {.codecs = codecs, .codec_count = 1};
    pp_audio_receiver *receiver = NULL;
    pipit_sink *sink = NULL, *plain = NULL;
    ear e = {0};

    (void)state;
    assert_int_equal(pipit_sink_encoded(&encoded_ear, &e, &sink), 0);
    assert_int_equal(pipit_sink_new(&plain_ear, &e, 8000, &plain), 0);
    options.sink = sink;
    assert_int_equal(pp_audio_receiver_new(&options, &receiver), 0);
    come(receiver, 8, 2);
    come(receiver, 8, 1);
    come(receiver, 101, 3); /* a tone */
    come(receiver, 8, 4);
    assert_int_equal(e.frames, 3);
    assert_true(e.sequences[0] == 2 && e.sequences[1] == 1 && e.sequences[2] == 3);
    assert_string_equal(e.codec, "PCMA");
    assert_int_equal(pp_audio_receiver_set_sink(receiver, plain), 0);
    for (uint16_t i = 5; i < 20; i++)
        come(receiver, 8, i);
    assert_true(e.frames == 3 && e.samples > 10 * FRAME);
    assert_int_equal(pp_audio_receiver_set_sink(receiver, sink), 0);
    come(receiver, 8, 20);
    assert_int_equal(e.frames, 4);
    pipit_sink_unref(plain);
    pipit_sink_unref(sink);
    assert_int_equal(e.released, 0);
    pp_audio_receiver_free(receiver);
    assert_int_equal(e.released, 1);
}

static void packets_can_come_beside_their_sound(void **state)
{
    const struct pp_receive_codec codecs[] = {{8, pp_codec_find(PP_LIT("PCMA"), 8000, 1)}};
    const pp_capture capture = {.clock_rate = 8000, .has_packet = true, .packet_us = 1000000};

    (void)state;
    for (unsigned swap = 0; swap < 2; swap++) {
        pp_audio_receiver_options options = {
            .codecs = codecs, .codec_count = 1, .capture = &capture};
        pp_audio_receiver *receiver = NULL;
        pipit_sink *sink = NULL, *plain = NULL;
        ear e = {0};

        assert_int_equal(pipit_sink_encoded(&encoded_ear, &e, &sink), 0);
        assert_int_equal(pipit_sink_new(&plain_ear, &e, 8000, &plain), 0);
        assert_int_equal(pipit_sink_tee(swap ? plain : sink, swap ? sink : plain, &options.sink),
                         0);
        assert_int_equal(pp_audio_receiver_new(&options, &receiver), 0);
        for (uint16_t i = 1; i < 20; i++)
            come(receiver, 8, i);
        assert_int_equal(e.frames, 19);
        assert_true(e.captured_us == 1000000 + 19 * 20000);
        assert_true(e.samples > 10 * FRAME);
        assert_true(pp_audio_receiver_behind_us(receiver) == 0); /* of a time to come */
        pp_audio_receiver_free(receiver);
        pipit_sink_unref(options.sink);
        pipit_sink_unref(plain);
        pipit_sink_unref(sink);
        assert_int_equal(e.released, 1);
    }
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const uint8_t data[1276];
    const pipit_audio_encoded long_one = {.data = data, .size = sizeof(data)}, empty = {0};
    pipit_source *source = NULL, *tone = NULL;
    pipit_sink *sink = NULL;

    (void)state;
    assert_int_equal(pipit_source_encoded(NULL, &source), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_encoded("speex", &source), PIPIT_ERR_MEDIA);
    assert_int_equal(pipit_sink_encoded(NULL, NULL, &sink), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_tone(440, -12, &tone), 0);
    source = new_source("opus");
    assert_int_equal(pipit_source_write(tone, &long_one), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_write(source, &empty), PIPIT_ERR_ARGUMENT);
    assert_int_equal(pipit_source_write(source, &long_one), PIPIT_ERR_LIMIT);
    pipit_source_unref(source);
    pipit_source_unref(tone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_keep_their_distances),
        cmocka_unit_test(frames_without_numbers_are_numbered),
        cmocka_unit_test(what_is_left_out_is_not_missed),
        cmocka_unit_test(another_codec_sends_nothing),
        cmocka_unit_test(samples_may_follow_and_go_before),
        cmocka_unit_test(packets_come_as_they_are_and_at_once),
        cmocka_unit_test(packets_can_come_beside_their_sound),
        cmocka_unit_test(what_makes_no_sense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
