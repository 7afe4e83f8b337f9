/* rtp_extension.c - any octets as a packet with header extensions, the first four being the numbers agreed on: what is read lies in
 * the packet, and comes back when it is written. */
/* FUZZ: rtp base */
#include "rtp/extension.h"
#include "rtp/retransmission.h"

#include "check.h"

static void check_round_trip(const pp_rtp_extensions *extensions, const pp_rtp_extension_ids *ids)
{
    uint8_t space[PP_EXTENSION_SIZE_MAX];
    pp_rtp packet = {0};
    pp_rtp_extensions back;

    pp_rtp_extensions_write(extensions, ids, space, &packet);
    CHECK(packet.extension_size <= sizeof(space) && packet.extension_size % 4 == 0);
    pp_rtp_extensions_read(&packet, ids, &back);
    if (extensions->has[PP_EXTENSION_MID] && extensions->mid.n <= 16)
        CHECK(pp_str_eq(back.mid, extensions->mid));
    CHECK(back.send_time == extensions->send_time && back.level == extensions->level &&
          back.transport_sequence == extensions->transport_sequence);
}

/* Four numbers, each its own, below 15. */
static bool usable(const pp_rtp_extension_ids *ids)
{
    for (unsigned i = 0; i < PP_EXTENSION_COUNT; i++)
        for (unsigned k = 0; k < i; k++)
            if (ids->of[i] == ids->of[k])
                return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pp_rtp_extension_ids ids;
    pp_rtp_extensions extensions;
    pp_rtp packet, back;

    if (size < 4 || pp_rtp_parse(data + 4, size - 4, &packet) < 0)
        return 0;
    for (unsigned i = 0; i < PP_EXTENSION_COUNT; i++)
        ids.of[i] = data[i] % 14 + 1;
    pp_rtp_extensions_read(&packet, &ids, &extensions);
    if (extensions.mid.n)
        CHECK((const uint8_t *)extensions.mid.p >= packet.extension &&
              (const uint8_t *)extensions.mid.p + extensions.mid.n <=
                  packet.extension + packet.extension_size);
    CHECK(extensions.send_time <= 0xffffff && extensions.level <= 127);
    if (usable(&ids))
        check_round_trip(&extensions, &ids);
    if (pp_retransmission_unwrap(&packet, 1, 2, &back))
        CHECK(back.size == packet.size - 2 && back.ssrc == 1 && back.payload_type == 2);
    return 0;
}
