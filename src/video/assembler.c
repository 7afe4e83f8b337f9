/* assembler.c - packets in order, and the pictures they make. */
#include "video/assembler.h"

#include "base/alloc.h"
#include "base/error.h"

static pp_waiting_packet *slot(pp_assembler *assembler, uint16_t sequence)
{
    return &assembler->packets[sequence % PP_LIMIT_VIDEO_PACKETS];
}

/* NULL: it has not come. */
static pp_waiting_packet *find(pp_assembler *assembler, uint16_t sequence)
{
    pp_waiting_packet *packet = slot(assembler, sequence);

    return packet->used && packet->sequence == sequence ? packet : NULL;
}

static void drop(pp_waiting_packet *packet)
{
    pp_free(packet->payload);
    *packet = (pp_waiting_packet){0};
}

void pp_assembler_clear(pp_assembler *assembler)
{
    for (size_t i = 0; i < PP_LIMIT_VIDEO_PACKETS; i++)
        drop(&assembler->packets[i]);
    assembler->started = assembler->running = false;
    assembler->stuck_us = 0;
}

void pp_assembler_give_up(pp_assembler *assembler)
{
    assembler->running = false;
    assembler->stuck_us = 0;
}

/* Half the numbers are behind the highest; beyond what is held either way, it is another stream of numbers. */
static bool is_elsewhere(const pp_assembler *assembler, uint16_t sequence)
{
    uint16_t ahead = (uint16_t)(sequence - assembler->highest);

    return ahead >= PP_LIMIT_VIDEO_PACKETS && ahead <= 65536 - PP_LIMIT_VIDEO_PACKETS;
}

static bool is_late(const pp_assembler *assembler, uint16_t sequence)
{
    return assembler->running && (uint16_t)(sequence - assembler->next) >= 0x8000;
}

static int put(pp_assembler *assembler, const pp_rtp *packet, const pp_video_payload *look)
{
    pp_waiting_packet *waiting = slot(assembler, packet->sequence);
    char *payload = packet->size ? pp_memdup(packet->payload, packet->size) : NULL;

    if (packet->size && !payload)
        return PIPIT_ERR_MEMORY;
    drop(waiting);
    *waiting = (pp_waiting_packet){.used = true,
                                   .marker = packet->marker,
                                   .begins = look->begins,
                                   .key = look->key,
                                   .sequence = packet->sequence,
                                   .timestamp = packet->timestamp,
                                   .payload = payload,
                                   .size = packet->size};
    return 0;
}

int pp_assembler_add(pp_assembler *assembler, const pp_rtp *packet)
{
    pp_video_payload look = {0};
    int err;

    if (packet->size && !assembler->type->look(packet->payload, packet->size, &look))
        return pp_error(PIPIT_ERR_SYNTAX, "%s: malformed payload of %zu octets",
                        assembler->type->name, packet->size);
    if (assembler->started && is_elsewhere(assembler, packet->sequence))
        pp_assembler_clear(assembler);
    if (is_late(assembler, packet->sequence) || find(assembler, packet->sequence))
        return 0;
    err = put(assembler, packet, &look);
    if (err)
        return err;
    if (!assembler->started || (uint16_t)(packet->sequence - assembler->highest) < 0x8000)
        assembler->highest = packet->sequence;
    assembler->started = true;
    return 0;
}

/* --- pictures --------------------------------------------------------------------------------- */

/* The last packet of the picture that begins there; false when not all of it has come. Its end is a marker, or the beginning of
 * the next one. */
static bool find_end(pp_assembler *assembler, uint16_t first, uint16_t *last)
{
    const pp_waiting_packet *packet = find(assembler, first);
    uint32_t timestamp = packet ? packet->timestamp : 0;

    for (size_t i = 0; packet && i < PP_LIMIT_VIDEO_PACKETS; i++) {
        const pp_waiting_packet *after = find(assembler, (uint16_t)(packet->sequence + 1));

        if (packet->marker || (after && after->timestamp != timestamp)) {
            *last = packet->sequence;
            return true;
        }
        packet = after;
    }
    return false;
}

static bool is_key_start(pp_assembler *assembler, uint16_t sequence)
{
    const pp_waiting_packet *packet = find(assembler, sequence);
    const pp_waiting_packet *before = find(assembler, (uint16_t)(sequence - 1));

    return packet && packet->key &&
           (packet->begins || (before && before->timestamp != packet->timestamp));
}

/* The first key frame that is whole. */
static bool find_key(pp_assembler *assembler, uint16_t *first, uint16_t *last)
{
    uint16_t sequence = (uint16_t)(assembler->highest - PP_LIMIT_VIDEO_PACKETS + 1);

    if (assembler->running)
        sequence = assembler->next;
    for (; sequence != (uint16_t)(assembler->highest + 1); sequence++)
        if (is_key_start(assembler, sequence) && find_end(assembler, sequence, last)) {
            *first = sequence;
            return true;
        }
    return false;
}

static bool unpack(pp_assembler *assembler, const pp_assembled *picture, pp_buf *out)
{
    bool good = true;

    for (uint16_t i = picture->first; i != (uint16_t)(picture->last + 1); i++) {
        pp_waiting_packet *packet = find(assembler, i);

        if (packet && packet->payload)
            good = good && assembler->type->unpack((const uint8_t *)packet->payload, packet->size,
                                                   out) == 0;
    }
    return good && out->n <= PP_LIMIT_VIDEO_FRAME;
}

/* All up to there is done with. */
static void advance(pp_assembler *assembler, uint16_t next)
{
    for (uint16_t i = (uint16_t)(next - PP_LIMIT_VIDEO_PACKETS); i != next; i++) {
        pp_waiting_packet *packet = find(assembler, i);

        if (packet)
            drop(packet);
    }
    assembler->next = next;
}

static void skip_padding(pp_assembler *assembler)
{
    pp_waiting_packet *packet;

    for (; (packet = find(assembler, assembler->next)) && !packet->payload; assembler->next++)
        drop(packet);
}

/* Whether there are packets that make no picture yet. */
static void note_stuck(pp_assembler *assembler, uint64_t now_us)
{
    bool waits = assembler->running && (uint16_t)(assembler->highest - assembler->next) < 0x8000;

    if (!waits)
        assembler->stuck_us = 0;
    else if (!assembler->stuck_us)
        assembler->stuck_us = now_us ? now_us : 1;
}

bool pp_assembler_next(pp_assembler *assembler, uint64_t now_us, pp_buf *out, pp_assembled *picture)
{
    uint16_t first, last;

    if (!assembler->started)
        return false;
    if (assembler->running)
        skip_padding(assembler);
    first = assembler->next;
    if (!(assembler->running && find_end(assembler, first, &last)) &&
        !find_key(assembler, &first, &last)) {
        note_stuck(assembler, now_us);
        return false;
    }
    *picture = (pp_assembled){.key = find(assembler, first)->key,
                              .timestamp = find(assembler, first)->timestamp,
                              .first = first,
                              .last = last};
    assembler->running = unpack(assembler, picture, out);
    advance(assembler, (uint16_t)(last + 1));
    assembler->stuck_us = 0;
    return assembler->running;
}
