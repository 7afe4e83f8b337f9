/* telephone_event.c - tones as packets, and back. */
#include "rtp/telephone_event.h"

#include "pipit/error.h"
#include "support/files.h"

struct wire { /* the packets of one tone as they were sent */
    pp_rtp packets[512];
    uint8_t payloads[512][4];
    size_t count;
};

static void send_tone(struct wire *wire, char tone, uint32_t timestamp, uint32_t duration,
                      uint32_t step)
{
    pp_dtmf_sender sender;
    bool marker;

    pp_dtmf_sender_start(&sender, tone, timestamp, duration, step);
    while (pp_dtmf_sender_next(&sender, wire->payloads[wire->count], &marker)) {
        assert_true(wire->count < 511);
        wire->packets[wire->count] = (pp_rtp){.marker = marker,
                                              .timestamp = sender.timestamp,
                                              .payload = wire->payloads[wire->count],
                                              .size = 4};
        wire->count++;
    }
}

/* Plays the packets whose bit is not set in `lost` to a receiver; returns what was heard as text.
 */
static const char *heard(const struct wire *wire, uint64_t lost, uint32_t *durations)
{
    static char text[64];
    pp_dtmf_receiver receiver = {0};
    uint64_t now_us = 0;
    size_t n = 0;

    for (size_t i = 0; i < wire->count; i++) {
        now_us = 20000 * i;
        if (i < 64 && lost >> i & 1)
            continue;
        if (pp_dtmf_receiver_add(&receiver, &wire->packets[i], now_us, &text[n], &durations[n]))
            n++;
    }
    if (pp_dtmf_receiver_tick(&receiver, now_us + 200000, &text[n], &durations[n]))
        n++;
    text[n] = '\0';
    return text;
}

static void a_tone_is_an_event_and_back(void **state)
{
    (void)state;
    for (uint8_t event = 0; event < 17; event++)
        assert_int_equal(pp_telephone_event_of(pp_telephone_event_tone(event)), event);
    assert_int_equal(pp_telephone_event_of('d'), 15);
    assert_int_equal(pp_telephone_event_of('r'), 16);
    assert_int_equal(pp_telephone_event_of('E'), -1);
    assert_int_equal(pp_telephone_event_of('\0'), -1);
    assert_int_equal(pp_telephone_event_of(','), -1);
    assert_int_equal(pp_telephone_event_tone(17), 0);
    assert_int_equal(pp_telephone_event_tone(255), 0);
}

static void a_payload_is_read_back_as_it_was_written(void **state)
{
    const pp_telephone_event event = {11, true, 10, 0x1234};
    pp_telephone_event back;
    uint8_t payload[4];

    (void)state;
    pp_telephone_event_write(&event, payload);
    assert_memory_equal(payload, "\x0b\x8a\x12\x34", 4);
    assert_int_equal(pp_telephone_event_parse(payload, 4, &back), 0);
    assert_int_equal(back.event, 11);
    assert_true(back.end);
    assert_int_equal(back.volume, 10);
    assert_int_equal(back.duration, 0x1234);
    assert_int_equal(pp_telephone_event_parse(payload, 3, &back), PIPIT_ERR_SYNTAX);
}

static void a_tone_is_updates_and_three_ends(void **state)
{
    static struct wire wire;

    (void)state;
    send_tone(&wire, '5', 1000, 4800, 960); /* 100 ms at 48,000 */
    assert_int_equal(wire.count, 4 + 3);
    for (size_t i = 0; i < wire.count; i++) {
        assert_int_equal(wire.packets[i].marker, i == 0);
        assert_int_equal(wire.packets[i].timestamp, 1000);
        assert_int_equal(wire.payloads[i][1] >> 7, i >= 4);
    }
}

static void a_tone_is_heard_once_whatever_single_packet_is_left(void **state)
{
    static struct wire wire;
    uint32_t durations[64];

    (void)state;
    send_tone(&wire, '#', 0xffffff00, 4800, 960);
    assert_string_equal(heard(&wire, 0, durations), "#");
    assert_int_equal(durations[0], 4800);
    for (unsigned lost = 0; lost < 127; lost++)
        assert_string_equal(heard(&wire, lost, durations), "#");
}

