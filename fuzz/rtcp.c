/* rtcp.c - any octets as an RTCP packet: no more is heard than there is room for, and our own
 * reports read back. */
/* FUZZ: rtp base */
#include "rtp/feedback.h"

#include "check.h"

struct heard {
    size_t octets; /* that the things heard must have taken at the least */
    bool has_info, has_block, has_cname;
    pp_sender_info info;
    pp_report_block block;
    char cname[256];
    size_t nacks;
    uint64_t rate;
};

static void on_sender_report(void *arg, uint32_t ssrc, const pp_sender_info *info)
{
    struct heard *heard = arg;

    (void)ssrc;
    heard->octets += 28;
    heard->has_info = true;
    heard->info = *info;
}

static void on_report_block(void *arg, uint32_t from_ssrc, const pp_report_block *block)
{
    struct heard *heard = arg;

    (void)from_ssrc;
    CHECK(block->cumulative_lost >= -0x800000 && block->cumulative_lost <= 0x7fffff);
    heard->octets += 24;
    heard->has_block = true;
    heard->block = *block;
}

static void on_cname(void *arg, uint32_t ssrc, pp_str cname)
{
    struct heard *heard = arg;

    (void)ssrc;
    CHECK(cname.n <= 255);
    heard->octets += 2 + cname.n;
    heard->has_cname = true;
    if (cname.n)
        memcpy(heard->cname, cname.p, cname.n);
    heard->cname[cname.n] = '\0';
}

static void on_bye(void *arg, uint32_t ssrc)
{
    struct heard *heard = arg;

    (void)ssrc;
    heard->octets += 4;
}

/* One entry of four octets asks for at most 17. */
static void on_nack(void *arg, uint32_t media_ssrc, uint16_t sequence)
{
    struct heard *heard = arg;

    (void)media_ssrc;
    (void)sequence;
    heard->nacks++;
}

static void on_picture_loss(void *arg, uint32_t media_ssrc)
{
    (void)media_ssrc;
    ((struct heard *)arg)->octets += 12;
}

static void on_full_intra(void *arg, uint32_t media_ssrc, uint8_t sequence)
{
    (void)media_ssrc;
    (void)sequence;
    ((struct heard *)arg)->octets += 8;
}

static void on_max_bitrate(void *arg, uint64_t bits_a_second)
{
    ((struct heard *)arg)->octets += 20;
    ((struct heard *)arg)->rate = bits_a_second;
}

static void on_reference_time(void *arg, uint32_t from_ssrc, uint64_t ntp)
{
    (void)from_ssrc;
    (void)ntp;
    ((struct heard *)arg)->octets += 12;
}

static void on_reference_reply(void *arg, uint32_t about_ssrc, uint32_t last_rr, uint32_t delay)
{
    (void)about_ssrc;
    (void)last_rr;
    (void)delay;
    ((struct heard *)arg)->octets += 12;
}

static const pp_rtcp_handlers handlers = {.sender_report = on_sender_report,
                                          .report_block = on_report_block,
                                          .cname = on_cname,
                                          .bye = on_bye,
                                          .nack = on_nack,
                                          .picture_loss = on_picture_loss,
                                          .full_intra = on_full_intra,
                                          .max_bitrate = on_max_bitrate,
                                          .reference_time = on_reference_time,
                                          .reference_reply = on_reference_reply};

static bool same_info(const pp_sender_info *a, const pp_sender_info *b)
{
    return a->ntp == b->ntp && a->rtp_timestamp == b->rtp_timestamp && a->packets == b->packets &&
           a->octets == b->octets;
}

static bool same_block(const pp_report_block *a, const pp_report_block *b)
{
    return a->ssrc == b->ssrc && a->fraction_lost == b->fraction_lost &&
           a->cumulative_lost == b->cumulative_lost && a->highest_sequence == b->highest_sequence &&
           a->jitter == b->jitter && a->last_sr == b->last_sr &&
           a->delay_since_last_sr == b->delay_since_last_sr;
}

static void check_round_trip(const struct heard *heard)
{
    struct heard back = {0};
    pp_buf out = {0};

    pp_rtcp_write(&out, 1, heard->has_info ? &heard->info : NULL,
                  heard->has_block ? &heard->block : NULL, heard->has_cname ? heard->cname : NULL,
                  true);
    CHECK(pp_rtcp_parse((const uint8_t *)out.p, out.n, &handlers, &back) == 0);
    CHECK(back.has_info == heard->has_info && same_info(&back.info, &heard->info));
    CHECK(back.has_block == heard->has_block && same_block(&back.block, &heard->block));
    CHECK(back.has_cname == heard->has_cname && strcmp(back.cname, heard->cname) == 0);
    pp_buf_free(&out);
}

/* What was read fits what a rate is written with, so it comes back unchanged. */
static void check_rate(uint64_t rate)
{
    struct heard back = {0};
    pp_buf out = {0};

    pp_feedback_max_bitrate(&out, (pp_feedback_ends){1, 2}, rate);
    CHECK(pp_rtcp_parse((const uint8_t *)out.p, out.n, &handlers, &back) == 0);
    CHECK(back.rate == rate || rate == UINT64_MAX);
    pp_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const pp_rtcp_handlers deaf = {0};
    struct heard heard = {0};
    int err = pp_rtcp_parse(data, size, &handlers, &heard);

    CHECK(heard.octets <= size);
    CHECK(heard.nacks <= size / 4 * 17);
    check_rate(heard.rate);
    CHECK(pp_rtcp_parse(data, size, &deaf, NULL) == err);
    check_round_trip(&heard);
    return 0;
}
