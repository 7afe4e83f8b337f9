/* jitter_buffer.h - packets in order, each once, until they are played. Knows nothing of sound. */
#ifndef PP_MEDIA_JITTER_BUFFER_H
#define PP_MEDIA_JITTER_BUFFER_H

#include "base/limits.h"
#include "media/arrival.h"
#include "rtp/rtp.h"

typedef struct pp_jitter_packet {
    int64_t sequence, time; /* extended beyond their 16 and 32 bits */
    uint32_t duration;      /* clock units; 0: no sound in it (an event, padding) */
    uint64_t arrived_us;
    uint8_t payload_type;
    uint8_t *payload;
    size_t size;
} pp_jitter_packet;

typedef struct pp_jitter_buffer {
    uint32_t clock_rate;
    pp_jitter_packet packets[PP_LIMIT_JITTER_PACKETS]; /* the oldest first */
    size_t count;
    bool started, has_taken;
    int64_t newest_sequence, newest_time, last_offset;
    int64_t taken_sequence; /* the highest that was taken off the front */
    uint64_t taken;         /* bit n: taken_sequence - n was taken, and not missing */
    uint64_t late, duplicate;
    pp_arrival arrival;
} pp_jitter_buffer;

void pp_jitter_buffer_init(pp_jitter_buffer *buffer, uint32_t clock_rate);
/* Empties it and forgets its time line; the counters stay. */
void pp_jitter_buffer_clear(pp_jitter_buffer *buffer);
/* The payload is copied. `*restarted` when the packet began a new time line and all before it is gone. Late and repeated ones
 * are counted and dropped. PIPIT_ERR_MEMORY. */
int pp_jitter_buffer_add(pp_jitter_buffer *buffer, const pp_rtp *packet, uint32_t duration,
                         uint64_t now_us, bool *restarted);
const pp_jitter_packet *pp_jitter_buffer_first(const pp_jitter_buffer *buffer); /* NULL: empty */
void pp_jitter_buffer_take(pp_jitter_buffer *buffer); /* the first: played */
void pp_jitter_buffer_skip(pp_jitter_buffer *buffer); /* the first: counted as late */
/* From the start of the first packet to the end of the last, in clock units. */
int64_t pp_jitter_buffer_held(const pp_jitter_buffer *buffer);
int64_t pp_jitter_buffer_us(const pp_jitter_buffer *buffer, int64_t clock_units);

#endif
