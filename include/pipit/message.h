/** @file message.h  Instant messages, MESSAGE (RFC 3428). JsSIP: Message. */
#ifndef PIPIT_MESSAGE_H
#define PIPIT_MESSAGE_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The answer to a message of ours. */
typedef struct pipit_message_event {
    pipit_originator originator; /**< PIPIT_REMOTE, or PIPIT_SYSTEM when nobody answered */
    pipit_request *response;     /**< NULL when nobody answered */
    pipit_cause cause;           /**< of a failure */
} pipit_message_event;

typedef struct pipit_message_handlers {
    void (*succeeded)(pipit_message *message, const pipit_message_event *event, void *user);
    void (*failed)(pipit_message *message, const pipit_message_event *event, void *user);
} pipit_message_handlers;

/** Options of pipit_ua_send_message(). */
typedef struct pipit_message_options {
    const char *content_type;               /**< NULL: "text/plain" */
    const pipit_message_handlers *handlers; /**< NULL: none; must live until one was called */
    void *user;                             /**< passed to the handlers */
    const char *const *extra_headers;       /**< "Name: value" lines, NULL at the end; NULL: none */
    const char *from_user_name;    /**< user part of the From URI; NULL: that of the account */
    const char *from_display_name; /**< display name in From; NULL: that of the account */
} pipit_message_options;

/** Options of pipit_message_accept() and pipit_message_reject(). */
typedef struct pipit_reply_options {
    int status_code;           /**< of a refusal, 300-699; 0: 480 */
    const char *reason_phrase; /**< NULL: the standard one */
    const char *const *extra_headers;
    const char *content_type; /**< of the body; NULL: "text/plain" */
    const char *body;         /**< NULL: none */
} pipit_reply_options;

/** Answers an incoming message 200. Without an answer a message is accepted when `new_message` returns, unless it was
 *  kept with pipit_message_ref(): then answer it later.
 *  @return 0, PIPIT_ERR_STATE for an outgoing or an answered one */
PIPIT_API int pipit_message_accept(pipit_message *message, const pipit_reply_options *options);
/** Answers an incoming message with a refusal.
 *  @return 0, PIPIT_ERR_STATE for an outgoing or an answered one, PIPIT_ERR_ARGUMENT for a status outside 300-699 */
PIPIT_API int pipit_message_reject(pipit_message *message, const pipit_reply_options *options);

PIPIT_API pipit_originator pipit_message_direction(const pipit_message *message);
/** Gives our side of the message: From of one of ours, To of one that came.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: message.local_identity */
PIPIT_API int pipit_message_local_identity(const pipit_message *message, pipit_name_addr **out);
/** Gives the far side of the message.  @param out  yours  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.
 *  JsSIP: message.remote_identity */
PIPIT_API int pipit_message_remote_identity(const pipit_message *message, pipit_name_addr **out);
/** @return the far end's URI, without display name and parameters */
PIPIT_API const char *pipit_message_remote_uri(const pipit_message *message);
/** @return the far end's display name, "" for none */
PIPIT_API const char *pipit_message_remote_display_name(const pipit_message *message);
/** @return the text; never NULL, NUL behind it */
PIPIT_API const char *pipit_message_body(const pipit_message *message, size_t *size);
PIPIT_API const char *pipit_message_content_type(const pipit_message *message);
/** @return the request as it came, or as it went without Via and credentials; it is the message's */
PIPIT_API pipit_request *pipit_message_request(const pipit_message *message);

PIPIT_API pipit_message *pipit_message_ref(pipit_message *message);
/** @return NULL */
PIPIT_API pipit_message *pipit_message_unref(pipit_message *message);

#ifdef __cplusplus
}
#endif
#endif
