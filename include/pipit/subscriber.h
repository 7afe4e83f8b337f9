/** @file subscriber.h  Asking to be told of somebody's events, SUBSCRIBE (RFC 6665). JsSIP: Subscriber.
 *
 *  A subscription is refreshed by itself before it runs out and after every reconnection, and lives until `terminated`. Only the
 *  first dialog of a forked SUBSCRIBE is kept; NOTIFYs of others are answered 481. */
#ifndef PIPIT_SUBSCRIBER_H
#define PIPIT_SUBSCRIBER_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a subscription is, with JsSIP's numbers. */
typedef enum pipit_subscriber_state {
    PIPIT_SUBSCRIBER_PENDING, /**< the notifier has not decided yet */
    PIPIT_SUBSCRIBER_ACTIVE,
    PIPIT_SUBSCRIBER_TERMINATED,
    PIPIT_SUBSCRIBER_INIT,          /**< nothing was sent */
    PIPIT_SUBSCRIBER_WAITING_NOTIFY /**< a SUBSCRIBE was sent, no NOTIFY has come */
} pipit_subscriber_state;

/** Why a subscription is over. The first eight are JsSIP's, with its numbers. */
typedef enum pipit_subscriber_code {
    PIPIT_SUBSCRIBER_SUBSCRIBE_RESPONSE_TIMEOUT,
    PIPIT_SUBSCRIBER_SUBSCRIBE_TRANSPORT_ERROR,
    PIPIT_SUBSCRIBER_SUBSCRIBE_NON_OK_RESPONSE,
    PIPIT_SUBSCRIBER_SUBSCRIBE_WRONG_OK_RESPONSE, /**< a 2xx that makes no dialog: no Contact */
    PIPIT_SUBSCRIBER_SUBSCRIBE_AUTHENTICATION_FAILED,
    PIPIT_SUBSCRIBER_UNSUBSCRIBE_TIMEOUT, /**< the final NOTIFY has not come */
    PIPIT_SUBSCRIBER_FINAL_NOTIFY_RECEIVED,
    PIPIT_SUBSCRIBER_WRONG_NOTIFY_RECEIVED, /**< another Event, or no Subscription-State */
    PIPIT_SUBSCRIBER_NOTIFY_TIMEOUT, /**< accepted, but no NOTIFY came within 32 s (Timer N) */
    PIPIT_SUBSCRIBER_EXPIRED,        /**< it ran out and could not be refreshed */
    PIPIT_SUBSCRIBER_INTERNAL_ERROR  /**< no memory */
} pipit_subscriber_code;

typedef struct pipit_notify_event {
    bool is_final;            /**< the subscription ends with it: `terminated` follows */
    pipit_request *request;   /**< the NOTIFY */
    const char *body;         /**< NUL behind it */
    size_t size;              /**< octets of the body */
    const char *content_type; /**< "" when it says nothing */
} pipit_notify_event;

typedef struct pipit_subscription_end_event {
    pipit_subscriber_code code;
    const char *reason;     /**< of Subscription-State: "rejected"; NULL: none */
    unsigned retry_after;   /**< seconds, when `has_retry_after` */
    bool has_retry_after;   /**< the far end said when to try again */
    pipit_request *message; /**< the NOTIFY or the response that ended it; NULL: none */
} pipit_subscription_end_event;

typedef struct pipit_resubscribing_event {
    const char *reason; /**< why the subscription was lost, as in Subscription-State; NULL: none */
    unsigned after;     /**< seconds until the next attempt */
} pipit_resubscribing_event;

/** Handlers of a subscription; each may be NULL. Of one NOTIFY first `pending` or `active`, then `notify`, then `terminated`. */
typedef struct pipit_subscriber_handlers {
    void (*accepted)(pipit_subscriber *subscriber, void *user); /**< the first 2xx */
    void (*pending)(pipit_subscriber *subscriber, void *user);
    void (*active)(pipit_subscriber *subscriber, void *user);
    /** A NOTIFY with a body. */
    void (*notify)(pipit_subscriber *subscriber, const pipit_notify_event *event, void *user);
    /** The last event. */
    void (*terminated)(pipit_subscriber *subscriber, const pipit_subscription_end_event *event,
                       void *user);
    /** With `resubscribe`: it is lost, and will be asked for anew. */
    void (*resubscribing)(pipit_subscriber *subscriber, const pipit_resubscribing_event *event,
                          void *user);
} pipit_subscriber_handlers;

