/** @file stats_report.h  All that is counted about a peer connection, as records with the names of the W3C's webrtc-stats in
 *  snake_case; pipit_stats_report_to_string() has them as a browser does. A call's figures in one piece are in stats.h. */
#ifndef PIPIT_STATS_REPORT_H
#define PIPIT_STATS_REPORT_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pipit_stats_report pipit_stats_report;

/** W3C: RTCStatsType. */
typedef enum pipit_stats_type {
    PIPIT_STATS_CODEC,
    PIPIT_STATS_INBOUND_RTP,
    PIPIT_STATS_OUTBOUND_RTP,
    PIPIT_STATS_REMOTE_INBOUND_RTP,
    PIPIT_STATS_REMOTE_OUTBOUND_RTP,
    PIPIT_STATS_MEDIA_SOURCE,
    PIPIT_STATS_PEER_CONNECTION,
    PIPIT_STATS_DATA_CHANNEL,
    PIPIT_STATS_TRANSPORT,
    PIPIT_STATS_CANDIDATE_PAIR,
    PIPIT_STATS_LOCAL_CANDIDATE,
    PIPIT_STATS_REMOTE_CANDIDATE,
    PIPIT_STATS_CERTIFICATE
} pipit_stats_type;

/** Of a record all texts may be NULL, and doubles negative: not known yet. Times are in seconds. Those that end with `_id` are the
 *  `id` of another record of the report. */
typedef struct pipit_codec_stats {
    unsigned payload_type;
    const char *transport_id;
    const char *mime_type; /**< "audio/opus" */
    unsigned clock_rate, channels;
    const char *sdp_fmtp_line;
} pipit_codec_stats;

/** W3C: RTCInboundRtpStreamStats. */
typedef struct pipit_inbound_rtp_stats {
    uint32_t ssrc;
    const char *kind; /**< "audio" */
    const char *mid;
    const char *transport_id;
    const char *codec_id;
    const char *remote_id;
    uint64_t packets_received, bytes_received, header_bytes_received;
    double last_packet_received_timestamp; /**< milliseconds since 1970 */
    int64_t packets_lost;
    uint64_t packets_discarded;
    double jitter;
    /** Of audio, 48,000 a second; from here on zero for others. All that were played; silence while nothing came is not among them,
     *  nor anything where a sink takes packets as they come. */
    uint64_t total_samples_received;
    uint64_t concealed_samples, silent_concealed_samples;
    uint64_t concealment_events;
    uint64_t inserted_samples_for_deceleration; /**< made up where the delay had to grow; among the
                                                     concealed ones where a packet was missing */
    uint64_t removed_samples_for_acceleration;  /**< left out where it could be less */
    double jitter_buffer_delay, jitter_buffer_target_delay; /**< of all that were emitted */
    uint64_t jitter_buffer_emitted_count;
    uint64_t fec_packets_used; /**< frames out of the redundancy in a later packet: not the W3C's */
    double audio_level; /**< 0 to 1. What the far end says (RFC 6464) where nothing is decoded */
    double total_audio_energy, total_samples_duration;
    uint64_t frames_received; /**< of video, that were whole; from here on zero for others */
    uint64_t frames_decoded, key_frames_decoded;
    uint64_t frames_dropped;    /**< whole, and not to be decoded */
    unsigned frames_per_second; /**< of the last second */
    unsigned frame_width, frame_height;
    uint64_t qp_sum; /**< of all that were decoded; zero where the codec's decoder does not tell */
    double total_decode_time;
    double total_inter_frame_delay, total_squared_inter_frame_delay;
    uint64_t
        freeze_count; /**< a picture stood for three times as long as usual, and 150 ms longer */
    double total_freezes_duration;
    uint64_t retransmitted_packets_received, retransmitted_bytes_received;
    uint64_t nack_count, pli_count,
        fir_count;                      /**< sent by us; we ask for key frames by PLI alone */
    const char *decoder_implementation; /**< "libvpx" */
} pipit_inbound_rtp_stats;

/** W3C: RTCOutboundRtpStreamStats. */
typedef struct pipit_outbound_rtp_stats {
    uint32_t ssrc;
    const char *kind;
    const char *mid;
    const char *transport_id;
    const char *codec_id;
    const char *media_source_id;
    const char *remote_id;
    uint64_t packets_sent, bytes_sent, header_bytes_sent;
    bool active;       /**< what was agreed lets it send, and there is a path */
    uint32_t rtx_ssrc; /**< of video, what is sent again; from here on zero for others */
    uint64_t retransmitted_packets_sent, retransmitted_bytes_sent;
    uint64_t frames_sent;
    uint64_t huge_frames_sent;                   /**< two and a half times as large as usual */
    uint64_t frames_encoded, key_frames_encoded; /**< by us: not those that came encoded */
    unsigned frames_per_second;                  /**< of the last second */
    unsigned frame_width, frame_height;
    uint64_t qp_sum; /**< of all that were encoded; zero where the codec's encoder does not tell */
    double total_encode_time;
    unsigned target_bitrate;
    const char *quality_limitation_reason;     /**< "none", "bandwidth": less than was wished for */
    const char *encoder_implementation;        /**< "libvpx" */
    uint64_t nack_count, pli_count, fir_count; /**< sent by the far end */
} pipit_outbound_rtp_stats;

