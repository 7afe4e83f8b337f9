/* rtp.c - any octets as an RTP packet: its parts stay inside it, and what is written reads back the
 * same. */
/* FUZZ: rtp base */
#include "rtp/rtp.h"

#include "check.h"

static void check_inside(const uint8_t *part, size_t part_size, const uint8_t *data, size_t size)
{
    CHECK(!part_size || (part >= data && part_size <= size && part <= data + size - part_size));
}

static void check_round_trip(const pp_rtp *packet)
{
    pp_buf out = {0};
    pp_rtp back;

    pp_rtp_write(packet, &out);
    CHECK(pp_rtp_parse((const uint8_t *)out.p, out.n, &back) == 0);
    CHECK(back.marker == packet->marker && back.payload_type == packet->payload_type);
    CHECK(back.sequence == packet->sequence && back.timestamp == packet->timestamp &&
          back.ssrc == packet->ssrc);
    CHECK(back.size == packet->size &&
          (!back.size || memcmp(back.payload, packet->payload, back.size) == 0));
    pp_buf_free(&out);
}

/* The octets again as a sequence of (sequence, timestamp, delay) at a receiver. */
static void check_receiver(const uint8_t *data, size_t size)
{
    pp_rtp_receiver receiver;
    uint64_t now_us = 0;

    pp_rtp_receiver_init(&receiver, 1, 48000);
    for (; size >= 8; data += 8, size -= 8) {
        const pp_rtp packet = {.sequence = (uint16_t)(data[0] << 8 | data[1]),
                               .timestamp = (uint32_t)data[2] << 24 | (uint32_t)data[3] << 16 |
                                            (uint32_t)data[4] << 8};

        now_us += (uint64_t)data[5] << 16 | (uint64_t)data[6] << 8 | data[7];
        pp_rtp_receiver_add(&receiver, &packet, now_us);
        CHECK(receiver.received > 0);
        CHECK(receiver.jitter >= 0 && receiver.jitter <= 48000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_rtp packet;

    if (pp_rtp_parse(data, size, &packet) == 0) {
        check_inside(packet.payload, packet.size, data, size);
        check_inside(packet.extension, packet.extension_size, data, size);
        CHECK(packet.size + packet.extension_size + 12 <= size);
        CHECK(pp_rtp_is(data, size) != pp_rtcp_is(data, size));
        check_round_trip(&packet);
    }
    check_receiver(data, size);
    return 0;
}
