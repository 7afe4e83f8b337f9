/* packing.h - sound that waits until a packet is full, where packets are not as long as the steps that read it. */
#ifndef PP_MEDIA_PACKING_H
#define PP_MEDIA_PACKING_H

#include "media/codec.h"

typedef struct pp_packing {
    unsigned packet_ms; /* multiple of 10, PP_PACKET_MS_MAX at most */
    unsigned wished_ms; /* it becomes that when nothing waits */
    size_t capacity;
    int16_t *samples;   /* NULL while there is nothing to wait for */
    size_t count;       /* of all channels together, as all counts here */
    uint32_t timestamp; /* of the first of them */
} pp_packing;

void pp_packing_init(pp_packing *packing, unsigned packet_ms, unsigned channels);
void pp_packing_close(pp_packing *packing);
/* Packets that begin in the middle of a step: what it has read is sent in two goes, 10 ms apart. */
static inline bool pp_packing_in_halves(const pp_packing *packing)
{
    return packing->packet_ms % PP_FRAME_MS != 0;
}
/* Each frame is a packet by itself, and nothing waits. */
bool pp_packing_is_idle(pp_packing *packing);
/* A frame of 20 ms behind what waits. PIPIT_ERR_MEMORY. */
int pp_packing_add(pp_packing *packing, const int16_t *frame, size_t count, uint32_t timestamp);
/* `count` samples off the front, which are a packet of `units`. */
void pp_packing_take(pp_packing *packing, size_t count, uint32_t units);
void pp_packing_clear(pp_packing *packing);

#endif
