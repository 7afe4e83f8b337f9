/* report_text.c - a report of statistics as JSON, with the W3C's names (webrtc-stats section 7). */
#include "base/buf.h"
#include "base/error.h"
#include "peer/report.h"

#include <math.h>

/* NUMBER: an int, left out below zero; REAL likewise. */
typedef enum field_kind { TEXT, NUMBER, U32, U64, I64, REAL, BOOL } field_kind;

typedef struct field {
    const char *name;
    field_kind kind;
    size_t offset;     /* in the record */
    const char *media; /* left out of records of another kind; NULL: of none */
} field;

#define FIELD_OF(media, member, kind, name)                                                        \
    {                                                                                              \
        name, kind, offsetof(pipit_stats_record, of.member), media                                 \
    }
#define FIELD(member, kind, name) FIELD_OF(NULL, member, kind, name)
#define AUDIO(member, kind, name) FIELD_OF("audio", member, kind, name)
#define VIDEO(member, kind, name) FIELD_OF("video", member, kind, name)
#define END                                                                                        \
    {                                                                                              \
        NULL, TEXT, 0, NULL                                                                        \
    }

static const field codec[] = {
    FIELD(codec.payload_type, U32, "payloadType"),
    FIELD(codec.transport_id, TEXT, "transportId"),
    FIELD(codec.mime_type, TEXT, "mimeType"),
    FIELD(codec.clock_rate, U32, "clockRate"),
    FIELD(codec.channels, U32, "channels"),
    FIELD(codec.sdp_fmtp_line, TEXT, "sdpFmtpLine"),
    END,
};

static const field inbound_rtp[] = {
    FIELD(inbound_rtp.ssrc, U32, "ssrc"),
    FIELD(inbound_rtp.kind, TEXT, "kind"),
    FIELD(inbound_rtp.mid, TEXT, "mid"),
    FIELD(inbound_rtp.transport_id, TEXT, "transportId"),
    FIELD(inbound_rtp.codec_id, TEXT, "codecId"),
    FIELD(inbound_rtp.remote_id, TEXT, "remoteId"),
    FIELD(inbound_rtp.packets_received, U64, "packetsReceived"),
    FIELD(inbound_rtp.bytes_received, U64, "bytesReceived"),
    FIELD(inbound_rtp.header_bytes_received, U64, "headerBytesReceived"),
    FIELD(inbound_rtp.last_packet_received_timestamp, REAL, "lastPacketReceivedTimestamp"),
    FIELD(inbound_rtp.packets_lost, I64, "packetsLost"),
    FIELD(inbound_rtp.packets_discarded, U64, "packetsDiscarded"),
    FIELD(inbound_rtp.jitter, REAL, "jitter"),
    AUDIO(inbound_rtp.total_samples_received, U64, "totalSamplesReceived"),
    AUDIO(inbound_rtp.concealed_samples, U64, "concealedSamples"),
    AUDIO(inbound_rtp.silent_concealed_samples, U64, "silentConcealedSamples"),
    AUDIO(inbound_rtp.concealment_events, U64, "concealmentEvents"),
    AUDIO(inbound_rtp.inserted_samples_for_deceleration, U64, "insertedSamplesForDeceleration"),
    AUDIO(inbound_rtp.removed_samples_for_acceleration, U64, "removedSamplesForAcceleration"),
    AUDIO(inbound_rtp.jitter_buffer_delay, REAL, "jitterBufferDelay"),
    AUDIO(inbound_rtp.jitter_buffer_target_delay, REAL, "jitterBufferTargetDelay"),
    AUDIO(inbound_rtp.jitter_buffer_emitted_count, U64, "jitterBufferEmittedCount"),
    AUDIO(inbound_rtp.fec_packets_used, U64, "fecPacketsUsed"),
    AUDIO(inbound_rtp.audio_level, REAL, "audioLevel"),
    AUDIO(inbound_rtp.total_audio_energy, REAL, "totalAudioEnergy"),
    AUDIO(inbound_rtp.total_samples_duration, REAL, "totalSamplesDuration"),
    VIDEO(inbound_rtp.frames_received, U64, "framesReceived"),
    VIDEO(inbound_rtp.frames_decoded, U64, "framesDecoded"),
    VIDEO(inbound_rtp.key_frames_decoded, U64, "keyFramesDecoded"),
    VIDEO(inbound_rtp.frames_dropped, U64, "framesDropped"),
    VIDEO(inbound_rtp.frames_per_second, U32, "framesPerSecond"),
    VIDEO(inbound_rtp.frame_width, U32, "frameWidth"),
    VIDEO(inbound_rtp.frame_height, U32, "frameHeight"),
    VIDEO(inbound_rtp.qp_sum, U64, "qpSum"),
    VIDEO(inbound_rtp.total_decode_time, REAL, "totalDecodeTime"),
    VIDEO(inbound_rtp.total_inter_frame_delay, REAL, "totalInterFrameDelay"),
    VIDEO(inbound_rtp.total_squared_inter_frame_delay, REAL, "totalSquaredInterFrameDelay"),
    VIDEO(inbound_rtp.freeze_count, U64, "freezeCount"),
    VIDEO(inbound_rtp.total_freezes_duration, REAL, "totalFreezesDuration"),
    VIDEO(inbound_rtp.retransmitted_packets_received, U64, "retransmittedPacketsReceived"),
    VIDEO(inbound_rtp.retransmitted_bytes_received, U64, "retransmittedBytesReceived"),
    VIDEO(inbound_rtp.nack_count, U64, "nackCount"),
    VIDEO(inbound_rtp.pli_count, U64, "pliCount"),
    VIDEO(inbound_rtp.fir_count, U64, "firCount"),
    VIDEO(inbound_rtp.decoder_implementation, TEXT, "decoderImplementation"),
    END,
};

