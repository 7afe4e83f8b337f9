/* ring.h - samples from one thread to another, without a lock: one writes, one reads. */
#ifndef PP_DEVICES_RING_H
#define PP_DEVICES_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_RING_SIZE 16384u /* samples, a power of two: a third of a second at 48,000 */

typedef struct pp_ring {
    atomic_size_t written, read; /* in all */
    int16_t samples[PP_RING_SIZE];
} pp_ring;

/* All or nothing: false when there is no room. */
bool pp_ring_write(pp_ring *ring, const int16_t *samples, size_t count);
/* As many as there are, up to `count`. */
size_t pp_ring_read(pp_ring *ring, int16_t *out, size_t count);
size_t pp_ring_waiting(const pp_ring *ring);

#endif
