/** @file stats.h  How good a call is. Names follow the W3C's webrtc-stats where it has them. */
#ifndef PIPIT_STATS_H
#define PIPIT_STATS_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Of the pictures of a call. All is zero, and the codec "", when it has none. */
typedef struct pipit_video_stats {
    char codec[24];                    /**< that is sent: "VP8/90000"; "" before it is negotiated */
    uint64_t packets_sent, bytes_sent; /**< RTP payload octets, retransmissions among them */
    uint64_t retransmitted_packets_sent;
    uint64_t packets_received, bytes_received, packets_lost;
    uint64_t packets_repaired; /**< lost ones that came when they were sent again */
    uint64_t frames_sent, key_frames_sent;
    uint64_t frames_skipped; /**< not sent, for they would have been too much for the network */
    uint64_t frames_received, key_frames_received; /**< that were whole */
    uint64_t frames_decoded;
    uint64_t nacks_sent, plis_sent; /**< packets and key frames that were asked of the far end */
    uint64_t nacks_received, plis_received;                            /**< and that it asked for */
    unsigned width_sent, height_sent, width_received, height_received; /**< of the last picture */
    unsigned target_bitrate; /**< bits a second that are aimed at */
    double jitter_ms;
    double round_trip_time_ms; /**< from RTCP; negative before it is known */
} pipit_video_stats;

typedef struct pipit_stats {
    char codec[24];           /**< "opus/48000/2"; "" before the media is negotiated */
    char local_candidate[64]; /**< address and port of the pair in use, "" before there is one */
    char remote_candidate[64];
    char
        local_candidate_type[8]; /**< "host", "srflx", "prflx" or "relay"; "" before there is one */
    char remote_candidate_type[8];
    char dtls_cipher[48];  /**< "DTLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"; "" before the handshake */
    char srtp_profile[32]; /**< "SRTP_AES128_CM_SHA1_80" */
    uint64_t packets_sent, bytes_sent; /**< RTP payload octets */
    uint64_t packets_received, bytes_received;
    uint64_t packets_lost;      /**< expected and not come, RFC 3550 appendix A.3 */
    uint64_t packets_discarded; /**< too late, twice, or not authentic */
    /** Datagrams to the UDP port in use that were nobody's; the port's, of all calls that share it. */
    uint64_t port_datagrams_discarded;
    uint64_t concealed_samples; /**< made up by the decoder, at 48,000 a second */
    uint64_t fec_packets_used;  /**< frames taken from the next packet's forward error correction */
    double jitter_ms;           /**< of arrival, RFC 3550 appendix A.8 */
    double jitter_buffer_delay_ms; /**< how long a frame waits to be played, now */
    double round_trip_time_ms;     /**< from RTCP; negative before it is known */
    double remote_fraction_lost;   /**< what the far end reports, 0 to 1; negative before it does */
    double remote_jitter_ms;       /**< what the far end reports; negative before it does */
    double audio_level_sent;       /**< 0 to 1, root mean square of the last second */
    double audio_level_received;
    double
        mos; /**< estimate of listening quality, 1 to 4.5, by ITU-T G.107's R factor; 0 before there is one */
    unsigned ice_ms;  /**< from the first description to a usable pair; 0 before */
    unsigned dtls_ms; /**< from that pair to the keys; 0 before */
    pipit_video_stats video;
} pipit_stats;

#ifdef __cplusplus
}
#endif
#endif
