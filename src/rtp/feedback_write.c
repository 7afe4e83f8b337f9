/* feedback_write.c - what we ask of a sender (RFC 4585, 5104, REMB), and extended reports (RFC 3611). */
#include "rtp/feedback.h"

enum { TRANSPORT_FEEDBACK = 205, PAYLOAD_FEEDBACK = 206, EXTENDED_REPORT = 207 };
enum { GENERIC_NACK = 1, PICTURE_LOSS = 1, FULL_INTRA = 4, APPLICATION_LAYER = 15 };
enum { REFERENCE_TIME = 4, REFERENCE_REPLY = 5 };

static size_t begin(pp_buf *out, unsigned format, unsigned type, pp_feedback_ends ends)
{
    size_t at = pp_rtcp_begin(out, format, type);

    pp_buf_u32(out, ends.own_ssrc);
    pp_buf_u32(out, ends.media_ssrc);
    return at;
}

void pp_feedback_nack(pp_buf *out, pp_feedback_ends ends, const uint16_t *sequences, size_t count)
{
    size_t at;

    if (!count)
        return;
    at = begin(out, GENERIC_NACK, TRANSPORT_FEEDBACK, ends);
    for (size_t i = 0; i < count;) {
        uint16_t first = sequences[i++];
        unsigned behind = 0;

        for (; i < count && (uint16_t)(sequences[i] - first - 1) < 16; i++)
            behind |= 1u << (uint16_t)(sequences[i] - first - 1);
        pp_buf_u16(out, first);
        pp_buf_u16(out, behind);
    }
    pp_rtcp_end(out, at);
}

void pp_feedback_picture_loss(pp_buf *out, pp_feedback_ends ends)
{
    pp_rtcp_end(out, begin(out, PICTURE_LOSS, PAYLOAD_FEEDBACK, ends));
}

/* RFC 5104 section 4.3.1.2: the media source stands in the entry, and the field in the header is 0. */
void pp_feedback_full_intra(pp_buf *out, pp_feedback_ends ends, uint8_t sequence)
{
    size_t at =
        begin(out, FULL_INTRA, PAYLOAD_FEEDBACK, (pp_feedback_ends){.own_ssrc = ends.own_ssrc});

    pp_buf_u32(out, ends.media_ssrc);
    pp_buf_u32(out, (uint32_t)sequence << 24);
    pp_rtcp_end(out, at);
}

void pp_feedback_max_bitrate(pp_buf *out, pp_feedback_ends ends, uint64_t bits_a_second)
{
    size_t at = begin(out, APPLICATION_LAYER, PAYLOAD_FEEDBACK,
                      (pp_feedback_ends){.own_ssrc = ends.own_ssrc});
    uint32_t exponent = 0;

    for (; bits_a_second > 0x3ffff; bits_a_second >>= 1)
        exponent++;
    pp_buf_c(out, "REMB");
    pp_buf_u32(out, 1u << 24 | exponent << 18 | (uint32_t)bits_a_second);
    pp_buf_u32(out, ends.media_ssrc);
    pp_rtcp_end(out, at);
}

static void begin_block(pp_buf *out, unsigned type, unsigned words)
{
    pp_buf_u8(out, type);
    pp_buf_u8(out, 0);
    pp_buf_u16(out, words);
}

void pp_feedback_reference_time(pp_buf *out, uint32_t own_ssrc, uint64_t ntp)
{
    size_t at = pp_rtcp_begin(out, 0, EXTENDED_REPORT);

    pp_buf_u32(out, own_ssrc);
    begin_block(out, REFERENCE_TIME, 2);
    pp_buf_u64(out, ntp);
    pp_rtcp_end(out, at);
}

void pp_feedback_reference_reply(pp_buf *out, pp_feedback_ends ends, uint32_t last_rr,
                                 uint32_t delay)
{
    size_t at = pp_rtcp_begin(out, 0, EXTENDED_REPORT);

    pp_buf_u32(out, ends.own_ssrc);
    begin_block(out, REFERENCE_REPLY, 3);
    pp_buf_u32(out, ends.media_ssrc);
    pp_buf_u32(out, last_rr);
    pp_buf_u32(out, delay);
    pp_rtcp_end(out, at);
}
