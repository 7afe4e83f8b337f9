/* telephone_event.c - DTMF in RTP (RFC 4733): payloads, the packets of a tone, and reading them
 * back. */
#include "rtp/telephone_event.h"

#include "base/error.h"

enum {
    PAYLOAD_SIZE = 4,
    DURATION_MAX = 0xffff,
    END_PACKETS = 3,
    SILENCE_US = 200000,
    REORDER_US = 1000000
};

static const char tones[] = "0123456789*#ABCDR"; /* R: hook flash, event 16 */

int pp_telephone_event_of(char tone)
{
    char upper = (tone >= 'a' && tone <= 'd') || tone == 'r' ? (char)(tone - 'a' + 'A') : tone;
    const char *at = upper ? strchr(tones, upper) : NULL;

    return at ? (int)(at - tones) : -1;
}

char pp_telephone_event_tone(uint8_t event)
{
    return event < sizeof(tones) - 1 ? tones[event] : '\0';
}

/* Section 2.3. More octets than four are further events in one packet (section 2.5.1.5): the first
 * is what counts now. */
int pp_telephone_event_parse(const uint8_t *payload, size_t size, pp_telephone_event *out)
{
    if (size < PAYLOAD_SIZE)
        return pp_error(PIPIT_ERR_SYNTAX, "telephone-event: %zu octets instead of 4", size);
    *out = (pp_telephone_event){
        .event = payload[0],
        .end = payload[1] >> 7,
        .volume = payload[1] & 63,
        .duration = (uint16_t)(payload[2] << 8 | payload[3]),
    };
    return 0;
}

void pp_telephone_event_write(const pp_telephone_event *event, uint8_t out[4])
{
    out[0] = event->event;
    out[1] = (uint8_t)((event->end ? 0x80 : 0) | (event->volume & 63));
    out[2] = (uint8_t)(event->duration >> 8);
    out[3] = (uint8_t)event->duration;
}

void pp_dtmf_sender_start(pp_dtmf_sender *sender, char tone, uint32_t timestamp, uint32_t duration,
                          uint32_t step)
{
    int event = pp_telephone_event_of(tone);

    *sender = (pp_dtmf_sender){
        .active = event >= 0,
        .event = (uint8_t)event,
        .timestamp = timestamp,
        .duration = duration ? duration : 1,
        .step = step ? step : 1,
        .ends_left = END_PACKETS,
    };
}

/* Section 2.5.1.3: the duration has 16 bits. A segment ends at the largest without an end bit, and
 * the next one's timestamp is that much later. */
static void begin_segment_when_full(pp_dtmf_sender *sender)
{
    if (sender->duration <= DURATION_MAX || sender->sent < DURATION_MAX)
        return;
    sender->timestamp += DURATION_MAX;
    sender->duration -= DURATION_MAX;
    sender->sent -= DURATION_MAX;
}

bool pp_dtmf_sender_next(pp_dtmf_sender *sender, uint8_t payload[4], bool *marker)
{
    pp_telephone_event event = {.event = sender->event, .volume = 10};
    uint32_t left;

    if (!sender->active)
        return false;
    begin_segment_when_full(sender);
    left = sender->duration - sender->sent;
    sender->sent += left < sender->step ? left : sender->step;
    event.end = sender->sent == sender->duration && sender->duration <= DURATION_MAX;
    event.duration = (uint16_t)(sender->sent < DURATION_MAX ? sender->sent : DURATION_MAX);
    if (event.end)
        sender->active = --sender->ends_left > 0;
    *marker = !sender->begun;
    sender->begun = true;
    pp_telephone_event_write(&event, payload);
    return true;
}

/* The tone that was heard so far, unless it was reported already. */
static bool report(pp_dtmf_receiver *receiver, char *tone, uint32_t *duration)
{
    if (!receiver->started || receiver->reported)
        return false;
    receiver->reported = true;
    *tone = pp_telephone_event_tone(receiver->last.event);
    *duration = receiver->before + receiver->last.duration;
    return true;
}

/* Section 2.5.2.3: the same event, with no end seen and a long duration, goes on where that
 * duration ended. Senders differ by a packet or two in where they say it does. */
static bool is_next_segment(const pp_dtmf_receiver *receiver, const pp_telephone_event *event,
                            uint32_t elapsed)
{
    return receiver->started && !receiver->reported && event->event == receiver->last.event &&
           receiver->last.duration >= 0x8000 && elapsed >= receiver->last.duration &&
           elapsed - receiver->last.duration <= 0x8000;
}

static bool is_reordered(const pp_dtmf_receiver *receiver, uint32_t elapsed, uint64_t now_us)
{
    return receiver->started && elapsed > INT32_MAX && now_us < receiver->last_at_us + REORDER_US;
}

static void update(pp_dtmf_receiver *receiver, const pp_telephone_event *event, uint64_t now_us)
{
    if (!receiver->reported && event->duration >= receiver->last.duration)
        receiver->last = *event;
    receiver->last_at_us = now_us;
}

static void begin(pp_dtmf_receiver *receiver, uint32_t timestamp, const pp_telephone_event *event,
                  uint64_t now_us)
{
    *receiver = (pp_dtmf_receiver){
        .started = true, .timestamp = timestamp, .last = *event, .last_at_us = now_us};
}

bool pp_dtmf_receiver_add(pp_dtmf_receiver *receiver, const pp_rtp *packet, uint64_t now_us,
                          char *tone, uint32_t *duration)
{
    uint32_t elapsed = packet->timestamp - receiver->timestamp;
    pp_telephone_event event;
    bool over = false;

    if (pp_telephone_event_parse(packet->payload, packet->size, &event) < 0)
        return false;
    if (!pp_telephone_event_tone(event.event) || is_reordered(receiver, elapsed, now_us))
        return false;
    if (receiver->started && elapsed == 0) {
        update(receiver, &event, now_us);
    } else if (is_next_segment(receiver, &event, elapsed)) {
        uint32_t before = receiver->before + elapsed;

        begin(receiver, packet->timestamp, &event, now_us);
        receiver->before = before;
    } else {
        over = report(receiver, tone, duration);
        begin(receiver, packet->timestamp, &event, now_us);
    }
    /* When two tones are over at once, the second of this tone's three end packets will tell. */
    return over || (event.end && report(receiver, tone, duration));
}

bool pp_dtmf_receiver_tick(pp_dtmf_receiver *receiver, uint64_t now_us, char *tone,
                           uint32_t *duration)
{
    return now_us >= receiver->last_at_us + SILENCE_US && report(receiver, tone, duration);
}
