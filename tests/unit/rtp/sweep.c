/* sweep.c - every prefix and every turned bit of RTP and RTCP packets: nothing is read beyond them. */
#include "support/sweep.h"
#include "rtp/rtcp.h"
#include "rtp/telephone_event.h"
#include "support/files.h"

#include <stdlib.h>

static void handle_rtp(const uint8_t *data, size_t size, void *arg)
{
    pp_telephone_event event;
    pp_rtp packet;

    if (!pp_rtp_is(data, size) || pp_rtp_parse(data, size, &packet))
        return;
    ++*(unsigned *)arg;
    assert_true(packet.payload >= data && packet.payload + packet.size <= data + size);
    assert_true(
        !packet.extension_size ||
        (packet.extension > data && packet.extension + packet.extension_size <= data + size));
    (void)pp_telephone_event_parse(packet.payload, packet.size, &event);
}

static void on_sender_report(void *arg, uint32_t ssrc, const pp_sender_info *info)
{
    (void)ssrc;
    (void)info;
    ++*(unsigned *)arg;
}

static void on_block(void *arg, uint32_t from_ssrc, const pp_report_block *block)
{
    (void)from_ssrc;
    assert_in_range(block->fraction_lost, 0, 255);
    ++*(unsigned *)arg;
}

static void on_cname(void *arg, uint32_t ssrc, pp_str cname)
{
    unsigned sum = 0;

    (void)ssrc;
    for (size_t i = 0; i < cname.n; i++)
        sum += (unsigned char)cname.p[i];
    assert_in_range(sum, 0, 255u * 255u);
    ++*(unsigned *)arg;
}

static void on_bye(void *arg, uint32_t ssrc)
{
    (void)ssrc;
    ++*(unsigned *)arg;
}

static void handle_rtcp(const uint8_t *data, size_t size, void *arg)
{
    static const pp_rtcp_handlers handlers = {.sender_report = on_sender_report,
                                              .report_block = on_block,
                                              .cname = on_cname,
                                              .bye = on_bye};

    (void)pp_rtcp_parse(data, size, &handlers, arg);
}

static void damage(const char *target, const char *const *seeds, sweep_function *function,
                   const char *of)
{
    unsigned understood = 0;
    sweep s = {.function = function, .arg = &understood};

    for (; *seeds; seeds++) {
        pp_str content = read_seed(target, *seeds);

        sweep_prefixes(&s, content);
        sweep_bits(&s, content);
        free((void *)(uintptr_t)content.p);
    }
    sweep_report(&s, "prefixes and turned bits", of);
    assert_true(understood > 50);
}

static void an_rtp_packet_damaged_anywhere_does_no_harm(void **state)
{
    static const char *const seeds[] = {"cc15-short", "ext-65535", "extension-padding",
                                        "plain",      "sequence",  NULL};

    (void)state;
    damage("rtp", seeds, handle_rtp, "RTP seeds, each twice");
}

static void an_rtcp_packet_damaged_anywhere_does_no_harm(void **state)
{
    static const char *const seeds[] = {"bye-reason", "feedback",    "rr",
                                        "sdes-short", "sr-sdes-bye", NULL};

    (void)state;
    damage("rtcp", seeds, handle_rtcp, "RTCP seeds, each twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_rtp_packet_damaged_anywhere_does_no_harm),
        cmocka_unit_test(an_rtcp_packet_damaged_anywhere_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
