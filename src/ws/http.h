/* http.h - the head of an HTTP/1.1 message: its first line and its header lines, checked once, then
 * looked up. */
#ifndef PP_WS_HTTP_H
#define PP_WS_HTTP_H

#include "base/buf.h"

typedef struct pp_http_head {
    pp_str start[3]; /* method, target, version; or version, status, phrase */
    pp_str headers;  /* all header lines with their line ends */
} pp_http_head;

/* The length of a head at the start of `text`, its blank line included; 0 when it is not whole yet.
 * `from`: where to begin to look, so that a head in small pieces is not searched again and again.
 */
size_t pp_http_head_size(pp_str text, size_t from);
/* `text` is a whole head. Checks the form of every line. 0, PIPIT_ERR_SYNTAX, PIPIT_ERR_LIMIT. */
int pp_http_parse(pp_str text, pp_http_head *out);

/* The value of header `name`, trimmed. False when it is absent. `count` (may be NULL): how often it
 * stands there. */
bool pp_http_header(const pp_http_head *head, const char *name, pp_str *value, unsigned *count);
/* Takes the next header line off *lines. */
bool pp_http_next(pp_str *lines, pp_str *name, pp_str *value);
/* Whether any header `name` has `token` in its comma-separated list, without regard to case. */
bool pp_http_has_token(const pp_http_head *head, const char *name, pp_str token);
int pp_http_minor_version(pp_str version); /* of "HTTP/1.x"; -1 when it is something else */
bool pp_http_is_token(pp_str s);           /* RFC 7230 section 3.2.6 */
bool pp_http_is_field_text(pp_str s); /* what may stand in a header value: no control but HTAB */

#endif
