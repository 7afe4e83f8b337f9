/* stream.c - a sender and a receiver with a network between them that loses, delays and reorders: pictures arrive, in order, without
 * damage, and what is asked for is got. */
#include "video/sender.h"

#include "support/files.h"
#include "support/scarce.h"
#include "video/source.h"

enum { WIDTH = 160, HEIGHT = 120, QUEUE = 4096, STEP_US = 5000 };

struct flying {
    uint64_t at_us;
    pp_buf octets;
};

struct stage {
    uint64_t now_us, delay_us;
    double loss;
    uint32_t seed;
    struct flying flying[QUEUE];
    size_t first, end;
    pp_video_sender *sender;
    pp_video_receiver *receiver;
    pipit_video_source *source;
    pipit_video_sink *sink;
    unsigned seen, last, lowest;  /* pictures with a number */
    uint64_t last_us, longest_us; /* between two pictures */
    unsigned keys_asked;
    uint64_t encoded, encoded_keys;
};

static double chance(struct stage *stage)
{
    stage->seed = stage->seed * 1664525 + 1013904223;
    return (stage->seed >> 8) / (double)(1 << 24);
}

static void fly(void *arg, pp_rtp *packet)
{
    struct stage *stage = arg;
    struct flying *flying = &stage->flying[stage->end++ % QUEUE];

    pp_buf_clear(&flying->octets);
    pp_rtp_write(packet, &flying->octets);
    flying->at_us = chance(stage) < stage->loss ? 0 : stage->now_us + stage->delay_us;
}

static void show(void *self, const pipit_video_frame *frame)
{
    struct stage *stage = self;
    unsigned number;

    assert_int_equal(frame->width, WIDTH);
    assert_true(pipit_video_pattern_number(frame, &number));
    assert_true(!stage->seen || number > stage->last);
    if (stage->seen && stage->now_us - stage->last_us > stage->longest_us)
        stage->longest_us = stage->now_us - stage->last_us;
    stage->last_us = stage->now_us;
    stage->last = number;
    stage->seen++;
}

static void note_encoded(void *self, const pipit_video_encoded *frame)
{
    struct stage *stage = self;

    assert_true(frame->size > 0 && frame->width == WIDTH && frame->height == HEIGHT);
    stage->encoded++;
    stage->encoded_keys += frame->key;
}

static const pipit_video_sink_interface watching = {.write = show, .write_encoded = note_encoded};

static struct stage *begin(const pp_video_codec_type *type, double loss, int rtx_payload_type)
{
    static struct stage stage;
    const pp_video_format format = {type, 96, rtx_payload_type};

    stage = (struct stage){.now_us = 1000000, .delay_us = 20000, .loss = loss, .seed = 4};
    assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &stage.source), 0);
    assert_int_equal(pipit_video_sink_new(&watching, &stage, &stage.sink), 0);
    assert_int_equal(pp_video_sender_new(&(pp_video_sender_options){.format = format,
                                                                    .ssrc = 1,
                                                                    .rtx_ssrc = 2,
                                                                    .first_sequence = 65500,
                                                                    .rtx_first_sequence = 100,
                                                                    .source = stage.source,
                                                                    .send = fly,
                                                                    .arg = &stage},
                                         &stage.sender),
                     0);
    assert_int_equal(
        pp_video_receiver_new(
            &(pp_video_receiver_options){.formats = &format, .format_count = 1, .sink = stage.sink},
            &stage.receiver),
        0);
    return &stage;
}

static void end(struct stage *stage)
{
    pp_video_sender_free(stage->sender);
    pp_video_receiver_free(stage->receiver);
    pipit_video_source_unref(stage->source);
    pipit_video_sink_unref(stage->sink);
    for (size_t i = 0; i < QUEUE; i++)
        pp_buf_free(&stage->flying[i].octets);
}

static void land(struct stage *stage)
{
    for (; stage->first < stage->end; stage->first++) {
        struct flying *flying = &stage->flying[stage->first % QUEUE];
        pp_rtp packet;

        if (flying->at_us > stage->now_us)
            return;
        if (!flying->at_us)
            continue;
        assert_int_equal(pp_rtp_parse((const uint8_t *)flying->octets.p, flying->octets.n, &packet),
                         0);
        pp_video_receiver_add(stage->receiver, &packet, stage->now_us);
    }
}

