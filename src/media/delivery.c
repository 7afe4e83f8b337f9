/* delivery.c - how far a source was in which packet. */
#include "media/delivery.h"

#include "base/alloc.h"

enum {
    PACKETS = 512
}; /* 10 s of 20 ms; reports come every 5 s at the most (RFC 3550 section 6.2) */

void pp_delivery_sent(pp_delivery *delivery, pipit_source *source, uint16_t sequence)
{
    source = pp_source_positioned(source);
    if (!source)
        return;
    if (!delivery->positions)
        delivery->positions = pp_array(PACKETS, sizeof(*delivery->positions));
    if (!delivery->positions)
        return;
    /* Numbers in between went for something else, a tone: they stand for as much as the packet before them. */
    if (delivery->source != source || (uint16_t)(sequence - delivery->newest) > PACKETS)
        delivery->kept = 0;
    for (uint16_t at = (uint16_t)(delivery->newest + 1); delivery->kept && at != sequence; at++) {
        delivery->positions[at % PACKETS] = delivery->positions[delivery->newest % PACKETS];
        delivery->kept++;
    }
    delivery->source = source;
    delivery->newest = sequence;
    delivery->positions[sequence % PACKETS] = source->functions->position(source->self);
    delivery->kept = delivery->kept < PACKETS ? delivery->kept + 1 : PACKETS;
}

void pp_delivery_reported(const pp_delivery *delivery, pipit_source *source, uint16_t sequence)
{
    uint16_t age = (uint16_t)(delivery->newest - sequence);

    source = pp_source_positioned(source);
    if (source && source == delivery->source && age < delivery->kept)
        source->functions->received(source->self, delivery->positions[sequence % PACKETS]);
}

void pp_delivery_close(pp_delivery *delivery)
{
    pp_free(delivery->positions);
    *delivery = (pp_delivery){0};
}
