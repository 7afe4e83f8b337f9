/** @file notifier.h  Telling others of events, NOTIFY (RFC 6665). JsSIP: Notifier. */
#ifndef PIPIT_NOTIFIER_H
#define PIPIT_NOTIFIER_H

#include "pipit/message.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where a subscription to us is, with JsSIP's numbers. */
typedef enum pipit_notifier_state {
    PIPIT_NOTIFIER_PENDING,
    PIPIT_NOTIFIER_ACTIVE,
    PIPIT_NOTIFIER_TERMINATED
} pipit_notifier_state;

/** Why a subscription to us is over, with JsSIP's numbers. */
typedef enum pipit_notifier_code {
    PIPIT_NOTIFIER_NOTIFY_RESPONSE_TIMEOUT,
    PIPIT_NOTIFIER_NOTIFY_TRANSPORT_ERROR, /**< it ran out while the connection was lost */
    PIPIT_NOTIFIER_NOTIFY_NON_OK_RESPONSE,
    PIPIT_NOTIFIER_NOTIFY_AUTHENTICATION_FAILED,
    PIPIT_NOTIFIER_FINAL_NOTIFY_SENT,
    PIPIT_NOTIFIER_UNSUBSCRIBE_RECEIVED,
    PIPIT_NOTIFIER_SUBSCRIPTION_EXPIRED
} pipit_notifier_code;

typedef struct pipit_subscribe_event {
    bool is_unsubscribe;      /**< Expires: 0, also of the first: then one NOTIFY is wanted */
    pipit_request *request;   /**< the SUBSCRIBE */
    const char *body;         /**< "" for none; NUL behind it */
    size_t size;              /**< octets of the body */
    const char *content_type; /**< NULL: none */
} pipit_subscribe_event;

typedef struct pipit_notifier_end_event {
    pipit_notifier_code code;
    pipit_request *response; /**< that ended it; NULL: none */
} pipit_notifier_end_event;

/** Handlers of a subscription to us; each may be NULL. */
typedef struct pipit_notifier_handlers {
    /** Every SUBSCRIBE, the first too; it has been answered 200. A handler that sends no NOTIFY leaves that to the library,
     *  which then sends one without a body (RFC 6665 section 4.2.1.2), the final one after an un-SUBSCRIBE. */
    void (*subscribe)(pipit_notifier *notifier, const pipit_subscribe_event *event, void *user);
    /** It ran out. Unless the handler sends it, a final NOTIFY with the reason "timeout" follows. */
    void (*expired)(pipit_notifier *notifier, void *user);
    /** The last event. */
    void (*terminated)(pipit_notifier *notifier, const pipit_notifier_end_event *event, void *user);
} pipit_notifier_handlers;

/** Options of pipit_ua_notify(). Strings are copied. */
typedef struct pipit_notifier_options {
    bool pending;                            /**< start in that state: "nobody has decided yet" */
    unsigned default_expires;                /**< seconds when the SUBSCRIBE has none; 0: 900 */
    unsigned min_expires;                    /**< seconds; shorter is refused with 423; 0: any */
    unsigned max_expires;                    /**< seconds granted at most; 0: as asked */
    const char *allow_events;                /**< value of Allow-Events; NULL: the account's */
    const char *const *extra_headers;        /**< on every NOTIFY, NULL at the end; NULL: none */
    const pipit_notifier_handlers *handlers; /**< must outlive the subscription */
    void *user;                              /**< passed to the handlers */
} pipit_notifier_options;

/** Takes a SUBSCRIBE that `new_subscribe` showed: in that handler, or later when the request was kept with pipit_request_ref()
 *  (32 s at most). Nothing is sent before pipit_notifier_start(). One that came in a call must be started before the call ends, and
 *  then goes on behind its end.
 *  @param subscribe     the event's request itself, not a copy
 *  @param content_type  of the bodies to come: "application/pidf+xml"
 *  @param options       NULL for defaults
 *  @param out           yours; release with pipit_notifier_unref(), which does not end the subscription once it has started
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_STATE when it was answered, PIPIT_ERR_LIMIT when it asks for less than `min_expires`
 *          (it has been answered 423 then), PIPIT_ERR_SYNTAX for a bad header or type, PIPIT_ERR_MEMORY
 *  Example: examples/presence.c.  JsSIP: ua.notify() */
