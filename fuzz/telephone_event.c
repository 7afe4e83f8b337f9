/* telephone_event.c - any sequence of events: each tone is reported once at the most; and what our
 * sender sends is heard as it was meant, whichever packets but one are lost. */
/* FUZZ: rtp base */
#include "rtp/telephone_event.h"

#include "check.h"

/* Records of ten octets: timestamp (only its high half moves fast), delay, payload. */
static void check_any_sequence(const uint8_t *data, size_t size)
{
    pp_dtmf_receiver receiver = {0};
    uint64_t now_us = 0;
    size_t packets = 0, tones = 0;
    uint32_t duration;
    char tone = 'x';

    for (; size >= 8; data += 8, size -= 8) {
        const pp_rtp packet = {.timestamp = (uint32_t)data[0] << 24 | (uint32_t)data[1] << 8,
                               .payload = data + 4,
                               .size = data[3] & 1 ? 4 : data[3] % 5u};

        now_us += data[2] * 1000u;
        packets++;
        tones += pp_dtmf_receiver_add(&receiver, &packet, now_us, &tone, &duration);
        CHECK(tone == 'x' || pp_telephone_event_of(tone) >= 0);
        tones += pp_dtmf_receiver_tick(&receiver, now_us + 1000, &tone, &duration);
        CHECK(tones <= packets);
    }
    tones += pp_dtmf_receiver_tick(&receiver, now_us + 1000000, &tone, &duration);
    CHECK(tones <= packets);
    CHECK(!pp_dtmf_receiver_tick(&receiver, now_us + 2000000, &tone, &duration));
}

/* The first octets choose a tone; the rest are bits that lose packets. The very last packet always
 * comes. */
static void check_our_own(const uint8_t *data, size_t size)
{
    char expected = pp_telephone_event_tone(data[0] & 15);
    uint32_t length = (uint32_t)data[1] * 960 + data[2] + 1;
    pp_dtmf_receiver receiver = {0};
    pp_dtmf_sender sender;
    uint64_t now_us = 0;
    uint32_t duration = 0;
    unsigned tones = 0, packets = 0;
    uint8_t payload[4];
    bool marker;
    char tone = 0;

    pp_dtmf_sender_start(&sender, expected, data[3], length, 960);
    while (pp_dtmf_sender_next(&sender, payload, &marker)) {
        const pp_rtp packet = {.timestamp = sender.timestamp, .payload = payload, .size = 4};
        bool lost =
            sender.active && length <= 0x8000 && size > 4 && data[4 + packets % (size - 4)] & 1;

        CHECK(marker == (packets == 0) && packets < 1000);
        packets++;
        now_us += 20000;
        tones += !lost && pp_dtmf_receiver_add(&receiver, &packet, now_us, &tone, &duration);
    }
    CHECK(tones == 1 && tone == expected && duration == length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_any_sequence(data, size);
    if (size >= 4)
        check_our_own(data, size);
    return 0;
}
