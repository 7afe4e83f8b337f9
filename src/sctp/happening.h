/* happening.h - what usrsctp told of an association, in the order it did, until its owner looks. */
#ifndef PP_SCTP_HAPPENING_H
#define PP_SCTP_HAPPENING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pp_happening_kind {
    PP_HAPPENING_PACKET, /* to be sent */
    PP_HAPPENING_PIECE,  /* of a message */
    PP_HAPPENING_NOTIFICATION
} pp_happening_kind;

typedef struct pp_happening {
    struct pp_happening *next;
    pp_happening_kind kind;
    uint16_t stream;
    uint32_t ppid;
    bool ends; /* the last piece of its message */
    size_t size;
    uint8_t data[]; /* a NUL behind it */
} pp_happening;

typedef struct pp_happenings {
    pp_happening *first, *last;
    bool lost; /* there was no memory for one */
} pp_happenings;

/* At the end, with a copy of the data; `like` has the rest. Without memory a packet is lost, which packets may be, and anything
 * else is remembered as lost. */
void pp_happenings_add(pp_happenings *list, const pp_happening *like, const void *data,
                       size_t size);
pp_happening *
pp_happenings_take(pp_happenings *list); /* the first, for pp_free(); NULL when empty */
void pp_happenings_clear(pp_happenings *list);

#endif
