/* sound_queue.c - sound that waits to be taken. */
#include "media/sound_queue.h"

#include "base/alloc.h"
#include "base/error.h"

#include <string.h>

enum { RISE = 240 }; /* samples: 5 ms at 48,000 */

int pp_sound_queue_init(pp_sound_queue *queue, size_t start, size_t capacity)
{
    int16_t *ring = pp_array(capacity, sizeof(*ring));

    if (!ring)
        return PIPIT_ERR_MEMORY;
    *queue = (pp_sound_queue){.ring = ring, .start = start, .capacity = capacity};
    return 0;
}

void pp_sound_queue_close(pp_sound_queue *queue)
{
    pp_free(queue->ring);
    *queue = (pp_sound_queue){0};
}

static void drop(pp_sound_queue *queue, size_t count)
{
    queue->first = (queue->first + count) % queue->capacity;
    queue->count -= count;
}

void pp_sound_queue_put(pp_sound_queue *queue, const int16_t *samples, size_t count)
{
    if (count > queue->capacity) {
        samples += count - queue->capacity;
        count = queue->capacity;
    }
    if (queue->count + count > queue->capacity) {
        size_t kept = queue->start > count ? queue->start - count : 0;

        drop(queue, queue->count > kept ? queue->count - kept : queue->count);
        queue->rising = true;
    }
    for (size_t i = 0; i < count; i++)
        queue->ring[(queue->first + queue->count + i) % queue->capacity] = samples[i];
    queue->count += count;
}

static int16_t add(int32_t a, int32_t b)
{
    int32_t sum = a + b;

    return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

/* What was heard last, dying away: a thousandth after 5 ms. */
static int32_t die_away(int32_t value)
{
    return value * 249 / 256;
}

static void rise(pp_sound_queue *queue, int16_t *out, size_t count)
{
    int32_t tail = queue->last;

    for (size_t i = 0; i < count && i < RISE; i++) {
        tail = die_away(tail);
        out[i] = add(out[i] * (int32_t)i / RISE, tail);
    }
    queue->rising = false;
}

static void fall(int32_t tail, int16_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tail = die_away(tail);
        out[i] = (int16_t)tail;
    }
}

void pp_sound_queue_take(pp_sound_queue *queue, int16_t *out, size_t count)
{
    size_t have;

    if (!queue->playing && queue->count >= queue->start)
        queue->playing = queue->rising = true;
    have = !queue->playing ? 0 : queue->count < count ? queue->count : count;
    for (size_t i = 0; i < have; i++)
        out[i] = queue->ring[(queue->first + i) % queue->capacity];
    drop(queue, have);
    if (queue->rising && have)
        rise(queue, out, have);
    if (have < count) {
        fall(have ? out[have - 1] : queue->last, out + have, count - have);
        queue->playing = false;
    }
    if (count)
        queue->last = out[count - 1];
}

void pp_sound_queue_clear(pp_sound_queue *queue)
{
    queue->first = queue->count = 0;
    queue->playing = false;
}
