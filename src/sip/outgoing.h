/* outgoing.h - a message we are about to send: header fields in order, editable until it is written.
 * Every text is checked for CR, LF and NUL, so nothing can be injected; the first failure sticks and is
 * reported by pp_outgoing_write() and pp_outgoing_error(). */
#ifndef PP_SIP_OUTGOING_H
#define PP_SIP_OUTGOING_H

#include "sip/message_pool.h"

typedef struct pp_outgoing pp_outgoing; /* reference counted */

int pp_outgoing_request(pp_method method, pp_str ruri, pp_outgoing **out);
/* The same in the memory of a pool, as all is that is made of a message in it. */
int pp_outgoing_request_in(pp_message_pool *pool, pp_method method, pp_str ruri, pp_outgoing **out);
/* An answer with what RFC 3261 section 8.2.6.2 copies: Via (all), From, To, Call-ID, CSeq, and Record-Route for 101-299.
 * `to_tag`: put on To where the request has none (NULL for 100, which gets none). `phrase` NULL: the standard one. */
int pp_outgoing_response(const pp_message *request, int status, const char *phrase,
                         const char *to_tag, pp_outgoing **out);
/* The CANCEL of an INVITE of ours (RFC 3261 section 9.1), and the ACK of a refusal of it (section 17.1.1.3). */
int pp_outgoing_cancel(const pp_outgoing *invite, pp_outgoing **out);
int pp_outgoing_ack(const pp_outgoing *invite, const pp_message *response, pp_outgoing **out);
/* A deep copy, for a request sent again with credentials. */
int pp_outgoing_clone(const pp_outgoing *message, pp_outgoing **out);
pp_outgoing *pp_outgoing_ref(pp_outgoing *message);
pp_outgoing *pp_outgoing_unref(pp_outgoing *message);

void pp_outgoing_add(pp_outgoing *message, pp_header_id id, pp_str value); /* behind the others */
void pp_outgoing_add_c(pp_outgoing *message, pp_header_id id, const char *value);
/* A text of this library, or one that was checked before: it is not looked at. */
void pp_outgoing_add_ours(pp_outgoing *message, pp_header_id id, pp_str value);
void pp_outgoing_add_cseq(pp_outgoing *message, uint32_t number); /* with the method */
void pp_outgoing_add_format(pp_outgoing *message, pp_header_id id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void pp_outgoing_add_first(pp_outgoing *message, pp_header_id id,
                           pp_str value); /* before all others: Via */
void pp_outgoing_add_named(pp_outgoing *message, pp_str name,
                           pp_str value); /* name must be a token */
/* A "Name: value" line of the application. */
void pp_outgoing_add_line(pp_outgoing *message, const char *line);
void pp_outgoing_set(pp_outgoing *message, pp_header_id id,
                     pp_str value); /* replaces the first, removes the others */
/* A field whose value is put together in the memory of the message, without a copy: begin, put, end. Nothing else may be done
 * to the message meanwhile; all of the value is checked at its end. */
void pp_outgoing_begin(pp_outgoing *message, pp_header_id id);
void pp_outgoing_put(pp_outgoing *message, pp_str text);
void pp_outgoing_put_all(pp_outgoing *message, const pp_str *pieces, size_t count);
void pp_outgoing_put_c(pp_outgoing *message, const char *text); /* NULL puts nothing */
void pp_outgoing_put_uint(pp_outgoing *message, uint64_t value);
void pp_outgoing_put_quoted(pp_outgoing *message, pp_str text); /* between quotes, escaped */
void pp_outgoing_end(pp_outgoing *message);
/* Of a field with pieces that came from the far end, which are not checked. */
void pp_outgoing_end_trusted(pp_outgoing *message);
/* All three for a value that is these pieces. */
void pp_outgoing_add_all(pp_outgoing *message, pp_header_id id, const pp_str *pieces, size_t count);
/* The Via of whoever sends it, in the place of all that are there. */
typedef struct pp_via_parts {
    pp_str transport, sent_by;
    bool rport; /* RFC 3581 */
    pp_str branch;
} pp_via_parts;
void pp_outgoing_set_via(pp_outgoing *message, const pp_via_parts *parts);
/* The header fields of a message from the `first` on, written and checked once, to be put behind those of many others. */
typedef struct pp_outgoing_lines pp_outgoing_lines;
int pp_outgoing_lines_of(const pp_outgoing *message, size_t first, pp_outgoing_lines **out);
void pp_outgoing_add_lines(pp_outgoing *message, const pp_outgoing_lines *lines);
pp_outgoing_lines *
pp_outgoing_lines_free(pp_outgoing_lines *lines); /* NULL is fine; returns NULL */
void pp_outgoing_remove(pp_outgoing *message, pp_header_id id);
void pp_outgoing_remove_first(pp_outgoing *message, pp_header_id id);
pp_str pp_outgoing_header(const pp_outgoing *message, pp_header_id id, size_t index);
size_t pp_outgoing_header_count(const pp_outgoing *message);      /* all of them */
void pp_outgoing_set_cseq(pp_outgoing *message, uint32_t number); /* the method stays */
void pp_outgoing_set_ruri(pp_outgoing *message, pp_str ruri);
void pp_outgoing_set_body(pp_outgoing *message, const char *content_type,
                          pp_str body);                     /* sets Content-Type too */
void pp_outgoing_set_sdp(pp_outgoing *message, pp_str sdp); /* the same with a description */

/* The most octets it may have on the wire, when that is less than PP_LIMIT_SIP_MESSAGE. */
void pp_outgoing_set_size_max(pp_outgoing *message, size_t size_max);

bool pp_outgoing_is_request(const pp_outgoing *message);
pp_method pp_outgoing_method(const pp_outgoing *message); /* of a response: its CSeq's */
pp_str pp_outgoing_ruri(const pp_outgoing *message);
int pp_outgoing_status(const pp_outgoing *message);
pp_str pp_outgoing_body(const pp_outgoing *message);
uint32_t pp_outgoing_cseq(const pp_outgoing *message);
/* Of an answer: the tag that was put on its To. Empty where the request had one, or there is none. */
pp_str pp_outgoing_new_tag(const pp_outgoing *message);
pp_via_parts pp_outgoing_via(
    const pp_outgoing *message); /* the topmost; empty when it is missing or malformed */
int pp_outgoing_error(const pp_outgoing *message);

/* The wire form; Content-Length is added. */
int pp_outgoing_write(const pp_outgoing *message, pp_buf *out);
/* The same in the memory of the message: it lives as long as that, whatever is done to it, and mostly nothing is copied for it. */
int pp_outgoing_wire(pp_outgoing *message, pp_str *out);
/* A message that came, to be passed on by a proxy: same headers and body, editable. */
int pp_outgoing_from_message(const pp_message *message, pp_outgoing **out);

#endif
