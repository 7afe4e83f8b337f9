/* dtmf_queue.h - tones waiting to be sent by RFC 4733, one after the other with gaps. */
#ifndef PP_MEDIA_DTMF_QUEUE_H
#define PP_MEDIA_DTMF_QUEUE_H

#include "base/limits.h"
#include "rtp/telephone_event.h"

#define PP_DTMF_PAYLOAD_SIZE 4u

typedef struct pp_dtmf_queue {
    int payload_type; /* -1: the far end takes none */
    uint32_t clock_rate;
    struct pp_dtmf_tone {
        char tone;
        uint32_t duration, gap; /* clock units */
    } tones[PP_LIMIT_DTMF_TONES];
    size_t first, count; /* tones[first] is the one being sent while the sender is active */
    pp_dtmf_sender sender;
    bool sending, waiting;
    uint32_t wait_until; /* RTP time before which the next tone does not begin */
} pp_dtmf_queue;

void pp_dtmf_queue_init(pp_dtmf_queue *queue, int payload_type, uint32_t clock_rate);
int pp_dtmf_queue_add(pp_dtmf_queue *queue, char tone, unsigned duration_ms, unsigned gap_ms);
bool pp_dtmf_queue_pending(const pp_dtmf_queue *queue);
/* What goes out at `now` in place of sound; false when it is sound's turn. */
bool pp_dtmf_queue_next(pp_dtmf_queue *queue, uint32_t now, uint8_t payload[PP_DTMF_PAYLOAD_SIZE],
                        uint32_t *timestamp, bool *marker);

#endif
