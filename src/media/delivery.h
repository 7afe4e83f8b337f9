/* delivery.h - how far a source was in which packet, for those sources that want to know what the far end has received. */
#ifndef PP_MEDIA_DELIVERY_H
#define PP_MEDIA_DELIVERY_H

#include "media/source.h"

typedef struct pp_delivery {
    pipit_source *source; /* not referenced: compared only */
    uint64_t *positions;  /* of the packets that went last; NULL while no source wants to know */
    uint16_t newest;      /* sequence number */
    unsigned kept;        /* packets, up to and with the newest */
} pp_delivery;

/* A packet goes with all that was read of the source until now. Sources that do not want to know cost nothing. Short of memory,
 * nothing is remembered. */
void pp_delivery_sent(pp_delivery *delivery, pipit_source *source, uint16_t sequence);
/* The far end has received everything up to a packet; `source` is the one that is read now. */
void pp_delivery_reported(const pp_delivery *delivery, pipit_source *source, uint16_t sequence);
void pp_delivery_close(pp_delivery *delivery);

#endif
