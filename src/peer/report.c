/* report.c - the records of a peer connection's statistics (W3C webrtc-stats section 7). */
#include "peer/report.h"

#include "base/alloc.h"
#include "base/error.h"
#include "peer/data.h"
#include "peer/front.h"
#include "peer/inside.h"

#include <stdarg.h>
#include <stdio.h>

#define TRANSPORT_ID   "T0"
#define PAIR_ID        "CP0"
#define CERTIFICATE_ID "CF0"

/* --- the report ------------------------------------------------------------------------------- */

pipit_stats_record *pp_report_add(pipit_stats_report *report, pipit_stats_type type, const char *id)
{
    pp_report_entry *entry = id ? PP_NEW(pp_report_entry) : NULL;

    if (!entry) {
        report->failed = true;
        return &report->nowhere;
    }
    entry->record.type = type;
    entry->record.id = id;
    entry->record.timestamp = report->timestamp;
    if (report->last)
        report->last->next = entry;
    else
        report->first = entry;
    report->last = entry;
    return &entry->record;
}

const char *pp_report_text(pipit_stats_report *report, const char *format, ...)
{
    pp_report_note *note;
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (size <= 0)
        return NULL;
    note = pp_alloc(sizeof(*note) + (size_t)size + 1);
    if (!note) {
        report->failed = true;
        return NULL;
    }
    va_start(args, format);
    vsnprintf(note->text, (size_t)size + 1, format, args);
    va_end(args);
    note->next = report->texts;
    report->texts = note;
    return note->text;
}

static const char *copy(pipit_stats_report *report, const char *text)
{
    return text ? pp_report_text(report, "%s", text) : NULL;
}

pipit_stats_report *pipit_stats_report_unref(pipit_stats_report *report)
{
    while (report && report->first) {
        pp_report_entry *next = report->first->next;

        pp_free(report->first);
        report->first = next;
    }
    while (report && report->texts) {
        pp_report_note *next = report->texts->next;

        pp_free(report->texts);
        report->texts = next;
    }
    pp_free(report);
    return NULL;
}

const pipit_stats_record *pipit_stats_report_at(const pipit_stats_report *report, size_t index)
{
    const pp_report_entry *entry = report ? report->first : NULL;

    while (entry && index--)
        entry = entry->next;
    return entry ? &entry->record : NULL;
}

const pipit_stats_record *pipit_stats_report_find(const pipit_stats_report *report, const char *id)
{
    for (const pp_report_entry *e = report && id ? report->first : NULL; e; e = e->next)
        if (strcmp(e->record.id, id) == 0)
            return &e->record;
    return NULL;
}

/* --- the network ------------------------------------------------------------------------------ */

static void add_candidate(pipit_stats_report *report, pipit_stats_type type, const char *id,
                          const pp_candidate *candidate)
{
    pipit_candidate_stats *out = &pp_report_add(report, type, id)->of.candidate;
    char ip[PP_ADDR_TEXT];

    out->transport_id = TRANSPORT_ID;
    out->address = copy(report, pp_addr_ip_text(&candidate->address, ip));
    out->port = candidate->address.port;
    out->protocol = candidate->transport == PP_CANDIDATE_UDP ? "udp" : "tcp";
    out->candidate_type = pp_candidate_type_name(candidate->type);
    out->priority = candidate->priority;
    out->foundation = copy(report, candidate->foundation);
}

/* The candidate that a pair uses, by its place among ours; one that a check found has the place behind them. */
static size_t place_of(const pp_ice *ice, const pp_candidate *local)
{
    size_t i = 0;

    while (i < pp_ice_local_count(ice) &&
           !pp_addr_eq(&pp_ice_local(ice, i)->address, &local->address))
        i++;
    return i;
}

