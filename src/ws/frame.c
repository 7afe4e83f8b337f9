/* frame.c - RFC 6455 section 5.2: the header of a frame, written and read octet by octet, and
 * masking. */
#include "ws/frame.h"

#include <string.h>

/* What the first two octets must not say (sections 5.1, 5.2, 5.5). NULL when all is well. */
static const char *check_start(const uint8_t *header, bool masked)
{
    unsigned opcode = header[0] & 0x0F, size = header[1] & 0x7F;

    if (header[0] & 0x70)
        return "a reserved bit is set";
    if (opcode > PP_OPCODE_PONG || (opcode > PP_OPCODE_BINARY && opcode < PP_OPCODE_CLOSE))
        return "the opcode is reserved";
    if (opcode >= PP_OPCODE_CLOSE && !(header[0] & 0x80))
        return "a control frame is fragmented";
    if (opcode >= PP_OPCODE_CLOSE && size > PP_FRAME_CONTROL_MAX)
        return "a control frame is longer than 125 octets";
    if (masked && !(header[1] & 0x80))
        return "a frame of a client is not masked";
    if (!masked && (header[1] & 0x80))
        return "a frame of a server is masked";
    return NULL;
}

static size_t extended_size(const uint8_t *header)
{
    return (header[1] & 0x7F) == 127 ? 8 : (header[1] & 0x7F) == 126 ? 2 : 0;
}

static uint64_t payload_size(const uint8_t *header)
{
    uint64_t size = 0;

    if (extended_size(header) == 0)
        return header[1] & 0x7F;
    for (size_t i = 0; i < extended_size(header); i++)
        size = size << 8 | header[2 + i];
    return size;
}

static size_t header_size(const uint8_t *header)
{
    return 2 + extended_size(header) + (header[1] & 0x80 ? 4 : 0);
}

/* Section 5.2: the fewest octets that hold the length, and its highest bit is zero. */
static const char *check_size(const uint8_t *header)
{
    uint64_t size = payload_size(header);

    if (size > INT64_MAX)
        return "the highest bit of a length is set";
    if ((extended_size(header) == 2 && size < 126) ||
        (extended_size(header) == 8 && size <= UINT16_MAX))
        return "a length is written longer than needed";
    return NULL;
}

pp_frame_result pp_frame_read(pp_frame_reader *reader, uint8_t octet, bool masked, pp_frame *out,
                              const char **why)
{
    const uint8_t *header = reader->header;
    const char *wrong = NULL;

    reader->header[reader->have++] = octet;
    if (reader->have < 2)
        return PP_FRAME_MORE;
    if (reader->have == 2)
        wrong = check_start(header, masked);
    if (!wrong && reader->have == 2 + extended_size(header))
        wrong = check_size(header);
    if (wrong) {
        *why = wrong;
        return PP_FRAME_BROKEN;
    }
    if (reader->have < header_size(header))
        return PP_FRAME_MORE;
    *out = (pp_frame){.opcode = (pp_opcode)(header[0] & 0x0F),
                      .final = header[0] & 0x80,
                      .masked = header[1] & 0x80,
                      .size = payload_size(header)};
    if (out->masked)
        memcpy(out->mask, header + reader->have - 4, 4);
    reader->have = 0;
    return PP_FRAME_DONE;
}

size_t pp_frame_write_header(const pp_frame *frame, uint8_t *out)
{
    size_t extended = frame->size > UINT16_MAX ? 8 : frame->size > 125 ? 2 : 0;
    unsigned size = extended == 8 ? 127 : extended == 2 ? 126 : (unsigned)frame->size;

    out[0] = (uint8_t)((frame->final ? 0x80u : 0u) | (unsigned)frame->opcode);
    out[1] = (uint8_t)((frame->masked ? 0x80u : 0u) | size);
    for (size_t i = 0; i < extended; i++)
        out[2 + i] = (uint8_t)(frame->size >> (8 * (extended - 1 - i)));
    if (frame->masked)
        memcpy(out + 2 + extended, frame->mask, 4);
    return 2 + extended + (frame->masked ? 4 : 0);
}

static void mask_word(uint64_t mask, const uint8_t *data, uint8_t *out)
{
    uint64_t word;

    memcpy(&word, data, sizeof(word));
    word ^= mask;
    memcpy(out, &word, sizeof(word));
}

void pp_frame_mask(const uint8_t mask[4], uint64_t offset, const uint8_t *data, size_t size,
                   uint8_t *out)
{
    uint8_t turned[8];
    uint64_t mask8;
    size_t i = 0;

    for (size_t k = 0; k < 8; k++)
        turned[k] = mask[(offset + k) % 4];
    memcpy(&mask8, turned, 8);
    for (; size - i >= 32; i += 32) {
        mask_word(mask8, data + i, out + i);
        mask_word(mask8, data + i + 8, out + i + 8);
        mask_word(mask8, data + i + 16, out + i + 16);
        mask_word(mask8, data + i + 24, out + i + 24);
    }
    for (; size - i >= 8; i += 8)
        mask_word(mask8, data + i, out + i);
    for (size_t k = 0; i < size; i++, k++)
        out[i] = data[i] ^ turned[k];
}
