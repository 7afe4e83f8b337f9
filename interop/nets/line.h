/* line.h - packets on their way: each comes out when its time has come, in the order of those times. */
#ifndef PP_NETS_LINE_H
#define PP_NETS_LINE_H

#include "interop/nets/network.h"
#include "interop/nets/packet.h"

#define LINE_MAX 8192u /* packets; more are lost */

typedef struct travelling {
    struct travelling *next, *previous;
    uint64_t due_us;
    network *to;
    size_t size;
    uint8_t data[PACKET_MAX];
} travelling;

typedef struct line {
    travelling *first, *last;
    size_t count;
} line;

/* Copies it. False when there is no room. */
bool line_put(line *l, const packet *p, network *to, uint64_t due_us);
/* The next that is due, to be freed; NULL: none. */
travelling *line_take(line *l, uint64_t now_us);

#endif