static void on_nack(void *arg, uint32_t media_ssrc, uint16_t sequence)
{
    struct stage *stage = arg;

    assert_int_equal(media_ssrc, 1);
    pp_video_sender_again(stage->sender, sequence, stage->now_us, 2 * stage->delay_us);
}

static void on_picture_loss(void *arg, uint32_t media_ssrc)
{
    struct stage *stage = arg;

    assert_int_equal(media_ssrc, 1);
    stage->keys_asked++;
    pp_video_sender_key_frame(stage->sender);
}

static void ask(struct stage *stage)
{
    static const pp_rtcp_handlers handlers = {.nack = on_nack, .picture_loss = on_picture_loss};
    pp_buf out = {0};

    if (pp_video_receiver_ask(stage->receiver, stage->now_us, 2 * stage->delay_us, 9, &out) &&
        chance(stage) >= stage->loss)
        assert_int_equal(pp_rtcp_parse((const uint8_t *)out.p, out.n, &handlers, stage), 0);
    pp_buf_free(&out);
}

static void run(struct stage *stage, unsigned ms)
{
    for (uint64_t end_us = stage->now_us + ms * 1000ull; stage->now_us < end_us;
         stage->now_us += STEP_US) {
        pp_video_sender_run(stage->sender, stage->now_us, true);
        land(stage);
        if (stage->now_us / STEP_US % 4 == 0)
            ask(stage);
    }
}

static void every_picture_arrives_over_a_good_network(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct stage *stage = begin(pp_video_codec_at(i), 0, 97);
        pp_video_receiver_stats received;
        pp_video_sender_stats sent;

        run(stage, 4000);
        pp_video_receiver_get_stats(stage->receiver, &received);
        pp_video_sender_get_stats(stage->sender, &sent);
        assert_true(stage->seen >= 110);
        assert_int_equal(stage->encoded, stage->seen);
        assert_int_equal(received.nacks, 0);
        assert_int_equal(received.undecodable, 0);
        assert_true(sent.frames - received.frames <= 2);
        assert_true(sent.key_frames <= 2);
        assert_true(stage->keys_asked <= 1);
        end(stage);
    }
}

static void a_packet_that_is_sent_again_for_no_need_repairs_nothing(void **state)
{
    struct stage *stage = begin(pp_video_codec_at(0), 0, 97);
    pp_video_receiver_stats received;
    pp_video_sender_stats sent;

    (void)state;
    run(stage, 1000);
    pp_video_sender_get_stats(stage->sender, &sent);
    pp_video_sender_again(stage->sender, (uint16_t)(65500 + sent.packets - 10), stage->now_us, 0);
    run(stage, 100);
    pp_video_receiver_get_stats(stage->receiver, &received);
    assert_int_equal(received.again, 1);
    assert_int_equal(received.repaired, 0);
    end(stage);
}

static void lost_packets_are_sent_again_and_nothing_is_seen_of_it(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct stage *stage = begin(pp_video_codec_at(i), 0.05, 97);
        pp_video_receiver_stats received;

        run(stage, 10000);
        pp_video_receiver_get_stats(stage->receiver, &received);
        assert_true(received.repaired > 5);
        assert_true(stage->seen >= 270);
        assert_true(stage->longest_us < 400000);
        assert_int_equal(received.undecodable, 0);
        end(stage);
    }
}

static void video_goes_on_when_every_fifth_packet_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct stage *stage = begin(pp_video_codec_at(i), 0.2, 97);

        run(stage, 10000);
        assert_true(stage->seen >= 200);
        assert_true(stage->longest_us < 1500000);
        end(stage);
    }
}

static void without_retransmission_a_key_frame_is_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct stage *stage = begin(pp_video_codec_at(i), 0.02, -1);
        pp_video_receiver_stats received;

        run(stage, 10000);
        pp_video_receiver_get_stats(stage->receiver, &received);
        assert_true(stage->keys_asked >= 2);
        assert_int_equal(received.nacks, 0);
        assert_true(received.key_frames >= 2);
        assert_int_equal(received.undecodable, 0);
        assert_true(stage->seen >= 100);
        end(stage);
    }
}

