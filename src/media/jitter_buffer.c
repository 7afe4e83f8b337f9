/* jitter_buffer.c - packets in order, each once. */
#include "media/jitter_buffer.h"

#include "base/alloc.h"
#include "pipit/error.h"

enum { JUMP_US = 2000000, REORDER_MAX = 100 };

void pp_jitter_buffer_init(pp_jitter_buffer *buffer, uint32_t clock_rate)
{
    memset(buffer, 0, sizeof(*buffer));
    buffer->clock_rate = clock_rate;
}

static void remove_first(pp_jitter_buffer *buffer)
{
    pp_free(buffer->packets[0].payload);
    buffer->count--;
    memmove(buffer->packets, buffer->packets + 1, buffer->count * sizeof(*buffer->packets));
}

void pp_jitter_buffer_clear(pp_jitter_buffer *buffer)
{
    while (buffer->count)
        remove_first(buffer);
    buffer->started = false;
    buffer->has_taken = false;
    buffer->taken = 0;
    pp_arrival_clear(&buffer->arrival);
}

int64_t pp_jitter_buffer_us(const pp_jitter_buffer *buffer, int64_t clock_units)
{
    return clock_units * 1000000 / buffer->clock_rate;
}

/* The time line begins in the middle of nowhere, so that it can go back a little without falling below zero. */
static void start(pp_jitter_buffer *buffer, const pp_rtp *packet, uint64_t now_us)
{
    buffer->started = true;
    buffer->newest_sequence = ((int64_t)1 << 16) + packet->sequence;
    buffer->newest_time = ((int64_t)1 << 32) + packet->timestamp;
    buffer->last_offset = (int64_t)now_us - pp_jitter_buffer_us(buffer, buffer->newest_time);
}

/* The wire's 16 and 32 bits, as the values next to the newest ones. */
static pp_jitter_packet place(const pp_jitter_buffer *buffer, const pp_rtp *packet,
                              uint32_t duration, uint64_t now_us)
{
    int16_t sequence = (int16_t)(packet->sequence - (uint16_t)buffer->newest_sequence);
    int32_t time = (int32_t)(packet->timestamp - (uint32_t)buffer->newest_time);

    return (pp_jitter_packet){
        .sequence = buffer->newest_sequence + sequence,
        .time = buffer->newest_time + time,
        .duration = duration,
        .arrived_us = now_us,
        .payload_type = packet->payload_type,
    };
}

/* The far end started anew: its clock and ours are suddenly apart, or sequence and time run in opposite directions. */
static bool is_jump(const pp_jitter_buffer *buffer, const pp_jitter_packet *packet)
{
    int64_t offset = (int64_t)packet->arrived_us - pp_jitter_buffer_us(buffer, packet->time);

    if (offset > buffer->last_offset + JUMP_US || offset < buffer->last_offset - JUMP_US)
        return true;
    if (packet->sequence > buffer->newest_sequence)
        return packet->time < buffer->newest_time;
    return packet->sequence < buffer->newest_sequence - REORDER_MAX &&
           packet->time > buffer->newest_time;
}

static bool was_taken(const pp_jitter_buffer *buffer, int64_t sequence)
{
    int64_t behind = buffer->taken_sequence - sequence;

    return behind < 64 && buffer->taken >> behind & 1;
}

enum placement { PLACE_FOUND, TOO_LATE, REPEATED };

/* Where a packet of this number belongs. */
static enum placement find_place(const pp_jitter_buffer *buffer, int64_t sequence, size_t *at)
{
    size_t i = buffer->count;

    if (buffer->has_taken && sequence <= buffer->taken_sequence)
        return was_taken(buffer, sequence) ? REPEATED : TOO_LATE;
    while (i > 0 && buffer->packets[i - 1].sequence > sequence)
        i--;
    if (i > 0 && buffer->packets[i - 1].sequence == sequence)
        return REPEATED;
    *at = i;
    return i == 0 && buffer->count == PP_LIMIT_JITTER_PACKETS ? TOO_LATE : PLACE_FOUND;
}

static void insert(pp_jitter_buffer *buffer, const pp_jitter_packet *packet, size_t at)
{
    if (buffer->count == PP_LIMIT_JITTER_PACKETS) {
        pp_jitter_buffer_skip(buffer);
        at--;
    }
    memmove(buffer->packets + at + 1, buffer->packets + at, (buffer->count - at) * sizeof(*packet));
    buffer->packets[at] = *packet;
    buffer->count++;
}

/* Only sound tells about the network: an event's timestamp stands while its packets go on. */
static void note(pp_jitter_buffer *buffer, const pp_jitter_packet *packet)
{
    if (packet->sequence > buffer->newest_sequence)
        buffer->newest_sequence = packet->sequence;
    if (!packet->duration)
        return;
    if (packet->time > buffer->newest_time)
        buffer->newest_time = packet->time;
    buffer->last_offset = (int64_t)packet->arrived_us - pp_jitter_buffer_us(buffer, packet->time);
    pp_arrival_add(&buffer->arrival, buffer->last_offset);
}

static int keep(pp_jitter_buffer *buffer, pp_jitter_packet *placed, const pp_rtp *packet, size_t at)
{
    placed->payload = (uint8_t *)pp_memdup(packet->payload, packet->size);
    if (!placed->payload)
        return PIPIT_ERR_MEMORY;
    placed->size = packet->size;
    note(buffer, placed);
    insert(buffer, placed, at);
    return 0;
}

int pp_jitter_buffer_add(pp_jitter_buffer *buffer, const pp_rtp *packet, uint32_t duration,
                         uint64_t now_us, bool *restarted)
{
    pp_jitter_packet placed;
    size_t at;

    *restarted = false;
    if (!buffer->started)
        start(buffer, packet, now_us);
    placed = place(buffer, packet, duration, now_us);
    if (duration && is_jump(buffer, &placed)) {
        pp_jitter_buffer_clear(buffer);
        start(buffer, packet, now_us);
        placed = place(buffer, packet, duration, now_us);
        *restarted = true;
    }
    switch (find_place(buffer, placed.sequence, &at)) {
    case REPEATED:
        buffer->duplicate++;
        return 0;
    case TOO_LATE:
        buffer->late++;
        note(buffer, &placed); /* it tells about the network all the same */
        return 0;
    case PLACE_FOUND:
        return keep(buffer, &placed, packet, at);
    }
    return 0;
}

const pp_jitter_packet *pp_jitter_buffer_first(const pp_jitter_buffer *buffer)
{
    return buffer->count ? &buffer->packets[0] : NULL;
}

static void move_on(pp_jitter_buffer *buffer, int64_t sequence, bool taken)
{
    int64_t by = buffer->has_taken ? sequence - buffer->taken_sequence : 64;

    buffer->taken = by < 64 ? buffer->taken << by : 0;
    buffer->taken |= taken;
    buffer->taken_sequence = sequence;
    buffer->has_taken = true;
}

void pp_jitter_buffer_take(pp_jitter_buffer *buffer)
{
    move_on(buffer, buffer->packets[0].sequence, true);
    remove_first(buffer);
}

void pp_jitter_buffer_skip(pp_jitter_buffer *buffer)
{
    buffer->late++;
    move_on(buffer, buffer->packets[0].sequence, true);
    remove_first(buffer);
}

int64_t pp_jitter_buffer_held(const pp_jitter_buffer *buffer)
{
    const pp_jitter_packet *first = &buffer->packets[0], *last = first + buffer->count - 1;

    return buffer->count ? last->time + last->duration - first->time : 0;
}
