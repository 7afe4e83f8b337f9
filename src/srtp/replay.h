/* replay.h - which packets have been seen (RFC 3711 section 3.3.2), and the index behind a sequence
 * number (3.3.1). */
#ifndef PP_SRTP_REPLAY_H
#define PP_SRTP_REPLAY_H

#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct pp_replay {
    bool used;
    uint64_t top;                             /* the highest index seen */
    uint64_t seen[PP_LIMIT_SRTP_WINDOW / 64]; /* a ring of bits: index modulo window */
} pp_replay;

/* Neither seen before nor older than the window. */
bool pp_replay_is_fresh(const pp_replay *replay, uint64_t index);
void pp_replay_add(pp_replay *replay, uint64_t index);
/* The 48 bits of rollover counter and sequence number nearest to the highest seen. False before the
 * beginning and behind the end of counting. */
bool pp_replay_index(const pp_replay *replay, uint16_t sequence, uint64_t *out);

#endif
