/** @file publisher.h  Publishing our own state, PUBLISH (RFC 3903): a server tells it to those who subscribed. JsSIP has nothing like it.
 *
 *  What was published is refreshed by itself before it runs out and after every reconnection, and published anew when the server
 *  has lost it (412). */
#ifndef PIPIT_PUBLISHER_H
#define PIPIT_PUBLISHER_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct pipit_publisher_event {
    pipit_request *response; /**< NULL when nobody answered */
    pipit_cause cause;       /**< of a failure */
    unsigned retry_after;    /**< of a failure: seconds, when `has_retry_after` */
    bool has_retry_after;    /**< the server said when to try again */
} pipit_publisher_event;

/** Handlers of a publication; each may be NULL. */
typedef struct pipit_publisher_handlers {
    /** The server has what pipit_publisher_publish() gave; not repeated on refresh, but when it had to be
     *  published anew. */
    void (*published)(pipit_publisher *publisher, const pipit_publisher_event *event, void *user);
    /** The server has nothing of ours any more: it was asked for (`cause` is PIPIT_CAUSE_NONE), or it ran out. */
    void (*unpublished)(pipit_publisher *publisher, const pipit_publisher_event *event, void *user);
    /** The server did not take what pipit_publisher_publish() gave; what it had before stands. */
    void (*failed)(pipit_publisher *publisher, const pipit_publisher_event *event, void *user);
} pipit_publisher_handlers;

/** Options of pipit_ua_publish(). Strings are copied. */
typedef struct pipit_publisher_options {
    unsigned expires;                         /**< seconds; 0: 3600 */
    const char *const *extra_headers;         /**< on every PUBLISH, NULL at the end; NULL: none */
    const pipit_publisher_handlers *handlers; /**< must outlive the publication */
    void *user;                               /**< passed to the handlers */
} pipit_publisher_options;

/** Makes a publication. Nothing is sent before pipit_publisher_publish().
 *  @param target        whose state: "sip:alice@example.com"; NULL: the account
 *  @param event         the package: "presence"
 *  @param content_type  of the bodies to come: "application/pidf+xml"
 *  @param options       NULL for defaults
 *  @param out           yours; release with pipit_publisher_unref(), which takes nothing back
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad target, event, type or header, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_ua_publish(pipit_ua *ua, const char *target, const char *event,
                               const char *content_type, const pipit_publisher_options *options,
                               pipit_publisher **out);

/** Publishes, or changes what was published. While a request is on its way it follows that one; of several only the last does.
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_STATE after pipit_ua_stop() and while it is taken back, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_publisher_publish(pipit_publisher *publisher, const char *body);
/** Takes it back. Emits `unpublished` later.
 *  @return 0, PIPIT_ERR_STATE when nothing is published, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_publisher_unpublish(pipit_publisher *publisher);

/** @return whether a server has something of ours */
PIPIT_API bool pipit_publisher_is_published(const pipit_publisher *publisher);
/** @return the server's name for it (SIP-ETag), NULL when nothing is published */
PIPIT_API const char *pipit_publisher_etag(const pipit_publisher *publisher);
/** @return seconds it still has, 0 for none */
PIPIT_API unsigned pipit_publisher_expires(const pipit_publisher *publisher);
/** Something of the application's. */
PIPIT_API void *pipit_publisher_data(const pipit_publisher *publisher);
PIPIT_API void pipit_publisher_set_data(pipit_publisher *publisher, void *data);

/** @return the same publication, which now must be released once more */
PIPIT_API pipit_publisher *pipit_publisher_ref(pipit_publisher *publisher);
/** @return NULL */
PIPIT_API pipit_publisher *pipit_publisher_unref(pipit_publisher *publisher);

#ifdef __cplusplus
}
#endif
#endif
