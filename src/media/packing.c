/* packing.c - sound that waits until a packet is full. */
#include "media/packing.h"

#include "base/alloc.h"
#include "pipit/error.h"

#include <string.h>

/* Less than a packet waits when a frame comes. */
enum {
    CAPACITY = PP_FRAME_SAMPLES_MAX * (PP_PACKET_MS_MAX + PP_FRAME_MS) / PP_FRAME_MS
}; /* of a channel */

void pp_packing_init(pp_packing *packing, unsigned packet_ms, unsigned channels)
{
    *packing = (pp_packing){
        .packet_ms = packet_ms, .wished_ms = packet_ms, .capacity = (size_t)CAPACITY * channels};
}

void pp_packing_close(pp_packing *packing)
{
    pp_free(packing->samples);
    *packing = (pp_packing){0};
}

bool pp_packing_is_idle(pp_packing *packing)
{
    if (!packing->count)
        packing->packet_ms = packing->wished_ms;
    return !packing->count && packing->packet_ms == PP_FRAME_MS;
}

int pp_packing_add(pp_packing *packing, const int16_t *frame, size_t count, uint32_t timestamp)
{
    if (!packing->samples)
        packing->samples = pp_array(packing->capacity, sizeof(*packing->samples));
    if (!packing->samples)
        return PIPIT_ERR_MEMORY;
    if (packing->count + count > packing->capacity)
        packing->count = 0;
    if (!packing->count)
        packing->timestamp = timestamp;
    memcpy(packing->samples + packing->count, frame, count * sizeof(*frame));
    packing->count += count;
    return 0;
}

void pp_packing_take(pp_packing *packing, size_t count, uint32_t units)
{
    packing->count -= count;
    packing->timestamp += units;
    memmove(packing->samples, packing->samples + count, packing->count * sizeof(*packing->samples));
}

void pp_packing_clear(pp_packing *packing)
{
    packing->count = 0;
}