static bool add_pair(pipit_stats_report *report, const pp_ice *ice)
{
    pipit_candidate_pair_stats *out;
    pp_candidate local, remote;
    uint64_t rtt_us = 0;
    size_t place;

    if (!pp_ice_selected(ice, &local, &remote, &rtt_us))
        return false;
    out = &pp_report_add(report, PIPIT_STATS_CANDIDATE_PAIR, PAIR_ID)->of.candidate_pair;
    place = place_of(ice, &local);
    if (place == pp_ice_local_count(ice))
        add_candidate(report, PIPIT_STATS_LOCAL_CANDIDATE, pp_report_text(report, "IL%zu", place),
                      &local);
    add_candidate(report, PIPIT_STATS_REMOTE_CANDIDATE, "IR0", &remote);
    out->transport_id = TRANSPORT_ID;
    out->local_candidate_id = pp_report_text(report, "IL%zu", place);
    out->remote_candidate_id = "IR0";
    out->state = "succeeded";
    out->nominated = true;
    out->current_round_trip_time = rtt_us ? (double)rtt_us / 1e6 : -1;
    return true;
}

static const char *dtls_state(const pp_peer *peer)
{
    if (peer->closed)
        return "closed";
    if (peer->broken)
        return "failed";
    if (pp_peer_has_keys(peer))
        return "connected";
    return peer->dtls ? "connecting" : "new";
}

static void add_transport(pipit_stats_report *report, const pp_peer *peer)
{
    const pp_ice *ice = peer->ice[PP_PEER_ICE_USED];
    pipit_transport_stats *out =
        &pp_report_add(report, PIPIT_STATS_TRANSPORT, TRANSPORT_ID)->of.transport;

    out->ice_state = pipit_ice_connection_state_name(pp_peer_ice_state(peer));
    out->dtls_state = dtls_state(peer);
    out->local_certificate_id = peer->certificate_count ? CERTIFICATE_ID : NULL;
    out->packets_discarded = peer->discarded;
    out->packets_sent = peer->traffic_out.packets;
    out->bytes_sent = peer->traffic_out.bytes;
    out->packets_received = peer->traffic_in.packets;
    out->bytes_received = peer->traffic_in.bytes;
    if (peer->dtls) {
        out->dtls_role = peer->terms.setup == PP_SETUP_ACTIVE ? "client" : "server";
        out->dtls_cipher = copy(report, pp_dtls_cipher(peer->dtls));
    }
    if (peer->profile != PP_SRTP_NONE)
        out->srtp_cipher = pp_srtp_profile_name(peer->profile);
    if (!ice)
        return;
    out->ice_role = pp_ice_is_controlling(ice) ? "controlling" : "controlled";
    out->ice_local_username_fragment = copy(report, pp_ice_ufrag(ice));
    for (size_t i = 0; i < pp_ice_local_count(ice); i++)
        add_candidate(report, PIPIT_STATS_LOCAL_CANDIDATE, pp_report_text(report, "IL%zu", i),
                      pp_ice_local(ice, i));
    if (add_pair(report, ice))
        out->selected_candidate_pair_id = PAIR_ID;
}

static void add_certificate(pipit_stats_report *report, const pp_peer *peer)
{
    pipit_certificate_stats *out =
        &pp_report_add(report, PIPIT_STATS_CERTIFICATE, CERTIFICATE_ID)->of.certificate;
    pp_buf fingerprint = {0};

    if (pp_certificate_fingerprint(peer->certificates[0], PP_HASH_SHA256, &fingerprint) == 0)
        out->fingerprint = pp_report_text(report, "%.*s", PP_STR(pp_buf_text(&fingerprint)));
    else
        report->failed = true;
    out->fingerprint_algorithm = "sha-256";
    pp_buf_free(&fingerprint);
}

/* --- streams ---------------------------------------------------------------------------------- */

typedef struct stream { /* of one section, and what it is called */
    const pp_transceiver *transceiver;
    pp_measures measures;
    const char *mid, *codec_id, *inbound_id, *outbound_id, *remote_inbound_id, *remote_outbound_id,
        *source_id;
} stream;

