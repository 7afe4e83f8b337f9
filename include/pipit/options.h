/** @file options.h  OPTIONS (RFC 3261 section 11): what somebody can do, and whether he is there. JsSIP: Options.
 *
 *  One that comes is answered by the user agent itself with Allow, Accept and Supported, unless there is a handler for
 *  `new_options`. */
#ifndef PIPIT_OPTIONS_H
#define PIPIT_OPTIONS_H

#include "pipit/message.h"
#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The answer to a query of ours. Its Allow, Accept and Supported say what the far end can do. */
typedef struct pipit_options_event {
    pipit_originator originator; /**< PIPIT_REMOTE, or PIPIT_SYSTEM when nobody answered */
    pipit_request *response;     /**< NULL when nobody answered */
    pipit_cause cause;           /**< of a failure */
} pipit_options_event;

typedef struct pipit_options_handlers {
    void (*succeeded)(pipit_options *options, const pipit_options_event *event, void *user);
    void (*failed)(pipit_options *options, const pipit_options_event *event, void *user);
} pipit_options_handlers;

/** Options of pipit_ua_send_options(). */
typedef struct pipit_options_options {
    const char *content_type;               /**< of the body; NULL: "application/sdp" */
    const pipit_options_handlers *handlers; /**< NULL: none; must live until one was called */
    void *user;                             /**< passed to the handlers */
    const char *const *extra_headers;       /**< "Name: value" lines, NULL at the end; NULL: none */
    const char *from_user_name;    /**< user part of the From URI; NULL: that of the account */
    const char *from_display_name; /**< display name in From; NULL: that of the account */
} pipit_options_options;

/** Asks somebody what he can do. Emits `new_options` before it returns, later the query's own event.
 *  @param target  "bob", "bob@example.com", "sip:bob@example.com", a number
 *  @param body    NULL: none
 *  @param out     NULL, or yours
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for a bad target, content type or header, PIPIT_ERR_MEMORY
 *  JsSIP: ua.sendOptions() */
PIPIT_API int pipit_ua_send_options(pipit_ua *ua, const char *target, const char *body,
                                    const pipit_options_options *options, pipit_options **out);

/** Answers an incoming query 200, with Allow, Accept and Supported besides what is given. Without an answer that happens when
 *  `new_options` returns, unless it was kept with pipit_options_ref(): then answer it later.
 *  @param reply  NULL for defaults
 *  @return 0, PIPIT_ERR_STATE for an outgoing or an answered one.  JsSIP: options.accept() */
PIPIT_API int pipit_options_accept(pipit_options *options, const pipit_reply_options *reply);
/** Answers an incoming query with a refusal.
 *  @return 0, PIPIT_ERR_STATE for an outgoing or an answered one, PIPIT_ERR_ARGUMENT for a status outside 300-699.
 *  JsSIP: options.reject() */
PIPIT_API int pipit_options_reject(pipit_options *options, const pipit_reply_options *reply);

PIPIT_API pipit_originator pipit_options_direction(const pipit_options *options);
/** Gives our side of the query: From of one of ours, To of one that came.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: options.local_identity */
PIPIT_API int pipit_options_local_identity(const pipit_options *options, pipit_name_addr **out);
/** Gives the far side of the query.  @param out  yours  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.
 *  JsSIP: options.remote_identity */
PIPIT_API int pipit_options_remote_identity(const pipit_options *options, pipit_name_addr **out);
/** @return the far end's URI, without display name and parameters */
PIPIT_API const char *pipit_options_remote_uri(const pipit_options *options);
/** @return the request as it came, or as it went without Via and credentials; it is the query's */
PIPIT_API pipit_request *pipit_options_request(const pipit_options *options);

PIPIT_API pipit_options *pipit_options_ref(pipit_options *options);
/** @return NULL */
PIPIT_API pipit_options *pipit_options_unref(pipit_options *options);

/** @return all methods this library handles, as in an Allow header. A user agent leaves out SUBSCRIBE while nobody listens
 *          for `new_subscribe` */
PIPIT_API const char *pipit_allowed_methods(void);

#ifdef __cplusplus
}
#endif
#endif