/** Options of pipit_ua_subscribe(). Strings are copied. */
typedef struct pipit_subscriber_options {
    unsigned expires;                          /**< seconds; 0: 900 */
    bool fetch;                                /**< one NOTIFY, and no subscription (Expires: 0) */
    const char *content_type;                  /**< of bodies; needed to send one */
    const char *allow_events;                  /**< value of Allow-Events; NULL: none */
    const char *from_uri, *from_display_name;  /**< NULL: the account's (JsSIP: params) */
    const char *to_uri, *to_display_name;      /**< NULL: the target, and none */
    uint32_t cseq;                             /**< of the first request; 0: by chance */
    const char *const *extra_headers;          /**< on every SUBSCRIBE; a Contact replaces ours */
    const pipit_subscriber_handlers *handlers; /**< must outlive the subscription */
    void *user;                                /**< passed to the handlers */
    /** true: a subscription that ended for a reason which lets it be asked for again (RFC 6665 section 4.1.3: all but "rejected",
     *  "noresource" and "invariant") is, in the time the far end gave or sooner and sooner less often. */
    bool resubscribe;
} pipit_subscriber_options;

/** Makes a subscription. Nothing is sent before pipit_subscriber_subscribe().
 *  @param target   whose events: "bob", "sip:bob@example.com"
 *  @param event    the package: "presence", "dialog;id=3"
 *  @param accept   the types of body that are understood: "application/pidf+xml"
 *  @param options  NULL for defaults
 *  @param out      yours; release with pipit_subscriber_unref(), which does not end it
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad target, event, address or header, PIPIT_ERR_MEMORY
 *  Example: examples/presence.c.  JsSIP: ua.subscribe() */
PIPIT_API int pipit_ua_subscribe(pipit_ua *ua, const char *target, const char *event,
                                 const char *accept, const pipit_subscriber_options *options,
                                 pipit_subscriber **out);

/** Makes a subscription to events of the far end of a call, in the call's dialog (RFC 5057). It outlives the call: an end of the call
 *  is no end of it, nor the other way round. What it does is as with pipit_ua_subscribe(), but `resubscribe` and the addresses and
 *  `cseq` of the options mean nothing.
 *  @param event    the package: "conference", "dialog;id=3"; the same one twice needs ids
 *  @return 0, PIPIT_ERR_STATE when the call is not answered or has ended, PIPIT_ERR_ARGUMENT also for "refer", which a REFER asks for,
 *          and the rest as pipit_ua_subscribe().  JsSIP: none */
PIPIT_API int pipit_session_subscribe(pipit_session *session, const char *event, const char *accept,
                                      const pipit_subscriber_options *options,
                                      pipit_subscriber **out);

/** Sends the first SUBSCRIBE, or a refresh. While another is on its way it follows that one; of several only the last does.
 *  @param body  NULL: none
 *  @return 0, PIPIT_ERR_ARGUMENT for a body without `content_type`, PIPIT_ERR_STATE when it is over or is being ended, after
 *          pipit_ua_stop(), and the first time when its call has ended or is subscribed to the same event, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: subscriber.subscribe() */
PIPIT_API int pipit_subscriber_subscribe(pipit_subscriber *subscriber, const char *body);

/** Ends the subscription (SUBSCRIBE with Expires: 0). `terminated` comes with the final NOTIFY, at most 32 s later.
 *  @param body  NULL: none
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_STATE before pipit_subscriber_subscribe() and the second time, PIPIT_ERR_MEMORY.
 *  JsSIP: subscriber.terminate() */
PIPIT_API int pipit_subscriber_terminate(pipit_subscriber *subscriber, const char *body);

PIPIT_API pipit_subscriber_state pipit_subscriber_get_state(const pipit_subscriber *subscriber);
/** @return Call-ID and both tags of its dialog in one text, NULL while there is none */
PIPIT_API const char *pipit_subscriber_id(const pipit_subscriber *subscriber);
/** @return seconds the subscription still has, 0 for none */
PIPIT_API unsigned pipit_subscriber_expires(const pipit_subscriber *subscriber);
/** Something of the application's. */
PIPIT_API void *pipit_subscriber_data(const pipit_subscriber *subscriber);
PIPIT_API void pipit_subscriber_set_data(pipit_subscriber *subscriber, void *data);

/** @return the same subscription, which now must be released once more */
PIPIT_API pipit_subscriber *pipit_subscriber_ref(pipit_subscriber *subscriber);
/** @return NULL */
PIPIT_API pipit_subscriber *pipit_subscriber_unref(pipit_subscriber *subscriber);

#ifdef __cplusplus
}
#endif
#endif
