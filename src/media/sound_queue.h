/* sound_queue.h - a short queue of sound between two who keep time on their own. It begins when enough is there, drops the oldest
 * when too much is there, and does not crack at either. */
#ifndef PP_MEDIA_SOUND_QUEUE_H
#define PP_MEDIA_SOUND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_sound_queue {
    int16_t *ring;
    size_t start, capacity; /* samples */
    size_t first, count;
    bool playing;
    bool rising;  /* what comes next does not follow upon `last` */
    int16_t last; /* sample that was taken */
} pp_sound_queue;

int pp_sound_queue_init(pp_sound_queue *queue, size_t start, size_t capacity);
void pp_sound_queue_close(pp_sound_queue *queue);
/* When there is no room for all, everything but `start` samples goes. */
void pp_sound_queue_put(pp_sound_queue *queue, const int16_t *samples, size_t count);
/* Always fills all: what is missing dies away into silence, and then `start` samples are waited for again. */
void pp_sound_queue_take(pp_sound_queue *queue, int16_t *out, size_t count);
void pp_sound_queue_clear(pp_sound_queue *queue);

#endif