/** What the far end reports about what we send (W3C: RTCRemoteInboundRtpStreamStats). */
typedef struct pipit_remote_inbound_rtp_stats {
    uint32_t ssrc;
    const char *kind;
    const char *transport_id;
    const char *local_id;
    double jitter, round_trip_time;
    double total_round_trip_time;
    uint64_t round_trip_time_measurements;
    int64_t packets_lost;
    double fraction_lost; /**< 0 to 1 */
} pipit_remote_inbound_rtp_stats;

/** What the far end reports about what it sends (W3C: RTCRemoteOutboundRtpStreamStats). */
typedef struct pipit_remote_outbound_rtp_stats {
    uint32_t ssrc;
    const char *kind;
    const char *transport_id;
    const char *local_id;
    uint64_t packets_sent, bytes_sent;
    double remote_timestamp; /**< milliseconds since 1970, by its clock */
    uint64_t reports_sent;
    double round_trip_time; /**< by our clock, where we only receive (RFC 3611) */
} pipit_remote_outbound_rtp_stats;

/** W3C: RTCAudioSourceStats and RTCVideoSourceStats. */
typedef struct pipit_media_source_stats {
    const char *track_identifier;
    const char *kind;
    double audio_level; /**< 0 to 1; of audio */
    double total_audio_energy, total_samples_duration;
    unsigned width, height; /**< of video, of the last picture; from here on zero for others */
    uint64_t frames;
    unsigned frames_per_second; /**< of the last second */
} pipit_media_source_stats;

/** W3C: RTCPeerConnectionStats. */
typedef struct pipit_peer_connection_stats {
    unsigned data_channels_opened, data_channels_closed;
} pipit_peer_connection_stats;

/** W3C: RTCDataChannelStats. */
typedef struct pipit_stats_data_channel {
    const char *label;
    const char *protocol;
    int data_channel_identifier; /**< negative before it has one */
    const char *state;           /**< "open" */
    uint64_t messages_sent, bytes_sent, messages_received, bytes_received;
} pipit_stats_data_channel;

/** W3C: RTCTransportStats. */
typedef struct pipit_transport_stats {
    const char *ice_role; /**< "controlling", "controlled" */
    const char *ice_local_username_fragment;
    const char *ice_state;  /**< "connected" */
    const char *dtls_state; /**< "new", "connecting", "connected", "closed", "failed" */
    const char *dtls_role;  /**< "client", "server" */
    const char *dtls_cipher;
    const char *srtp_cipher;
    const char *selected_candidate_pair_id;
    const char *local_certificate_id;
    uint64_t packets_sent, bytes_sent, packets_received, bytes_received; /**< but for ICE's */
    uint64_t packets_discarded; /**< not authentic, or of no section of ours: not the W3C's */
} pipit_transport_stats;

/** The pair in use (W3C: RTCIceCandidatePairStats). */
typedef struct pipit_candidate_pair_stats {
    const char *transport_id;
    const char *local_candidate_id;
    const char *remote_candidate_id;
    const char *state; /**< "succeeded" */
    bool nominated;
    double current_round_trip_time;
} pipit_candidate_pair_stats;

/** W3C: RTCIceCandidateStats. */
typedef struct pipit_candidate_stats {
    const char *transport_id;
    const char *address;
    unsigned port;
    const char *protocol;       /**< "udp" or "tcp" */
    const char *candidate_type; /**< "host", "srflx", "prflx", "relay" */
    uint32_t priority;
    const char *foundation;
} pipit_candidate_stats;

/** W3C: RTCCertificateStats. */
typedef struct pipit_certificate_stats {
    const char *fingerprint;
    const char *fingerprint_algorithm; /**< "sha-256" */
} pipit_certificate_stats;

/** W3C: RTCStats; `type` tells which of the others counts. */
typedef struct pipit_stats_record {
    pipit_stats_type type;
    const char *id;
    double timestamp; /**< milliseconds since 1970 */
    union {
        pipit_codec_stats codec;
        pipit_inbound_rtp_stats inbound_rtp;
        pipit_outbound_rtp_stats outbound_rtp;
        pipit_remote_inbound_rtp_stats remote_inbound_rtp;
        pipit_remote_outbound_rtp_stats remote_outbound_rtp;
        pipit_media_source_stats media_source;
        pipit_peer_connection_stats peer_connection;
        pipit_stats_data_channel data_channel;
        pipit_transport_stats transport;
        pipit_candidate_pair_stats candidate_pair;
        pipit_candidate_stats candidate; /**< local and remote */
        pipit_certificate_stats certificate;
    } of;
} pipit_stats_record;

/** What is known now. Also of a call's connection.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY.  W3C: getStats() */
PIPIT_API int pipit_peer_get_stats(const pipit_peer *peer, pipit_stats_report **out);
/** @return NULL */
PIPIT_API pipit_stats_report *pipit_stats_report_unref(pipit_stats_report *report);
/** @return the report's; NULL behind the last */
PIPIT_API const pipit_stats_record *pipit_stats_report_at(const pipit_stats_report *report,
                                                          size_t index);
/** @return the report's; NULL when there is none of that id */
PIPIT_API const pipit_stats_record *pipit_stats_report_find(const pipit_stats_report *report,
                                                            const char *id);
/** @return the W3C's word: "inbound-rtp"; never NULL */
PIPIT_API const char *pipit_stats_type_name(pipit_stats_type type);
/** JSON: an object with a member for each record, by its id, and the W3C's names in it: {"IT01":{"id":"IT01","timestamp":…}}. What is
 *  not known is left out.
 *  @param out  yours, for pipit_free()
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_stats_report_to_string(const pipit_stats_report *report, char **out);

#ifdef __cplusplus
}
#endif
#endif