static const field outbound_rtp[] = {
    FIELD(outbound_rtp.ssrc, U32, "ssrc"),
    FIELD(outbound_rtp.kind, TEXT, "kind"),
    FIELD(outbound_rtp.mid, TEXT, "mid"),
    FIELD(outbound_rtp.transport_id, TEXT, "transportId"),
    FIELD(outbound_rtp.codec_id, TEXT, "codecId"),
    FIELD(outbound_rtp.media_source_id, TEXT, "mediaSourceId"),
    FIELD(outbound_rtp.remote_id, TEXT, "remoteId"),
    FIELD(outbound_rtp.packets_sent, U64, "packetsSent"),
    FIELD(outbound_rtp.bytes_sent, U64, "bytesSent"),
    FIELD(outbound_rtp.header_bytes_sent, U64, "headerBytesSent"),
    FIELD(outbound_rtp.active, BOOL, "active"),
    VIDEO(outbound_rtp.rtx_ssrc, U32, "rtxSsrc"),
    VIDEO(outbound_rtp.retransmitted_packets_sent, U64, "retransmittedPacketsSent"),
    VIDEO(outbound_rtp.retransmitted_bytes_sent, U64, "retransmittedBytesSent"),
    VIDEO(outbound_rtp.frames_sent, U64, "framesSent"),
    VIDEO(outbound_rtp.huge_frames_sent, U64, "hugeFramesSent"),
    VIDEO(outbound_rtp.frames_encoded, U64, "framesEncoded"),
    VIDEO(outbound_rtp.key_frames_encoded, U64, "keyFramesEncoded"),
    VIDEO(outbound_rtp.frames_per_second, U32, "framesPerSecond"),
    VIDEO(outbound_rtp.frame_width, U32, "frameWidth"),
    VIDEO(outbound_rtp.frame_height, U32, "frameHeight"),
    VIDEO(outbound_rtp.qp_sum, U64, "qpSum"),
    VIDEO(outbound_rtp.total_encode_time, REAL, "totalEncodeTime"),
    VIDEO(outbound_rtp.target_bitrate, U32, "targetBitrate"),
    VIDEO(outbound_rtp.quality_limitation_reason, TEXT, "qualityLimitationReason"),
    VIDEO(outbound_rtp.encoder_implementation, TEXT, "encoderImplementation"),
    VIDEO(outbound_rtp.nack_count, U64, "nackCount"),
    VIDEO(outbound_rtp.pli_count, U64, "pliCount"),
    VIDEO(outbound_rtp.fir_count, U64, "firCount"),
    END,
};

