/* replay.c - a window of 1,024 packets, and the rollover counter. */
#include "srtp/replay.h"

#include <string.h>

static uint64_t bit(uint64_t index)
{
    return UINT64_C(1) << (index % 64);
}

static uint64_t word(uint64_t index)
{
    return index % PP_LIMIT_SRTP_WINDOW / 64;
}

bool pp_replay_is_fresh(const pp_replay *replay, uint64_t index)
{
    if (!replay->used || index > replay->top)
        return true;
    if (replay->top - index >= PP_LIMIT_SRTP_WINDOW)
        return false;
    return !(replay->seen[word(index)] & bit(index));
}

void pp_replay_add(pp_replay *replay, uint64_t index)
{
    if (!replay->used || (index > replay->top && index - replay->top >= PP_LIMIT_SRTP_WINDOW)) {
        memset(replay->seen, 0, sizeof(replay->seen));
        replay->top = index;
        replay->used = true;
    }
    while (replay->top < index) {
        replay->top++;
        replay->seen[word(replay->top)] &= ~bit(replay->top);
    }
    replay->seen[word(index)] |= bit(index);
}

bool pp_replay_index(const pp_replay *replay, uint16_t sequence, uint64_t *out)
{
    uint64_t rollovers = replay->top >> 16;
    unsigned highest = replay->top & 0xFFFF;

    if (!replay->used) {
        *out = sequence;
        return true;
    }
    if (highest < 0x8000 && sequence > highest + 0x8000) {
        if (rollovers == 0)
            return false;
        rollovers--;
    } else if (highest >= 0x8000 && sequence < highest - 0x8000) {
        rollovers++;
    }
    if (rollovers > UINT32_MAX)
        return false;
    *out = rollovers << 16 | sequence;
    return true;
}
