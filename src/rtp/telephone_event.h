/* telephone_event.h - DTMF in RTP (RFC 4733): the payload, the sender's sequence of packets, the
 * receiver's reading of them. */
#ifndef PP_RTP_TELEPHONE_EVENT_H
#define PP_RTP_TELEPHONE_EVENT_H

#include "rtp/rtp.h"

typedef struct pp_telephone_event {
    uint8_t event; /* 0-9, 10 '*', 11 '#', 12-15 A-D */
    bool end;
    uint8_t volume;    /* -dBm0 */
    uint16_t duration; /* in clock units */
} pp_telephone_event;

int pp_telephone_event_parse(const uint8_t *payload, size_t size, pp_telephone_event *out);
void pp_telephone_event_write(const pp_telephone_event *event, uint8_t out[4]);
int pp_telephone_event_of(char tone);        /* -1 for no tone */
char pp_telephone_event_tone(uint8_t event); /* 0 for none of the sixteen */

/* Sender: one tone at a time, stepped every packet interval. */
typedef struct pp_dtmf_sender {
    bool active, begun;
    uint8_t event;
    uint32_t timestamp;      /* of all packets; moves on with each segment of a very long tone */
    uint32_t duration, sent; /* clock units since `timestamp`: of the tone, and told already */
    uint32_t step;
    unsigned ends_left; /* the end packet goes three times */
} pp_dtmf_sender;
void pp_dtmf_sender_start(pp_dtmf_sender *sender, char tone, uint32_t timestamp, uint32_t duration,
                          uint32_t step);
/* The next payload; marker on the first. False when the tone is over. */
bool pp_dtmf_sender_next(pp_dtmf_sender *sender, uint8_t payload[4], bool *marker);

/* Receiver: each tone once, whatever is lost or repeated. */
typedef struct pp_dtmf_receiver {
    bool started, reported;
    uint32_t timestamp;
    uint32_t before; /* clock units in the earlier segments of a very long tone */
    pp_telephone_event last;
    uint64_t last_at_us;
} pp_dtmf_receiver;
/* True when a tone is over: *tone and *duration (clock units). Its end packet, or a new tone that
 * began when all three were lost. */
bool pp_dtmf_receiver_add(pp_dtmf_receiver *receiver, const pp_rtp *packet, uint64_t now_us,
                          char *tone, uint32_t *duration);
/* A tone whose end never came is over 200 ms after its last packet. */
bool pp_dtmf_receiver_tick(pp_dtmf_receiver *receiver, uint64_t now_us, char *tone,
                           uint32_t *duration);

#endif
