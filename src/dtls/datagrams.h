/* datagrams.h - a queue of datagrams. */
#ifndef PP_DTLS_DATAGRAMS_H
#define PP_DTLS_DATAGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_datagram pp_datagram;

struct pp_datagram {
    pp_datagram *next;
    size_t size;
    uint8_t data[];
};

typedef struct pp_datagrams {
    pp_datagram *first, *last;
    size_t count;
} pp_datagrams;

bool pp_datagrams_add(pp_datagrams *queue, const uint8_t *data,
                      size_t size);                  /* a copy; false without memory */
pp_datagram *pp_datagrams_take(pp_datagrams *queue); /* the first, for pp_free(); NULL when empty */
void pp_datagrams_clear(pp_datagrams *queue);

#endif
