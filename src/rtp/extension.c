/* extension.c - RTP header extensions (RFC 8285). */
#include "rtp/extension.h"

#include "base/reader.h"

enum {
    ONE_OCTET = 0xBEDE,
    TWO_OCTETS = 0x1000,
    TWO_OCTETS_MASK = 0xFFF0, /* the last four bits are the application's, section 4.3 */
    PADDING = 0,
    STOP = 15, /* section 4.2: nothing behind it is looked at */
    MID_MAX = 16,
    ID_MIN = 1,
    ID_MAX = 14 /* RFC 8285 section 4.2: in headers of one octet */
};

static const char *const uris[PP_EXTENSION_COUNT] = {
    [PP_EXTENSION_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
    [PP_EXTENSION_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    [PP_EXTENSION_SEND_TIME] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    [PP_EXTENSION_TRANSPORT] =
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
};

const char *pp_rtp_extension_uri(pp_rtp_extension_kind kind)
{
    return uris[kind];
}

pp_rtp_extension_kind pp_rtp_extension_of(pp_str uri)
{
    unsigned kind = 0;

    while (kind < PP_EXTENSION_COUNT && !pp_str_eq_c(uri, uris[kind]))
        kind++;
    return (pp_rtp_extension_kind)kind;
}

static bool is_free(const pp_rtp_extension_ids *ids, unsigned id)
{
    for (unsigned kind = 0; kind < PP_EXTENSION_COUNT; kind++)
        if (ids->of[kind] == id)
            return false;
    return true;
}

bool pp_rtp_extension_agree(pp_rtp_extension_ids *ids, pp_rtp_extension_kind kind, unsigned id)
{
    if (id < ID_MIN || id > ID_MAX)
        return false;
    if (!ids->of[kind] && is_free(ids, id))
        ids->of[kind] = (uint8_t)id;
    return ids->of[kind] == id;
}

void pp_rtp_extension_number(pp_rtp_extension_ids *ids)
{
    static const unsigned usual[PP_EXTENSION_COUNT] = {[PP_EXTENSION_LEVEL] = 1,
                                                       [PP_EXTENSION_SEND_TIME] = 2,
                                                       [PP_EXTENSION_TRANSPORT] = 3,
                                                       [PP_EXTENSION_MID] = 4};

    for (unsigned kind = 0; kind < PP_EXTENSION_COUNT; kind++) {
        unsigned id = usual[kind];

        while (!ids->of[kind] && !is_free(ids, id))
            id = id % ID_MAX + 1;
        if (!ids->of[kind])
            ids->of[kind] = (uint8_t)id;
    }
}

static void take_element(pp_rtp_extensions *out, unsigned kind, pp_reader *r)
{
    static const size_t sizes[PP_EXTENSION_COUNT] = {
        [PP_EXTENSION_LEVEL] = 1, [PP_EXTENSION_SEND_TIME] = 3, [PP_EXTENSION_TRANSPORT] = 2};
    uint32_t value;

    if (kind == PP_EXTENSION_MID ? r->n < 1 : r->n != sizes[kind])
        return;
    out->has[kind] = true;
    if (kind == PP_EXTENSION_MID) {
        out->mid = pp_str_n(r->p, r->n);
        return;
    }
    value = (uint32_t)pp_reader_big_endian(r, (unsigned)sizes[kind]);
    if (kind == PP_EXTENSION_LEVEL) {
        out->voice = value >> 7;
        out->level = value & 127;
    } else if (kind == PP_EXTENSION_SEND_TIME) {
        out->send_time = value;
    } else {
        out->transport_sequence = (uint16_t)value;
    }
}

/* One element's number and length; false at the end. */
static bool next_element(uint16_t profile, pp_reader *r, uint8_t *id, pp_reader *element)
{
    uint8_t first = 0;

    while (r->n && !r->failed && (first = pp_reader_u8(r)) == PADDING)
        ;
    if (r->failed || first == PADDING)
        return false;
    if (profile == ONE_OCTET) {
        *id = first >> 4;
        if (*id == STOP)
            return false;
        *element = pp_reader_sub(r, (size_t)(first & 15) + 1);
    } else {
        *id = first;
        *element = pp_reader_sub(r, pp_reader_u8(r));
    }
    return !r->failed && !element->failed;
}

void pp_rtp_extensions_read(const pp_rtp *packet, const pp_rtp_extension_ids *ids,
                            pp_rtp_extensions *out)
{
    pp_reader r = pp_reader_of(packet->extension, packet->extension_size);
    pp_reader element;
    uint8_t id;

    *out = (pp_rtp_extensions){0};
    if (packet->extension_profile != ONE_OCTET &&
        (packet->extension_profile & TWO_OCTETS_MASK) != TWO_OCTETS)
        return;
    while (next_element(packet->extension_profile, &r, &id, &element))
        for (unsigned kind = 0; kind < PP_EXTENSION_COUNT; kind++)
            if (id && ids->of[kind] == id)
                take_element(out, kind, &element);
}

static size_t put(uint8_t *space, uint8_t id, const void *data, size_t size)
{
    space[0] = (uint8_t)((unsigned)id << 4 | (unsigned)(size - 1));
    memcpy(space + 1, data, size);
    return size + 1;
}

static size_t put_element(const pp_rtp_extensions *extensions, unsigned kind, uint8_t id,
                          uint8_t *space)
{
    const uint32_t time = extensions->send_time;
    const uint8_t level = (uint8_t)((extensions->voice ? 128 : 0) | (extensions->level & 127));
    const uint8_t send_time[] = {(uint8_t)(time >> 16), (uint8_t)(time >> 8), (uint8_t)time};
    const uint8_t sequence[] = {(uint8_t)(extensions->transport_sequence >> 8),
                                (uint8_t)extensions->transport_sequence};

    switch (kind) {
    case PP_EXTENSION_MID:
        if (!extensions->mid.n || extensions->mid.n > MID_MAX)
            return 0;
        return put(space, id, extensions->mid.p, extensions->mid.n);
    case PP_EXTENSION_LEVEL:
        return put(space, id, &level, sizeof(level));
    case PP_EXTENSION_SEND_TIME:
        return put(space, id, send_time, sizeof(send_time));
    default:
        return put(space, id, sequence, sizeof(sequence));
    }
}

/* Together at most 17 + 2 + 4 + 3 octets. */
void pp_rtp_extensions_write(const pp_rtp_extensions *extensions, const pp_rtp_extension_ids *ids,
                             uint8_t space[PP_EXTENSION_SIZE_MAX], pp_rtp *packet)
{
    size_t n = 0;

    memset(space, 0, PP_EXTENSION_SIZE_MAX);
    for (unsigned kind = 0; kind < PP_EXTENSION_COUNT; kind++)
        if (extensions->has[kind] && ids->of[kind] && ids->of[kind] < STOP)
            n += put_element(extensions, kind, ids->of[kind], space + n);
    packet->extension_profile = n ? ONE_OCTET : 0;
    packet->extension = space;
    packet->extension_size = (n + 3) / 4 * 4;
}

uint32_t pp_rtp_send_time(uint64_t now_us)
{
    return (uint32_t)(((now_us % 64000000) << 18) / 1000000) & 0xffffff;
}