static const field remote_inbound_rtp[] = {
    FIELD(remote_inbound_rtp.ssrc, U32, "ssrc"),
    FIELD(remote_inbound_rtp.kind, TEXT, "kind"),
    FIELD(remote_inbound_rtp.transport_id, TEXT, "transportId"),
    FIELD(remote_inbound_rtp.local_id, TEXT, "localId"),
    FIELD(remote_inbound_rtp.jitter, REAL, "jitter"),
    FIELD(remote_inbound_rtp.round_trip_time, REAL, "roundTripTime"),
    FIELD(remote_inbound_rtp.total_round_trip_time, REAL, "totalRoundTripTime"),
    FIELD(remote_inbound_rtp.round_trip_time_measurements, U64, "roundTripTimeMeasurements"),
    FIELD(remote_inbound_rtp.packets_lost, I64, "packetsLost"),
    FIELD(remote_inbound_rtp.fraction_lost, REAL, "fractionLost"),
    END,
};

static const field remote_outbound_rtp[] = {
    FIELD(remote_outbound_rtp.ssrc, U32, "ssrc"),
    FIELD(remote_outbound_rtp.kind, TEXT, "kind"),
    FIELD(remote_outbound_rtp.transport_id, TEXT, "transportId"),
    FIELD(remote_outbound_rtp.local_id, TEXT, "localId"),
    FIELD(remote_outbound_rtp.packets_sent, U64, "packetsSent"),
    FIELD(remote_outbound_rtp.bytes_sent, U64, "bytesSent"),
    FIELD(remote_outbound_rtp.remote_timestamp, REAL, "remoteTimestamp"),
    FIELD(remote_outbound_rtp.reports_sent, U64, "reportsSent"),
    FIELD(remote_outbound_rtp.round_trip_time, REAL, "roundTripTime"),
    END,
};

static const field media_source[] = {
    FIELD(media_source.track_identifier, TEXT, "trackIdentifier"),
    FIELD(media_source.kind, TEXT, "kind"),
    AUDIO(media_source.audio_level, REAL, "audioLevel"),
    AUDIO(media_source.total_audio_energy, REAL, "totalAudioEnergy"),
    AUDIO(media_source.total_samples_duration, REAL, "totalSamplesDuration"),
    VIDEO(media_source.width, U32, "width"),
    VIDEO(media_source.height, U32, "height"),
    VIDEO(media_source.frames, U64, "frames"),
    VIDEO(media_source.frames_per_second, U32, "framesPerSecond"),
    END,
};

static const field peer_connection[] = {
    FIELD(peer_connection.data_channels_opened, U32, "dataChannelsOpened"),
    FIELD(peer_connection.data_channels_closed, U32, "dataChannelsClosed"),
    END,
};

static const field data_channel[] = {
    FIELD(data_channel.label, TEXT, "label"),
    FIELD(data_channel.protocol, TEXT, "protocol"),
    FIELD(data_channel.data_channel_identifier, NUMBER, "dataChannelIdentifier"),
    FIELD(data_channel.state, TEXT, "state"),
    FIELD(data_channel.messages_sent, U64, "messagesSent"),
    FIELD(data_channel.bytes_sent, U64, "bytesSent"),
    FIELD(data_channel.messages_received, U64, "messagesReceived"),
    FIELD(data_channel.bytes_received, U64, "bytesReceived"),
    END,
};

