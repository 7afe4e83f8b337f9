/* retransmission.c - packets sent again (RFC 4588). */
#include "rtp/retransmission.h"

#include "base/alloc.h"
#include "base/reader.h"

static pp_kept_packet *slot(pp_retransmission *r, uint16_t sequence)
{
    return &r->kept[sequence % PP_LIMIT_RTX_PACKETS];
}

bool pp_retransmission_keep(pp_retransmission *r, const pp_rtp *packet, uint64_t now_us)
{
    pp_kept_packet *kept = slot(r, packet->sequence);
    char *payload = pp_memdup(packet->payload, packet->size);

    pp_free(kept->payload);
    *kept = (pp_kept_packet){.payload = payload, .sent_us = now_us};
    if (!payload)
        return false;
    kept->packet = *packet;
    kept->packet.payload = (const uint8_t *)payload;
    kept->packet.extension_profile = 0;
    kept->packet.extension_size = 0;
    return true;
}

pp_kept_packet *pp_retransmission_find(pp_retransmission *r, uint16_t sequence)
{
    pp_kept_packet *kept = slot(r, sequence);

    return kept->payload && kept->packet.sequence == sequence ? kept : NULL;
}

/* Section 4: the original sequence number, then the payload. */
bool pp_retransmission_again(pp_retransmission *r, uint16_t sequence, uint64_t now_us,
                             uint64_t pause_us, pp_rtp *packet, pp_buf *out)
{
    pp_kept_packet *kept = pp_retransmission_find(r, sequence);

    if (!kept || kept->sent_us > now_us || now_us - kept->sent_us < pause_us)
        return false;
    pp_buf_clear(out);
    pp_buf_u16(out, sequence);
    pp_buf_add(out, kept->packet.payload, kept->packet.size);
    if (pp_buf_error(out))
        return false;
    kept->sent_us = now_us;
    *packet = kept->packet;
    packet->ssrc = r->ssrc;
    packet->payload_type = r->payload_type;
    packet->sequence = r->sequence++;
    packet->payload = (const uint8_t *)out->p;
    packet->size = out->n;
    return true;
}

void pp_retransmission_clear(pp_retransmission *r)
{
    for (size_t i = 0; i < PP_LIMIT_RTX_PACKETS; i++) {
        pp_free(r->kept[i].payload);
        r->kept[i] = (pp_kept_packet){0};
    }
}

/* A stream of retransmissions also carries packets of padding alone, which probe for bandwidth. */
bool pp_retransmission_unwrap(const pp_rtp *packet, uint32_t ssrc, uint8_t payload_type,
                              pp_rtp *out)
{
    pp_reader r = pp_reader_of(packet->payload, packet->size);
    uint16_t sequence = pp_reader_u16(&r);

    if (r.failed)
        return false;
    *out = *packet;
    out->ssrc = ssrc;
    out->payload_type = payload_type;
    out->sequence = sequence;
    out->payload = r.p;
    out->size = r.n;
    return true;
}