PIPIT_API int pipit_ua_notify(pipit_ua *ua, pipit_request *subscribe, const char *content_type,
                              const pipit_notifier_options *options, pipit_notifier **out);

/** Refuses a SUBSCRIBE that `new_subscribe` showed. One that is neither taken nor kept nor refused is answered 480, in a
 *  call 489.
 *  @param options  NULL for 480; `status_code` 489 for a package that is not known: Allow-Events of the configuration is
 *                  added, without one say it in `extra_headers`
 *  @return 0, PIPIT_ERR_STATE when it was answered, PIPIT_ERR_ARGUMENT for a status outside 300-699, PIPIT_ERR_SYNTAX,
 *          PIPIT_ERR_MEMORY */
PIPIT_API int pipit_ua_reject_subscribe(pipit_ua *ua, pipit_request *subscribe,
                                        const pipit_reply_options *options);

/** Answers the SUBSCRIBE 200 and emits `subscribe` before it returns.
 *  @return 0, PIPIT_ERR_STATE when it was started, the SUBSCRIBE or its call is gone, or the call has one to this event and id,
 *          PIPIT_ERR_LIMIT, PIPIT_ERR_SYNTAX when it makes no
 *          dialog, PIPIT_ERR_MEMORY.  JsSIP: notifier.start() */
PIPIT_API int pipit_notifier_start(pipit_notifier *notifier);
/** From pending to active: the next NOTIFY says so.
 *  @return 0, PIPIT_ERR_STATE when it is over.  JsSIP: notifier.setActiveState() */
PIPIT_API int pipit_notifier_set_active_state(pipit_notifier *notifier);
/** Sends a NOTIFY. One that is lost with the connection is sent again on the next.
 *  @param body  NULL: none
 *  @return 0, PIPIT_ERR_STATE before the start and when it is over, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY.
 *  JsSIP: notifier.notify() */
PIPIT_API int pipit_notifier_notify(pipit_notifier *notifier, const char *body);
/** Sends the final NOTIFY and emits `terminated` before it returns; nothing when it is over.
 *  @param body         NULL: none
 *  @param reason       a token of RFC 6665 section 4.1.3: "noresource"; NULL: none
 *  @param retry_after  seconds; 0: none
 *  @return 0, PIPIT_ERR_STATE before the start, PIPIT_ERR_SYNTAX for a reason that is no token, PIPIT_ERR_MEMORY.
 *  JsSIP: notifier.terminate() */
PIPIT_API int pipit_notifier_terminate(pipit_notifier *notifier, const char *body,
                                       const char *reason, unsigned retry_after);

PIPIT_API pipit_notifier_state pipit_notifier_get_state(const pipit_notifier *notifier);
/** @return Call-ID and both tags of its dialog in one text, NULL while there is none */
PIPIT_API const char *pipit_notifier_id(const pipit_notifier *notifier);
/** @return seconds the subscription still has, 0 for none */
PIPIT_API unsigned pipit_notifier_expires(const pipit_notifier *notifier);
/** @return the event package: "presence" */
PIPIT_API const char *pipit_notifier_event(const pipit_notifier *notifier);
/** Something of the application's. */
PIPIT_API void *pipit_notifier_data(const pipit_notifier *notifier);
PIPIT_API void pipit_notifier_set_data(pipit_notifier *notifier, void *data);

/** @return the same subscription, which now must be released once more */
PIPIT_API pipit_notifier *pipit_notifier_ref(pipit_notifier *notifier);
/** @return NULL */
PIPIT_API pipit_notifier *pipit_notifier_unref(pipit_notifier *notifier);

#ifdef __cplusplus
}
#endif
#endif