static const field transport[] = {
    FIELD(transport.ice_role, TEXT, "iceRole"),
    FIELD(transport.ice_local_username_fragment, TEXT, "iceLocalUsernameFragment"),
    FIELD(transport.ice_state, TEXT, "iceState"),
    FIELD(transport.dtls_state, TEXT, "dtlsState"),
    FIELD(transport.dtls_role, TEXT, "dtlsRole"),
    FIELD(transport.dtls_cipher, TEXT, "dtlsCipher"),
    FIELD(transport.srtp_cipher, TEXT, "srtpCipher"),
    FIELD(transport.selected_candidate_pair_id, TEXT, "selectedCandidatePairId"),
    FIELD(transport.local_certificate_id, TEXT, "localCertificateId"),
    FIELD(transport.packets_sent, U64, "packetsSent"),
    FIELD(transport.bytes_sent, U64, "bytesSent"),
    FIELD(transport.packets_received, U64, "packetsReceived"),
    FIELD(transport.bytes_received, U64, "bytesReceived"),
    FIELD(transport.packets_discarded, U64, "packetsDiscarded"),
    END,
};

static const field candidate_pair[] = {
    FIELD(candidate_pair.transport_id, TEXT, "transportId"),
    FIELD(candidate_pair.local_candidate_id, TEXT, "localCandidateId"),
    FIELD(candidate_pair.remote_candidate_id, TEXT, "remoteCandidateId"),
    FIELD(candidate_pair.state, TEXT, "state"),
    FIELD(candidate_pair.nominated, BOOL, "nominated"),
    FIELD(candidate_pair.current_round_trip_time, REAL, "currentRoundTripTime"),
    END,
};

static const field candidate[] = {
    FIELD(candidate.transport_id, TEXT, "transportId"),
    FIELD(candidate.address, TEXT, "address"),
    FIELD(candidate.port, U32, "port"),
    FIELD(candidate.protocol, TEXT, "protocol"),
    FIELD(candidate.candidate_type, TEXT, "candidateType"),
    FIELD(candidate.priority, U32, "priority"),
    FIELD(candidate.foundation, TEXT, "foundation"),
    END,
};

static const field certificate[] = {
    FIELD(certificate.fingerprint, TEXT, "fingerprint"),
    FIELD(certificate.fingerprint_algorithm, TEXT, "fingerprintAlgorithm"),
    END,
};

static const struct {
    const char *name;
    const field *fields;
} types[] = {
    [PIPIT_STATS_CODEC] = {"codec", codec},
    [PIPIT_STATS_INBOUND_RTP] = {"inbound-rtp", inbound_rtp},
    [PIPIT_STATS_OUTBOUND_RTP] = {"outbound-rtp", outbound_rtp},
    [PIPIT_STATS_REMOTE_INBOUND_RTP] = {"remote-inbound-rtp", remote_inbound_rtp},
    [PIPIT_STATS_REMOTE_OUTBOUND_RTP] = {"remote-outbound-rtp", remote_outbound_rtp},
    [PIPIT_STATS_MEDIA_SOURCE] = {"media-source", media_source},
    [PIPIT_STATS_PEER_CONNECTION] = {"peer-connection", peer_connection},
    [PIPIT_STATS_DATA_CHANNEL] = {"data-channel", data_channel},
    [PIPIT_STATS_TRANSPORT] = {"transport", transport},
    [PIPIT_STATS_CANDIDATE_PAIR] = {"candidate-pair", candidate_pair},
    [PIPIT_STATS_LOCAL_CANDIDATE] = {"local-candidate", candidate},
    [PIPIT_STATS_REMOTE_CANDIDATE] = {"remote-candidate", candidate},
    [PIPIT_STATS_CERTIFICATE] = {"certificate", certificate},
};

