/* framing.h - SIP messages in a stream of octets, cut by Content-Length (RFC 3261 section 18.3), and the empty lines between
 * them that keep a flow alive (RFC 5626 section 3.5.1). A machine: octets in, frames out, however they were split. */
#ifndef PP_TRANSPORT_FRAMING_H
#define PP_TRANSPORT_FRAMING_H

#include "base/buf.h"
#include "sip/marks.h"

typedef enum pp_frame_kind {
    PP_FRAME_NONE, /* more octets are needed */
    PP_FRAME_MESSAGE,
    PP_FRAME_EMPTY_LINE, /* the answer to a ping, or the first half of one */
    PP_FRAME_PING        /* the second half */
} pp_frame_kind;

typedef struct pp_frame {
    pp_frame_kind kind;
    pp_str message;        /* borrowed until the next call */
    const pp_marks *marks; /* of its head, found on the way; NULL: they were not */
    pp_marks room;         /* where they are */
} pp_frame;

typedef struct pp_framing { /* zero is a good start */
    pp_buf kept;            /* what there is of a message that comes in pieces */
    pp_str left;            /* not given out yet: in `kept`, or in what came last */
    bool borrowed;          /* the latter */
    pp_str behind;          /* of what came last, what is not in `kept` */
    size_t copied;          /* and how much of it is */
    size_t wanted;          /* octets of the message in front, 0 as long as its head is not whole */
    size_t checked;         /* octets of it that may begin a start line */
    size_t scanned;         /* octets of it that hold no end of a head */
    bool half_ping;
    int error;
} pp_framing;

void pp_framing_free(pp_framing *framing);
/* `data` is borrowed until pp_framing_next() says PP_FRAME_NONE or fails: what is whole is given out where it lies. Who stops
 * before that may only free the machine. */
int pp_framing_add(pp_framing *framing, const void *data, size_t size);
/* 0 and the next frame. PIPIT_ERR_SYNTAX or PIPIT_ERR_LIMIT and a sentence when this is no SIP (any more): where the next
 * message begins is not known then, and the stream is best closed. The error stays. */
int pp_framing_next(pp_framing *framing, pp_frame *out);

#endif
