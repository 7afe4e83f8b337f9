/* memory.c - every allocation fails once: nothing is lost, and what failed works the next time. */
#include "media/audio_receiver.h"
#include "media/audio_sender.h"

#include "pipit/error.h"
#include "support/files.h"
#include "support/scarce.h"
#include "unit/media/codecs.h"

static int make_tone(void)
{
    pipit_source *source = NULL;
    int err = pipit_source_tone(440, -18, &source);

    pipit_source_unref(source);
    return err;
}

static int make_echo_and_tee(void)
{
    pipit_source *source = NULL;
    pipit_sink *sink = NULL, *tee = NULL;
    int err = pipit_echo(&source, &sink);

    if (!err)
        err = pipit_sink_tee(sink, sink, &tee);
    pipit_sink_unref(tee);
    pipit_sink_unref(sink);
    pipit_source_unref(source);
    return err;
}

/* What is sent, and how. */
static pp_audio_sender_options sent;

static int send_in_halves(pp_audio_sender *sender, bool first, pp_rtp *out)
{
    if (first)
        return pp_audio_sender_step(sender, true, out);
    *out = (pp_rtp){0};
    return pp_audio_sender_has_halves(sender) ? pp_audio_sender_half_step(sender, true, out) : 0;
}

/* Goes on after a failed step, as a call does; the first failure is what counts. */
static int send_and_receive(void)
{
    const struct pp_receive_codec codecs[] = {{111, test_codec(0)}, {0, test_codec(1)}};
    pp_audio_sender_options options = sent;
    pp_audio_receiver *receiver = NULL;
    pp_audio_sender *sender = NULL;
    pipit_source *source = NULL;
    pipit_sink *sink = NULL;
    pp_audio_receiver_stats stats = {0};
    int first_err = pipit_echo(&source, &sink), err;

    if (!first_err)
        options.source = source;
    if (!first_err)
        first_err = pp_audio_sender_new(&options, &sender);
    if (!first_err)
        first_err = pp_audio_receiver_new(
            &(pp_audio_receiver_options){.codecs = codecs,
                                         .codec_count = 2,
                                         .sink = sink,
                                         .comfort_payload_type = options.comfort_payload_type,
                                         .channels = options.channels},
            &receiver);
    for (uint64_t now_us = 0; receiver && now_us < 900000; now_us += 10000) {
        bool whole = now_us % 20000 == 0;
        pp_rtp packet;

        err = send_in_halves(sender, whole, &packet);
        if (!err && packet.size && now_us / 20000 != 15)
            err = pp_audio_receiver_add(receiver, &packet, now_us);
        first_err = first_err ? first_err : err;
        if (whole)
            pp_audio_receiver_step(receiver, now_us);
    }
    if (receiver) {
        pp_audio_receiver_get_stats(receiver, &stats);
        assert_true(stats.account.concealed <= 12 * 960); /* it went on */
    }
    pp_audio_receiver_free(receiver);
    pp_audio_sender_free(sender);
    pipit_source_unref(source);
    pipit_sink_unref(sink);
    /* A step of the receiver has no error: it makes the sound up. */
    return first_err || !scarce_memory.failed ? first_err : PIPIT_ERR_MEMORY;
}

static void a_source_or_sink_survives_short_memory(void **state)
{
    (void)state;
    assert_true(scarce_sweep(make_tone, false) > 0);
    assert_true(scarce_sweep(make_echo_and_tee, false) > 0);
}

static void a_sender_and_a_receiver_survive_short_memory(void **state)
{
    const pp_audio_sender_options cases[] = {
        {.codec = test_codec(0), .payload_type = 111},
        {.codec = test_codec(0), .payload_type = 111, .packet_ms = 60, .channels = 2},
        {.codec = test_codec(1), .packet_ms = 30, .comfort_payload_type = 13},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sent = cases[i];
        sent.event_payload_type = -1;
        assert_true(scarce_sweep(send_and_receive, false) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_or_sink_survives_short_memory),
        cmocka_unit_test(a_sender_and_a_receiver_survive_short_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
