/* missing.h - which packets of a stream have not come, and when to ask for them again (RFC 4585 section 6.2.1). */
#ifndef PP_RTP_MISSING_H
#define PP_RTP_MISSING_H

#include "base/limits.h"
#include "base/str.h"

typedef struct pp_missing_packet {
    uint16_t sequence;
    uint8_t asked; /* times */
    uint64_t since_us, asked_us;
} pp_missing_packet;

typedef struct pp_missing { /* zeroed: nothing has come yet */
    bool started;
    uint16_t highest;
    pp_missing_packet packets[PP_LIMIT_NACK]; /* in ascending order */
    size_t count;
} pp_missing;

/* A packet came, or one that was sent again. False when more is missing than can be asked for: all of it is forgotten, and only
 * a key frame helps. */
bool pp_missing_add(pp_missing *missing, uint16_t sequence, uint64_t now_us);
/* Whether it has not come: what is missed, and what is still ahead. */
bool pp_missing_is(const pp_missing *missing, uint16_t sequence);
/* Nothing before that one is of use any more. */
void pp_missing_forget(pp_missing *missing, uint16_t before);
/* Those to be asked for now, at most PP_LIMIT_NACK: a little after they were missed, for packets overtake one another, and again
 * after a round trip. Those asked for too often, or missing for too long, are given up. */
size_t pp_missing_due(pp_missing *missing, uint64_t now_us, uint64_t round_trip_us, uint16_t *out);
bool pp_missing_any(const pp_missing *missing);

#endif
