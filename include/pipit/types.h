/** @file types.h  The names every other header uses: opaque types, the export mark, memory. */
#ifndef PIPIT_TYPES_H
#define PIPIT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PIPIT_API __attribute__((visibility("default")))
#else
#define PIPIT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pipit_loop pipit_loop;             /**< an event loop, loop.h */
typedef struct pipit_socket pipit_socket;         /**< a way to a SIP server, socket.h */
typedef struct pipit_ua pipit_ua;                 /**< a user agent, ua.h */
typedef struct pipit_session pipit_session;       /**< a call, session.h (JsSIP: RTCSession) */
typedef struct pipit_message pipit_message;       /**< a MESSAGE in or out, message.h */
typedef struct pipit_options pipit_options;       /**< an OPTIONS in or out, options.h */
typedef struct pipit_subscriber pipit_subscriber; /**< a subscription of ours, subscriber.h */
typedef struct pipit_publisher pipit_publisher;   /**< a publication of ours, publisher.h */
typedef struct pipit_notifier pipit_notifier;     /**< a subscription to us, notifier.h */
typedef struct pipit_request pipit_request;       /**< a SIP message that came or goes, request.h */
typedef struct pipit_uri pipit_uri;               /**< a SIP URI, or one of another scheme, uri.h */
typedef struct pipit_refer_subscriber
    pipit_refer_subscriber; /**< a REFER of ours, refer.h (JsSIP: ReferSubscriber) */
typedef struct pipit_refer_notifier
    pipit_refer_notifier; /**< a REFER that came, refer.h (JsSIP: ReferNotifier) */
typedef struct pipit_name_addr
    pipit_name_addr;                    /**< "Alice" <sip:alice@example.com>;x, name_addr.h */
typedef struct pipit_value pipit_value; /**< a header value taken apart, grammar.h */
typedef struct pipit_conference pipit_conference; /**< calls made one, conference.h */
typedef struct pipit_data_channel
    pipit_data_channel; /**< messages in a call, data_channel.h (W3C: RTCDataChannel) */
typedef struct pipit_peer pipit_peer;               /**< a peer connection, peer.h */
typedef struct pipit_transceiver pipit_transceiver; /**< a section of one, peer.h */
typedef struct pipit_own_media pipit_own_media; /**< media of the application's own, own_media.h */
typedef struct pipit_pcm_port pipit_pcm_port;   /**< a call's sound as samples, pcm_port.h */
typedef struct pipit_source pipit_source;       /**< where audio comes from, media.h */
typedef struct pipit_sink pipit_sink;           /**< where audio goes to, media.h */
typedef struct pipit_video_source pipit_video_source; /**< where pictures come from, video.h */
typedef struct pipit_video_sink pipit_video_sink;     /**< where pictures go to, video.h */

/** Who caused an event (JsSIP: originator). */
typedef enum pipit_originator {
    PIPIT_LOCAL,  /**< this user agent */
    PIPIT_REMOTE, /**< the far end */
    PIPIT_SYSTEM  /**< neither: the transport, a timer, the media */
} pipit_originator;

/** Why a call or a request ended (JsSIP: C.causes, in its order). pipit_cause_name() gives JsSIP's text. */
typedef enum pipit_cause {
    PIPIT_CAUSE_NONE,
    PIPIT_CAUSE_CONNECTION_ERROR,
    PIPIT_CAUSE_REQUEST_TIMEOUT,
    PIPIT_CAUSE_SIP_FAILURE_CODE,
    PIPIT_CAUSE_INTERNAL_ERROR,
    PIPIT_CAUSE_BUSY,
    PIPIT_CAUSE_REJECTED,
    PIPIT_CAUSE_REDIRECTED,
    PIPIT_CAUSE_UNAVAILABLE,
    PIPIT_CAUSE_NOT_FOUND,
    PIPIT_CAUSE_ADDRESS_INCOMPLETE,
    PIPIT_CAUSE_INCOMPATIBLE_SDP,
    PIPIT_CAUSE_MISSING_SDP,
    PIPIT_CAUSE_AUTHENTICATION_ERROR,
    PIPIT_CAUSE_BYE,
    PIPIT_CAUSE_WEBRTC_ERROR,
    PIPIT_CAUSE_CANCELED,
    PIPIT_CAUSE_NO_ANSWER,
    PIPIT_CAUSE_EXPIRES,
    PIPIT_CAUSE_NO_ACK,
    PIPIT_CAUSE_DIALOG_ERROR,
    PIPIT_CAUSE_USER_DENIED_MEDIA_ACCESS,
    PIPIT_CAUSE_BAD_MEDIA_DESCRIPTION,
    PIPIT_CAUSE_RTP_TIMEOUT,
    PIPIT_CAUSE_COUNT
} pipit_cause;

/** @return JsSIP's text for a cause, for example "Request Timeout"; "" for PIPIT_CAUSE_NONE. Never NULL. */
PIPIT_API const char *pipit_cause_name(pipit_cause cause);

/** The memory functions the whole library uses. `reallocate(NULL, n)` allocates; it may return NULL, and then
 *  the call in progress fails with PIPIT_ERR_MEMORY. `release(NULL)` is never called.
 *  Threads that have loops of their own call them at the same time, and media threads do (pipit_loop_set_media_threads()). */
typedef struct pipit_allocator {
    void *(*reallocate)(void *arg, void *memory, size_t size);
    void (*release)(void *arg, void *memory);
    void *arg;
} pipit_allocator;

/** Replaces malloc and free for the library. Call it before anything else, or while nothing is allocated.
 *  @param allocator  copied; NULL restores the C library's */
PIPIT_API void pipit_set_allocator(const pipit_allocator *allocator);

/** Frees what a `*_to_string()` gave. NULL is fine. */
PIPIT_API void pipit_free(void *memory);

#ifdef __cplusplus
}
#endif
#endif
