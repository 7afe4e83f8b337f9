/* frame.h - RFC 6455 section 5.2: the header of a frame, written and read octet by octet, and
 * masking. */
#ifndef PP_WS_FRAME_H
#define PP_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_FRAME_HEADER_MAX  14
#define PP_FRAME_CONTROL_MAX 125 /* octets of a control frame's payload: section 5.5 */

typedef enum pp_opcode {
    PP_OPCODE_CONTINUATION = 0,
    PP_OPCODE_TEXT = 1,
    PP_OPCODE_BINARY = 2,
    PP_OPCODE_CLOSE = 8,
    PP_OPCODE_PING = 9,
    PP_OPCODE_PONG = 10
} pp_opcode;

typedef struct pp_frame {
    pp_opcode opcode;
    bool final;
    bool masked;
    uint8_t mask[4];
    uint64_t size;
} pp_frame;

static inline bool pp_opcode_is_control(pp_opcode opcode)
{
    return opcode >= PP_OPCODE_CLOSE;
}

typedef struct pp_frame_reader { /* a zeroed one waits for a header */
    uint8_t header[PP_FRAME_HEADER_MAX];
    size_t have;
} pp_frame_reader;

typedef enum pp_frame_result { PP_FRAME_MORE, PP_FRAME_DONE, PP_FRAME_BROKEN } pp_frame_result;

/* Takes one octet. At PP_FRAME_DONE `out` is filled and the reader waits for the next header; at
 * PP_FRAME_BROKEN
 * `*why` is a sentence. `masked`: what the frames of this peer must be. */
pp_frame_result pp_frame_read(pp_frame_reader *reader, uint8_t octet, bool masked, pp_frame *out,
                              const char **why);
/* Writes a header into `out`, which holds PP_FRAME_HEADER_MAX; returns its length. */
size_t pp_frame_write_header(const pp_frame *frame, uint8_t *out);
/* Masks or unmasks; `offset` is the place of data[0] in the payload. */
void pp_frame_mask(const uint8_t mask[4], uint64_t offset, const uint8_t *data, size_t size,
                   uint8_t *out);

#endif
