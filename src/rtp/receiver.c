/* receiver.c - what a receiver remembers of one SSRC: sequence numbers, loss and jitter (RFC 3550
 * appendix A). */
#include "rtp/rtp.h"

enum { DROPOUT_MAX = 3000, MISORDER_MAX = 100 };

void pp_rtp_receiver_init(pp_rtp_receiver *receiver, uint32_t ssrc, uint32_t clock_rate)
{
    *receiver = (pp_rtp_receiver){.ssrc = ssrc, .clock_rate = clock_rate};
}

/* Appendix A.1, init_seq. There is no probation: SRTP has proved the source already. */
static void restart(pp_rtp_receiver *receiver, uint16_t sequence)
{
    receiver->base_sequence = sequence;
    receiver->max_sequence = sequence;
    receiver->cycles = 0;
    receiver->received = 0;
    receiver->received_prior = 0;
    receiver->expected_prior = 0;
}

/* Appendix A.1, update_seq: two packets in a row beyond the jump mean that the far end started
 * anew. */
static bool update_sequence(pp_rtp_receiver *receiver, uint16_t sequence)
{
    uint16_t delta = (uint16_t)(sequence - receiver->max_sequence);

    if (delta < DROPOUT_MAX) {
        if (sequence < receiver->max_sequence)
            receiver->cycles += 65536;
        receiver->max_sequence = sequence;
    } else if (delta <= 65536 - MISORDER_MAX) {
        if (sequence != receiver->bad_sequence) {
            receiver->bad_sequence = (uint16_t)(sequence + 1);
            return false;
        }
        restart(receiver, sequence);
    }
    /* No jump ever leads to the highest number itself, so here it stands for "no bad one yet". */
    receiver->bad_sequence = receiver->max_sequence;
    receiver->received++;
    return true;
}

/* Arrival in clock units; only differences matter, so that wrapping is fine. */
static uint32_t arrival_of(const pp_rtp_receiver *receiver, uint64_t now_us)
{
    return (uint32_t)((now_us - receiver->arrival_base_us) * receiver->clock_rate / 1000000);
}

/* Appendix A.8. Packets of one timestamp, as telephone-events are, say nothing about the network
 * when the later ones were sent later; and a step of more than a second is a new time line and no
 * jitter. */
static void update_jitter(pp_rtp_receiver *receiver, uint32_t timestamp, uint64_t now_us)
{
    uint32_t transit = arrival_of(receiver, now_us) - timestamp;
    uint32_t difference = transit - receiver->transit;

    if (timestamp == receiver->timestamp)
        return;
    receiver->timestamp = timestamp;
    receiver->transit = transit;
    if (difference > INT32_MAX)
        difference = 0 - difference;
    if (difference <= receiver->clock_rate)
        receiver->jitter += (difference - receiver->jitter) / 16;
}

bool pp_rtp_receiver_add(pp_rtp_receiver *receiver, const pp_rtp *packet, uint64_t now_us)
{
    if (!receiver->started) {
        receiver->started = true;
        receiver->arrival_base_us = now_us;
        receiver->timestamp = packet->timestamp;
        receiver->transit = 0 - packet->timestamp;
        restart(receiver, packet->sequence);
    }
    if (!update_sequence(receiver, packet->sequence))
        return false;
    update_jitter(receiver, packet->timestamp, now_us);
    return true;
}

int64_t pp_rtp_receiver_lost(const pp_rtp_receiver *receiver)
{
    uint32_t highest = receiver->cycles + receiver->max_sequence;

    if (!receiver->started)
        return 0;
    return (int64_t)(uint32_t)(highest - receiver->base_sequence + 1) - receiver->received;
}

double pp_rtp_receiver_jitter_ms(const pp_rtp_receiver *receiver)
{
    return receiver->clock_rate ? receiver->jitter * 1000 / receiver->clock_rate : 0;
}