static void a_tone_whose_ends_are_lost_is_over_when_the_next_begins(void **state)
{
    static struct wire wire;
    uint32_t durations[64];

    (void)state;
    send_tone(&wire, '1', 0, 4800, 960);
    send_tone(&wire, '1', 9600, 4800, 960);
    assert_string_equal(heard(&wire, 0, durations), "11");
    assert_string_equal(heard(&wire, 0x70, durations), "11");
    assert_int_equal(durations[0], 3840);
    /* Nothing of the second but its ends: the first of them reports the first tone, the next its
     * own. */
    assert_string_equal(heard(&wire, 0x7f0, durations), "11");
}

static void a_tone_longer_than_16_bits_is_one_tone(void **state)
{
    static struct wire wire;
    uint32_t durations[64];

    (void)state;
    send_tone(&wire, '9', 500, 288000, 960); /* six seconds at 48,000 */
    assert_string_equal(heard(&wire, 0, durations), "9");
    assert_int_equal(durations[0], 288000);
    wire.count -= 3; /* and without its end it is still one */
    assert_string_equal(heard(&wire, 0, durations), "9");
}

static void a_late_packet_of_an_earlier_tone_is_not_heard_again(void **state)
{
    static struct wire wire;
    pp_dtmf_receiver receiver = {0};
    char tone = 0;
    uint32_t duration = 0;

    (void)state;
    send_tone(&wire, '1', 10000, 4800, 960);
    send_tone(&wire, '2', 20000, 4800, 960);
    assert_true(pp_dtmf_receiver_add(&receiver, &wire.packets[4], 0, &tone, &duration));
    assert_false(pp_dtmf_receiver_add(&receiver, &wire.packets[8], 1, &tone, &duration));
    assert_false(pp_dtmf_receiver_add(&receiver, &wire.packets[5], 2, &tone, &duration));
    assert_true(pp_dtmf_receiver_add(&receiver, &wire.packets[13], 3, &tone, &duration));
    assert_int_equal(tone, '2');
    assert_false(pp_dtmf_receiver_tick(&receiver, 1000000, &tone, &duration));
}

static void an_event_that_is_no_tone_is_not_heard(void **state)
{
    static const uint8_t other[4] = {17, 0x80, 1, 0};
    const pp_rtp packet = {.timestamp = 5, .payload = other, .size = 4};
    const pp_rtp stub = {.timestamp = 5, .payload = other, .size = 2};
    pp_dtmf_receiver receiver = {0};
    uint32_t duration;
    char tone;

    (void)state;
    assert_false(pp_dtmf_receiver_add(&receiver, &packet, 0, &tone, &duration));
    assert_false(pp_dtmf_receiver_add(&receiver, &stub, 0, &tone, &duration));
    assert_false(pp_dtmf_receiver_tick(&receiver, 1000000, &tone, &duration));
}

static void a_sender_without_a_tone_sends_nothing(void **state)
{
    pp_dtmf_sender sender;
    uint8_t payload[4];
    bool marker;

    (void)state;
    pp_dtmf_sender_start(&sender, 'x', 0, 960, 960);
    assert_false(pp_dtmf_sender_next(&sender, payload, &marker));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_is_an_event_and_back),
        cmocka_unit_test(a_payload_is_read_back_as_it_was_written),
        cmocka_unit_test(a_tone_is_updates_and_three_ends),
        cmocka_unit_test(a_tone_is_heard_once_whatever_single_packet_is_left),
        cmocka_unit_test(a_tone_whose_ends_are_lost_is_over_when_the_next_begins),
        cmocka_unit_test(a_tone_longer_than_16_bits_is_one_tone),
        cmocka_unit_test(a_late_packet_of_an_earlier_tone_is_not_heard_again),
        cmocka_unit_test(an_event_that_is_no_tone_is_not_heard),
        cmocka_unit_test(a_sender_without_a_tone_sends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
