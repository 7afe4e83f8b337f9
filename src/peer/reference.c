/* reference.c - round trips of who only receives. */
#include "peer/reference.h"

void pp_reference_heard(pp_reference *reference, uint32_t ssrc, uint64_t ntp, uint64_t now_us)
{
    reference->last_rr = (uint32_t)(ntp >> 16);
    reference->ssrc = ssrc;
    reference->at_us = now_us;
}

void pp_reference_answer(pp_reference *reference, uint32_t own_ssrc, uint64_t now_us, pp_buf *out)
{
    const pp_feedback_ends ends = {own_ssrc, reference->ssrc};

    if (!reference->last_rr)
        return;
    pp_feedback_reference_reply(out, ends, reference->last_rr,
                                (uint32_t)(((now_us - reference->at_us) << 16) / 1000000));
    reference->last_rr = 0;
}

void pp_reference_answered(pp_reference *reference, uint32_t last_rr, uint32_t delay,
                           uint64_t wall_us)
{
    const pp_report_block as_block = {.last_sr = last_rr, .delay_since_last_sr = delay};
    uint64_t round_trip_us;

    if (!pp_rtcp_round_trip_us(&as_block, wall_us, &round_trip_us))
        return;
    reference->known = true;
    reference->round_trip_ms = (double)round_trip_us / 1000;
}