static void a_receiver_that_comes_late_asks_for_a_key_frame(void **state)
{
    struct stage *stage = begin(pp_video_codec_at(0), 1, 97);

    (void)state;
    run(stage, 1000);
    assert_int_equal(stage->seen, 0);
    stage->loss = 0;
    run(stage, 1000);
    assert_true(stage->keys_asked >= 1);
    assert_true(stage->seen >= 20);
    end(stage);
}

static void a_flood_of_requests_makes_no_flood_of_key_frames(void **state)
{
    struct stage *stage = begin(pp_video_codec_at(0), 0, 97);
    pp_video_sender_stats sent;

    (void)state;
    for (unsigned i = 0; i < 400; i++) {
        pp_video_sender_key_frame(stage->sender);
        run(stage, 5);
    }
    pp_video_sender_get_stats(stage->sender, &sent);
    assert_in_range(sent.key_frames, 4, 8);
    end(stage);
}

static void the_rate_keeps_to_what_the_network_takes(void **state)
{
    struct stage *stage = begin(pp_video_codec_at(0), 0, 97);
    pp_video_sender_stats before, after;

    (void)state;
    run(stage, 3000);
    pp_bandwidth_cap(pp_video_sender_bandwidth(stage->sender), 40000);
    run(stage, 2000);
    pp_video_sender_get_stats(stage->sender, &before);
    run(stage, 4000);
    pp_video_sender_get_stats(stage->sender, &after);
    assert_int_equal(after.target, 40000);
    assert_true((after.octets - before.octets) * 8 / 4 < 60000);
    end(stage);
}

static void a_muted_sender_shows_black(void **state)
{
    struct stage *stage = begin(pp_video_codec_at(0), 0, 97);

    (void)state;
    run(stage, 500);
    pp_video_sender_set_muted(stage->sender, true);
    pp_video_receiver_set_sink(stage->receiver, NULL);
    run(stage, 500);
    assert_true(stage->seen > 5 && stage->seen < 20);
    pp_video_sender_set_muted(stage->sender, false);
    run(stage, 200);
    pp_video_receiver_set_sink(stage->receiver, stage->sink);
    run(stage, 500);
    assert_true(stage->last > 30);
    end(stage);
}

static void a_paused_sender_sends_nothing(void **state)
{
    struct stage *stage = begin(pp_video_codec_at(0), 0, 97);
    size_t sent;

    (void)state;
    run(stage, 500);
    sent = stage->end;
    for (unsigned i = 0; i < 100; i++) {
        stage->now_us += STEP_US;
        pp_video_sender_run(stage->sender, stage->now_us, false);
    }
    assert_true(stage->end - sent < 3);
    end(stage);
}

/* --- an encoder of the application's -------------------------------------------------------------- */

struct hardware {
    pp_video_encoder *encoder;
    pipit_video_source *pattern;
    pp_buf frame;
    uint64_t next_us;
    unsigned keys_asked, rate;
    bool key;
};

static bool read_encoded(void *self, uint64_t time_us, pipit_video_encoded *out)
{
    struct hardware *hardware = self;
    pipit_video_frame frame;

    if (time_us < hardware->next_us)
        return false;
    hardware->next_us += 40000;
    assert_true(hardware->pattern->functions->read(hardware->pattern->self, time_us, &frame));
    pp_buf_clear(&hardware->frame);
    assert_int_equal(hardware->encoder->encode(hardware->encoder, &frame, hardware->key,
                                               &hardware->frame, &out->key),
                     0);
    hardware->key = false;
    out->data = (const uint8_t *)hardware->frame.p;
    out->size = hardware->frame.n;
    return out->size > 0;
}

static void key_frame(void *self)
{
    ((struct hardware *)self)->keys_asked++;
    ((struct hardware *)self)->key = true;
}

static void bitrate(void *self, unsigned bits_a_second)
{
    ((struct hardware *)self)->rate = bits_a_second;
}

