/* missing.c - packets that have not come. */
#include "rtp/missing.h"

enum {
    REORDERING_US = 5000, /* overtaken rather than lost */
    ASK_AGAIN_MIN_US = 20000,
    ASKED_MAX = 10,
    GIVE_UP_US = 1000000 /* a picture is not waited for as long */
};

static void drop(pp_missing *missing, size_t from, size_t count)
{
    missing->count -= count;
    memmove(&missing->packets[from], &missing->packets[from + count],
            (missing->count - from) * sizeof(missing->packets[0]));
}

static void found(pp_missing *missing, uint16_t sequence)
{
    for (size_t i = 0; i < missing->count; i++)
        if (missing->packets[i].sequence == sequence) {
            drop(missing, i, 1);
            return;
        }
}

bool pp_missing_is(const pp_missing *missing, uint16_t sequence)
{
    uint16_t ahead = (uint16_t)(sequence - missing->highest);

    for (size_t i = 0; i < missing->count; i++)
        if (missing->packets[i].sequence == sequence)
            return true;
    return !missing->started || (ahead && ahead < 0x8000);
}

bool pp_missing_add(pp_missing *missing, uint16_t sequence, uint64_t now_us)
{
    uint16_t ahead = (uint16_t)(sequence - missing->highest);

    if (!missing->started) {
        missing->started = true;
        missing->highest = sequence;
        return true;
    }
    if (!ahead || ahead >= 0x8000) {
        found(missing, sequence);
        return true;
    }
    if (ahead - 1u > PP_LIMIT_NACK - missing->count) {
        missing->count = 0;
        missing->highest = sequence;
        return false;
    }
    while (++missing->highest != sequence)
        missing->packets[missing->count++] =
            (pp_missing_packet){.sequence = missing->highest, .since_us = now_us};
    return true;
}

void pp_missing_forget(pp_missing *missing, uint16_t before)
{
    size_t old = 0;

    while (old < missing->count && (uint16_t)(missing->packets[old].sequence - before) >= 0x8000)
        old++;
    drop(missing, 0, old);
}

static bool is_due(const pp_missing_packet *packet, uint64_t now_us, uint64_t pause_us)
{
    return packet->asked ? now_us >= packet->asked_us + pause_us
                         : now_us >= packet->since_us + REORDERING_US;
}

size_t pp_missing_due(pp_missing *missing, uint64_t now_us, uint64_t round_trip_us, uint16_t *out)
{
    uint64_t pause_us = round_trip_us > ASK_AGAIN_MIN_US ? round_trip_us : ASK_AGAIN_MIN_US;
    size_t count = 0, kept = 0;

    for (size_t i = 0; i < missing->count; i++) {
        pp_missing_packet packet = missing->packets[i];

        if (packet.asked >= ASKED_MAX || now_us > packet.since_us + GIVE_UP_US)
            continue;
        if (is_due(&packet, now_us, pause_us)) {
            packet.asked++;
            packet.asked_us = now_us;
            out[count++] = packet.sequence;
        }
        missing->packets[kept++] = packet;
    }
    missing->count = kept;
    return count;
}

bool pp_missing_any(const pp_missing *missing)
{
    return missing->count > 0;
}
