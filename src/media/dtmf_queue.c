/* dtmf_queue.c - tones waiting to be sent. */
#include "media/dtmf_queue.h"

#include "base/error.h"
#include "media/codec.h"

enum {
    DURATION_MIN_MS = 40,
    DURATION_MAX_MS = 60000
}; /* ITU-T Q.24: what every receiver hears; and a minute */

void pp_dtmf_queue_init(pp_dtmf_queue *queue, int payload_type, uint32_t clock_rate)
{
    *queue = (pp_dtmf_queue){.payload_type = payload_type, .clock_rate = clock_rate};
}

static uint32_t units(const pp_dtmf_queue *queue, unsigned ms)
{
    return queue->clock_rate / 1000 * (ms < DURATION_MAX_MS ? ms : DURATION_MAX_MS);
}

int pp_dtmf_queue_add(pp_dtmf_queue *queue, char tone, unsigned duration_ms, unsigned gap_ms)
{
    if (queue->payload_type < 0)
        return pp_error(PIPIT_ERR_NOT_SUPPORTED, "dtmf: the far end takes no telephone-event");
    if (pp_telephone_event_of(tone) < 0)
        return pp_error(PIPIT_ERR_ARGUMENT, "dtmf: not a tone");
    if (queue->count == PP_LIMIT_DTMF_TONES)
        return pp_error(PIPIT_ERR_LIMIT, "dtmf: %u tones wait already", PP_LIMIT_DTMF_TONES);
    queue->tones[(queue->first + queue->count) % PP_LIMIT_DTMF_TONES] = (struct pp_dtmf_tone){
        .tone = tone,
        .duration = units(queue, duration_ms > DURATION_MIN_MS ? duration_ms : DURATION_MIN_MS),
        .gap = units(queue, gap_ms),
    };
    queue->count++;
    return 0;
}

bool pp_dtmf_queue_pending(const pp_dtmf_queue *queue)
{
    return queue->count > 0;
}

/* The gap counts from where the tone ended, which its repeated end packets do not move. */
static void finish(pp_dtmf_queue *queue)
{
    const struct pp_dtmf_tone *tone = &queue->tones[queue->first];

    queue->sending = false;
    queue->waiting = true;
    queue->wait_until = queue->sender.timestamp + queue->sender.duration + tone->gap;
    queue->first = (queue->first + 1) % PP_LIMIT_DTMF_TONES;
    queue->count--;
}

static bool may_begin(pp_dtmf_queue *queue, uint32_t now)
{
    if (queue->waiting && (int32_t)(now - queue->wait_until) >= 0)
        queue->waiting = false;
    return queue->count > 0 && !queue->waiting;
}

bool pp_dtmf_queue_next(pp_dtmf_queue *queue, uint32_t now, uint8_t payload[PP_DTMF_PAYLOAD_SIZE],
                        uint32_t *timestamp, bool *marker)
{
    if (!queue->sending && may_begin(queue, now)) {
        const struct pp_dtmf_tone *tone = &queue->tones[queue->first];

        pp_dtmf_sender_start(&queue->sender, tone->tone, now, tone->duration,
                             queue->clock_rate / 1000 * PP_FRAME_MS);
        queue->sending = true;
    }
    if (!queue->sending)
        return false;
    if (!pp_dtmf_sender_next(&queue->sender, payload, marker))
        return false;
    *timestamp = queue->sender.timestamp;
    if (!queue->sender.active)
        finish(queue);
    return true;
}
