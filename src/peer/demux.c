/* demux.c - which section an RTP packet belongs to (RFC 9143 section 9.2, that was RFC 8843): by its MID, by its SSRC, by its payload type. */
#include "peer/inside.h"

#include "base/alloc.h"
#include "sdp/rtp.h"

struct pp_source_table { /* sources that were told apart already; the oldest makes room */
    size_t count;
    struct pp_known_source {
        uint32_t ssrc;
        pp_transceiver *transceiver;
    } at[PP_LIMIT_RTP_SOURCES];
};

static bool takes(const pp_transceiver *transceiver)
{
    return transceiver->kind->is_rtp && pp_transceiver_is_agreed(transceiver);
}

static struct pp_known_source *known(const pp_peer *peer, uint32_t ssrc)
{
    struct pp_source_table *table = peer->sources;

    for (size_t i = 0; table && i < table->count && i < PP_LIMIT_RTP_SOURCES; i++)
        if (table->at[i].ssrc == ssrc && table->at[i].transceiver)
            return &table->at[i];
    return NULL;
}

/* Without memory each packet is looked up anew. */
static void remember(pp_peer *peer, uint32_t ssrc, pp_transceiver *transceiver)
{
    struct pp_known_source *place = known(peer, ssrc);

    if (!peer->sources)
        peer->sources = PP_NEW(struct pp_source_table);
    if (!peer->sources)
        return;
    if (!place)
        place = &peer->sources->at[peer->sources->count++ % PP_LIMIT_RTP_SOURCES];
    place->ssrc = ssrc;
    place->transceiver = transceiver;
}

void pp_peer_forget_source(pp_peer *peer, const pp_transceiver *transceiver)
{
    for (size_t i = 0; peer->sources && i < PP_LIMIT_RTP_SOURCES; i++)
        if (peer->sources->at[i].transceiver == transceiver)
            peer->sources->at[i].transceiver = NULL;
}

static pp_transceiver *by_mid(const pp_peer *peer, pp_str mid)
{
    for (size_t i = 0; i < peer->transceiver_count; i++)
        if (takes(peer->transceivers[i]) && pp_str_eq_c(mid, peer->transceivers[i]->now.mid))
            return peer->transceivers[i];
    return NULL;
}

static bool announces(const pp_sdp_media *media, uint32_t ssrc)
{
    size_t at = 0;
    pp_sdp_ssrc line;
    pp_str value;

    while (pp_sdp_next(&media->section, "ssrc", &at, &value))
        if (pp_sdp_ssrc_parse(value, &line) && line.ssrc == ssrc)
            return true;
    return false;
}

static pp_transceiver *by_announcement(const pp_peer *peer, uint32_t ssrc)
{
    const pp_sdp *remote = peer->terms.remote;

    for (size_t i = 0; i < peer->transceiver_count; i++) {
        pp_transceiver *transceiver = peer->transceivers[i];

        if (takes(transceiver) && remote && transceiver->now.index < remote->media_count &&
            announces(&remote->media[transceiver->now.index], ssrc))
            return transceiver;
    }
    return NULL;
}

/* NULL when several could have it. */
static pp_transceiver *by_payload_type(const pp_peer *peer, unsigned payload_type)
{
    pp_transceiver *found = NULL;

    for (size_t i = 0; i < peer->transceiver_count; i++) {
        if (!takes(peer->transceivers[i]) ||
            !pp_agreed_allows(peer->transceivers[i]->now.agreed, payload_type))
            continue;
        if (found)
            return NULL;
        found = peer->transceivers[i];
    }
    return found;
}

pp_transceiver *pp_peer_rtp_is_for(pp_peer *peer, const pp_rtp *packet)
{
    const struct pp_known_source *source = known(peer, packet->ssrc);
    pp_rtp_extensions extensions = {0};
    pp_transceiver *found;

    if (!pp_peer_is_bundle(peer))
        return by_payload_type(peer, packet->payload_type);
    pp_rtp_extensions_read(packet, &peer->terms.extensions, &extensions);
    if (extensions.has[PP_EXTENSION_MID]) {
        found = by_mid(peer, extensions.mid);
        if (found && (!source || source->transceiver != found))
            remember(peer, packet->ssrc, found);
        return found;
    }
    if (source)
        return takes(source->transceiver) ? source->transceiver : NULL;
    found = by_announcement(peer, packet->ssrc);
    if (!found)
        found = by_payload_type(peer, packet->payload_type);
    if (found)
        remember(peer, packet->ssrc, found);
    return found;
}

bool pp_peer_is_bundle(const pp_peer *peer)
{
    size_t count = 0;

    for (size_t i = 0; i < peer->transceiver_count; i++)
        count += takes(peer->transceivers[i]);
    return count > 1;
}
