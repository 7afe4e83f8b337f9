/* uri.h - URIs as slices of the text they were parsed from (RFC 3261 section 19.1). Nothing is copied or unescaped. */
#ifndef PP_SIP_URI_H
#define PP_SIP_URI_H

#include "base/buf.h"

typedef enum pp_scheme { PP_SCHEME_OTHER, PP_SCHEME_SIP, PP_SCHEME_SIPS, PP_SCHEME_TEL } pp_scheme;

typedef struct pp_uri {
    pp_str text; /* all of it */
    pp_scheme scheme;
    pp_str scheme_name;
    pp_str user;    /* escaped as written, with ":password"; p == NULL when there is none */
    pp_str host;    /* of sip and sips; an IPv6 literal with its brackets */
    uint16_t port;  /* 0: none given */
    pp_str params;  /* from the first ';', which is included, to the '?' or the end */
    pp_str headers; /* behind the '?' */
    pp_str opaque;  /* what follows the colon, of schemes other than sip and sips */
} pp_uri;

/* Any absolute URI; sip and sips are taken apart and checked. `out` borrows from `text`. */
int pp_uri_parse(pp_str text, pp_uri *out);
/* Parameter of a list that starts with ';' (a URI's or a header's), by name without regard to case. `value` (may be NULL) has
 * p == NULL when the parameter has none; a quoted value comes with its quotes. */
bool pp_param(pp_str params, const char *name, pp_str *value);
/* The parameter *rest starts with, which is then moved behind it; blanks around ';' and '=' are skipped. False at the end, and
 * where the list goes wrong: *rest is then not empty. */
bool pp_param_next(pp_str *rest, pp_str *name, pp_str *value);
bool pp_params_valid(
    pp_str params); /* names are tokens, quoted values are closed, nothing is empty */
/* Octets of the quoted string that `text` starts with, quotes included; 0 when it is none or is not closed. */
size_t pp_quoted_span(pp_str text);
/* A host name, an IPv4 address or an IPv6 one in brackets; and the octets at the start of `text` that could be one. */
bool pp_host_valid(pp_str host);
size_t pp_host_span(pp_str text);
/* RFC 3261 section 19.1.4. */
bool pp_uri_equal(const pp_uri *a, const pp_uri *b);
/* User parts with escapes resolved; the same for host without regard to case, and port. No parameters. */
bool pp_uri_same_aor(const pp_uri *a, const pp_uri *b);
/* Writes scheme:user@host:port: an address of record, no parameters and no headers. Scheme and host in lower case. */
void pp_uri_write_aor(const pp_uri *uri, pp_buf *out);
/* The one spelling of a user part: what can be is unescaped, what must be is escaped; the first ':' starts a password. */
void pp_uri_write_user(pp_str user, pp_buf *out);
/* Writes `raw` escaped for a user part / resolves %xx. */
void pp_uri_escape_user(pp_str raw, pp_buf *out);
void pp_uri_unescape(pp_str escaped, pp_buf *out);
/* pipit_normalize_target() into a buffer. `domain` may be empty. */
int pp_normalize_target(pp_str target, pp_str domain, pp_buf *out);
/* The same for a Request-URI, where the headers of a URI have no place (RFC 3261 section 19.1.5). */
int pp_normalize_ruri(pp_str target, pp_str domain, pp_buf *out);

#endif