static void pictures_that_come_encoded_are_passed_on(void **state)
{
    static const pipit_video_source_interface functions[] = {
        {.read_encoded = read_encoded,
         .key_frame = key_frame,
         .bitrate = bitrate,
         .codec = PIPIT_VIDEO_VP8},
        {.read_encoded = read_encoded, .key_frame = key_frame, .codec = PIPIT_VIDEO_H264}};
    const pp_video_settings settings = {WIDTH, HEIGHT, 25, 200000};

    (void)state;
    for (size_t i = 0; pp_video_codec_at(i); i++) {
        struct stage *stage = begin(pp_video_codec_at(i), 0.05, 97);
        struct hardware hardware = {0};
        pipit_video_source *source;

        assert_int_equal(pp_video_codec_at(i)->open_encoder(&settings, &hardware.encoder), 0);
        assert_int_equal(pipit_video_source_pattern(WIDTH, HEIGHT, &hardware.pattern), 0);
        assert_int_equal(
            pipit_video_source_new(&functions[pp_video_codec_at(i)->codec], &hardware, &source), 0);
        pp_video_sender_set_source(stage->sender, source);
        run(stage, 3000);
        assert_true(stage->seen >= 60);
        assert_true(hardware.keys_asked >= 1);
        assert_int_equal(hardware.rate > 0, functions[pp_video_codec_at(i)->codec].bitrate != NULL);
        pp_video_sender_set_source(stage->sender, stage->source);
        pipit_video_source_unref(source);
        pp_video_encoder_close(hardware.encoder);
        pipit_video_source_unref(hardware.pattern);
        pp_buf_free(&hardware.frame);
        end(stage);
    }
}

/* --- memory --------------------------------------------------------------------------------------- */

static void video_without_memory_goes_on_when_there_is_some(void **state)
{
    (void)state;
    for (uint64_t fail = 1; fail <= 200; fail += 7) {
        struct stage *stage;
        unsigned seen;

        scarce_begin(0);
        stage = begin(pp_video_codec_at(0), 0, 97);
        scarce_fail_from(fail);
        for (unsigned i = 0; i < 20; i++) {
            pp_video_sender_run(stage->sender, stage->now_us, true);
            stage->now_us += 33333;
        }
        scarce_relax();
        seen = stage->seen;
        stage->first = stage->end;
        run(stage, 1500);
        assert_true(stage->seen > seen + 15);
        end(stage);
        assert_int_equal(scarce_end(), 0);
    }
}

static void a_receiver_without_memory_goes_on_when_there_is_some(void **state)
{
    (void)state;
    for (uint64_t fail = 1; fail <= 60; fail += 3) {
        struct stage *stage;
        unsigned seen;

        scarce_begin(0);
        stage = begin(pp_video_codec_at(0), 0, 97);
        for (unsigned i = 0; i < 40; i++) {
            pp_video_sender_run(stage->sender, stage->now_us, true);
            scarce_fail_from(fail);
            land(stage);
            scarce_relax();
            stage->now_us += STEP_US;
        }
        seen = stage->seen;
        run(stage, 1500);
        assert_true(stage->seen > seen + 15);
        end(stage);
        assert_int_equal(scarce_end(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_picture_arrives_over_a_good_network),
        cmocka_unit_test(a_packet_that_is_sent_again_for_no_need_repairs_nothing),
        cmocka_unit_test(lost_packets_are_sent_again_and_nothing_is_seen_of_it),
        cmocka_unit_test(video_goes_on_when_every_fifth_packet_is_lost),
        cmocka_unit_test(without_retransmission_a_key_frame_is_asked_for),
        cmocka_unit_test(a_receiver_that_comes_late_asks_for_a_key_frame),
        cmocka_unit_test(a_flood_of_requests_makes_no_flood_of_key_frames),
        cmocka_unit_test(the_rate_keeps_to_what_the_network_takes),
        cmocka_unit_test(a_muted_sender_shows_black),
        cmocka_unit_test(a_paused_sender_sends_nothing),
        cmocka_unit_test(pictures_that_come_encoded_are_passed_on),
        cmocka_unit_test(video_without_memory_goes_on_when_there_is_some),
        cmocka_unit_test(a_receiver_without_memory_goes_on_when_there_is_some),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
