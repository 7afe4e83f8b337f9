/* ring.c - samples from one thread to another. */
#include "devices/ring.h"

#include <string.h>

/* How many of `count` samples from `at` on stand before the end of the memory. */
static size_t in_front(size_t at, size_t count)
{
    size_t left = PP_RING_SIZE - at % PP_RING_SIZE;

    return count < left ? count : left;
}

bool pp_ring_write(pp_ring *ring, const int16_t *samples, size_t count)
{
    size_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    size_t read = atomic_load_explicit(&ring->read, memory_order_acquire);
    size_t part;

    if (count > PP_RING_SIZE - (written - read))
        return false;
    part = in_front(written, count);
    memcpy(ring->samples + written % PP_RING_SIZE, samples, part * sizeof(*samples));
    memcpy(ring->samples, samples + part, (count - part) * sizeof(*samples));
    atomic_store_explicit(&ring->written, written + count, memory_order_release);
    return true;
}

size_t pp_ring_read(pp_ring *ring, int16_t *out, size_t count)
{
    size_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    size_t written = atomic_load_explicit(&ring->written, memory_order_acquire);
    size_t have = written - read < count ? written - read : count;
    size_t part;

    part = in_front(read, have);
    memcpy(out, ring->samples + read % PP_RING_SIZE, part * sizeof(*out));
    memcpy(out + part, ring->samples, (have - part) * sizeof(*out));
    atomic_store_explicit(&ring->read, read + have, memory_order_release);
    return have;
}

size_t pp_ring_waiting(const pp_ring *ring)
{
    return atomic_load_explicit(&ring->written, memory_order_acquire) -
           atomic_load_explicit(&ring->read, memory_order_acquire);
}
