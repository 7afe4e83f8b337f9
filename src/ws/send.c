/* send.c - a frame that goes, whole and in one call of the output handler (RFC 6455 section 5). */
#include "ws/machine.h"

#include "base/alloc.h"
#include "base/error.h"

#define SMALL 2048

int pp_ws_write_frame(pp_ws *ws, pp_opcode opcode, const void *data, size_t size)
{
    pp_frame frame = {.opcode = opcode, .final = true, .masked = !ws->server, .size = size};
    uint8_t small[PP_FRAME_HEADER_MAX + SMALL]; /* most messages, and all control frames */
    uint8_t *out = small;
    size_t header;

    if (size > SMALL)
        out = pp_alloc(PP_FRAME_HEADER_MAX + size);
    if (!out)
        return PIPIT_ERR_MEMORY;
    if (frame.masked) /* section 5.3: drawn anew for each frame, from a source a script cannot
                         foresee */
        pp_rng_bytes(ws->rng, frame.mask, sizeof(frame.mask));
    header = pp_frame_write_header(&frame, out);
    pp_frame_mask(frame.mask, 0, data, size, out + header);
    pp_ws_output(ws, out, header + size);
    if (out != small)
        pp_free(out);
    return 0;
}
