/* avoid.h - servers that did not answer or said that they are out of service: tried last for some time (RFC 3263 section 4.3). */
#ifndef PP_TRANSPORT_AVOID_H
#define PP_TRANSPORT_AVOID_H

#include "transport/locate.h"

typedef struct pp_avoided {
    pp_hop hop;
    uint64_t until_ms;
} pp_avoided;

typedef struct pp_avoid { /* zero is a good start */
    pp_avoided *items;
    size_t count;
} pp_avoid;

void pp_avoid_free(pp_avoid *avoid);
/* Without memory it is not avoided. */
void pp_avoid_add(pp_avoid *avoid, const pp_hop *hop, uint64_t now_ms);
/* Moves those to avoid behind the others, the order among each kept. */
void pp_avoid_arrange(pp_avoid *avoid, pp_hops *hops, uint64_t now_ms);

#endif
