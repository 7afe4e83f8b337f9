/** @file data_channel.h  Messages beside sound and picture, over SCTP (RFC 8831, 8832). W3C: RTCDataChannel.
 *
 *  A channel comes from pipit_session_create_data_channel(), or from the far end by the event `data_channel`. It lives until it is
 *  closed, whether anybody holds a reference or not. Handlers run on the loop's thread and may call anything. */
#ifndef PIPIT_DATA_CHANNEL_H
#define PIPIT_DATA_CHANNEL_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a channel is (W3C: RTCDataChannelState). */
typedef enum pipit_data_channel_state {
    PIPIT_DATA_CHANNEL_CONNECTING, /**< what is sent waits */
    PIPIT_DATA_CHANNEL_OPEN,
    PIPIT_DATA_CHANNEL_CLOSING, /**< what was sent before still goes */
    PIPIT_DATA_CHANNEL_CLOSED
} pipit_data_channel_state;

/** A message; the data is the channel's until the handler returns. */
typedef struct pipit_data_channel_message_event {
    const void *data; /**< NUL behind it; never NULL */
    size_t size;      /**< octets, may be 0 */
    bool binary;      /**< false: a string. It should be UTF-8, and is as the far end sent it */
} pipit_data_channel_message_event;

/** Why a channel came to its end without anybody closing it. */
typedef struct pipit_data_channel_error_event {
    int error;          /**< PIPIT_ERR_* */
    const char *reason; /**< a sentence */
} pipit_data_channel_error_event;

/** Handlers of a channel; each may be NULL. */
typedef struct pipit_data_channel_handlers {
    void (*open)(pipit_data_channel *channel, void *user);
    void (*message)(pipit_data_channel *channel, const pipit_data_channel_message_event *event,
                    void *user);
    /** buffered_amount fell to the threshold or below it (W3C: bufferedamountlow). */
    void (*buffered_amount_low)(pipit_data_channel *channel, void *user);
    /** The far end closes the channel; what we sent before still goes. */
    void (*closing)(pipit_data_channel *channel, void *user);
    void (*error)(pipit_data_channel *channel, const pipit_data_channel_error_event *event,
                  void *user);
    /** The last event. */
    void (*close)(pipit_data_channel *channel, void *user);
} pipit_data_channel_handlers;

/** How a channel is to be (W3C: RTCDataChannelInit). Zero: in order and reliable. */
typedef struct pipit_data_channel_options {
    bool unordered; /**< messages are delivered as they come (W3C: ordered, the other way round) */
    /** A message is given up after so many milliseconds; NULL: never. Not together with max_retransmits. */
    const uint16_t *max_packet_life_time;
    /** A message is sent again so often and then given up; NULL: as often as it takes. */
    const uint16_t *max_retransmits;
    const char
        *protocol; /**< a name both sides understand, UTF-8, at most 65,535 octets; NULL: "" */
    /** Both sides make the channel, with the same `id`, and nothing is said about it on the wire. */
    bool negotiated;
    uint16_t
        id; /**< of a negotiated channel, 0 to 1,022; others get one when the connection stands */
    const pipit_data_channel_handlers *handlers; /**< must outlive the channel; NULL: none */
    void *user;                                  /**< for the handlers */
} pipit_data_channel_options;

/** What a channel has carried (W3C: RTCDataChannelStats). */
typedef struct pipit_data_channel_stats {
    uint64_t messages_sent, bytes_sent; /**< handed to SCTP */
    uint64_t messages_received, bytes_received;
} pipit_data_channel_stats;

/** Sets or replaces who hears the channel: of one that the far end made, in the handler of the event `data_channel`.
 *  @param handlers  must outlive the channel; NULL: nobody */
PIPIT_API void pipit_data_channel_set_handlers(pipit_data_channel *channel,
                                               const pipit_data_channel_handlers *handlers,
                                               void *user);

/** Sends a string (W3C: send(DOMString)). It is copied.
 *  @param text  UTF-8; NULL and "" are an empty message
 *  @return 0, PIPIT_ERR_STATE when the channel is closing or closed, PIPIT_ERR_SYNTAX when it is no UTF-8, PIPIT_ERR_LIMIT for
 *          more than pipit_data_channel_max_message_size() or when 16 MiB wait already, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_data_channel_send_text(pipit_data_channel *channel, const char *text);
/** Sends octets (W3C: send(ArrayBuffer)). They are copied.
 *  @return as pipit_data_channel_send_text() */
PIPIT_API int pipit_data_channel_send(pipit_data_channel *channel, const void *data, size_t size);
/** Closes the channel once what was sent has gone, on both sides (RFC 8831 section 6.7). `close` follows. Nothing when it is
 *  closing already. */
PIPIT_API void pipit_data_channel_close(pipit_data_channel *channel);

/** @return "" for none */
PIPIT_API const char *pipit_data_channel_label(const pipit_data_channel *channel);
/** @return "" for none */
PIPIT_API const char *pipit_data_channel_protocol(const pipit_data_channel *channel);
PIPIT_API pipit_data_channel_state
pipit_data_channel_ready_state(const pipit_data_channel *channel);
/** @return the number of its streams; -1 before it has one */
PIPIT_API int pipit_data_channel_id(const pipit_data_channel *channel);
PIPIT_API bool pipit_data_channel_ordered(const pipit_data_channel *channel);
PIPIT_API bool pipit_data_channel_negotiated(const pipit_data_channel *channel);
/** @return -1: none */
PIPIT_API int pipit_data_channel_max_packet_life_time(const pipit_data_channel *channel);
/** @return -1: none */
PIPIT_API int pipit_data_channel_max_retransmits(const pipit_data_channel *channel);
/** @return octets that were sent and have not been handed to SCTP, which takes 512 KiB for all channels together before the far
 *          end has acknowledged them (W3C: bufferedAmount) */
PIPIT_API size_t pipit_data_channel_buffered_amount(const pipit_data_channel *channel);
PIPIT_API size_t
pipit_data_channel_buffered_amount_low_threshold(const pipit_data_channel *channel);
/** @param octets  0 at first (W3C: bufferedAmountLowThreshold) */
PIPIT_API void pipit_data_channel_set_buffered_amount_low_threshold(pipit_data_channel *channel,
                                                                    size_t octets);
/** @return octets of the longest message the far end takes, 262,144 at most; before its description is known that much
 *          (W3C: RTCSctpTransport.maxMessageSize) */
PIPIT_API size_t pipit_data_channel_max_message_size(const pipit_data_channel *channel);
PIPIT_API void pipit_data_channel_get_stats(const pipit_data_channel *channel,
                                            pipit_data_channel_stats *out);
/** @return what was given as `user` */
PIPIT_API void *pipit_data_channel_user(const pipit_data_channel *channel);

PIPIT_API pipit_data_channel *pipit_data_channel_ref(pipit_data_channel *channel);
/** @return NULL */
PIPIT_API pipit_data_channel *pipit_data_channel_unref(pipit_data_channel *channel);

#ifdef __cplusplus
}
#endif
#endif
