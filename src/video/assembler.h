/* assembler.h - packets become pictures: put in order, waited for, and given out when each packet is there. After a loss that is not
 * made good nothing is given but a key frame. */
#ifndef PP_VIDEO_ASSEMBLER_H
#define PP_VIDEO_ASSEMBLER_H

#include "rtp/rtp.h"
#include "video/codec.h"

typedef struct pp_waiting_packet {
    bool used, marker, begins, key;
    uint16_t sequence;
    uint32_t timestamp;
    char *payload; /* NULL: padding alone, which has a number too */
    size_t size;
} pp_waiting_packet;

typedef struct pp_assembler { /* zeroed but for `type`: nothing has come yet */
    const pp_video_codec_type *type;
    bool started;
    bool running; /* a key frame was given, and every picture since */
    uint16_t next, highest;
    uint64_t
        stuck_us; /* since when there are packets that make no picture yet; 0: there are none */
    pp_waiting_packet packets[PP_LIMIT_VIDEO_PACKETS]; /* by sequence number */
} pp_assembler;

typedef struct pp_assembled {
    bool key;
    uint32_t timestamp;
    uint16_t first, last; /* sequence numbers */
} pp_assembled;

/* The payload is copied. PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY: as if it had not come. */
int pp_assembler_add(pp_assembler *assembler, const pp_rtp *packet);
/* The next picture that is whole, appended to `out`; false when there is none. A packet that cannot be unpacked is a loss. */
bool pp_assembler_next(pp_assembler *assembler, uint64_t now_us, pp_buf *out,
                       pp_assembled *picture);
/* Only a key frame will do from now on. */
void pp_assembler_give_up(pp_assembler *assembler);
void pp_assembler_clear(pp_assembler *assembler); /* as at the beginning; the type stays */

#endif