const char *pipit_stats_type_name(pipit_stats_type type)
{
    return (unsigned)type < sizeof(types) / sizeof(types[0]) ? types[type].name : "";
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* RFC 8259 section 7. Labels and fmtp are the far end's: what is no UTF-8 is left out octet by octet. */
static void write_text(pp_buf *out, const char *text)
{
    pp_str s = pp_str_c(text);
    bool utf8 = pp_str_is_utf8(s);

    pp_buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '"' || c == '\\')
            pp_buf_char(out, '\\');
        if (c < 0x20)
            pp_buf_format(out, "\\u%04x", c);
        else if (c < 0x80 || utf8)
            pp_buf_char(out, (char)c);
    }
    pp_buf_char(out, '"');
}

static void write_name(pp_buf *out, const char *name)
{
    pp_buf_format(out, ",\"%s\":", name);
}

/* Six places are enough for times in seconds; a comma is never the point's place, whatever the locale. */
static void write_real(pp_buf *out, double value)
{
    uint64_t millionths = (uint64_t)llround(value * 1e6);

    pp_buf_uint(out, millionths / 1000000);
    pp_buf_format(out, ".%06u", (unsigned)(millionths % 1000000));
}

static void write_field(pp_buf *out, const pipit_stats_record *record, const field *f)
{
    const void *at = (const char *)record + f->offset;
    const char *text;
    int64_t number;

    if (f->kind == TEXT) {
        memcpy(&text, at, sizeof(text));
        if (!text)
            return;
        write_name(out, f->name);
        write_text(out, text);
        return;
    }
    if ((f->kind == REAL && *(const double *)at < 0) || (f->kind == NUMBER && *(const int *)at < 0))
        return;
    write_name(out, f->name);
    switch (f->kind) {
    case NUMBER:
        pp_buf_uint(out, (uint64_t) * (const int *)at);
        break;
    case U32:
        pp_buf_uint(out, *(const uint32_t *)at);
        break;
    case U64:
        pp_buf_uint(out, *(const uint64_t *)at);
        break;
    case I64:
        number = *(const int64_t *)at;
        if (number < 0)
            pp_buf_char(out, '-');
        pp_buf_uint(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
        break;
    case REAL:
        write_real(out, *(const double *)at);
        break;
    default:
        pp_buf_c(out, *(const bool *)at ? "true" : "false");
        break;
    }
}

/* Of records whose fields differ by it. */
static const char *media_of(const pipit_stats_record *record)
{
    switch (record->type) {
    case PIPIT_STATS_INBOUND_RTP:
        return record->of.inbound_rtp.kind;
    case PIPIT_STATS_OUTBOUND_RTP:
        return record->of.outbound_rtp.kind;
    case PIPIT_STATS_MEDIA_SOURCE:
        return record->of.media_source.kind;
    default:
        return "";
    }
}

static void write_record(pp_buf *out, const pipit_stats_record *record)
{
    write_text(out, record->id);
    pp_buf_c(out, ":{\"id\":");
    write_text(out, record->id);
    pp_buf_c(out, ",\"timestamp\":");
    write_real(out, record->timestamp);
    write_name(out, "type");
    write_text(out, pipit_stats_type_name(record->type));
    for (const field *f = types[record->type].fields; f->name; f++)
        if (!f->media || strcmp(f->media, media_of(record)) == 0)
            write_field(out, record, f);
    pp_buf_char(out, '}');
}

int pipit_stats_report_to_string(const pipit_stats_report *report, char **out)
{
    pp_buf json = {0};
    int err;

    if (!report || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "stats: which report, and where to?");
    pp_buf_char(&json, '{');
    for (const pp_report_entry *e = report->first; e; e = e->next) {
        if (e != report->first)
            pp_buf_char(&json, ',');
        write_record(&json, &e->record);
    }
    pp_buf_char(&json, '}');
    err = pp_buf_take(&json, out);
    if (err)
        pp_buf_free(&json);
    return err;
}
