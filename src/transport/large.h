/* large.h - the TCP connection beside a flow over UDP, for requests that would not fit a datagram on every path (RFC 3261
 * section 18.1.1). Opened when first needed; refused once, everything goes over UDP. */
#ifndef PP_TRANSPORT_LARGE_H
#define PP_TRANSPORT_LARGE_H

#include "transport/flow.h"

typedef enum pp_large_state {
    PP_LARGE_CLOSED,
    PP_LARGE_CONNECTING,
    PP_LARGE_OPEN,
    PP_LARGE_REFUSED
} pp_large_state;

typedef struct pp_large_handlers {
    void (*message)(void *arg, const pp_wire *message); /* may close it */
    /* It has to go over UDP; its Via says so. */
    void (*fall_back)(void *arg, const char *data, size_t size);
} pp_large_handlers;

typedef struct pp_large { /* lives in its owner; zero is a good start, but for the first three */
    pipit_loop *loop;
    const pp_large_handlers *handlers;
    void *arg;
    pp_large_state state;
    pp_flow *flow;
    pp_buf waiting; /* messages, each behind its size */
} pp_large;

/* What says TCP in its topmost Via, as we write it. */
bool pp_large_is_meant(pp_str message);
/* `hop`: the server over UDP. */
bool pp_large_send(pp_large *large, const pp_hop *hop, const char *data, size_t size);
void pp_large_close(pp_large *large); /* what waits is dropped */

#endif
