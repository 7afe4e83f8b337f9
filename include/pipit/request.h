/** @file request.h  A SIP message, in or out. JsSIP: IncomingRequest, IncomingResponse, OutgoingRequest.
 *
 *  Strings are the message's; they live until it is changed or released. Header names may be compact and in any letter case.
 *  A message that came is taken apart when it is first looked at; where memory is too short for that, it says nothing
 *  (empty strings, no header fields), and the next look tries again. */
#ifndef PIPIT_REQUEST_H
#define PIPIT_REQUEST_H

#include "pipit/grammar.h"
#include "pipit/name_addr.h"
#include "pipit/types.h"
#include "pipit/uri.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a new request says besides its first line. Each may be zero: then the field is left out. Strings are copied. */
typedef struct pipit_request_options {
    const char *from_uri, *from_display_name, *from_tag; /**< From */
    const char *to_uri, *to_display_name, *to_tag;       /**< To; `to_uri` NULL: the Request-URI */
    const char *call_id;
    uint32_t cseq;                    /**< the number of CSeq; 0: 1 */
    const char *const *route_set;     /**< values of Route, NULL at the end */
    const char *const *extra_headers; /**< "Name: value" lines, NULL at the end */
    const char *content_type;         /**< of the body; NULL with a body: "text/plain" */
    const char *body;
    size_t body_size; /**< 0: up to the NUL */
} pipit_request_options;

/** Makes a request: Route, Max-Forwards, To, From, Call-ID, CSeq, the extra headers and the body.
 *  @param method   "INVITE", or any token
 *  @param ruri     the Request-URI
 *  @param options  NULL: only the first line, CSeq and To
 *  @param out      yours; release with pipit_request_unref()
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT for more than a message holds, PIPIT_ERR_MEMORY.
 *  JsSIP: new OutgoingRequest(method, ruri, ua, params, extraHeaders, body) */
PIPIT_API int pipit_request_new(const char *method, const char *ruri,
                                const pipit_request_options *options, pipit_request **out);

/** Takes a message as it stands on the wire.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: Parser.parseMessage() */
PIPIT_API int pipit_request_parse(const char *text, size_t size, pipit_request **out);

/** @return the method: "INVITE"; of a response, that of its CSeq */
PIPIT_API const char *pipit_request_method(const pipit_request *request);
/** @return the Request-URI; "" for a response */
PIPIT_API const char *pipit_request_ruri(const pipit_request *request);
/** @return the status code of a response; 0 for a request */
PIPIT_API int pipit_request_status_code(const pipit_request *request);
/** @return the reason phrase of a response; "" for a request */
PIPIT_API const char *pipit_request_reason_phrase(const pipit_request *request);
/** @return the Call-ID; "" when there is none.  JsSIP: message.call_id */
PIPIT_API const char *pipit_request_call_id(const pipit_request *request);
/** @return the number of CSeq; 0 when there is none.  JsSIP: message.cseq */
PIPIT_API uint32_t pipit_request_cseq(const pipit_request *request);
/** @return the tag of From; "" when there is none.  JsSIP: message.from_tag */
PIPIT_API const char *pipit_request_from_tag(const pipit_request *request);
/** @return the tag of To; "" when there is none.  JsSIP: message.to_tag */
PIPIT_API const char *pipit_request_to_tag(const pipit_request *request);
/** @return the branch of the topmost Via; "" when there is none.  JsSIP: message.via_branch */
PIPIT_API const char *pipit_request_via_branch(const pipit_request *request);

/** Gives the Request-URI taken apart.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_NOT_FOUND for a response, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: request.ruri */
PIPIT_API int pipit_request_uri(const pipit_request *request, pipit_uri **out);
/** Gives From taken apart.
 *  @param out  yours
 *  @return 0, PIPIT_ERR_NOT_FOUND when there is none, PIPIT_ERR_SYNTAX, PIPIT_ERR_MEMORY.  JsSIP: message.from */
PIPIT_API int pipit_request_from(const pipit_request *request, pipit_name_addr **out);
/** Gives To taken apart.  @param out  yours  @return as pipit_request_from().  JsSIP: message.to */
PIPIT_API int pipit_request_to(const pipit_request *request, pipit_name_addr **out);

/** @return how many header fields of that name there are.  JsSIP: message.countHeader() */
PIPIT_API size_t pipit_request_count_header(const pipit_request *request, const char *name);
/** @return whether there is a header field of that name.  JsSIP: message.hasHeader() */
PIPIT_API bool pipit_request_has_header(const pipit_request *request, const char *name);
/** @return the value of a header field, NULL when there is no `index`-th (from 0).  JsSIP: message.getHeader(), getHeaders() */
PIPIT_API const char *pipit_request_header(const pipit_request *request, const char *name,
                                           size_t index);
/** Takes the `index`-th header field of a name apart, as pipit_parse() would.
 *  @param out  yours; release with pipit_value_unref()
 *  @return 0, PIPIT_ERR_NOT_FOUND when there is no such field, or what pipit_parse() returns.  JsSIP: message.parseHeader() */
PIPIT_API int pipit_request_parse_header(const pipit_request *request, const char *name,
                                         size_t index, pipit_value **out);
/** @return the body; never NULL. `size` may be NULL; the octets are followed by a NUL */
PIPIT_API const char *pipit_request_body(const pipit_request *request, size_t *size);
/** @return the whole message as on the wire. Of one that came it stays what came, whatever was set since.
 *  JsSIP: message.toString() */
PIPIT_API const char *pipit_request_text(const pipit_request *request, size_t *size);
/** Gives the whole message as pipit_request_text() has it.
 *  @param out  yours; free with pipit_free()
 *  @return 0, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_request_to_string(const pipit_request *request, char **out);

/** Sets a header field in place of all of that name. A message of an event is a copy: setting changes nothing on
 *  the wire, but for the one of `sending`.
 *  @param name   a token; Content-Length is set by the body alone
 *  @param value  NULL: only removes
 *  @return 0, PIPIT_ERR_ARGUMENT, PIPIT_ERR_SYNTAX for CR, LF or a name that is no token, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY.
 *  JsSIP: message.setHeader() */
PIPIT_API int pipit_request_set_header(pipit_request *request, const char *name, const char *value);
/** Adds a header field behind all others.  @return as pipit_request_set_header().  JsSIP: message.addHeader() */
PIPIT_API int pipit_request_add_header(pipit_request *request, const char *name, const char *value);
/** Sets the body, its type and its length.
 *  @param content_type  NULL: leaves Content-Type alone
 *  @return 0, PIPIT_ERR_STATE for a message that came, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT, PIPIT_ERR_MEMORY */
PIPIT_API int pipit_request_set_body(pipit_request *request, const char *content_type,
                                     const char *body, size_t size);

/** @return the standard phrase of a status code: "Busy Here" for 486; "" for one that is not known.  JsSIP: C.REASON_PHRASE */
PIPIT_API const char *pipit_reason_phrase(int status_code);
/** @return the cause that a refusal is told with: PIPIT_CAUSE_BUSY for 486; PIPIT_CAUSE_SIP_FAILURE_CODE for most codes, and
 *          PIPIT_CAUSE_NONE below 300.  JsSIP: Utils.sipErrorCause() */
PIPIT_API pipit_cause pipit_status_cause(int status_code);

/** @return the same message, which now must be released once more */
PIPIT_API pipit_request *pipit_request_ref(pipit_request *request);
/** @return NULL */
PIPIT_API pipit_request *pipit_request_unref(pipit_request *request);

#ifdef __cplusplus
}
#endif
#endif
