/* audio_jumps.c - a receiver whose far end begins anew: other numbers, another time, another source or codec, packets of another length. */
#include "unit/media/support/call.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_jump_of_the_timestamp_is_a_new_beginning),
        cmocka_unit_test(a_jump_of_the_sequence_is_a_new_beginning),
        cmocka_unit_test(another_source_or_codec_is_heard),
        cmocka_unit_test(a_packet_of_any_length_is_played_in_steps),
        cmocka_unit_test(a_packet_time_may_change_in_the_middle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