static void add_codec(pipit_stats_report *report, const stream *s)
{
    pipit_codec_stats *out = &pp_report_add(report, PIPIT_STATS_CODEC, s->codec_id)->of.codec;

    out->payload_type = s->measures.payload_type;
    out->transport_id = TRANSPORT_ID;
    out->mime_type = pp_report_text(report, "%s/%s", s->transceiver->kind->name, s->measures.codec);
    out->clock_rate = s->measures.clock_rate;
    out->channels = s->measures.channels;
    out->sdp_fmtp_line = copy(report, s->measures.fmtp);
}

static void add_inbound(pipit_stats_report *report, const stream *s)
{
    const pp_transceiver *t = s->transceiver;
    pipit_inbound_rtp_stats *out =
        &pp_report_add(report, PIPIT_STATS_INBOUND_RTP, s->inbound_id)->of.inbound_rtp;

    *out = s->measures.in;
    out->ssrc = t->received.ssrc;
    out->kind = t->kind->name;
    out->mid = s->mid;
    out->transport_id = TRANSPORT_ID;
    out->codec_id = s->codec_id;
    out->remote_id = t->has_sender_info ? s->remote_outbound_id : NULL;
    out->packets_received = t->packets_received;
    out->bytes_received = t->bytes_received;
    out->header_bytes_received = t->header_bytes_received;
    out->last_packet_received_timestamp =
        report->timestamp - (double)(pp_loop_now_us(t->peer->loop) - t->received_at_us) / 1000;
    out->packets_lost = pp_rtp_receiver_lost(&t->received);
    out->jitter = pp_rtp_receiver_jitter_ms(&t->received) / 1000;
}

static void add_outbound(pipit_stats_report *report, const stream *s)
{
    const pp_transceiver *t = s->transceiver;
    pipit_outbound_rtp_stats *out =
        &pp_report_add(report, PIPIT_STATS_OUTBOUND_RTP, s->outbound_id)->of.outbound_rtp;

    *out = s->measures.out;
    out->ssrc = t->ssrc;
    out->kind = t->kind->name;
    out->mid = s->mid;
    out->transport_id = TRANSPORT_ID;
    out->codec_id = s->codec_id;
    out->media_source_id = s->measures.has_source ? s->source_id : NULL;
    out->remote_id = t->sent.remote_fraction_lost >= 0 ? s->remote_inbound_id : NULL;
    out->packets_sent = t->sent.packets;
    out->bytes_sent = t->sent.bytes;
    out->header_bytes_sent = t->sent.header_bytes;
    out->active =
        t->peer->state == PP_PEER_CONNECTED && !t->stopped && pp_direction_sends(t->now.direction);
}

static void add_remote_inbound(pipit_stats_report *report, const stream *s)
{
    const pp_sent *sent = &s->transceiver->sent;

    pp_report_add(report, PIPIT_STATS_REMOTE_INBOUND_RTP, s->remote_inbound_id)
        ->of.remote_inbound_rtp = (pipit_remote_inbound_rtp_stats){
        .ssrc = s->transceiver->ssrc,
        .kind = s->transceiver->kind->name,
        .transport_id = TRANSPORT_ID,
        .local_id = s->outbound_id,
        .jitter = sent->remote_jitter_ms / 1000,
        .round_trip_time = sent->round_trip_ms / 1000,
        .total_round_trip_time = sent->total_round_trip_s,
        .round_trip_time_measurements = sent->round_trips,
        .packets_lost = sent->remote_lost,
        .fraction_lost = sent->remote_fraction_lost,
    };
}

