/* arrival.h - how unevenly packets arrive, and how long they should wait because of it. */
#ifndef PP_MEDIA_ARRIVAL_H
#define PP_MEDIA_ARRIVAL_H

#include <stddef.h>
#include <stdint.h>

enum { PP_ARRIVAL_WINDOW = 256 }; /* packets looked at: 5 s of 20 ms */

typedef struct
    pp_arrival { /* offsets are arrival time minus media time, in us; only their differences mean anything */
    int64_t offsets[PP_ARRIVAL_WINDOW];
    uint64_t count;
    int64_t fastest; /* the smallest of the window */
    int64_t spread;  /* from the fastest to the slowest but for 2 of 100 */
} pp_arrival;

void pp_arrival_clear(pp_arrival *arrival);
void pp_arrival_add(pp_arrival *arrival, int64_t offset_us);
/* How long after the fastest packet's arrival a frame is to be played. */
int64_t pp_arrival_target_us(const pp_arrival *arrival);

#endif
