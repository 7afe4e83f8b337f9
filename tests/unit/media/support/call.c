/* call.c - a far end that sends a tone, and our receiver. */
#include "unit/media/support/call.h"

static void hear(void *self, const int16_t *samples, size_t count)
{
    struct ear *ear = self;

    ear->samples += count;
    ear->now = test_rms(samples, count);
    ear->loudest = ear->now > ear->loudest ? ear->now : ear->loudest;
}

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

void begin_at_rate(struct call *call, uint8_t payload_type, unsigned sink_rate)
{
    memset(call, 0, sizeof(*call));
    new_receiver(call, sink_rate);
    assert_int_equal(
        pp_codec_open(test_codec(payload_type == OPUS ? 0 : 1), PP_STR_NONE, &call->encoder), 0);
    call->now_us = 5000000;
    call->packet = (pp_rtp){
        .payload_type = payload_type, .ssrc = 9, .sequence = 65500, .timestamp = 0xffffe000};
}

void begin(struct call *call, uint8_t payload_type)
{
    begin_at_rate(call, payload_type, 48000);
}

void end(struct call *call)
{
    pp_audio_receiver_free(call->receiver);
    pp_codec_close(call->encoder);
}

void make_packet(struct call *call)
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

int deliver(struct call *call)
{
    int err = pp_audio_receiver_add(call->receiver, &call->packet, call->now_us);

    call->packet.sequence++;
    return err;
}

void step(struct call *call)
{
    call->now_us += STEP_US;
    pp_audio_receiver_step(call->receiver, call->now_us);
}

void talk(struct call *call, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        make_packet(call);
        assert_int_equal(deliver(call), 0);
        call->packet.timestamp += call->encoder->type->clock_rate / 50;
        step(call);
    }
}

void stay_silent(struct call *call, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        call->packet.timestamp += call->encoder->type->clock_rate / 50;
        step(call);
    }
}

pp_audio_receiver_stats stats_of(const struct call *call)
{
    pp_audio_receiver_stats stats;

    pp_audio_receiver_get_stats(call->receiver, &stats);
    return stats;
}

double level_of(const struct call *call)
{
    const pp_audio_receiver_stats stats = stats_of(call);

    return pp_level_get(&stats.level);
}
