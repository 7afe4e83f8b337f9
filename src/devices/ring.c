/* ring.c - samples from one thread to another. */
#include "devices/ring.h"

#include <string.h>

static void copy(pp_ring *ring, size_t at, const int16_t *in, int16_t *out, size_t count)
{
    size_t first = at % PP_RING_SIZE;
    size_t part = count < PP_RING_SIZE - first ? count : PP_RING_SIZE - first;

    if (in) {
        memcpy(ring->samples + first, in, part * sizeof(*in));
        memcpy(ring->samples, in + part, (count - part) * sizeof(*in));
    } else {
        memcpy(out, ring->samples + first, part * sizeof(*out));
        memcpy(out + part, ring->samples, (count - part) * sizeof(*out));
    }
}

bool pp_ring_write(pp_ring *ring, const int16_t *samples, size_t count)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    size_t read = atomic_load_explicit(&ring->read, memory_order_acquire);

    if (count > PP_RING_SIZE - (written - read))
        return false;
    copy(ring, written, samples, NULL, count);
    atomic_store_explicit(&ring->written, written + count, memory_order_release);
    return true;
}

size_t pp_ring_read(pp_ring *ring, int16_t *out, size_t count)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    size_t have = written - read < count ? written - read : count;

    copy(ring, read, NULL, out, have);
    atomic_store_explicit(&ring->read, read + have, memory_order_release);
    return have;
}

size_t pp_ring_waiting(const pp_ring *ring)
{
    return atomic_load_explicit(&ring->written, memory_order_acquire) -
           atomic_load_explicit(&ring->read, memory_order_acquire);
}