static void add_remote_outbound(pipit_stats_report *report, const stream *s)
{
    const pp_sender_info *info = &s->transceiver->sender_info;
    double since_1900 = (double)info->ntp / 4294967296.0;

    pp_report_add(report, PIPIT_STATS_REMOTE_OUTBOUND_RTP, s->remote_outbound_id)
        ->of.remote_outbound_rtp = (pipit_remote_outbound_rtp_stats){
        .ssrc = s->transceiver->received.ssrc,
        .kind = s->transceiver->kind->name,
        .transport_id = TRANSPORT_ID,
        .local_id = s->inbound_id,
        .packets_sent = info->packets,
        .bytes_sent = info->octets,
        .remote_timestamp = (since_1900 - 2208988800.0) * 1000,
        .reports_sent = s->transceiver->reports_received,
        .round_trip_time =
            s->transceiver->reference.known ? s->transceiver->reference.round_trip_ms / 1000 : -1,
    };
}

static void add_source(pipit_stats_report *report, const stream *s)
{
    pipit_media_source_stats *out =
        &pp_report_add(report, PIPIT_STATS_MEDIA_SOURCE, s->source_id)->of.media_source;

    *out = s->measures.source;
    out->track_identifier = copy(report, s->transceiver->track);
    out->kind = s->transceiver->kind->name;
}

static void name_stream(pipit_stats_report *report, stream *s)
{
    const char *mid = s->transceiver->now.mid;

    s->mid = copy(report, mid);
    s->codec_id = pp_report_text(report, "CO%s_%u", mid, s->measures.payload_type);
    s->inbound_id = pp_report_text(report, "I%s", mid);
    s->outbound_id = pp_report_text(report, "O%s", mid);
    s->remote_inbound_id = pp_report_text(report, "RI%s", mid);
    s->remote_outbound_id = pp_report_text(report, "RO%s", mid);
    s->source_id = pp_report_text(report, "S%s", mid);
}

static void add_streams(pipit_stats_report *report, const pp_transceiver *transceiver)
{
    stream s = {.transceiver = transceiver,
                .measures = {.in.audio_level = -1, .source.audio_level = -1}};

    transceiver->kind->measure(transceiver, &s.measures);
    if (!s.measures.codec)
        return;
    name_stream(report, &s);
    add_codec(report, &s);
    if (transceiver->has_received)
        add_inbound(report, &s);
    if (transceiver->has_received && transceiver->has_sender_info)
        add_remote_outbound(report, &s);
    if (s.measures.has_source)
        add_source(report, &s);
    if (transceiver->sent.packets)
        add_outbound(report, &s);
    if (transceiver->sent.packets && transceiver->sent.remote_fraction_lost >= 0)
        add_remote_inbound(report, &s);
}

static void add_connection(pipit_stats_report *report, const pp_peer *peer)
{
    pipit_peer_connection_stats *out =
        &pp_report_add(report, PIPIT_STATS_PEER_CONNECTION, "P")->of.peer_connection;
    const pp_data *data = pp_peer_data(peer);
    pp_channels_stats channels = {0};

    if (data && data->channels)
        pp_channels_get_stats(data->channels, &channels);
    out->data_channels_opened = channels.opened;
    out->data_channels_closed = channels.closed;
}

/* --- all of it -------------------------------------------------------------------------------- */

int pipit_peer_get_stats(const pipit_peer *peer, pipit_stats_report **out)
{
    pipit_stats_report *report;

    if (!peer || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "stats: of which connection, and where to?");
    report = PP_NEW(pipit_stats_report);
    if (!report)
        return PIPIT_ERR_MEMORY;
    report->timestamp = (double)pp_loop_wall_us(peer->loop) / 1000;
    add_connection(report, peer);
    if (peer->certificate_count)
        add_certificate(report, peer);
    add_transport(report, peer);
    for (size_t i = 0; i < peer->transceiver_count; i++) {
        const pp_transceiver *transceiver = peer->transceivers[i];

        if (transceiver->kind->measure && transceiver->now.agreed)
            add_streams(report, transceiver);
        if (transceiver->kind->report)
            transceiver->kind->report(transceiver, report);
    }
    if (report->failed) {
        pipit_stats_report_unref(report);
        return PIPIT_ERR_MEMORY;
    }
    *out = report;
    return 0;
}
