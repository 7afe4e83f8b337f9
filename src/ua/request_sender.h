/* request_sender.h - one request on its way, through all challenges (RFC 3261 section 22, RFC 8760). */
#ifndef PP_UA_REQUEST_SENDER_H
#define PP_UA_REQUEST_SENDER_H

#include "transaction/transaction.h"

typedef struct pp_request_sender pp_request_sender;

typedef struct
    pp_request_sender_handlers { /* the last call is the last: the sender is over and released before it */
    /* Provisional and final answers; a challenge only when it cannot be met. The sender is over with a final one,
     * except with a 2xx of an INVITE: those keep coming until pp_request_sender_forget(). This and the next two are there,
     * or `unsent` alone. */
    void (*response)(void *arg, const pp_message *response);
    void (*timeout)(void *arg);
    void (*transport_error)(void *arg);
    /* In the place of transport_error, for who waits for nothing else: the request as it went. */
    void (*unsent)(pipit_ua *ua, pp_outgoing *request);
    /* Optional: the CSeq for the same request once more. Without it, one more than before. */
    uint32_t (*next_cseq)(void *arg);
    /* Optional: the user agent goes before there was an answer. */
    void (*abandoned)(void *arg);
} pp_request_sender_handlers;

/* Sends the request (everything but Via must be there) and takes its own reference. `handlers` NULL: nobody waits for the
 * answer, yet challenges are met. *out is borrowed, see above; it may be NULL. */
int pp_request_sender_start(pipit_ua *ua, pp_outgoing *request,
                            const pp_request_sender_handlers *handlers, void *arg,
                            pp_request_sender **out);
/* CANCEL for an INVITE; its final answer is still reported. `reason` NULL or a Reason header's value. */
int pp_request_sender_cancel(pp_request_sender *sender, const char *reason);
/* No handler is called any more. NULL is fine; returns NULL. */
pp_request_sender *pp_request_sender_forget(pp_request_sender *sender);
/* The request as it went last: with credentials. */
const pp_outgoing *pp_request_sender_request(const pp_request_sender *sender);
/* Whether a final answer is still to come. */
bool pp_request_sender_is_pending(const pp_request_sender *sender);

bool pp_request_senders_pending(const pipit_ua *ua);
/* Those that wait for credentials end with their challenge, in posts. */
void pp_request_senders_stop_waiting(pipit_ua *ua);
void pp_request_senders_free(pipit_ua *ua); /* the user agent goes: all end in silence */

#endif
