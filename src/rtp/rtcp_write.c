/* rtcp_write.c - our RTCP: reports, the name of the source and the farewell (RFC 3550 section 6).
 */
#include "rtp/rtcp.h"

enum { SENDER_REPORT = 200, RECEIVER_REPORT = 201, SOURCE_DESCRIPTION = 202, BYE = 203 };
enum { SDES_CNAME = 1, SDES_TEXT_MAX = 255 };

/* Seconds from 1900, where NTP begins, to 1970. */
static const uint64_t ntp_offset_s = 2208988800;

size_t pp_rtcp_begin(pp_buf *out, unsigned count, unsigned type)
{
    size_t at = out->n;

    pp_buf_u8(out, 0x80 | count);
    pp_buf_u8(out, type);
    pp_buf_u16(out, 0);
    return at;
}

/* The length counts words after the first one. */
void pp_rtcp_end(pp_buf *out, size_t at)
{
    pp_buf_set_u16(out, at + 2, (unsigned)((out->n - at) / 4 - 1));
}

static void write_block(pp_buf *out, const pp_report_block *block)
{
    pp_buf_u32(out, block->ssrc);
    pp_buf_u32(out, (uint32_t)block->fraction_lost << 24 |
                        ((uint32_t)block->cumulative_lost & 0xffffff));
    pp_buf_u32(out, block->highest_sequence);
    pp_buf_u32(out, block->jitter);
    pp_buf_u32(out, block->last_sr);
    pp_buf_u32(out, block->delay_since_last_sr);
}

static void write_report(pp_buf *out, uint32_t ssrc, const pp_sender_info *info,
                         const pp_report_block *block)
{
    size_t at = pp_rtcp_begin(out, block ? 1 : 0, info ? SENDER_REPORT : RECEIVER_REPORT);

    pp_buf_u32(out, ssrc);
    if (info) {
        pp_buf_u64(out, info->ntp);
        pp_buf_u32(out, info->rtp_timestamp);
        pp_buf_u32(out, info->packets);
        pp_buf_u32(out, info->octets);
    }
    if (block)
        write_block(out, block);
    pp_rtcp_end(out, at);
}

/* Section 6.5: the list ends with one zero octet at least, and at a word. */
static void write_cname(pp_buf *out, uint32_t ssrc, const char *cname)
{
    pp_str text = pp_str_sub(pp_str_c(cname), 0, SDES_TEXT_MAX);
    size_t at = pp_rtcp_begin(out, 1, SOURCE_DESCRIPTION);

    pp_buf_u32(out, ssrc);
    pp_buf_u8(out, SDES_CNAME);
    pp_buf_u8(out, (unsigned)text.n);
    pp_buf_str(out, text);
    for (size_t n = 4 - (2 + text.n) % 4; n > 0; n--)
        pp_buf_u8(out, 0);
    pp_rtcp_end(out, at);
}

static void write_bye(pp_buf *out, uint32_t ssrc)
{
    size_t at = pp_rtcp_begin(out, 1, BYE);

    pp_buf_u32(out, ssrc);
    pp_rtcp_end(out, at);
}

void pp_rtcp_write(pp_buf *out, uint32_t ssrc, const pp_sender_info *info,
                   const pp_report_block *block, const char *cname, bool bye)
{
    write_report(out, ssrc, info, block);
    if (cname)
        write_cname(out, ssrc, cname);
    if (bye)
        write_bye(out, ssrc);
}

uint64_t pp_ntp_from_wall(uint64_t wall_us)
{
    return (wall_us / 1000000 + ntp_offset_s) << 32 | (wall_us % 1000000 << 32) / 1000000;
}

/* Appendix A.3: the part lost since the last report, of 256. */
static uint8_t fraction_lost(const pp_rtp_receiver *receiver, uint32_t expected)
{
    int64_t expected_interval = (int64_t)expected - receiver->expected_prior;
    int64_t lost_interval =
        expected_interval - ((int64_t)receiver->received - receiver->received_prior);

    if (expected_interval <= 0 || lost_interval <= 0)
        return 0;
    lost_interval = lost_interval * 256 / expected_interval;
    return (uint8_t)(lost_interval < 255 ? lost_interval : 255);
}

static int32_t clamp_24_bits(int64_t value)
{
    if (value > 0x7fffff)
        return 0x7fffff;
    return value < -0x800000 ? -0x800000 : (int32_t)value;
}

void pp_rtcp_report(pp_rtp_receiver *receiver, uint64_t now_us, pp_report_block *out)
{
    uint32_t highest = receiver->cycles + receiver->max_sequence;
    uint32_t expected = receiver->started ? highest - receiver->base_sequence + 1 : 0;

    *out = (pp_report_block){
        .ssrc = receiver->ssrc,
        .fraction_lost = fraction_lost(receiver, expected),
        .cumulative_lost = clamp_24_bits(pp_rtp_receiver_lost(receiver)),
        .highest_sequence = highest,
        .jitter = (uint32_t)receiver->jitter,
        .last_sr = receiver->last_sr,
    };
    if (receiver->last_sr)
        out->delay_since_last_sr = (uint32_t)(((now_us - receiver->last_sr_at_us) << 16) / 1000000);
    receiver->expected_prior = expected;
    receiver->received_prior = receiver->received;
}

bool pp_rtcp_round_trip_us(const pp_report_block *block, uint64_t now_wall_us, uint64_t *out)
{
    uint32_t now = (uint32_t)(pp_ntp_from_wall(now_wall_us) >> 16);
    int32_t round_trip = (int32_t)(now - block->last_sr - block->delay_since_last_sr);

    /* Both ends round: a round trip just below zero is none at all. More than a minute is no round
     * trip of a call. */
    if (!block->last_sr || round_trip < -66 || round_trip > 60 * 65536)
        return false;
    *out = round_trip > 0 ? ((uint64_t)round_trip * 1000000) >> 16 : 0;
    return true;
}
