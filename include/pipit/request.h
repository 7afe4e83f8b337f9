/** @file request.h  A SIP message, in or out, as events show it (JsSIP: IncomingRequest, IncomingResponse, OutgoingRequest). */
#ifndef PIPIT_REQUEST_H
#define PIPIT_REQUEST_H

#include "pipit/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Strings are the message's and live as long as it does. */

/** @return the method: "INVITE"; of a response, that of its CSeq */
PIPIT_API const char *pipit_request_method(const pipit_request *request);
/** @return the Request-URI; "" for a response */
PIPIT_API const char *pipit_request_ruri(const pipit_request *request);
/** @return the status code of a response; 0 for a request */
PIPIT_API int pipit_request_status_code(const pipit_request *request);
/** @return the reason phrase of a response; "" for a request */
PIPIT_API const char *pipit_request_reason_phrase(const pipit_request *request);
/** @return how many header fields of that name there are; compact names and any letter case work */
PIPIT_API size_t pipit_request_count_header(const pipit_request *request, const char *name);
/** @return the value of a header field, NULL when there is no `index`-th (from 0) */
PIPIT_API const char *pipit_request_header(const pipit_request *request, const char *name,
                                           size_t index);
/** @return the body; never NULL. `size` may be NULL; the octets are followed by a NUL */
PIPIT_API const char *pipit_request_body(const pipit_request *request, size_t *size);
/** @return the whole message as on the wire */
PIPIT_API const char *pipit_request_text(const pipit_request *request, size_t *size);

PIPIT_API pipit_request *pipit_request_ref(pipit_request *request);
/** @return NULL */
PIPIT_API pipit_request *pipit_request_unref(pipit_request *request);

#ifdef __cplusplus
}
#endif
#endif
